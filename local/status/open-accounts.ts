/** Accounts with an open case, as a check would judge them now. */
import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../lambda/accounts/decision.ts';
import type { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import type { Assessment } from '../../lambda/margin/assess/assess.ts';
import type { CaseState } from '../../lambda/margin/case/case.ts';
import { type Amount, isNegative, NO_AMOUNT, negate } from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
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
  const byName = new Map(assessed.flat().map((each) => [each.name, each]));
  const named = [...byName.values()];
  return open.flatMap((each) => {
    const found = named.find(
      ({ accountId, position }) => accountId === each.accountId && position === each.position,
    );
    return found === undefined ? [] : [nowOf(each, found, snapshot)];
  });
}

function nowOf(open: OpenAccount, assessed: AssessedSubAccount, snapshot: Snapshot): OpenNow {
  const { outcome, book } = assessed;
  const feeds = (book?.prices ?? []).map(({ feed }) => feed);
  const isUndecided = outcome.certainty === 'indeterminate';
  const figures = isUndecided ? undefined : outcome;
  const told = messagesNow(open, assessed, snapshot);
  const withheld = told.find(({ type }) => type === 'liquidation.withheld');
  return {
    ...open,
    reasons: isUndecided ? outcome.reasons : reasonsIn(withheld),
    isUndecided,
    isWithheld: withheld !== undefined,
    isObserved: snapshot.policy.mode === 'observe' && isBelow(figures),
    shortfall: figures === undefined ? NO_AMOUNT : shortfallOf(figures),
    equity: figures?.equity.point,
    feeds,
  };
}

/** What a check would say if it had said nothing of a withheld liquidation yet. */
function messagesNow({ state }: OpenAccount, assessed: AssessedSubAccount, snapshot: Snapshot) {
  const untold = state.open && { ...state.open, isWithheld: false, plan: undefined };
  const before: CaseState = { isIndeterminate: state.isIndeterminate, open: untold };
  const checkId = new Date(snapshot.asOf).toISOString();
  return decideSubAccount(assessed, before, { checkId, snapshot }).messages;
}

const reasonsIn = (message: object | undefined): readonly OpenReason[] =>
  message !== undefined && 'reasons' in message ? (message.reasons as readonly OpenReason[]) : [];

const isBelow = (figures: Assessment | undefined): boolean =>
  figures?.level === 'liquidation' || figures?.level === 'deficit';

function shortfallOf({ surplus: { liquidation } }: Assessment): Amount {
  return isNegative(liquidation.point) ? negate(liquidation.point) : NO_AMOUNT;
}
