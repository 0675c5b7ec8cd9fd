/**
 * One sub-account as what a simulation needs of it. At a multiple x of the factor's price its margin
 * balance is a line and its maintenance requirement the largest of some lines (it is convex), so that
 *
 *     H(x) = B(x) − ℓ·MM(x) = the least of some lines,
 *
 * which is concave: the account is above its liquidation line, buffer included, exactly where
 * H(x·(1 − Λ)) ≥ 0 and H(x·(1 + Λ)) ≥ 0, and {H ≥ 0} is one interval [low, high]. So two prices say
 * when an account is liquidated, whatever the buffer is: Λ moves the price and not the account.
 * Everything is taken from the core's curve, in its decimals, and made a float at the end.
 */
import { overMaintenance } from '../../lambda/margin/assess.ts';
import type { Book } from '../../lambda/margin/book.ts';
import { type Curve, kinksBetween, pointAt } from '../../lambda/margin/curve.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  compare,
  divide,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
  worth,
  worthOf,
  ZERO,
} from '../../lambda/margin/decimal.ts';
import type { Policy } from '../../lambda/margin/market.ts';

/** constant + slope·x */
export interface Line {
  readonly constant: number;
  readonly slope: number;
}

export interface CompiledAccount {
  readonly equity: Line;
  readonly balance: Line;
  /** The requirement is the largest of these. */
  readonly maintenance: readonly Line[];
  /** The prices between which it is not liquidated when no buffer is held. */
  readonly low: number;
  readonly high: number;
  /** Fee and slippage of closing everything, per unit of x. */
  readonly closingCost: number;
  /** Of all positions at x = 1; below zero: short. */
  readonly notional: number;
}

/** No path goes higher: tiers beyond it are not looked at. */
const REACH = ratio('1000000');

/** Undefined when nothing in the book moves with the factor. Other factors stand still. */
export function compileAccount(
  book: Book,
  factor: string,
  policy: Policy,
): CompiledAccount | undefined {
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
    ...safeInterval(maintenance.map((line) => surplusLine(balance, line, policy))),
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

/** B − ℓ·MM, by the core's own figure. */
function surplusLine(balance: ExactLine, maintenance: ExactLine, policy: Policy): ExactLine {
  const figure = overMaintenance(policy.liquidationMultiplier);
  const of = (part: keyof ExactLine) =>
    figure({
      equity: NO_AMOUNT,
      initial: NO_AMOUNT,
      balance: balance[part],
      maintenance: maintenance[part],
    });
  return { constant: of('constant'), slope: of('slope') };
}

/** What no price of the factor moves: cash, and the curves of the others as they are now. */
const stillOf = (book: Book, curve: Curve) =>
  book.curves
    .filter((other) => other !== curve)
    .map((other) => pointAt(other, ONE))
    .reduce(
      (sum, point) => ({
        equity: add(sum.equity, point.equity),
        balance: add(sum.balance, point.balance),
        maintenance: add(sum.maintenance, point.maintenance),
      }),
      { equity: book.constant, balance: book.constant, maintenance: NO_AMOUNT },
    );

/** One line for each part of the requirement between two kinks. */
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

/** Where the least of some lines is not below zero; low > high when that is nowhere. */
function safeInterval(lines: readonly ExactLine[]): {
  readonly low: number;
  readonly high: number;
} {
  let low = ZERO;
  let high: Ratio | undefined;
  for (const { constant, slope } of lines) {
    if (isZero(slope)) {
      if (isNegative(constant)) return { low: Number.POSITIVE_INFINITY, high: 0 };
      continue;
    }
    const root = ratioBetween(negate(constant), slope);
    if (isPositive(slope)) low = larger(low, root);
    else high = high === undefined ? root : smaller(high, root);
  }
  return {
    low: approximately(low),
    high: high === undefined ? Number.POSITIVE_INFINITY : approximately(high),
  };
}

function closingCostOf(book: Book, factor: string): Amount {
  const positions = book.positions
    .filter(({ terms }) => terms.quoted.factor.feed === factor)
    .map(({ terms, quantity: held }) =>
      times(absolute(worthOf(held, terms.contractValue)), terms.unitCost),
    );
  const holdings = book.holdings
    .filter(({ terms }) => terms.quoted?.factor.feed === factor)
    .map(({ terms, amount }) => times(absolute(worth(amount, terms.price)), terms.unitCost));
  return [...positions, ...holdings].reduce(add, NO_AMOUNT);
}

const notionalOf = (book: Book, factor: string): Amount =>
  book.positions
    .filter(({ terms }) => terms.quoted.factor.feed === factor)
    .map(({ terms, quantity: held }) => worthOf(held, terms.contractValue))
    .reduce(add, NO_AMOUNT);
