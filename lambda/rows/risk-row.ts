import type { RiskClass } from '../margin/market/risk-class.ts';
import { isBelow, isZero, larger } from '../margin/number/decimal.ts';
import { confidenceCharge, depegCharge } from './charges.ts';
import {
  amountField,
  choiceField,
  countField,
  described,
  fractionField,
  idField,
  onFirstUse,
  positiveRatioField,
  ratioField,
  signedRatioField,
} from './fields.ts';
import { marginRule, phaseIn } from './margin-rule.ts';
import { openingField } from './opening.ts';
import { optionRule } from './option-rule.ts';
import { oracleFields, shockConfidence } from './policy-row.ts';
import { portfolioRules } from './portfolio-rules.ts';
import { profitRule } from './profit-rule.ts';
import { riskVenue } from './venues/venue-field.ts';
import { volatilityRule } from './volatility-rule.ts';
import * as z from './zod.ts';

const dynamic = onFirstUse(() =>
  described(
    z
      .strictObject({
        referenceVolatility: positiveRatioField('σ at which the requirement is unchanged; annual.'),
        floor: z.prefault(positiveRatioField('Minimum of the multiplier.'), '1'),
        cap: positiveRatioField('Maximum of the multiplier; at least floor.'),
        initialRisePerHour: z.optional(
          positiveRatioField(
            'Most that a measured σ may raise the initial requirement, as a fraction per hour, ' +
              'compounding. The initial requirement falls at once, and maintenance has no limit. ' +
              'Without it there is no limit.',
          ),
        ),
        buffer: z.optional(
          described(
            z.strictObject({
              share: z.prefault(
                positiveRatioField('Share of the requirement that is held on top of it.'),
                '0.25',
              ),
              refillPerHour: z.prefault(
                positiveRatioField(
                  'How fast the buffer follows a risen σ, as a fraction per hour, compounding.',
                ),
                '0.05',
              ),
            }),
            'A buffer that a rise of σ uses up before it raises a requirement: the multiplier is the ' +
              'larger of that of σ and (1 + share) times that of a σ which rises by refillPerHour at ' +
              'most. EU 153/2013 art. 28 names 0.25 or more as an anti-procyclicality option.',
          ),
        ),
      })
      .check(
        z.refine(({ floor, cap }) => !isBelow(cap, floor), {
          path: ['cap'],
          message: 'must be at least floor',
        }),
      ),
    'Requirements that follow the volatility: multiplied by min(cap, max(floor, ' +
      'σ/referenceVolatility)), with σ of the underlying’s feed. Without it they do not ' +
      'change.',
  ),
);

