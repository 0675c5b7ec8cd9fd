import { isAbove, isBelow, ZERO } from '../margin/number/decimal.ts';
import {
  countField,
  described,
  fractionField,
  halfWidthField,
  idField,
  multiplierField,
  onFirstUse,
  openQuantityField,
  positiveAmountField,
  positiveRatioField,
  priceField,
  quotedPriceField,
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
import * as z from './zod.ts';

export const assetAttributes = z
  .strictObject({
    venue: assetVenue,
    feed: z.optional(idField('Feed of its price. Only the numeraire has none.')),
    collateralWeight: z.prefault(
      fractionField('w: weight as collateral. Margin balance = amount·price·w.'),
      '1',
    ),
    liabilityWeight: z.prefault(
      multiplierField('v: weight as a debt. Margin balance = amount·price·v.'),
      '1',
    ),
    initialCollateralWeight: z.optional(
      fractionField(
        'w for the comparison with the initial requirement; at most collateralWeight, which ' +
          'is the default.',
      ),
    ),
    initialLiabilityWeight: z.optional(
      multiplierField(
        'v for the comparison with the initial requirement; at least liabilityWeight, which ' +
          'is the default.',
      ),
    ),
    sizeScaling: z.optional(
      ratioField(
        'k: a balance of A units counts less as collateral, min(w, 1.1/(1 + k·√|A|)), and ' +
          'more as a debt, max(v, 0.8·v + k·√|A|). Without it the size has no effect.',
      ),
    ),
    initialSizeScaling: z.optional(
      ratioField('k of the initial weights; at least sizeScaling, which is the default.'),
    ),
    initialPriceFeed: z.optional(
      idField(
        'Feed of a second price, such as a mean over five minutes. Initially a deposit counts at the ' +
          'lesser, a loan and open orders at the greater of the two prices: with m and M, A·m·w(A + ' +
          'buys) − buys·M·(1 − w), or A·m·v(A − sells) − sells·M·(v − 1) if that is less. Its ' +
          'uncertainty is not charged; while it is in doubt, so is the initial requirement. Needs feed.',
      ),
    ),
    weightPlaces: z.optional(
      countField(
        'Decimal places to which weights that follow a size or the deposits of all are cut down ' +
          'before they are used: 4 for basis points. A debt’s weight is then ⌊v⌋ − ⌊⌊v⌋/5⌋ + ' +
          '⌊k·√|A|⌋. Without it they are used with all digits.',
        { min: 0, max: 18 },
      ),
    ),
    totalDeposits: z.optional(
      openQuantityField('Units that all accounts hold. Needed for weightScaleStart.'),
    ),
    weightScaleStart: z.optional(
      positiveAmountField(
        's: value of all deposits, in the numeraire, from which the initial weight of a deposit ' +
          'falls: w·min(1, s ÷ (totalDeposits·price)), before size scaling, at the price of the ' +
          'check. Needs totalDeposits. Without it the deposits of others have no effect.',
      ),
    ),
    swapBonus: z.optional(
      fractionField(
        'b: who repays a loan of value x receives x·(1 + b) of this collateral; from 0 to 1. It ' +
          'replaces the bonus of the policy’s loanSwap, without which it has no effect.',
      ),
    ),
    borrowRatePerHour: z.optional(ratioField('Interest on a loan of it, as a fraction per hour.')),
    interestCompounding: described(
      z.optional(z.enum(['simple', 'perSecond', 'binomial', 'taylor'])),
      'How a loan grows, with r = borrowRatePerHour, h the hours and n the whole seconds since ' +
        'interestSettledAt, and x = r/3600. simple, the default: 1 + r·h. perSecond: (1 + x)ⁿ, ' +
        'at most 10²⁴. ' +
        'binomial: its first four terms, 1 + n·x + n(n − 1)/2·x² + n(n − 1)(n − 2)/6·x³. taylor: ' +
        '1 + z + z²/2 + z³/6 with z = r·h. Needs borrowRatePerHour.',
    ),
    riskClass: z.optional(
      idField(
        'Class that sets how its price moves; by default the class with the asset’s own name.',
      ),
    ),
    riskCancelling: described(
      z._default(z.boolean(), true),
      'false: no portfolio model revalues it with a book, whatever collateral its class says.',
    ),
    hedges: z.optional(
      idField(
        'Feed of the underlying whose portfolio it is revalued with, at its own price: value·' +
          '(priceMultiplier − 1), for a coin such as a wrapped one. The portfolio is that of its ' +
          'riskClass. By default its own feed.',
      ),
    ),
    ...tradableFields,
  })
  .check(
    z.refine(({ riskCancelling, hedges }) => riskCancelling || hedges === undefined, {
      path: ['hedges'],
      message: 'must not be there where riskCancelling is false',
    }),
    z.refine(
      ({ collateralWeight: weight, initialCollateralWeight: initial = weight }) =>
        !isAbove(initial, weight),
      { path: ['initialCollateralWeight'], message: 'must not exceed collateralWeight' },
    ),
    z.refine(
      ({ liabilityWeight: weight, initialLiabilityWeight: initial = weight }) =>
        !isBelow(initial, weight),
      { path: ['initialLiabilityWeight'], message: 'must not be below liabilityWeight' },
    ),
    z.refine(
      ({ sizeScaling: scaling = ZERO, initialSizeScaling: initial = scaling }) =>
        !isBelow(initial, scaling),
      { path: ['initialSizeScaling'], message: 'must not be below sizeScaling' },
    ),
    z.refine((row) => row.initialPriceFeed === undefined || row.feed !== undefined, {
      path: ['initialPriceFeed'],
      message: 'needs feed',
    }),
    z.refine(
      (row) => row.interestCompounding === undefined || row.borrowRatePerHour !== undefined,
      { path: ['interestCompounding'], message: 'needs borrowRatePerHour' },
    ),
    z.refine((row) => row.weightScaleStart === undefined || row.totalDeposits !== undefined, {
      path: ['weightScaleStart'],
      message: 'needs totalDeposits',
    }),
  );

export const locationAttributes = onFirstUse(() =>
  described(
    z
      .strictObject({
        finalitySeconds: secondsField('Time from the observation of a balance until it is final.'),
        weight: z.prefault(
          fractionField('Multiplies the collateral weight of a final balance.'),
          '1',
        ),
        pendingWeight: z.prefault(
          fractionField(
            'Multiplies the collateral weight of a balance that is not yet final, or whose ' +
              'location was not observed lately; at most weight. A debt counts in full.',
          ),
          '0',
        ),
        observedAt: z.optional(timeField('When the location itself was last observed.')),
        staleAfterSeconds: z.optional(
          secondsField(
            'Maximum age of observedAt; beyond it the location was not observed lately. Without ' +
              'it the age has no effect.',
          ),
        ),
      })
      .check(
        z.refine(({ weight, pendingWeight }) => !isAbove(pendingWeight, weight), {
          path: ['pendingWeight'],
          message: 'must not exceed weight',
        }),
        z.refine((row) => row.staleAfterSeconds === undefined || row.observedAt !== undefined, {
          path: ['staleAfterSeconds'],
          message: 'needs observedAt',
        }),
      ),
    'A place where collateral lies outside the venue, such as a chain. The id is the ' +
      'name that balances use.',
  ),
);

const needsPrice = (name: 'confidence' | 'fundingRatePerHour' | 'interestRate') => ({
  path: [name],
  message: 'needs a price',
});

export const quoteAttributes = z
  .strictObject({
    price: z.optional(
      quotedPriceField(
        'Numeraire per unit; coin per unit for an inverse option. Only the price of an option ' +
          'may be 0. Needed unless there is an impliedVolatility.',
      ),
    ),
    confidence: z.optional(
      halfWidthField(
        'Half-width of the price, in the unit of the price: how far off it may be. Do not ' +
          'confuse it with confidenceScore. Needs a price.',
      ),
    ),
    high: z.optional(
      priceField(
        'Highest price since the writer’s quote before, or over the last check interval where ' +
          'quotes come more often; at least price. Needs low.',
      ),
    ),
    low: z.optional(priceField('Lowest price of that time; at most price. Needs high.')),
    publishedAt: timeField('Time at which the price was true.'),
    impliedVolatility: z.optional(
      positiveRatioField(
        'σ for an option’s own feed, annual, as a fraction: 0.8 is 80 %. It values the ' +
          'option where there is no price, and in every scenario.',
      ),
    ),
    fundingRatePerHour: z.optional(
      signedRatioField(
        'Fraction of the notional that a long pays to a short, per hour. Needs a price.',
      ),
    ),
    interestRate: z.optional(
      signedRatioField(
        'r of the expiry whose forward this feed quotes: annual, continuously compounded. Counts ' +
          'before the rate of an instrument and of its class. Needs a price.',
      ),
    ),
    confidenceScore: z.optional(
      fractionField(
        'How far the source trusts the price; 1 is full trust and the default. ' +
          'A pure number for the confidenceCharges of a risk class. Do not confuse it with ' +
          'confidence, the half-width.',
      ),
    ),
  })
  .check(
    z.refine((row) => row.price !== undefined || row.impliedVolatility !== undefined, {
      path: ['price'],
      message: 'is needed unless there is an impliedVolatility',
    }),
    z.refine(({ high, low }) => (high === undefined) === (low === undefined), {
      path: ['high'],
      message: 'needs low, and low needs high',
    }),
    z.refine(({ price, high }) => high === undefined || (price && !isBelow(high, price)), {
      path: ['high'],
      message: 'needs a price, and must not be below it',
    }),
    z.refine(({ price, low }) => low === undefined || (price && !isAbove(low, price)), {
      path: ['low'],
      message: 'needs a price, and must not be above it',
    }),
    z.refine(
      (row) => row.price !== undefined || row.confidence === undefined,
      needsPrice('confidence'),
    ),
    z.refine(
      (row) => row.price !== undefined || row.fundingRatePerHour === undefined,
      needsPrice('fundingRatePerHour'),
    ),
    z.refine(
      (row) => row.price !== undefined || row.interestRate === undefined,
      needsPrice('interestRate'),
    ),
  );

export const fundAttributes = onFirstUse(() =>
  described(
    z.strictObject({
      total: signedAmountField(
        'Everything that this source has ever paid into the insurance fund, less what it ' +
          'has taken out, in the numeraire. The next check books the difference from the ' +
          'total it booked last.',
      ),
    }),
    'A meter of the insurance fund: add each payment to it, and never reset it. The id ' +
      'names the source, such as seed or liquidation-fees.',
  ),
);

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
