import { describe, expect, it } from 'vitest';
import {
  absolute,
  add,
  isAbove,
  isNegative,
  isZero,
  NO_QUANTITY,
  type Quantity,
  quantity,
} from '../../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../../../local/aws/rows.ts';
import { totalsOf, unbalanced } from '../../../local/demo/conservation.ts';
import { quantityOf } from '../../../local/demo/ledger.ts';
import { DEMO_INSTRUMENTS, type DemoInstrument } from '../../../local/demo/market.ts';
import { MemoryStore } from '../../../local/demo/store.ts';
import { Venue } from '../../../local/demo/venue.ts';
import type { PlanMessage } from '../../../local/demo/venue-market.ts';
import { type DayEvent, type RandomDay, randomDay, START_MS } from './random-day.ts';

const DAYS = 200;
/** Takes about ten seconds on an idle machine. */
const DAYS_MS = 120_000;
const DAY_MS = 86_400_000;

const sizeOf = (name: string) => DEMO_INSTRUMENTS[name as DemoInstrument].contractSize;

class WatchedDay {
  readonly venue: Venue;
  readonly store: MemoryStore;
  private readonly day: RandomDay;
  private readonly initial: ReadonlyMap<string, string>;
  private before: ReadonlyMap<string, Quantity>;

  constructor(day: RandomDay, seed: number) {
    const { market, rows } = day;
    this.day = day;
    this.store = new MemoryStore(rows);
    this.venue = new Venue({ store: this.store, market, seed });
    this.initial = this.totals();
    this.before = holdingsIn(rows);
  }

  async live(): Promise<void> {
    for (const event of this.day.events) {
      await this.venue.workUntil(event.timeMs);
      this.expectInOrder();
      await this.happen(event);
      this.expectInOrder();
    }
    await this.venue.workUntil(START_MS + 2 * DAY_MS);
    this.expectInOrder();
  }

  private async happen({ body, payment, timeMs }: DayEvent): Promise<void> {
    if (body !== undefined) await this.venue.hear(body, timeMs);
    if (payment !== undefined) await this.venue.receive(payment);
  }

  private totals() {
    const clearing = this.venue.clearing;
    return totalsOf({ rows: this.store.rows, clearing }, sizeOf);
  }

  private expectInOrder(): void {
    const changes = this.venue.takeBooked();
    if (changes.length === 0) return;
    expect(unbalanced(this.initial, this.totals())).toEqual([]);
    const now = holdingsIn(this.store.rows);
    const grown = [...now].filter(([name, held]) => {
      const before = this.before.get(name) ?? NO_QUANTITY;
      return isAbove(absolute(held), absolute(before)) || hasFlipped(before, held);
    });
    expect(grown.map(([name]) => name)).toEqual([]);
    this.before = now;
  }
}

/** Positions, and balances in other assets than USD. */
function holdingsIn(rows: readonly AccountRow[]): Map<string, Quantity> {
  const held = rows.flatMap((row) => {
    const { accountId, item } = row;
    if (row.asset === 'USD') return [];
    const attribute = row.asset === undefined ? 'quantity' : 'amount';
    return [[`${accountId}/${item}`, quantityOf(row, attribute)] as const];
  });
  return new Map(held);
}

const hasFlipped = (before: Quantity, now: Quantity): boolean =>
  !isZero(now) && isNegative(now) !== isNegative(before);

describe(`${DAYS} random days`, () => {
  it(
    'conserve every total to the last digit at each step; no position flips or grows',
    async () => {
      const verdicts = new Set<string>();
      let trades = 0;
      for (let seed = 0; seed < DAYS; seed++) {
        const day = randomDay(seed);
        const watched = new WatchedDay(day, seed);
        await watched.live();
        for (const verdict of watched.venue.verdicts) verdicts.add(verdict);
        trades += watched.venue.trades.length;
        expectNoneTwice(watched.venue, day);
      }
      // Together, the random days lead to every verdict.
      const all = ['expired', 'filled', 'nothing', 'part', 'refused', 'repeated', 'superseded'];
      expect([...verdicts].sort()).toEqual(all);
      expect(trades).toBeGreaterThan(DAYS * 5);
    },
    DAYS_MS,
  );

  it('have the same result when they are repeated', async () => {
    const [one, other] = [new WatchedDay(randomDay(7), 7), new WatchedDay(randomDay(7), 7)];
    await one.live();
    await other.live();
    expect(one.venue.trades.length).toBeGreaterThan(0);
    expect(other.venue.trades).toEqual(one.venue.trades);
    expect(other.store.rows).toEqual(one.store.rows);
  });
});

/** No account and market is filled for more than its plans asked, each counted once. */
function expectNoneTwice({ trades }: Venue, { events }: RandomDay): void {
  const plans = new Map(events.flatMap(({ body }) => (body === undefined ? [] : [planIn(body)])));
  const asked = new Map<string, Quantity>();
  for (const { accountId, plan } of plans.values()) {
    for (const { market, side, quantity: wanted } of plan?.orders ?? []) {
      count(asked, `${accountId} ${market} ${side}`, quantity(wanted));
    }
  }
  const filled = new Map<string, Quantity>();
  for (const { accountId, market, side, quantity: each } of trades) {
    count(filled, `${accountId} ${market} ${side}`, each);
  }
  for (const [name, each] of filled) {
    expect(isAbove(each, asked.get(name) ?? NO_QUANTITY), name).toBe(false);
  }
}

const planIn = (body: string) => {
  const message = JSON.parse(body) as Pick<PlanMessage, 'planId' | 'accountId'> & {
    plan?: PlanMessage['plan'];
  };
  return [message.planId, message] as const;
};

const count = (sums: Map<string, Quantity>, name: string, each: Quantity) =>
  sums.set(name, add(sums.get(name) ?? NO_QUANTITY, each));

describe('the conserved totals', () => {
  const row = { accountId: 'a', item: 'balance#USD', asset: 'USD', amount: '10' };
  const clearing = { cash: {}, made: new Map() };
  const totals = (amount: string) => totalsOf({ rows: [{ ...row, amount }], clearing }, sizeOf);

  it('detect a difference in the last digit', () => {
    expect(unbalanced(totals('10'), totals('10.00000001'))).toEqual(['cash']);
    expect(unbalanced(totals('10'), totals('10'))).toEqual([]);
  });

  it('include what market makers took over', () => {
    const made = new Map([['asset/BTC', quantity('1')]]);
    const after = totalsOf({ rows: [row], clearing: { cash: {}, made } }, sizeOf);
    expect(unbalanced(totals('10'), after)).toEqual(['asset/BTC']);
  });
});
