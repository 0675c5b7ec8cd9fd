/**
 * Who is deleveraged first: the positions on the other side, by what they have gained and how much
 * they rest on it,
 *
 *     in profit   profit % × effective leverage
 *     otherwise   profit % ÷ effective leverage
 *
 * with profit % = unrealised profit ÷ entry notional and effective leverage = notional ÷ equity. The
 * highest comes first; of two alike the larger notional, then the key.
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

/** A position that may be deleveraged, on the side opposite to the bankrupt one. */
export interface Counterposition {
  readonly key: string;
  readonly accountId: string;
  /** The isolated position; absent for the cross book. */
  readonly position?: string | undefined;
  /** Contracts held; above zero, whichever its side. */
  readonly quantity: Quantity;
  readonly entryNotional: Amount;
  readonly notional: Amount;
  readonly profit: Amount;
  /** Of its sub-account. */
  readonly equity: Amount;
}

export interface Ranked extends Counterposition {
  readonly score: Ratio;
}

/** What has no equity is left out: it is to be liquidated itself, and has nothing to give. */
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
