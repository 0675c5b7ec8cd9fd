/**
 * The case machine: an outcome, the case as last sent and the time give the next case and what is
 * to be published. Pure, and a comparison with what was *sent*, so that an alert which a dead run
 * never wrote down is raised again by the next one.
 *
 *     none ──call──► call ──liquidation, or deadline──► liquidation ──restored──► closed
 *                      └──────────cured──────────► closed
 */
import type { Assessment, Outcome } from '../assess/assess.ts';
import type { CarriedOver, Plan } from '../liquidation/order-plan.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  add,
  isAbove,
  isAtLeast,
  isNegative,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  roundUp,
  subtract,
  textOfPlaces,
  times,
} from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import {
  capClaims,
  claimShortfall,
  NO_FUND_CLAIMS,
  shortfallOf,
} from '../waterfall/fund-claims.ts';
import {
  type CaseEvent,
  type CaseEventBody,
  type CaseState,
  NO_CASE,
  type OpenCase,
  type SentCall,
} from './case.ts';

/** The facts about a sub-account at a check; times are milliseconds since 1970. */
export interface DecideInput {
  /** The account, or account and isolated position. */
  readonly subject: string;
  readonly outcome: Outcome;
  readonly state: CaseState;
  readonly asOf: number;
  readonly checkId: string;
  readonly policy: Policy;
  readonly callGraceSeconds: number;
  /** Given exactly when `liquidationDue`. */
  readonly plan?: Plan | undefined;
}

/** Pass `next` as the state of the next check. */
export interface Decision {
  readonly next: CaseState;
  readonly events: readonly CaseEvent[];
}

/** Moves a case on by one check: its next state, and the events that are to be reported. */
export function decide(input: DecideInput): Decision {
  const { outcome, state } = input;
  if (outcome.certainty === 'indeterminate') return stopKnowing(state, outcome.reasons);
  const step = new CaseStep(input, outcome);
  if (state.isIndeterminate) step.say({ type: 'account.determinate' });
  return step.take();
}

/** Whether the decision needs a liquidation plan, to order it or to say why it is withheld. */
export function liquidationDue(
  outcome: Outcome,
  { open }: CaseState,
  at: Pick<DecideInput, 'asOf' | 'policy'>,
): boolean {
  if (outcome.certainty === 'indeterminate' || at.policy.halt) return false;
  if (open === undefined) return mustLiquidate(outcome, false);
  return isPlanDue(open, at) && mustLiquidate(outcome, isExpiredAt(open, at));
}

/** Number of the next plan of a case, from 1. */
export const nextGeneration = ({ open }: CaseState): number => (open?.plan?.generation ?? 0) + 1;

/** Already, or at this check: a call that is to be liquidated at its deadline. */
function isExpiredAt(
  { call, level }: OpenCase,
  { asOf, policy }: Pick<DecideInput, 'asOf' | 'policy'>,
): boolean {
  if (call === undefined || call.isExpired) return call !== undefined;
  return level === 'call' && policy.onCallExpiry === 'liquidate' && asOf >= call.deadline;
}

/** Below the liquidation line for certain; or below the call line for certain, and expired. */
function mustLiquidate({ level, surplus, reasons }: Assessment, isExpired: boolean): boolean {
  if (level === 'liquidation' || level === 'deficit') return true;
  return isExpired && level === 'call' && reasons.length === 0 && isNegative(surplus.call.high);
}

/** The first; or the one before has had its time, or expired. */
function isPlanDue(
  { plan }: OpenCase,
  { asOf, policy }: Pick<DecideInput, 'asOf' | 'policy'>,
): boolean {
  if (plan === undefined) return true;
  const cooledAt = plan.sentAt + policy.liquidationCooldownSeconds * 1000;
  return asOf >= cooledAt || asOf >= plan.expiresAt;
}

