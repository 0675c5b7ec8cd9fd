import { at } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';

export interface PriceHistory {
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly prices: readonly number[];
}

export type ReadPrices = (file: string) => Promise<PriceHistory>;

/**
 * The longest segment, read as in `margin backtest`: a gap is not a move.
 * @throws InputError naming the unreadable line.
 */
export const readPrices: ReadPrices = async (file) => {
  const { segments, spans } = await readHistory(file);
  const longest = segments.reduce((long, each) =>
    each.until - each.from > long.until - long.from ? each : long,
  );
  const { from, until } = longest;
  const indices = Array.from({ length: until - from }, (_, index) => from + index);
  return {
    times: [at(spans.start, from), ...indices.map((index) => at(spans.end, index))].map(toMs),
    prices: [at(spans.open, from), ...indices.map((index) => at(spans.close, index))],
  };
};

const toMs = (seconds: number): number => seconds * 1000;
