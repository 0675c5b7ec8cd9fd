/**
 * The case machine. It compares with what was *sent*, so the next run raises again an alert that a
 * crashed run never wrote down.
 *
 *     none ──call──► call ──liquidation, or deadline──► liquidation ──restored──► closed
 *                      └──────────cured──────────► closed
 */

import type { Assessment, Outcome } from '../assess/assess.ts';
import type { Plan } from '../liquidation/order-plan.ts';
import type { CheckOutage } from '../market/outage.ts';
import type { Policy } from '../market/policy.ts';
import { type Amount, compare, isZero } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import {
  capClaims,
  claimShortfall,
  NO_FUND_CLAIMS,
  shortfallOf,
} from '../waterfall/fund-claims.ts';
import { amountDue as amountDueOn, hasGrown, isCured } from './amounts.ts';
import {
  type CaseEvent,
  type CaseEventBody,
  type CaseState,
  NO_CASE,
  type OpenCase,
  type SentCall,
} from './case.ts';
import { isPlanDue, isPlanWanted, isToBeSent, mustLiquidate } from './liquidation-due.ts';
import { afterOutage, duringOutage, isWantOfPrice } from './outage.ts';
import {
  changingSince,
  type RowsChanging,
  rowsChangingReason,
  waitsForRows,
} from './rows-changing.ts';
import { newCall, newPlan } from './sent.ts';
import { haltedReason, marketsFull, nothingToCloseReason, reasonsAgainst } from './withheld.ts';

/** The facts about a sub-account at a check; times are milliseconds since 1970. */
export interface DecideInput {
  /** `<account>[#<isolated position>]` */
  readonly subject: string;
  readonly outcome: Outcome;
  readonly state: CaseState;
  readonly asOf: number;
  readonly checkId: string;
  readonly policy: Policy;
  readonly callGraceSeconds: number;
  /** Absent: the check before was completed in time. */
  readonly outage?: CheckOutage | undefined;
  /** Absent: the rows are at rest. */
  readonly rowsChanging?: RowsChanging | undefined;
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
  if (outcome.certainty === 'indeterminate') return stopKnowing(input, outcome.reasons);
  const isWanted = isPlanWanted(outcome, state, input);
  const { rowsChanging } = input;
  if (rowsChanging !== undefined && isWanted && waitsForRows(state, input)) {
    return waitForRows({ ...input, rowsChanging });
  }
  const step = new CaseStep(input, outcome);
  if (state.isIndeterminate) step.say({ type: 'account.determinate' });
  const { next, events } = step.take();
  const since = changingSince(
    { ...next, changingSince: state.changingSince },
    { ...input, isWanted },
  );
  return { next: since === undefined ? next : { ...next, changingSince: since }, events };
}

/** An open case keeps its level; nobody is called or liquidated. */
function stopKnowing(input: DecideInput, reasons: readonly Reason[]): Decision {
  const { state } = input;
  const open = duringOutage(state.open, input, isWantOfPrice(reasons));
  const next = { ...state, ...(open === undefined ? {} : { open }), isIndeterminate: true };
  if (state.isIndeterminate) return { next, events: [] };
  const event: CaseEvent = { type: 'account.indeterminate', reasons, caseId: open?.caseId };
  return { next, events: [event] };
}

/** Half a change is no reason to open, move or close a case. Said once while it lasts. */
function waitForRows(input: DecideInput & { readonly rowsChanging: RowsChanging }): Decision {
  const { changingSince: since, isIndeterminate } = input.state;
  const open = duringOutage(input.state.open, input, false);
  const caseId = open?.caseId;
  const events: CaseEvent[] = isIndeterminate ? [{ type: 'account.determinate', caseId }] : [];
  if (since === undefined) {
    const reasons = [rowsChangingReason(input.subject, input)];
    events.push({ type: 'liquidation.withheld', caseId, reasons });
  }
  return { next: { isIndeterminate: false, changingSince: since ?? input.asOf, open }, events };
}

/** One check of one sub-account. */
class CaseStep {
  private open: OpenCase | undefined;
  private readonly events: CaseEvent[] = [];
  private readonly input: DecideInput;
  private readonly assessment: Assessment;
  private readonly amountDue: Amount;
  private readonly shortfall: Amount;
  /** Undefined while the account's own equity is in doubt. */
  private readonly claimable: Amount | undefined;
  private readonly isCured: boolean;
  private readonly reasonsAgainst: readonly Reason[];

