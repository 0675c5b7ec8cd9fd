/** The portfolio model of a risk class: its scenario table, and what is charged besides. */
import * as z from 'zod';
import { isBelow, isZero, ONE, ratio, subtract, ZERO } from '../margin/decimal.ts';
import type { ChargedIn } from '../margin/market.ts';
import type { PortfolioRules, VolShock } from '../margin/portfolio/rules.ts';
import { flatSchedule } from '../margin/schedule.ts';
import {
  amountField,
  choiceField,
  fractionField,
  positiveRatioField,
  properFractionField,
  ratioField,
  secondsField,
  signedRatioField,
} from './fields.ts';
import { isOrdered, ordered, schedule } from './margin-rule.ts';

/** What a charge counts in. */
export const chargedIn = (byDefault: ChargedIn) =>
  z.enum(['initial', 'both']).default(byDefault).register(z.globalRegistry, {
    description: 'The requirement that it is added to: initial alone, or both.',
  });

const cell = {
  priceMultiplier: positiveRatioField(
    'The price of the underlying, its forwards and its instruments’ marks are multiplied by it.',
  ),
  vol: z.enum(['up', 'none', 'down']).default('none').register(z.globalRegistry, {
    description: 'Whether implied volatilities are shocked up, down or not at all: volShock.',
  }),
};

const skew = z
  .strictObject({
    slope: signedRatioField('By how much σ grows with k, as a fraction of itself.'),
    of: choiceField(
      ['signed', 'absolute'],
      'signed tilts the smile by k, absolute bends it by |k|.',
    ),
    cap: properFractionField('No σ changes by more than this fraction of itself.').prefault('0.5'),
  })
  .register(z.globalRegistry, {
    description:
      'A skew of the implied volatilities: σ·(1 + clamp(slope·k, −cap, cap)), with k = ln(K/F)/√T or ' +
      'its absolute value, T in years. Each expiry counts as a loss by the size of its change, ' +
      'whichever way it goes.',
  });

const scenario = z.strictObject({
  ...cell,
  weight: fractionField('The share of its loss that counts; below 1 for tails.').prefault('1'),
  daysForward: ratioField('Days that pass besides: the loss of time value.').prefault('0'),
  skew: skew.optional(),
});

const volShock = z
  .strictObject({
    up: ratioField('a: up multiplies σ by 1 + a·(anchorDays/max(T, floorDays))^p, T in days.'),
    down: ratioField('b: down multiplies it by max(0, 1 − b·(anchorDays/max(T, floorDays))^p).'),
    power: ratioField('p for options that expire within anchorDays; 0: the same for every expiry.'),
    longPower: ratioField('p beyond anchorDays; by default power.').optional(),
    anchorDays: positiveRatioField('Days to expiry at which the shock is just a or b.').prefault(
      '30',
    ),
    floorDays: positiveRatioField('An expiry counts as at least this many days away.').prefault(
      '1',
    ),
    minimum: ratioField('A σ that was shocked up is at least this; annual.').prefault('0'),
  })
  .transform((row): VolShock => ({ ...row, longPower: row.longPower ?? row.power }))
  .register(z.globalRegistry, {
    description:
      'How implied volatilities are shocked, by the time to expiry. Needed when a scenario or an ' +
      'expiry charge says vol up or down.',
  });

const NO_VOL_SHOCK: VolShock = {
  up: ZERO,
  down: ZERO,
  power: ZERO,
  longPower: ZERO,
  anchorDays: ratio('30'),
  floorDays: ONE,
  minimum: ZERO,
};

const discount = z.strictObject({
  base: positiveRatioField('Multiplies the value.').prefault('1'),
  rateMultiplier: ratioField('Multiplies the rate r of the class.').prefault('0'),
  add: ratioField('Added to that rate; annual.').prefault('0'),
});

/** One for all three. */
const rateCharge = z
  .strictObject({
    initial: ratioField(
      'In the initial requirement, all of it: not only what it has more.',
    ).prefault('0'),
    maintenance: ratioField('In the maintenance requirement; at most initial.').prefault('0'),
  })
  .refine(isOrdered, ordered);

const rateChargeOf = (description: string) =>
  rateCharge.prefault({}).register(z.globalRegistry, { description });

const expiryCharge = z
  .strictObject({
    scenarios: z
      .array(z.strictObject(cell))
      .min(1, 'needs at least one cell')
      .register(z.globalRegistry, {
        description: 'Cells that the options, futures and perpetuals of an expiry are revalued in.',
      }),
    base: ratioField('Share of the worst loss that is charged whatever the expiry.'),
    perYear: ratioField('Share of it that is charged for each year to the expiry.').prefault('0'),
    in: chargedIn('both'),
  })
  .register(z.globalRegistry, {
    description:
      'For each expiry (base + perYear·T)·(its worst loss over the cells, at least 0), T in years, ' +
      'summed over the expiries: no offset between them. A basis charge has cells at two prices, a ' +
      'vega charge cells at priceMultiplier 1 with vol up and down.',
  });

