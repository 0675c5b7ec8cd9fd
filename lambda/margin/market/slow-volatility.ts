/**
 * A σ that falls at once with the measured one, and whose rise is limited, for the initial
 * requirement and for the exhaustible buffer:
 *
 *     σ_slow = min(σ, σ_before·(1 + rise)^hours).
 *
 * It compounds, so it does not depend on how many checks ran or were lost.
 */
import { approximately, asRatio, type Ratio, roundUp, smaller, times } from '../number/decimal.ts';
import { VOLATILITY_PLACES } from '../number/limits.ts';

export interface SlowMemory {
  readonly volatility: Ratio;
  readonly asOf: number;
}

interface Rise {
  readonly before: SlowMemory | undefined;
  readonly asOf: number;
  readonly risePerHour: Ratio;
}

const HOUR_MS = 3_600_000;

export function slowVolatility(used: Ratio, { before, asOf, risePerHour }: Rise): Ratio {
  if (before === undefined) return used;
  const hours = Math.max(0, asOf - before.asOf) / HOUR_MS;
  const growth = (1 + approximately(risePerHour)) ** hours;
  if (!Number.isFinite(growth)) return used;
  return smaller(used, roundUp(times(before.volatility, asRatio(growth)), VOLATILITY_PLACES));
}
