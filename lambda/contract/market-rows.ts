/** The attributes of every kind of row of the market table, and what each is read into. */
import * as z from 'zod';
import { isAbove, isBelow } from '../margin/decimal.ts';
import type { FixedVolatility, Policy, RiskClass } from '../margin/market.ts';
import {
  flatSchedule,
  type Rates,
  type Schedule,
  ScheduleError,
  tieredSchedule,
} from '../margin/schedule.ts';
import {
  amountField,
  countField,
  fractionField,
  halfWidthField,
  idField,
  multiplierField,
  positiveRatioField,
  priceField,
  ratioField,
  secondsField,
  signedRatioField,
  sizeField,
  timeField,
} from './fields.ts';

const oracleFields = {
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

export const assetAttributes = z.strictObject({
  feed: idField('Feed of its price; only the numeraire has none.').optional(),
  collateralWeight: fractionField('w: what a unit of it counts for as collateral.').prefault('1'),
  liabilityWeight: multiplierField('v: what a unit of it counts for as a debt.').prefault('1'),
  borrowRatePerHour: ratioField('Interest on a loan of it, an hour.').optional(),
  riskClass: idField('How its price moves; by default the class of its own name.').optional(),
});

export const instrumentAttributes = z
  .strictObject({
    type: z.enum(['perpetual', 'future']),
    underlying: idField('Feed of the underlying: the risk factor.'),
    markFeed: idField('Feed of its own price, when it is not the underlying’s.').optional(),
    settlementAsset: idField('Asset that it settles in, and isolated margin is held in.'),
    contractSize: sizeField('Units of the underlying a contract.').prefault('1'),
    inverse: z
      .literal(false)
      .optional()
      .register(z.globalRegistry, { description: 'Linear instruments only.' }),
    expiresAt: timeField('When a future settles.').optional(),
    riskClass: idField('Its margin schedule, and how its underlying moves.'),
  })
  .refine((row) => row.type !== 'future' || row.expiresAt !== undefined, {
    path: ['expiresAt'],
    message: 'is needed for a future',
  });

const ratesFields = {
  initial: ratioField('Initial requirement, as a fraction of the notional.'),
  maintenance: ratioField('Maintenance requirement, as a fraction of the notional.'),
};

const marginSchedule = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('flat'), ...ratesFields }),
    z.strictObject({
      type: z.literal('tiered'),
      tiers: z
        .array(
          z.strictObject({ floor: amountField('Notional from which it holds.'), ...ratesFields }),
        )
        .register(z.globalRegistry, {
          description: 'Marginal rates by notional, from floor 0 upward.',
        }),
    }),
  ])
  .transform((schedule, context): Schedule => {
    try {
      return scheduleOf(schedule);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

type MarginRow = { type: 'tiered'; tiers: Rates[] } | ({ type: 'flat' } & Omit<Rates, 'floor'>);

const scheduleOf = (row: MarginRow): Schedule =>
  row.type === 'flat' ? flatSchedule(row.initial, row.maintenance) : tieredSchedule(row.tiers);

const fixedVolatility = positiveRatioField('σ: annual, as a fraction; 0.8 is 80 %.').transform(
  (annual): FixedVolatility => ({ type: 'fixed', annual }),
);

/** The cap bounds nonsense: an hour that moves by a tenth is some 900 % a year. */
const ewmaVolatility = z
  .strictObject({
    type: z.literal('ewma').register(z.globalRegistry, {
      description:
        'Measured from the feed’s own quotes: σ = min(cap, max(floor, (1 − w)·σ_ewma + w·stress)).',
    }),
    halfLifeSeconds: countField(
      'After which a return counts half. Whole seconds; take 12 check intervals, or 1800 if that is more.',
      { min: 60, max: 31_536_000 },
    ).prefault('1800'),
    floor: positiveRatioField('σ is never below it; annual.'),
    stress: positiveRatioField(
      'σ of a bad time, annual: stands while nothing is measured. From floor to cap.',
    ),
    stressWeight: fractionField(
      'w: 0.25 or more is an anti-procyclicality option of EU 153/2013 art. 28.',
    ).prefault('0.25'),
    cap: positiveRatioField('σ is never above it; annual.').prefault('10'),
    quantile: z
      .enum(['tracked', 'policy'])
      .default('tracked')
      .register(z.globalRegistry, {
        description:
          'z of the latency shock. tracked: raised above shockQuantile, one for falls and one for ' +
          'rises, by the moves of the feed that exceed it. policy: shockQuantile.',
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

export const riskAttributes = z.strictObject({
  margin: marginSchedule.optional(),
  volatility: z.union([fixedVolatility, ewmaVolatility]),
  jumpFloor: ratioField('A move that no interval is too short for.').prefault('0'),
  liquidity: z
    .strictObject({
      fee: ratioField('Of the notional.').prefault('0'),
      slippage: ratioField('Of the notional.').prefault('0'),
    })
    .prefault({}),
  radiusScale: positiveRatioField('How far it moves in a common shock of 1.').prefault('1'),
  oracle: z.strictObject(oracleFields).partial().prefault({}),
});

export const riskClassOf = (
  riskClass: string,
  row: z.output<typeof riskAttributes>,
): RiskClass => ({ riskClass, ...row });

export const quoteAttributes = z.strictObject({
  price: priceField('Numeraire per unit.'),
  confidence: halfWidthField('Half-width of the price, in its unit.').optional(),
  publishedAt: timeField('When the price was true.'),
  impliedVolatility: ratioField('Annual, as a fraction.').optional(),
  fundingRatePerHour: signedRatioField(
    'Share of the notional that a long pays a short, an hour.',
  ).optional(),
});

/** Rows of the market table by kind; the id of a quote is `<feed>#<source>`. */
export const marketAttributes = {
  policy: policyAttributes,
  asset: assetAttributes,
  instrument: instrumentAttributes,
  risk: riskAttributes,
  quote: quoteAttributes,
} as const;

export type MarketKind = keyof typeof marketAttributes;
