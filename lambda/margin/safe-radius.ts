/**
 * The safe radius: the largest common shock ρ under which the low surplus over a line stays above
 * zero whatever each price does within 1 ± s_f·ρ, s_f being the factor's radius scale. No account
 * needs to be looked at again before some price has moved that far.
 *
 * At price x a factor contributes to the low surplus
 *
 *     g(x) = min h(x·(1 ± U)) + min(h(x·(1 − Λ↓)), h(x·(1 + Λ↑))) − h(x),
 *
 * the least over the price's uncertainty less what the latency shock may lose. Its only dips inside
 * an interval are kinks of h, so its least value over 1 ± r is at an end or at such a kink: exact.
 * The sum over factors never rises with ρ, which leaves one root to find. With φ > 0 the buffer is
 * smaller than the one assumed here, so the radius errs to the safe side.
 */
import type { Book } from './book.ts';
import { type Curve, downBy, type Figure, kinksBetween, pointAt, upBy } from './curve.ts';
import {
  type Amount,
  add,
  isAbove,
  isPositive,
  larger,
  type Ratio,
  ratio,
  ratioBetween,
  ratioOfCount,
  roundDown,
  smaller,
  subtract,
  times,
  ZERO,
} from './decimal.ts';
import { SAFE_RADIUS_MAX, SAFE_RADIUS_PLACES } from './limits.ts';

const HALF = ratio('0.5');
const WIDEST = ratioOfCount(SAFE_RADIUS_MAX);
const STEP = ratio(`1e-${SAFE_RADIUS_PLACES}`);
const TURNS_MAX = 200;

/** Between 0 (breached, or breached by the smallest move) and 10 (no move of 1,000 % breaches). */
export function safeRadius(book: Book, figure: Figure): Ratio {
  const surplusWithin = (radius: Ratio): Amount =>
    book.curves
      .map((curve) => lowestWithin(curve, times(radius, curve.radiusScale), figure))
      .reduce(add, book.constant);
  return roundDown(largestSafe(surplusWithin), SAFE_RADIUS_PLACES);
}

function lowestWithin(curve: Curve, radius: Ratio, figure: Figure): Amount {
  const low = downBy(radius);
  const high = upBy(radius);
  return [low, high, ...kinksBetween(curve, low, high)]
    .map((at) => lowSurplusAt(curve, at, figure))
    .reduce(smaller);
}

function lowSurplusAt(curve: Curve, at: Ratio, figure: Figure): Amount {
  const height = (multiple: Ratio) => figure(pointAt(curve, times(at, multiple)));
  const lowestOf = (down: Ratio, up: Ratio) => smaller(height(downBy(down)), height(upBy(up)));
  const uncertain = lowestOf(curve.uncertainty, curve.uncertainty);
  const shocked = lowestOf(curve.shockDown, curve.shockUp);
  return subtract(add(uncertain, shocked), figure(pointAt(curve, at)));
}

/**
 * The root of a function that never rises, to one step below: false position, with the weight of
 * an end halved while it stays (the Illinois rule), and always at least a step inside the bracket.
 * The lower end has been seen to be safe at every turn.
 */
function largestSafe(surplusWithin: (radius: Ratio) => Amount): Ratio {
  let safe = ZERO;
  let surplus = surplusWithin(safe);
  if (!isPositive(surplus)) return ZERO;
  let unsafe = WIDEST;
  let shortfall = surplusWithin(unsafe);
  if (isPositive(shortfall)) return WIDEST;
  let moved: 'safe' | 'unsafe' | undefined;
  for (let turn = 0; turn < TURNS_MAX && isAbove(subtract(unsafe, safe), STEP); turn++) {
    const share = ratioBetween(surplus, subtract(surplus, shortfall));
    const guess = add(safe, times(subtract(unsafe, safe), share));
    const between = smaller(larger(guess, add(safe, STEP)), subtract(unsafe, STEP));
    const value = surplusWithin(between);
    if (isPositive(value)) {
      safe = between;
      surplus = value;
      if (moved === 'safe') shortfall = times(shortfall, HALF);
      moved = 'safe';
    } else {
      unsafe = between;
      shortfall = value;
      if (moved === 'unsafe') surplus = times(surplus, HALF);
      moved = 'unsafe';
    }
  }
  return safe;
}
