/**
 * Exact decimals with units. Only this file uses decimal.js. A measure has no methods elsewhere, so
 * a price cannot be added to an amount or compared with `<`. NaN and Infinity are refused.
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

/** Round against whoever the result is for, where a result has too many digits. */
const ROUNDED = {
  up: Exact.clone({ rounding: DecimalJs.ROUND_CEIL }),
  down: Exact.clone({ rounding: DecimalJs.ROUND_FLOOR }),
};

const Product = DecimalJs.clone({ defaults: true, precision: 2 * PRECISION_DIGITS });

declare const unit: unique symbol;
interface Measure<Unit extends string> {
  readonly [unit]: Unit;
}

/** In the numeraire. */
export type Amount = Measure<'amount'>;
/** Numeraire per unit of an asset or underlying. */
export type Price = Measure<'price'>;
/** Units of an asset, contracts of an instrument. */
export type Quantity = Measure<'quantity'>;
/** A weight, a rate, a multiplier of a price. */
export type Ratio = Measure<'ratio'>;
type AnyMeasure = Amount | Price | Quantity | Ratio;

/** The text is not an exact decimal, or the result is not finite. */
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
      `has ${value.precision()} significant digits; at most ${INPUT_DIGITS_MAX} are allowed`,
    );
  }
  if (!value.isZero() && Math.abs(value.e) > INPUT_EXPONENT_MAX) {
    throw new DecimalError(`must lie between 1e-${INPUT_EXPONENT_MAX} and 1e${INPUT_EXPONENT_MAX}`);
  }
  return value;
}

const ZERO_DECIMAL = new Exact(0);
const UNIT = new Exact(1);

function canonical(value: DecimalJs): DecimalJs {
  if (value.isZero()) return ZERO_DECIMAL;
  // Comparing copies the value, so the exponent goes first.
  return value.e === 0 && value.eq(UNIT) ? UNIT : value;
}

/**
 * Money in the numeraire, read exactly from a decimal text.
 * @throws DecimalError saying what the text must be.
 */
export const amount = (text: string): Amount => seal(canonical(read(text)));

/** Numeraire per unit, read like an amount. @throws DecimalError */
export const price = (text: string): Price => seal(canonical(read(text)));

/** Units or contracts, read like an amount. @throws DecimalError */
export const quantity = (text: string): Quantity => seal(canonical(read(text)));

/** A pure number, read like an amount. @throws DecimalError */
export const ratio = (text: string): Ratio => seal(canonical(read(text)));

/** Written by this program; a sum may exceed input limits. @throws DecimalError */
export function recordedAmount(text: string): Amount {
  if (!PLAIN_DECIMAL.test(text)) throw new DecimalError(`not a recorded amount: ${text}`);
  return seal(canonical(new Exact(text)));
}

/** @throws DecimalError unless finite. */
export const ratioOfCount = (count: number): Ratio => seal(new Exact(count));

export const NO_AMOUNT = amount('0');
export const UNIT_PRICE = price('1');
export const NO_QUANTITY = quantity('0');
export const ZERO = ratio('0');
export const ONE = ratio('1');

const plus = (left: DecimalJs, right: DecimalJs): DecimalJs => {
  if (right === ZERO_DECIMAL) return left;
  return left === ZERO_DECIMAL ? right : left.plus(right);
};

const minus = (left: DecimalJs, right: DecimalJs): DecimalJs =>
  right === ZERO_DECIMAL ? left : left.minus(right);

const product = (left: DecimalJs, right: DecimalJs): DecimalJs => {
  if (left === ZERO_DECIMAL || right === ZERO_DECIMAL) return ZERO_DECIMAL;
  if (right === UNIT) return left;
  return left === UNIT ? right : left.times(right);
};

const WORD_DIGITS = 7;
const EXACT_WORDS = Math.floor(PRECISION_DIGITS / WORD_DIGITS);
/** A decimal's words are all of seven digits, so a product of few words is exact. */
function productTo(way: keyof typeof ROUNDED, left: DecimalJs, right: DecimalJs): DecimalJs {
  if (left.d.length + right.d.length <= EXACT_WORDS) return product(left, right);
  return canonical(new Exact(new ROUNDED[way](left).times(right)));
}

