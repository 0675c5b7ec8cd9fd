import * as z from 'zod';
import type { FixedVolatility } from '../margin/market/risk-class.ts';
import { isAbove, isBelow } from '../margin/number/decimal.ts';
import { countField, fractionField, positiveRatioField } from './fields.ts';

const fixedVolatility = positiveRatioField('σ: annual, as a fraction; 0.8 is 80 %.').transform(
  (annual): FixedVolatility => ({ type: 'fixed', annual }),
);

/** The cap excludes nonsense: an hour that moves by a tenth is some 900 % a year. */
const ewmaVolatility = z
  .strictObject({
    type: z.literal('ewma').register(z.globalRegistry, {
      description:
        'Measured from the feed’s own quotes: σ = min(cap, max(floor, (1 − w)·σ_ewma + w·stress)).',
    }),
    halfLifeSeconds: countField(
      'Time after which a return counts half, in whole seconds. Use 12 check intervals, ' +
        'or 1800 if that is more.',
      { min: 60, max: 31_536_000 },
    ).prefault('1800'),
    floor: positiveRatioField('Minimum of σ; annual.'),
    stress: positiveRatioField(
      'σ of a bad time, annual, which is used until something is measured. From floor to cap.',
    ),
    stressWeight: fractionField(
      'w: weight of stress. 0.25 or more is an anti-procyclicality option of EU 153/2013 ' +
        'art. 28.',
    ).prefault('0.25'),
    cap: positiveRatioField('Maximum of σ; annual.').prefault('10'),
    quantile: z
      .enum(['tracked', 'policy'])
      .default('tracked')
      .register(z.globalRegistry, {
        description:
          'z of the latency shock. tracked: raised above shockQuantile by moves of the ' +
          'feed that exceed it, separately for falls and for rises. policy: shockQuantile ' +
          'itself.',
      }),
  })
  .refine(({ stress, floor }) => !isBelow(stress, floor), {
    path: ['stress'],
    message: 'must be at least floor',
  })
  .refine(({ stress, cap }) => !isAbove(stress, cap), {
    path: ['stress'],
    message: 'must be at most cap',
  });

export const volatilityRule = z
  .union([fixedVolatility, ewmaVolatility])
  .register(z.globalRegistry, {
    description:
      'σ of the underlying, for the latency buffer and the uncertainty of its price: a ' +
      'number, annual, as a fraction; or measured. Options are valued at their own ' +
      'impliedVolatility instead.',
  });
