import { meanVariance, type PriceModel } from './price-model.ts';

export interface Return {
  readonly seconds: number;
  /** Log return. */
  readonly move: number;
  /** Left out here and in the variance that follows. */
  readonly isJump: boolean;
}

/**
 * Σ ln f(r) of the GJR process of price-model.ts; f is Student-t with ν degrees of freedom and
 * variance v·dt. The model needs a varying variance and a ν.
 */
export function logLikelihood(model: PriceModel, returns: readonly Return[]): number {
  const degrees = model.degrees ?? Number.NaN;
  const shockHalfLife = model.shockHalfLifeSeconds ?? Number.NaN;
  const constant =
    logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(Math.PI * (degrees - 2)) / 2;
  const rise = 1 / (1 + model.asymmetry / 2);
  const fall = (1 + model.asymmetry) * rise;
  const mean = meanVariance(model);
  let variance = mean;
  let sum = 0;
  for (const { seconds, move, isJump } of returns) {
    if (isJump) continue;
    const square = move ** 2 / (variance * seconds);
    const tail = ((degrees + 1) / 2) * Math.log1p(square / (degrees - 2));
    sum += constant - Math.log(variance * seconds) / 2 - tail;
    const reversion = -Math.expm1((-Math.LN2 * seconds) / model.reversionHalfLifeSeconds);
    const uptake = Math.min(-Math.expm1((-Math.LN2 * seconds) / shockHalfLife), 1 - reversion);
    const news = square * (move < 0 ? fall : rise) - 1;
    variance += reversion * (mean - variance) + uptake * variance * news;
  }
  return sum;
}

/** ln Γ(z), z > 0: Stirling's series after a shift to z > 8; good to 1e-11. */
export function logGamma(z: number): number {
  let shifted = z;
  let product = 1;
  while (shifted < 8) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const series = inverse / 12 - inverse ** 3 / 360 + inverse ** 5 / 1260 - inverse ** 7 / 1680;
  const main = (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2;
  return main + series - Math.log(product);
}