const lowestPlace = ({ d: words, e: exponent }: DecimalJs): number =>
  WORD_DIGITS * (Math.floor(exponent / WORD_DIGITS) - words.length + 1);

/** A sum is exact if all its places, and one that is carried, fit. */
function sumTo(way: keyof typeof ROUNDED, left: DecimalJs, right: DecimalJs): DecimalJs {
  const places = Math.max(left.e, right.e) + 2 - Math.min(lowestPlace(left), lowestPlace(right));
  if (places <= PRECISION_DIGITS) return plus(left, right);
  return canonical(new Exact(new ROUNDED[way](left).plus(right)));
}

/** Both of one measure. Results have at most `PRECISION_DIGITS` digits. */
export const add = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(plus(open(left), open(right)));

/** `left` less `right`, both of one measure. */
export const subtract = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(minus(open(left), open(right)));

/** At the last digit, toward plus infinity. Likewise all that end in `Up`; `Down` to minus. */
export const addUp = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(sumTo('up', open(left), open(right)));

export const addDown = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(sumTo('down', open(left), open(right)));

export const subtractUp = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(sumTo('up', open(left), open(right).negated()));

export const subtractDown = <M extends AnyMeasure>(left: M, right: M): M =>
  seal(sumTo('down', open(left), open(right).negated()));

export const sumOf = (amounts: readonly Amount[]): Amount => amounts.reduce(add, NO_AMOUNT);

export const negate = <M extends AnyMeasure>(measure: M): M => seal(open(measure).negated());

export const absolute = <M extends AnyMeasure>(measure: M): M => seal(open(measure).abs());

/** The measure scaled by a pure number. */
export const times = <M extends AnyMeasure>(measure: M, factor: Ratio): M =>
  seal(product(open(measure), open(factor)));

export const timesUp = <M extends AnyMeasure>(measure: M, factor: Ratio): M =>
  seal(productTo('up', open(measure), open(factor)));

export const timesDown = <M extends AnyMeasure>(measure: M, factor: Ratio): M =>
  seal(productTo('down', open(measure), open(factor)));

export const worth = (held: Quantity, at: Price): Amount => seal(product(open(held), open(at)));

export const worthOfUp = (contracts: Quantity, each: Amount): Amount =>
  seal(productTo('up', open(contracts), open(each)));

export const worthOf = (contracts: Quantity, each: Amount): Amount =>
  seal(product(open(contracts), open(each)));

export const unitsOf = (contracts: Quantity, contractSize: Quantity): Quantity =>
  seal(product(open(contracts), open(contractSize)));

/**
 * Σ weight·value, exact, and many times faster than a sum of products.
 * @throws DecimalError unless there is one value per weight.
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

/** To the working precision. @throws DecimalError if `right` is zero. */
export const ratioBetween = <M extends AnyMeasure>(left: M, right: M): Ratio =>
  seal(open(left).div(open(right)));

export const ratioBetweenUp = <M extends AnyMeasure>(left: M, right: M): Ratio =>
  seal(new Exact(new ROUNDED.up(open(left)).div(open(right))));

/** `whole` is above zero. */
export interface Share {
  readonly part: Amount;
  readonly whole: Amount;
}

/** Cross-multiplied, so nothing is rounded. */
export const compareShares = (left: Share, right: Share): number =>
  new Product(open(left.part))
    .times(open(right.whole))
    .cmp(new Product(open(right.part)).times(open(left.whole)));

export const divide = <M extends AnyMeasure>(measure: M, divisor: Ratio): M =>
  seal(open(measure).div(open(divisor)));

export const divideUp = <M extends AnyMeasure>(measure: M, divisor: Ratio): M =>
  negate(divideDown(negate(measure), divisor));

export const divideDown = <M extends AnyMeasure>(measure: M, divisor: Ratio): M =>
  seal(new Exact(new ROUNDED.down(open(measure)).div(open(divisor))));

