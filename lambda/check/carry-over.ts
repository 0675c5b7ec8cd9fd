/**
 * Before there were pages, the fence held the believed prices, and each feed's volatility had an item
 * of its own. They are taken over at the first check with pages. The fence keeps its prices until
 * every page is written, and as long as it has them, feeds that are on no page are taken over.
 */
import type { MarginTable } from '../aws/margin-table.ts';
import type { VolatilityMemory } from '../margin/market/measure.ts';
import type { RememberedPrice } from '../margin/market/oracle.ts';
import type { Reason } from '../margin/number/reason.ts';
import { inParallel } from '../outbox/parallel.ts';
import { because, FROM_STRESS } from '../record/feed-pages.ts';
import { recordedPrice } from '../record/recorded.ts';
import { type RecordedFeed, rememberedVolatility } from '../record/recorded-feed.ts';
import { attributesOf, rowFault } from '../rows/fault.ts';
import { onFirstUse } from '../rows/fields.ts';
import type { RawRow } from '../rows/raw-row.ts';
import * as z from '../rows/zod.ts';

/** The fence's attribute `prices` as versions without pages wrote it. */
export const fencePrices = onFirstUse(() =>
  z.record(
    z.string(),
    z.pipe(
      z.strictObject({
        price: recordedPrice,
        suspect: z.optional(z.strictObject({ price: recordedPrice, publishedAt: z.int() })),
      }),
      z.transform((stored): RememberedPrice => stored),
    ),
  ),
);

export const volatilityKey = (feed: string) => ({ pk: `factor#${feed}`, sk: 'volatility' });

const placeOf = (feed: string): string => `margin factor#${feed}/volatility`;

export interface Failure {
  readonly place: string;
  readonly failure: unknown;
}

export interface CarriedOver {
  readonly feeds: ReadonlyMap<string, RecordedFeed>;
  readonly faults: readonly Reason[];
  /** By feed: why its volatility could not be read. It is taken over at a later check. */
  readonly failures: ReadonlyMap<string, Failure>;
}

/**
 * @param prices of feeds that are on no page
 * @param measured feeds that are on no page, and whose class measures their volatility
 */
export async function carryOver(
  margin: MarginTable,
  {
    prices,
    measured,
    latest,
  }: {
    readonly prices: ReadonlyMap<string, RememberedPrice>;
    readonly measured: readonly string[];
    readonly latest: number;
  },
): Promise<CarriedOver> {
  const feeds = new Map<string, RecordedFeed>(
    [...prices].map(([feed, price]) => [feed, { price }]),
  );
  const faults: Reason[] = [];
  const failures = new Map<string, Failure>();
  await inParallel(measured, async (feed) => {
    try {
      const row = await margin.readRow(volatilityKey(feed));
      const volatility = row && readItem(row, { feed, latest, faults });
      if (volatility !== undefined) feeds.set(feed, { ...feeds.get(feed), volatility });
    } catch (failure) {
      failures.set(feed, { place: placeOf(feed), failure });
    }
  });
  return { feeds, faults, failures };
}

function readItem(
  row: RawRow,
  {
    feed,
    latest,
    faults,
  }: { readonly feed: string; readonly latest: number; readonly faults: Reason[] },
): VolatilityMemory | undefined {
  const { checkId: _, expiresAtSeconds: __, ...attributes } = attributesOf(row, ['pk', 'sk']);
  const parsed = rememberedVolatility(latest).safeParse(attributes);
  if (parsed.success) return parsed.data;
  faults.push(because(rowFault(placeOf(feed), parsed.error), FROM_STRESS));
  return undefined;
}
