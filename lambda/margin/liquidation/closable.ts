/** What a sub-account can be brought out of: a position, collateral, a loan. */
import type { Book, Holding, NetPosition } from '../book/book.ts';
import { markOf } from '../book/fill-effect.ts';
import type { TradingTerms } from '../market/trading.ts';
import {
  type Amount,
  absolute,
  countOf,
  isNegative,
  isZero,
  ONE,
  type Price,
  type Quantity,
  quantity as quantityOf,
  times,
  worth,
  ZERO,
} from '../number/decimal.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Side } from './order-plan.ts';

export interface Closable {
  readonly kind: 'position' | 'collateral' | 'loan';
  /** The instrument of a position; the asset of collateral sold or of a loan bought back. */
  readonly market: string;
  readonly side: Side;
  /** The risk factor that it moves with. */
  readonly factor: string;
  /** Contracts, or units of the asset; above 0. */
  readonly held: Quantity;
  /** What one contract or unit trades for: what costs are shares of. */
  readonly unitValue: Amount;
  /** Notional of one, above 0: an option's is that of its underlying, as it may itself be worth nothing. */
  readonly unitNotional: Amount;
  /** In the unit that it is quoted in. */
  readonly referencePrice: Price;
  readonly trading: TradingTerms;
  /** Collateral that counts in full and does not move: selling it relieves nothing. */
  readonly isIdle: boolean;
}

const ONE_UNIT = quantityOf('1');

/** Balances at a location of their own are out of reach, and so is the cash of an isolated position. */
export function closablesOf(book: Book, isIsolated: boolean): Closable[] {
  const positions = book.positions.flatMap(closablePosition);
  if (isIsolated) return positions;
  const here = book.holdings.filter(({ lies }) => lies === undefined);
  return [...positions, ...here.map(closableHolding)];
}

function closablePosition({ terms, quantity }: NetPosition): Closable[] {
  if (terms.kind === 'settled' || isZero(quantity)) return [];
  return [
    {
      kind: 'position',
      market: terms.instrument,
      side: isNegative(quantity) ? 'buy' : 'sell',
      factor: terms.quoted.factor.feed,
      held: absolute(quantity),
      unitValue: terms.contractValue,
      unitNotional: notionalOf(terms),
      referencePrice: markOf(terms),
      trading: terms.trading,
      isIdle: false,
    },
  ];
}

const notionalOf = (terms: LinearTerms | OptionTerms): Amount =>
  terms.kind === 'option' ? times(terms.spot, countOf(terms.contractSize)) : terms.contractValue;

function closableHolding({ terms, amount, weight }: Holding): Closable {
  const isLoan = isNegative(amount);
  const unitValue = worth(ONE_UNIT, terms.price);
  return {
    kind: isLoan ? 'loan' : 'collateral',
    market: terms.asset,
    side: isLoan ? 'buy' : 'sell',
    factor: terms.quoted?.factor.feed ?? terms.asset,
    held: absolute(amount),
    unitValue,
    unitNotional: unitValue,
    referencePrice: terms.price,
    trading: terms.trading,
    isIdle: !isLoan && weight === ONE && isZero(terms.quoted?.factor.shock ?? ZERO),
  };
}