/** Not rounded to a lot. */
export const contractsOf = (notional: Amount, each: Amount): Quantity =>
  seal(open(notional).div(open(each)));

/** @throws DecimalError if negative. */
export const squareRoot = (of: Ratio): Ratio => seal(open(of).sqrt());

export const squareRootUp = (of: Ratio): Ratio => seal(new Exact(new ROUNDED.up(open(of)).sqrt()));

export const smaller = <M extends AnyMeasure>(left: M, right: M): M =>
  open(left).lte(open(right)) ? left : right;

export const larger = <M extends AnyMeasure>(left: M, right: M): M =>
  open(left).gte(open(right)) ? left : right;

/** −1, 0 or 1: whether `left` is below, equal to or above `right`. */
export const compare = <M extends AnyMeasure>(left: M, right: M): number =>
  open(left).comparedTo(open(right));

export const isBelow = <M extends AnyMeasure>(left: M, right: M): boolean =>
  open(left).lt(open(right));

export const isAbove = <M extends AnyMeasure>(left: M, right: M): boolean =>
  open(left).gt(open(right));

export const isAtLeast = <M extends AnyMeasure>(left: M, right: M): boolean =>
  open(left).gte(open(right));

export const isZero = (measure: AnyMeasure): boolean => open(measure).isZero();

/** Negative zero is zero. */
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

/** To `digits` significant digits, and at least to the decimal places of `like`. */
export function rounded(at: Price, digits: number, way: 'up' | 'down', like?: Price): Price {
  const mode = way === 'up' ? DecimalJs.ROUND_CEIL : DecimalJs.ROUND_FLOOR;
  const kept = like === undefined ? 0 : open(at).e + 1 + open(like).decimalPlaces();
  return seal(open(at).toSignificantDigits(Math.max(digits, kept), mode));
}

/** `step` is above 0. */
export const multipleUp = <M extends AnyMeasure>(of: M, step: M): M =>
  seal(open(of).div(open(step)).ceil().times(open(step)));
export const multipleDown = <M extends AnyMeasure>(of: M, step: M): M =>
  seal(open(of).div(open(step)).floor().times(open(step)));

/** Rounded up, so that a shock is never understated. */
export const asShock = (shock: Ratio): Ratio => roundUp(shock, SHOCK_PLACES);

/** In float64, like volatility, which returns only through `asVolatility`. */
export const logReturn = (from: Price, to: Price): number =>
  open(to).div(open(from)).ln().toNumber();

/** Rounded up. @throws DecimalError unless finite. */
export const asVolatility = (measured: number): Ratio =>
  roundUp(seal<Ratio>(new Exact(measured)), VOLATILITY_PLACES);

/** Rounded up. @throws DecimalError unless finite. */
export const asQuantile = (tracked: number): Ratio =>
  roundUp(seal<Ratio>(new Exact(tracked)), QUANTILE_PLACES);

/** The decimal that the float64 prints as. @throws DecimalError unless finite. */
export const asAmount = (computed: number): Amount => seal(canonical(new Exact(computed)));

/** Likewise. @throws DecimalError unless finite. */
export const asRatio = (computed: number): Ratio => seal(canonical(new Exact(computed)));

export const countAt = (at: Price): Ratio => seal(open(at));

export const unitPriceOf = (each: Amount): Price => seal(open(each));

export const countOf = (units: Quantity): Ratio => seal(open(units));

/** No exponent, no trailing zeros, no negative zero. */
export const textOf = (measure: AnyMeasure): string =>
  open(measure).isZero() ? '0' : open(measure).toFixed();

/** The measure must already be rounded to `places`. */
export const textOfPlaces = (measure: AnyMeasure, places: number): string =>
  open(measure).isZero() ? open(ZERO).toFixed(places) : open(measure).toFixed(places);

/**
 * The nearest float64, for Black-76, bounds, charts and metrics; never compared with a line. At
 * most two words are a whole number times or divided by a power of ten that float64 holds, so one
 * operation gives the nearest.
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

/** Largest power of ten that float64 holds exactly. */
const EXACT_POWER_MAX = 22;
