/**
 * Random numbers of one path, one stream per kind of draw: path 7 is the same for any number of
 * paths and workers, and its shocks are the same with and without jumps. Each seed is 256 bits of
 * SHA-256; among a million 32-bit seeds some would be alike.
 */
import { createHash } from 'node:crypto';
import standardNormal from '@stdlib/random-base-improved-ziggurat';
import randu from '@stdlib/random-base-randu';
import student from '@stdlib/random-base-t';

export type Draw = () => number;

export interface StreamName {
  readonly seed: number;
  readonly factor: string;
  readonly path: number;
  readonly of: 'shocks' | 'jumps' | 'times';
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

/** Student-t with ν > 2, scaled to variance 1. */
export function studentDraws(uniform: Draw, degrees: number): Draw {
  const draw = student.factory(degrees, { prng: uniform });
  const scale = Math.sqrt((degrees - 2) / degrees);
  return () => scale * draw();
}

/** Mean 1: the wait between random arrivals. */
export const exponentialDraws =
  (uniform: Draw): Draw =>
  () =>
    -Math.log1p(-uniform());
