import type { Stopwatch } from '../aws/stopwatch.ts';
import { type CaseState, isOpen, NO_CASE } from '../margin/case/case.ts';
import { liquidationDue } from '../margin/case/liquidation-due.ts';
import { waitsForRows } from '../margin/case/rows-changing.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Deleveraging } from '../margin/waterfall/deleveraging.ts';
import { keyWithin, PARTITION_KEY_BYTES_MAX } from '../messages/hashed-id.ts';
import type { Message } from '../messages/messages.ts';
import type { CaseSubject, CaseUpdate } from '../outbox/case-subject.ts';
import { CASE, type Key, pendingMessage, type StoredCase } from '../outbox/stored-case.ts';
import { readCaseState, writeCaseState } from '../record/case-state.ts';
import { recordDecision } from '../record/decision-record.ts';
import { type MarketRows, rowsBehind } from '../record/evidence.ts';
import { writeExactJson } from '../rows/numeral.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { type AssessedSubAccount, assessAccount } from './assess-account.ts';
import { decideSubAccount, dueAt, type SubAccountDecision } from './decision.ts';
import type { MarketCapacity } from './market-capacity.ts';

const ACCOUNT = 'account#';

/** A position's name always fits, because its row in the accounts table has a longer key. */
export const caseKey = (accountId: string, position?: string): Key => ({
  pk: keyWithin(`${ACCOUNT}${accountId}`, PARTITION_KEY_BYTES_MAX),
  sk: position === undefined ? CASE : `${CASE}#${position}`,
});

/** If no key can take the account's id, the partition has its beginning and a hash. */
export function accountOfKey({
  pk,
  sk,
}: Key): { accountId: string; position?: string } | undefined {
  if (!pk.startsWith(ACCOUNT)) return undefined;
  const accountId = pk.slice(ACCOUNT.length);
  return sk === CASE ? { accountId } : { accountId, position: sk.slice(CASE.length + 1) };
}

/** Decided after the scan and before any plan; again for accounts that are due later. */
export interface DeleveragingStep {
  /** @param isPlanDue whether it waits for its plan */
  note(subject: AccountSubject, isPlanDue: boolean): void;
  decide(): Promise<void>;
  /** @param name of a sub-account. Empty before `decide`. */
  of(name: string): readonly Deleveraging[];
}

export interface CheckContext {
  readonly checkId: string;
  readonly snapshot: Snapshot;
  readonly marketRows: MarketRows;
  readonly capacity: MarketCapacity;
  readonly deleveraging: DeleveragingStep;
  readonly stopwatch: Stopwatch;
}

export interface AccountSubject extends CaseSubject {
  readonly account: AccountRows;
  readonly assessed: AssessedSubAccount;
  /** @param latest the account's rows, if a second read has found others */
  decide(stored: StoredCase | undefined, latest?: AccountRows): CaseUpdate | undefined;
}

export const accountSubject = (
  account: AccountRows,
  assessed: AssessedSubAccount,
  context: CheckContext,
): AccountSubject => ({
  key: caseKey(assessed.accountId, assessed.position),
  accountId: assessed.accountId,
  account,
  assessed,
  decide: (stored, latest) =>
    latest === undefined
      ? decideAccount({ account, assessed, context, stored })
      : decideChanging({ account, assessed, context, stored, latest }),
});

export const caseStateOf = (stored: StoredCase | undefined): CaseState =>
  stored === undefined ? NO_CASE : readCaseState(stored.state);

/** Undefined if unreadable. Deciding about the account then fails. */
export function readableCaseState(stored: StoredCase | undefined): CaseState | undefined {
  try {
    return caseStateOf(stored);
  } catch {
    return undefined;
  }
}

/** Whether `decide` would change nothing: no message, record or plan, and the same state. */
export function leavesAsItIs(
  assessed: AssessedSubAccount,
  stored: StoredCase,
  { checkId, snapshot }: Pick<CheckContext, 'checkId' | 'snapshot'>,
): boolean {
  const { outcome } = assessed;
  const before = readableCaseState(stored);
  if (before === undefined || stored.pending.length > 0 || stored.checkId > checkId) return false;
  // The fund and auto-deleveraging look at what it owes now.
  if (outcome.certainty !== 'indeterminate' && outcome.level === 'deficit') return false;
  if (liquidationDue(outcome, before, dueAt(assessed, { snapshot }))) return false;
  try {
    return saysNothing(before, decideSubAccount(assessed, before, { checkId, snapshot }));
  } catch {
    // Deciding about it fails this account alone.
    return false;
  }
}

