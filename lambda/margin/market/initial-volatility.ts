/**
 * σ as the initial requirement sees it: down with σ at once, and up by no more than a fraction an
 * hour, compounding, from what it was at the check before,
 *
 *     σ_initial = min(σ, σ_before·(1 + rise)^hours).
 *
 * Compounding, so that it does not matter how many checks lay in between, nor which were lost.
 */
import { approximately, asRatio, type Ratio, roundUp, smaller, times } from '../number/decimal.ts';
import { VOLATILITY_PLACES } from '../number/limits.ts';

/** What it was at a check. */
export interface InitialMemory {
  readonly volatility: Ratio;
  readonly asOf: number;
}

interface Rise {
  readonly before: InitialMemory | undefined;
  readonly asOf: number;
  readonly risePerHour: Ratio;
}

const HOUR_MS = 3_600_000;

/** Where nothing is remembered it is σ. */
export function initialVolatility(used: Ratio, { before, asOf, risePerHour }: Rise): Ratio {
  if (before === undefined) return used;
  const hours = Math.max(0, asOf - before.asOf) / HOUR_MS;
  const growth = (1 + approximately(risePerHour)) ** hours;
  if (!Number.isFinite(growth)) return used;
  return smaller(used, roundUp(times(before.volatility, asRatio(growth)), VOLATILITY_PLACES));
}
