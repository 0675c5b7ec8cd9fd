/**
 * The liquidation plans that a check would make for the accounts of a document, none of which has a
 * case yet: the worst account first, within the capacity of the markets.
 */
import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { decideSubAccount, dueAt } from '../../lambda/accounts/decision.ts';
import { MarketCapacity } from '../../lambda/accounts/market-capacity.ts';
import type { SubAccount } from '../../lambda/margin/book/account.ts';
import { type CaseState, NO_CASE } from '../../lambda/margin/case/case.ts';
import { isPlanWanted } from '../../lambda/margin/case/liquidation-due.ts';
import { capacityOf } from '../../lambda/margin/liquidation/capacity.ts';
import { NOTHING_CLOSED } from '../../lambda/margin/liquidation/closed.ts';
import { positionsNotional, worstFirst } from '../../lambda/margin/liquidation/queue.ts';
import { Trial } from '../../lambda/margin/liquidation/trial.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { isoTime } from '../../lambda/messages/header.ts';
import type { AccountMessage } from '../../lambda/messages/messages.ts';
import type { DecidedMessage } from '../../lambda/record/decision-record.ts';
import { type Evidence, MarketRows, rowsBehind } from '../../lambda/record/evidence.ts';
import { renderOutcome } from '../../lambda/record/render.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { afterPlan } from './after-plan.ts';
import type { Assessment } from './assess-document.ts';
import { snapshotOf } from './document.ts';

type Ordered = Extract<AccountMessage, { type: 'liquidation.ordered' }>;

export interface PlannedAccount {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly before: Assessment;
  readonly aim: Aim;
  /** Absent if it is withheld. */
  readonly plan?: Ordered['plan'] | undefined;
  /** Mode observe: the plan is only shown. */
  readonly isObserved: boolean;
  /** Why no plan goes out. */
  readonly withheld: readonly string[];
  /** If all orders fill at their reference prices, without fees and costs. */
  readonly after?: Assessment | undefined;
  readonly left?: Left | undefined;
}

/** A plan is to restore this, its open orders cancelled. */
interface Aim {
  /** κ·MM + LB + exit buffer; at least the initial requirement + LB, if the policy calls there. */
  readonly target: string;
  /** That less the margin balance; below zero if cancelling is enough. */
  readonly shortfall: string;
}

interface Left {
  readonly positions: readonly { readonly instrument: string; readonly quantity: string }[];
  readonly balances: readonly { readonly asset: string; readonly amount: string }[];
}

export interface DocumentPlans {
  readonly asOf: string;
  readonly numeraire: string;
  /** In the order in which a check takes them: the worst first. */
  readonly plans: readonly PlannedAccount[];
  /** Sub-accounts that a check would not liquidate, by level or why there is none. */
  readonly others: readonly Assessment[];
  readonly faults: readonly string[];
}

interface Due {
  readonly account: AccountRows;
  readonly assessed: AssessedSubAccount & { readonly subAccount: SubAccount };
}

/**
 * @param afterSeconds as if each case had sent its first order plan so long ago; absent: no account
 * has a case
 */
export function plansOf(evidence: Evidence, afterSeconds?: number): DocumentPlans {
  const { snapshot, faults } = snapshotOf(evidence);
  const due: Due[] = [];
  const others: Assessment[] = [];
  for (const account of evidence.accounts) {
    for (const assessed of assessAccount(account, snapshot)) {
      if (isDue(assessed, snapshot)) due.push({ account, assessed });
      else others.push(renderOutcome(assessed));
    }
  }
  const { marketRows: rows, previousPrices, volatilities, gapSeconds } = evidence;
  const planner = new Planner({
    snapshot,
    marketRows: new MarketRows({ rows, previousPrices, volatilities, gapSeconds, snapshot }),
    capacity: new MarketCapacity(capacityOf(snapshot, gapSeconds)),
    afterSeconds,
  });
  return {
    asOf: isoTime(snapshot.asOf),
    numeraire: snapshot.policy.numeraire,
    plans: ranked(due, snapshot).map((each) => planner.planned(each)),
    others,
    faults: faults.map(({ detail }) => detail),
  };
}

