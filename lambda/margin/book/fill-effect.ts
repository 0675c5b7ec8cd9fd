/**
 * The effect of a fill on a position and its settlement balance. A linear fill realises q·c·(price
 * − entry) on the part that it closes, or q·c·(1/entry − 1/price) coins if inverse. It averages the
 * entry price on the part that it adds, harmonically if inverse. An option pays q·c·price.
 */
import {
  absolute,
  add,
  countAt,
  divide,
  isAbove,
  isNegative,
  isPositive,
  isZero,
  NO_QUANTITY,
  negate,
  type Price,
  type Quantity,
  ratioBetween,
  subtract,
  times,
  timesUp,
  UNIT_PRICE,
  unitPriceOf,
  unitsOf,
} from '../number/decimal.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Balance, Position } from './account.ts';
import { accruedFunding } from './accrual.ts';

export interface Fill {
  /** Contracts; below zero: sold. */
  readonly bought: Quantity;
  readonly price: Price;
}

export interface FilledRow {
  readonly after: Position;
  /** In the settlement asset: the profit that the fill realises, or the premium that it receives. */
  readonly earned: Balance;
}

/** Settles the row's funding first. */
export function filledRow(
  before: Position,
  fill: Fill,
  { terms, asOf }: { readonly terms: LinearTerms | OptionTerms; readonly asOf: number },
): FilledRow {
  const isInverse = terms.kind === 'linear' && terms.isInverse;
  const after = {
    ...before,
    quantity: add(before.quantity, fill.bought),
    entryPrice: entryAfter(before, fill, isInverse),
    ...(before.fundingSettledAt === undefined ? {} : { fundingSettledAt: asOf }),
  };
  const amount =
    terms.kind === 'option'
      ? negate(premiumOf(terms, fill))
      : subtract(realised(terms, before, fill), fundingOf(terms, before, asOf));
  return { after, earned: { asset: terms.settlement.asset.asset, amount } };
}

/** In the quoted unit: the coin for an inverse option. */
export function markOf(terms: LinearTerms | OptionTerms): Price {
  if (terms.kind === 'linear') return terms.quoted.price.price;
  const mark = unitPriceOf(terms.option.mark);
  return terms.isInverse ? divide(mark, countAt(terms.settlement.asset.price)) : mark;
}

/** Contracts that the fill closes, signed like the position. */
function closedBy({ quantity: held }: Position, { bought }: Fill): Quantity {
  if (isZero(held) || isNegative(held) === isNegative(bought)) return NO_QUANTITY;
  return isAbove(absolute(bought), absolute(held)) ? held : negate(bought);
}

function entryAfter(before: Position, fill: Fill, isInverse: boolean): Price {
  const held = before.quantity;
  const after = add(held, fill.bought);
  if (isZero(after)) return before.entryPrice;
  if (isZero(held) || isNegative(held) !== isNegative(after)) return fill.price;
  if (isNegative(held) !== isNegative(fill.bought)) return before.entryPrice;
  const [entry, added] = [countAt(before.entryPrice), countAt(fill.price)];
  if (isInverse) {
    const coins = add(divide(held, entry), divide(fill.bought, added));
    return times(UNIT_PRICE, ratioBetween(after, coins));
  }
  const cost = add(times(held, entry), times(fill.bought, added));
  return times(UNIT_PRICE, ratioBetween(cost, after));
}

/** From the quoting currency into the settlement asset. */
function inSettlement({ settlement }: LinearTerms | OptionTerms, computed: Quantity): Quantity {
  return settlement.by === 'coin' ? divide(computed, countAt(settlement.asset.price)) : computed;
}

export function realised(terms: LinearTerms, before: Position, fill: Fill): Quantity {
  const closed = closedBy(before, fill);
  if (isZero(closed)) return NO_QUANTITY;
  const units = unitsOf(closed, terms.contractSize);
  const [entry, exit] = [countAt(before.entryPrice), countAt(fill.price)];
  if (terms.isInverse) return subtract(divide(units, entry), divide(units, exit));
  return inSettlement(terms, times(units, subtract(exit, entry)));
}

function premiumOf(terms: OptionTerms, { bought, price: each }: Fill): Quantity {
  const premium = times(unitsOf(bought, terms.contractSize), countAt(each));
  return terms.isInverse ? premium : inSettlement(terms, premium);
}

/** Above zero if the account owes it. */
function fundingOf(terms: LinearTerms, position: Position, asOf: number): Quantity {
  const { quantity: held, fundingSettledAt: settledAt } = position;
  const ratePerHour = terms.fundingRatePerHour;
  if (settledAt === undefined || ratePerHour === undefined || isZero(held)) return NO_QUANTITY;
  const rate = accruedFunding({ ratePerHour, settledAt, asOf }, isPositive(held));
  const units = unitsOf(held, terms.contractSize);
  const mark = countAt(terms.quoted.price.price);
  const value = terms.isInverse ? divide(units, mark) : inSettlement(terms, times(units, mark));
  return timesUp(value, rate);
}
