/**
 * Splits a shortfall over several markets at the least cost: the last unit closed in each costs the
 * same share μ of what it relieves,
 *
 *     f + 3/2·a·√x = μ·r,   so   x(μ) = ((μ·r − f) ÷ 1.5·a)².
 *
 * Ways without impact (a = 0) are filled one by one, lowest f ÷ r first, until those with impact
 * relieve the rest at μ = f ÷ r; otherwise bisection finds μ. It stays ≤ 1, beyond which a unit
 * costs more than it relieves, even if some shortfall is left.
 */
import {
  type Amount,
  approximately,
  asAmount,
  compare,
  isAbove,
  isZero,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
} from '../number/decimal.ts';
import {
  closingNotional,
  closingNotionalWithImpact,
  isWithinRounding,
} from './closing-notional.ts';

export interface Way {
  /** r: per unit of notional, before costs. */
  readonly relief: Ratio;
  /** f: linear, per unit. */
  readonly unitCost: Ratio;
  /** a: impact costs a·x^{3/2} more. */
  readonly impact: Ratio;
  /** Notional closed before, where the impact goes on. */
  readonly used: Amount;
  readonly capacity: Amount;
}

/** Notional by useful way; all that is useful if that is not enough. */
export function leastCost<W extends Way>(
  ways: readonly W[],
  shortfall: Amount,
): ReadonlyMap<W, Amount> {
  const useful = ways.filter(({ relief, unitCost }) => isAbove(relief, unitCost));
  const straight = useful
    .filter(({ impact }) => isZero(impact))
    .map((way) => ({ way, price: ratioBetween(way.unitCost, way.relief) }))
    .sort((left, right) => compare(left.price, right.price) || byNet(left.way, right.way));
  const impacted = new ImpactedWays(useful.filter(({ impact }) => !isZero(impact)));
  const closed = new Map<W, Amount>();
  let left = shortfall;
  for (const { way, price } of straight) {
    if (isWithinRounding(left) || impacted.reliefAt(approximately(price)) >= approximately(left))
      break;
    const net = subtract(way.relief, way.unitCost);
    const missing = subtract(left, asAmount(impacted.reliefAt(approximately(price))));
    const notional = smaller(way.capacity, closingNotional(missing, net));
    closed.set(way, notional);
    left = subtract(left, times(notional, net));
    if (!isAbove(way.capacity, notional)) continue;
    return new Map([...closed, ...impacted.closedAt(approximately(price))]);
  }
  if (isWithinRounding(left)) return closed;
  return new Map([...closed, ...impacted.solve(approximately(left))]);
}

/** The larger net relief first. */
export const byNet = (left: Way, right: Way): number =>
  compare(subtract(right.relief, right.unitCost), subtract(left.relief, left.unitCost));

/** Halvings of [0, 1] until two floats are neighbours. */
const HALVINGS = 60;

/** In float64: callers try the result in decimals. */
class ImpactedWays<W extends Way> {
  private readonly ways: readonly { readonly way: W; readonly in: Floats }[];

  constructor(ways: readonly W[]) {
    this.ways = ways.map((way) => ({ way, in: floatsOf(way) }));
  }

  reliefAt(price: number): number {
    let sum = 0;
    for (const { in: way } of this.ways) sum += netRelief(way, notionalAt(way, price));
    return sum;
  }

  closedAt(price: number): [W, Amount][] {
    return this.ways.map(({ way, in: floats }) => [way, asAmount(notionalAt(floats, price))]);
  }

  /** At the lowest μ ≤ 1 that relieves this much. */
  solve(relief: number): [W, Amount][] {
    const [only, ...others] = this.ways;
    if (only !== undefined && others.length === 0 && only.in.used === 0) {
      const { relief: gross, unitCost, impact, capacity } = only.in;
      const exact = closingNotionalWithImpact(relief, { netRelief: gross - unitCost, impact });
      if (exact !== undefined) return [[only.way, asAmount(Math.min(exact, capacity))]];
    }
    let [low, high] = [0, 1];
    for (let halving = 0; halving < HALVINGS; halving++) {
      const price = (low + high) / 2;
      if (this.reliefAt(price) >= relief) high = price;
      else low = price;
    }
    return this.closedAt(high);
  }
}

interface Floats {
  readonly relief: number;
  readonly unitCost: number;
  readonly impact: number;
  readonly used: number;
  readonly capacity: number;
}

const floatsOf = ({ relief, unitCost, impact, used, capacity }: Way): Floats => ({
  relief: approximately(relief),
  unitCost: approximately(unitCost),
  impact: approximately(impact),
  used: approximately(used),
  capacity: approximately(capacity),
});

function notionalAt({ relief, unitCost, impact, used, capacity }: Floats, price: number): number {
  const root = Math.max(0, price * relief - unitCost) / (1.5 * impact);
  return Math.min(capacity, Math.max(0, root ** 2 - used));
}

/** r·x − f·x − a·((used + x)^{3/2} − used^{3/2}) */
function netRelief({ relief, unitCost, impact, used }: Floats, notional: number): number {
  const moved = (used + notional) ** 1.5 - used ** 1.5;
  return (relief - unitCost) * notional - impact * moved;
}

export const netReliefOf = (way: Way, notional: Amount): Amount =>
  isZero(way.impact)
    ? times(notional, subtract(way.relief, way.unitCost))
    : asAmount(netRelief(floatsOf(way), approximately(notional)));
