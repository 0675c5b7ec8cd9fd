/**
 * How much to close in one market. A notional x removes b·x of the shortfall S, so x = S ÷ b at
 * linear cost. Square-root impact costs a·x^{3/2} more, a = Y·σ_day/√V, and b·x − a·x^{3/2} = S is
 * a cubic in √x:
 *
 *     x = {(b/3a)·[1 + 2·cos((θ − 2π)/3)]}²,   θ = arccos(1 − 27·a²·S/(2·b³)),
 *
 * feasible if and only if S ≤ 4b³/(27a²). In float64, as θ/3 = 2/3·arcsin√(S ÷ 4b³/27a²) and
 * without the difference of cosines, which loses all digits at a small impact. Try the result in
 * decimals.
 */
import { type Amount, divide, isPositive, type Ratio, roundDown } from '../number/decimal.ts';

/** Below this, a shortfall is the rounding of a division. */
const SETTLED_PLACES = 12;

export const isWithinRounding = (shortfall: Amount): boolean =>
  !isPositive(roundDown(shortfall, SETTLED_PLACES));

export const closingNotional = (shortfall: Amount, netRelief: Ratio): Amount =>
  divide(shortfall, netRelief);

export interface RootImpact {
  /** b, above 0: relief less the linear cost, per unit of notional. */
  readonly netRelief: number;
  /** a, above 0. */
  readonly impact: number;
}

/** (2b/3a)²: where the last unit costs as much as it relieves. */
export const mostUsefulNotional = ({ netRelief, impact }: RootImpact): number =>
  ((2 * netRelief) / (3 * impact)) ** 2;

/** The relief of that notional. Divides before squaring: neither a² nor b³ may underflow. */
export const mostRelief = ({ netRelief, impact }: RootImpact): number =>
  (4 / 27) * netRelief * (netRelief / impact) ** 2;

/** Below this share of the most relief, float64 does not see the impact. */
const UNNOTICED = 1e-30;

export function closingNotionalWithImpact(
  shortfall: number,
  { netRelief, impact }: RootImpact,
): number | undefined {
  const share = shortfall / mostRelief({ netRelief, impact });
  if (share > 1) return undefined;
  if (share < UNNOTICED) return shortfall / netRelief;
  const third = (2 / 3) * Math.asin(Math.sqrt(share));
  const opened = 2 * Math.sin(third / 2) ** 2 + Math.sqrt(3) * Math.sin(third);
  return ((netRelief / (3 * impact)) * opened) ** 2;
}
