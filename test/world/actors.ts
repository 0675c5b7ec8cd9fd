/**
 * Everybody but the checker: feeds, owners, the venue and its operators. They write their rows as
 * the README and the runbook say.
 */
import { amount, quantity } from '../../lambda/margin/number/decimal.ts';
import { type MarketRow, put, remove, type Writing, writeRows } from '../../local/aws/rows.ts';
import { putQuote } from '../../local/aws/writers.ts';
import { UNDISPLACED } from '../../local/demo/book/displacement.ts';
import { cleared, combined, madeBy, NOTHING_CLEARED } from '../../local/demo/clearing.ts';
import { totalsOf } from '../../local/demo/conservation.ts';
import { type Change, fillOrders } from '../../local/demo/fill.ts';
import { type AccountStore, tableStore } from '../../local/demo/store.ts';
import { Venue } from '../../local/demo/venue.ts';
import type { VenueMarket } from '../../local/demo/venue-market.ts';
import { setPolicy } from '../../local/operate/set-policy.ts';
import type { Process } from '../aws/network.ts';
import {
  accountIdOf,
  cashOf,
  type Feed,
  quoteRow,
  riskRow,
  SOURCES,
  START_PRICES,
} from './book.ts';
import type { AccountPlan, Minute, OwnerAction } from './history.ts';

export const FEEDS = Object.keys(START_PRICES) as Feed[];

/** What the venue trades at. */
export class Prices {
  readonly now: Record<Feed, number> = { ...START_PRICES };

  move({ btc, eth }: Pick<Minute, 'btc' | 'eth'>): void {
    this.now['BTC-USD'] *= 1 + btc / 100;
    this.now['ETH-USD'] *= 1 + eth / 100;
  }
}

/** What a writer says that is wrong by a digit. */
export const LIE = 10;
/** Of a writer that puts an old price over a newer one. */
export const OLD = 0.85;
/** Older than anything that a check has read, and not stale by a policy of five minutes. */
const OLD_MS = 290_000;
/** Sources do not publish in the same instant. */
const APART_MS = 500;

interface Quoting {
  readonly table: string;
  readonly prices: Prices;
  readonly quotes: Minute['quotes'];
  readonly at: number;
}

/** One after the other, each on the condition that it is newer; a careless writer has none. */
export async function writeQuotes({ dynamo }: Process, { table, ...of }: Quoting): Promise<void> {
  for (const quote of FEEDS.flatMap((feed) => quotesOf(feed, of))) {
    if (of.quotes === 'old') await writeRows(dynamo, { table, requests: [put(quote)] });
    else await putQuote(dynamo, { table, quote });
  }
}

function quotesOf(feed: Feed, { prices, quotes, at }: Omit<Quoting, 'table'>): MarketRow[] {
  if (quotes === 'none') return [];
  const isOfOne = quotes === 'one source' || quotes === 'old';
  const sources = isOfOne ? SOURCES[feed].slice(0, 1) : SOURCES[feed];
  return sources.map((source, index) => {
    const isWrong = quotes === 'all jump' || (quotes === 'one lies' && index === 0);
    const price = prices.now[feed] * (isWrong ? LIE : quotes === 'old' ? OLD : 1);
    const publishedAt = at - index * APART_MS - (quotes === 'old' ? OLD_MS : 0);
    return quoteRow(feed, source, { price, publishedAt });
  });
}

const DEEP_USD = 1e18;
const THIN_USD = 20_000;
const UNMARKED_MS = 150;
/** A table that is throttled takes one row after the other. */
const THROTTLED_MS = 2_500;

interface VenueInput {
  readonly process: Process;
  readonly table: string;
  readonly prices: Prices;
  /** No change of a row is half done. */
  readonly onRest: () => void;
}

/** The one writer of its accounts: it does one thing after the other. */
export class WorldVenue {
  readonly venue: Venue;
  /** What it could not do. */
  readonly failures: string[] = [];
  private isThin = false;
  private isSlow = false;
  private queue: Promise<void> = Promise.resolve();
  private readonly input: VenueInput;
  private readonly store: AccountStore;
  private readonly market: VenueMarket;

  constructor(input: VenueInput) {
    const { process, table, prices } = input;
    this.input = input;
    this.market = {
      traded: ({ market }) => ({
        feed: `${market.replace('-PERP', '')}-USD`,
        pool: market,
        contractSize: '1',
        lotSize: '0.0001',
      }),
      priceAt: (feed) => prices.now[feed as Feed],
      depthAt: () => (this.isThin ? THIN_USD : DEEP_USD),
    };
    this.store = tableStore(process.dynamo, table, (_, writing) => this.write(writing));
    this.venue = new Venue({ store: this.store, market: this.market, seed: 1, refusedShare: 0 });
  }

