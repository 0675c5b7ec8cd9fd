/**
 * The demo's venue: works the order plans that arrive on its queue against the books of its markets,
 * some seconds later and as far as the books give, by rewriting the accounts' rows. What a plan does
 * not get is tried again until it expires, is superseded, or its case is over.
 */
import {
  type Amount,
  absolute,
  add,
  amount,
  isPositive,
  NO_AMOUNT,
} from '../../lambda/margin/decimal.ts';
import { type Displacement, UNDISPLACED } from './book/displacement.ts';
import { RETRY_MS } from './book/figures.ts';
import { type Clearing, cashOf, combined, NOTHING_CLEARED } from './clearing.ts';
import { type Change, fillOrders, type Trade } from './fill.ts';
import { type FundMessage, readFundMessage } from './fund-messages.ts';
import { Intake } from './intake.ts';
import type { IsolatedLoss } from './ledger.ts';
import { credited, haircut, type Payment, paid } from './payments.ts';
import type { AccountStore } from './store.ts';
import { readMessage } from './tally.ts';
import type { PlanMessage, VenueMarket } from './venue-market.ts';
import { arrived, earlier, outcomeOf, type Verdict, type Working } from './working.ts';

export interface VenueInput {
  readonly store: AccountStore;
  readonly market: VenueMarket;
  readonly seed: number;
  readonly isolatedLoss?: IsolatedLoss;
  /** Of all orders; by default what the figures say. */
  readonly refusedShare?: number;
  /** Told what the fund has been paid in all, whenever that has grown. */
  readonly onFundPaid?: (total: Amount) => Promise<void>;
}

export class Venue {
  clearing: Clearing = NOTHING_CLEARED;
  displacement: Displacement = UNDISPLACED;
  readonly trades: Trade[] = [];
  private readonly outcomes: Verdict[] = [];
  private working: Working[] = [];
  private booked: Change[] = [];
  private fundPaid: Amount = NO_AMOUNT;
  private fundDrawn: Amount = NO_AMOUNT;
  private readonly intake = new Intake();
  private readonly input: VenueInput;

  constructor(input: VenueInput) {
    this.input = input;
  }

  /** One for each plan that arrived. */
  get verdicts(): Verdict[] {
    return [...this.outcomes, ...this.working.map(() => 'working' as const)];
  }

  get closedNotional(): Amount {
    return this.trades.map(({ notional }) => notional).reduce(add, NO_AMOUNT);
  }

  /** Losses of isolated positions beyond their margin, less what the fund has made good. */
  get absorbed(): Amount {
    return absolute(cashOf(this.clearing, 'venue'));
  }

  /** Out of the insurance fund, in all. */
  get drawn(): Amount {
    return this.fundDrawn;
  }

  /**
   * @param body of a message on the order queue: a plan, the word to stop, or one about the fund.
   * @returns what a plan has been taken for.
   */
  async hear(body: string, now: number): Promise<Verdict | undefined> {
    if (await this.hearFund(body)) return undefined;
    const message = readMessage(body);
    if (message.type === 'liquidation.ordered') return this.take(message, now);
    if (message.type !== 'liquidation.completed') {
      throw new Error(`a message for the execution system of the type ${message.type}`);
    }
    if (message.caseId !== undefined) this.intake.end(message.caseId);
    return undefined;
  }

  private take(plan: PlanMessage, now: number): Verdict {
    const refusal = this.intake.refuse(plan, now);
    if (refusal === undefined) this.working.push(arrived(plan, { ...this.input, now }));
    else this.outcomes.push(refusal);
    return refusal ?? 'working';
  }

  /** Works everything that is due until then, in its order. */
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
    const { store, market, isolatedLoss } = this.input;
    const { orders, dueMs: timeMs, isFirst } = now;
    const { accountId, position, plan } = now.plan;
    const rows = await store.read(accountId);
    const fill = fillOrders(
      { rows, market, displacement: this.displacement, timeMs, isolatedLoss },
      { accountId, position, cancelOpenOrders: isFirst ? plan.cancelOpenOrders : [], orders },
    );
    this.displacement = fill.displacement;
    this.trades.push(...fill.trades);
    await this.settle(fill);
    await this.meterFund(cashOf(fill.clearing, 'fund'));
    const hasTraded = now.hasTraded || fill.trades.length > 0;
    const then = { ...now, isFirst: false, orders: fill.left, hasTraded };
    if (fill.left.length === 0) this.outcomes.push(outcomeOf(then));
    else this.working.push({ ...then, dueMs: timeMs + RETRY_MS });
  }

  private async meterFund(paidIn: Amount): Promise<void> {
    if (!isPositive(paidIn)) return;
    this.fundPaid = add(this.fundPaid, paidIn);
    await this.input.onFundPaid?.(this.fundPaid);
  }

  /** Of an owner, into an account. */
  async receive(payment: Payment): Promise<void> {
    await this.settle(paid(await this.held(payment.accountId), payment));
  }

  /**
   * Credits what the insurance fund covers, and debits haircuts; each message once.
   * @param body of any message, from either topic.
   * @returns whether it was about the fund.
   */
  async hearFund(body: string): Promise<boolean> {
    const message = readFundMessage(body);
    if (message !== undefined && this.intake.isNew(message.id)) await this.settleFund(message);
    return message !== undefined;
  }

  private async settleFund(message: FundMessage): Promise<void> {
    if (message.type === 'fund.drawn') {
      await this.settle(credited(await this.held(message.accountId), message));
      this.fundDrawn = add(this.fundDrawn, amount(message.drawn));
      return;
    }
    for (const share of message.shares) {
      await this.settle(haircut(await this.held(share.accountId), share));
    }
  }

  /** What was booked since this was last asked. */
  takeBooked(): Change[] {
    const booked = this.booked;
    this.booked = [];
    return booked;
  }

  private async held(accountId: string) {
    const { store, isolatedLoss } = this.input;
    return { rows: await store.read(accountId), isolatedLoss };
  }

  private async settle(change: Change): Promise<void> {
    await this.input.store.write(change);
    this.clearing = combined(this.clearing, change.clearing);
    this.booked.push(change);
  }
}