/** Also where everything is handed over: what rests of the plan before is to be stopped. */
const isToBeSent = ({ orders, cancelOpenOrders, deleveraged }: Plan): boolean =>
  orders.length + cancelOpenOrders.length + (deleveraged?.size ?? 0) > 0;

/** An open case keeps its level; nothing is called or liquidated. */
function stopKnowing(state: CaseState, reasons: readonly Reason[]): Decision {
  if (state.isIndeterminate) return { next: state, events: [] };
  const event: CaseEvent = { type: 'account.indeterminate', reasons, caseId: state.open?.caseId };
  return { next: { ...state, isIndeterminate: true }, events: [event] };
}

/** One sub-account at one check. Every method moves the case one step and says what it did. */
class CaseStep {
  private open: OpenCase | undefined;
  private readonly events: CaseEvent[] = [];
  private readonly input: DecideInput;
  private readonly assessment: Assessment;

  constructor(input: DecideInput, assessment: Assessment) {
    this.input = input;
    this.assessment = assessment;
    this.open = this.stillCovered(input.state.open);
  }

  /** What was claimed and is not wanting any more is not covered any more. */
  private stillCovered(open: OpenCase | undefined): OpenCase | undefined {
    if (open?.fundClaims === undefined || this.assessment.certainty !== 'certain') return open;
    return { ...open, fundClaims: capClaims(open.fundClaims, this.shortfall()) };
  }

  private shortfall(): Amount {
    return shortfallOf(this.assessment.equity.point, this.input.policy.amountPlaces);
  }

  say(body: CaseEventBody): void {
    this.events.push({ ...body, caseId: this.open?.caseId });
  }

  take(): Decision {
    if (this.open === undefined) this.begin();
    else if (this.open.level === 'call') this.followCall(this.open);
    else this.followLiquidation(this.open);
    const next = this.open === undefined ? NO_CASE : { isIndeterminate: false, open: this.open };
    return { next, events: this.events };
  }

  private begin(): void {
    const { level } = this.assessment;
    if (level === 'healthy') return;
    if (level === 'call') this.call();
    else this.liquidate(this.opened('liquidation'));
  }

  private opened(level: OpenCase['level']): OpenCase {
    const { subject, checkId, asOf } = this.input;
    return { caseId: `${subject}@${checkId}`, level, openedAt: asOf, isWithheld: false };
  }

  private call(): void {
    const { asOf, callGraceSeconds } = this.input;
    const deadline = asOf + callGraceSeconds * 1000;
    const amountDue = this.amountDue();
    const call = { amountDue, sentAt: asOf, deadline, isExpired: false };
    this.open = { ...this.opened('call'), call };
    this.say({ type: 'margin-call.issued', amountDue, deadline });
    this.noteWithheld(this.open);
  }

  /**
   * What restores the account, cures the call, and clears what uncertainty alone holds against it;
   * rounded up. Whoever pays it is out of the call.
   */
  private amountDue(): Amount {
    const { surplus } = this.assessment;
    const cure = subtract(this.curedSurplus(), surplus.call.point);
    const restore = larger(negate(surplus.restore.point), cure);
    const missing = larger(restore, negate(surplus.liquidation.low));
    return roundUp(larger(missing, NO_AMOUNT), this.input.policy.amountPlaces);
  }

  private followCall(open: OpenCase): void {
    const { call } = open;
    if (this.mustLiquidate(open)) this.escalate(open);
    else if (this.isCured()) this.close('margin-call.cured');
    else if (call === undefined || this.assessment.level !== 'call') this.clearWithheld(open);
    else if (this.input.asOf >= call.deadline) this.expire(open, call);
    else this.updateCall(open, call);
  }

  private updateCall(open: OpenCase, call: SentCall): void {
    const amountDue = this.amountDue();
    const growth = add(ONE, this.input.policy.callUpdateFraction);
    this.open = open;
    if (isAbove(amountDue, call.amountDue) && isAtLeast(amountDue, times(call.amountDue, growth))) {
      this.open = { ...open, call: { ...call, amountDue, sentAt: this.input.asOf } };
      this.say({ type: 'margin-call.updated', amountDue, deadline: call.deadline });
    }
    this.noteWithheld(this.open);
  }

