/** The attributes of the one policy, and what they are read into. */
import * as z from 'zod';
import { isBelow } from '../margin/decimal.ts';
import type { Policy } from '../margin/market.ts';
import {
  countField,
  fractionField,
  idField,
  multiplierField,
  positiveRatioField,
  ratioField,
  secondsField,
} from './fields.ts';

/** The policy has them for every feed, a risk class for its own. */
export const oracleFields = {
  staleAfterSeconds: secondsField('Age above which a quote is not used.'),
  maxAgeSeconds: secondsField('A liquidation needs prices younger than this.'),
  minSources: countField('Usable sources that a price needs.', { min: 1, max: 100 }),
  maxSourceSpread: ratioField('Highest less lowest source, as a fraction of the median.'),
  maxJump: ratioField('Relative move since the last check that one source alone may report.'),
  deviation: ratioField('How far off the feed may be while silent, as a fraction of the price.'),
};

export const policyAttributes = z
  .strictObject({
    numeraire: idField('The currency that all values are expressed in.').default('USD'),
    mode: z
      .enum(['observe', 'enforce'])
      .default('observe')
      .register(z.globalRegistry, { description: 'observe publishes order plans as alerts only.' }),
    halt: z
      .boolean()
      .default(false)
      .register(z.globalRegistry, { description: 'true stops every order plan at once.' }),
    liquidationMultiplier: multiplierField('ℓ: liquidation line = ℓ·MM + LB.').prefault('1'),
    callMultiplier: multiplierField('c: call line = c·MM + LB; at least ℓ.').prefault('1.25'),
    callAt: z
      .enum(['maintenance', 'initial'])
      .default('maintenance')
      .register(z.globalRegistry, {
        description:
          'maintenance: the call line is c·MM + LB. initial: max(IM, c·MM) + LB, so that a loan whose ' +
          'collateral has initial weights is called before it is liquidated.',
      }),
    liquidationTargetMultiplier: multiplierField(
      'κ: a liquidation restores the account to κ·MM + LB; at least c.',
    ).prefault('1.3'),
    latencyBuffer: z.enum(['standard', 'none']).default('standard').register(z.globalRegistry, {
      description: 'none leaves the buffer for the check interval out.',
    }),
    uncertainty: z
      .enum(['standard', 'none'])
      .default('standard')
      .register(z.globalRegistry, { description: 'none takes every quoted price as exact.' }),
    shockQuantile: positiveRatioField(
      'z: quantile at unit variance, which a tracked one never falls below; the default is ' +
        'Student-t, ν = 4, 99 %.',
    ).prefault('2.64949'),
    confidenceMultiplier: ratioField(
      'Half-widths of confidence that count; 2.12 covers 95 % of a Laplace.',
    ).prefault('2.12'),
    jointShockWeight: fractionField(
      'φ: 0 adds the losses of the risk factors, 1 takes the worse of all up and all down.',
    ).prefault('0'),
    executionSeconds: secondsField('L: from an order to its fill.').prefault('30'),
    staleAfterSeconds: oracleFields.staleAfterSeconds.prefault('300'),
    maxAgeSeconds: oracleFields.maxAgeSeconds.prefault('120'),
    minSources: oracleFields.minSources.prefault('1'),
    maxSourceSpread: oracleFields.maxSourceSpread.prefault('0.02'),
    maxJump: oracleFields.maxJump.prefault('0.2'),
    deviation: oracleFields.deviation.prefault('0'),
    callGraceSeconds: secondsField('From a margin call to its deadline.').prefault('3600'),
    callUpdateFraction: ratioField('Growth of the amount that is worth another alert.').prefault(
      '0.1',
    ),
    cureMargin: ratioField('A call is cured at this share of the call line above it.').prefault(
      '0.02',
    ),
    onCallExpiry: z
      .enum(['liquidate', 'remind'])
      .default('liquidate')
      .register(z.globalRegistry, { description: 'What the deadline of a call brings.' }),
    liquidationCooldownSeconds: secondsField('Between two generations of a plan.').prefault('120'),
    planExpirySeconds: secondsField('How long a plan may be worked.').prefault('300'),
    amountPlaces: countField('Decimal places of the amounts sent.', { min: 0, max: 18 }).prefault(
      '2',
    ),
    historyDays: countField('How long decisions and checks are kept.', {
      min: 1,
      max: 36_500,
    }).prefault('400'),
  })
  .refine((policy) => !isBelow(policy.callMultiplier, policy.liquidationMultiplier), {
    path: ['callMultiplier'],
    message: 'must be at least liquidationMultiplier',
  })
  .refine((policy) => !isBelow(policy.liquidationTargetMultiplier, policy.callMultiplier), {
    path: ['liquidationTargetMultiplier'],
    message: 'must be at least callMultiplier, or what was liquidated is called again',
  });

export function policyOf(row: z.output<typeof policyAttributes>): Policy {
  const { staleAfterSeconds, maxAgeSeconds, minSources, maxSourceSpread, maxJump, deviation } = row;
  return {
    ...row,
    oracle: {
      staleAfterSeconds,
      maxAgeSeconds,
      minSources,
      maxSourceSpread,
      maxJump,
      deviation,
    },
  };
}
