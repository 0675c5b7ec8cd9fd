/** The attributes of a risk class, and what they are read into. */
import * as z from 'zod';
import { isAbove, isBelow } from '../margin/decimal.ts';
import type { FixedVolatility, RiskClass } from '../margin/market.ts';
import {
  amountField,
  countField,
  fractionField,
  idField,
  positiveRatioField,
  ratioField,
  signedRatioField,
} from './fields.ts';
import { marginRule } from './margin-rule.ts';
import { optionRule } from './option-rule.ts';
import { oracleFields } from './policy-row.ts';
import { chargedIn, portfolioRules } from './portfolio-rules.ts';

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

const confidenceCharge = z
  .strictObject({
    of: z
      .enum(['perpetuals', 'futures', 'shortOptions', 'options', 'collateral'])
      .register(z.globalRegistry, {
        description:
          'What it is due on, each with the score of its own price: perpetuals, dated futures, short ' +
          'options, all options, or balances of the coin.',
      }),
    threshold: fractionField('Due when the score is strictly below it.'),
    factor: ratioField('Share of the notional that a score of 0 costs.'),
    in: chargedIn('initial'),
  })
  .register(z.globalRegistry, {
    description:
      'Where the confidenceScore of a price is below the threshold: (1 − score)·factor·notional, ' +
      'the notional of an option S·contractSize·quantity.',
  });

const depegCharge = z
  .strictObject({
    feed: idField('Feed of the stablecoin’s price.'),
    threshold: positiveRatioField('Price below which it is due.'),
    factor: ratioField('Share of S that each unit below the threshold costs.'),
    in: chargedIn('initial'),
  })
  .register(z.globalRegistry, {
    description:
      'While a stablecoin that the venue settles in is below its peg: max(threshold − price, ' +
      '0)·factor·S for each unit of underlying in perpetuals and futures, long or short, and in ' +
      'short options.',
  });

const dynamic = z
  .strictObject({
    referenceVolatility: positiveRatioField(
      'σ at which the requirement is just what it is; annual.',
    ),
    floor: positiveRatioField('The multiplier is never below it.').prefault('1'),
    cap: positiveRatioField('The multiplier is never above it; at least floor.'),
    initialRisePerHour: positiveRatioField(
      'By how much, as a fraction an hour, σ may raise the initial requirement; maintenance is not ' +
        'slowed. Without it: at once.',
    ).optional(),
  })
  .refine(({ floor, cap }) => !isBelow(cap, floor), {
    path: ['cap'],
    message: 'must be at least floor',
  })
  .register(z.globalRegistry, {
    description:
      'Requirements that follow the volatility: times min(cap, max(floor, σ/referenceVolatility)), ' +
      'σ being the class’s volatility. Without it they stand still.',
  });

export const riskAttributes = z.strictObject({
  margin: marginRule.optional(),
  optionRule: optionRule.optional(),
  portfolio: portfolioRules.optional(),
  confidenceCharges: z.array(confidenceCharge).prefault([]).register(z.globalRegistry, {
    description: 'Charges for prices that their source trusts little; each is added.',
  }),
  depegCharge: depegCharge.optional(),
  openOrderCharge: amountField(
    'Numeraire for each open order, in both requirements; see openOrderCount.',
  ).prefault('0'),
  dynamic: dynamic.optional(),
  requirementPlaces: countField(
    'Decimal places that each instrument’s requirement is rounded up to; without it, not rounded.',
    { min: 0, max: 18 },
  ).optional(),
  rate: signedRatioField(
    'r: annual interest, continuously compounded, as a fraction. F = S·e^{r·T} where there is no ' +
      'forward feed; option values are discounted by e^{−r·T}.',
  ).prefault('0'),
  volatility: z.union([fixedVolatility, ewmaVolatility]).register(z.globalRegistry, {
    description:
      'σ that the underlying moves with, for the latency buffer and the uncertainty of its price: ' +
      'a number, annual, as a fraction, or measured. Options are valued at their own ' +
      'impliedVolatility, not at this.',
  }),
  jumpFloor: ratioField(
    'A move that no interval is too short for, as a fraction of the price.',
  ).prefault('0'),
  liquidity: z
    .strictObject({
      fee: ratioField('Of trading, as a fraction of the notional.').prefault('0'),
      slippage: ratioField('Of closing out, as a fraction of the notional.').prefault('0'),
    })
    .prefault({}),
  radiusScale: positiveRatioField('How far it moves in a common shock of 1.').prefault('1'),
  oracle: z.strictObject(oracleFields).partial().prefault({}).register(z.globalRegistry, {
    description: 'Rules for the prices of this class; what it leaves out, the policy says.',
  }),
});

export const riskClassOf = (
  riskClass: string,
  row: z.output<typeof riskAttributes>,
): RiskClass => ({ riskClass, ...row });
