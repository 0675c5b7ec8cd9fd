import type { Policy } from '../margin/market/policy.ts';
import { quantileAt } from '../margin/market/shock.ts';
import {
  approximately,
  asRatio,
  isBelow,
  type Ratio,
  ratio,
  smaller,
} from '../margin/number/decimal.ts';
import { studentTail } from '../margin/statistics/student.ts';
import { backstop } from './backstop.ts';
import {
  amountField,
  choiceField,
  countField,
  described,
  fractionField,
  idField,
  multiplierField,
  noteField,
  positiveFractionField,
  positiveRatioField,
  ratioField,
  ratioWithin,
  secondsField,
} from './fields.ts';
import { loanSwap } from './loan-swap.ts';
import { openingShare } from './opening.ts';
import * as z from './zod.ts';

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
  staleRange: multiplierField(
    'k: a price p that is too old may be anywhere from p/k to k·p. After more than an hour the ' +
      'range is kᵍ, with g the square root of the age in hours.',
  ),
  frozenAfterSeconds: secondsField(
    'A feed that repeats its price with new times for this long is reported once as frozen.',
  ),
  maxMoveWindows: described(
    z.array(
      z.strictObject({
        seconds: secondsField('Length of the window.'),
        maxMove: ratioField('Largest relative move from the price at the start of the window.'),
      }),
    ),
    'How far one source alone may move the price within a time, in however many steps: for ' +
      'instance 0.4 within 3600 seconds. A move beyond is believed when a second source ' +
      'confirms it, or when the window is over.',
  ),
};

const CONFIDENCE_MAX = ratio('0.9999');

/** Below one half there is nothing to hold; above, a thousand gaps cannot tell. */
export const shockConfidence = ratioWithin(
  ratio('0.5'),
  CONFIDENCE_MAX,
)(
  'How often the latency shock must be enough: 0.99 by default. It sets the quantile that the ' +
    'forecast of the shock reads, and z where nothing is measured.',
);

