import type { PriceModel } from './price-model.ts';
import { varianceProcess } from './variance-process.ts';

/**
 * Σ ln f(r) over segments of ticks; f is Student-t with ν degrees of freedom and variance v·F, v as
 * in price-model.ts. Each segment begins with v̄. The model needs a ν.
 */
export function logLikelihood(model: PriceModel, segments: readonly Float64Array[]): number {
  const degrees = model.degrees ?? Number.NaN;
  const constant =
    logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(Math.PI * (degrees - 2)) / 2;
  let sum = 0;
  for (const moves of segments) {
    const process = varianceProcess(model);
    for (const move of moves) {
      const variance = process.variance * model.tickSeconds;
      const square = move ** 2 / variance;
      const tail = ((degrees + 1) / 2) * Math.log1p(square / (degrees - 2));
      sum += constant - Math.log(variance) / 2 - tail;
      process.feed(move);
    }
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
