import * as z from 'zod';
import type { PortfolioRules } from '../margin/market/portfolio-rules.ts';
import { isBelow, isZero, ONE, subtract } from '../margin/number/decimal.ts';
import { expiryCharge, minimum, rateChargeOf } from './charges.ts';
import { choiceField, positiveRatioField, ratioField, secondsField } from './fields.ts';
import { NO_VOL_SHOCK, scenario, volShock } from './scenario-table.ts';

const discount = z.strictObject({
  base: positiveRatioField('Multiplies the value.').prefault('1'),
  rateMultiplier: ratioField('Multiplies the rate r of the class.').prefault('0'),
  add: ratioField('Added to that rate; annual.').prefault('0'),
});

const shape = z.strictObject({
  scenarios: z.array(scenario).register(z.globalRegistry, {
    description:
      'The scenario table. Every holding of the underlying is revalued in each row: loss ' +
      '= weight·max(0, value now − value there), worst loss = the largest. At least one ' +
      'row has priceMultiplier 1, and no two rows are the same.',
  }),
  volShock: volShock.optional(),
  initialFactor: positiveRatioField(
    'Multiplies the worst loss in the initial requirement.',
  ).prefault('1'),
  maintenanceFactor: positiveRatioField(
    'Multiplies the worst loss in the maintenance requirement; at most initialFactor.',
  ).prefault('1'),
  gainDiscount: discount.optional().register(z.globalRegistry, {
    description:
      'Multiplies a positive shocked option value of an expiry by ' +
      'base·e^{−T·(r·rateMultiplier + add)}, with T in years and r the rate of the class. ' +
      'Without it the value is not changed.',
  }),
  lossDiscount: discount.optional().register(z.globalRegistry, {
    description:
      'Multiplies a negative shocked option value of an expiry by ' +
      'base·e^{+T·(r·rateMultiplier + add)}. Without it the value is not changed.',
  }),
  settlementWindowSeconds: secondsField(
    'Time before an expiry over which its settlement price is averaged; within it the ' +
      'forward moves less, as it fixes. 0: the settlement price is that of the moment.',
  ).prefault('0'),
  collateral: choiceField(
    ['hedge', 'all', 'none'],
    'How much of a coin balance is revalued with the book. hedge: the part that offsets the ' +
      'book’s delta. all: the whole balance. none: nothing.',
  ),
  deltaFloor: z
    .strictObject({
      net: ratioField('Share of the net delta.'),
      hedged: ratioField('Share of the hedged delta.'),
    })
    .optional()
    .register(z.globalRegistry, {
      description:
        'The worst loss is at least (net·|Δ| + hedged·(gross − |Δ|)/2)·S, with Δ the net ' +
        'delta and gross the sum of the absolute deltas, in units of the underlying.',
    }),
  perpetualCharge: rateChargeOf('Rates on the notional of perpetuals.'),
  futureCharge: rateChargeOf('Rates on the notional of dated futures.'),
  nakedShortCharge: rateChargeOf(
    'Rates on S for each unit of underlying in naked short options. Calls and puts of one ' +
      'strike and expiry net; what remains short is naked.',
  ),
  expiryCharges: z.array(expiryCharge).prefault([]).register(z.globalRegistry, {
    description: 'Charges by expiry, such as for basis or vega; they are added up.',
  }),
  minimum: minimum.optional(),
});

type Row = z.output<typeof shape>;

/** The first conflict between two attributes. */
function faultIn(
  row: Row,
): { readonly path: (string | number)[]; readonly message: string } | null {
  const { scenarios, expiryCharges } = row;
  if (!scenarios.some(({ priceMultiplier }) => isZero(subtract(priceMultiplier, ONE)))) {
    return { path: ['scenarios'], message: 'needs a row with priceMultiplier 1' };
  }
  const texts = scenarios.map((each) => JSON.stringify(each));
  const twice = texts.findIndex((text, index) => texts.indexOf(text) !== index);
  if (twice !== -1) {
    const message = `is the same row as scenarios.${texts.indexOf(texts[twice] as string)}`;
    return { path: ['scenarios', twice], message };
  }
  const cells = [...scenarios, ...expiryCharges.flatMap((charge) => charge.scenarios)];
  if (row.volShock === undefined && cells.some(({ vol }) => vol !== 'none')) {
    return { path: ['volShock'], message: 'is needed because a row says vol up or down' };
  }
  if (isBelow(row.initialFactor, row.maintenanceFactor)) {
    return { path: ['maintenanceFactor'], message: 'must not be above initialFactor' };
  }
  return null;
}

export const portfolioRules = shape
  .superRefine((row, context) => {
    const fault = faultIn(row);
    if (fault !== null) context.addIssue({ code: 'custom', ...fault });
  })
  .transform((row): PortfolioRules => ({ ...row, volShock: row.volShock ?? NO_VOL_SHOCK }))
  .register(z.globalRegistry, {
    description:
      'The portfolio model, for accounts with marginModel portfolio. For each underlying, ' +
      'every holding is revalued in a table of scenarios: IM = ' +
      'max(initialFactor·max(worst loss, delta floor) + charges, minimum), and MM ' +
      'likewise with maintenanceFactor. Underlyings are summed. Without it, margin and ' +
      'optionRule apply to such accounts.',
  });
