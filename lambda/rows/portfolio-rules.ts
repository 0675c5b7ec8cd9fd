import type { PortfolioRules } from '../margin/market/portfolio-rules.ts';
import { isZero, ONE, subtract } from '../margin/number/decimal.ts';
import { depegFactor, expiryCharge, minimum, notionalChargeOf, rateChargeOf } from './charges.ts';
import {
  choiceField,
  described,
  onFirstUse,
  positiveRatioField,
  ratioField,
  secondsField,
  signedRatioField,
} from './fields.ts';
import { NO_VOL_SHOCK, scenario, volShock } from './scenario-table.ts';
import * as z from './zod.ts';

const discount = onFirstUse(() =>
  z.strictObject({
    base: z.prefault(ratioField('Multiplies the value.'), '1'),
    rateMultiplier: z.prefault(ratioField('Multiplies the rate r of the expiry.'), '0'),
    add: z.prefault(ratioField('Added to that rate; annual.'), '0'),
    rateFloor: z.optional(
      signedRatioField(
        'Least r in this formula, such as 0 where rates below zero do not count here; e^{rT} keeps ' +
          'the rate itself, which rateFloor of the class bounds. Without it there is none.',
      ),
    ),
  }),
);

const shape = onFirstUse(() =>
  z.strictObject({
    scenarios: described(
      z.array(scenario),
      'The scenario table. Every holding of the underlying is revalued in each row: loss ' +
        '= weight·max(0, value now − value there), worst loss = the largest. At least one ' +
        'row has priceMultiplier 1, and no two rows are the same.',
    ),
    volShock: z.optional(volShock),
    initialFactor: z.prefault(
      positiveRatioField('Multiplies the worst loss in the initial requirement.'),
      '1',
    ),
    maintenanceFactor: z.prefault(
      positiveRatioField(
        'Multiplies the worst loss in the maintenance requirement. With a factor above ' +
          'initialFactor IM may be below MM; otherwise it never is.',
      ),
      '1',
    ),
    depegFactor: z.optional(depegFactor),
    gainDiscount: described(
      z.optional(discount),
      'Multiplies a positive shocked option value of an expiry by ' +
        'base·e^{−T·(r·rateMultiplier + add)}, with T in years and r the rate of the expiry. ' +
        'Without it the value is not changed.',
    ),
    lossDiscount: described(
      z.optional(discount),
      'Multiplies a negative shocked option value of an expiry by ' +
        'base·e^{+T·(r·rateMultiplier + add)}, but at most by e^{rT}, its undiscounted value. ' +
        'Without it the value is not changed.',
    ),
    settlementWindowSeconds: z.prefault(
      secondsField(
        'Time before an expiry over which its settlement price is averaged; within it the ' +
          'forward moves less, as it fixes. 0: the settlement price is that of the moment.',
      ),
      '0',
    ),
    collateral: choiceField(
      ['hedge', 'all', 'none'],
      'How much of a coin balance is revalued with the book. hedge: the part that offsets the ' +
        'book’s delta. all: the whole balance. none: nothing.',
    ),
    expiredOptions: choiceField(
      ['settled', 'scanned'],
      'settled: an expired option is worth its settlement value and requires nothing. scanned: as ' +
        'long as it is held it stays in the scan at that value, with T = 0, and a short one counts ' +
        'in nakedShortCharge. Options that settle in the coin are settled in any case.',
    ),
    deltaFloor: described(
      z.optional(
        z.strictObject({
          net: ratioField('Share of the net delta.'),
          hedged: ratioField('Share of the hedged delta.'),
          as: choiceField(
            ['floor', 'charge'],
            'floor: the worst loss is at least this. charge: it is added to the worst loss, before ' +
              'the factor, such as an amount for futures that offset each other.',
          ),
        }),
      ),
      '(net·|Δ| + hedged·(gross − |Δ|)/2)·S, with Δ the net delta and gross the sum of the ' +
        'absolute deltas, in units of the underlying. Coin with a price of its own is left out.',
    ),
    lossesIn: choiceField(
      ['numeraire', 'coin'],
      'coin: losses are those of values in coin at the price of the scenario, converted at S now: ' +
        'value now − value there/priceMultiplier. A coin balance loses nothing in coin.',
    ),
    perpetualCharge: notionalChargeOf('Rates on the notional of perpetuals.'),
    futureCharge: notionalChargeOf('Rates on the notional of dated futures.'),
    nakedShortCharge: rateChargeOf(
      'Rates on S for each unit of underlying in naked short options. Calls and puts of one ' +
        'strike and expiry net; what remains short is naked.',
    ),
    expiryCharges: described(
      z.prefault(z.array(expiryCharge), []),
      'Losses by expiry, such as for basis or vega: charged, or compared with the worst loss.',
    ),
    minimum: z.optional(minimum),
  }),
);

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
  return null;
}

export const portfolioRules = onFirstUse(() =>
  described(
    z.pipe(
      shape.check(
        z.superRefine((row, context) => {
          const fault = faultIn(row);
          if (fault !== null) context.addIssue({ code: 'custom', ...fault });
        }),
      ),
      z.transform((row): PortfolioRules => ({ ...row, volShock: row.volShock ?? NO_VOL_SHOCK })),
    ),
    'The portfolio model, for accounts with marginModel portfolio. For each underlying, ' +
      'every holding is revalued in a table of scenarios: IM = ' +
      'max(initialFactor·max(worst loss, expiry losses, delta floor) + charges, minimum), and MM ' +
      'likewise with maintenanceFactor. Underlyings are summed. Without it, margin and ' +
      'optionRule apply to such accounts.',
  ),
);
