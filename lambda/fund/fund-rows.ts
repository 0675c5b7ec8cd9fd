import { textOf } from '../margin/number/decimal.ts';
import type { Entry, MeterEntry } from '../margin/waterfall/ledger.ts';
import type { Composing, PaidClaim } from '../messages/compose-fund.ts';
import { isoTime } from '../messages/header.ts';
import type { PendingRow } from '../outbox/stored-case.ts';
import type { ClaimRow, EntryRow } from '../record/fund-row-schemas.ts';
import { claimKey, entryKey } from '../record/fund-state.ts';

type Stamp = Pick<Composing, 'checkId' | 'asOf'>;

const stampOf = ({ checkId, asOf }: Stamp) => ({ checkId, at: isoTime(asOf) });

export function meterRow({ source, ...entry }: MeterEntry, stamp: Stamp): PendingRow {
  const row: EntryRow = { kind: 'paid-in', ...entryOf(entry), ...stampOf(stamp), source };
  return { sk: entryKey(entry.sequence), attributes: row };
}

export interface BookedClaim {
  readonly claim: PaidClaim;
  /** Absent if nothing was drawn. */
  readonly entry: Entry | undefined;
}

export function claimRows({ claim, entry }: BookedClaim, stamp: Stamp): PendingRow[] {
  const { accountId, position, caseId, claimId, lossId } = claim;
  const claimant = { accountId, position, caseId, claimId };
  const row: ClaimRow = {
    ...claimant,
    ...stampOf(stamp),
    amount: textOf(claim.amount),
    drawn: textOf(claim.drawn),
    socialized: textOf(claim.socialized),
    uncovered: textOf(claim.uncovered),
    lossId,
  };
  const paid = { sk: claimKey(claimId), attributes: row };
  if (entry === undefined) return [paid];
  const drawn: EntryRow = { kind: 'drawn', ...entryOf(entry), ...stampOf(stamp), ...claimant };
  return [{ sk: entryKey(entry.sequence), attributes: drawn }, paid];
}

const entryOf = ({ sequence, amount, balance }: Entry) => ({
  sequence,
  amount: textOf(amount),
  balance: textOf(balance),
});