  private expire(open: OpenCase, call: SentCall): void {
    if (this.input.policy.onCallExpiry === 'remind') this.renew(open, call);
    else this.expireIntoLiquidation(open, call);
  }

  private renew(open: OpenCase, call: SentCall): void {
    const { asOf, callGraceSeconds } = this.input;
    const amountDue = this.amountDue();
    const { deadline } = call;
    const nextDeadline = asOf + callGraceSeconds * 1000;
    const renewed = { amountDue, sentAt: asOf, deadline: nextDeadline, isExpired: false };
    this.open = { ...open, call: renewed };
    const consequence = 'remind';
    this.say({ type: 'margin-call.expired', amountDue, deadline, nextDeadline, consequence });
    this.noteWithheld(this.open);
  }

  private expireIntoLiquidation(open: OpenCase, call: SentCall): void {
    const { deadline } = call;
    let expired = open;
    if (!call.isExpired) {
      const amountDue = this.amountDue();
      const sent = { ...call, amountDue, sentAt: this.input.asOf, isExpired: true };
      expired = { ...open, call: sent };
      this.open = expired;
      this.say({ type: 'margin-call.expired', amountDue, deadline, consequence: 'liquidate' });
    }
    if (this.mustLiquidate(expired)) this.escalate(expired);
    else this.withhold(expired, this.reasonsAgainst());
  }

  private escalate(open: OpenCase): void {
    this.liquidate({ ...open, level: 'liquidation', isWithheld: false });
  }

  private mustLiquidate({ call }: OpenCase): boolean {
    return mustLiquidate(this.assessment, call?.isExpired === true);
  }

  private reasonsAgainst(): readonly Reason[] {
    const { reasons } = this.assessment;
    if (reasons.length > 0) return reasons;
    const detail = 'at the far end of their uncertainty the prices would not breach the line';
    return [{ code: 'price-uncertain', subject: this.input.subject, detail }];
  }

  /** The next generation, when one is due, may be sent, and would close something. */
  private liquidate(open: OpenCase): void {
    const reported = this.withDeficit(open);
    this.open = reported;
    if (!isPlanDue(reported, this.input)) return;
    const { policy, subject, plan } = this.input;
    if (policy.halt) {
      const detail = 'the policy has halt set: no order plan leaves until it is lifted';
      this.withhold(reported, [{ code: 'halted', subject, detail }]);
      return;
    }
    if (plan === undefined) throw new RangeError(`${subject}: a liquidation is due without a plan`);
    const waiting = { ...reported, waitingSince: this.waitingSince(reported, plan) };
    this.open = waiting;
    if (isToBeSent(plan)) this.order(waiting, plan);
    else if (plan.carriedOver.length > 0) this.withhold(waiting, this.reasonsToWait(plan));
    else if (this.isUsedUp()) this.claim(waiting);
    else {
      const detail = 'there is nothing left to close';
      this.withhold(waiting, [{ code: 'nothing-to-close', subject, detail }]);
    }
  }

  /**
   * Not while all of a plan fits. One that gets a part begins to wait anew, so that those who got
   * nothing are ahead of it the next time, even if none of its orders is ever filled.
   */
  private waitingSince(open: OpenCase, { orders, carriedOver }: Plan): number | undefined {
    if (carriedOver.length === 0) return undefined;
    return orders.length > 0 ? this.input.asOf : (open.waitingSince ?? this.input.asOf);
  }

  private reasonsToWait({ carriedOver }: Plan): Reason[] {
    const { numeraire, amountPlaces } = this.input.policy;
    return carriedOver.map(({ market, side, notional }: CarriedOver): Reason => {
      const needed = textOfPlaces(roundUp(notional, amountPlaces), amountPlaces);
      const detail =
        `${market}: a ${side} of ${needed} ${numeraire} is needed, and this check has no room left ` +
        'for it in that market; it is carried over to the next check';
      return { code: 'market-full', subject: market, detail };
    });
  }

