/** Open cases, including unreadable ones. */
import { accountOfKey } from '../../lambda/accounts/account-case.ts';
import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import { isFailureKey } from '../../lambda/check/failure-case.ts';
import { feedOfKey } from '../../lambda/check/feed-case.ts';
import { marketOfKey } from '../../lambda/check/market-case.ts';
import { FUND } from '../../lambda/fund/fund-item.ts';
import type { CaseState, OpenCase } from '../../lambda/margin/case/case.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import { isoTime } from '../../lambda/messages/header.ts';
import { inParallel } from '../../lambda/outbox/parallel.ts';
import type { Key, StoredCase } from '../../lambda/outbox/stored-case.ts';
import { isListed } from '../../lambda/outbox/stored-case.ts';
import { readCaseState } from '../../lambda/record/case-state.ts';
import { reasonOf } from '../cli/input.ts';

const KINDS = [
  'unreadable',
  'check failed',
  'deficit',
  'liquidation',
  'call',
  'indeterminate',
  'rows changing',
  'price rejected',
  'cascade',
  'unpublished',
] as const;

export interface CaseRow {
  readonly kind: (typeof KINDS)[number];
  readonly accountId?: string;
  readonly position?: string;
  readonly feed?: string;
  readonly market?: string;
  /** The fund's own item, while it has something to publish. */
  readonly isFund?: true;
  /** When opened; otherwise when last written. */
  readonly since?: string;
  readonly amountDue?: string;
  readonly deadline?: string;
  readonly isExpired?: boolean;
  readonly planGeneration?: number;
  /** Its orders have not fully fitted into the markets since then. */
  readonly waitingSince?: string;
  readonly isWithheld?: boolean;
  /** The row then shows the last known level. */
  readonly isIndeterminate?: boolean;
  /** From the fund, for what is still owed. */
  readonly claimed?: string;
  /** Unpublished messages. */
  readonly pending?: number;
  /** Since the check that decided the oldest of them. */
  readonly pendingSince?: string;
  /** Why it is undecided, or why its liquidation is withheld. */
  readonly why?: readonly string[];
  readonly fault?: string;
}

export interface OpenCaseRow extends CaseRow {
  /** Of an account's readable case. */
  readonly state?: CaseState | undefined;
}

/** Worst kind first, then oldest. */
export async function readOpenCases(margin: MarginTable): Promise<OpenCaseRow[]> {
  const keys = await margin.openKeys();
  const rows = await inParallel(keys, (key) => caseRowAt(margin, key));
  return rows.flat().toSorted(byUrgency);
}

/** The index lags, so cases closed meanwhile are dropped. */
async function caseRowAt(margin: MarginTable, key: Key): Promise<OpenCaseRow[]> {
  const subject = subjectFields(key);
  try {
    const stored = await margin.read(key);
    if (stored === undefined || !isListed(stored)) return [];
    return [{ ...subject, ...caseFields(stored) }];
  } catch (error) {
    return [{ kind: 'unreadable', ...subject, fault: oneLine(reasonOf(error)) }];
  }
}

/** Empty for the checks' own item. */
function subjectFields(
  key: Key,
): Pick<CaseRow, 'accountId' | 'position' | 'feed' | 'market' | 'isFund'> {
  if (key.pk === FUND) return { isFund: true };
  const [feed, market] = [feedOfKey(key), marketOfKey(key)];
  if (feed !== undefined) return { feed };
  return market === undefined ? (accountOfKey(key) ?? {}) : { market };
}

function caseFields(stored: StoredCase): OpenCaseRow {
  const pending = stored.pending.reduce((sum, { messages }) => sum + messages.length, 0);
  const oldest = stored.pending[0]?.checkId;
  const waiting = { pending, ...(oldest === undefined ? {} : { pendingSince: oldest }) };
  const unopened = { since: stored.checkId, ...waiting };
  if (accountOfKey(stored.key) === undefined) {
    return { kind: stored.isActive ? alertKind(stored.key) : 'unpublished', ...unopened };
  }
  const state = readCaseState(stored.state);
  const { isIndeterminate, changingSince, open } = state;
  if (open !== undefined) return { ...openFields(open, isIndeterminate), ...waiting, state };
  if (isIndeterminate) return { kind: 'indeterminate', ...unopened, state };
  const kind = changingSince === undefined ? 'unpublished' : 'rows changing';
  return { kind, ...unopened, state };
}

function alertKind(key: Key): CaseRow['kind'] {
  if (isFailureKey(key)) return 'check failed';
  return marketOfKey(key) === undefined ? 'price rejected' : 'cascade';
}

function openFields(open: OpenCase, isIndeterminate: boolean): CaseRow {
  const { call, plan, waitingSince, deficit, level, openedAt, isWithheld, fundClaims } = open;
  return {
    kind: deficit === undefined ? level : 'deficit',
    since: isoTime(openedAt),
    ...(call === undefined
      ? {}
      : {
          amountDue: textOf(call.amountDue),
          deadline: isoTime(call.deadline),
          isExpired: call.isExpired,
        }),
    ...(plan === undefined ? {} : { planGeneration: plan.generation }),
    ...(waitingSince === undefined ? {} : { waitingSince: isoTime(waitingSince) }),
    isWithheld,
    isIndeterminate,
    ...(fundClaims === undefined ? {} : { claimed: textOf(fundClaims.covered) }),
  };
}

/** Worst kind first, then oldest. */
const byUrgency = (left: CaseRow, right: CaseRow): number =>
  KINDS.indexOf(left.kind) - KINDS.indexOf(right.kind) ||
  (left.since ?? '').localeCompare(right.since ?? '');

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
