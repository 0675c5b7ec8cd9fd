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
      'κ: a liquidation restores the account to κ·MM + LB; at least c. With callAt initial to the initial ' +
        'requirement at least.',
    ).prefault('1.3'),
    liquidationTargetBand: ratioField(
      'A plan leaves the account at most at (κ + this)·MM + LB, but for what the size of a lot or of ' +
        'the least order adds.',
    ).prefault('0.1'),
    closeWholeBelow: amountField(
      'A position of this notional or less is closed whole, unless its market bears only a part.',
    ).prefault('0'),
    firstShareAbove: amountField(
      'Of a position of more than this notional the first plan of a case closes firstShare at most; ' +
        'the next follows after liquidationCooldownSeconds. Without it plans close what is needed.',
    ).optional(),
    firstShare: positiveRatioField('See firstShareAbove; at most 1.').prefault('0.2'),
    liquidationThrottle: choiceField(
      ['standard', 'none'],
      'none lets a check order whatever its plans need, however little the markets bear.',
    ),
    liquidationDepthShare: positiveRatioField(
      'Of the depth of a market: the most that one check orders there, on either side.',
    ).prefault('1'),
    liquidationVolumeShare: positiveRatioField(
      'Of what trades in a market between two checks, by its dailyVolume: likewise the most. The mean ' +
        'day is not the day of a crash, which trades many times as much.',
    ).prefault('5'),
    liquidationWaitSeconds: secondsField(
      'An account whose orders have not fitted into the market for so long goes before all others.',
    ).prefault('300'),
    cascadeAlertRatio: positiveRatioField(
      'Notional that a move of 1 % makes liquidatable, over the depth of its market: from here on a ' +
        'cascade is warned of.',
    ).prefault('1'),
    limitSpread: ratioField(
      'Limit price = P·(1 ∓ (cost + limitSpread·mm·clamp(A·(1 − B/MM), 0, 1))): mm is the maintenance ' +
        'rate of the position, cost what the plan reckons with.',
    ).prefault('0.1'),
    bankruptcyAdjustment: ratioField('A: how fast the limit price opens with the breach.').prefault(
      '1',
    ),
    lossSharing: choiceField(
      ['none', 'haircut', 'adl'],
      'Who bears what the insurance fund cannot: the venue itself; every account with equity above 0, ' +
        'pro rata; or accounts in profit on the other side, deleveraged by rank.',
    ),
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
  .refine(({ firstShare }) => !isAbove(firstShare, ONE), {
    path: ['firstShare'],
    message: 'must be at most 1',
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
