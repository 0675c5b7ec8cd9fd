/**
 * What checks remember of one feed: the only schema of it, with its writer. It is kept in a page of
 * the margin table (feed-pages.ts), and the price is also in the evidence of a decision. Records and
 * fences of earlier versions are read by the same schema, so an attribute that is added is optional.
 */
import type { Unconfirmed } from '../margin/market/counted-gap.ts';
import type { VolatilityMemory } from '../margin/market/measure.ts';
import type { PricePrint, RememberedPrice } from '../margin/market/oracle.ts';
import type { SlowMemory } from '../margin/market/slow-volatility.ts';
import { type Ratio, textOf } from '../margin/number/decimal.ts';
import { MOVE_MAX, QUANTILE_MAX, VARIANCE_MAX } from '../margin/number/limits.ts';
import { NO_SCORES } from '../margin/statistics/ranked-scores.ts';
import type { ForecastMemory, OpenHorizon } from '../margin/statistics/shock-forecast.ts';
import {
  described,
  positiveRatioField,
  priceField,
  properFractionField,
  timeField,
} from '../rows/fields.ts';
import * as z from '../rows/zod.ts';
import {
  joinScores,
  type PagedScores,
  recentText,
  recentTextField,
  takenField,
} from './recorded-scores.ts';

export interface RecordedFeed {
  /** Absent before the first believed price. */
  readonly price?: RememberedPrice | undefined;
  /** Absent until a class measures it. */
  readonly volatility?: VolatilityMemory | undefined;
  /** The first check to which no market row named the feed. */
  readonly goneSince?: number | undefined;
  /** Scores up to this were on a page of scores, as the volatility has them, when it was read. */
  readonly scoresOnPage?: number | undefined;
}

const extreme = priceField('A price.');

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

const positiveText = (most: number) =>
  floatText(most).check(z.refine((value) => value > 0, 'must be above 0'));

const quantileText = positiveText(QUANTILE_MAX);

const signedFloatText = z.pipe(
  z.string().check(z.regex(/^-?\d+(\.\d+)?(e[+-]\d{1,3})?$/, 'must be a number')),
  z.transform(Number),
);

const moveText = floatText(MOVE_MAX);
const scaleText = positiveText(MOVE_MAX);

const openHorizon = z.pipe(
  z.tuple([moveText, moveText, signedFloatText, scaleText, scaleText]),
  z.transform(
    ([fall, rise, moved, seconds, volatility]): OpenHorizon => ({
      fall,
      rise,
      moved,
      seconds,
      volatility,
    }),
  ),
);

const forecastAttributes = z.strictObject({
  variance: floatText(VARIANCE_MAX),
  gaps: takenField,
  /** Of the variances of the first gaps. */
  sum: floatText(VARIANCE_MAX),
  isRanged: z.boolean(),
  unranged: takenField,
  alphaDown: signedFloatText,
  alphaUp: signedFloatText,
  open: z.array(openHorizon),
  /** Scores after `since`; the others are on a page. */
  taken: takenField,
  since: takenField,
  down: recentTextField,
  up: recentTextField,
});

const volatilityAttributes = z.strictObject({
  annualVariance: floatText(VARIANCE_MAX),
  /** Of versions before the forecast. */
  quantileDown: z.optional(quantileText),
  quantileUp: z.optional(quantileText),
  forecast: z.optional(forecastAttributes),
  price: priceField('The last price that was counted.'),
  publishedAt: timeField('Time of that price.'),
  unconfirmed: described(
    z.optional(z.strictObject({ low: z.optional(extreme), high: z.optional(extreme) })),
    'Quoted extremes far from both ends of their gap, which nothing has confirmed yet.',
  ),
  /** Absent if the initial requirement's speed is unlimited. */
  initialVolatility: z.optional(positiveRatioField('σ of the initial requirement.')),
  initialAsOf: z.optional(timeField('Time of that σ.')),
  /** Absent without an exhaustible buffer. */
  bufferVolatility: z.optional(positiveRatioField('σ of the exhaustible buffer.')),
  bufferAsOf: z.optional(timeField('Time of that σ.')),
});

const LATER = 'must not be later than the check';

