import type { Skew, VolShock } from '../margin/market/portfolio-rules.ts';
import { ONE, ratio, ZERO } from '../margin/number/decimal.ts';
import {
  choiceField,
  described,
  onFirstUse,
  positiveRatioField,
  ratioField,
  signedRatioField,
} from './fields.ts';
import * as z from './zod.ts';

/** Shared by the scenarios of a table and the cells of an expiry charge. */
export const cell = {
  priceMultiplier: positiveRatioField(
    'Multiplies the price of the underlying, its forwards and the marks of its instruments.',
  ),
  vol: described(
    z._default(z.enum(['up', 'none', 'down']), 'none'),
    'Whether implied volatilities are shocked up, down or not at all; see volShock.',
  ),
};

const flatAt = onFirstUse(() =>
  described(
    z.strictObject({
      minimum: ratioField('Least k*. Where k* is 0, the skew is at its cap for every k but 0.'),
      width: z.prefault(ratioField('Multiplies √T·(volatility + …).'), '0'),
      volatility: z.prefault(ratioField('Constant part of the volatility in k*.'), '0'),
      volatilityPerRootYear: z.prefault(
        signedRatioField('Change of that volatility with √T; may be negative.'),
        '0',
      ),
    }),
    'Where the skew reaches its cap c: the slope is c/k* and k = ln(K/F), with k* = max(minimum, ' +
      '√T·width·(volatility + volatilityPerRootYear·√T)). Replaces slope.',
  ),
);

const skew = onFirstUse(() =>
  described(
    z.pipe(
      z
        .strictObject({
          slope: z.optional(
            signedRatioField('Increase of σ per unit of k, as a fraction of σ. Or flatAt.'),
          ),
          flatAt: z.optional(flatAt),
          of: choiceField(
            ['signed', 'absolute'],
            'signed tilts the smile by k, absolute curves it by |k|.',
          ),
          cap: z.prefault(
            ratioField('Maximum change of σ, as a fraction of σ. A cap above 1 has σ at least 0.'),
            '0.5',
          ),
          capPerRootYear: z.prefault(
            signedRatioField('Change of the cap with √T: c = cap + capPerRootYear·√T.'),
            '0',
          ),
        })
        .check(
          z.refine(({ slope, flatAt }) => (slope === undefined) !== (flatAt === undefined), {
            path: ['slope'],
            message: 'is needed unless there is flatAt, and must not be there with it',
          }),
        ),
      z.transform((row): Skew => ({ ...row, slope: row.slope ?? ZERO })),
    ),
    'A skew of the implied volatilities: σ·max(0, 1 + clamp(slope·k, −c, c)), with k = ' +
      'ln(K/F)/√T or its absolute value, c = cap + capPerRootYear·√T, and T in years. The ' +
      'absolute change in the value of each expiry counts as a loss, whether it rises or falls. The ' +
      'priceMultiplier of its row moves perpetuals, futures and coin, and no option.',
  ),
);

export const scenario = onFirstUse(() =>
  z.strictObject({
    ...cell,
    weight: z.prefault(ratioField('Multiplies the loss; below 1 for tails.'), '1'),
    daysForward: z.prefault(ratioField('Days that also pass, for the loss of time value.'), '0'),
    skew: z.optional(skew),
  }),
);

export const volShock = onFirstUse(() =>
  described(
    z.pipe(
      z.strictObject({
        unit: choiceField(
          ['relative', 'points'],
          'relative: up and down multiply σ. points: they are added to it, σ + a·(…)^p and max(0, ' +
            'σ − b·(…)^p), so that 0.1 is ten percentage points.',
        ),
        up: ratioField('a: up multiplies σ by 1 + a·(anchorDays/max(T, floorDays))^p, T in days.'),
        down: ratioField(
          'b: down multiplies it by max(0, 1 − b·(anchorDays/max(T, floorDays))^p).',
        ),
        power: ratioField(
          'p for options that expire within anchorDays; 0 applies the same shock to every expiry.',
        ),
        longPower: z.optional(ratioField('p beyond anchorDays; by default power.')),
        anchorDays: z.prefault(
          positiveRatioField('Days to expiry at which the shock is exactly a or b.'),
          '30',
        ),
        floorDays: z.prefault(ratioField('Minimum of the days to expiry in the shock.'), '1'),
        minimum: z.prefault(ratioField('Minimum of σ after a shock up; annual.'), '0'),
      }),
      z.transform((row): VolShock => ({ ...row, longPower: row.longPower ?? row.power })),
    ),
    'How implied volatilities are shocked, by time to expiry. Needed when a scenario or ' +
      'an expiry charge says vol up or down.',
  ),
);

export const NO_VOL_SHOCK: VolShock = {
  unit: 'relative',
  up: ZERO,
  down: ZERO,
  power: ZERO,
  longPower: ZERO,
  anchorDays: ratio('30'),
  floorDays: ONE,
  minimum: ZERO,
};
