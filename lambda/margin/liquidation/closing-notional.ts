/**
 * How much to close in one market. Closing a notional x relieves b·x of what an account is short of, b
 * the requirement relieved less the linear cost, a unit of notional.
 *
 * At linear cost x = S ÷ b. Where an order moves its own price by a square root, it costs a·x^{3/2}
 * besides, a = Y·σ_day/√V, and x solves b·x − a·x^{3/2} = S, a cubic in √x:
 *
 *     x = {(b/3a)·[1 + 2·cos((θ − 2π)/3)]}²,   θ = arccos(1 − 27·a²·S/(2·b³)),
 *
 * feasible if and only if S ≤ 4b³/(27a²), and never above (2b/3a)²: from there on closing more costs
 * more than it relieves. In float64, as θ/3 = 2/3·arcsin√(S ÷ 4b³/27a²) and without the difference of
 * cosines, which would lose all digits where the impact is small: these are proposals, tried in decimals.
 */
import { type Amount, divide, isPositive, type Ratio, roundDown } from '../number/decimal.ts';

/** What is left of a shortfall below this many places is the rounding of a division. */
const SETTLED_PLACES = 12;

export const isSettled = (shortfall: Amount): boolean =>
  !isPositive(roundDown(shortfall, SETTLED_PLACES));

/** S ÷ b */
export const closingNotional = (shortfall: Amount, netRelief: Ratio): Amount =>
  divide(shortfall, netRelief);

export interface RootImpact {
  /** b, above 0: relief less the linear cost, a unit of notional. */
  readonly netRelief: number;
  /** a, above 0: the impact costs a·x^{3/2}. */
  readonly impact: number;
}

/** (2b/3a)²: where the last unit costs what it relieves. */
export const mostUsefulNotional = ({ netRelief, impact }: RootImpact): number =>
  ((2 * netRelief) / (3 * impact)) ** 2;

/**
 * 4b³/(27a²): what closing that much relieves, and nothing more can. Divided before it is raised: what is
 * hardly worth anything has hardly an impact, and neither a² nor b³ may vanish.
 */
export const mostRelief = ({ netRelief, impact }: RootImpact): number =>
  (4 / 27) * netRelief * (netRelief / impact) ** 2;

/** Of the most relief: below it the impact moves x by less than float64 can tell. */
const UNNOTICED = 1e-30;

/** Undefined when no notional relieves as much as S. */
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
