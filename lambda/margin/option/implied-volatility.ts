import { finite, notNegative, positive } from '../statistics/argument-range.ts';
import { distance, type OptionTerms, outOfTheMoney } from './black76.ts';

/** A premium with the market at which it was quoted. */
export interface QuotedOption {
  /** Discounted premium per unit of underlying. */
  readonly price: number;
  /** F, for delivery at expiry. */
  readonly forward: number;
  /** e^{−rτ}; 1 when premiums are not discounted. */
  readonly discount: number;
}

/**
 * Finds the annual σ at which `optionValue` equals the price. Undefined if the price is at or below
 * the discounted payoff, or at or above the discounted forward (call) or strike (put), or at
 * expiry. Out of the money the price is matched within about 10 + a² units in the last place, with
 * a = |ln(F/K)|/(σ√τ), because one such unit of σ moves it by a² of them. In the money the same
 * error applies to the price less the payoff.
 * @throws RangeError unless forward, strike and discount are finite and above zero, yearsToExpiry
 * is finite and not below zero, and the price is finite.
 */
export function impliedVolatility(terms: OptionTerms, quoted: QuotedOption): number | undefined {
  const price = finite('price', quoted.price);
  const forward = positive('forward', quoted.forward);
  const discount = positive('discount', quoted.discount);
  const strike = positive('strike', terms.strike);
  const years = notNegative('yearsToExpiry', terms.yearsToExpiry);
  const call = terms.type === 'call';
  if (years === 0 || price >= discount * (call ? forward : strike)) return undefined;
  const payoff = discount * Math.max(call ? forward - strike : strike - forward, 0);
  const portion = (price - payoff) / discount / Math.min(forward, strike);
  if (!(portion > 0 && portion < 1)) return undefined;
  return impliedDeviation({ forward, strike }, portion) / Math.sqrt(years);
}

const ROOT_TAU = Math.sqrt(2 * Math.PI);
const TURNS_MAX = 100;

/** A Halley step this small, relative to the result, leaves an error below the last place. */
const STEP_MIN = 1e-7;

/**
 * Finds s = σ√τ at which the out-of-the-money option is worth a portion v of min(F, K). The value
 * is convex in s up to √(2·|ln(F/K)|) and concave beyond. Below that point v is near e^{−a²/2}, and
 * the equation is solved for (−ln v)^{−½}, nearly linear in s. Above it 1 − v is at most
 * e^{−(t − a)²/2}, which bounds s, and the equation is solved for −ln(1 − v). Takes Halley steps,
 * usually 3, and bisects when a step would leave the bracket.
 */
function impliedDeviation(
  prices: { readonly forward: number; readonly strike: number },
  portion: number,
): number {
  const lesser = Math.min(prices.forward, prices.strike);
  const logDistance = distance(prices.forward, prices.strike);
  const turning = Math.sqrt(2 * logDistance);
  const below = portion < outOfTheMoney(prices, turning).value / lesser;
  const root = Math.sqrt(-2 * (below ? Math.log(portion) : Math.log1p(-portion)));
  let [low, high] = below
    ? [0, turning]
    : [turning, root + Math.sqrt(root * root + 2 * logDistance)];
  let deviation = high;
  if (below) deviation = Math.min(turning, logDistance / root);
  else if (portion < 0.5) deviation = Math.max(turning, portion * ROOT_TAU);
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const { value, density } = outOfTheMoney(prices, deviation);
    const curve = (logDistance / deviation) ** 2 / deviation - deviation / 4;
    const at = { value: value / lesser, slope: density / lesser, curve };
    const step = below ? stepBelow(portion, at) : stepAbove(portion, at);
    const next = deviation + step;
    if (Math.abs(step) <= STEP_MIN * deviation) return next;
    if (at.value < portion) low = deviation;
    else high = deviation;
    deviation = next > low && next < high ? next : (low + high) / 2;
  }
  return deviation;
}

interface Point {
  readonly value: number;
  /** ∂value/∂s */
  readonly slope: number;
  /** ∂ln(slope)/∂s = a²/s − s/4 */
  readonly curve: number;
}

/** Step towards the root of (−ln v)^{−½} − (−ln portion)^{−½}. */
function stepBelow(portion: number, { value, slope, curve }: Point): number {
  const rise = slope / value;
  const [depth, target] = [-Math.log(value), -Math.log(portion)];
  const missing = Math.log1p((portion - value) / value);
  const share = target + Math.sqrt(depth * target);
  return halley((2 * missing * depth) / (rise * share), (1.5 * rise) / depth - rise + curve);
}

/** Step towards the root of ln(1 − portion) − ln(1 − v). */
function stepAbove(portion: number, { value, slope, curve }: Point): number {
  const rise = slope / (1 - value);
  return halley(-Math.log1p((value - portion) / (1 - value)) / rise, rise + curve);
}

/** Newton's step corrected by f″/f′, to at most twice its length. */
const halley = (step: number, addNonLinear: number): number =>
  step / Math.max(0.5, 1 + (step * addNonLinear) / 2);
