import type { ProfitRule } from '../margin/market/profit-rule.ts';
import { isAbove } from '../margin/number/decimal.ts';
import {
  amountField,
  countField,
  described,
  fractionField,
  onFirstUse,
  positiveAmountField,
  ratioField,
} from './fields.ts';
import * as z from './zod.ts';

export const profitRule = onFirstUse(() =>
  described(
    z.pipe(
      z
        .strictObject({
          weight: z.prefault(fractionField('Share of the profit in the margin balance.'), '1'),
          initialWeight: z.optional(
            fractionField(
              'w: share of the profit for the comparison with the initial requirement; at most ' +
                'weight, which is the default.',
            ),
          ),
          initialScaling: z.prefault(
            ratioField(
              'k: lowers the initial weight of a large profit to 1.1/(1 + k·√P), with P in the ' +
                'numeraire; 0 for none.',
            ),
            '0',
          ),
          initialCap: z.optional(
            amountField('Most that the profit of one instrument counts initially.'),
          ),
          imbalanceStart: z.optional(
            positiveAmountField(
              's: net profit of all accounts in the instrument, its netProfit, from which w falls: ' +
                'w·min(1, s ÷ netProfit), before initialScaling. Without it the profits of others have ' +
                'no effect.',
            ),
          ),
          weightPlaces: z.optional(
            countField(
              'Decimal places to which w·min(1, s ÷ netProfit) and min(w, 1.1/(1 + k·√P)) are cut down: ' +
                '4 for basis points. Without imbalanceStart and initialScaling it has no effect.',
              { min: 0, max: 18 },
            ),
          ),
        })
        .check(
          z.refine(({ weight, initialWeight = weight }) => !isAbove(initialWeight, weight), {
            path: ['initialWeight'],
            message: 'must not exceed weight',
          }),
        ),
      z.transform(
        (row): ProfitRule => ({ ...row, initialWeight: row.initialWeight ?? row.weight }),
      ),
    ),
    'How much of an unrealised profit P of perpetuals and futures counts, by instrument over all ' +
      'its rows, funding included; a loss counts in full. Margin balance: weight·P. Initially: ' +
      'min(P·min(w, 1.1/(1 + k·√P)), initialCap), with w lowered by imbalanceStart. The difference is part of the initial ' +
      'requirement. Equity has all of it. For instruments that settle in the numeraire, by the ' +
      'standard model: on a portfolio, and without it, all profit counts.',
  ),
);
