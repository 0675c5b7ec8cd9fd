/**
 * Before there were pages, the fence held the believed prices, and each feed's volatility had an item
 * of its own. They are taken over at the first check with pages. The fence keeps its prices until
 * every page is written, and as long as it has them, feeds that are on no page are taken over.
 */
import type { MarginTable } from '../aws/margin-table.ts';
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

const volatilityKey = (feed: string) => ({ pk: `factor#${feed}`, sk: 'volatility' });

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

export const NOTHING_CARRIED: CarriedOver = { feeds: new Map(), faults: [], failures: new Map() };

export interface CarryOver {
  /** Prices of feeds that are on no page. */
  readonly prices: ReadonlyMap<string, RememberedPrice>;
  /** Feeds that are on no page, and whose class measures their volatility. */
  readonly measured: readonly string[];
  /** No stored time may be later. */
  readonly latest: number;
}

export async function carryOver(
  margin: MarginTable,
  { prices, measured, latest }: CarryOver,
): Promise<CarriedOver> {
  const feeds = new Map<string, RecordedFeed>();
  for (const [feed, price] of prices) feeds.set(feed, { price });
  const faults: Reason[] = [];
  const failures = new Map<string, Failure>();
  const schema = rememberedVolatility({ latest });
  await inParallel(measured, async (feed) => {
    const place = `margin factor#${feed}/volatility`;
    try {
      const row = await margin.readRow(volatilityKey(feed));
      if (row === undefined) return;
      const parsed = schema.safeParse(measuredAttributes(row));
      if (parsed.success) feeds.set(feed, { ...feeds.get(feed), volatility: parsed.data });
      else faults.push(because(rowFault(place, parsed.error), FROM_STRESS));
    } catch (failure) {
      failures.set(feed, { place, failure });
    }
  });
  return { feeds, faults, failures };
}

function measuredAttributes(row: RawRow): RawRow {
  const { checkId: _, expiresAtSeconds: __, ...measured } = attributesOf(row, ['pk', 'sk']);
  return measured;
}
