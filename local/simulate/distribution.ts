export interface Mean {
  readonly mean: number;
  /** √(variance ÷ paths) */
  readonly standardError: number;
}

export interface Distribution extends Mean {
  readonly p95: number;
  readonly p99: number;
  readonly worst: number;
}

/** @param values at least one */
export function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = values.length > 1 ? squares / (values.length - 1) : 0;
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

/** A quantile is the smallest value with at least this share at or below it. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = values.toSorted((left, right) => left - right);
  const quantile = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return { ...meanOf(values), p95: quantile(0.95), p99: quantile(0.99), worst: quantile(1) };
}
