/**
 * The equity of a book after a move of all prices, exactly:
 *
 *     E = C + Σ_f slope_f·x_f + Σ units·V(x_f) + Σ slope·(x_f − 1)·(x_g − 1)
 *
 * with x_f the multiple of each factor's price. Equity has no haircuts, so only options and profits
 * in an asset with a moving price are non-linear.
 */
import type { Shocks } from '../market/shock.ts';
import {
  type Amount,
  add,
  approximately,
  asAmount,
  isNegative,
  isZero,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  subtract,
  sumOf,
  times,
} from '../number/decimal.ts';
import type { PricedOption } from '../option/priced-option.ts';
import { unitsIn } from '../portfolio/holdings.ts';
import type { OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Book, NetPosition } from './book.ts';

/** A move needs to know this of a factor. A curve has it too. */
export interface MovingFactor extends Pick<Shocks, 'forecastDown' | 'forecastUp'> {
  readonly radiusScale: Ratio;
}

/** One move of all prices before anybody can act. Volatilities and time stay. */
export interface PriceMove {
  /** At least 0. */
  multipleOf(factor: MovingFactor): Ratio;
  /** Per unit of underlying. */
  valueOf(option: PricedOption, factor: MovingFactor): Amount;
}

export interface OptionPosition extends NetPosition {
  readonly terms: OptionTerms;
}

export const isOption = (position: NetPosition): position is OptionPosition =>
  position.terms.kind === 'option';

export interface MovingLine {
  /** Per unit of the price multiple. */
  readonly slope: Amount;
  readonly factor: MovingFactor;
}

export interface MovingOption {
  readonly option: PricedOption;
  /** Each is worth the option's value, in the numeraire. */
  readonly units: Ratio;
  readonly factor: MovingFactor;
  /** Set if the settlement asset has a price of its own. */
  readonly settlement?: MovingFactor | undefined;
}

interface MovingCross {
  readonly slope: Amount;
  readonly factors: readonly [MovingFactor, MovingFactor];
}

export interface Equity {
  readonly constant: Amount;
  readonly lines: readonly MovingLine[];
  readonly options: readonly MovingOption[];
  readonly crosses: readonly MovingCross[];
}

export function equityOf(book: Book): Equity {
  const held = book.curves.flatMap((factor) =>
    [factor.equity, ...factor.weighed.map(({ line }) => line)].map((line) => ({ ...line, factor })),
  );
  return {
    constant: add(book.constant.equity, sumOf(held.map(({ constant }) => constant))),
    lines: held
      .filter(({ slope }) => !isZero(slope))
      .map(({ slope, factor }) => ({ slope, factor })),
    options: book.positions
      .filter(isOption)
      .filter(({ quantity }) => !isZero(quantity))
      .map(movingOption),
    crosses: book.crosses.flatMap(({ slope, factors }) =>
      slope === undefined ? [] : [{ slope, factors }],
    ),
  };
}

function movingOption({ terms, quantity }: OptionPosition): MovingOption {
  const { settlement, option, quoted } = terms;
  const settled = settlement.by === 'other' ? settlement.asset.quoted : undefined;
  return {
    option,
    units: times(unitsIn(terms, quantity), settlement.rate),
    factor: quoted.factor,
    settlement: settled?.factor,
  };
}

export const isStraight = ({ options, crosses }: Equity): boolean =>
  options.length === 0 && crosses.length === 0;

export function equityAt(equity: Equity, move: PriceMove): Amount {
  const { constant, lines, options, crosses } = equity;
  let sum = constant;
  for (const { slope, factor } of lines) sum = add(sum, times(slope, move.multipleOf(factor)));
  for (const held of options) sum = add(sum, optionAfter(held, move));
  for (const { slope, factors } of crosses) {
    const [first, second] = factors.map((factor) => subtract(move.multipleOf(factor), ONE));
    sum = add(sum, times(times(slope, first as Ratio), second as Ratio));
  }
  return sum;
}

/** The current value moves with the settlement asset's own line; only the gain is added here. */
function optionAfter(held: MovingOption, move: PriceMove): Amount {
  const { option, units, factor, settlement } = held;
  const each = move.valueOf(option, factor);
  const value = times(each, units);
  if (settlement === undefined) return value;
  const gained = times(subtract(each, option.mark), units);
  return add(value, times(gained, subtract(move.multipleOf(settlement), ONE)));
}

/** Its value at a multiple of the underlying. */
export function optionValueAt(option: PricedOption, multiple: Ratio): Amount {
  const at = approximately(multiple);
  if (at === 1) return option.mark;
  const { volatility, years } = option.input;
  return asAmount(option.at(at, { multiple: 1, volatility, years }).value);
}

export const shortfallOf = (equity: Amount): Amount =>
  isNegative(equity) ? negate(equity) : NO_AMOUNT;
