/**
 * How far a price may be from what was quoted (uncertainty), and how far it may move before an
 * account that falls through its line is found and closed out (latency shock). Both are fractions
 * of the price, rounded up.
 */
import {
  add,
  asShock,
  divide,
  larger,
  type Ratio,
  ratio,
  ratioOfCount,
  squareRoot,
  times,
} from './decimal.ts';

/** 365 days. Volatility is annual. */
const YEAR_SECONDS = ratio('31536000');

/**
 * β = −ζ(½)/√(2π): mean overshoot of a line that is only watched at intervals, in standard
 * deviations of one interval [Chang and Peres 1997].
 */
const MEAN_OVERSHOOT = ratio('0.5825971579390106702051771876');

const FOUR = ratio('4');

/** σ·√(t/year): the standard deviation of the return over `seconds`. */
function deviationOver(volatility: Ratio, seconds: Ratio): Ratio {
  return times(squareRoot(divide(seconds, YEAR_SECONDS)), volatility);
}

export interface UncertaintyTerms {
  /** The quote's half-width ÷ its price. */
  readonly confidence: Ratio;
  readonly confidenceMultiplier: Ratio;
  readonly deviation: Ratio;
  readonly quantile: Ratio;
  readonly volatility: Ratio;
  readonly ageSeconds: number;
}

/** U = κ·confidence + deviation + z·σ·√(age/year). */
export function priceUncertainty(terms: UncertaintyTerms): Ratio {
  const stated = add(times(terms.confidence, terms.confidenceMultiplier), terms.deviation);
  const drift = deviationOver(terms.volatility, ratioOfCount(terms.ageSeconds));
  return asShock(add(stated, times(drift, terms.quantile)));
}

export interface LatencyTerms {
  readonly volatility: Ratio;
  readonly quantile: Ratio;
  /** Δ: seconds between two checks. */
  readonly gapSeconds: number;
  /** L: seconds from an order to its fill. */
  readonly executionSeconds: number;
  readonly slippage: Ratio;
  readonly jumpFloor: Ratio;
}

/**
 * Λ = jump + slippage + max( z·σ·√((Δ+L)/year), β·σ·√(Δ/year) + z·σ·√((Δ/4 + L)/year) ).
 *
 * The first branch is the move over the whole delay; the second the mean overshoot of a watched
 * line, whose variance is a quarter of an interval's, plus the move while the order is worked.
 */
export function latencyShock(terms: LatencyTerms): Ratio {
  const gap = ratioOfCount(terms.gapSeconds);
  const execution = ratioOfCount(terms.executionSeconds);
  const over = (seconds: Ratio) => deviationOver(terms.volatility, seconds);
  const whole = times(over(add(gap, execution)), terms.quantile);
  const overshoot = times(over(gap), MEAN_OVERSHOOT);
  const worked = times(over(add(divide(gap, FOUR), execution)), terms.quantile);
  const move = larger(whole, add(overshoot, worked));
  return asShock(add(add(terms.jumpFloor, terms.slippage), move));
}
