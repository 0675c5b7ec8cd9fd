/**
 * The equity of a book as a function of a common move m of all prices:
 *
 *     E(m) = C + Σ_f slope_f·x_f + Σ units·V(x_f) + Σ slope·(x_f − 1)·(x_g − 1)
 *     x_f = max(0, 1 + s_f·m)
 *
 * with s_f the factor's radius scale. Equity has no haircuts, so only options and profits in an
 * asset with a moving price are non-linear.
 */

import { isOption, type OptionPosition } from '../../../lambda/margin/assess/greeks.ts';
import type { Book } from '../../../lambda/margin/book/book.ts';
import {
  type Amount,
  add,
  isNegative,
  isZero,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  subtract,
  sumOf,
  times,
} from '../../../lambda/margin/number/decimal.ts';
import type { PricedOption } from '../../../lambda/margin/option/priced-option.ts';
import { unitsIn } from '../../../lambda/margin/portfolio/holdings.ts';
import type { CommonMove } from './common-move.ts';

export interface MovingLine {
  /** Per unit of the price multiple. */
  readonly slope: Amount;
  readonly radiusScale: Ratio;
}

export interface MovingOption {
  readonly option: PricedOption;
  /** Each is worth the option's value, in the numeraire. */
  readonly units: Ratio;
  readonly radiusScale: Ratio;
  /** Set if the settlement asset has a price of its own. */
  readonly settlementScale?: Ratio | undefined;
}

interface MovingCross {
  readonly slope: Amount;
  readonly radiusScales: readonly [Ratio, Ratio];
}

export interface Equity {
  readonly constant: Amount;
  readonly lines: readonly MovingLine[];
  readonly options: readonly MovingOption[];
  readonly crosses: readonly MovingCross[];
}

export function equityOf(book: Book): Equity {
  const held = book.curves.flatMap(({ equity, weighed, radiusScale }) =>
    [equity, ...weighed.map(({ line }) => line)].map((line) => ({ ...line, radiusScale })),
  );
  return {
    constant: add(book.constant.equity, sumOf(held.map(({ constant }) => constant))),
    lines: held
      .filter(({ slope }) => !isZero(slope))
      .map(({ slope, radiusScale }) => ({ slope, radiusScale })),
    options: book.positions
      .filter(isOption)
      .filter(({ quantity }) => !isZero(quantity))
      .map(movingOption),
    crosses: book.crosses.flatMap(({ slope, factors: [first, second] }) =>
      slope === undefined
        ? []
        : [{ slope, radiusScales: [first.radiusScale, second.radiusScale] as const }],
    ),
  };
}

function movingOption({ terms, quantity }: OptionPosition): MovingOption {
  const { settlement, option, quoted } = terms;
  const settled = settlement.by === 'other' ? settlement.asset.quoted : undefined;
  return {
    option,
    units: times(unitsIn(terms, quantity), settlement.rate),
    radiusScale: quoted.factor.radiusScale,
    settlementScale: settled?.factor.radiusScale,
  };
}

export const isStraight = ({ options, crosses }: Equity): boolean =>
  options.length === 0 && crosses.length === 0;

export function equityAt(equity: Equity, move: CommonMove): Amount {
  const { constant, lines, options, crosses } = equity;
  let sum = constant;
  for (const { slope, radiusScale } of lines) {
    sum = add(sum, times(slope, move.multipleOf(radiusScale)));
  }
  for (const held of options) sum = add(sum, optionAt(held, move));
  for (const { slope, radiusScales } of crosses) {
    const [first, second] = radiusScales.map((scale) => subtract(move.multipleOf(scale), ONE));
    sum = add(sum, times(times(slope, first as Ratio), second as Ratio));
  }
  return sum;
}

/** The current value moves with the settlement asset's own line; only the gain is added here. */
function optionAt(held: MovingOption, move: CommonMove): Amount {
  const { option, units, radiusScale, settlementScale } = held;
  const each = move.valueOf(option, radiusScale);
  const value = times(each, units);
  if (settlementScale === undefined) return value;
  const gained = times(subtract(each, option.mark), units);
  return add(value, times(gained, subtract(move.multipleOf(settlementScale), ONE)));
}

export const shortfallOf = (equity: Amount): Amount =>
  isNegative(equity) ? negate(equity) : NO_AMOUNT;
