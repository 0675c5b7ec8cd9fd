import { finite, notNegative, positive } from '../../lambda/margin/statistics/argument-range.ts';
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';

/**
 * A market whose moves feed its volatility, so that a crash is a burst. In ticks of F seconds, with
 * v the variance per second:
 *
 *     r = √(v·F·W)·N + jumps,                      N normal, W = (ν − 2)/χ²_ν once a tick
 *     E_i ← E_i + (1 − 2^(−F/h_i))·(g·r²/F − E_i),  g = (1 + γ·[r < 0])/(1 + γ/2)
 *     v = (1 − w_fast − w_slow)·v̄ + w_fast·E_fast + w_slow·E_slow
 *
 * r of a tick is Student-t; v is a mean of what was, of the last minutes and of the last hours (a
 * GARCH process of two components [Engle and Lee 1999] with the leverage of Glosten, Jagannathan
 * and Runkle [1993]). Jumps arrive at the rate λ, each N(m, s²) in the log price, and feed v as any
 * other move does.
 *
 * W is drawn once a tick, and steps shorter than a tick are normal with that variance: r keeps the
 * law that was fitted, however short the step. Drawing fat tails anew at every step would not.
 */
export interface PriceModel {
  /** F: the spacing at which the model holds. */
  readonly tickSeconds: number;
  /** √(v̄·year): annual, without jumps. */
  readonly volatility: number;
  /** ν of the Student-t returns; null: normal. */
  readonly degrees: number | null;
  /** γ: how much more a fall adds to the variance than a rise. */
  readonly asymmetry: number;
  readonly fastWeight: number;
  readonly fastHalfLifeSeconds: number;
  readonly slowWeight: number;
  readonly slowHalfLifeSeconds: number;
  readonly jumpsPerYear: number;
  readonly jumpMean: number;
  readonly jumpDeviation: number;
}

/** BTC, as fitted to btc-usdt-1m-2023-03.csv: three weeks of minutes with one crash. */
export const BITCOIN: PriceModel = {
  tickSeconds: 60,
  volatility: 0.67,
  degrees: 4,
  asymmetry: 0.15,
  fastWeight: 0.7,
  fastHalfLifeSeconds: 300,
  slowWeight: 0.2,
  slowHalfLifeSeconds: 3600,
  jumpsPerYear: 0,
  jumpMean: 0,
  jumpDeviation: 0,
};

/** A random walk with normal steps, as the closed forms assume. */
export const gaussianModel = (volatility: number): PriceModel => ({
  ...BITCOIN,
  volatility,
  degrees: null,
  fastWeight: 0,
  slowWeight: 0,
  jumpsPerYear: 0,
});

/** √(σ² + λ·(m² + s²)/(1 − w_fast − w_slow)): annual, with jumps and what they feed. */
export function totalVolatility(model: PriceModel): number {
  const jumps = model.jumpsPerYear * (model.jumpMean ** 2 + model.jumpDeviation ** 2);
  return Math.sqrt(model.volatility ** 2 + jumps / baseWeight(model));
}

/** Weight of v̄. */
export const baseWeight = ({ fastWeight, slowWeight }: PriceModel): number =>
  1 - fastWeight - slowWeight;

/** v̄, per second. */
export const meanVariance = (model: PriceModel): number => model.volatility ** 2 / YEAR_SECONDS;

/** Annual: no fit is above it. */
export const VOLATILITY_FITTED_MAX = 50;

/** What v has to forget: both weights together stay below it. */
export const WEIGHTS_MAX = 0.98;

/** @throws RangeError naming the invalid parameter. */
export function checkedModel(model: PriceModel): PriceModel {
  positive('tick', model.tickSeconds);
  positive('volatility', model.volatility);
  if (model.degrees !== null && !(finite('degrees', model.degrees) > 2)) {
    throw new RangeError(`degrees must be above 2 for a variance to exist, not ${model.degrees}`);
  }
  notNegative('asymmetry', model.asymmetry);
  const weights = notNegative('fast weight', model.fastWeight) + model.slowWeight;
  notNegative('slow weight', model.slowWeight);
  if (weights > WEIGHTS_MAX + 1e-9) {
    throw new RangeError(`the weights must be at most ${WEIGHTS_MAX} together, not ${weights}`);
  }
  positive('fast half-life', model.fastHalfLifeSeconds);
  positive('slow half-life', model.slowHalfLifeSeconds);
  notNegative('jumps a year', model.jumpsPerYear);
  finite('jump mean', model.jumpMean);
  notNegative('jump deviation', model.jumpDeviation);
  return model;
}
