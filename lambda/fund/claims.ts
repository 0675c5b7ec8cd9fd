import { caseKey } from '../accounts/account-case.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import type { OpenCase } from '../margin/case/case.ts';
import { groupBy } from '../margin/number/group-by.ts';
import { oldestFirst } from '../margin/waterfall/draw.ts';
import type { Claim } from '../margin/waterfall/fund-claims.ts';
import type { Bankrupt } from '../messages/compose-fund.ts';
import { inParallel } from '../outbox/parallel.ts';
import { type Key, keyText, type StoredCase } from '../outbox/stored-case.ts';
import { readCaseState, writeCaseState } from '../record/case-state.ts';
import { claimKey } from '../record/fund-state.ts';
import { FUND } from './fund-item.ts';

export interface OpenClaim extends Claim, Bankrupt {
  readonly key: Key;
}

export interface FindClaims {
  readonly bankrupt: readonly Pick<Bankrupt, 'accountId' | 'position'>[];
  readonly checkId: string;
}

/** Oldest first. A case that a later check has decided belongs to that check. */
export async function openClaims(
  margin: MarginTable,
  { bankrupt, checkId }: FindClaims,
): Promise<OpenClaim[]> {
  const found = await inParallel(bankrupt, async ({ accountId, position }) => {
    const key = caseKey(accountId, position);
    const stored = await margin.read(key);
    if (stored === undefined || stored.checkId > checkId) return [];
    const open = readableCase(stored);
    if (open?.fundClaims === undefined) return [];
    const { caseId, fundClaims } = open;
    return fundClaims.unpaid.map((claim) => ({ ...claim, key, accountId, position, caseId }));
  });
  return found.flat().sort(oldestFirst);
}

/** Unreadable cases have already failed their accounts, and must not hold up the others. */
function readableCase({ state }: StoredCase): OpenCase | undefined {
  try {
    return readCaseState(state).open;
  } catch {
    return undefined;
  }
}

/** Ids of claims whose row is written or pending. */
export async function paidClaims(
  margin: MarginTable,
  claims: readonly OpenClaim[],
  fund: StoredCase | undefined,
): Promise<ReadonlySet<string>> {
  const rows = fund?.pending.flatMap((decision) => decision.rows ?? []) ?? [];
  const pending = new Set(rows.map(({ sk }) => sk));
  const paid = await inParallel(claims, async ({ claimId }) => {
    const sk = claimKey(claimId);
    const isPaid = pending.has(sk) || (await margin.readRow({ pk: FUND, sk })) !== undefined;
    return isPaid ? [claimId] : [];
  });
  return new Set(paid.flat());
}

export async function takeOff(margin: MarginTable, claims: readonly OpenClaim[]): Promise<void> {
  const byCase = groupBy(claims, ({ key }) => keyText(key));
  await inParallel(byCase.values(), async (paid) => {
    const [first] = paid;
    if (first === undefined) return;
    const decide = (stored: StoredCase | undefined) => stored && withoutClaims(stored, paid);
    await margin.update(first.key, decide, { over: 'any check' });
  });
}

function withoutClaims(stored: StoredCase, paid: readonly Claim[]): StoredCase | undefined {
  const state = readCaseState(stored.state);
  const { open } = state;
  const claims = open?.fundClaims?.unpaid ?? [];
  const ids = new Set(paid.map(({ claimId }) => claimId));
  const unpaid = claims.filter(({ claimId }) => !ids.has(claimId));
  if (open?.fundClaims === undefined || unpaid.length === claims.length) return undefined;
  const fundClaims = { ...open.fundClaims, unpaid };
  return { ...stored, state: writeCaseState({ ...state, open: { ...open, fundClaims } }) };
}
