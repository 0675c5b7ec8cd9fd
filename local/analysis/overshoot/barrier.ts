import erfcx from '@stdlib/math-base-special-erfcx';
import { finite, positive } from '../../../lambda/margin/statistics/argument-range.ts';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import { normalBelow, normalDensity } from './normal.ts';
import { OVERSHOOT_MEAN } from './stationary.ts';

export interface Passage {
  /** b > 0: ln(price ÷ line). */
  readonly distance: number;
  /** Annual. */
  readonly volatility: number;
  readonly seconds: number;
  /** μ: annual drift of the log price. */
  readonly drift?: number;
}

/**
 * The chance that a line is crossed within T, observed continuously:
 *
 *     P = Φ((−b − μT)/(σ√T)) + e^{−2μb/σ²}·Φ((−b + μT)/(σ√T))   [Harrison 1985, 1.8]
 *
 * At a negative drift the factor overflows where Φ vanishes. The product is then
 * φ((b + μT)/(σ√T))·Mills((b − μT)/(σ√T)). Full relative accuracy.
 * @throws RangeError unless distance, volatility and seconds are above 0.
 */
export function firstPassage({ distance, volatility, seconds, drift = 0 }: Passage): number {
  const spread = deviationOver(positive('volatility', volatility), positive('seconds', seconds));
  const far = positive('distance', distance) / spread;
  const shift = ((finite('drift', drift) / volatility) * spread) / volatility;
  const reached = normalBelow(-far - shift);
  if (shift < 0) return Math.min(1, reached + normalDensity(far + shift) * mills(far - shift));
  return reached + Math.exp(-2 * shift * far) * normalBelow(-far + shift);
}

/** (1 − Φ(z))/φ(z), z ≥ 0. */
const mills = (z: number): number => Math.sqrt(Math.PI / 2) * erfcx(z * Math.SQRT1_2);

export interface Bridge {
  /** ln(price ÷ line) at both ends, above 0. */
  readonly before: number;
  readonly after: number;
  readonly volatility: number;
  readonly seconds: number;
}

/**
 * The chance that a line was crossed and crossed back unseen between two checks:
 * exp(−2·before·after/(σ²Δ)), for any drift [Karatzas and Shreve 1991, 4.3.40].
 * @throws RangeError unless everything is above 0.
 */
export function crossedBetween({ before, after, volatility, seconds }: Bridge): number {
  const spread = deviationOver(positive('volatility', volatility), positive('seconds', seconds));
  const product = (positive('before', before) / spread) * (positive('after', after) / spread);
  return Math.exp(-2 * product);
}

/**
 * The chance that one of `looks` evenly spaced checks finds a line crossed, as if observed
 * continuously β·s_Δ further away [Broadie, Glasserman and Kou 1997]. Below the exact chance by
 * .06/looks at b = σ√T.
 * @throws RangeError unless distance, volatility, seconds and looks are above 0.
 */
export function passageAtLooks(looks: number, passage: Passage): number {
  const step = deviationOver(passage.volatility, passage.seconds / positive('looks', looks));
  const distance = positive('distance', passage.distance) + OVERSHOOT_MEAN * step;
  return firstPassage({ ...passage, distance });
}
