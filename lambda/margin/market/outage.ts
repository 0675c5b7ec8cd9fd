import { GAP_INTERVALS_MAX } from '../number/limits.ts';

/** A time in which no check was completed. */
export interface CheckOutage {
  /** Time of the last completed check before it. */
  readonly since: number;
  /** A shorter time without one is no outage. */
  readonly leastSeconds: number;
}

/** Two checks may lie nearly two intervals apart on schedule; an outage is longer. */
export function checkOutage(input: {
  readonly asOf: number;
  /** Absent before the first completed check. */
  readonly completedAsOf: number | undefined;
  readonly intervalSeconds: number;
}): CheckOutage | undefined {
  const { asOf, completedAsOf: since, intervalSeconds } = input;
  if (since === undefined) return undefined;
  const outage = { since, leastSeconds: intervalSeconds * GAP_INTERVALS_MAX };
  return isOutage(outage, asOf) ? outage : undefined;
}

export const isOutage = ({ since, leastSeconds }: CheckOutage, asOf: number): boolean =>
  asOf - since > leastSeconds * 1000;
