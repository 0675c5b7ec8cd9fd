/** The tail of losses beyond a threshold u: P(X − u > y | X > u) = (1 + ξy/β)^{−1/ξ}. */
import { finite, positive, share } from '../../../lambda/margin/statistics/argument-range.ts';

export interface ParetoShape {
  /** ξ: above 0 a power tail of 1/ξ; at 0 exponential; below 0 it ends at β/|ξ|. */
  readonly shape: number;
  /** β, in the unit of the losses. */
  readonly scale: number;
}

export interface ParetoTail extends ParetoShape {
  /** u, in the unit of the losses. */
  readonly threshold: number;
  /** N_u/n: share of losses beyond u. */
  readonly exceedShare: number;
}

/** 1 − q and N_u/n may differ in the last digits when equal. */
const ROUNDING = 1e-12;

/** (e^{ξx} − 1)/ξ, which is x at ξ = 0. */
const stretched = (x: number, shape: number): number =>
  shape === 0 ? x : Math.expm1(shape * x) / shape;

/**
 * VaR_q = u + (β/ξ)·[((n/N_u)·(1 − q))^{−ξ} − 1] [McNeil, Frey and Embrechts 2015, 5.18].
 * @throws RangeError unless 1 − q ≤ N_u/n: nothing is modelled below the threshold.
 */
export function valueAtRisk(confidence: number, tail: ParetoTail): number {
  const beyond = (1 - share('confidence', confidence)) / exceedShareOf(tail);
  if (beyond > 1 + ROUNDING) {
    throw new RangeError(`confidence must be at least ${1 - tail.exceedShare}, not ${confidence}`);
  }
  const scale = positive('scale', tail.scale);
  const shape = finite('shape', tail.shape);
  return (
    finite('threshold', tail.threshold) + scale * stretched(Math.max(0, -Math.log(beyond)), shape)
  );
}

/**
 * ES_q = (VaR_q + β − ξu)/(1 − ξ): the mean loss beyond VaR [5.19].
 * @throws RangeError unless ξ < 1: else there is no mean.
 */
export function expectedShortfall(confidence: number, tail: ParetoTail): number {
  const { shape, scale, threshold } = tail;
  if (!(finite('shape', shape) < 1)) {
    throw new RangeError(`shape must be below 1 for a mean to exist, not ${shape}`);
  }
  return (valueAtRisk(confidence, tail) + scale - shape * threshold) / (1 - shape);
}

function exceedShareOf({ exceedShare }: ParetoTail): number {
  if (!(exceedShare > 0 && exceedShare <= 1)) {
    throw new RangeError(`exceedance share must be above 0, at most 1, not ${exceedShare}`);
  }
  return exceedShare;
}