  /** Everything is closed, and a debt is left: the insurance fund's turn. */
  private isUsedUp(): boolean {
    return this.assessment.level === 'deficit' && this.input.policy.mode === 'enforce';
  }

  private claim(open: OpenCase): void {
    const wanting = { caseId: open.caseId, shortfall: this.shortfall(), asOf: this.input.asOf };
    this.open = {
      ...open,
      isWithheld: false,
      fundClaims: claimShortfall(open.fundClaims ?? NO_FUND_CLAIMS, wanting),
    };
  }

  /** Said when found, and again when it has grown as a call would have to. */
  private withDeficit(open: OpenCase): OpenCase {
    if (this.assessment.level !== 'deficit') return open;
    const { policy } = this.input;
    const shortfall = this.shortfall();
    const growth = add(ONE, policy.callUpdateFraction);
    const { deficit } = open;
    const isNews =
      deficit === undefined ||
      (isAbove(shortfall, deficit) && isAtLeast(shortfall, times(deficit, growth)));
    if (!isNews) return open;
    this.open = open;
    this.say({ type: 'deficit.detected', shortfall });
    return { ...open, deficit: shortfall };
  }

  private order(open: OpenCase, plan: Plan): void {
    const { policy, asOf } = this.input;
    const generation = nextGeneration({ isIndeterminate: false, open });
    const planId = `${open.caseId}#${generation}`;
    const supersedes = open.plan?.planId;
    const expiresAt = asOf + policy.planExpirySeconds * 1000;
    const isObserved = policy.mode === 'observe';
    this.open = {
      ...open,
      isWithheld: false,
      plan: { planId, generation, sentAt: asOf, expiresAt },
    };
    const sent = { planId, generation, supersedes, expiresAt, isObserved, plan };
    this.say({ type: 'liquidation.ordered', ...sent });
  }

  private followLiquidation(open: OpenCase): void {
    const { level, isLiquidationWithheld } = this.assessment;
    const isUnfinished = isLiquidationWithheld || (level === 'call' && open.call?.isExpired);
    if (this.mustLiquidate(open)) this.liquidate(open);
    else if (this.isCured()) this.close('liquidation.completed');
    else if (!isUnfinished) this.letPlanRun(open);
    else if (isPlanDue(open, this.input)) this.withhold(open, this.reasonsAgainst());
  }

  /** Out of liquidation, not yet cured: the plan may still be filling until it expires. */
  private letPlanRun(open: OpenCase): void {
    this.clearWithheld(open);
    if (open.plan !== undefined && this.input.asOf < open.plan.expiresAt) return;
    this.close('liquidation.completed');
    if (this.assessment.level === 'call') this.call();
  }

  /** Said once while it lasts. */
  private withhold(open: OpenCase, reasons: readonly Reason[]): void {
    if (open.isWithheld) return;
    this.open = { ...open, isWithheld: true };
    this.say({ type: 'liquidation.withheld', reasons });
  }

  private noteWithheld(open: OpenCase): void {
    if (this.assessment.isLiquidationWithheld) this.withhold(open, this.reasonsAgainst());
    else this.clearWithheld(open);
  }

  private clearWithheld(open: OpenCase): void {
    this.open = { ...open, isWithheld: false };
  }

  /** Hysteresis: the call surplus is at least the cure margin's share of the call line. */
  private isCured(): boolean {
    const { level, surplus } = this.assessment;
    return level === 'healthy' && isAtLeast(surplus.call.point, this.curedSurplus());
  }

  private curedSurplus(): Amount {
    return times(this.assessment.lines.call, this.input.policy.cureMargin);
  }

  private close(type: 'margin-call.cured' | 'liquidation.completed'): void {
    this.say({ type });
    this.open = undefined;
  }
}
