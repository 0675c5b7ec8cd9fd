/** v of price-model.ts, for paths and for the likelihood of a history alike. */
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import { baseWeight, meanVariance, type PriceModel } from './price-model.ts';

export interface VarianceProcess {
  /** v: per second, for the next tick. */
  variance: number;
  /** Takes up the log return of a tick. */
  feed(move: number): void;
}

/** A guard against nonsense, as in the check's forecast: annual. */
const VOLATILITY_MAX = 1000;
const VARIANCE_MAX = VOLATILITY_MAX ** 2 / YEAR_SECONDS;

export function varianceProcess(model: PriceModel): VarianceProcess {
  const { tickSeconds, fastWeight, slowWeight, asymmetry } = model;
  const mean = meanVariance(model);
  const base = baseWeight(model) * mean;
  const uptake = (halfLife: number) => -Math.expm1((-Math.LN2 * tickSeconds) / halfLife);
  const [fastUptake, slowUptake] = [
    uptake(model.fastHalfLifeSeconds),
    uptake(model.slowHalfLifeSeconds),
  ];
  const rise = 1 / (1 + asymmetry / 2);
  const fall = (1 + asymmetry) * rise;
  let [fast, slow] = [mean, mean];
  const process: VarianceProcess = {
    variance: mean,
    feed: (move) => {
      const news = ((move < 0 ? fall : rise) * move * move) / tickSeconds;
      fast += fastUptake * (news - fast);
      slow += slowUptake * (news - slow);
      process.variance = Math.min(VARIANCE_MAX, base + fastWeight * fast + slowWeight * slow);
    },
  };
  return process;
}
