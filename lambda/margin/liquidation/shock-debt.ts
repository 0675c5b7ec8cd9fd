/**
 * The bad debt if every price made its forecast move before anybody could close out: Σ max(0, −E)
 * over all sub-accounts, once with all prices down by Λ* and once with all up. The buffer charges
 * for Λ, which is at most Λ*; this is the part that nobody has paid for.
 */
import type { Book } from '../book/book.ts';
import {
  equityAt,
  equityOf,
  type MovingFactor,
  optionValueAt,
  type PriceMove,
  shortfallOf,
} from '../book/equity.ts';
import { type Curve, downBy, upBy } from '../curve/curve.ts';
import { type Amount, add, larger, NO_AMOUNT, type Ratio } from '../number/decimal.ts';
import type { PricedOption } from '../option/priced-option.ts';

export interface ShockDebt {
  readonly fall: Amount;
  readonly rise: Amount;
}

export const NO_SHOCK_DEBT: ShockDebt = { fall: NO_AMOUNT, rise: NO_AMOUNT };

class ForecastMove implements PriceMove {
  /** An option is held by many accounts, and each snapshot has its own. */
  private readonly values = new WeakMap<PricedOption, Amount>();
  readonly multipleOf: (factor: MovingFactor) => Ratio;

  constructor(multipleOf: (factor: MovingFactor) => Ratio) {
    this.multipleOf = multipleOf;
  }

  valueOf(option: PricedOption, factor: MovingFactor): Amount {
    const found = this.values.get(option) ?? optionValueAt(option, this.multipleOf(factor));
    this.values.set(option, found);
    return found;
  }
}

const FALL = new ForecastMove(({ forecastDown }) => downBy(forecastDown));
const RISE = new ForecastMove(({ forecastUp }) => upBy(forecastUp));

export function shockDebtOf(book: Book): ShockDebt {
  const equity = equityOf(book);
  return {
    fall: shortfallOf(equityAt(equity, FALL)),
    rise: shortfallOf(equityAt(equity, RISE)),
  };
}

/**
 * For a book above its liquidation line: while every Λ covers its Λ*, the buffer pays for the whole
 * move, and nothing is left to owe.
 */
export const shockDebtOfSafe = (book: Book): ShockDebt =>
  book.curves.some(isUncovered) || book.crosses.length > 0 ? shockDebtOf(book) : NO_SHOCK_DEBT;

/** Λ is Λ* itself unless it was cut. */
const isUncovered = ({ forecastDown, forecastUp, shockDown, shockUp }: Curve): boolean =>
  forecastDown !== shockDown || forecastUp !== shockUp;

export const addShockDebts = (left: ShockDebt, right: ShockDebt): ShockDebt =>
  right === NO_SHOCK_DEBT
    ? left
    : { fall: add(left.fall, right.fall), rise: add(left.rise, right.rise) };

export const worseOf = ({ fall, rise }: ShockDebt): Amount => larger(fall, rise);
