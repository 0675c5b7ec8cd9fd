/**
 * Checks that follow each other within a minute share the capacity of a market. What was ordered is
 * spent, and comes back with time, by term:
 *
 *     spent ← max(0, spent − limit · seconds ÷ period),   period = 60 s for depth, Δ for volume
 *     left  = min over the terms of (limit − spent)
 *
 * The volume term of a check is that of Δ seconds, so its limit ÷ Δ is the rate at which the market
 * trades. Where nothing was ordered within the periods, `left` is the capacity of a check alone.
 */
import {
  type Amount,
  add,
  divideDown,
  isPositive,
  larger,
  NO_AMOUNT,
  ratioOfCount,
  roundDown,
  roundUp,
  subtract,
  timesDown,
} from '../number/decimal.ts';
import { CAPACITY_PLACES } from '../number/limits.ts';
import { type Capacity, type Limit, type Limits, smallestOf } from './capacity.ts';

/** In which the orders that rest near a price have come back. */
export const DEPTH_REFILL_SECONDS = 60;

/** So much of each term is spent, at a time in milliseconds since 1970. */
export interface Spent {
  readonly ofDepth: Amount;
  readonly ofVolume: Amount;
  readonly at: number;
}

/** By `capacityKey`. */
export type AllSpent = ReadonlyMap<string, Spent>;

export const NOTHING_SPENT: AllSpent = new Map();

export interface Refill {
  readonly limits: Limits;
  /** Milliseconds since 1970. */
  readonly asOf: number;
  /** Δ that the limits were taken for. */
  readonly gapSeconds: number;
}

/**
 * What is still spent at this time. A market without a limit keeps its entry for the periods. What
 * was spent more than a minute from now was spent by a wrong clock, and must not stop all orders
 * until then.
 */
export function stillSpent(spent: AllSpent, refill: Refill): AllSpent {
  const still = new Map<string, Spent>();
  for (const [key, each] of spent) {
    const left = stillSpentOf(each, refill.limits.get(key), refill);
    if (isPositive(left.ofDepth) || isPositive(left.ofVolume)) still.set(key, left);
  }
  return still;
}

function stillSpentOf(
  { ofDepth, ofVolume, at }: Spent,
  limit: Limit | undefined,
  { asOf, gapSeconds }: Refill,
): Spent {
  const isOfAWrongClock = at - asOf > DEPTH_REFILL_SECONDS * 1000;
  const seconds = isOfAWrongClock ? Number.POSITIVE_INFINITY : Math.max(0, asOf - at) / 1000;
  const depth = after(ofDepth, limit?.ofDepth, { seconds, period: DEPTH_REFILL_SECONDS });
  const volume = after(ofVolume, limit?.ofVolume, { seconds, period: gapSeconds });
  // Without a limit nothing comes back bit by bit, so its time stays.
  const isKept = limit === undefined && (isPositive(depth) || isPositive(volume));
  return { ofDepth: depth, ofVolume: volume, at: isKept ? at : Math.max(at, asOf) };
}

/** Rounded up. */
function after(
  spent: Amount,
  limit: Amount | undefined,
  { seconds, period }: { readonly seconds: number; readonly period: number },
): Amount {
  if (seconds >= period) return NO_AMOUNT;
  if (limit === undefined) return spent;
  const back = divideDown(timesDown(limit, ratioOfCount(seconds)), ratioOfCount(period));
  return larger(NO_AMOUNT, subtract(spent, roundDown(back, CAPACITY_PLACES)));
}

/** @param spent as `stillSpent` has it */
export function leftBeside(limits: Limits, spent: AllSpent): Capacity {
  const left = new Map<string, Amount>();
  for (const [key, limit] of limits) {
    const { ofDepth, ofVolume } = spent.get(key) ?? { ofDepth: NO_AMOUNT, ofVolume: NO_AMOUNT };
    const smallest = smallestOf({
      ofDepth: limit.ofDepth && subtract(limit.ofDepth, ofDepth),
      ofVolume: limit.ofVolume && subtract(limit.ofVolume, ofVolume),
    });
    if (smallest !== undefined) left.set(key, larger(NO_AMOUNT, smallest));
  }
  return left;
}

/** @param spent as `stillSpent` has it. @param notionals ordered now, by `capacityKey` */
export function spendOn(
  spent: AllSpent,
  notionals: ReadonlyMap<string, Amount>,
  asOf: number,
): AllSpent {
  const next = new Map(spent);
  for (const [key, notional] of notionals) {
    const before = next.get(key) ?? { ofDepth: NO_AMOUNT, ofVolume: NO_AMOUNT, at: asOf };
    const ordered = roundUp(notional, CAPACITY_PLACES);
    next.set(key, {
      ofDepth: add(before.ofDepth, ordered),
      ofVolume: add(before.ofVolume, ordered),
      at: Math.max(before.at, asOf),
    });
  }
  return next;
}
