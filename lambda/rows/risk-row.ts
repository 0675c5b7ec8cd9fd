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
    referenceVolatility: positiveRatioField(
      'σ at which the requirement is just what it is; annual.',
    ),
    floor: positiveRatioField('The multiplier is never below it.').prefault('1'),
    cap: positiveRatioField('The multiplier is never above it; at least floor.'),
    initialRisePerHour: positiveRatioField(
      'By how much, as a fraction an hour, compounding, a measured σ may raise the initial ' +
        'requirement; it falls at once. Maintenance is not slowed. Without it: at once.',
    ).optional(),
  })
  .refine(({ floor, cap }) => !isBelow(cap, floor), {
    path: ['cap'],
    message: 'must be at least floor',
  })
  .register(z.globalRegistry, {
    description:
      'Requirements that follow the volatility: times min(cap, max(floor, σ/referenceVolatility)), ' +
      'σ being that of the feed of the underlying. Without it they stand still.',
  });

export const riskAttributes = z.strictObject({
  venue: riskVenue,
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
    'Decimal places that the margin of each perpetual and future is rounded up to; without it, not rounded.',
    { min: 0, max: 18 },
  ).optional(),
  rate: signedRatioField(
    'r: annual interest, continuously compounded, as a fraction. F = S·e^{r·T} where there is no ' +
      'forward feed; option values are discounted by e^{−r·T}.',
  ).prefault('0'),
  volatility: volatilityRule,
  jumpFloor: ratioField(
    'A move that no interval is too short for, as a fraction of the price.',
  ).prefault('0'),
  liquidity: z
    .strictObject({
      fee: ratioField('Of trading, as a fraction of the notional.').prefault('0'),
      slippage: ratioField('Of closing out, as a fraction of the notional.').prefault('0'),
      impact: ratioField(
        'Y: an order of notional x moves its price by Y·σ_day·√(x/dailyVolume) besides. An instrument ' +
          'or asset without dailyVolume is planned without.',
      ).prefault('0'),
      liquidationFee: properFractionField(
        'Of what a plan closes, as a fraction of the notional: the account pays it into the insurance ' +
          'fund.',
      ).prefault('0'),
    })
    .prefault({})
    .register(z.globalRegistry, { description: 'What it costs to close a position out.' }),
  radiusScale: positiveRatioField('How far it moves in a common shock of 1.').prefault('1'),
  oracle: z.strictObject(oracleFields).partial().prefault({}).register(z.globalRegistry, {
    description: 'Rules for the prices of this class; what it leaves out, the policy says.',
  }),
});

export const riskClassOf = (
  riskClass: string,
  row: z.output<typeof riskAttributes>,
): RiskClass => ({ riskClass, ...row });
