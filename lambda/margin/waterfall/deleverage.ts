/**
 * Auto-deleveraging of one bankrupt account: φ of each of its positions goes to the accounts that
 * rank highest on the other side, at the bankruptcy price; the rest is left to the market. What a
 * counterparty misses by that price is what the bankrupt account is spared, to the last digit.
 */
import {
  type Amount,
  absolute,
  isNegative,
  isPositive,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  sumOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import { type Allocation, allocate, wholeLots } from './allocation.ts';
import { bankruptcyPrice } from './bankruptcy-price.ts';
import { type Counterposition, rankedForDeleveraging } from './ranking.ts';

/** A position of the bankrupt account, and who holds the other side. */
export interface DeleveragedPosition {
  readonly market: string;
  /** Contracts; below zero: short. */
  readonly quantity: Quantity;
  /** Of the underlying, contracts times their size; of an inverse one, numeraire. Signed likewise. */
  readonly units: Quantity;
  readonly isInverse: boolean;
  readonly mark: Price;
  readonly maintenance: Amount;
  readonly lotSize?: Quantity | undefined;
  readonly counterpositions: readonly Counterposition[];
}

export interface DeleverageInput {
  /** Of the bankrupt account, below zero. */
  readonly equity: Amount;
  /** φ, of uncoveredShares. */
  readonly share: Ratio;
  readonly positions: readonly DeleveragedPosition[];
}

export interface DeleveragedAllocation extends Allocation {
  readonly market: string;
  /** Of the bankrupt account: sells what it is long, buys what it is short. */
  readonly side: 'buy' | 'sell';
  /** The bankruptcy price. */
  readonly price: Price;
}

/** One for each position that somebody takes something of. */
export function deleverage({ equity, share, positions }: DeleverageInput): DeleveragedAllocation[] {
  const total = sumOf(positions.map(({ maintenance }) => maintenance));
  return positions.flatMap((position): DeleveragedAllocation[] => {
    const { market, mark, units, isInverse, lotSize } = position;
    const weight = isPositive(total) ? ratioBetween(position.maintenance, total) : ZERO;
    const price = bankruptcyPrice(equity, { mark, units, isInverse, share: weight });
    if (price === undefined) return [];
    const quantity = wholeLots(times(absolute(position.quantity), share), lotSize);
    const ranking = rankedForDeleveraging(position.counterpositions);
    const allocation = allocate({ quantity, ranking, lotSize });
    if (!isPositive(allocation.allotted)) return [];
    const side = isNegative(position.quantity) ? 'buy' : 'sell';
    return [{ market, side, price, ...allocation }];
  });
}
