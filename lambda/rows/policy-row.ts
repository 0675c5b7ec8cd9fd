import * as z from 'zod';
import type { Policy } from '../margin/market/policy.ts';
import { isAbove, isBelow, ONE } from '../margin/number/decimal.ts';
import {
  amountField,
  choiceField,
  countField,
  fractionField,
  idField,
  multiplierField,
  positiveRatioField,
  ratioField,
  secondsField,
} from './fields.ts';

/** Set by the policy for every feed; a risk class may override them. */
export const oracleFields = {
  staleAfterSeconds: secondsField('Age above which a quote is not used.'),
  maxAgeSeconds: secondsField('A liquidation needs prices younger than this.'),
  minSources: countField('Number of usable sources that a price needs.', { min: 1, max: 100 }),
  maxSourceSpread: ratioField(
    'Largest difference between the highest and lowest source, as a fraction of the median.',
  ),
  maxJump: ratioField(
    'Largest relative move since the last check that one source alone may report.',
  ),
  deviation: ratioField(
    'How far the price may move before the feed updates it, as a fraction of the price.',
  ),
};

export const policyAttributes = z
  .strictObject({
    numeraire: idField('The currency of all values.').default('USD'),
    mode: z
      .enum(['observe', 'enforce'])
      .default('observe')
      .register(z.globalRegistry, { description: 'observe publishes order plans as alerts only.' }),
    halt: z
      .boolean()
      .default(false)
      .register(z.globalRegistry, { description: 'true stops all order plans at once.' }),
    liquidationMultiplier: multiplierField('ℓ: liquidation line = ℓ·MM + LB.').prefault('1'),
    callMultiplier: multiplierField('c: call line = c·MM + LB; at least ℓ.').prefault('1.25'),
    callAt: z
      .enum(['maintenance', 'initial'])
      .default('maintenance')
      .register(z.globalRegistry, {
        description:
          'maintenance: the call line is c·MM + LB. initial: the call line is max(IM, ' +
          'c·MM) + LB, so that a loan whose collateral has initial weights is called ' +
          'before it is liquidated.',
      }),
    liquidationTargetMultiplier: multiplierField(
      'κ: a liquidation restores the account to κ·MM + LB; at least c. With callAt ' +
        'initial, it restores at least the initial requirement.',
    ).prefault('1.3'),
    liquidationTargetBand: ratioField(
      'A plan leaves the account at most at (κ + this)·MM + LB, except for rounding to a ' +
        'lot or to the smallest order.',
    ).prefault('0.1'),
    closeWholeBelow: amountField(
      'A position of at most this notional is closed whole, unless the capacity of its ' +
        'market allows only a part.',
    ).prefault('0'),
    firstShareAbove: amountField(
      'The first plan of a case closes at most firstShare of a position above this ' +
        'notional. The next plan follows after liquidationCooldownSeconds. Without it, ' +
        'plans close what is needed.',
    ).optional(),
    firstShare: positiveRatioField(
      'Share that the first plan closes, see firstShareAbove; at most 1.',
    ).prefault('0.2'),
    liquidationThrottle: choiceField(
      ['standard', 'none'],
      'none: a check orders all that its plans need, whatever the capacity of the markets.',
    ),
    liquidationDepthShare: positiveRatioField(
      'Largest order volume of one check in a market, on each side, as a share of its depth.',
    ).prefault('1'),
    liquidationVolumeShare: positiveRatioField(
      'Largest order volume of one check in a market, on each side, as a share of what ' +
        'trades there between two checks by its dailyVolume. The smaller limit applies. On ' +
        'the day of a crash the volume is many times the mean.',
    ).prefault('5'),
    liquidationWaitSeconds: secondsField(
      'An account whose orders have not fitted into the market for longer than this goes ' +
        'before all others.',
    ).prefault('300'),
    cascadeAlertRatio: positiveRatioField(
      'Ratio from which a possible cascade is reported: the notional that a move of 1 % ' +
        'would liquidate in a market ÷ the depth of the market.',
    ).prefault('1'),
    limitSpread: ratioField(
      'Limit price = P·(1 ∓ (cost + limitSpread·mm·clamp(A·(1 − B/MM), 0, 1))), with mm ' +
        'the maintenance rate of the position and cost the trading cost that the plan ' +
        'assumes.',
    ).prefault('0.1'),
    bankruptcyAdjustment: ratioField(
      'A: how fast the limit price widens with the breach.',
    ).prefault('1'),
    lossSharing: choiceField(
      ['none', 'haircut', 'adl'],
      'Who bears a loss beyond the insurance fund. none: the venue itself. haircut: every ' +
        'account with equity above 0, pro rata. adl: accounts in profit on the other side, ' +
        'deleveraged by rank.',
    ),
    latencyBuffer: z.enum(['standard', 'none']).default('standard').register(z.globalRegistry, {
      description: 'none leaves out the buffer for the check interval.',
    }),
    uncertainty: z
      .enum(['standard', 'none'])
      .default('standard')
      .register(z.globalRegistry, { description: 'none treats every quoted price as exact.' }),
    shockQuantile: positiveRatioField(
      'z: quantile at unit variance, and the minimum of a tracked quantile. The default ' +
        'is Student-t, ν = 4, 99 %.',
    ).prefault('2.64949'),
    confidenceMultiplier: ratioField(
      'Number of confidence half-widths that count; 2.12 covers 95 % of a Laplace ' +
        'distribution.',
    ).prefault('2.12'),
    jointShockWeight: fractionField(
      'φ: 0 adds the losses of the risk factors, 1 takes the worse of all up and all down.',
    ).prefault('0'),
    executionSeconds: secondsField('L: time from an order to its fill.').prefault('30'),
    staleAfterSeconds: oracleFields.staleAfterSeconds.prefault('300'),
    maxAgeSeconds: oracleFields.maxAgeSeconds.prefault('120'),
    minSources: oracleFields.minSources.prefault('1'),
    maxSourceSpread: oracleFields.maxSourceSpread.prefault('0.02'),
    maxJump: oracleFields.maxJump.prefault('0.2'),
    deviation: oracleFields.deviation.prefault('0'),
    callGraceSeconds: secondsField('Time from a margin call to its deadline.').prefault('3600'),
    callUpdateFraction: ratioField(
      'Growth of the amount due, as a fraction, that causes another alert.',
    ).prefault('0.1'),
    cureMargin: ratioField(
      'A call is cured when its surplus is at least this share of the call line.',
    ).prefault('0.02'),
    onCallExpiry: z
      .enum(['liquidate', 'remind'])
      .default('liquidate')
      .register(z.globalRegistry, { description: 'Action when a call reaches its deadline.' }),
    liquidationCooldownSeconds: secondsField(
      'Minimum time between two generations of a plan.',
    ).prefault('120'),
    planExpirySeconds: secondsField('Time within which a plan may be executed.').prefault('300'),
    amountPlaces: countField('Decimal places of published amounts.', { min: 0, max: 18 }).prefault(
      '2',
    ),
    historyDays: countField('Days for which decisions and checks are kept.', {
      min: 1,
      max: 36_500,
    }).prefault('400'),
  })
  .refine((policy) => !isBelow(policy.callMultiplier, policy.liquidationMultiplier), {
    path: ['callMultiplier'],
    message: 'must be at least liquidationMultiplier',
  })
  .refine(({ firstShare }) => !isAbove(firstShare, ONE), {
    path: ['firstShare'],
    message: 'must be at most 1',
  })
  .refine((policy) => !isBelow(policy.liquidationTargetMultiplier, policy.callMultiplier), {
    path: ['liquidationTargetMultiplier'],
    message: 'must be at least callMultiplier, or a liquidated account is called again',
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
