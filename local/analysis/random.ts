/** Each part of the demo has its own named stream, so a draw in one changes no other. */
import { createHash } from 'node:crypto';
import normal from '@stdlib/random-base-normal';
import randu from '@stdlib/random-base-randu';

export interface RandomStream {
  /** In [0, 1). */
  uniform(): number;
  between(low: number, high: number): number;
  /** Both ends are included. */
  wholeBetween(low: number, high: number): number;
  /** Mean 0, variance 1. */
  normal(): number;
  /** @param spread standard deviation of the logarithm */
  logNormal(median: number, spread: number): number;
}

export const SEED_MAX = 0xffff_ffff;

export function randomStream(seed: number, name: string): RandomStream {
  const own = createHash('sha256').update(`${seed}/${name}`).digest().readUInt32BE();
  const uniform = randu.factory({ name: 'mt19937', seed: own });
  const standard = normal.factory(0, 1, { prng: uniform });
  return {
    uniform: () => uniform(),
    between: (low, high) => low + (high - low) * uniform(),
    wholeBetween: (low, high) => low + Math.floor((high - low + 1) * uniform()),
    normal: () => standard(),
    logNormal: (median, spread) => median * Math.exp(spread * standard()),
  };
}