export const policyAttributes = z
  .strictObject({
    numeraire: z.prefault(idField('The currency of all values.'), 'USD'),
    mode: described(
      z._default(z.enum(['observe', 'enforce']), 'observe'),
      'observe publishes order plans as alerts only.',
    ),
    halt: described(z._default(z.boolean(), false), 'true stops all order plans at once.'),
    changedBy: noteField('Who changed mode or halt last, as `margin halt` and the like write it.'),
    changedAt: noteField('When that was, ISO 8601.'),
    changeReason: noteField('Why that was.'),
    liquidationMultiplier: z.prefault(multiplierField('ℓ: liquidation line = ℓ·MM + LB.'), '1'),
    callMultiplier: z.prefault(multiplierField('c: call line = c·MM + LB; at least ℓ.'), '1.25'),
    callAt: described(
      z._default(z.enum(['maintenance', 'initial']), 'maintenance'),
      'maintenance: the call line is c·MM + LB. initial: the call line is max(IM, ' +
        'c·MM) + LB, so that a loan whose collateral has initial weights is called ' +
        'before it is liquidated.',
    ),
    liquidationTargetMultiplier: z.prefault(
      multiplierField(
        'κ: a liquidation restores the account to κ·MM + LB; at least c. With callAt ' +
          'initial, it restores at least the initial requirement.',
      ),
      '1.3',
    ),
    liquidationExitBuffer: z.optional(
      fractionField(
        'β: a liquidation restores the account to B − β·Σ losses ≥ κ·MM + LB + β·(Σ notional of ' +
          'perpetuals and futures + Σ value of short options + Σ loans), with the losses of the ' +
          'instruments before the plan, funding included. It changes no line and no level. ' +
          'Without it β is 0.',
      ),
    ),
    liquidationTargetBand: z.prefault(
      ratioField(
        'A plan leaves the account at most at (κ + this)·MM + LB, except for rounding to a ' +
          'lot or to the smallest order.',
      ),
      '0.1',
    ),
    closeWholeBelow: z.prefault(
      amountField(
        'A position of at most this notional is closed whole, unless the capacity of its ' +
          'market allows only a part.',
      ),
      '0',
    ),
    firstShareAbove: z.optional(
      amountField(
        'The first plan of a case closes at most firstShare of a position above this ' +
          'notional. The next plan follows after liquidationCooldownSeconds. Without it, ' +
          'plans close what is needed.',
      ),
    ),
    firstShare: z.prefault(
      positiveFractionField('Share that the first plan closes, see firstShareAbove.'),
      '0.2',
    ),
    liquidationShare: z.optional(openingShare),
    loanSwap: z.optional(loanSwap),
    backstop: z.optional(backstop),
    liquidationThrottle: choiceField(
      ['standard', 'none'],
      'none: a check orders all that its plans need, whatever the capacity of the markets.',
    ),
    liquidationDepthShare: z.prefault(
      positiveRatioField(
        'Largest order volume of one check in a market, on each side, as a share of its depth.',
      ),
      '1',
    ),
    liquidationVolumeShare: z.prefault(
      positiveRatioField(
        'Largest order volume of one check in a market, on each side, as a share of what ' +
          'trades there between two checks by its dailyVolume. The smaller limit applies. On ' +
          'the day of a crash the volume is many times the mean.',
      ),
      '5',
    ),
    liquidationWaitSeconds: z.prefault(
      secondsField(
        'An account whose orders have not fitted into the market for longer than this goes ' +
          'before all others.',
      ),
      '300',
    ),
    cascadeAlertRatio: z.prefault(
      positiveRatioField(
        'Ratio from which a possible cascade is reported: the notional that a move of 1 % ' +
          'would liquidate in a market ÷ the depth of the market.',
      ),
      '1',
    ),
    limitSpread: z.prefault(
      ratioField(
        'Limit price = P·(1 ∓ (cost + limitSpread·mm·clamp(A·(1 − B/MM), 0, 1))), with mm ' +
          'the maintenance rate of the position and cost the trading cost that the plan ' +
          'assumes.',
      ),
      '0.1',
    ),
    bankruptcyAdjustment: z.prefault(
      ratioField('A: how fast the limit price widens with the breach.'),
      '1',
    ),
    lossSharing: choiceField(
      ['none', 'haircut', 'adl'],
      'Who bears a loss beyond the insurance fund. none: the venue itself. haircut: every ' +
        'account with equity above 0, pro rata. adl: accounts in profit on the other side, ' +
        'deleveraged by rank.',
    ),
    latencyBuffer: described(
      z._default(z.enum(['standard', 'none']), 'standard'),
      'none leaves out the buffer for the check interval.',
    ),
    uncertainty: described(
      z._default(z.enum(['standard', 'none']), 'standard'),
      'none treats every quoted price as exact.',
    ),
    shockConfidence: z.optional(shockConfidence),
    shockQuantile: z.optional(
      positiveRatioField(
        'z: quantile at unit variance. Use shockConfidence instead, from which z follows by ' +
          'Student-t with four degrees of freedom. Alone, it sets the confidence by that law.',
      ),
    ),
    confidenceMultiplier: z.prefault(
      ratioField(
        'Number of confidence half-widths that count; 2.12 covers 95 % of a Laplace ' +
          'distribution.',
      ),
      '2.12',
    ),
    jointShockWeight: z.prefault(
      fractionField(
        'φ: 0 adds the losses of the risk factors, 1 takes the worse of all up and all down.',
      ),
      '0',
    ),
    executionSeconds: z.prefault(secondsField('L: time from an order to its fill.'), '30'),
    staleAfterSeconds: z.prefault(oracleFields.staleAfterSeconds, '300'),
    maxAgeSeconds: z.prefault(oracleFields.maxAgeSeconds, '120'),
    minSources: z.prefault(oracleFields.minSources, '1'),
    maxSourceSpread: z.prefault(oracleFields.maxSourceSpread, '0.02'),
    maxJump: z.prefault(oracleFields.maxJump, '0.2'),
    deviation: z.prefault(oracleFields.deviation, '0'),
    staleRange: z.prefault(oracleFields.staleRange, '2'),
    frozenAfterSeconds: z.prefault(oracleFields.frozenAfterSeconds, '3600'),
    maxMoveWindows: z.prefault(oracleFields.maxMoveWindows, []),
    callGraceSeconds: z.prefault(secondsField('Time from a margin call to its deadline.'), '3600'),
    outageGrace: choiceField(
      ['none', 'moved'],
      'moved: the deadline of a call moves by the length of an outage: of checks, if none was ' +
        'completed for more than two intervals, or of the prices without which the account cannot ' +
        'be assessed. The call is sent again with its new deadline when the outage is over.',
    ),
    callUpdateFraction: z.prefault(
      ratioField('Growth of the amount due, as a fraction, that causes another alert.'),
      '0.1',
    ),
    cureMargin: z.prefault(
      ratioField('A call is cured when its surplus is at least this share of the call line.'),
      '0.02',
    ),
    onCallExpiry: described(
      z._default(z.enum(['liquidate', 'remind']), 'liquidate'),
      'Action when a call reaches its deadline.',
    ),
    changingTimeoutSeconds: z.prefault(
      secondsField(
        'Longest time for which an account whose rows are in the middle of a change goes ' +
          'without an order plan, from the first check that found it so.',
      ),
      '60',
    ),
    liquidationCooldownSeconds: z.prefault(
      secondsField('Minimum time between two generations of a plan.'),
      '120',
    ),
    planExpirySeconds: z.prefault(secondsField('Time within which a plan may be executed.'), '300'),
    amountPlaces: z.prefault(
      countField('Decimal places of published amounts.', { min: 0, max: 18 }),
      '2',
    ),
    historyDays: z.prefault(
      countField('Days for which decisions and checks are kept.', {
        min: 1,
        max: 36_500,
      }),
      '400',
    ),
  })
  .check(
    z.refine((policy) => !isBelow(policy.callMultiplier, policy.liquidationMultiplier), {
      path: ['callMultiplier'],
      message: 'must be at least liquidationMultiplier',
    }),
    z.refine((row) => row.liquidationShare === undefined || row.firstShareAbove === undefined, {
      path: ['liquidationShare'],
      message: 'must not be there with firstShareAbove: both hold back a first plan',
    }),
    z.refine((row) => row.liquidationShare?.of !== 'shortage' || row.loanSwap?.amount !== 'most', {
      path: ['liquidationShare'],
      message:
        'must not be of the shortage with amount most of loanSwap, which asks for no shortage',
    }),
    z.refine((policy) => !isBelow(policy.liquidationTargetMultiplier, policy.callMultiplier), {
      path: ['liquidationTargetMultiplier'],
      message: 'must be at least callMultiplier, or a liquidated account is called again',
    }),
  );