  begin({ venue }: Minute): void {
    this.isThin = venue === 'in part';
    this.isSlow = venue === 'slow';
  }

  hear(body: string, at: number): void {
    this.inTurn(async () => {
      await this.venue.hear(body, at);
    });
  }

  workUntil(at: number): void {
    this.inTurn(() => this.venue.workUntil(at));
  }

  act({ account, kind, size }: OwnerAction, plan: AccountPlan, at: number): void {
    const accountId = accountIdOf(account);
    if (kind === 'trades') {
      this.inTurn(() => this.reduce(accountId, size / 2, at));
      return;
    }
    if (kind === 'leaves') {
      this.inTurn(() => this.leave(accountId));
      return;
    }
    const share = (Math.abs(cashOf(plan)) * size) / 5;
    const amount = String(Math.round(kind === 'pays' ? share : -share));
    this.inTurn(() => this.venue.receive({ accountId, amount }));
  }

  /** The owner closes so many contracts of his own accord; a writer that is swift marks no change. */
  private async reduce(accountId: string, contracts: number, timeMs: number): Promise<void> {
    const rows = await this.store.read(accountId);
    const held = rows.find(({ item }) => item === 'position#BTC-PERP')?.quantity ?? '0';
    const side = String(held).startsWith('-') ? 'buy' : 'sell';
    const price = String(this.market.priceAt('BTC-USD', timeMs));
    const order = {
      kind: 'position',
      market: 'BTC-PERP',
      side,
      quantity: String(contracts),
      referencePrice: price,
      notional: '0',
    } as const;
    const change = fillOrders(
      { rows, market: this.market, displacement: UNDISPLACED, timeMs },
      { accountId, cancelOpenOrders: [], orders: [order] },
    );
    await (this.isSlow ? this.store.write(change) : this.writeUnmarked(change));
    this.venue.clearing = combined(this.venue.clearing, change.clearing);
  }

  /** The account is gone; what it held is somebody else's. */
  private async leave(accountId: string): Promise<void> {
    const rows = await this.store.read(accountId);
    const totals = totalsOf({ rows, clearing: NOTHING_CLEARED }, () => '1');
    await this.store.write({ written: [], removed: rows.filter(({ item }) => item !== 'profile') });
    for (const [name, total] of totals) {
      this.venue.clearing =
        name === 'cash'
          ? cleared(this.venue.clearing, 'outside', amount(total))
          : madeBy(this.venue.clearing, name, quantity(total));
    }
  }

  /** One row after the other, within less than a second. */
  private async writeUnmarked({ written, removed }: Pick<Change, 'written' | 'removed'>) {
    const { process, table } = this.input;
    for (const request of [...written.map(put), ...removed.map(remove)]) {
      await writeRows(process.dynamo, { table, requests: [request] });
      await process.wait(UNMARKED_MS);
    }
  }

  private async write({ table, requests }: Writing): Promise<void> {
    const { process } = this.input;
    const { dynamo } = process;
    if (!this.isSlow) return writeRows(dynamo, { table, requests });
    for (const request of requests) {
      await writeRows(dynamo, { table, requests: [request] });
      await process.wait(THROTTLED_MS);
    }
  }

  private inTurn(work: () => Promise<void>): void {
    this.queue = this.queue
      .then(work)
      .catch((error: unknown) => {
        this.failures.push(`the venue: ${error}`);
      })
      .then(this.input.onRest);
  }
}

const SETTINGS = {
  halt: { halt: true },
  resume: { halt: false },
  observe: { mode: 'observe' },
  enforce: { mode: 'enforce' },
} as const;

const RAISED_MAINTENANCE = 0.09;

/** One write each, as the command makes it. */
export async function operate(
  { dynamo }: Process,
  of: { readonly table: string; readonly operator: Minute['operator']; readonly at: number },
): Promise<void> {
  const { table, operator, at } = of;
  if (operator === 'raises maintenance') {
    await writeRows(dynamo, { table, requests: [put(riskRow('BTC', RAISED_MAINTENANCE))] });
  } else if (operator !== 'nothing' && operator !== 'deploys') {
    const set = SETTINGS[operator];
    const change = { set, by: 'on call', reason: 'simulated', at: new Date(at).toISOString() };
    await setPolicy({ dynamo, table }, change);
  }
}
