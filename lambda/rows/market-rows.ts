import * as z from 'zod';
import { isAbove, isBelow, ZERO } from '../margin/number/decimal.ts';
import {
  fractionField,
  halfWidthField,
  idField,
  multiplierField,
  positiveRatioField,
  priceField,
  ratioField,
  secondsField,
  signedAmountField,
  signedRatioField,
  timeField,
} from './fields.ts';
import { instrumentAttributes } from './instrument-row.ts';
import { policyAttributes } from './policy-row.ts';
import { riskAttributes } from './risk-row.ts';
import { tradableFields } from './tradable.ts';
import { assetVenue } from './venues/venue-field.ts';

export const assetAttributes = z
  .strictObject({
    venue: assetVenue,
    feed: idField('Feed of its price; only the numeraire has none.').optional(),
    collateralWeight: fractionField(
      'w: what a unit of it counts for as collateral: margin balance = amount·price·w.',
    ).prefault('1'),
    liabilityWeight: multiplierField('v: what a unit of it counts for as a debt.').prefault('1'),
    initialCollateralWeight: fractionField(
      'w where the initial requirement is compared; at most collateralWeight, and by default that.',
    ).optional(),
    initialLiabilityWeight: multiplierField(
      'v where the initial requirement is compared; at least liabilityWeight, and by default that.',
    ).optional(),
    sizeScaling: ratioField(
      'k: a large balance of A units counts less as collateral, min(w, 1.1/(1 + k·√|A|)), and more ' +
        'as a debt, max(v, 0.8·v + k·√|A|). Without it size does not matter.',
    ).optional(),
    initialSizeScaling: ratioField(
      'k of the initial weights; at least sizeScaling, and by default that.',
    ).optional(),
    borrowRatePerHour: ratioField('Interest on a loan of it, as a fraction an hour.').optional(),
    riskClass: idField('How its price moves; by default the class of its own name.').optional(),
    ...tradableFields,
  })
  .refine(
    ({ collateralWeight: weight, initialCollateralWeight: initial = weight }) =>
      !isAbove(initial, weight),
    { path: ['initialCollateralWeight'], message: 'must not exceed collateralWeight' },
  )
  .refine(
    ({ liabilityWeight: weight, initialLiabilityWeight: initial = weight }) =>
      !isBelow(initial, weight),
    { path: ['initialLiabilityWeight'], message: 'must not be below liabilityWeight' },
  )
  .refine(
    ({ sizeScaling: scaling = ZERO, initialSizeScaling: initial = scaling }) =>
      !isBelow(initial, scaling),
    { path: ['initialSizeScaling'], message: 'must not be below sizeScaling' },
  );

export const locationAttributes = z
  .strictObject({
    finalitySeconds: secondsField('A balance is final this long after it was observed there.'),
    weight: fractionField('Multiplies the collateral weight of a balance that is final.').prefault(
      '1',
    ),
    pendingWeight: fractionField(
      'Multiplies that of one that is not final yet, or whose location has not been observed ' +
        'lately; at most weight. A debt counts in full.',
    ).prefault('0'),
    observedAt: timeField('When the location itself was last observed.').optional(),
    staleAfterSeconds: secondsField(
      'Age of observedAt above which the location has not been observed lately; without it age ' +
        'does not matter.',
    ).optional(),
  })
  .refine(({ weight, pendingWeight }) => !isAbove(pendingWeight, weight), {
    path: ['pendingWeight'],
    message: 'must not exceed weight',
  })
  .refine((row) => row.staleAfterSeconds === undefined || row.observedAt !== undefined, {
    path: ['staleAfterSeconds'],
    message: 'needs observedAt',
  })
  .register(z.globalRegistry, {
    description:
      'Where collateral lies besides here, such as a chain: a balance names it. The id is its name.',
  });

const needsPrice = (name: 'confidence' | 'fundingRatePerHour') => ({
  path: [name],
  message: 'needs a price',
});

export const quoteAttributes = z
  .strictObject({
    price: priceField(
      'Numeraire a unit; of an inverse option, coin a unit. Needed unless there is an ' +
        'impliedVolatility.',
    ).optional(),
    confidence: halfWidthField(
      'Half-width of the price, in its unit: how far off it may be. Not to be confused with ' +
        'confidenceScore. Needs a price.',
    ).optional(),
    publishedAt: timeField('When the price was true.'),
    impliedVolatility: positiveRatioField(
      'σ of an option’s own feed, annual, as a fraction: 0.8 is 80 %. It values the option where ' +
        'there is no price, and in every scenario.',
    ).optional(),
    fundingRatePerHour: signedRatioField(
      'Share of the notional that a long pays a short, an hour. Needs a price.',
    ).optional(),
    confidenceScore: fractionField(
      'How far the source trusts it, from 0 to 1, which is fully, and the default: a pure number, ' +
        'for the confidenceCharges of a risk class. Not to be confused with confidence, the ' +
        'half-width.',
    ).optional(),
  })
  .refine((row) => row.price !== undefined || row.impliedVolatility !== undefined, {
    path: ['price'],
    message: 'is needed, or impliedVolatility, or both',
  })
  .refine(
    (row) => row.price !== undefined || row.confidence === undefined,
    needsPrice('confidence'),
  )
  .refine(
    (row) => row.price !== undefined || row.fundingRatePerHour === undefined,
    needsPrice('fundingRatePerHour'),
  );

export const fundAttributes = z
  .strictObject({
    total: signedAmountField(
      'All that this source has ever paid into the insurance fund, less what it has taken out, in the ' +
        'numeraire. What it differs by from the last one booked is booked by the next check.',
    ),
  })
  .register(z.globalRegistry, {
    description:
      'A meter of the insurance fund: a payment is added to it, and it is never reset. The id names ' +
      'the source, such as seed or liquidation-fees.',
  });

/** By kind; the id of a quote is `<feed>#<source>`. */
export const marketAttributes = {
  policy: policyAttributes,
  asset: assetAttributes,
  location: locationAttributes,
  instrument: instrumentAttributes,
  risk: riskAttributes,
  quote: quoteAttributes,
  fund: fundAttributes,
} as const;

export type MarketKind = keyof typeof marketAttributes;
