/**
 * Random numbers of one path, one stream per kind of draw: path 7 is the same for any number of
 * paths and workers, and its shocks are the same with and without jumps. Each seed is 256 bits of
 * SHA-256; among a million 32-bit seeds some would be alike.
 */
import { createHash } from 'node:crypto';
import standardNormal from '@stdlib/random-base-improved-ziggurat';
import randu from '@stdlib/random-base-randu';
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';

export type Draw = () => number;

export interface StreamName {
  readonly seed: number;
  readonly factor: string;
  readonly path: number;
  readonly of: 'shocks' | 'mixing' | 'extremes' | 'jumps' | 'blocks' | 'between' | 'times';
}

const WORD_BYTES = 4;

/** In [0, 1), with 53 bits. */
export function uniformStream({ seed, factor, path, of }: StreamName): Draw {
  const hash = createHash('sha256').update(`${seed}/${factor}/${path}/${of}`).digest();
  const words = Uint32Array.from({ length: hash.length / WORD_BYTES }, (_, index) =>
    hash.readUInt32BE(index * WORD_BYTES),
  );
  return randu.factory({ name: 'mt19937', seed: words });
}

export const normalDraws = (uniform: Draw): Draw => standardNormal.factory({ prng: uniform });

/** W = (ν − 2)/χ²_ν: mean 1, and √W times a normal is Student-t with variance 1. */
export function mixingDraws(uniform: Draw, degrees: number): Draw {
  const gamma = gammaDraws(uniform, degrees / 2);
  return () => (degrees - 2) / (2 * gamma());
}

/** Gamma with this shape, above 1, and scale 1 [Marsaglia and Tsang 2000]. */
function gammaDraws(uniform: Draw, shape: number): Draw {
  const normal = normalDraws(uniform);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  return () => {
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
}

/** Arrivals at random times, each a normal jump of the log price. */
export interface Jumps {
  readonly jumpsPerYear: number;
  readonly jumpMean: number;
  readonly jumpDeviation: number;
}

/** @returns the sum of the jumps since the previous time; times must ascend */
export function jumpDraws(
  uniform: Draw,
  { jumpsPerYear, jumpMean, jumpDeviation }: Jumps,
): (seconds: number) => number {
  if (jumpsPerYear === 0) return () => 0;
  const wait = exponentialDraws(uniform);
  const normal = normalDraws(uniform);
  const between = YEAR_SECONDS / jumpsPerYear;
  let next = between * wait();
  return (seconds) => {
    let sum = 0;
    while (next <= seconds) {
      sum += jumpMean + jumpDeviation * normal();
      next += between * wait();
    }
    return sum;
  };
}

/** Mean 1: the wait between random arrivals. */
export const exponentialDraws =
  (uniform: Draw): Draw =>
  () =>
    -Math.log1p(-uniform());
