/**
 * The prices at which something happens to each account. H(x) = B(x) − ℓ·MM(x) is concave, so {H ≥
 * 0} is one interval. An account is above its liquidation line, buffer included, exactly where
 * H(x·(1 − Λ)) ≥ 0 and H(x·(1 + Λ)) ≥ 0. Two prices thus decide when it is liquidated, whatever Λ.
 * With accounts sorted by them, a check compares x·(1 ∓ Λ) with the next price on either side.
 *
 * The call surplus is H(x·(1 ∓ Λ)) − (c − ℓ)·MM(x). Its price hardly depends on Λ, as MM(x) is
 * nearly MM(x·(1 − Λ)). Call prices are those at which a call is possible under the largest Λ; the
 * few accounts that reach theirs are computed exactly.
 */
import type { CompiledBook } from './compiled-book.ts';

/** Accounts by price, the first to be reached first. */
export interface Ladder {
  readonly accounts: Int32Array;
  readonly prices: Float64Array;
}

export interface Ladders {
  /** Falls by x·(1 − Λ), highest first; rises by x·(1 + Λ), lowest first. */
  readonly fallLiquidates: Ladder;
  readonly riseLiquidates: Ladder;
  readonly fallCalls: Ladder;
  readonly riseCalls: Ladder;
  /** By account: not liquidated between these prices without a buffer. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** By account: no call is cured while x·(1 − Λ) is below, or x·(1 + Λ) above. */
  readonly curedFrom: Float64Array;
  readonly curedTo: Float64Array;
}

/** @param shockMax upper bound of Λ, below 1 */
export function laddersOf(book: CompiledBook, shockMax: number): Ladders {
  const over = (multiplier: number, priceFactor: number): Interval[] =>
    Array.from({ length: book.size }, (_, account) =>
      safeInterval(book, account, { multiplier, priceFactor }),
    );
  const { liquidation, call, cureMargin } = book;
  const safe = over(0, 1);
  const uncalled = over(call - liquidation, 1 / (1 - shockMax));
  const cured = over(call * (1 + cureMargin) - liquidation, 1 / (1 + shockMax));
  return {
    fallLiquidates: falling(safe),
    riseLiquidates: rising(safe),
    fallCalls: falling(uncalled),
    riseCalls: rising(uncalled),
    lowest: Float64Array.from(safe, ({ low }) => low),
    highest: Float64Array.from(safe, ({ high }) => high),
    curedFrom: Float64Array.from(cured, ({ low }) => low),
    curedTo: Float64Array.from(cured, ({ high }) => high),
  };
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * {y ≥ 0 : B(y) − ℓ·MM(y) − m·MM(s·y) ≥ 0} with s = `priceFactor`. A requirement is the largest of
 * its lines, so every pair of lines must satisfy it. Empty if low > high.
 */
function safeInterval(
  { balance, liquidation, maintenanceFrom, maintenance }: CompiledBook,
  account: number,
  { multiplier, priceFactor }: { readonly multiplier: number; readonly priceFactor: number },
): Interval {
  const from = maintenanceFrom[account] as number;
  const to = maintenanceFrom[account + 1] as number;
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  for (let one = from; one < to; one++) {
    for (let other = from; other < to; other++) {
      const of = (part: 0 | 1) =>
        (balance[2 * account + part] as number) -
        liquidation * (maintenance[2 * one + part] as number) -
        multiplier * (part === 1 ? priceFactor : 1) * (maintenance[2 * other + part] as number);
      const [constant, slope] = [of(0), of(1)];
      if (slope > 0) low = Math.max(low, -constant / slope);
      else if (slope < 0) high = Math.min(high, -constant / slope);
      else if (constant < 0) return { low: Number.POSITIVE_INFINITY, high: 0 };
    }
  }
  return { low, high };
}

/** Drops unreachable prices: x is never below 0, nor infinite. */
const falling = (all: readonly Interval[]): Ladder =>
  ladderOf(all.map(({ low }) => ({ price: low, rank: -low, isMet: low > 0 })));

const rising = (all: readonly Interval[]): Ladder =>
  ladderOf(all.map(({ high }) => ({ price: high, rank: high, isMet: Number.isFinite(high) })));

function ladderOf(rungs: readonly { price: number; rank: number; isMet: boolean }[]): Ladder {
  const met = rungs
    .map((rung, account) => ({ ...rung, account }))
    .filter(({ isMet }) => isMet)
    .sort((left, right) => left.rank - right.rank);
  return {
    accounts: Int32Array.from(met, ({ account }) => account),
    prices: Float64Array.from(met, ({ price }) => price),
  };
}
