/** Claims as they stand in open cases: found, and taken off once the fund has settled them. */
import pMap from 'p-map';
import { caseKey } from '../accounts/account-case.ts';
import type { Subject } from '../accounts/assess-account.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import type { OpenCase } from '../margin/case/case.ts';
import { oldestFirst } from '../margin/waterfall/draw.ts';
import type { Claim } from '../margin/waterfall/fund-claims.ts';
import type { Bankrupt } from '../messages/compose-fund.ts';
import { CALLS_AT_ONCE } from '../outbox/concurrency.ts';
import type { Key, StoredCase } from '../outbox/stored-case.ts';
import { readCaseState, writeCaseState } from '../record/case-state.ts';
import { claimKey } from '../record/fund-state.ts';
import { FUND } from './fund-item.ts';

export interface OpenClaim extends Claim, Bankrupt {
  readonly key: Key;
}

export interface FindClaims {
  readonly subjects: readonly Pick<Subject, 'accountId' | 'position'>[];
  readonly checkId: string;
}

/** The oldest first. Those of a case that a later check has decided are left to it. */
export async function openClaims(
  margin: MarginTable,
  { subjects, checkId }: FindClaims,
): Promise<OpenClaim[]> {
  const found = await pMap(
    subjects,
    async ({ accountId, position }) => {
      const key = caseKey(accountId, position);
      const stored = await margin.read(key);
      if (stored === undefined || stored.checkId > checkId) return [];
      const open = readableCase(stored);
      if (open?.fundClaims === undefined) return [];
      const { caseId } = open;
      return open.fundClaims.unpaid.map((claim) => ({
        ...claim,
        key,
        accountId,
        position,
        caseId,
      }));
    },
    { concurrency: CALLS_AT_ONCE },
  );
  return found.flat().sort(oldestFirst);
}

/** One that cannot be read has failed its account already, and is not to keep the others waiting. */
function readableCase({ state }: StoredCase): OpenCase | undefined {
  try {
    return readCaseState(state).open;
  } catch {
    return undefined;
  }
}

/** Of these claims, the ones that the fund has settled: rows, or what is still to become rows. */
export async function settledIn(
  margin: MarginTable,
  claims: readonly OpenClaim[],
  fund: StoredCase | undefined,
): Promise<ReadonlySet<string>> {
  const rows = fund?.pending.flatMap((pending) => pending.rows ?? []) ?? [];
  const pending = new Set(rows.map(({ sk }) => sk));
  const settled = await pMap(
    claims,
    async ({ claimId }) => {
      const sk = claimKey(claimId);
      const isSettled = pending.has(sk) || (await margin.readRow({ pk: FUND, sk })) !== undefined;
      return isSettled ? [claimId] : [];
    },
    { concurrency: CALLS_AT_ONCE },
  );
  return new Set(settled.flat());
}

/** A case that another run writes meanwhile keeps them: the next check finds them settled. */
export async function takeOff(margin: MarginTable, claims: readonly OpenClaim[]): Promise<void> {
  const byCase = Map.groupBy(claims, ({ key }) => `${key.pk}/${key.sk}`);
  await pMap(
    byCase.values(),
    async (settled) => {
      const [first] = settled;
      const stored = first && (await margin.read(first.key));
      const after = stored && withoutClaims(stored, settled);
      if (after !== undefined) await margin.settle(after);
    },
    { concurrency: CALLS_AT_ONCE },
  );
}

function withoutClaims(stored: StoredCase, settled: readonly Claim[]): StoredCase | undefined {
  const state = readCaseState(stored.state);
  const { open } = state;
  const claims = open?.fundClaims?.unpaid ?? [];
  const ids = new Set(settled.map(({ claimId }) => claimId));
  const unpaid = claims.filter(({ claimId }) => !ids.has(claimId));
  if (open?.fundClaims === undefined || unpaid.length === claims.length) return undefined;
  const fundClaims = { ...open.fundClaims, unpaid };
  return { ...stored, state: writeCaseState({ ...state, open: { ...open, fundClaims } }) };
}
