/**
 * Exact decimals with units. The only file that knows decimal.js: it owns the precision, the strict
 * reading of numbers, and the refusal of NaN and Infinity. A measure has no methods outside of this
 * file, so that a price cannot be added to an amount, nor compared by `<`.
 */
import { Decimal as DecimalJs } from 'decimal.js';
import {
  INPUT_DIGITS_MAX,
  INPUT_EXPONENT_MAX,
  PRECISION_DIGITS,
  QUANTILE_PLACES,
  SHOCK_PLACES,
  VOLATILITY_PLACES,
} from './limits.ts';
import { WordSum } from './word-sum.ts';

const Exact = DecimalJs.clone({
  defaults: true,
  precision: PRECISION_DIGITS,
  rounding: DecimalJs.ROUND_HALF_EVEN,
});

/** Holds the product of any two measures, each of which has PRECISION_DIGITS digits at most. */
const Product = DecimalJs.clone({ defaults: true, precision: 2 * PRECISION_DIGITS });

declare const unit: unique symbol;
interface Measure<Unit extends string> {
  readonly [unit]: Unit;
}

/** Money, in the numeraire. */
export type Amount = Measure<'amount'>;
/** Numeraire per unit of an asset or underlying. */
export type Price = Measure<'price'>;
/** Units of an asset, contracts of an instrument. */
export type Quantity = Measure<'quantity'>;
/** A pure number: a weight, a rate, a multiplier of a price. */
export type Ratio = Measure<'ratio'>;
type AnyMeasure = Amount | Price | Quantity | Ratio;

/** Thrown when a text is not a decimal number that can be held exactly. */
export class DecimalError extends Error {
  override readonly name = 'DecimalError';
}

const open = (measure: AnyMeasure): DecimalJs => measure as unknown as DecimalJs;

function seal<M extends AnyMeasure>(value: DecimalJs): M {
  if (!value.isFinite()) throw new DecimalError(`a calculation gave ${value.toString()}`);
  return value as unknown as M;
}

const PLAIN_DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

function read(text: string): DecimalJs {
  if (text.trim() === '') throw new DecimalError('must be a decimal number, not empty');
  if (text.length > 100 || !PLAIN_DECIMAL.test(text)) {
    throw new DecimalError(`must be a decimal number, not "${text.slice(0, 40)}"`);
  }
  const value = new Exact(text);
  if (value.precision() > INPUT_DIGITS_MAX) {
    throw new DecimalError(
      `has ${value.precision()} significant digits; at most ${INPUT_DIGITS_MAX} are held exactly`,
    );
  }
  if (!value.isZero() && Math.abs(value.e) > INPUT_EXPONENT_MAX) {
    throw new DecimalError(`must lie between 1e-${INPUT_EXPONENT_MAX} and 1e${INPUT_EXPONENT_MAX}`);
  }
  return value;
}

/**
 * One object for nought and one for one, whatever the unit: most sums begin with nought and many
 * factors are one, and what they leave as it is need not be computed.
 */
const NOUGHT = new Exact(0);
const UNIT = new Exact(1);

function canonical(value: DecimalJs): DecimalJs {
  if (value.isZero()) return NOUGHT;
  // A comparison copies; hardly any value has the exponent of 1.
  return value.e === 0 && value.eq(UNIT) ? UNIT : value;
}

/** Each reads a plain decimal text exactly. @throws DecimalError saying what the text must be. */
export const amount = (text: string): Amount => seal(canonical(read(text)));
export const price = (text: string): Price => seal(canonical(read(text)));
export const quantity = (text: string): Quantity => seal(canonical(read(text)));
export const ratio = (text: string): Ratio => seal(canonical(read(text)));

/** An amount that this program wrote: sums may be larger than any input. @throws DecimalError */
export function recordedAmount(text: string): Amount {
  if (!PLAIN_DECIMAL.test(text)) throw new DecimalError(`not a recorded amount: ${text}`);
  return seal(canonical(new Exact(text)));
}

/** A count, such as whole milliseconds, as a pure number. @throws DecimalError unless finite. */
export const ratioOfCount = (count: number): Ratio => seal(new Exact(count));

export const NO_AMOUNT = amount('0');
/** Of the numeraire in itself. */
export const UNIT_PRICE = price('1');
export const NO_QUANTITY = quantity('0');
export const ZERO = ratio('0');
export const ONE = ratio('1');

