import poisson from '@stdlib/stats-base-dists-poisson-pmf';
import { finite, notNegative, positive } from '../../../lambda/margin/statistics/argument-range.ts';
import { deviationOver, YEAR_SECONDS } from '../../../lambda/margin/statistics/scale.ts';
import { normalBelow } from './normal.ts';

/** Annual; of the log price. */
export interface JumpDiffusion {
  readonly volatility: number;
  /** λ: jumps per year. */
  readonly jumpsPerYear: number;
  /** m and s: mean and standard deviation of one jump. */
  readonly jumpMean: number;
  readonly jumpDeviation: number;
  readonly drift?: number;
}

/** Counts further above their mean than this, in deviations, weigh less than 1e-30. */
const COUNT_REACH = 12;

/**
 * P(log return over τ < −loss) = Σₙ Poisson(n; λτ)·Φ((−loss − μτ − nm)/√(σ²τ + ns²)) [Merton 1976].
 * All terms are positive: full relative accuracy.
 * @throws RangeError for a negative scale or a time that is not above 0.
 */
export function jumpDiffusionBelow(
  loss: number,
  { seconds, ...model }: JumpDiffusion & { readonly seconds: number },
): number {
  const years = positive('seconds', seconds) / YEAR_SECONDS;
  const diffusion = deviationOver(positive('volatility', model.volatility), seconds);
  const expected = notNegative('jumps a year', model.jumpsPerYear) * years;
  const mean = finite('jump mean', model.jumpMean);
  const deviation = notNegative('jump deviation', model.jumpDeviation);
  const line = -finite('loss', loss) - finite('drift', model.drift ?? 0) * years;
  const last = Math.ceil(expected + COUNT_REACH * (Math.sqrt(expected) + 2));
  let sum = 0;
  for (let jumps = 0; jumps <= last; jumps++) {
    const spread = Math.hypot(diffusion, deviation * Math.sqrt(jumps));
    sum += poisson(jumps, expected) * normalBelow((line - jumps * mean) / spread);
  }
  return sum;
}
