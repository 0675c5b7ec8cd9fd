/** Where a surplus, less some multiple of a requirement, is not below zero: one interval. */
import type { CompiledBook } from './compiled-book.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * {y : B(y) − ℓ·MM(y) − m·MM(stretch·y) ≥ 0}, from every pair of lines of the two requirements, as
 * the whole is the least of them all. low > high when it is empty.
 */
export function concaveInterval(
  book: Omit<CompiledBook, 'bufferSlope'>,
  account: number,
  { multiplier, stretch }: { readonly multiplier: number; readonly stretch: number },
): Interval {
  const { balance, liquidation, maintenanceFrom, maintenance } = book;
  const from = maintenanceFrom[account] as number;
  const to = maintenanceFrom[account + 1] as number;
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  const narrow = (constant: number, slope: number) => {
    if (slope > 0) low = Math.max(low, -constant / slope);
    else if (slope < 0) high = Math.min(high, -constant / slope);
    else if (constant < 0) [low, high] = [Number.POSITIVE_INFINITY, 0];
  };
  for (let one = from; one < to; one++) {
    for (let other = from; other < to; other++) {
      const of = (part: 0 | 1) =>
        (balance[2 * account + part] as number) -
        liquidation * (maintenance[2 * one + part] as number) -
        multiplier * (part === 1 ? stretch : 1) * (maintenance[2 * other + part] as number);
      narrow(of(0), of(1));
    }
  }
  return { low, high };
}
