import * as z from 'zod';
import type { RiskClass } from '../margin/market/risk-class.ts';
import { isBelow } from '../margin/number/decimal.ts';
import { confidenceCharge, depegCharge } from './charges.ts';
import {
  amountField,
  countField,
  positiveRatioField,
  properFractionField,
  ratioField,
  signedRatioField,
} from './fields.ts';
import { marginRule } from './margin-rule.ts';
import { optionRule } from './option-rule.ts';
import { oracleFields } from './policy-row.ts';
import { portfolioRules } from './portfolio-rules.ts';
import { riskVenue } from './venues/venue-field.ts';
import { volatilityRule } from './volatility-rule.ts';

const dynamic = z
  .strictObject({
    referenceVolatility: positiveRatioField('σ at which the requirement is unchanged; annual.'),
    floor: positiveRatioField('Minimum of the multiplier.').prefault('1'),
    cap: positiveRatioField('Maximum of the multiplier; at least floor.'),
    initialRisePerHour: positiveRatioField(
      'Most that a measured σ may raise the initial requirement, as a fraction per hour, ' +
        'compounding. The initial requirement falls at once, and maintenance has no limit. ' +
        'Without it there is no limit.',
    ).optional(),
  })
  .refine(({ floor, cap }) => !isBelow(cap, floor), {
    path: ['cap'],
    message: 'must be at least floor',
  })
  .register(z.globalRegistry, {
    description:
      'Requirements that follow the volatility: multiplied by min(cap, max(floor, ' +
      'σ/referenceVolatility)), with σ of the underlying’s feed. Without it they do not ' +
      'change.',
  });

export const riskAttributes = z.strictObject({
  venue: riskVenue,
  margin: marginRule.optional(),
  optionRule: optionRule.optional(),
  portfolio: portfolioRules.optional(),
  confidenceCharges: z.array(confidenceCharge).prefault([]).register(z.globalRegistry, {
    description: 'Charges for prices with a low confidenceScore; they are added up.',
  }),
  depegCharge: depegCharge.optional(),
  openOrderCharge: amountField(
    'Numeraire per open order, in both requirements; see openOrderCount.',
  ).prefault('0'),
  dynamic: dynamic.optional(),
  requirementPlaces: countField(
    'Decimal places to which the margin of each perpetual and future is rounded up; ' +
      'without it there is no rounding.',
    { min: 0, max: 18 },
  ).optional(),
  rate: signedRatioField(
    'r: annual interest, continuously compounded, as a fraction. F = S·e^{r·T} where there is no ' +
      'forward feed; option values are discounted by e^{−r·T}.',
  ).prefault('0'),
  volatility: volatilityRule,
  jumpFloor: ratioField(
    'A move that is possible in any interval, however short, as a fraction of the price.',
  ).prefault('0'),
  liquidity: z
    .strictObject({
      fee: ratioField('Trading fee, as a fraction of the notional.').prefault('0'),
      slippage: ratioField('Slippage of closing out, as a fraction of the notional.').prefault('0'),
      impact: ratioField(
        'Y: an order of notional x also moves its price by Y·σ_day·√(x/dailyVolume). ' +
          'Without dailyVolume, plans assume no impact.',
      ).prefault('0'),
      liquidationFee: properFractionField(
        'Fee on what a plan closes, as a fraction of the notional. The account pays it ' +
          'into the insurance fund.',
      ).prefault('0'),
    })
    .prefault({})
    .register(z.globalRegistry, { description: 'Cost of closing out a position.' }),
  radiusScale: positiveRatioField('How far its prices move in a common move of 1.').prefault('1'),
  oracle: z.strictObject(oracleFields).partial().prefault({}).register(z.globalRegistry, {
    description: 'Price rules of this class. The policy sets those that are absent.',
  }),
});

export const riskClassOf = (
  riskClass: string,
  row: z.output<typeof riskAttributes>,
): RiskClass => ({ riskClass, ...row });
