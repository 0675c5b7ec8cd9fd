/** Black's formula for European options on a forward [Black 1976], in float64. */
import { finite, notNegative, positive } from '../statistics/argument-range.ts';
import { normalDensity } from '../statistics/normal-density.ts';
import { millsRatio } from './mills-ratio.ts';

export type OptionType = 'call' | 'put';

/** A European option. */
export interface OptionTerms {
  readonly type: OptionType;
  /** K */
  readonly strike: number;
  /** τ, in years of 365 days. */
  readonly yearsToExpiry: number;
}

/** The market of its underlying. */
export interface OptionState {
  /** F, for delivery at expiry. */
  readonly forward: number;
  /** σ, annual: 0.8 means 80 %. */
  readonly volatility: number;
  /** e^{−rτ}; 1 when premiums are not discounted. */
  readonly discount: number;
}

export interface ValueAndDelta {
  /** Discounted premium per unit of underlying. */
  readonly value: number;
  /** ∂V/∂F: from 0 to the discount for a call, from −discount to 0 for a put. */
  readonly delta: number;
}

/** Sensitivities per unit of underlying. */
export interface Greeks {
  /** ∂V/∂F, as in `ValueAndDelta`. */
  readonly delta: number;
  /** ∂²V/∂F², per squared unit of the forward. */
  readonly gamma: number;
  /** ∂V/∂σ, per 1.00 of annual volatility. */
  readonly vega: number;
  /** −∂V/∂τ, per year, with forward, volatility and rate held constant. */
  readonly theta: number;
}

/**
 * Premium per unit of underlying:
 * V = e^{−rτ}·[F·Φ(d₁) − K·Φ(d₂)] for a call and e^{−rτ}·[K·Φ(−d₂) − F·Φ(−d₁)] for a put, with
 * d₁ = ln(F/K)/(σ√τ) + σ√τ/2 and d₂ = d₁ − σ√τ. V is at least the discounted payoff at the forward
 * (and equal to it when σ√τ is 0), and at most the discounted forward (call) or strike (put). See
 * `outOfTheMoney` for the error.
 * @throws RangeError unless forward, strike and discount are positive and the rest not negative.
 */
export const optionValue = (terms: OptionTerms, state: OptionState): number =>
  optionValueAndDelta(terms, state).value;

/**
 * Evaluates both at once. Delta is e^{−rτ}·Φ(d₁) (call) or −e^{−rτ}·Φ(−d₁) (put). When σ√τ is 0,
 * delta is a step: 0 out of the money, ±discount in the money, half of that at the money.
 * @throws RangeError like `optionValue`.
 */
export function optionValueAndDelta(terms: OptionTerms, state: OptionState): ValueAndDelta {
  const deviation = deviationOf(terms, state);
  const prices = { forward: state.forward, strike: terms.strike };
  return valueAndDelta(terms, state, outOfTheMoney(prices, deviation));
}

function valueAndDelta(
  { type, strike }: OptionTerms,
  { forward, discount }: OptionState,
  { value, above, below }: OutOfTheMoney,
): ValueAndDelta {
  const call = type === 'call';
  const payoff = Math.max(call ? forward - strike : strike - forward, 0);
  return {
    value: discount * Math.min(payoff + value, call ? forward : strike),
    // Subtracting from 0 avoids −0.
    delta: call ? discount * above : 0 - discount * below,
  };
}

/**
 * Value and delta as above, gamma = e^{−rτ}·φ(d₁)/(F·σ√τ), vega = e^{−rτ}·F·φ(d₁)·√τ and
 * theta = r·V − e^{−rτ}·F·φ(d₁)·σ/(2√τ). When σ√τ is 0, gamma, vega and the decay (the second term)
 * are 0, even at the money, where gamma has no limit.
 * @param rate r, annual and continuously compounded: the rate that the discount was made with.
 * @throws RangeError like `optionValue`, or if the rate is not finite.
 */
export function optionGreeks(
  terms: OptionTerms,
  state: OptionState,
  rate: number,
): Greeks & ValueAndDelta {
  const { forward, volatility, discount } = state;
  const deviation = deviationOf(terms, state);
  const priced = outOfTheMoney({ forward, strike: terms.strike }, deviation);
  const { value, delta } = valueAndDelta(terms, state, priced);
  const carry = finite('rate', rate) * value;
  if (deviation === 0) return { value, delta, gamma: 0, vega: 0, theta: carry };
  const density = discount * priced.density;
  const root = Math.sqrt(terms.yearsToExpiry);
  return {
    value,
    delta,
    gamma: density / forward / (forward * deviation),
    vega: density * root,
    theta: carry - (density * volatility) / (2 * root),
  };
}

