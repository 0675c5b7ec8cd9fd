/**
 * R: how far a random walk with standard normal steps is beyond a distant line when first found
 * there, in units of a step's deviation. A check every Δ seconds finds R·s_Δ.
 *
 * R is the stationary excess of the ladder height H, so its density is P(H > x)/E H = √2·P(H > x)
 * [Feller II, XI.4], with P(H > x) = ∫₀^∞ (1 − Φ(x + y)) U(dy) over the renewal measure
 * U = δ₀ + √2 + q of ladder-renewal.ts, as the walk is symmetric. With Iₙ the n-fold integral of the
 * normal tail,
 *
 *     P(H > x) integrated n times = Iₙ(x) + √2·Iₙ₊₁(x) + Σ q(yⱼ)·wⱼ·Iₙ(x + yⱼ).
 *
 * Measured: absolute error below 1e-15, relative error below 1e-12 up to x = 6.
 */
import zeta from '@stdlib/math-base-special-riemann-zeta';
import { finite, share } from '../../../lambda/margin/statistics/argument-range.ts';
import type { QuadratureNode } from './gauss-legendre.ts';
import { ladderRenewal } from './ladder-renewal.ts';
import { iteratedTail } from './normal.ts';
import { fallingRoot } from './root.ts';

const ROOT_TAU = Math.sqrt(2 * Math.PI);

/** β = E R = −ζ(½)/√(2π) = .5825971579 [Chang and Peres 1997]. */
export const OVERSHOOT_MEAN = -zeta(0.5) / ROOT_TAU;

/** Exact. */
export const OVERSHOOT_VARIANCE = 0.25;

/** E(R − β)³ = −2ζ(−½)/√(2π) = .1658692093: the s³ term of the same expansion. */
export const OVERSHOOT_THIRD_CUMULANT = (-2 * zeta(-0.5)) / ROOT_TAU;

/** P(R > 9.5) is below 1e-21: no mass in float64. */
export const OVERSHOOT_REACH = 9.5;

let renewal: readonly QuadratureNode[] | undefined;

/** √2·P(H > x), integrated `times` times; x ≥ 0. */
function ladderTail(times: number, x: number): number {
  renewal ??= ladderRenewal();
  let sum = iteratedTail(times, x) + Math.SQRT2 * iteratedTail(times + 1, x);
  for (const { at, weight } of renewal) sum += weight * iteratedTail(times, x + at);
  return Math.SQRT2 * sum;
}

/** The density of R: √2 at 0 and falling, 0 below 0. @throws RangeError unless x is finite. */
export const overshootDensity = (x: number): number =>
  finite('overshoot', x) < 0 ? 0 : ladderTail(0, x);

/** P(R > k): with k = margin rate ÷ s_Δ, the chance that an account is bankrupt when found. */
export const overshootAbove = (k: number): number =>
  finite('overshoot', k) <= 0 ? 1 : ladderTail(1, k);

/** E(R − k)₊: with k = margin rate ÷ s_Δ, the bad debt per liquidated notional ÷ s_Δ. */
export const overshootExcess = (k: number): number =>
  finite('overshoot', k) <= 0 ? OVERSHOOT_MEAN - k : ladderTail(2, k);

/** To about 1e-13. @throws RangeError unless 0 < confidence < 1. */
export const overshootQuantile = (confidence: number): number =>
  overshootBeyond(Math.log1p(-share('confidence', confidence)));

/** k with ln P(R > k) = logChance < 0, for a confidence too close to 1 for a float64. */
export const overshootBeyond = (logChance: number): number =>
  fallingRoot((k) => Math.log(overshootAbove(k)) - logChance, { low: 0, high: OVERSHOOT_REACH });
