import { finite, notNegative, positive } from '../../lambda/margin/statistics/argument-range.ts';
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';

/**
 * Per step of dt seconds, with v the variance per second and ε the shock (mean 0, variance 1):
 *
 *     log return = √(v·dt)·ε + jumps,
 *     v ← v + κ·(v̄ − v) + α·v·(ε²·(1 + γ·[ε < 0])/(1 + γ/2) − 1),
 *
 * a GJR process [Glosten, Jagannathan and Runkle 1993] with α = 1 − e^{−ln2·dt/shock half-life}, κ
 * = 1 − e^{−ln2·dt/reversion half-life}, and v̄ the mean of v. Jumps arrive at the rate λ, each
 * N(m, s²) in the log price [Merton 1976]; they do not feed v.
 */
export interface PriceModel {
  /** √(v̄·year): annual, without jumps. */
  readonly volatility: number;
  /** ν of the Student-t shocks; null: normal. */
  readonly degrees: number | null;
  /** γ: how much more a fall adds to the variance than a rise. */
  readonly asymmetry: number;
  /** How fast the variance takes up shocks; null: it is constant. */
  readonly shockHalfLifeSeconds: number | null;
  readonly reversionHalfLifeSeconds: number;
  readonly jumpsPerYear: number;
  readonly jumpMean: number;
  readonly jumpDeviation: number;
}

/**
 * BTC, assumed and not fitted: 60 % a year plus about one jump a week of −1 % ± 4 %, together 67 %.
 * Shocks enter the variance within minutes and fade within hours.
 */
export const BITCOIN: PriceModel = {
  volatility: 0.6,
  degrees: 4,
  asymmetry: 0.3,
  shockHalfLifeSeconds: 900,
  reversionHalfLifeSeconds: 21_600,
  jumpsPerYear: 50,
  jumpMean: -0.01,
  jumpDeviation: 0.04,
};

/** A random walk with normal steps, as the closed forms assume. */
export const gaussianModel = (volatility: number): PriceModel => ({
  ...BITCOIN,
  volatility,
  degrees: null,
  shockHalfLifeSeconds: null,
  jumpsPerYear: 0,
});

/** √(σ² + λ·(m² + s²)): annual, with jumps. */
export const totalVolatility = (model: PriceModel): number =>
  Math.sqrt(
    model.volatility ** 2 + model.jumpsPerYear * (model.jumpMean ** 2 + model.jumpDeviation ** 2),
  );

/** v̄, per second. */
export const meanVariance = (model: PriceModel): number => model.volatility ** 2 / YEAR_SECONDS;

/** @throws RangeError naming the invalid parameter. */
export function checkedModel(model: PriceModel): PriceModel {
  positive('volatility', model.volatility);
  if (model.degrees !== null && !(finite('degrees', model.degrees) > 2)) {
    throw new RangeError(`degrees must be above 2 for a variance to exist, not ${model.degrees}`);
  }
  notNegative('asymmetry', model.asymmetry);
  if (model.shockHalfLifeSeconds !== null) positive('shock half-life', model.shockHalfLifeSeconds);
  positive('reversion half-life', model.reversionHalfLifeSeconds);
  notNegative('jumps a year', model.jumpsPerYear);
  finite('jump mean', model.jumpMean);
  notNegative('jump deviation', model.jumpDeviation);
  return model;
}
