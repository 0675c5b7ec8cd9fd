/** A case as stored and as written in a decision record. */
import * as z from 'zod';
import type { CaseState, OpenCase } from '../margin/case/case.ts';
import { type Amount, recordedAmount, textOf } from '../margin/number/decimal.ts';
import type { FundClaims } from '../margin/waterfall/fund-claims.ts';
import { readStored } from '../rows/fault.ts';

const sum = z.string().transform((text): Amount => recordedAmount(text));
const time = z.number().int();

/** Stored as `cover` and `unsettled`. */
const fundClaims = z
  .strictObject({
    claims: z.number().int(),
    covered: sum,
    unsettled: z.array(z.strictObject({ claimId: z.string(), amount: sum, claimedAt: time })),
  })
  .transform(({ unsettled, ...rest }): FundClaims => ({ ...rest, unpaid: unsettled }));

const openCase = z
  .strictObject({
    caseId: z.string(),
    level: z.enum(['call', 'liquidation']),
    openedAt: time,
    call: z
      .strictObject({ amountDue: sum, sentAt: time, deadline: time, isExpired: z.boolean() })
      .optional(),
    plan: z
      .strictObject({
        planId: z.string(),
        generation: z.number().int(),
        sentAt: time,
        expiresAt: time,
      })
      .optional(),
    waitingSince: time.optional(),
    isWithheld: z.boolean(),
    deficit: sum.optional(),
    cover: fundClaims.optional(),
  })
  .transform(
    ({ cover, ...open }): OpenCase => (cover === undefined ? open : { ...open, fundClaims: cover }),
  );

const caseState = z.strictObject({ isIndeterminate: z.boolean(), open: openCase.optional() });

export type StoredCaseState = z.input<typeof caseState>;

/** @throws Error unless the stored state is one that this version could have written. */
export const readCaseState = (stored: unknown): CaseState =>
  readStored(caseState, stored, 'the stored case');

export function writeCaseState({ isIndeterminate, open }: CaseState): StoredCaseState {
  if (open === undefined) return { isIndeterminate };
  const {
    caseId,
    level,
    openedAt,
    call,
    plan,
    waitingSince,
    isWithheld,
    deficit,
    fundClaims: claims,
  } = open;
  return {
    isIndeterminate,
    open: {
      caseId,
      level,
      openedAt,
      ...(call === undefined ? {} : { call: { ...call, amountDue: textOf(call.amountDue) } }),
      ...(plan === undefined ? {} : { plan }),
      ...(waitingSince === undefined ? {} : { waitingSince }),
      isWithheld,
      ...(deficit === undefined ? {} : { deficit: textOf(deficit) }),
      ...(claims === undefined ? {} : { cover: writeFundClaims(claims) }),
    },
  };
}

const writeFundClaims = ({ claims, covered, unpaid }: FundClaims) => ({
  claims,
  covered: textOf(covered),
  unsettled: unpaid.map((claim) => ({ ...claim, amount: textOf(claim.amount) })),
});
