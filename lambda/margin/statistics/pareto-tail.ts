/**
 * A generalised Pareto tail through the largest observations, fitted by probability-weighted
 * moments [Hosking and Wallis 1987]: with b₀ the mean and b₁ the mean weighted by 1 − rank,
 *
 *     ξ = 2 − b₀/(b₀ − 2·b₁), within 0 … ½,   β = b₀·(1 − ξ)
 *
 * b₀ and ξ fix β, so that the mean of the tail stays that of the data. A ξ below 0 would promise an
 * end; above ½ the variance would be infinite, and one observation would rule the fit.
 */

/** Offset of the plotting position, as Hosking and Wallis use it. */
const POSITION_OFFSET = 0.35;

const SHAPE_MAX = 0.5;
const NEARLY_EXPONENTIAL = 1e-9;

export interface ParetoTail {
  /** u: the largest value that is not in the tail. */
  readonly threshold: number;
  /** ξ and β. */
  readonly shape: number;
  readonly scale: number;
}

/** @param largest the tail, largest first; none is below the threshold. */
export function paretoTail(largest: readonly number[], threshold: number): ParetoTail {
  const { length } = largest;
  let [mean, weighted] = [0, 0];
  largest.forEach((value, index) => {
    // The smallest has rank 1.
    const position = (length - index - POSITION_OFFSET) / length;
    mean += (value - threshold) / length;
    weighted += ((1 - position) * (value - threshold)) / length;
  });
  const fitted = 2 - mean / (mean - 2 * weighted);
  const shape = Number.isFinite(fitted) ? Math.min(SHAPE_MAX, Math.max(0, fitted)) : 0;
  return { threshold, shape, scale: mean * (1 - shape) };
}

/** The value that this share of the *tail* exceeds: u + (β/ξ)·(share^−ξ − 1). 1 gives u. */
export function tailQuantile({ threshold, shape, scale }: ParetoTail, share: number): number {
  const logs = -Math.log(Math.min(1, share));
  const stretched = shape < NEARLY_EXPONENTIAL ? logs : Math.expm1(shape * logs) / shape;
  return threshold + scale * stretched;
}