  constructor(input: DecideInput, assessment: Assessment) {
    const { policy, subject, state } = input;
    this.input = input;
    this.assessment = assessment;
    this.amountDue = amountDueOn(assessment, policy);
    this.shortfall = shortfallOf(assessment.equity.point, policy.amountPlaces);
    this.claimable = claimableOf(assessment, policy);
    this.isCured = isCured(assessment, policy);
    this.reasonsAgainst = reasonsAgainst(assessment, subject);
    const isCertain = assessment.certainty === 'certain' && this.claimable !== undefined;
    this.open = isCertain ? withCappedClaims(state.open, this.shortfall) : state.open;
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
    else this.liquidate(openedCase('liquidation', this.input));
  }

  private call(): void {
    const call = newCall(this.amountDue, this.input);
    const { amountDue, deadline } = call;
    this.open = { ...openedCase('call', this.input), call };
    this.say({ type: 'margin-call.issued', amountDue, deadline });
    this.noteWithheld(this.open);
  }

  private followCall(open: OpenCase): void {
    const call = open.call && afterOutage(open.call, this.input);
    if (this.mustLiquidate(open)) this.escalate(open);
    else if (this.isCured) this.close('margin-call.cured');
    else if (call === undefined) this.clearWithheld(open);
    else if (this.assessment.level !== 'call') this.keepCall(open, call);
    else if (this.input.asOf < call.deadline) this.updateCall(open, call);
    else if (this.input.policy.onCallExpiry === 'remind') this.renew(open, call);
    else this.expireIntoLiquidation(open, call);
  }

  private updateCall(open: OpenCase, call: SentCall): void {
    const isGrown = hasGrown(this.amountDue, call.amountDue, this.input.policy);
    this.noteWithheld(this.withUpdate(open, call, isGrown));
  }

  /** Above its line again, but not cured. */
  private keepCall(open: OpenCase, call: SentCall): void {
    this.clearWithheld(this.withUpdate(open, call, false));
  }

  /** Sends the call again if its amount has grown or an outage has moved its deadline. */
  private withUpdate(open: OpenCase, call: SentCall, isGrown: boolean): OpenCase {
    const { amountDue } = this;
    const { deadline } = call;
    const before = open.call?.deadline;
    if (!isGrown && deadline === before) return open;
    const previous = deadline === before ? {} : { previousDeadline: before };
    this.open = { ...open, call: { ...call, amountDue, sentAt: this.input.asOf } };
    this.say({ type: 'margin-call.updated', amountDue, deadline, ...previous });
    return this.open;
  }

  private renew(open: OpenCase, call: SentCall): void {
    const { deadline } = call;
    const renewed = newCall(this.amountDue, this.input);
    const { amountDue, deadline: nextDeadline } = renewed;
    this.open = { ...open, call: renewed };
    const consequence = 'remind';
    this.say({ type: 'margin-call.expired', amountDue, deadline, nextDeadline, consequence });
    this.noteWithheld(this.open);
  }

  private expireIntoLiquidation(open: OpenCase, call: SentCall): void {
    const { deadline } = call;
    let expired = open;
    if (!call.isExpired) {
      const { amountDue } = this;
      const sent = { ...call, amountDue, sentAt: this.input.asOf, isExpired: true };
      expired = { ...open, call: sent };
      this.open = expired;
      this.say({ type: 'margin-call.expired', amountDue, deadline, consequence: 'liquidate' });
    }
    if (this.mustLiquidate(expired)) this.escalate(expired);
    else this.withhold(expired, this.reasonsAgainst);
  }

  private escalate(open: OpenCase): void {
    this.liquidate({ ...open, level: 'liquidation', isWithheld: false });
  }

  private mustLiquidate({ call }: OpenCase): boolean {
    return mustLiquidate(this.assessment, call?.isExpired === true);
  }

  /** Orders the next generation of the plan if one is due, is allowed, and closes something. */
  private liquidate(open: OpenCase): void {
    const reported = this.withDeficit(open);
    this.open = reported;
    if (!isPlanDue(reported, this.input)) return;
    const { policy, subject, plan } = this.input;
    if (policy.halt) {
      this.withhold(reported, [haltedReason(subject)]);
      return;
    }
    if (plan === undefined) throw new RangeError(`${subject}: a liquidation is due without a plan`);
    const waitingSince = waitsSince(reported, plan, this.input.asOf);
    const waiting = { ...reported, waitingSince };
    this.open = waiting;
    if (isToBeSent(plan)) this.order(waiting, plan);
    else if (plan.carriedOver.length > 0) this.withhold(waiting, marketsFull(plan, policy));
    else if (mayClaim(this.assessment, policy)) this.open = this.withClaim(waiting);
    else this.withhold(waiting, [nothingToCloseReason(subject)]);
  }

