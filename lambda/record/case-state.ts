/** A case as stored and as written in a decision record. */
import type { CaseState, OpenCase } from '../margin/case/case.ts';
import { textOf } from '../margin/number/decimal.ts';
import type { FundClaims } from '../margin/waterfall/fund-claims.ts';
import { readStored } from '../rows/fault.ts';
import { onFirstUse } from '../rows/fields.ts';
import * as z from '../rows/zod.ts';
import { recordedSum } from './recorded.ts';

const time = z.int();

/** Stored as `cover` and `unsettled`. */
const fundClaims = onFirstUse(() =>
  z.pipe(
    z.strictObject({
      claims: z.int(),
      covered: recordedSum,
      unsettled: z.array(
        z.strictObject({ claimId: z.string(), amount: recordedSum, claimedAt: time }),
      ),
    }),
    z.transform(({ unsettled, ...rest }): FundClaims => ({ ...rest, unpaid: unsettled })),
  ),
);

const openCase = onFirstUse(() =>
  z.pipe(
    z.strictObject({
      caseId: z.string(),
      level: z.enum(['call', 'liquidation']),
      openedAt: time,
      call: z.optional(
        z.strictObject({
          amountDue: recordedSum,
          sentAt: time,
          deadline: time,
          isExpired: z.boolean(),
          outageSince: z.optional(time),
          movedAt: z.optional(time),
        }),
      ),
      plan: z.optional(
        z.strictObject({
          planId: z.string(),
          generation: z.int(),
          sentAt: time,
          expiresAt: time,
          since: z.optional(time),
        }),
      ),
      waitingSince: z.optional(time),
      isWithheld: z.boolean(),
      deficit: z.optional(recordedSum),
      cover: z.optional(fundClaims),
    }),
    z.transform(
      ({ cover, ...open }): OpenCase =>
        cover === undefined ? open : { ...open, fundClaims: cover },
    ),
  ),
);

const caseState = onFirstUse(() =>
  z.strictObject({
    isIndeterminate: z.boolean(),
    changingSince: z.optional(time),
    open: z.optional(openCase),
  }),
);

export type StoredCaseState = z.input<typeof caseState>;

/** @throws Error unless the stored state is one that this version could have written. */
export const readCaseState = (stored: unknown): CaseState =>
  readStored(caseState, stored, 'the stored case');

export function writeCaseState({
  isIndeterminate,
  changingSince,
  open,
}: CaseState): StoredCaseState {
  const ofRows = changingSince === undefined ? {} : { changingSince };
  if (open === undefined) return { isIndeterminate, ...ofRows };
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
    ...ofRows,
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