const plus = (left: DecimalJs, right: DecimalJs): DecimalJs => {
  if (right === NOUGHT) return left;
  return left === NOUGHT ? right : left.plus(right);
};

const minus = (left: DecimalJs, right: DecimalJs): DecimalJs =>
  right === NOUGHT ? left : left.minus(right);

const product = (left: DecimalJs, right: DecimalJs): DecimalJs => {
  if (left === NOUGHT || right === NOUGHT) return NOUGHT;
  if (right === UNIT) return left;
  return left === UNIT ? right : left.times(right);
};

export const add = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(plus(open(left), open(right)));

export const subtract = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(minus(open(left), open(right)));

export const sumOf = (amounts: readonly Amount[]): Amount => amounts.reduce(add, NO_AMOUNT);

export const negate = <M extends AnyMeasure>(measure: M): M => seal(open(measure).negated());

export const absolute = <M extends AnyMeasure>(measure: M): M => seal(open(measure).abs());

/** A measure times a pure number keeps its unit. */
export const times = <M extends AnyMeasure>(measure: M, factor: Ratio): M =>
  seal(product(open(measure), open(factor)));

/** What a quantity is worth at a price. */
export const worth = (held: Quantity, at: Price): Amount => seal(product(open(held), open(at)));

/** What a number of contracts is worth when one is worth `each`. */
export const worthOf = (contracts: Quantity, each: Amount): Amount =>
  seal(product(open(contracts), open(each)));

/** Underlying units in a number of contracts, each of a contract size. */
export const unitsOf = (contracts: Quantity, contractSize: Quantity): Quantity =>
  seal(product(open(contracts), open(contractSize)));

/**
 * Σ weight·value, exactly: nothing is rounded in between, and it is many times faster than adding up
 * one product after the other. @throws DecimalError unless there is a value for each weight.
 */
export function weightedSum(weights: readonly Ratio[], values: readonly Amount[]): Amount {
  if (weights.length !== values.length) throw new DecimalError('needs a value for each weight');
  const sum = new WordSum();
  let rest = NO_AMOUNT;
  for (let at = 0; at < weights.length; at++) {
    const [weight, value] = [weights[at] as Ratio, values[at] as Amount];
    if (!sum.addProduct(open(weight), open(value))) rest = add(rest, times(value, weight));
  }
  return add(rest, seal<Amount>(canonical(new Exact(sum.text()))));
}

/** left ÷ right, to the working precision. @throws DecimalError when right is zero. */
export const ratioBetween = <M extends AnyMeasure>(left: M, right: M): Ratio =>
  seal(open(left).div(open(right)));

/** A part of a whole, which is above zero. */
export interface Share {
  readonly part: Amount;
  readonly whole: Amount;
}

/** Below zero when the left share is the smaller: cross-multiplied, so that nothing is rounded. */
export const compareShares = (left: Share, right: Share): number =>
  new Product(open(left.part))
    .times(open(right.whole))
    .cmp(new Product(open(right.part)).times(open(left.whole)));

/** A measure ÷ a pure number. @throws DecimalError when the divisor is zero. */
export const divide = <M extends AnyMeasure>(measure: M, divisor: Ratio): M =>
  seal(open(measure).div(open(divisor)));

/** Contracts whose notional is `notional` when one contract is worth `each`, not yet rounded. */
export const contractsOf = (notional: Amount, each: Amount): Quantity =>
  seal(open(notional).div(open(each)));

/** @throws DecimalError when the ratio is negative. */
export const squareRoot = (of: Ratio): Ratio => seal(open(of).sqrt());

export const smaller = <M extends AnyMeasure>(left: M, right: M): M =>
  open(left).lte(open(right)) ? left : right;

export const larger = <M extends AnyMeasure>(left: M, right: M): M =>
  open(left).gte(open(right)) ? left : right;

export const compare = <M extends AnyMeasure>(left: M, right: M): number =>
  open(left).comparedTo(open(right));

export const isBelow = <M extends AnyMeasure>(left: M, right: M): boolean =>
  open(left).lt(open(right));

export const isAbove = <M extends AnyMeasure>(left: M, right: M): boolean =>
  open(left).gt(open(right));

export const isAtLeast = <M extends AnyMeasure>(left: M, right: M): boolean =>
  open(left).gte(open(right));

export const isZero = (measure: AnyMeasure): boolean => open(measure).isZero();