  private withClaim(open: OpenCase): OpenCase {
    return claimed(open, this.claimable, this.input.asOf);
  }

  /** Reports a deficit when it appears and when it has grown. */
  private withDeficit(open: OpenCase): OpenCase {
    if (this.assessment.level !== 'deficit') return open;
    const { shortfall } = this;
    const { deficit } = open;
    if (isZero(shortfall)) return open;
    if (deficit !== undefined && !hasGrown(shortfall, deficit, this.input.policy)) return open;
    this.open = open;
    this.say({ type: 'deficit.detected', shortfall });
    return { ...open, deficit: shortfall };
  }

  private order(open: OpenCase, plan: Plan): void {
    const sent = newPlan(open, plan, this.input);
    const { sentAt: _sentAt, since: _since, ...named } = sent;
    const supersedes = open.plan?.planId;
    const isObserved = this.input.policy.mode === 'observe';
    this.open = { ...open, isWithheld: false, plan: sent };
    this.say({ type: 'liquidation.ordered', ...named, supersedes, isObserved, plan });
  }

  private followLiquidation(open: OpenCase): void {
    const { level, isLiquidationWithheld } = this.assessment;
    const isUnfinished = isLiquidationWithheld || (level === 'call' && open.call?.isExpired);
    if (this.mustLiquidate(open)) this.liquidate(open);
    else if (this.isCured) this.close('liquidation.completed');
    else if (!isUnfinished) this.letPlanRun(open);
    else if (isPlanDue(open, this.input)) this.withhold(open, this.reasonsAgainst);
  }

  /** Not cured, but above the liquidation line: the plan may fill until it expires. */
  private letPlanRun(open: OpenCase): void {
    this.clearWithheld(open);
    if (open.plan !== undefined && this.input.asOf < open.plan.expiresAt) return;
    this.close('liquidation.completed');
    if (this.assessment.level === 'call') this.call();
  }

  /** Reported once while it lasts. */
  private withhold(open: OpenCase, reasons: readonly Reason[]): void {
    if (open.isWithheld) return;
    this.open = { ...open, isWithheld: true };
    this.say({ type: 'liquidation.withheld', reasons });
  }

  private noteWithheld(open: OpenCase): void {
    if (this.assessment.isLiquidationWithheld) this.withhold(open, this.reasonsAgainst);
    else this.clearWithheld(open);
  }

  private clearWithheld(open: OpenCase): void {
    this.open = { ...open, isWithheld: false };
  }

  private close(type: 'margin-call.cured' | 'liquidation.completed'): void {
    this.say({ type });
    this.open = undefined;
  }
}

/** Claims what it surely lacks; nothing while its equity is in doubt. */
function claimed(open: OpenCase, shortfall: Amount | undefined, asOf: number): OpenCase {
  if (shortfall === undefined) return open;
  const claim = { caseId: open.caseId, shortfall, asOf };
  const fundClaims = claimShortfall(open.fundClaims ?? NO_FUND_CLAIMS, claim);
  return { ...open, isWithheld: false, fundClaims };
}

function claimableOf({ equity }: Assessment, { amountPlaces }: Policy): Amount | undefined {
  const { least, most, high } = equity;
  if (least === 'unbounded' || most === 'unbounded' || high === 'unbounded') return undefined;
  if (compare(least, most) !== 0) return undefined;
  return shortfallOf(high, amountPlaces);
}

function openedCase(level: OpenCase['level'], { subject, checkId, asOf }: DecideInput): OpenCase {
  return { caseId: `${subject}@${checkId}`, level, openedAt: asOf, isWithheld: false };
}

function withCappedClaims(open: OpenCase | undefined, shortfall: Amount): OpenCase | undefined {
  if (open?.fundClaims === undefined) return open;
  return { ...open, fundClaims: capClaims(open.fundClaims, shortfall) };
}

/**
 * A plan that gets a part starts the wait anew: accounts that got nothing are ahead of it next
 * time.
 */
function waitsSince(
  { waitingSince }: OpenCase,
  { orders, carriedOver }: Plan,
  asOf: number,
): number | undefined {
  if (carriedOver.length === 0) return undefined;
  return orders.length > 0 ? asOf : (waitingSince ?? asOf);
}

/** Everything is closed and a debt is left. */
const mayClaim = ({ level }: Assessment, { mode }: Policy): boolean =>
  level === 'deficit' && mode === 'enforce';
