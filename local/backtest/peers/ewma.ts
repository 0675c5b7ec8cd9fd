/** RiskMetrics 1996: v ← λ·v + (1 − λ)·r², per gap, begun at the mean of the training days. */

import type { Gap } from '../../../lambda/margin/statistics/gap-variance.ts';
import { returnVariance } from '../../../lambda/margin/statistics/range-variance.ts';
import { meanOf } from '../coverage.ts';

const LAMBDA = 0.94;
/** Annual: keeps a price that stands still from a division by zero. */
const VOLATILITY_MIN = 0.02;

export const startEwma = (training: readonly Gap[]): number =>
  meanOf(training.map(({ moved, seconds }) => returnVariance(moved, seconds)));

/** Annual. */
export const nextEwma = (variance: number, { moved, seconds }: Gap): number =>
  LAMBDA * variance + (1 - LAMBDA) * returnVariance(moved, seconds);

export const volatilityOf = (variance: number): number =>
  Math.max(VOLATILITY_MIN, Math.sqrt(variance));
