/**
 * Who is deleveraged first, by profit and leverage,
 *
 *     in profit   profit % × effective leverage
 *     otherwise   profit % ÷ effective leverage
 *
 * with profit % = unrealised profit ÷ entry notional and effective leverage = notional ÷ equity.
 * The highest first; then the larger notional, then the key.
 */
import {
  type Amount,
  compare,
  divide,
  isPositive,
  type Quantity,
  type Ratio,
  ratioBetween,
  times,
} from '../number/decimal.ts';

/** Opposite to the bankrupt one. */
export interface Counterposition {
  readonly key: string;
  readonly accountId: string;
  /** Absent for the cross book. */
  readonly position?: string | undefined;
  /** Contracts, above 0 for either side. */
  readonly quantity: Quantity;
  readonly entryNotional: Amount;
  readonly notional: Amount;
  readonly profit: Amount;
  readonly equity: Amount;
}

export interface Ranked extends Counterposition {
  readonly score: Ratio;
}

/** Leaves out accounts without equity, as they have nothing to give. */
export const rankedForDeleveraging = (positions: readonly Counterposition[]): Ranked[] =>
  positions
    .filter(isDeleverageable)
    .map((position) => ({ ...position, score: scoreOf(position) }))
    .sort(highestFirst);

const isDeleverageable = ({ quantity, entryNotional, notional, equity }: Counterposition) =>
  [quantity, entryNotional, notional, equity].every(isPositive);

function scoreOf({ profit, entryNotional, notional, equity }: Counterposition): Ratio {
  const profitShare = ratioBetween(profit, entryNotional);
  const leverage = ratioBetween(notional, equity);
  return isPositive(profit) ? times(profitShare, leverage) : divide(profitShare, leverage);
}

export const highestFirst = (left: Ranked, right: Ranked): number =>
  compare(right.score, left.score) ||
  compare(right.notional, left.notional) ||
  (left.key < right.key ? -1 : 1);
