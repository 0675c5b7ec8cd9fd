/** The rows that a booking of the insurance fund leaves: its entries, and how claims were settled. */

import { textOf } from '../margin/number/decimal.ts';
import type { Entry, MeterEntry } from '../margin/waterfall/ledger.ts';
import { isoTime } from '../messages/compose.ts';
import type { Composing, SettledClaim } from '../messages/compose-fund.ts';
import type { PendingRow } from '../outbox/stored-case.ts';
import { type ClaimRow, claimKey, type EntryRow, entryKey } from '../record/fund-state.ts';

type Stamp = Pick<Composing, 'checkId' | 'asOf'>;

const stampOf = ({ checkId, asOf }: Stamp) => ({ checkId, at: isoTime(asOf) });

export function meterRow({ source, ...entry }: MeterEntry, stamp: Stamp): PendingRow {
  const row: EntryRow = { kind: 'paid-in', ...entryOf(entry), ...stampOf(stamp), source };
  return { sk: entryKey(entry.sequence), attributes: row };
}

export interface BookedClaim {
  readonly claim: SettledClaim;
  /** Absent when nothing was drawn. */
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
  const settled = { sk: claimKey(claimId), attributes: row };
  if (entry === undefined) return [settled];
  const drawn: EntryRow = { kind: 'drawn', ...entryOf(entry), ...stampOf(stamp), ...claimant };
  return [{ sk: entryKey(entry.sequence), attributes: drawn }, settled];
}

const entryOf = ({ sequence, amount, balance }: Entry) => ({
  sequence,
  amount: textOf(amount),
  balance: textOf(balance),
});
