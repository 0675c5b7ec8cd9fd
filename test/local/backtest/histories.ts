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

const STEPS_PER_BAR = 12;

/** The same walk in steps of five seconds, as bars of a minute. */
export function gaussianBars(minutes: number, volatility: number, seed = 7): Bar[] {
  const own = volatility / Math.sqrt(STEPS_PER_BAR);
  const prices = gaussianPrices(minutes * STEPS_PER_BAR + 1, own, seed);
  return Array.from({ length: minutes }, (_, minute): Bar => {
    const from = minute * STEPS_PER_BAR;
    const seen = prices.slice(from, from + STEPS_PER_BAR + 1);
    const [open, close] = [seen[0] as number, seen.at(-1) as number];
    const time = START + 60 * minute;
    return { time, open, high: Math.max(...seen), low: Math.min(...seen), close };
  });
}
