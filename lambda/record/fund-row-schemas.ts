/**
 * The rows of the insurance fund's entries and claims. The check function only writes them: it needs
 * their types alone and does not load this file.
 */
import * as z from '../rows/zod.ts';
import { count } from './fund-state.ts';
import { recordedSum } from './recorded.ts';

const entryHeader = {
  sequence: count,
  checkId: z.string(),
  at: z.iso.datetime(),
  amount: recordedSum,
  balance: recordedSum,
};

const claimant = {
  accountId: z.string(),
  position: z.optional(z.string()),
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
  amount: recordedSum,
  drawn: recordedSum,
  socialized: recordedSum,
  uncovered: recordedSum,
  lossId: z.optional(z.string()),
});

export type EntryRow = z.input<typeof entryRow>;
export type ClaimRow = z.input<typeof claimRow>;
