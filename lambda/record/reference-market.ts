/**
 * The market that certificates refer to, with what its snapshot was taken from: a checkpoint stores
 * that, and not the snapshot, and takes it again.
 */
import { type Snapshot, type SnapshotInput, takeSnapshot } from '../margin/snapshot/snapshot.ts';
import { Numeral, parseExactJson, writeExactJson } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';
import { readMarket } from '../rows/read-market.ts';
import * as z from '../rows/zod.ts';
import { rememberedPrice, writeRemembered } from './recorded-feed.ts';
import { recordedMeasured, writeMeasured } from './recorded-measured.ts';

export interface ReferenceMarket
  extends Pick<SnapshotInput, 'gapSeconds' | 'outage' | 'previousPrices' | 'volatilities'> {
  readonly snapshot: Snapshot;
  /** All rows of the market table. */
  readonly rows: readonly RawRow[];
}

const count = z.pipe(
  z.instanceof(Numeral),
  z.transform(({ text }) => Number(text)),
);

const storedMarket = z.strictObject({
  asOf: count,
  gapSeconds: count,
  outage: z.optional(z.strictObject({ since: count, leastSeconds: count })),
  previousPrices: z.array(z.tuple([z.string(), z.nullable(rememberedPrice)])),
  volatilities: z.optional(z.array(z.tuple([z.string(), z.nullable(recordedMeasured)]))),
  /** Read one by one, as those of the table. */
  rows: z.array(z.unknown()),
});

/** Every digit stays. */
export function writeMarket(market: ReferenceMarket): string {
  const { snapshot, gapSeconds, outage, previousPrices, volatilities, rows } = market;
  return writeExactJson({
    asOf: snapshot.asOf,
    gapSeconds,
    outage,
    previousPrices: [...previousPrices].map(([feed, at]) => [feed, at && writeRemembered(at)]),
    volatilities:
      volatilities && [...volatilities].map(([feed, each]) => [feed, each && writeMeasured(each)]),
    rows,
  });
}

/** @throws Error if it is not a text of `writeMarket` */
export function readMarketText(text: string): ReferenceMarket {
  const stored = z.parse(storedMarket, parseExactJson(text));
  const { asOf, gapSeconds, outage } = stored;
  const rows = stored.rows as readonly RawRow[];
  const { market } = readMarket(rows);
  const previousPrices = new Map(stored.previousPrices);
  const volatilities = stored.volatilities && new Map(stored.volatilities);
  const snapshot = takeSnapshot({ market, asOf, gapSeconds, outage, previousPrices, volatilities });
  return { snapshot, gapSeconds, outage, previousPrices, volatilities, rows };
}
