/**
 * How far orders have pushed a pool's price off its exogenous path: price = path × (1 + d). An
 * order that walks the book by m leaves 1 + d′ = (1 + d)·(1 + LASTING_SHARE·m). Resilience with
 * half-life H decays it: d(t) = d·2^(−t/H). A pool's markets share it, as if arbitrage were
 * instant.
 */
import { LASTING_SHARE, RESILIENCE_HALF_LIFE_MS } from './figures.ts';

interface Displaced {
  readonly share: number;
  readonly atMs: number;
}

/** By pool; absent if not displaced. */
export type Displacement = ReadonlyMap<string, Displaced>;

export const UNDISPLACED: Displacement = new Map();

/** Fraction of the exogenous price. */
export function displacementAt(
  displacement: Displacement,
  { pool, timeMs }: { readonly pool: string; readonly timeMs: number },
): number {
  const { share, atMs } = displacement.get(pool) ?? { share: 0, atMs: timeMs };
  return share * 2 ** (-(timeMs - atMs) / RESILIENCE_HALF_LIFE_MS);
}

/** @param push `moved` is a fraction of the book's mid. */
export function pushed(
  displacement: Displacement,
  push: { readonly pool: string; readonly timeMs: number; readonly moved: number },
): Displacement {
  const { pool, timeMs, moved } = push;
  const before = displacementAt(displacement, push);
  const share = (1 + before) * (1 + LASTING_SHARE * moved) - 1;
  return new Map(displacement).set(pool, { share, atMs: timeMs });
}
