export interface GapStatistics {
  readonly gaps: number;
  readonly minSeconds: number;
  readonly medianSeconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
}

/** @returns undefined for a single check, which has no gap */
export function gapStatistics(gapsSeconds: readonly number[]): GapStatistics | undefined {
  const sorted = gapsSeconds.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  if (sorted.length === 0) return undefined;
  return {
    gaps: sorted.length,
    minSeconds: sorted[0] as number,
    medianSeconds: at(0.5),
    p99Seconds: at(0.99),
    maxSeconds: at(1),
  };
}
