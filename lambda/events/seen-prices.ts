/** The item of the prices that the last check has seen, as bands beyond which a quote starts one. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { MarginTable } from '../aws/margin-table.ts';
import type { Market } from '../margin/market/market.ts';
import type { Key } from '../outbox/stored-case.ts';
import { type Band, type Bands, bandsOf, bandsText, readBands } from './price-shock.ts';
import { EVENTS } from './waiting-item.ts';

export const SEEN_KEY: Key = { pk: EVENTS, sk: 'prices' };

interface Seen {
  readonly checkId: string;
  readonly snapshot: Parameters<typeof bandsOf>[0];
  readonly market: Pick<Market, 'quotes'>;
}

/** An item holds 400 KB. */
const BYTES_MAX = 390_000;

/** Prices that a later check has seen stay. What does not fit is left to the scheduled checks. */
export async function keepSeen(
  margin: Pick<MarginTable, 'putLater'>,
  { checkId, snapshot, market }: Seen,
): Promise<void> {
  const bands = packed([...bandsOf(snapshot, market.quotes)]);
  await margin.putLater(SEEN_KEY, { checkId, bands }, undefined);
}

function packed(bands: readonly (readonly [string, Band])[]): Uint8Array {
  const bytes = gzipSync(bandsText(new Map(bands)));
  return bytes.length <= BYTES_MAX ? bytes : packed(bands.slice(0, Math.floor(bands.length * 0.8)));
}

/** None, before the first check with events and where the item is damaged: no quote starts anything. */
export async function readSeen(margin: Pick<MarginTable, 'rowsUnder'>): Promise<Bands> {
  for await (const { bands } of margin.rowsUnder(SEEN_KEY)) {
    try {
      return readBands(gunzipSync(bands as Uint8Array).toString('utf8'));
    } catch {
      return new Map();
    }
  }
  return new Map();
}
