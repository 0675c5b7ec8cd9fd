/** A case as it is stored and as it stands in a decision record. */
import * as z from 'zod';
import type { CaseState } from '../margin/case/case.ts';
import { type Amount, recordedAmount, textOf } from '../margin/number/decimal.ts';
import type { Cover } from '../margin/waterfall/fund-claims.ts';

const sum = z.string().transform((text): Amount => recordedAmount(text));
const time = z.number().int();

const cover = z.strictObject({
  claims: z.number().int(),
  covered: sum,
  unsettled: z.array(z.strictObject({ claimId: z.string(), amount: sum, claimedAt: time })),
});

const openCase = z.strictObject({
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
  cover: cover.optional(),
});

const caseState = z.strictObject({ isIndeterminate: z.boolean(), open: openCase.optional() });

export type StoredCaseState = z.input<typeof caseState>;

/** @throws ZodError when the stored state is not one that this version wrote. */
export const readCaseState = (stored: unknown): CaseState => caseState.parse(stored);

export function writeCaseState({ isIndeterminate, open }: CaseState): StoredCaseState {
  if (open === undefined) return { isIndeterminate };
  const { caseId, level, openedAt, call, plan, waitingSince, isWithheld, deficit } = open;
  const claimed = open.cover;
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
      ...(claimed === undefined ? {} : { cover: writeCover(claimed) }),
    },
  };
}

const writeCover = ({ claims, covered, unsettled }: Cover) => ({
  claims,
  covered: textOf(covered),
  unsettled: unsettled.map((claim) => ({ ...claim, amount: textOf(claim.amount) })),
});
