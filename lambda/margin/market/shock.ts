/**
 * How far a price may be from its quote (uncertainty), and how far it may move until a breach is
 * found and closed out (latency shock): fractions of the price, rounded up.
 */
import {
  add,
  approximately,
  asQuantile,
  asRatio,
  asShock,
  divide,
  isPositive,
  isZero,
  larger,
  ONE,
  type Ratio,
  ratio,
  ratioOfCount,
  smaller,
  squareRoot,
  subtract,
  times,
  ZERO,
} from '../number/decimal.ts';
import { SHOCK_PLACES } from '../number/limits.ts';
import { forecastMoves } from '../statistics/shock-forecast.ts';
import { studentQuantile } from '../statistics/student.ts';
import type { Quantiles } from './volatility.ts';

/** 365 days. */
const YEAR_SECONDS = ratio('31536000');

/**
 * β = −ζ(½)/√(2π): mean overshoot of a line watched at intervals, in standard deviations of one
 * interval [Chang and Peres 1997].
 */
const MEAN_OVERSHOOT = ratio('0.5825971579390106702051771876');

/** κ₃ = −2ζ(−½)/√(2π): third cumulant of the overshoot, in that unit cubed. */
const OVERSHOOT_THIRD_CUMULANT = ratio('0.1658692093130222058696808208');

const THREE = ratio('3');
const FOUR = ratio('4');
const SIX = ratio('6');

/** z of the law where nothing is measured: 2.64949 at 0.99. */
export const quantileAt = (confidence: Ratio): Ratio =>
  asQuantile(studentQuantile(approximately(confidence)));

function deviationOver(volatility: Ratio, seconds: Ratio): Ratio {
  return times(squareRoot(divide(seconds, YEAR_SECONDS)), volatility);
}

export interface UncertaintyTerms {
  /** Half-width ÷ price. */
  readonly confidence: Ratio;
  readonly confidenceMultiplier: Ratio;
  readonly deviation: Ratio;
  readonly quantile: Ratio;
  readonly volatility: Ratio;
  readonly ageSeconds: number;
}

/** U = κ·confidence + deviation + z·σ·√(age/year), rounded up. */
export function priceUncertainty(terms: UncertaintyTerms): Ratio {
  const stated = add(times(terms.confidence, terms.confidenceMultiplier), terms.deviation);
  const drift = deviationOver(terms.volatility, ratioOfCount(terms.ageSeconds));
  return asShock(add(stated, times(drift, terms.quantile)));
}

/** Λ for falls and for rises, as far as it is charged. */
export interface Shocks {
  readonly shockDown: Ratio;
  readonly shockUp: Ratio;
  readonly shock: Ratio;
  /** Λ*: as it is forecast. */
  readonly forecastDown: Ratio;
  readonly forecastUp: Ratio;
}

/** Λ = min(Λ*, most). */
export function shocksOf(
  { down, up }: { readonly down: Ratio; readonly up: Ratio },
  most?: Ratio,
): Shocks {
  const held = (shock: Ratio) => (most === undefined ? shock : smaller(shock, most));
  const [shockDown, shockUp] = [held(down), held(up)];
  const shock = larger(shockDown, shockUp);
  return { shockDown, shockUp, shock, forecastDown: down, forecastUp: up };
}

export const NO_SHOCKS = shocksOf({ down: ZERO, up: ZERO });

/** A copy of the shocks alone, for what moves with a risk factor. */
export const shocksIn = ({
  shockDown,
  shockUp,
  shock,
  forecastDown,
  forecastUp,
}: Shocks): Shocks => ({ shockDown, shockUp, shock, forecastDown, forecastUp });

export interface ForecastTerms extends Omit<LatencyTerms, 'quantile'> {
  readonly quantiles: Quantiles;
}

/**
 * Λ* = jump + slippage + (1 − e^−x for falls, e^x − 1 for rises), x = z·σ_Λ·√((Δ + L)/year), rounded
 * up (../statistics/shock-forecast.ts). A fall is below 1: a price stays above 0.
 */
export function forecastShocks(terms: ForecastTerms): Quantiles {
  const { volatility, quantiles, gapSeconds, executionSeconds } = terms;
  const { down, up } = forecastMoves({
    volatility: approximately(volatility),
    quantiles: { down: approximately(quantiles.down), up: approximately(quantiles.up) },
    seconds: gapSeconds + executionSeconds,
  });
  const fixed = add(terms.jumpFloor, terms.slippage);
  const shock = (move: number) => asShock(add(fixed, asRatio(move)));
  return { down: smaller(FALL_MAX, shock(down)), up: shock(up) };
}

const FALL_MAX = subtract(ONE, ratio(`1e-${SHOCK_PLACES}`));

export interface LatencyTerms {
  readonly volatility: Ratio;
  readonly quantile: Ratio;
  /** Δ, between two checks. */
  readonly gapSeconds: number;
  /** L, from an order to its fill. */
  readonly executionSeconds: number;
  readonly slippage: Ratio;
  readonly jumpFloor: Ratio;
}

/**
 * Λ by a law, where nothing is measured:
 *
 *     Λ = jump + slippage + s_Δ·max( z√(1+r), β + z√(¼+r) + max(0, z²−1)/6·κ₃/(¼ + max(r, ⅓)) )
 *
 * with r = L/Δ and s_Δ = σ·√(Δ/year), rounded up.
 *
 * The first branch is the move over the whole delay. The second is the mean overshoot, whose
 * variance is ¼ of an interval's, plus the move while the order is worked, plus the skew of the
 * overshoot. Λ lies within −0.5 % and +8 % of the exact quantile of a normal move, from 95 % to
 * beyond 99.999 % (tested in rule-band.test.ts).
 */
export function latencyShock(terms: LatencyTerms): Ratio {
  const gap = ratioOfCount(terms.gapSeconds);
  const execution = ratioOfCount(terms.executionSeconds);
  const over = (seconds: Ratio) => deviationOver(terms.volatility, seconds);
  const whole = times(over(add(gap, execution)), terms.quantile);
  const skew = skewOf({ quantile: terms.quantile, gap, execution });
  const overshoot = times(over(gap), add(MEAN_OVERSHOOT, skew));
  const worked = times(over(add(divide(gap, FOUR), execution)), terms.quantile);
  const move = larger(whole, add(overshoot, worked));
  return asShock(add(add(terms.jumpFloor, terms.slippage), move));
}

/**
 * The skew term, in units of s_Δ: the first of Cornish and Fisher for a sum of variance ¼ + r. It
 * is too large at small r, where the sum is far from normal. There the first branch is larger, and
 * the value for r = ⅓ keeps the rule growing with L. Computed without r, as Δ/(Δ/4 + max(L, Δ/3)).
 */
function skewOf(of: {
  readonly quantile: Ratio;
  readonly gap: Ratio;
  readonly execution: Ratio;
}): Ratio {
  const { quantile, gap, execution } = of;
  const excess = subtract(times(quantile, quantile), ONE);
  if (isZero(gap) || !isPositive(excess)) return ZERO;
  const variance = add(divide(gap, FOUR), larger(execution, divide(gap, THREE)));
  const overVariance = divide(gap, variance);
  return times(times(divide(excess, SIX), OVERSHOOT_THIRD_CUMULANT), overVariance);
}
