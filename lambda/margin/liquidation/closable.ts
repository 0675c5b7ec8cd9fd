/** A holding that a plan can reduce. */
import type { Book, Holding, NetPosition } from '../book/book.ts';
import { markOf } from '../book/fill-effect.ts';
import { contractsBelowFloors } from '../book/linear-requirement.ts';
import { leastClaim, type Policy } from '../market/policy.ts';
import { LAST_PLACE, leastQuantity, type TradingTerms } from '../market/trading.ts';
import {
  type Amount,
  absolute,
  add,
  compare,
  countOf,
  isBelow,
  isNegative,
  isZero,
  ONE,
  type Price,
  type Quantity,
  quantity as quantityOf,
  subtract,
  times,
  worth,
  worthOf,
  ZERO,
} from '../number/decimal.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Side } from './order-plan.ts';

export interface Closable {
  readonly kind: 'position' | 'collateral' | 'loan';
  readonly market: string;
  readonly side: Side;
  readonly factor: string;
  /** Contracts or units; above 0. */
  readonly held: Quantity;
  /** Costs are fractions of it. */
  readonly unitValue: Amount;
  /** Above 0: an option's is its underlying's, as the option may be worth 0. */
  readonly unitNotional: Amount;
  readonly referencePrice: Price;
  readonly trading: TradingTerms;
  /** Collateral with weight 1 and no shock: a sale relieves nothing. */
  readonly isIdle: boolean;
  /** Closing so much lets its requirement fall at once. Absent: it falls at once nowhere. */
  readonly jumps?: readonly Quantity[] | undefined;
}

const ONE_UNIT = quantityOf('1');

/** Without what is too small for an order: an account with nothing else is used up. */
export function closablesOf(
  book: Book,
  { isIsolated, policy }: { readonly isIsolated: boolean; readonly policy: Policy },
): Closable[] {
  const positions = book.positions.flatMap(closablePosition);
  const here = book.holdings.filter(({ lies }) => lies === undefined);
  const all = isIsolated ? positions : [...positions, ...here.map(closableHolding)];
  return all.filter((closable) => !isDust(closable, policy));
}

/**
 * Below the market's least order, or below one place of the published amounts. An option's premium
 * may be next to nothing while its underlying is not, so its notional counts.
 */
function isDust({ held, trading, unitNotional }: Closable, policy: Policy): boolean {
  const isTooSmall = isBelow(held, leastQuantity(trading, unitNotional));
  return isTooSmall || isBelow(worthOf(held, unitNotional), leastClaim(policy));
}

function closablePosition(position: NetPosition): Closable[] {
  const { terms, quantity } = position;
  if (terms.kind === 'settled' || isZero(quantity)) return [];
  return [
    {
      kind: 'position',
      market: terms.instrument,
      side: isNegative(quantity) ? 'buy' : 'sell',
      factor: terms.quoted.factor.feed,
      held: absolute(quantity),
      unitValue: terms.contractValue,
      unitNotional: unitNotionalOf(terms),
      referencePrice: markOf(terms),
      trading: terms.trading,
      isIdle: false,
      ...jumpsOf(position),
    },
  ];
}

function jumpsOf(position: NetPosition): Pick<Closable, 'jumps'> {
  const { terms, quantity } = position;
  if (terms.kind !== 'linear' || terms.sizedRule === undefined) return {};
  const held = absolute(quantity);
  const jumps = contractsBelowFloors(position, terms, terms.sizedRule)
    .map((floor) => add(subtract(held, floor), LAST_PLACE))
    .filter((closed) => isBelow(LAST_PLACE, closed))
    .sort(compare);
  return jumps.length === 0 ? {} : { jumps };
}

/** The notional of one contract. An option has that of its underlying. */
export const unitNotionalOf = (terms: LinearTerms | OptionTerms): Amount =>
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

export const largestFirst = (one: Closable, other: Closable): number =>
  compare(worthOf(other.held, other.unitValue), worthOf(one.held, one.unitValue));
