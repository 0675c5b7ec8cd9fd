/**
 * What checks remember of one feed: the only schema of it, with its writer. It is kept in a page of
 * the margin table (feed-pages.ts), and the price is also in the evidence of a decision. Records and
 * fences of earlier versions are read by the same schema, so an attribute that is added is optional.
 */
import type { VolatilityMemory } from '../margin/market/measure.ts';
import type { PricePrint, RememberedPrice } from '../margin/market/oracle.ts';
import { textOf } from '../margin/number/decimal.ts';
import { QUANTILE_MAX, VARIANCE_MAX } from '../margin/number/limits.ts';
import {
  described,
  positiveRatioField,
  priceField,
  properFractionField,
  timeField,
} from '../rows/fields.ts';
import * as z from '../rows/zod.ts';

export interface RecordedFeed {
  /** Absent before the first believed price. */
  readonly price?: RememberedPrice | undefined;
  /** Absent until a class measures it. */
  readonly volatility?: VolatilityMemory | undefined;
  /** The first check to which no market row named the feed. */
  readonly goneSince?: number | undefined;
}

const print = z.strictObject({
  price: priceField('A price.'),
  publishedAt: timeField('Its time.'),
});

export const rememberedPrice = z.pipe(
  z.strictObject({
    price: priceField('The last price that was believed.'),
    publishedAt: z.optional(timeField('When it was published.')),
    suspect: described(z.optional(print), 'A price that is not believed yet.'),
    ahead: described(
      z.optional(print),
      'The newest price after a jump that was confirmed only as far as the price believed.',
    ),
    isFirstPrint: described(
      z.optional(z.literal(true)),
      'The first price of its feed, which nothing has confirmed yet.',
    ),
    sources: described(
      z.optional(z.record(z.string(), timeField('Time of the newest quote read of the source.'))),
      'By source.',
    ),
    apart: described(z.optional(z.array(z.string())), 'Sources that disagreed with the others.'),
    confidenceScore: z.optional(
      properFractionField('The confidenceScore of its quotes, if below 1.'),
    ),
    unchangedSince: z.optional(timeField('Since when the price has been the same.')),
    anchors: described(
      z.optional(z.array(print)),
      'One per window of maxMoveWindows: the price at its start.',
    ),
  }),
  z.transform((stored): RememberedPrice => stored),
);

export const writeRemembered = ({
  price,
  suspect,
  ahead,
  anchors,
  confidenceScore,
  ...rest
}: RememberedPrice) => ({
  ...rest,
  price: textOf(price),
  ...(suspect && { suspect: writePrint(suspect) }),
  ...(ahead && { ahead: writePrint(ahead) }),
  ...(confidenceScore && { confidenceScore: textOf(confidenceScore) }),
  ...(anchors && { anchors: anchors.map(writePrint) }),
});

const writePrint = ({ price, publishedAt }: PricePrint) => ({
  price: textOf(price),
  publishedAt,
});

/** Shortest text that reads back as the same float64. */
const floatText = (most: number) =>
  z
    .pipe(
      z.string().check(z.regex(/^\d+(\.\d+)?(e[+-]\d{1,3})?$/, 'must be a number')),
      z.transform(Number),
    )
    .check(z.refine((value) => value <= most, `must be at most ${most}`));

const quantileText = floatText(QUANTILE_MAX).check(
  z.refine((value) => value > 0, 'must be above 0'),
);

const volatilityAttributes = z.strictObject({
  annualVariance: floatText(VARIANCE_MAX),
  /** Absent without tracked quantiles. */
  quantileDown: z.optional(quantileText),
  quantileUp: z.optional(quantileText),
  price: priceField('The last price that was counted.'),
  publishedAt: timeField('Time of that price.'),
  /** Absent if the initial requirement's speed is unlimited. */
  initialVolatility: z.optional(positiveRatioField('σ of the initial requirement.')),
  initialAsOf: z.optional(timeField('Time of that σ.')),
});

const LATER = 'must not be later than the check';

/** @param latest a later time is a fault: it would block measuring until then */
export const rememberedVolatility = (latest: number) =>
  z.pipe(
    volatilityAttributes.check(
      z.refine(({ publishedAt }) => publishedAt <= latest, {
        path: ['publishedAt'],
        message: LATER,
      }),
      z.refine(({ initialAsOf = 0 }) => initialAsOf <= latest, {
        path: ['initialAsOf'],
        message: LATER,
      }),
    ),
    z.transform(memoryOf),
  );

function memoryOf(stored: z.output<typeof volatilityAttributes>): VolatilityMemory {
  const { annualVariance, price, publishedAt, quantileDown: down, quantileUp: up } = stored;
  const { initialVolatility: volatility, initialAsOf } = stored;
  return {
    annualVariance,
    ...(down === undefined || up === undefined ? {} : { quantiles: { down, up } }),
    price,
    publishedAt,
    ...(volatility === undefined || initialAsOf === undefined
      ? {}
      : { initial: { volatility, asOf: initialAsOf } }),
  };
}

const writeVolatility = ({
  annualVariance,
  quantiles,
  price,
  publishedAt,
  initial,
}: VolatilityMemory) => ({
  annualVariance: String(annualVariance),
  ...(quantiles && { quantileDown: String(quantiles.down), quantileUp: String(quantiles.up) }),
  price: textOf(price),
  publishedAt,
  ...(initial && {
    initialVolatility: textOf(initial.volatility),
    initialAsOf: initial.asOf,
  }),
});

export const writeRecordedFeed = ({ price, volatility, goneSince }: RecordedFeed) => ({
  ...(price && { price: writeRemembered(price) }),
  ...(volatility && { volatility: writeVolatility(volatility) }),
  ...(goneSince === undefined ? {} : { goneSince }),
});
