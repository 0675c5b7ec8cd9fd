/** The insurance fund as stored: its ledger, and the keys of its entries and claims. */
import { textOf } from '../margin/number/decimal.ts';
import { type Ledger, NO_LEDGER } from '../margin/waterfall/ledger.ts';
import { keyWithin, SORT_KEY_BYTES_MAX } from '../messages/hashed-id.ts';
import { readStored } from '../rows/fault.ts';
import { onFirstUse } from '../rows/fields.ts';
import * as z from '../rows/zod.ts';
import { recordedSum } from './recorded.ts';

export const count = z.int().check(z.minimum(0));

const fundState = onFirstUse(() =>
  z.strictObject({
    balance: recordedSum,
    sequence: count,
    losses: count,
    readings: z.record(z.string(), recordedSum),
  }),
);

/** @throws Error unless the stored state is one that this version could have written. */
export function readLedger(stored: unknown): Ledger {
  if (stored === undefined) return NO_LEDGER;
  const { readings, ...ledger } = readStored(fundState, stored, 'the ledger');
  return { ...ledger, readings: new Map(Object.entries(readings)) };
}

export const writeLedger = ({ balance, readings, ...counts }: Ledger) => ({
  ...counts,
  balance: textOf(balance),
  readings: Object.fromEntries([...readings].map(([source, total]) => [source, textOf(total)])),
});

export const ENTRY = 'entry#';
export const CLAIM = 'claim#';
const SEQUENCE_DIGITS = 12;

/** Padded, so that keys sort in the order of the entries. */
export const entryKey = (sequence: number): string =>
  `${ENTRY}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;

export const claimKey = (claimId: string): string =>
  keyWithin(`${CLAIM}${claimId}`, SORT_KEY_BYTES_MAX);
