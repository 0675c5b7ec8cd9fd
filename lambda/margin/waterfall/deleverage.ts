/**
 * Auto-deleveraging of one bankrupt account: φ of each position goes to the highest-ranked accounts
 * on the other side, at the bankruptcy price; the rest is left to the market. The account gains
 * exactly what the counterparties lose.
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

export interface DeleveragedPosition {
  readonly market: string;
  /** Contracts; negative for a short. */
  readonly quantity: Quantity;
  /** Underlying, or numeraire if inverse; signed like `quantity`. */
  readonly units: Quantity;
  readonly isInverse: boolean;
  readonly mark: Price;
  readonly maintenance: Amount;
  readonly lotSize?: Quantity | undefined;
  readonly counterpositions: readonly Counterposition[];
}

export interface DeleverageInput {
  /** Below 0. */
  readonly equity: Amount;
  /** φ */
  readonly share: Ratio;
  readonly positions: readonly DeleveragedPosition[];
}

export interface DeleveragedAllocation extends Allocation {
  readonly market: string;
  /** Side of the bankrupt account's trade. */
  readonly side: 'buy' | 'sell';
  readonly price: Price;
}

/** One per position that finds a counterparty. */
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
