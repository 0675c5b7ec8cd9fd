/**
 * Measured volatilities, carried from check to check. Each is updated before any assessment and
 * kept once the fence is acquired. If a run dies in between, the next counts the whole move since.
 */
import type { MarginTable } from '../aws/margin-table.ts';
import {
  type MeasuredFeed,
  type MeasureInput,
  measuredFeeds,
  measuredOf,
  memoryAfter,
  type VolatilityMemory,
} from '../margin/market/measure.ts';
import type { MeasuredVolatilities, MeasuredVolatility } from '../margin/market/volatility.ts';
import { textOf } from '../margin/number/decimal.ts';
import { CLOCK_SKEW_MS_MAX, QUANTILE_MAX, VARIANCE_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import { inParallel } from '../outbox/parallel.ts';
import type { Key } from '../outbox/stored-case.ts';
import { attributesOf, rowFault } from '../rows/fault.ts';
import { positiveRatioField, priceField, timeField } from '../rows/fields.ts';
import type { RawRow } from '../rows/raw-row.ts';
import * as z from '../rows/zod.ts';

export const volatilityKey = (feed: string): Key => ({ pk: `factor#${feed}`, sk: 'volatility' });

export const volatilityPlace = (feed: string): string => `margin factor#${feed}/volatility`;

interface FeedReading {
  readonly feed: string;
  /** Absent if never counted; null if unreadable. */
  readonly measured?: MeasuredVolatility | undefined;
  /** Absent if unchanged. */
  readonly next?: VolatilityMemory | undefined;
  /** Why the stored row is unusable, and the check that wrote it. */
  readonly fault?: Reason | undefined;
  readonly replaced?: string | undefined;
  readonly failure?: unknown;
}

export interface VolatilityReadings {
  readonly measured: MeasuredVolatilities;
  readonly feeds: readonly FeedReading[];
  readonly faults: readonly Reason[];
}

export interface ReadVolatilities extends MeasureInput {
  readonly checkId: string;
}

/** Never throws: an unreadable volatility is unknown. */
export async function readVolatilities(
  margin: MarginTable,
  input: ReadVolatilities,
): Promise<VolatilityReadings> {
  const feeds = await inParallel(measuredFeeds(input), (of) => readFeed(margin, of, input));
  const measured = feeds.flatMap(({ feed, measured: at }) =>
    at === undefined ? [] : [[feed, at] as const],
  );
  const faults = feeds.flatMap(({ fault }) => fault ?? []);
  return { feeds, measured: new Map(measured), faults };
}

async function readFeed(
  margin: MarginTable,
  of: MeasuredFeed,
  input: ReadVolatilities,
): Promise<FeedReading> {
  try {
    const row = await margin.readRow(volatilityKey(of.feed));
    return readingOf(of, row, input);
  } catch (failure) {
    return { feed: of.feed, measured: null, failure };
  }
}

function readingOf(of: MeasuredFeed, row: RawRow | undefined, input: ReadVolatilities) {
  const { feed, terms } = of;
  const { asOf } = input;
  const read = row === undefined ? undefined : readMemory(feed, row, input);
  const before = read?.memory;
  const after = memoryAfter(before, { ...of, asOf });
  return {
    feed,
    measured: after === undefined ? undefined : measuredOf(after, { asOf, terms }),
    next: after === before ? undefined : after,
    fault: read?.fault,
    replaced: read?.replaced,
  };
}

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

const memoryAttributes = z.strictObject({
  annualVariance: floatText(VARIANCE_MAX),
  /** Absent without tracked quantiles. */
  quantileDown: z.optional(quantileText),
  quantileUp: z.optional(quantileText),
  price: priceField('The last price that was counted.'),
  publishedAt: timeField('Time of that price.'),
  /** Absent if the initial requirement's speed is unlimited. */
  initialVolatility: z.optional(positiveRatioField('σ of the initial requirement.')),
  initialAsOf: z.optional(timeField('Time of that σ.')),
  checkId: z.string(),
  expiresAtSeconds: z.unknown(),
});

interface MemoryReading {
  readonly memory?: VolatilityMemory;
  readonly fault?: Reason;
  readonly replaced?: string | undefined;
}

/** A future time or check is a fault: it would block measuring until then. */
function readMemory(feed: string, row: RawRow, { asOf, checkId }: ReadVolatilities): MemoryReading {
  const latest = asOf + CLOCK_SKEW_MS_MAX;
  const attributes = memoryAttributes.check(
    z.refine((memory) => memory.publishedAt <= latest, {
      path: ['publishedAt'],
      message: 'must not be later than the check',
    }),
    z.refine(({ initialAsOf = 0 }) => initialAsOf <= latest, {
      path: ['initialAsOf'],
      message: 'must not be later than the check',
    }),
    z.refine((memory) => memory.checkId < checkId, {
      path: ['checkId'],
      message: 'must be that of an earlier check',
    }),
  );
  const parsed = attributes.safeParse(attributesOf(row, ['pk', 'sk']));
  if (parsed.success) return { memory: memoryOf(parsed.data) };
  const fault = rowFault(volatilityPlace(feed), parsed.error);
  const replaced = typeof row.checkId === 'string' ? row.checkId : undefined;
  const detail = `${fault.detail}; the measurement starts again from the stress volatility`;
  return { fault: { ...fault, detail }, replaced };
}

function memoryOf(row: z.output<typeof memoryAttributes>): VolatilityMemory {
  const { annualVariance, price, publishedAt, quantileDown: down, quantileUp: up } = row;
  const { initialVolatility: volatility, initialAsOf } = row;
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

const memoryRow = (memory: VolatilityMemory) => ({
  annualVariance: String(memory.annualVariance),
  ...quantileAttributes(memory),
  price: textOf(memory.price),
  publishedAt: memory.publishedAt,
  ...initialAttributes(memory),
});

const quantileAttributes = ({ quantiles }: VolatilityMemory) =>
  quantiles && { quantileDown: String(quantiles.down), quantileUp: String(quantiles.up) };

const initialAttributes = ({ initial }: VolatilityMemory) =>
  initial && { initialVolatility: textOf(initial.volatility), initialAsOf: initial.asOf };

export interface KeepVolatilities {
  readonly checkId: string;
  readonly expiresAtSeconds: number;
}

/** @returns feeds not kept; the next check counts their whole move */
export async function keepVolatilities(
  margin: MarginTable,
  { feeds }: VolatilityReadings,
  { checkId, expiresAtSeconds }: KeepVolatilities,
): Promise<{ readonly feed: string; readonly failure: unknown }[]> {
  const kept = await inParallel(feeds, async ({ feed, next, replaced }) => {
    if (next === undefined) return [];
    const row = { ...memoryRow(next), checkId, expiresAtSeconds };
    try {
      await margin.putLater(volatilityKey(feed), row, replaced);
      return [];
    } catch (failure) {
      return [{ feed, failure }];
    }
  });
  return kept.flat();
}
