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

export const scenario = z.strictObject({
  ...cell,
  weight: fractionField('The share of its loss that counts; below 1 for tails.').prefault('1'),
  daysForward: ratioField('Days that pass besides: the loss of time value.').prefault('0'),
  skew: skew.optional(),
});

export const volShock = z
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

export const NO_VOL_SHOCK: VolShock = {
  up: ZERO,
  down: ZERO,
  power: ZERO,
  longPower: ZERO,
  anchorDays: ratio('30'),
  floorDays: ONE,
  minimum: ZERO,
};
