/** Market rows with every price multiplied, as a common move would. */
import {
  add,
  asRatio,
  larger,
  ONE,
  price,
  type Ratio,
  ratio,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import type { MarketRows } from '../../../lambda/margin/build.ts';

/** @param scaleOf radius scale of the factor that a feed moves with */
export function movedRows(
  market: MarketRows,
  move: Ratio,
  scaleOf: (feed: string) => string,
): MarketRows {
  const quotes = Object.entries(market.quotes ?? {}).map(([id, row]) => {
    const [feed = ''] = id.split('#');
    const multiple = larger(ratio('0'), add(ONE, times(move, ratio(scaleOf(feed)))));
    const moved = (text: unknown) => textOf(times(price(String(text)), multiple));
    const confidence = row.confidence === undefined ? {} : { confidence: moved(row.confidence) };
    const own = row.price === undefined ? {} : { price: moved(row.price) };
    return [id, { ...row, ...own, ...confidence }];
  });
  return { ...market, quotes: Object.fromEntries(quotes) };
}

/** A hundredth of a number, exactly. */
export const percent = (count: number): Ratio => ratio(`${count}e-2`);

export const halfway = (left: Ratio, right: Ratio): Ratio => times(add(left, right), asRatio(0.5));
