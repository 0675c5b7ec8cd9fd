/**
 * BTC-USD follows the day's real hours. The others are synthetic: ETH-USD and LINK-USD follow BTC
 * by a beta with noise, the dated future wanders around a small discount to BTC, and USDC-USD stays
 * near 1.
 */

import { type RandomStream, randomStream } from '../analysis/random.ts';
import { BTC_HOURS, MINUTES_OF_HOUR } from './black-thursday.ts';
import { hourPath } from './price-path.ts';

export const FEEDS = ['BTC-USD', 'ETH-USD', 'LINK-USD', 'USDC-USD', 'BTC-27MAR20'] as const;
export type Feed = (typeof FEEDS)[number];

/** Decimal texts. */
export type Prices = Readonly<Record<Feed, string>>;

/** Share of a deviation left after a minute. */
const PERSISTENCE = 0.97;

/** By minute, from 00:00. */
export function pricesOfDay(seed: number): Prices[] {
  const random = randomStream(seed, 'BTC-USD');
  const btc = BTC_HOURS.flatMap((bar) => hourPath(bar, random).slice(0, MINUTES_OF_HOUR));
  const follow = { btc, seed };
  const eth = following(follow, { feed: 'ETH-USD', start: 194.6, beta: 1.1, deviation: 0.004 });
  const link = following(follow, { feed: 'LINK-USD', start: 3.85, beta: 1.15, deviation: 0.006 });
  const basis = wandering(randomStream(seed, 'BTC-27MAR20'), 0.001);
  const peg = wandering(randomStream(seed, 'USDC-USD'), 0.0004);
  return btc.map((price, minute) => ({
    'BTC-USD': price.toFixed(2),
    'ETH-USD': eth(minute).toFixed(2),
    'LINK-USD': link(minute).toFixed(4),
    'USDC-USD': (1 + peg()).toFixed(4),
    'BTC-27MAR20': (price * (0.999 + basis())).toFixed(2),
  }));
}

interface Follower {
  readonly feed: Feed;
  readonly start: number;
  /** Log return per log return of BTC. */
  readonly beta: number;
  readonly deviation: number;
}

function following(
  { btc, seed }: { readonly btc: readonly number[]; readonly seed: number },
  { feed, start, beta, deviation }: Follower,
): (minute: number) => number {
  const noise = wandering(randomStream(seed, feed), deviation);
  const first = btc[0] as number;
  return (minute) => start * ((btc[minute] as number) / first) ** beta * Math.exp(noise());
}

/** Mean-reverting around 0. */
function wandering(random: RandomStream, deviation: number): () => number {
  const step = deviation * Math.sqrt(1 - PERSISTENCE ** 2);
  let value = 0;
  return () => {
    value = PERSISTENCE * value + step * random.normal();
    return value;
  };
}
