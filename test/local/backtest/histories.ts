import { randomStream } from '../../../local/analysis/random.ts';
import type { PriceHistory } from '../../../local/history/price-history.ts';
import { parseHistory } from '../../../local/history/read-history.ts';

export const START = 1_583_971_200;
const YEAR = 31_536_000;

export const samples = (prices: readonly number[], seconds = 60): PriceHistory =>
  parseHistory(
    `time,price\n${prices.map((price, index) => `${START + index * seconds},${price}`).join('\n')}\n`,
    { file: 'made-up.csv' },
  );

export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export const bars = (rows: readonly Bar[]): PriceHistory =>
  parseHistory(
    `time,open,high,low,close\n${rows
      .map(({ time, open, high, low, close }) => [time, open, high, low, close].join())
      .join('\n')}\n`,
    { file: 'made-up.csv' },
  );

/** Minutes at 100 that end where they began, except for spikes: the extreme by minute. */
export const flatBars = (minutes: number, spikes: ReadonlyMap<number, number> = new Map()) =>
  Array.from({ length: minutes }, (_, minute): Bar => {
    const extreme = spikes.get(minute) ?? 100;
    const time = START + 60 * minute;
    return {
      time,
      open: 100,
      high: Math.max(100, extreme),
      low: Math.min(100, extreme),
      close: 100,
    };
  });

/** A geometric walk with normal steps, one per minute. */
export function gaussianPrices(steps: number, volatility: number, seed = 7): number[] {
  const random = randomStream(seed, 'walk');
  const deviation = volatility * Math.sqrt(60 / YEAR);
  let log = Math.log(20_000);
  return Array.from({ length: steps }, () => {
    log += deviation * random.normal();
    return Math.exp(log);
  });
}