/** Whatever holds the plan back: that is said with it. */
function isDue(assessed: AssessedSubAccount, snapshot: Snapshot): assessed is Due['assessed'] {
  const { outcome, subAccount } = assessed;
  const { policy, ...at } = dueAt(assessed, { snapshot });
  const unhalted = { ...at, policy: { ...policy, halt: false } };
  return subAccount !== undefined && isPlanWanted(outcome, NO_CASE, unhalted);
}

function ranked(due: readonly Due[], snapshot: Snapshot): Due[] {
  const ranks = due.flatMap((each) => {
    const { name, outcome, subAccount } = each.assessed;
    if (outcome.certainty === 'indeterminate') return [];
    return [
      {
        each,
        key: name,
        surplus: outcome.surplus.liquidation.point,
        line: outcome.lines.liquidation,
        notional: positionsNotional(subAccount, snapshot),
      },
    ];
  });
  return worstFirst(ranks, snapshot).map(({ each }) => each);
}

interface Planning {
  readonly snapshot: Snapshot;
  readonly marketRows: MarketRows;
  readonly capacity: MarketCapacity;
  readonly afterSeconds: number | undefined;
}

class Planner {
  private readonly planning: Planning;

  constructor(planning: Planning) {
    this.planning = planning;
  }

  planned({ account, assessed }: Due): PlannedAccount {
    const { snapshot, marketRows, capacity: left } = this.planning;
    const { accountId, position, subAccount, name } = assessed;
    const markets = marketRows.marketsOf(rowsBehind(account, position));
    const checkId = isoTime(snapshot.asOf);
    const capacity = left.leftIn(markets);
    const state = stateOf(name, this.planning);
    const decision = decideSubAccount(assessed, state, { checkId, snapshot, capacity });
    const { plan, messages } = decision;
    const named = { accountId, ...(position === undefined ? {} : { position }) };
    const aim = aimOf(subAccount, snapshot);
    const before = renderOutcome(assessed);
    const sent = messages.find((each): each is Ordered => each.type === 'liquidation.ordered');
    if (plan === undefined || sent === undefined) {
      return { ...named, before, aim, isObserved: false, withheld: reasonsIn(messages) };
    }
    left.reserve(name, plan);
    const { assessed: after, subAccount: rest } = afterPlan(subAccount, plan, snapshot);
    return {
      ...named,
      before,
      aim,
      plan: sent.plan,
      isObserved: sent.isObserved,
      withheld: [],
      after: renderOutcome(after),
      left: leftOf(rest),
    };
  }
}

/** Its first plan has run out, so that the next is due. */
function stateOf(name: string, { snapshot, afterSeconds }: Planning): CaseState {
  if (afterSeconds === undefined) return NO_CASE;
  const { asOf } = snapshot;
  const sentAt = asOf - afterSeconds * 1000;
  const caseId = `${name}@${isoTime(sentAt)}`;
  const plan = { planId: `${caseId}#1`, generation: 1, sentAt, expiresAt: asOf };
  const open = { caseId, level: 'liquidation', openedAt: sentAt, plan, isWithheld: false } as const;
  return { isIndeterminate: false, open };
}

function aimOf(subAccount: SubAccount, snapshot: Snapshot): Aim {
  const { required, shortfall } = new Trial(subAccount, snapshot).after(NOTHING_CLOSED, 'cost');
  return { target: textOf(required), shortfall: textOf(shortfall) };
}

function reasonsIn(messages: readonly DecidedMessage[]): string[] {
  const reasons = messages.flatMap((each) =>
    each.type === 'liquidation.withheld' ? each.reasons.map(({ detail }) => detail) : [],
  );
  return reasons.length > 0 ? reasons : ['nothing that it holds can be closed'];
}

const leftOf = ({ positions, balances, isolatedMargin }: SubAccount): Left => ({
  positions: positions
    .map(({ instrument, quantity }) => ({ instrument, quantity: textOf(quantity) }))
    .filter(({ quantity }) => quantity !== '0'),
  balances: [
    ...balances.map(({ asset, amount }) => ({ asset, amount: textOf(amount) })),
    ...(isolatedMargin === undefined
      ? []
      : [{ asset: 'isolated margin', amount: textOf(isolatedMargin) }]),
  ].filter(({ amount }) => amount !== '0'),
});