export function policyOf(row: z.output<typeof policyAttributes>): Policy {
  const { staleAfterSeconds, maxAgeSeconds, minSources, maxSourceSpread, maxJump, deviation } = row;
  const { staleRange, frozenAfterSeconds, maxMoveWindows } = row;
  return {
    ...row,
    ...shockLawOf(row),
    oracle: {
      staleAfterSeconds,
      maxAgeSeconds,
      minSources,
      maxSourceSpread,
      maxJump,
      deviation,
      staleRange,
      frozenAfterSeconds,
      maxMoveWindows,
    },
  };
}

const CONFIDENCE_DEFAULT = ratio('0.99');

/** Each follows from the other by Student-t. The confidence counts where both are set. */
function shockLawOf({
  shockConfidence: confidence,
  shockQuantile: quantile,
}: z.output<typeof policyAttributes>): Pick<Policy, 'shockConfidence' | 'shockQuantile'> {
  const shockConfidence = confidence ?? (quantile ? confidenceAt(quantile) : CONFIDENCE_DEFAULT);
  return { shockConfidence, shockQuantile: quantile ?? quantileAt(shockConfidence) };
}

/** Within what a confidence may be: 1 would leave no share p for an exceedance. */
const confidenceAt = (quantile: Ratio): Ratio =>
  smaller(CONFIDENCE_MAX, asRatio(1 - studentTail(approximately(quantile))));
