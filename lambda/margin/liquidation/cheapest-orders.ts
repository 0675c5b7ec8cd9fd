/**
 * The cheapest orders that a search finds. Below a floor at which a requirement jumps, all that is left
 * requires less at once, which no slope shows before. So the search begins again from below each such
 * floor, too, and the cheapest result counts.
 */
import {
  compare,
  isAbove,
  NO_QUANTITY,
  type Quantity,
  type Ratio,
  times,
} from '../number/decimal.ts';
import type { Closable } from './closable.ts';
import { type Closed, costRate, NOTHING_CLOSED } from './closed.ts';
import { orderedOf } from './grain.ts';
import {
  costOf,
  type Found,
  foundAt,
  isBeyondBand,
  leastShare,
  NO_STEP,
  ordersFrom,
  requiresMore,
  type Search,
  type SearchInput,
} from './search.ts';

/** Each is a search of its own. */
const STARTS_MAX = 8;

export function cheapestOrders(given: SearchInput): Found {
  const { closables, grain } = given;
  const ordered = (closable: Closable) => orderedOf(closable, grain.most(closable), grain);
  const most = new Map(closables.map((closable) => [closable, ordered(closable)]));
  const input = { ...given, most };
  const first = trimmed(ordersFrom(NOTHING_CLOSED, input), input);
  let least = first;
  for (const start of startsOf(input)) {
    const below = least.isRestored ? costOf(least.closed) : input.below;
    if (below !== undefined && !isAbove(below, costOf(start))) continue;
    const other = trimmed(ordersFrom(start, { ...input, below }), input);
    const isCheaper = !least.isRestored || isAbove(costOf(least.closed), costOf(other.closed));
    if (other.isRestored && isCheaper && !requiresMore(first, other)) least = other;
  }
  return { ...least, useful: first.useful };
}

/** Below each floor; the largest holdings come first. */
function startsOf({ closables, grain, most }: Search): Closed[] {
  const starts = closables.flatMap((closable) =>
    (closable.jumps ?? []).map((wanted) => [closable, orderedOf(closable, wanted, grain)] as const),
  );
  return starts
    .filter(([closable, quantity]) => !isAbove(quantity, most.get(closable) ?? NO_QUANTITY))
    .slice(0, STARTS_MAX)
    .map((start) => new Map([start]));
}

/** A later jump may make needless what was closed before it: that is taken back, the dearest first. */
function trimmed(found: Found, input: Search): Found {
  const canJump = [...found.closed.keys()].some(({ jumps }) => jumps);
  if (!canJump || !isBeyondBand(found)) return found;
  const rate = ([closable, quantity]: [Closable, Quantity]) => costRate(closable, quantity);
  const dearestFirst = [...found.closed].sort((one, other) => compare(rate(other), rate(one)));
  let least = found;
  for (const [closable, quantity] of dearestFirst) {
    const keeping = (share: Ratio): Found => {
      const ordered = orderedOf(closable, times(quantity, share), input.grain);
      const kept = new Map(least.closed).set(closable, ordered);
      return { ...foundAt(kept, input.trial.after(kept, 'cost'), input), useful: found.useful };
    };
    const without = keeping(NO_STEP);
    const isNeedless = without.isRestored && !requiresMore(least, without);
    least = isNeedless ? without : leastShare(least, keeping);
  }
  return least;
}
