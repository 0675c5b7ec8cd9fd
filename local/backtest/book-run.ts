import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { planIfDue } from '../../lambda/accounts/decision.ts';
import { ShockGauge } from '../../lambda/accounts/shock-gauge.ts';
import { assessBook, bookFigures, isSafe } from '../../lambda/margin/assess/assess.ts';
import type { SubAccount } from '../../lambda/margin/book/account.ts';
import type { Book as SubjectBook } from '../../lambda/margin/book/book.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import { withoutOrders } from '../../lambda/margin/book/trade.ts';
import { type CaseState, NO_CASE } from '../../lambda/margin/case/case.ts';
import { decide } from '../../lambda/margin/case/decide.ts';
import { closablesOf } from '../../lambda/margin/liquidation/closable.ts';
import type { FilledAt } from '../../lambda/margin/liquidation/closed.ts';
import { withOpenedFees } from '../../lambda/margin/liquidation/opened.ts';
import type { Order, Plan } from '../../lambda/margin/liquidation/order-plan.ts';
import { shockDebtOfSafe } from '../../lambda/margin/liquidation/shock-debt.ts';
import { afterSwap } from '../../lambda/margin/liquidation/swap-sides.ts';
import { Trial } from '../../lambda/margin/liquidation/trial.ts';
import {
  absolute,
  approximately,
  isNegative,
  NO_AMOUNT,
  negate,
  smaller,
  subtract,
  times,
  worthOf,
} from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Book } from './book.ts';
import type { BookCheck } from './book-checks.ts';
import { type BookShock, bookMarket, type MarketAt } from './book-market.ts';
import type { BookResult } from './book-result.ts';

interface LiveSubAccount {
  readonly assessed: AssessedSubAccount;
  subAccount: SubAccount;
  state: CaseState;
}

interface Checking {
  readonly check: BookCheck;
  readonly snapshot: Snapshot;
  readonly gauge: ShockGauge;
}

export interface BookTerms {
  readonly book: Book;
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly shock: BookShock;
}

export class BookRun {
  private readonly terms: BookTerms;
  private readonly marketAt: ReturnType<typeof bookMarket>;
  private live: LiveSubAccount[] | undefined;
  private checks = 0;
  private notional = 0;
  private badDebt = 0;
  private before: MarketAt | undefined;
  private atShock = 0;
  private worstAtShock = 0;
  private worstCame = 0;
  private readonly counts = {
    subjects: 0,
    indeterminate: 0,
    breachedAtStart: 0,
    calls: 0,
    falseCalls: 0,
    liquidations: 0,
    liquidatedByBuffer: 0,
    beyondShockDebt: 0,
  };
  private readonly shortfalls: number[] = [];
  private readonly lags: number[] = [];

  constructor(terms: BookTerms) {
    this.terms = terms;
    const { intervalSeconds: gapSeconds, shock } = terms;
    this.marketAt = bookMarket(terms.book, { gapSeconds, shock });
  }

  check(check: BookCheck): void {
    const snapshot = this.marketAt(check.now);
    this.live ??= this.subAccountsOf(snapshot);
    this.checks += 1;
    const { now } = check;
    const { volatility, quantiles } = this.before ?? now;
    const gauge = new ShockGauge(snapshot, () => this.marketAt({ ...now, volatility, quantiles }));
    const owed = this.badDebt;
    for (const each of [...this.live]) this.checkSubAccount(each, { check, snapshot, gauge });
    const came = this.badDebt - owed;
    if (came > this.atShock) this.counts.beyondShockDebt += 1;
    const summary = gauge.summary(NO_AMOUNT);
    this.counts.liquidatedByBuffer += summary.liquidatedByBuffer;
    this.atShock = Number(summary.badDebtAtShock);
    this.worstAtShock = Math.max(this.worstAtShock, this.atShock);
    this.worstCame = Math.max(this.worstCame, came);
    this.before = now;
  }

  private subAccountsOf(snapshot: Snapshot): LiveSubAccount[] {
    const assessed = this.terms.book.evidence.accounts.flatMap((account) =>
      assessAccount(account, snapshot),
    );
    const live = assessed.flatMap((each) => {
      const { subAccount, outcome } = each;
      if (subAccount === undefined || outcome.certainty === 'indeterminate') {
        this.counts.indeterminate += 1;
        return [];
      }
      if (isNegative(outcome.surplus.liquidation.point)) {
        this.counts.breachedAtStart += 1;
        return [];
      }
      return [{ assessed: each, subAccount, state: NO_CASE }];
    });
    this.counts.subjects = live.length;
    return live;
  }

