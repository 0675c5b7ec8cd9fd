import type { FixedVolatility } from '../margin/market/risk-class.ts';
import { isAbove, isBelow } from '../margin/number/decimal.ts';
import { countField, described, fractionField, onFirstUse, positiveRatioField } from './fields.ts';
import * as z from './zod.ts';

const fixedVolatility = z.pipe(
  positiveRatioField('σ: annual, as a fraction; 0.8 is 80 %.'),
  z.transform((annual): FixedVolatility => ({ type: 'fixed', annual })),
);

/** The cap excludes nonsense: an hour that moves by a tenth is some 900 % a year. */
const ewmaVolatility = onFirstUse(() =>
  z
    .strictObject({
      type: described(
        z.literal('ewma'),
        'Measured from the feed’s own quotes: σ = min(cap, max(floor, (1 − w)·σ_ewma + w·stress)) ' +
          'for requirements, and a faster one for the latency shock.',
      ),
      halfLifeSeconds: z.prefault(
        countField(
          'Time after which a return counts half, in whole seconds. Use 12 check intervals, ' +
            'or 1800 if that is more.',
          { min: 60, max: 31_536_000 },
        ),
        '1800',
      ),
      floor: positiveRatioField('Minimum of σ; annual.'),
      stress: positiveRatioField(
        'σ of a bad time, annual, which is used until something is measured. From floor to cap.',
      ),
      stressWeight: z.optional(
        fractionField(
          'w: weight of stress. 0.25 or more is an anti-procyclicality option of EU 153/2013 ' +
            'art. 28. By default 0.25 for the σ of requirements and 0 for the latency shock.',
        ),
      ),
      cap: z.prefault(
        positiveRatioField('Maximum of the σ of requirements; annual. The forecast has none.'),
        '10',
      ),
      quantile: described(
        z._default(z.enum(['tracked', 'policy']), 'tracked'),
        'tracked: the latency shock is forecast from the moves of the feed, separately for falls ' +
          'and for rises. policy: it follows from σ by a law, at the z of the policy.',
      ),
    })
    .check(
      z.refine(({ stress, floor }) => !isBelow(stress, floor), {
        path: ['stress'],
        message: 'must be at least floor',
      }),
      z.refine(({ stress, cap }) => !isAbove(stress, cap), {
        path: ['stress'],
        message: 'must be at most cap',
      }),
    ),
);

export const volatilityRule = described(
  z.union([fixedVolatility, ewmaVolatility]),
  'σ of the underlying, for the latency buffer and the uncertainty of its price: a ' +
    'number, annual, as a fraction; or measured. Options are valued at their own ' +
    'impliedVolatility instead.',
);