/** Strictly below zero; a negative zero is zero. */
export const isNegative = (measure: AnyMeasure): boolean =>
  open(measure).isNegative() && !open(measure).isZero();

export const isPositive = (measure: AnyMeasure): boolean =>
  open(measure).isPositive() && !open(measure).isZero();

/** Toward plus infinity: requirements and amounts due. */
export const roundUp = <M extends AnyMeasure>(measure: M, places: number): M =>
  seal(open(measure).toDecimalPlaces(places, DecimalJs.ROUND_CEIL));

/** Toward minus infinity: values and credits. */
export const roundDown = <M extends AnyMeasure>(measure: M, places: number): M =>
  seal(open(measure).toDecimalPlaces(places, DecimalJs.ROUND_FLOOR));

/** To so many significant digits, up or down: how a price is written in an order. */
export const rounded = (at: Price, digits: number, way: 'up' | 'down'): Price =>
  seal(
    open(at).toSignificantDigits(
      digits,
      way === 'up' ? DecimalJs.ROUND_CEIL : DecimalJs.ROUND_FLOOR,
    ),
  );

/** The least whole multiple of a step, above 0, that is not below a measure; and the largest not above. */
export const multipleUp = <M extends AnyMeasure>(of: M, step: M): M =>
  seal(open(of).div(open(step)).ceil().times(open(step)));
export const multipleDown = <M extends AnyMeasure>(of: M, step: M): M =>
  seal(open(of).div(open(step)).floor().times(open(step)));

/** A shock, as it is held: rounded up, so that it is never understated. */
export const asShock = (shock: Ratio): Ratio => roundUp(shock, SHOCK_PLACES);

/**
 * ln(to ÷ from), nearest float64: what volatility is measured from. The measuring is in floating
 * point, and comes back through `asVolatility` alone.
 */
export const logReturn = (from: Price, to: Price): number =>
  open(to).div(open(from)).ln().toNumber();

/**
 * A volatility that was measured in float64, as it is held from there on: rounded up.
 * @throws DecimalError unless finite.
 */
export const asVolatility = (measured: number): Ratio =>
  roundUp(seal<Ratio>(new Exact(measured)), VOLATILITY_PLACES);

/** A quantile that was tracked in float64, likewise. @throws DecimalError unless finite. */
export const asQuantile = (tracked: number): Ratio =>
  roundUp(seal<Ratio>(new Exact(tracked)), QUANTILE_PLACES);

/**
 * An amount that was computed in float64, such as the value of an option: the decimal that float64
 * is written as. @throws DecimalError unless finite.
 */
export const asAmount = (computed: number): Amount => seal(canonical(new Exact(computed)));

/** Likewise a pure number, such as a discount factor. @throws DecimalError unless finite. */
export const asRatio = (computed: number): Ratio => seal(canonical(new Exact(computed)));

/** How much numeraire one unit is, as a pure number. */
export const countAt = (at: Price): Ratio => seal(open(at));

/** The price at which one unit is worth an amount. */
export const unitPriceOf = (each: Amount): Price => seal(open(each));

/** A number of units as a pure number, to multiply what one unit is worth. */
export const countOf = (units: Quantity): Ratio => seal(open(units));

/** Plain decimal notation, no exponent, no trailing zeros, no negative zero. */
export const textOf = (measure: AnyMeasure): string =>
  open(measure).isZero() ? '0' : open(measure).toFixed();

/** Plain notation with just so many places; the measure is rounded to them already. */
export const textOfPlaces = (measure: AnyMeasure, places: number): string =>
  open(measure).isZero() ? open(ZERO).toFixed(places) : open(measure).toFixed(places);

/**
 * The nearest float64: what Black-76, bounds, charts and metrics are made of; never compared with a
 * line. A decimal of two words is a whole number times or over a power of ten that float64 holds, so
 * one operation gives the nearest.
 */
export function approximately(measure: AnyMeasure): number {
  const value = open(measure);
  const { d: words, e: exponent, s: sign } = value;
  const [first, second] = words;
  if (first === undefined || words.length > 2) return value.toNumber();
  const scale = 7 * (Math.floor(exponent / 7) - words.length + 1);
  if (Math.abs(scale) > EXACT_POWER_MAX) return value.toNumber();
  const digits = sign * (second === undefined ? first : first * 1e7 + second);
  return scale < 0 ? digits / 10 ** -scale : digits * 10 ** scale;
}

/** Float64 holds powers of ten to this one. */
const EXACT_POWER_MAX = 22;
