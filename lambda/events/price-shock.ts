/**
 * A quote starts a check once it has moved, since the last check, by more than half of what the
 * latency buffer pays for:
 *
 *     price < p·(1 − Λ↓/2)   or   price > p·(1 + Λ↑/2),   p = the price of that source at the check
 *
 * Where no shock is charged, Λ* takes the place of Λ. Each source is compared with itself, so that one
 * that is always far from the others starts nothing.
 */

import type { Quote } from '../margin/market/market.ts';
import {
  add,
  isAbove,
  isBelow,
  isZero,
  ONE,
  type Price,
  price,
  type Ratio,
  ratio,
  rounded,
  subtract,
  textOf,
  times,
} from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';

const HALF = ratio('0.5');

/** All digits of thousands of bands would not fit into an item. */
const DIGITS = 8;

/** Between these prices a quote starts nothing. */
export interface Band {
  readonly low: Price;
  readonly high: Price;
}

/** By `<feed>#<source>`; a source that the check has not seen has none. */
export type Bands = ReadonlyMap<string, Band>;

export function bandsOf(
  { feeds }: Pick<Snapshot, 'feeds'>,
  quotes: ReadonlyMap<string, readonly Quote[]>,
): Bands {
  const bands = new Map<string, Band>();
  for (const { feed, factor } of feeds.values()) {
    if (!factor.ok) continue;
    const { shockDown, shockUp, forecastDown, forecastUp } = factor.value;
    const down = charged(shockDown, forecastDown);
    const up = charged(shockUp, forecastUp);
    if (isZero(down) || isZero(up)) continue;
    for (const { source, price: at } of quotes.get(feed) ?? []) {
      const low = rounded(times(at, subtract(ONE, times(down, HALF))), DIGITS, 'down');
      const high = rounded(times(at, add(ONE, times(up, HALF))), DIGITS, 'up');
      bands.set(`${feed}#${source}`, { low, high });
    }
  }
  return bands;
}

const charged = (shock: Ratio, forecast: Ratio): Ratio => (isZero(shock) ? forecast : shock);

/** The feeds of which a quote lies beyond its band. */
export function feedsBeyond(quotes: ReadonlyMap<string, Price>, bands: Bands): string[] {
  const beyond = new Set<string>();
  for (const [id, at] of quotes) {
    const band = bands.get(id);
    if (band === undefined) continue;
    if (isBelow(at, band.low) || isAbove(at, band.high)) beyond.add(id.split('#')[0] ?? id);
  }
  return [...beyond];
}

/** As JSON: `{ "<feed>#<source>": [low, high] }`. */
export const bandsText = (bands: Bands): string =>
  JSON.stringify(
    Object.fromEntries([...bands].map(([id, { low, high }]) => [id, [textOf(low), textOf(high)]])),
  );

/** @throws Error if it is not what `bandsText` wrote */
export function readBands(text: string): Bands {
  const stored = Object.entries(JSON.parse(text) as Record<string, readonly [string, string]>);
  return new Map(stored.map(([id, [low, high]]) => [id, { low: price(low), high: price(high) }]));
}