const attributes = z.strictObject({
  venue: riskVenue,
  margin: z.optional(marginRule),
  phaseIn: z.optional(phaseIn),
  notionalAt: choiceField(
    ['mark', 'entry'],
    'The price of the notional that margin is taken of. mark: the mark, so that the requirement ' +
      'moves with it. entry: the average entry price of the instrument’s rows, weighted by their ' +
      'contracts, also for open orders and for inverse contracts, whose notional in coin is then ' +
      'fixed; orders without a position count at the mark. A portfolio has prices of its own.',
  ),
  profit: z.optional(profitRule),
  optionRule: z.optional(optionRule),
  portfolio: z.optional(portfolioRules),
  portfolioOf: z.optional(
    idField(
      'Another class whose portfolio this class takes: its holdings on the same underlying and those ' +
        'of that class are one book and offset each other. Instead of portfolio and dynamic. ' +
        'Without it the books of two classes are added up.',
    ),
  ),
  confidenceCharges: described(
    z.prefault(z.array(confidenceCharge), []),
    'Charges for prices with a low confidenceScore; they are added up.',
  ),
  depegCharge: z.optional(depegCharge),
  openOrderCharge: z.prefault(
    amountField('Numeraire per open order, in both requirements; see openOrderCount.'),
    '0',
  ),
  dynamic: z.optional(dynamic),
  requirementPlaces: z.optional(
    countField(
      'Decimal places to which the margin of each perpetual and future is rounded up; ' +
        'without it there is no rounding.',
      { min: 0, max: 18 },
    ),
  ),
  rate: z.prefault(
    signedRatioField(
      'r: annual interest, continuously compounded, as a fraction. F = S·e^{r·T} where there is no ' +
        'forward feed; option values are discounted by e^{−r·T}.',
    ),
    '0',
  ),
  rateFloor: z.optional(
    signedRatioField(
      'Least r, of the class and of each expiry: a lower one counts as this wherever r is used, such ' +
        'as 0 where a venue takes rates below zero as zero. Without it there is none.',
    ),
  ),
  optionValue: described(
    z.optional(z.enum(['discounted', 'undiscounted'])),
    'discounted, the default: an option is worth e^{−r·T} times its value at expiry. undiscounted: that ' +
      'factor is 1, also in the volatility that a quoted premium implies and in the bound of ' +
      'lossDiscount; r is still that of S·e^{r·T} and of the discounts of gains and losses.',
  ),
  volatility: volatilityRule,
  jumpFloor: z.prefault(
    ratioField(
      'A move that is possible in any interval, however short, as a fraction of the price.',
    ),
    '0',
  ),
  shockConfidence: z.optional(shockConfidence),
  shockMax: z.optional(
    ratioField(
      'Most of the latency shock that is charged, as a fraction of the price. The part of the ' +
        'forecast above it is reported as bad debt at risk. By default the most with which a ' +
        'rise of the volatility alone liquidates no account that meets its initial requirement, ' +
        'at any notional; 0.1 without a margin rule.',
    ),
  ),
  liquidity: described(
    z.prefault(
      z.strictObject({
        fee: z.prefault(ratioField('Trading fee, as a fraction of the notional.'), '0'),
        slippage: z.prefault(
          ratioField('Slippage of closing out, as a fraction of the notional.'),
          '0',
        ),
        impact: z.prefault(
          ratioField(
            'Y: an order of notional x also moves its price by Y·σ_day·√(x/dailyVolume). ' +
              'Without dailyVolume, plans assume no impact.',
          ),
          '0',
        ),
        liquidationFee: z.prefault(
          fractionField(
            'Fee on what a plan closes, as a fraction of the notional. The account pays it ' +
              'into the insurance fund, and never more than the equity that closing leaves: with 1 ' +
              'the fund receives all of it.',
          ),
          '0',
        ),
        liquidationFeeOpening: z.optional(
          openingField(
            'liquidationFee by the time since the case sent its first order plan, from 0 to 1; in ' +
              'place of liquidationFee.',
          ),
        ),
        liquidatorFee: z.optional(
          openingField(
            'Fee on what a plan closes, as a fraction of the notional, from 0 to 1, by the time since ' +
              'the case sent its first order plan. The account pays it to the party that closes the ' +
              'position, on top of the other costs. Without it there is none.',
          ),
        ),
        liquidationFeeShare: z.optional(
          fractionField(
            'Makes liquidationFee the most of a fee that shrinks with the shortage: max(0, ' +
              'min(liquidationFee, share·(m + β − fee − slippage − liquidatorFee − shortage ÷ notional))), with m the ' +
              'maintenance rate of the position, β the liquidationExitBuffer of the policy, and its ' +
              'part, by maintenance requirement, of what the account lacks of its target. Where the ' +
              'requirements of positions add up: perpetuals and futures of the standard model that ' +
              'are not inverse.',
          ),
        ),
      }),
      {},
    ),
    'Cost of closing out a position.',
  ),
  radiusScale: z.prefault(
    positiveRatioField('How far its prices move in a common move of 1.'),
    '1',
  ),
  oracle: described(
    z.prefault(z.partial(z.strictObject(oracleFields)), {}),
    'Price rules of this class. The policy sets those that are absent.',
  ),
});

export const riskAttributes = attributes.check(
  z.refine(
    ({ liquidity: { liquidationFee, liquidationFeeOpening } }) =>
      liquidationFeeOpening === undefined || isZero(liquidationFee),
    {
      path: ['liquidity', 'liquidationFeeOpening'],
      message: 'must not be there with liquidationFee, which it replaces',
    },
  ),
  // A row that names a venue may have its margin.
  z.refine((row) => row.phaseIn === undefined || (row.margin ?? row.venue) !== undefined, {
    path: ['phaseIn'],
    message: 'needs margin, the rule that it leads to',
  }),
  z.refine(
    (row) =>
      row.portfolioOf === undefined || (row.portfolio === undefined && row.dynamic === undefined),
    { path: ['portfolioOf'], message: 'must not be there with portfolio or dynamic' },
  ),
);

export const riskClassOf = (
  riskClass: string,
  row: z.output<typeof riskAttributes>,
): RiskClass => ({ riskClass, ...row, rate: larger(row.rate, row.rateFloor ?? row.rate) });
