/**
 * The demo's venue. Seconds after a plan arrives, it works the orders against its books and
 * rewrites the account's rows. It retries unfilled orders until the plan expires, is superseded, or
 * its case is over.
 */
import {
  type Amount,
  absolute,
  add,
  amount,
  NO_AMOUNT,
} from '../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../aws/rows.ts';
import { type Displacement, UNDISPLACED } from './book/displacement.ts';
import { RETRY_MS } from './book/figures.ts';
import { type Clearing, cashOf, combined, NOTHING_CLEARED } from './clearing.ts';
import { type Change, fillOrders, type Trade } from './fill.ts';
import { Intake } from './intake.ts';
import { type Of, readMessage } from './message-counts.ts';
import { credited, haircut, type LossShare, type Payment, paid } from './payments.ts';
import type { AccountStore } from './store.ts';
import type { PlanMessage, VenueMarket } from './venue-market.ts';
import { arrived, earlier, outcomeOf, type Verdict, type Working } from './working.ts';

export interface VenueInput {
  readonly store: AccountStore;
  readonly market: VenueMarket;
  readonly seed: number;
  /** Default REFUSED_SHARE. */
  readonly refusedShare?: number;
  /** For messages that do not list all shares. */
  readonly sharesOf?: (loss: Haircut) => Promise<readonly LossShare[]>;
}

export type Haircut = Extract<Of<'loss.socialized'>, { readonly method: 'haircut' }>;

export class Venue {
  clearing: Clearing = NOTHING_CLEARED;
  displacement: Displacement = UNDISPLACED;
  readonly trades: Trade[] = [];
  private readonly outcomes: Verdict[] = [];
  private working: Working[] = [];
  private booked: Change[] = [];
  /** Liquidation fees, for the fund's meter. */
  fundPaid: Amount = NO_AMOUNT;
  /** Credited shortfalls, by any payer. */
  covered: Amount = NO_AMOUNT;
  private readonly intake = new Intake();
  private readonly input: VenueInput;

  constructor(input: VenueInput) {
    this.input = input;
  }

  /** One per arrived plan. */
  get verdicts(): Verdict[] {
    return [...this.outcomes, ...this.working.map(() => 'working' as const)];
  }

  /** When it works next; undefined if there is nothing to work. */
  get nextDueMs(): number | undefined {
    return this.working.toSorted(earlier)[0]?.dueMs;
  }

  get closedNotional(): Amount {
    return this.trades.map(({ notional }) => notional).reduce(add, NO_AMOUNT);
  }

  /** Deficits that nobody else paid. */
  get absorbed(): Amount {
    return absolute(cashOf(this.clearing, 'venue'));
  }

  /**
   * @param body a message of the order queue
   * @returns undefined for messages other than plans
   */
  async hear(body: string, now: number): Promise<Verdict | undefined> {
    const message = readMessage(body);
    switch (message.type) {
      case 'liquidation.ordered':
        return this.take(message, now);
      case 'liquidation.completed':
        if (message.caseId !== undefined) this.intake.end(message.caseId);
        return undefined;
      case 'fund.drawn':
        if (this.intake.isNew(message.id)) await this.credit(message);
        return undefined;
      case 'loss.socialized':
        if (this.intake.isNew(message.id)) await this.share(message);
        return undefined;
      default:
        throw new Error(`unexpected message on the order queue, type ${message.type}`);
    }
  }

  private take(plan: PlanMessage, now: number): Verdict {
    const refusal = this.intake.refuse(plan, now);
    if (refusal === undefined) this.working.push(arrived(plan, { ...this.input, now }));
    else this.outcomes.push(refusal);
    return refusal ?? 'working';
  }

  /** Earliest due first. */
  async workUntil(timeMs: number): Promise<void> {
    while (true) {
      const next = this.working.toSorted(earlier)[0];
      if (next === undefined || next.dueMs > timeMs) return;
      this.working = this.working.filter((each) => each !== next);
      if (this.intake.stopped(next.plan, next.dueMs) === undefined) await this.work(next);
      else this.outcomes.push(outcomeOf(next));
    }
  }

  private async work(now: Working): Promise<void> {
    const { store, market } = this.input;
    const { orders, dueMs: timeMs, isFirst } = now;
    const { accountId, position } = now.plan;
    const rows = await store.read(accountId);
    const fill = fillOrders(
      { rows, market, displacement: this.displacement, timeMs },
      { accountId, position, cancelOpenOrders: isFirst ? cancelledBy(now.plan, rows) : [], orders },
    );
    this.displacement = fill.displacement;
    this.trades.push(...fill.trades);
    await this.book(fill);
    this.fundPaid = add(this.fundPaid, cashOf(fill.clearing, 'fund'));
    const hasTraded = now.hasTraded || fill.trades.length > 0;
    const then = { ...now, isFirst: false, orders: fill.left, hasTraded };
    if (fill.left.length === 0) this.outcomes.push(outcomeOf(then));
    else this.working.push({ ...then, dueMs: timeMs + RETRY_MS });
  }

  async receive(payment: Payment): Promise<void> {
    await this.book(paid(await this.rowsOf(payment.accountId), payment));
  }

  private async credit(drawn: Of<'fund.drawn'>): Promise<void> {
    await this.book(credited(await this.rowsOf(drawn.accountId), drawn));
    this.covered = add(this.covered, amount(drawn.shortfall));
  }

  private async share(loss: Of<'loss.socialized'>): Promise<void> {
    if (loss.method !== 'haircut') throw new Error(`${loss.lossId}: not a haircut`);
    const shares = loss.shares ?? (await this.input.sharesOf?.(loss)) ?? [];
    for (const share of shares) {
      await this.book(haircut(await this.rowsOf(share.accountId), share));
    }
  }

  takeBooked(): Change[] {
    const booked = this.booked;
    this.booked = [];
    return booked;
  }

  private rowsOf(accountId: string) {
    return this.input.store.read(accountId);
  }

  private async book(change: Change): Promise<void> {
    await this.input.store.write(change);
    this.clearing = combined(this.clearing, change.clearing);
    this.booked.push(change);
  }
}

/** A plan cancels all open orders of its sub-account, also those that it could not name. */
function cancelledBy({ plan, omitted }: PlanMessage, rows: readonly AccountRow[]): string[] {
  if (omitted?.['plan.cancelOpenOrders'] === undefined) return plan.cancelOpenOrders;
  return [
    ...new Set(
      rows.flatMap(({ instrument }) => (instrument === undefined ? [] : String(instrument))),
    ),
  ];
}