function saysNothing(before: CaseState, { next, messages }: SubAccountDecision): boolean {
  return messages.length === 0 && !claimsMore(before, next) && isSameState(before, next);
}

const isSameState = (before: CaseState, next: CaseState): boolean =>
  JSON.stringify(writeCaseState(before)) === JSON.stringify(writeCaseState(next));

interface Deciding {
  readonly account: AccountRows;
  readonly assessed: AssessedSubAccount;
  readonly context: CheckContext;
  readonly stored: StoredCase | undefined;
  readonly rowsDiffer?: boolean;
}

/**
 * Waits, or, if it may not wait any longer, decides on the latest rows; they are not those that the
 * deleveraging was decided on.
 */
function decideChanging(
  input: Deciding & { readonly latest: AccountRows },
): CaseUpdate | undefined {
  const { assessed, context, stored, latest } = input;
  const at = { ...context.snapshot, rowsChanging: 'different' } as const;
  if (waitsForRows(caseStateOf(stored), at)) return decideAccount({ ...input, rowsDiffer: true });
  const { position } = assessed;
  const open = position === undefined ? [] : [position];
  const found = assessAccount(latest, context.snapshot, open);
  const now = found.find((each) => each.position === position);
  // An account that has become unreadable is reported at the next check, as a whole.
  if (now === undefined) return undefined;
  const undeleveraged = { ...context, deleveraging: { ...context.deleveraging, of: () => [] } };
  return decideAccount({
    account: latest,
    assessed: now,
    context: undeleveraged,
    stored,
    rowsDiffer: true,
  });
}

/** Replaces the capacity that an earlier attempt reserved. */
function decideAccount(input: Deciding): CaseUpdate | undefined {
  const { account, assessed, context, stored, rowsDiffer } = input;
  const { checkId, snapshot, marketRows } = context;
  const before = caseStateOf(stored);
  const isUnreadable = assessed.subAccount === undefined;
  const behind = isUnreadable ? account : rowsBehind(account, assessed.position);
  context.capacity.release(assessed.name);
  const limits = {
    capacity: context.capacity.leftIn(marketRows.marketsOf(behind)),
    deleveragings: context.deleveraging.of(assessed.name),
  };
  const decision = decideSubAccount(assessed, before, {
    checkId,
    snapshot,
    ...limits,
    rowsDiffer,
  });
  const { next, messages, plan } = decision;
  if (plan !== undefined) context.capacity.reserve(assessed.name, plan);
  const update = {
    state: writeCaseState(next),
    isActive: isOpen(next),
    keepsPlans: !next.isIndeterminate && next.open?.level === 'liquidation',
  };
  if (saysNothing(before, decision)) return undefined;
  if (messages.length === 0 && !claimsMore(before, next)) return { ...update, messages: [] };
  const known = marketRows.evidenceFor({ ...behind, isUnreadable }, plan && limits);
  const evidence = rowsDiffer ? { ...known, rowsDiffer } : known;
  return {
    ...update,
    messages: messages.map((message) =>
      pendingMessage(
        message,
        isForExecution(message, before, context) ? ['alerts', 'orders'] : ['alerts'],
      ),
    ),
    record: writeExactJson(recordDecision({ assessed, before, decision, checkId, evidence })),
  };
}

/** The fund sends the message once it pays. Here the claim only needs a record. */
const claimsMore = (before: CaseState, next: CaseState): boolean =>
  (next.open?.fundClaims?.claims ?? 0) > (before.open?.fundClaims?.claims ?? 0);

/** Plans, and the completion that stops them; nothing in mode observe. */
function isForExecution(message: Message, before: CaseState, { snapshot }: CheckContext): boolean {
  if (snapshot.policy.mode === 'observe') return false;
  if ('planId' in message) return true;
  return message.type === 'liquidation.completed' && before.open?.plan !== undefined;
}