export interface VolatilityReading {
  /** A later time is a fault: it would block measuring until then. */
  readonly latest: number;
  /** The feed's scores that are on a page. */
  readonly paged?: PagedScores | undefined;
  /** Called with how many scores are on that page; undefined if some should be, and are not. */
  readonly onScores?: ((onPage: number | undefined) => void) | undefined;
}

export const rememberedVolatility = (reading: VolatilityReading) =>
  z.pipe(
    volatilityAttributes.check(
      z.refine(({ publishedAt }) => publishedAt <= reading.latest, {
        path: ['publishedAt'],
        message: LATER,
      }),
      z.refine(({ initialAsOf = 0 }) => initialAsOf <= reading.latest, {
        path: ['initialAsOf'],
        message: LATER,
      }),
      z.refine(({ bufferAsOf = 0 }) => bufferAsOf <= reading.latest, {
        path: ['bufferAsOf'],
        message: LATER,
      }),
    ),
    z.transform((stored): VolatilityMemory => memoryOf(stored, reading)),
  );

function memoryOf(
  stored: z.output<typeof volatilityAttributes>,
  reading: VolatilityReading,
): VolatilityMemory {
  const { annualVariance, price, publishedAt, unconfirmed, forecast } = stored;
  const { initialVolatility, initialAsOf, bufferVolatility, bufferAsOf } = stored;
  const initial = slowOf(initialVolatility, initialAsOf);
  const buffer = slowOf(bufferVolatility, bufferAsOf);
  return {
    annualVariance,
    ...(forecast && { forecast: forecastOf(forecast, reading) }),
    price,
    publishedAt,
    ...(unconfirmed && { unconfirmed }),
    ...(initial && { initial }),
    ...(buffer && { buffer }),
  };
}

const slowOf = (volatility: Ratio | undefined, asOf: number | undefined): SlowMemory | undefined =>
  volatility === undefined || asOf === undefined ? undefined : { volatility, asOf };

/** Without the scores up to `since`, all are gathered anew. */
function forecastOf(
  stored: z.output<typeof forecastAttributes>,
  { paged, onScores }: VolatilityReading,
): ForecastMemory {
  const { variance, gaps, sum, isRanged, unranged, open } = stored;
  const alpha = { down: stored.alphaDown, up: stored.alphaUp };
  const joined = joinScores(stored, paged);
  onScores?.(joined?.onPage);
  const scores = joined?.scores ?? { down: NO_SCORES, up: NO_SCORES };
  return { variance, gaps, sum, isRanged, unranged, alpha, scores, open };
}

const writeVolatility = (
  { annualVariance, forecast, price, publishedAt, unconfirmed, initial, buffer }: VolatilityMemory,
  since: number,
) => ({
  annualVariance: String(annualVariance),
  ...(forecast && { forecast: writeForecast(forecast, since) }),
  price: textOf(price),
  publishedAt,
  ...(unconfirmed && { unconfirmed: writeUnconfirmed(unconfirmed) }),
  ...(initial && {
    initialVolatility: textOf(initial.volatility),
    initialAsOf: initial.asOf,
  }),
  ...(buffer && { bufferVolatility: textOf(buffer.volatility), bufferAsOf: buffer.asOf }),
});

const writeForecast = (
  { variance, gaps, sum, isRanged, unranged, alpha, scores, open }: ForecastMemory,
  since: number,
) => ({
  variance: String(variance),
  gaps,
  sum: String(sum),
  isRanged,
  unranged,
  alphaDown: String(alpha.down),
  alphaUp: String(alpha.up),
  open: open.map(({ fall, rise, moved, seconds, volatility }) =>
    [fall, rise, moved, seconds, volatility].map(String),
  ),
  taken: scores.down.taken,
  since,
  down: recentText(scores.down, since),
  up: recentText(scores.up, since),
});

const writeUnconfirmed = ({ low, high }: Unconfirmed) => ({
  ...(low && { low: textOf(low) }),
  ...(high && { high: textOf(high) }),
});

/** @param since scores up to this are on a page */
export const writeRecordedFeed = ({ price, volatility, goneSince }: RecordedFeed, since = 0) => ({
  ...(price && { price: writeRemembered(price) }),
  ...(volatility && { volatility: writeVolatility(volatility, since) }),
  ...(goneSince === undefined ? {} : { goneSince }),
});