  private checkSubAccount(each: LiveSubAccount, { check, snapshot, gauge }: Checking): void {
    const book = bookOf(each.subAccount, snapshot);
    this.notional += notionalOf(book);
    if (each.state === NO_CASE && isSafe(book, snapshot.policy)) {
      gauge.add(shockDebtOfSafe(book));
      return;
    }
    const outcome = assessBook(book, snapshot.policy);
    const { name, subAccount: first } = each.assessed;
    gauge.note({ ...each.assessed, book, outcome, subAccount: each.subAccount });
    const { policy, asOf } = snapshot;
    const { next, events } = decide({
      subject: name,
      outcome,
      state: each.state,
      asOf,
      checkId: new Date(asOf).toISOString(),
      policy,
      callGraceSeconds: first?.account.callGraceSeconds ?? policy.callGraceSeconds,
      plan: planIfDue({ ...each, outcome }, each.state, { snapshot }),
    });
    const ordered = events.find(({ type }) => type === 'liquidation.ordered');
    const fill = check.fill === undefined ? undefined : this.marketAt(check.fill);
    if (ordered !== undefined && fill === undefined) return;
    each.state = next;
    for (const { type } of events) {
      if (type === 'margin-call.issued') this.counts.calls += 1;
      if (type === 'margin-call.cured') this.counts.falseCalls += 1;
    }
    if (ordered?.type !== 'liquidation.ordered' || fill === undefined) return;
    if (ordered.generation === 1) this.noteLag(each, { check, snapshot });
    this.liquidate(each, { plan: ordered.plan, fill });
  }

  private noteLag(
    { subAccount }: LiveSubAccount,
    { check, snapshot }: { readonly check: BookCheck; readonly snapshot: Snapshot },
  ): void {
    const isBreachedIn = (at: Snapshot) =>
      isNegative(bookFigures(bookOf(subAccount, at), at.policy).surplus.liquidation.point);
    if (!isBreachedIn(snapshot)) return;
    const first = check.since.find((at) => isBreachedIn(this.marketAt(at)));
    this.lags.push(check.now.time - (first ?? check.now).time);
  }

  private liquidate(
    each: LiveSubAccount,
    { plan, fill }: { readonly plan: Plan; readonly fill: Snapshot },
  ): void {
    const { policy } = fill;
    const book = bookOf(each.subAccount, fill);
    const { marginBalance, maintenanceRequirement } = bookFigures(book, policy);
    const left = subtract(
      marginBalance.point,
      times(maintenanceRequirement, policy.liquidationMultiplier),
    );
    this.counts.liquidations += 1;
    this.shortfalls.push(isNegative(left) ? approximately(negate(left)) : 0);
    each.subAccount = executed(each.subAccount, { plan, fill });
    const after = bookFigures(bookOf(each.subAccount, fill), policy);
    if (!isNegative(after.equity.point)) return;
    this.badDebt += approximately(negate(after.equity.point));
    this.live = this.live?.filter((other) => other !== each);
  }

  result(): BookResult {
    const { book, intervalSeconds, executionSeconds } = this.terms;
    const { counts, checks, badDebt, shortfalls, lags } = this;
    const openInterest = this.notional / Math.max(1, checks);
    return {
      intervalSeconds,
      executionSeconds,
      feed: book.feed,
      checks,
      ...counts,
      shortfalls: shortfalls.filter((shortfall) => shortfall > 0).length,
      shortfallPerLiquidation: mean(shortfalls),
      badDebt,
      worstBadDebt: this.worstCame,
      badDebtAtShock: this.worstAtShock,
      badDebtBasisPoints: openInterest === 0 ? 0 : (badDebt / openInterest) * 1e4,
      meanLagSeconds: mean(lags),
    };
  }
}

interface Execution {
  readonly plan: Plan;
  readonly fill: Snapshot;
}

/**
 * Makes the swaps as they are planned. Then fills each order whole, at the fill's marks: with the plan's
 * closing cost in the market, without any by the backstop.
 */
function executed(subAccount: SubAccount, { plan, fill }: Execution): SubAccount {
  const { swaps = [], orders } = plan;
  const cancelled = withoutOrders(subAccount);
  const swapped = swaps.reduce((after, swap) => afterSwap(after, swap, fill), cancelled);
  const isBackstop = ({ taker }: Order): boolean => taker === 'backstop';
  const taken = filledAt(swapped, 'mark', { plan, fill, orders: orders.filter(isBackstop) });
  const rest = orders.filter((order) => !isBackstop(order));
  return filledAt(taken, 'cost', { plan, fill, orders: rest });
}

function filledAt(
  subAccount: SubAccount,
  at: FilledAt,
  { plan, fill, orders }: Execution & Pick<Plan, 'orders'>,
): SubAccount {
  if (orders.length === 0) return subAccount;
  const isIsolated = subAccount.isolatedMargin !== undefined;
  const held = closablesOf(bookOf(subAccount, fill), { isIsolated, policy: fill.policy });
  const closables = plan.opened === undefined ? held : withOpenedFees(held, plan.opened);
  const closed = closables.flatMap((closable) => {
    const { kind, market } = closable;
    const order = orders.find((each) => each.kind === kind && each.market === market);
    return order === undefined ? [] : [[closable, smaller(order.quantity, closable.held)] as const];
  });
  return new Trial(subAccount, fill).filled(new Map(closed), at);
}

function bookOf(subAccount: SubAccount, snapshot: Snapshot): SubjectBook {
  const built = buildBook(subAccount, snapshot);
  if (built.ok) return built.book;
  const why = built.reasons.map(({ detail }) => detail).join('; ');
  throw new Error(`${subAccount.account.accountId}: can no longer be assessed: ${why}`);
}

const notionalOf = ({ positions }: SubjectBook): number =>
  positions.reduce((sum, { quantity, terms }) => {
    return sum + approximately(worthOf(absolute(quantity), terms.contractValue));
  }, 0);

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
