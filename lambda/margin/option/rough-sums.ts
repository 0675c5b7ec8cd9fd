/**
 * Sums of options for searches, such as that of the safe radius, which ask for hundreds of prices:
 * kept by price, and without the care for relative accuracy that a far option would need alone. A sum
 * is off by a few 1e-16 of F + K a unit, as float64 is in any case.
 */
import type { OptionLeg } from './option-leg.ts';

/** By cell, at one price. */
export interface SumsAt {
  readonly values: Float64Array;
  readonly longSlopes: Float64Array;
  readonly shortSlopes: Float64Array;
  /** Σ |units·slope| in cell 0. */
  readonly gross: number;
}

const KNOWN = new WeakMap<readonly OptionLeg[], Map<number, SumsAt>>();

/** @param multiple of the current price */
export function roughSumsAt(legs: readonly OptionLeg[], multiple: number, cells: number): SumsAt {
  const known = KNOWN.get(legs) ?? new Map<number, SumsAt>();
  if (!KNOWN.has(legs)) KNOWN.set(legs, known);
  const found = known.get(multiple);
  if (found !== undefined) return found;
  const sums = sumsAt(legs, multiple, cells);
  known.set(multiple, sums);
  return sums;
}

function sumsAt(legs: readonly OptionLeg[], multiple: number, cells: number): SumsAt {
  const values = new Float64Array(cells);
  const longSlopes = new Float64Array(cells);
  const shortSlopes = new Float64Array(cells);
  let gross = 0;
  for (const { scenarios, units } of legs) {
    const slopes = units.near > 0 ? longSlopes : shortSlopes;
    gross += scenarios.roughly.addTo({ values, slopes, multiple, units: units.near });
  }
  return { values, longSlopes, shortSlopes, gross };
}
