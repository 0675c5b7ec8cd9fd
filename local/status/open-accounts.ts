/** Accounts with an open case, as a check would judge them now. */
import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../lambda/accounts/decision.ts';
import type { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import type { Assessment } from '../../lambda/margin/assess/assess.ts';
import type { CaseState } from '../../lambda/margin/case/case.ts';
import { type Amount, isNegative, NO_AMOUNT, negate } from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { computed } from '../../lambda/margin/statistics/computed.ts';
import { inParallel } from '../../lambda/outbox/parallel.ts';

export interface OpenAccount {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly state: CaseState;
}

export interface OpenNow extends OpenAccount {
  /** Why it is undecided, or why its liquidation is withheld. */
  readonly reasons: readonly OpenReason[];
  readonly isUndecided: boolean;
  readonly isWithheld: boolean;
  /** In mode observe. */
  readonly isObserved: boolean;
  /** What it lacks to its liquidation line; 0 if above. */
  readonly shortfall: Amount;
  /** At the believed prices; absent if it cannot be assessed. */
  readonly equity?: Amount | undefined;
  /** Feeds that its level depends on. */
  readonly feeds: readonly string[];
}

export interface OpenReason {
  readonly code: string;
  /** A feed, a row, a market, or the account itself. */
  readonly subject: string;
  readonly detail: string;
}

/** An account whose rows are gone has no row of its own here. */
export async function openNow(
  open: readonly OpenAccount[],
  { accounts, snapshot }: { readonly accounts: AccountsTable; readonly snapshot: Snapshot },
): Promise<OpenNow[]> {
  const ids = [...new Set(open.map(({ accountId }) => accountId))];
  const assessed = await inParallel(ids, async (accountId) => {
    const positions = open.flatMap((each) =>
      each.accountId === accountId && each.position !== undefined ? each.position : [],
    );
    return assessAccount(await accounts.read(accountId), snapshot, positions);
  });
  const byKey = new Map(assessed.flat().map((each) => [keyOf(each), each]));
  return open.flatMap((each) => {
    const found = byKey.get(keyOf(each));
    return found === undefined ? [] : [nowOf(each, found, snapshot)];
  });
}

const keyOf = ({ accountId, position }: Pick<OpenAccount, 'accountId' | 'position'>): string =>
  JSON.stringify([accountId, position]);

function nowOf(open: OpenAccount, assessed: AssessedSubAccount, snapshot: Snapshot): OpenNow {
  const { outcome, book } = assessed;
  const isUndecided = outcome.certainty === 'indeterminate';
  const figures = isUndecided ? outcome.figures : outcome;
  const isDue = !isUndecided && isBelow(outcome);
  const reasons = isUndecided ? outcome.reasons : withheldNow(open, assessed, snapshot);
  const isFull = isDue && reasons.length === 0 && isLeftFull(open.state);
  return {
    ...open,
    reasons: isFull ? [marketFull(assessed.name)] : reasons,
    isUndecided,
    isWithheld: !isUndecided && (isFull || reasons.length > 0),
    isObserved: snapshot.policy.mode === 'observe' && isDue,
    shortfall: isUndecided ? NO_AMOUNT : shortfallOf(figures),
    equity: figures?.equity.point,
    feeds: (book?.prices ?? []).map(({ feed }) => feed),
  };
}

/** What markets bore at the last check is not known here, but that it was nothing for this account. */
const isLeftFull = ({ open }: CaseState): boolean =>
  open?.isWithheld === true && open.waitingSince !== undefined;

const marketFull = (subject: string): OpenReason => ({
  code: 'market-full',
  subject,
  detail: 'its markets bear no more orders at one check; each check tries again',
});

/** What a check would say if it had said nothing of a withheld liquidation yet. */
function withheldNow(
  { state }: OpenAccount,
  assessed: AssessedSubAccount,
  snapshot: Snapshot,
): readonly OpenReason[] {
  const untold = state.open && { ...state.open, isWithheld: false, plan: undefined };
  const before: CaseState = {
    isIndeterminate: state.isIndeterminate,
    open: untold,
    ...(isChangeOver(state, snapshot) ? { changingSince: state.changingSince } : {}),
  };
  const checkId = new Date(snapshot.asOf).toISOString();
  // A check counts an account that cannot be decided as failed, and goes on.
  const messages = computed(
    () => decideSubAccount(assessed, before, { checkId, snapshot }).messages,
    () => [],
  );
  return reasonsIn(messages.find(({ type }) => type === 'liquidation.withheld'));
}

/** A mark that has shielded for long enough shields no more. */
const isChangeOver = ({ changingSince }: CaseState, { asOf, policy }: Snapshot): boolean =>
  changingSince !== undefined && asOf - changingSince >= policy.changingTimeoutSeconds * 1000;

const reasonsIn = (message: object | undefined): readonly OpenReason[] =>
  message !== undefined && 'reasons' in message ? (message.reasons as readonly OpenReason[]) : [];

const isBelow = ({ level }: Assessment): boolean => level === 'liquidation' || level === 'deficit';

function shortfallOf(figures: Pick<Assessment, 'surplus'> | undefined): Amount {
  const point = figures?.surplus.liquidation.point ?? NO_AMOUNT;
  return isNegative(point) ? negate(point) : NO_AMOUNT;
}
