/** The insurance fund as stored: its ledger, and the rows of its entries and claims. */
import * as z from 'zod';
import { type Amount, recordedAmount, textOf } from '../margin/number/decimal.ts';
import { type Ledger, NO_LEDGER } from '../margin/waterfall/ledger.ts';
import { readStored } from '../rows/fault.ts';

const sum = z.string().transform((text): Amount => recordedAmount(text));
const count = z.number().int().min(0);

const fundState = z.strictObject({
  balance: sum,
  sequence: count,
  losses: count,
  readings: z.record(z.string(), sum),
});

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

const entryHeader = {
  sequence: count,
  checkId: z.string(),
  at: z.iso.datetime(),
  amount: sum,
  balance: sum,
};

const claimant = {
  accountId: z.string(),
  position: z.string().optional(),
  caseId: z.string(),
  claimId: z.string(),
};

export const entryRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paid-in'), ...entryHeader, source: z.string() }),
  z.object({ kind: z.literal('drawn'), ...entryHeader, ...claimant }),
]);

/** How a claim was paid: from the fund, by other accounts, or not at all. */
export const claimRow = z.object({
  ...claimant,
  checkId: z.string(),
  at: z.iso.datetime(),
  amount: sum,
  drawn: sum,
  socialized: sum,
  uncovered: sum,
  lossId: z.string().optional(),
});

export type EntryRow = z.input<typeof entryRow>;
export type ClaimRow = z.input<typeof claimRow>;

export const ENTRY = 'entry#';
export const CLAIM = 'claim#';
const SEQUENCE_DIGITS = 12;

/** Padded, so that keys sort in the order of the entries. */
export const entryKey = (sequence: number): string =>
  `${ENTRY}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;

export const claimKey = (claimId: string): string => `${CLAIM}${claimId}`;
