/**
 * The nearest price of each factor, on each side, at which the surplus over the liquidation line
 * reaches 0 while other prices and the latency buffer stay.
 *
 * Exact on a piecewise linear curve, which is concave. On a non-linear one, segments are halved
 * until a lower bound shows them safe, with hedging collateral chosen anew for each; the result
 * errs toward the current price.
 */

import type { Book } from '../../lambda/margin/book/book.ts';
import { type Curve, kinksBetween, pointAt } from '../../lambda/margin/curve/curve.ts';
import { curveAtMark } from '../../lambda/margin/curve/curve-at-mark.ts';
import { type SurplusFormula, surplusAt } from '../../lambda/margin/curve/figure.ts';
import { SegmentBounds } from '../../lambda/margin/curve/segment-bounds.ts';
import {
  type Amount,
  add,
  approximately,
  asRatio,
  compare,
  isBelow,
  isNegative,
  negate,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  roundDown,
  roundUp,
  subtract,
  times,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import { LIQUIDATION_PRICE_PLACES, SAFE_RADIUS_MAX } from '../../lambda/margin/number/limits.ts';
import { PortfolioPart } from '../../lambda/margin/portfolio/portfolio-part.ts';
import type { LiquidationMultiples } from '../../lambda/record/render.ts';
import { isNeverNegative, nothingCanBreach } from './never-negative.ts';

/** @param surplus over the liquidation line at the quoted prices; no multiples if negative */
export function liquidationMultiples(
  book: Book,
  surplus: Amount,
  formula: SurplusFormula,
): LiquidationMultiples[] {
  const canBreach = !nothingCanBreach(book, formula);
  return book.curves.map((curve) => {
    const price = book.prices.find(({ feed }) => feed === curve.factor)?.price;
    const { factor } = curve;
    if (isNegative(surplus) || !canBreach) return { factor, price };
    return { factor, price, ...multiplesOf(curve, surplus, formula) };
  });
}

function multiplesOf(curve: Curve, surplus: Amount, formula: SurplusFormula) {
  const now = surplusAt(curveAtMark(curve).now, formula);
  if (curve.nonLinear !== undefined)
    return nonLinearMultiples(curve, subtract(surplus, now), formula);
  const left = (at: Ratio): Amount =>
    add(subtract(surplus, now), surplusAt(pointAt(curve, at), formula));
  const kinks = kinksBetween(curve, ZERO, FAR).sort(compare);
  const lower = kinks.filter((kink) => isBelow(kink, ONE)).reverse();
  const upper = kinks.filter((kink) => isBelow(ONE, kink));
  return {
    below: firstCrossing([ONE, ...lower, ZERO], left),
    above: firstCrossing([ONE, ...upper], left) ?? crossingBeyond(upper.at(-1) ?? ONE, left),
  };
}

/** Beyond the kinks of any real book. */
const FAR = ratio('1e24');

function firstCrossing(places: readonly Ratio[], left: (at: Ratio) => Amount): Ratio | undefined {
  for (const [index, to] of places.slice(1).entries()) {
    const from = places[index] as Ratio;
    const [start, end] = [left(from), left(to)];
    if (!isNegative(end)) continue;
    return add(from, times(subtract(to, from), ratioBetween(start, subtract(start, end))));
  }
  return undefined;
}

function crossingBeyond(from: Ratio, left: (at: Ratio) => Amount): Ratio | undefined {
  const start = left(from);
  const rise = subtract(left(add(from, ONE)), start);
  return isNegative(rise) ? add(from, ratioBetween(start, negate(rise))) : undefined;
}

/** @param rest of the surplus, which does not depend on this price. */
function nonLinearMultiples(curve: Curve, rest: Amount, formula: SurplusFormula) {
  if (!isNegative(rest) && isNeverNegative(curve, formula)) return {};
  const isSafe = ({ from, to }: Reach): boolean =>
    lowestOver(curve, formula, { from: Math.min(from, to), to: Math.max(from, to) }) +
      approximately(rest) >=
    0;
  const below = lastSafe({ from: 1, to: 0 }, isSafe);
  const above = lastSafe({ from: 1, to: 1 + SAFE_RADIUS_MAX }, isSafe);
  return {
    below: below === undefined ? below : roundUp(asRatio(below), LIQUIDATION_PRICE_PLACES),
    above: above === undefined ? above : roundDown(asRatio(above), LIQUIDATION_PRICE_PLACES),
  };
}

interface Reach {
  readonly from: number;
  readonly to: number;
}

const NARROWEST = 10 ** -(LIQUIDATION_PRICE_PLACES + 1);

/** Returns the end of the proven safe part, or undefined if all is safe. */
function lastSafe({ from, to }: Reach, isSafe: (reach: Reach) => boolean): number | undefined {
  if (isSafe({ from, to })) return undefined;
  if (Math.abs(to - from) < NARROWEST) return from;
  const middle = (from + to) / 2;
  return lastSafe({ from, to: middle }, isSafe) ?? lastSafe({ from: middle, to }, isSafe);
}

function lowestOver(curve: Curve, formula: SurplusFormula, { from, to }: Reach): number {
  const { nonLinear } = curve;
  if (nonLinear === undefined)
    throw new RangeError(`${curve.factor}: the curve has no non-linear part`);
  const whole = { from: 0, to: 1 };
  const grid = {
    multiples: [from, to],
    now: 0,
    uncertain: whole,
    shocked: whole,
    uncertainty: ZERO,
    isRough: true as const,
  };
  const parts = nonLinear.parts.map((part) =>
    part instanceof PortfolioPart ? part.seenFrom(grid) : part,
  );
  return new SegmentBounds({ ...curve, nonLinear: { ...nonLinear, parts } }, grid).extentOf(
    formula,
    whole,
  ).lowest;
}
