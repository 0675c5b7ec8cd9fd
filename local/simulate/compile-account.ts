/**
 * One sub-account, reduced for simulation. At a multiple x of the factor's price, equity and margin
 * balance are lines. The maintenance requirement is convex, so it is the largest of several lines,
 * one per segment between kinks. The core computes them in decimals; floats come last.
 */
import type { Book } from '../../lambda/margin/book/book.ts';
import { type Curve, kinksBetween, pointAt } from '../../lambda/margin/curve/curve.ts';
import { addPoints } from '../../lambda/margin/curve/figure.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  compare,
  divide,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratio,
  subtract,
  times,
  worth,
  worthOf,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';

export interface Line {
  readonly constant: number;
  readonly slope: number;
}

export interface CompiledAccount {
  readonly equity: Line;
  readonly balance: Line;
  /** The requirement is the largest of these. */
  readonly maintenance: readonly Line[];
  /** Fee and slippage of closing everything, per unit of x. */
  readonly closingCost: number;
  /** At x = 1; negative if short. */
  readonly notional: number;
}

/** No path goes higher, so tiers beyond are ignored. */
const REACH = ratio('1000000');

/** Undefined if nothing in the book moves with the factor. Other factors stay at their price. */
export function compileAccount(book: Book, factor: string): CompiledAccount | undefined {
  const curve = book.curves.find((each) => each.factor === factor);
  if (curve === undefined) return undefined;
  const still = stillOf(book, curve);
  const maintenance = maintenanceLines(curve).map(
    (line): ExactLine => ({ ...line, constant: add(line.constant, still.maintenance) }),
  );
  const balance = {
    constant: add(curve.balance.constant, still.balance),
    slope: curve.balance.slope,
  };
  const equity = { constant: add(curve.equity.constant, still.equity), slope: curve.equity.slope };
  return {
    equity: rough(equity),
    balance: rough(balance),
    maintenance: maintenance.map(rough),
    closingCost: approximately(closingCostOf(book, factor)),
    notional: approximately(notionalOf(book, factor)),
  };
}

interface ExactLine {
  readonly constant: Amount;
  readonly slope: Amount;
}

const rough = ({ constant, slope }: ExactLine): Line => ({
  constant: approximately(constant),
  slope: approximately(slope),
});

/** Cash, and the other curves at their current prices. */
const stillOf = (book: Book, curve: Curve) =>
  book.curves
    .filter((other) => other !== curve)
    .map((other) => pointAt(other, ONE))
    .reduce(addPoints, book.constant);

function maintenanceLines(curve: Curve): ExactLine[] {
  const kinks = kinksBetween(curve, ZERO, REACH).sort(compare);
  const ends = [ZERO, ...kinks, REACH];
  return ends.slice(1).flatMap((to, index) => {
    const from = ends[index] as Ratio;
    if (compare(from, to) === 0) return [];
    const at = (x: Ratio) => pointAt(curve, x).maintenance;
    const slope = divide(subtract(at(to), at(from)), subtract(to, from));
    return [{ constant: subtract(at(from), times(slope, from)), slope }];
  });
}

function closingCostOf(book: Book, factor: string): Amount {
  const positions = book.positions
    .filter(({ terms }) => terms.quoted.factor.feed === factor)
    .map(({ terms, quantity: held }) =>
      times(absolute(worthOf(held, terms.contractValue)), terms.trading.unitCost),
    );
  const holdings = book.holdings
    .filter(({ terms }) => terms.quoted?.factor.feed === factor)
    .map(({ terms, amount }) =>
      times(absolute(worth(amount, terms.price)), terms.trading.unitCost),
    );
  return [...positions, ...holdings].reduce(add, NO_AMOUNT);
}

const notionalOf = (book: Book, factor: string): Amount =>
  book.positions
    .filter(({ terms }) => terms.quoted.factor.feed === factor)
    .map(({ terms, quantity: held }) => worthOf(held, terms.contractValue))
    .reduce(add, NO_AMOUNT);
