/**
 * A minute path that touches an hour's open, high, low and close exactly and stays within [low,
 * high]. A falling hour reaches its high first, a rising hour its low.
 *
 * In between, the log price is a Brownian bridge in activity time: a minute may hold many minutes'
 * trading. A crash thus moves in bursts, and bursts between two checks cost money.
 */

import type { RandomStream } from '../analysis/random.ts';
import { type HourBar, MINUTES_OF_HOUR } from './black-thursday.ts';

/** Deviation of the log of a minute's activity. */
const ACTIVITY_SPREAD = 0.9;

/** Bridge scale, as a share of the hour's log range; half of it is the deviation half-way. */
const NOISE_SHARE = 0.25;

interface Anchor {
  readonly minute: number;
  readonly price: number;
}

/** By minute from open to close: one more than the hour's minutes. */
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

/** Excludes `from`, includes `to`. */
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

/** Reflected at the bounds, rounded to cents. */
export function folded(price: number, { high, low }: Pick<HourBar, 'high' | 'low'>): number {
  const range = high - low;
  if (range === 0) return low;
  const beyond = (((price - low) % (2 * range)) + 2 * range) % (2 * range);
  const within = low + (beyond <= range ? beyond : 2 * range - beyond);
  return Math.min(high, Math.max(low, Math.round(within * 100) / 100));
}