const minimum = z
  .strictObject({
    tiers: schedule.optional(),
    perContract: z
      .strictObject({
        initial: amountField('Numeraire a contract.').prefault('0'),
        maintenance: amountField('Numeraire a contract; at most initial.').prefault('0'),
      })
      .refine(isOrdered, ordered)
      .prefault({})
      .register(z.globalRegistry, {
        description: 'For each contract of perpetuals, futures and short options.',
      }),
  })
  .transform((row) => ({ ...row, tiers: row.tiers ?? flatSchedule(ZERO, ZERO) }))
  .register(z.globalRegistry, {
    description:
      'The least that is due: tiers of the notional of perpetuals, futures and short options, plus ' +
      'perContract for each contract of them.',
  });

const shape = z.strictObject({
  scenarios: z.array(scenario).register(z.globalRegistry, {
    description:
      'The table. Every holding of the underlying is revalued in each row; loss = ' +
      'weight·max(0, value now − value there), worst loss = the largest. One row at least has ' +
      'priceMultiplier 1, and no two are the same.',
  }),
  volShock: volShock.optional(),
  initialFactor: positiveRatioField(
    'Multiplies the worst loss in the initial requirement.',
  ).prefault('1'),
  maintenanceFactor: positiveRatioField(
    'Multiplies it in the maintenance requirement; at most initialFactor.',
  ).prefault('1'),
  gainDiscount: discount.optional().register(z.globalRegistry, {
    description:
      'An expiry’s shocked option value above 0 counts for base·e^{−T·(r·rateMultiplier + add)} of ' +
      'itself, T in years, r the rate of the class; without it, as it is.',
  }),
  lossDiscount: discount.optional().register(z.globalRegistry, {
    description:
      'One below 0 counts for base·e^{+T·(r·rateMultiplier + add)} of itself; without it, as it is.',
  }),
  settlementWindowSeconds: secondsField(
    'Time before an expiry over which its settlement price is averaged: the forward moves less as ' +
      'it fixes. 0: the settlement price is that of the moment.',
  ).prefault('0'),
  collateral: choiceField(
    ['hedge', 'all', 'none'],
    'Whether a balance of the coin is revalued with the book: as far as it offsets the book’s ' +
      'delta, whole, or not at all.',
  ),
  deltaFloor: z
    .strictObject({
      net: ratioField('Share of the net delta.'),
      hedged: ratioField('Share of the delta that is hedged.'),
    })
    .optional()
    .register(z.globalRegistry, {
      description:
        'The worst loss counts for at least (net·|Δ| + hedged·(gross − |Δ|)/2)·S: Δ the net delta, ' +
        'gross the sum of the absolute ones, in units of the underlying.',
    }),
  perpetualCharge: rateChargeOf('Of the notional of perpetuals.'),
  futureCharge: rateChargeOf('Of the notional of dated futures.'),
  nakedShortCharge: rateChargeOf(
    'Of S for each naked short option, a unit of the underlying: at one strike and expiry, calls ' +
      'net and puts net, and what is short in the end is naked.',
  ),
  expiryCharges: z.array(expiryCharge).prefault([]).register(z.globalRegistry, {
    description: 'Charges by expiry, such as for basis or vega; each is added.',
  }),
  minimum: minimum.optional(),
});

type Row = z.output<typeof shape>;

/** The first thing that one attribute forbids another. */
function faultIn(
  row: Row,
): { readonly path: (string | number)[]; readonly message: string } | null {
  const { scenarios, expiryCharges } = row;
  if (!scenarios.some(({ priceMultiplier }) => isZero(subtract(priceMultiplier, ONE)))) {
    return { path: ['scenarios'], message: 'needs a zero row: one with priceMultiplier 1' };
  }
  const texts = scenarios.map((each) => JSON.stringify(each));
  const twice = texts.findIndex((text, index) => texts.indexOf(text) !== index);
  if (twice !== -1) {
    const message = `is the same row as scenarios.${texts.indexOf(texts[twice] as string)}`;
    return { path: ['scenarios', twice], message };
  }
  const cells = [...scenarios, ...expiryCharges.flatMap((charge) => charge.scenarios)];
  if (row.volShock === undefined && cells.some(({ vol }) => vol !== 'none')) {
    return { path: ['volShock'], message: 'is needed: a row says vol up or down' };
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
      'The portfolio model, for accounts with marginModel portfolio: by underlying, every holding ' +
      'is revalued in a table of scenarios. IM = max(initialFactor·max(worst loss, delta floor) + ' +
      'charges, minimum), MM likewise with maintenanceFactor; underlyings are summed. Without it such ' +
      'accounts are margined by margin and optionRule.',
  });
