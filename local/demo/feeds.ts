/**
 * BTC-USD follows the day's real hours. The others are synthetic: ETH-USD and LINK-USD follow BTC
 * by a beta with noise, the dated future wanders around a small discount to BTC, and USDC-USD stays
 * near 1.
 */

import { type RandomStream, randomStream } from '../analysis/random.ts';
import { BTC_HOURS, type HourBar, MINUTE_SECONDS, MINUTES_OF_HOUR } from './black-thursday.ts';
import { folded, hourPath } from './price-path.ts';
import { betweenMinutes, localDeviations } from './seconds-path.ts';

export const FEEDS = ['BTC-USD', 'ETH-USD', 'LINK-USD', 'USDC-USD', 'BTC-27MAR20'] as const;
export type Feed = (typeof FEEDS)[number];

/** Decimal texts. */
export type Prices = Readonly<Record<Feed, string>>;

/** Share of a deviation left after a minute. */
const PERSISTENCE = 0.97;

/** A price a minute, or one a second. */
export type PathStep = 1 | 60;

/** By step, from 00:00. The minutes are the same at both; the seconds between them are drawn. */
export function pricesOfDay(seed: number, stepSeconds: PathStep = MINUTE_SECONDS): Prices[] {
  const random = randomStream(seed, 'BTC-USD');
  const minutes = BTC_HOURS.flatMap((bar) => hourPath(bar, random).slice(0, MINUTES_OF_HOUR));
  const isRefined = stepSeconds < MINUTE_SECONDS;
  const noiseOf = (feed: Feed, deviation: number): number[] => {
    const values = wandering(randomStream(seed, feed), deviation, minutes.length);
    if (!isRefined) return values;
    const deviations = values.map(() => stepDeviation(deviation));
    return betweenMinutes(values, deviations, betweenStream(seed, feed));
  };
  const btc = isRefined ? secondsOfBitcoin(minutes, betweenStream(seed, 'BTC-USD')) : minutes;
  const first = btc[0] as number;
  const eth = noiseOf('ETH-USD', 0.004);
  const link = noiseOf('LINK-USD', 0.006);
  const basis = noiseOf('BTC-27MAR20', 0.001);
  const peg = noiseOf('USDC-USD', 0.0004);
  const following = ({ start, beta }: Follower, price: number, noise: number): number =>
    start * (price / first) ** beta * Math.exp(noise);
  return btc.map((price, step) => ({
    'BTC-USD': price.toFixed(2),
    'ETH-USD': following(ETH, price, eth[step] as number).toFixed(2),
    'LINK-USD': following(LINK, price, link[step] as number).toFixed(4),
    'USDC-USD': (1 + (peg[step] as number)).toFixed(4),
    'BTC-27MAR20': (price * (0.999 + (basis[step] as number))).toFixed(2),
  }));
}

interface Follower {
  readonly start: number;
  /** Log return per log return of BTC. */
  readonly beta: number;
}

const ETH: Follower = { start: 194.6, beta: 1.1 };
const LINK: Follower = { start: 3.85, beta: 1.15 };

const betweenStream = (seed: number, feed: Feed): RandomStream =>
  randomStream(seed, `${feed} between minutes`);

/** Stays within the hour's low and high. */
function secondsOfBitcoin(minutes: readonly number[], random: RandomStream): number[] {
  const logs = minutes.map(Math.log);
  const seconds = betweenMinutes(logs, localDeviations(logs), random);
  return seconds.map((log, second) => {
    const minute = Math.floor(second / MINUTE_SECONDS);
    if (second % MINUTE_SECONDS === 0) return minutes[minute] as number;
    return folded(Math.exp(log), BTC_HOURS[Math.floor(minute / MINUTES_OF_HOUR)] as HourBar);
  });
}

/** Mean-reverting around 0, by minute. */
function wandering(random: RandomStream, deviation: number, minutes: number): number[] {
  const step = stepDeviation(deviation);
  let value = 0;
  return Array.from({ length: minutes }, () => {
    value = PERSISTENCE * value + step * random.normal();
    return value;
  });
}

const stepDeviation = (deviation: number): number => deviation * Math.sqrt(1 - PERSISTENCE ** 2);