/** σ√τ, after the arguments are checked. */
function deviationOf(terms: OptionTerms, state: OptionState): number {
  positive('strike', terms.strike);
  positive('forward', state.forward);
  positive('discount', state.discount);
  const years = notNegative('yearsToExpiry', terms.yearsToExpiry);
  return notNegative('volatility', state.volatility) * Math.sqrt(years);
}

export interface OutOfTheMoney {
  /** Undiscounted premium of the call if F < K, of the put if F ≥ K. */
  readonly value: number;
  /** F·φ(d₁) = K·φ(d₂), which is ∂value/∂(σ√τ). */
  readonly density: number;
  /** Φ(d₁) */
  readonly above: number;
  /** Φ(−d₁) */
  readonly below: number;
}

/** If |ln(F/K)| and σ√τ/2 are both below these, the formula may cancel and its series is summed. */
const APART_MAX = 1;
const HALF_MAX = 0.4;

/** e^{−40²/2} underflows to 0 in float64. */
const FAR_MAX = 40;

/**
 * Values the out-of-the-money option; the other follows by put–call parity. With
 * a = |ln(F/K)|/(σ√τ), t = σ√τ/2, Mills' ratio M = (1 − Φ)/φ and
 * density = min(F, K)·φ(a − t) = max(F, K)·φ(a + t), it is
 *
 *     density·[M(a − t) − M(a + t)] = min(F, K) − density·[M(t − a) + M(a + t)],
 *
 * with the second form if a < t. The relative error of the value and of both probabilities is at
 * most about (5 + a²)·1e-15, because the rounding of F/K and σ√τ alone is amplified a² times.
 */
export function outOfTheMoney(
  { forward, strike }: { readonly forward: number; readonly strike: number },
  deviation: number,
): OutOfTheMoney {
  const logDistance = distance(forward, strike);
  const [far, half] = [logDistance / deviation, deviation / 2];
  if (deviation === 0 || far - half > FAR_MAX) return settled(forward - strike);
  const lesser = Math.min(forward, strike);
  const density = lesser * normalDensity(far - half);
  const scale = density / forward;
  if (logDistance < APART_MAX && half < HALF_MAX) {
    const { even, odd } = millsAround(far, half);
    const value = 2 * density * odd;
    if (forward < strike) return aboveBy(scale * (even + odd), value, density);
    return belowBy(scale * (even - odd), value, density);
  }
  const outer = millsRatio(far + half);
  const inner = millsRatio(Math.abs(far - half));
  const value = far < half ? lesser - density * (inner + outer) : density * (inner - outer);
  if (forward >= strike) return belowBy(scale * outer, value, density);
  if (far < half) return belowBy(scale * inner, value, density);
  return aboveBy(scale * inner, value, density);
}

const aboveBy = (above: number, value: number, density: number): OutOfTheMoney => ({
  value,
  density,
  above,
  below: 1 - above,
});

const belowBy = (below: number, value: number, density: number): OutOfTheMoney => ({
  value,
  density,
  above: 1 - below,
  below,
});

/** The value is 0, and Φ(d₁) is 1 above the strike, 0 below it and ½ at it. */
function settled(over: number): OutOfTheMoney {
  const above = over === 0 ? 0.5 : Number(over > 0);
  return { value: 0, density: 0, above, below: 1 - above };
}

/** |ln(F/K)|, to full relative accuracy even near 0. @throws RangeError if F/K overflows. */
export function distance(forward: number, strike: number): number {
  const over = (forward - strike) / strike;
  if (Math.abs(over) < 0.5) return Math.abs(Math.log1p(over));
  return Math.abs(finite('ln(forward/strike)', Math.log(forward / strike)));
}

/** F/K used when the price is 0, because Black-76 takes its logarithm. */
export const LEAST_MONEYNESS = 1e-300;

/**
 * M(a − t) = even + odd and M(a + t) = even − odd: the even and odd powers of Σ tⁿ·Jₙ(a), with
 * Jₙ(a) = ∫₀^∞ vⁿ/n!·e^{−av − v²/2} dv. Jₙ falls off as 1/n!!; n·Jₙ = Jₙ₋₂ − a·Jₙ₋₁ and J₋₁ = 1.
 */
function millsAround(a: number, t: number): { readonly even: number; readonly odd: number } {
  const shift = a * t;
  const square = t * t;
  let [before, last] = [millsRatio(a), 0];
  let [even, odd] = [before, t * (1 - a * before)];
  last = odd;
  for (let n = 2; Math.abs(last) > 1e-17 * odd; n += 2) {
    before = (square * before - shift * last) / n;
    last = (square * last - shift * before) / (n + 1);
    even += before;
    odd += last;
  }
  return { even, odd };
}
