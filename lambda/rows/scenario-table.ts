import * as z from 'zod';
import type { VolShock } from '../margin/market/portfolio-rules.ts';
import { ONE, ratio, ZERO } from '../margin/number/decimal.ts';
import {
  choiceField,
  fractionField,
  positiveRatioField,
  properFractionField,
  ratioField,
  signedRatioField,
} from './fields.ts';

/** Shared by the scenarios of a table and the cells of an expiry charge. */
export const cell = {
  priceMultiplier: positiveRatioField(
    'Multiplies the price of the underlying, its forwards and the marks of its instruments.',
  ),
  vol: z.enum(['up', 'none', 'down']).default('none').register(z.globalRegistry, {
    description: 'Whether implied volatilities are shocked up, down or not at all; see volShock.',
  }),
};

const skew = z
  .strictObject({
    slope: signedRatioField('Increase of σ per unit of k, as a fraction of σ.'),
    of: choiceField(
      ['signed', 'absolute'],
      'signed tilts the smile by k, absolute curves it by |k|.',
    ),
    cap: properFractionField('Maximum change of σ, as a fraction of σ.').prefault('0.5'),
  })
  .register(z.globalRegistry, {
    description:
      'A skew of the implied volatilities: σ·(1 + clamp(slope·k, −cap, cap)), with k = ' +
      'ln(K/F)/√T or its absolute value, T in years. The absolute change in the value of ' +
      'each expiry counts as a loss, whether it rises or falls.',
  });

export const scenario = z.strictObject({
  ...cell,
  weight: fractionField('Share of the loss that counts; below 1 for tails.').prefault('1'),
  daysForward: ratioField('Days that also pass, for the loss of time value.').prefault('0'),
  skew: skew.optional(),
});

export const volShock = z
  .strictObject({
    up: ratioField('a: up multiplies σ by 1 + a·(anchorDays/max(T, floorDays))^p, T in days.'),
    down: ratioField('b: down multiplies it by max(0, 1 − b·(anchorDays/max(T, floorDays))^p).'),
    power: ratioField(
      'p for options that expire within anchorDays; 0 applies the same shock to every expiry.',
    ),
    longPower: ratioField('p beyond anchorDays; by default power.').optional(),
    anchorDays: positiveRatioField('Days to expiry at which the shock is exactly a or b.').prefault(
      '30',
    ),
    floorDays: positiveRatioField('Minimum of the days to expiry in the shock.').prefault('1'),
    minimum: ratioField('Minimum of σ after a shock up; annual.').prefault('0'),
  })
  .transform((row): VolShock => ({ ...row, longPower: row.longPower ?? row.power }))
  .register(z.globalRegistry, {
    description:
      'How implied volatilities are shocked, by time to expiry. Needed when a scenario or ' +
      'an expiry charge says vol up or down.',
  });

export const NO_VOL_SHOCK: VolShock = {
  up: ZERO,
  down: ZERO,
  power: ZERO,
  longPower: ZERO,
  anchorDays: ratio('30'),
  floorDays: ONE,
  minimum: ZERO,
};
