import type { LoanSwap } from '../margin/market/loan-swap.ts';
import { isBelow, isZero, ONE, subtract, times } from '../margin/number/decimal.ts';
import {
  amountField,
  choiceField,
  described,
  fractionField,
  onFirstUse,
  ratioField,
} from './fields.ts';
import { openingField } from './opening.ts';
import * as z from './zod.ts';

const amounts = choiceField(
  ['needed', 'most'],
  'needed: a plan swaps the least that restores the account, at most what closeFactor allows. ' +
    'most: all that closeFactor allows.',
);

/** The rules by which collateral is exchanged for loans. */
export const loanSwap = onFirstUse(() =>
  described(
    z
      .strictObject({
        bonus: openingField(
          'b: who repays a loan of value x receives collateral of value x·(1 + b), from 0 to 1; it ' +
            'may open with the time since the first order plan. swapBonus of an asset replaces it.',
        ),
        amount: amounts,
        closeFactor: z.prefault(
          fractionField(
            'Most of all loans of the account that one plan repays, by value; above 0 and at most 1.',
          ),
          '1',
        ),
        wholeBelowHealth: z.optional(
          ratioField(
            'At or below this health closeFactor does not apply. Health = (B + loans) ÷ (loans + ' +
              'ℓ·MM), with loans by value × liability weight; of a lending account collateral × ' +
              'weight ÷ loans. Without it closeFactor always applies.',
          ),
        ),
        wholeBelow: z.prefault(
          amountField(
            'closeFactor does not apply to a loan, or against a collateral, of less than this value.',
          ),
          '0',
        ),
        leastLeft: z.prefault(
          amountField(
            'A swap leaves neither less than this value of its loan nor of its collateral, unless it ' +
              'ends one of them. At most wholeBelow·(1 − closeFactor).',
          ),
          '0',
        ),
      })
      .check(
        z.refine(({ closeFactor }) => !isZero(closeFactor), {
          path: ['closeFactor'],
          message: 'must be above 0',
        }),
        z.refine(
          ({ leastLeft, wholeBelow, closeFactor }) =>
            !isBelow(times(wholeBelow, subtract(ONE, closeFactor)), leastLeft) ||
            !isBelow(closeFactor, ONE),
          {
            path: ['leastLeft'],
            message: 'must be at most wholeBelow·(1 − closeFactor), or no swap may be allowed',
          },
        ),
      ) satisfies z.ZodMiniType<LoanSwap>,
    'Loans are repaid by swaps of collateral at a premium, in place of orders in the market, even ' +
      'where selling the collateral would cost less. A debt in the numeraire counts as a loan, a ' +
      'balance in it as collateral. Orders then close positions only, and come first where no swap heals. Not for isolated positions, ' +
      'nor for collateral at a location. Without it loans are bought back in the market.',
  ),
);
