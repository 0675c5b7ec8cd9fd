/**
 * A minute path through an hour of which only open, high, low and close are known. It starts at the
 * open, touches high and low exactly, ends at the close and never leaves [low, high]. A falling
 * hour reaches its high before its low, a rising hour its low before its high.
 *
 * Between these four points, the log price is a Brownian bridge in activity time: one minute may
 * hold many minutes' worth of trading. A crash thus moves in bursts, and a burst between two checks
 * is what costs money.
 */

import type { RandomStream } from '../analysis/random.ts';
import { type HourBar, MINUTES_OF_HOUR } from './black-thursday.ts';

/** Deviation of the logarithm of a minute's trading activity. */
const ACTIVITY_SPREAD = 0.9;

/**
 * Scale of the bridge, as a share of the hour's log range. Its deviation half-way is half of this.
 */
const NOISE_SHARE = 0.25;

interface Anchor {
  readonly minute: number;
  readonly price: number;
}

/** One price per minute from open to close: one more than an hour has minutes. */
export function hourPath(bar: HourBar, random: RandomStream): number[] {
  const anchors = anchorsOf(bar, random);
  const legs = anchors.slice(1).map((to, index) => {
    const from = anchors[index] as Anchor;
    return leg({ from, to, bar }, random);
  });
  return [bar.open, ...legs.flat()];
}

function anchorsOf({ open, high, low, close }: HourBar, random: RandomStream): Anchor[] {
  const first = random.wholeBetween(2, 25);
  const second = random.wholeBetween(first + 8, MINUTES_OF_HOUR - 4);
  const [early, late] = close < open ? [high, low] : [low, high];
  return [
    { minute: 0, price: open },
    { minute: first, price: early },
    { minute: second, price: late },
    { minute: MINUTES_OF_HOUR, price: close },
  ];
}

interface Leg {
  readonly from: Anchor;
  readonly to: Anchor;
  readonly bar: HourBar;
}

/** Every minute after `from`, up to and including `to`. */
function leg({ from, to, bar }: Leg, random: RandomStream): number[] {
  const minutes = to.minute - from.minute;
  const activity = Array.from({ length: minutes }, () => random.logNormal(1, ACTIVITY_SPREAD));
  const total = activity.reduce((sum, each) => sum + each, 0);
  const steps = activity.map((each) => ({
    share: each / total,
    shock: Math.sqrt(each / total) * random.normal(),
  }));
  const drift = Math.log(to.price / from.price);
  const noise = NOISE_SHARE * Math.log(bar.high / bar.low);
  const end = steps.reduce((sum, { shock }) => sum + shock, 0);
  let elapsed = 0;
  let walked = 0;
  const path = steps.slice(0, -1).map(({ share, shock }) => {
    elapsed += share;
    walked += shock;
    const bridge = noise * (walked - elapsed * end);
    return folded(from.price * Math.exp(drift * elapsed + bridge), bar);
  });
  return [...path, to.price];
}

/** Reflects a price at the bounds until it is within them, rounded to cents. */
function folded(price: number, { high, low }: HourBar): number {
  const range = high - low;
  if (range === 0) return low;
  const beyond = (((price - low) % (2 * range)) + 2 * range) % (2 * range);
  const within = low + (beyond <= range ? beyond : 2 * range - beyond);
  return Math.min(high, Math.max(low, Math.round(within * 100) / 100));
}
