/**
 * Searches for the cheapest orders that remove a sub-account's shortfall S = κ·MM + LB − B. Each
 * step goes on from where the last one ended:
 *
 * 1. Measure the relief of every direction on the account's own book. Take the cheapest ones that
 *    share no holding (directions.ts).
 * 2. Split S over them at the least cost (least-cost.ts).
 * 3. Try it on the book, with costs. If it relieves under 98 % of what was measured, there is a
 *    kink on the way: a tier, a scenario or the end of a hedge. Take the largest share before it. A
 *    single direction is taken in full.
 * 4. If the kink is at the start, measure across it, with costs, and take the cheapest directions.
 *
 * S is convex in what is closed: along a direction no unit relieves more than the first. Only
 * directions that help one another, and requirements that jump at a size, may do too much. They are
 * cut back into the band.
 *
 * For speed, no step is undone, and only the `LEGS_MAX` largest holdings are measured one by one.
 * So the orders are not always the cheapest.
 */
import {
  type Amount,
  add,
  divide,
  isAbove,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  ONE,
  type Quantity,
  type Ratio,
  ratio,
  ratioBetween,
  subtract,
  sumOf,
  times,
  worthOf,
} from '../number/decimal.ts';
import { SEARCH_STEPS_MAX } from '../number/limits.ts';
import type { Closable } from './closable.ts';
import { type Closed, closedMore, costRate, NOTHING_CLOSED } from './closed.ts';
import { isWithinRounding } from './closing-notional.ts';
import {
  type Direction,
  type Left,
  type Measuring,
  quantitiesOf,
  usefulDirections,
  withoutOverlap,
} from './directions.ts';
import { type Grain, orderedOf } from './grain.ts';
import { leastCost, netReliefOf } from './least-cost.ts';
import type { Trial, Tried } from './trial.ts';

export interface Found {
  /** The directions of the first step. */
  readonly useful: readonly Direction[];
  /** Before anything was closed. */
  readonly requiredAtFirst: Amount;
  /** After a kink: the next measurement spans this notional. */
  readonly probe?: Amount | undefined;
  readonly closed: Closed;
  readonly tried: Tried;
  readonly isRestored: boolean;
}

/** The most of each holding that the search may order. */
type Most = ReadonlyMap<Closable, Quantity>;

export interface Search extends SearchInput {
  readonly most: Most;
}

export interface SearchInput {
  readonly trial: Trial;
  readonly closables: readonly Closable[];
  readonly grain: Grain;
  /** The shortfall that rounding the legs of a hedge may leave. */
  readonly slack: Amount;
  readonly below?: Amount | undefined;
}

export const costOf = (closed: Closed): Amount =>
  sumOf(
    [...closed].map(([closable, quantity]) =>
      isZero(quantity)
        ? NO_AMOUNT
        : times(worthOf(quantity, closable.unitValue), costRate(closable, quantity)),
    ),
  );

export const NO_STEP = ratio('0');
const HALF = ratio('0.5');
/** Measures across a kink: a share of a candidate's largest notional. */
const ACROSS = ratio('0.015625');
const BAND_HALVINGS = 8;
const KINKS_MAX = 4;
const LEAST_STEP = ratio('0.00390625');
const LATE_STEP = 6;
const AIM = ratio('8');

/** @param start is closed already, at its cost */
export function ordersFrom(start: Closed, input: Search): Found {
  const { trial, closables, below } = input;
  const hasImpact = closables.some(({ trading }) => !isZero(trading.impact));
  const steps = SEARCH_STEPS_MAX + closables.length;
  let found = foundAt(start, trial.after(start, 'cost'), input);
  for (let step = 0; step < steps && !found.isRestored; step++) {
    const next = further(found, input, missingFrom(found, { step, hasImpact }));
    if (next === undefined) break;
    found = next;
    if (below !== undefined && isAbove(costOf(found.closed), below)) break;
  }
  return found;
}

/**
 * Holdings that might restore the account alone for less than `below`. No unit relieves more than
 * the first: the relief is at most capacity·(r − c), the cost at least S·c ÷ (r − c).
 */
export function mayDoAlone(
  { useful }: Found,
  of: { shortfall: Amount; below: Amount },
): Closable[] {
  return useful.flatMap(({ parts: [part, ...others], relief, unitCost, capacity }) => {
    const net = subtract(relief, unitCost);
    if (part === undefined || others.length > 0 || !isPositive(net)) return [];
    const isEnough = !isAbove(of.shortfall, times(capacity, net));
    const leastCost = times(divide(of.shortfall, net), unitCost);
    return isEnough && isAbove(of.below, leastCost) ? [part.closable] : [];
  });
}

/**
 * Aims into the band if impact makes steps fall short, and in late steps, so that the search ends.
 */
function missingFrom(
  { tried: { shortfall, shortOfBand } }: Found,
  { step, hasImpact }: { readonly step: number; readonly hasImpact: boolean },
): Amount {
  if (step < (hasImpact ? 1 : LATE_STEP)) return shortfall;
  return add(shortfall, divide(subtract(shortOfBand, shortfall), AIM));
}

/** @param slack as in a search's input */
export const isRestoredBy = (closed: Closed, { shortfall }: Tried, slack: Amount): boolean =>
  isWithinRounding(closed.size > 1 ? subtract(shortfall, slack) : shortfall);

export function foundAt(closed: Closed, tried: Tried, { slack, trial }: SearchInput): Found {
  const requiredAtFirst = trial.after(NOTHING_CLOSED, 'cost').required;
  const isRestored = isRestoredBy(closed, tried, slack);
  return { useful: [], requiredAtFirst, closed, tried, isRestored };
}

function leftOf(closed: Closed, { most }: Search): Left {
  const left = new Map(most);
  for (const [closable, quantity] of closed) {
    left.set(closable, subtract(most.get(closable) ?? NO_QUANTITY, quantity));
  }
  return left;
}

/** Undefined if nothing left relieves more than it costs. */
function further(from: Found, input: Search, missing: Amount): Found | undefined {
  const left = leftOf(from.closed, input);
  const measuring = { trial: input.trial, closed: from.closed, left, probe: from.probe };
  const cheapestFirst = usefulDirections(measuring);
  const next = along(from, { cheapestFirst, measuring, missing }, input);
  if (next === undefined) return undefined;
  return from.closed.size === 0
    ? { ...next, useful: cheapestFirst }
    : { ...next, useful: from.useful };
}

interface Course {
  readonly cheapestFirst: readonly Direction[];
  readonly measuring: Measuring;
  readonly missing: Amount;
}

function along(
  from: Found,
  { cheapestFirst, measuring, missing }: Course,
  input: Search,
): Found | undefined {
  const candidate = upToCash(leastCost(withoutOverlap(cheapestFirst), missing));
  if (candidate.size === 0) return undefined;
  if (cheapestFirst.length === 1) return wholeStep(from, candidate, input);
  const next = largestStep(from, { candidate, isStrict: true }, input);
  if (next !== undefined) return next;
  let directions = usefulDirections({
    ...measuring,
    probe: acrossOf(candidate),
    isCostTried: true,
  });
  for (;;) {
    const other = upToCash(leastCost(withoutOverlap(directions), missing));
    if (other.size === 0) return undefined;
    const across = largestStep(from, { candidate: other, isStrict: false }, input);
    if (across !== undefined) return across;
    directions = directions.filter((direction) => !other.has(direction));
  }
}

type CandidateOrders = ReadonlyMap<Direction, Amount>;

const acrossOf = (candidate: CandidateOrders): Amount =>
  times([...candidate.values()].reduce(larger, NO_AMOUNT), ACROSS);

/** If a loan uses up the cash, dearer directions wait: sold collateral brings cash for it. */
function upToCash(wanted: CandidateOrders): CandidateOrders {
  const candidate = [...wanted].filter(([, notional]) => isPositive(notional));
  const bound = candidate.find(
    ([{ isCashBound, capacity }, notional]) => isCashBound && !isAbove(capacity, notional),
  );
  if (bound === undefined) return new Map(candidate);
  const [{ price }] = bound;
  return new Map(candidate.filter(([direction]) => !isAbove(direction.price, price)));
}

function wholeStep(from: Found, candidate: CandidateOrders, input: Search): Found | undefined {
  const next = stepped(from, { candidate, step: ONE }, input);
  return isAsGood(from, next, NO_AMOUNT) ? withinBand(from, { candidate, next }, input) : undefined;
}

/**
 * Bisects for the smallest share of a step that restores the account, or one within the band; lots
 * may allow neither.
 */
function withinBand(
  from: Found,
  { candidate, next, step = ONE }: { candidate: CandidateOrders; next: Found; step?: Ratio },
  input: Search,
): Found {
  // The excess of one direction is a lot or a least notional, unless its requirement jumps.
  if (candidate.size === 1 && !canJump(candidate)) return next;
  return leastShare(next, (share) => stepped(from, { candidate, step: share }, input), step);
}

/** @param at the share from 0 to `most`, which is that of `next` */
export function leastShare(next: Found, at: (share: Ratio) => Found, most = ONE): Found {
  let restored = next;
  let [low, high] = [NO_STEP, most];
  for (let halving = 0; halving < BAND_HALVINGS && isBeyondBand(restored); halving++) {
    const share = times(add(low, high), HALF);
    const tried = at(share);
    if (tried.isRestored && !requiresMore(next, tried)) [restored, high] = [tried, share];
    else low = share;
  }
  return restored;
}

const canJump = (candidate: CandidateOrders): boolean =>
  [...candidate.keys()].some(({ parts }) => parts.some(({ closable }) => closable.jumps));

export const isBeyondBand = ({ isRestored, tried }: Found): boolean =>
  isRestored && isNegative(tried.shortOfBand);

/**
 * The largest share that relieves what was measured. The shortfall beyond a kink is a line; it
 * meets the measured one at the kink.
 */
function largestStep(
  from: Found,
  { candidate, isStrict }: { readonly candidate: CandidateOrders; readonly isStrict: boolean },
  input: Search,
): Found | undefined {
  const measured = reliefOf(candidate);
  const at = (step: Ratio): Point => ({ step, next: stepped(from, { candidate, step }, input) });
  const isMeasured = ({ step, next }: Point) => isAsGood(from, next, times(measured, step));
  let far = at(ONE);
  if (isMeasured(far)) return withinBand(from, { candidate, ...far }, input);
  let near = at(HALF);
  for (let kink = 0; kink < KINKS_MAX && !isMeasured(near); kink++) {
    const step = kinkBefore(near, { far, measured, shortfall: from.tried.shortfall });
    [far, near] = [near, at(step)];
  }
  if (isMeasured(near)) {
    return { ...withinBand(from, { candidate, ...near }, input), probe: acrossOf(candidate) };
  }
  const least = at(LEAST_STEP).next;
  return !isStrict && isAsGood(from, least, NO_AMOUNT) ? least : undefined;
}

interface Point {
  readonly step: Ratio;
  readonly next: Found;
}

/** t of S₀ − t·measured = S_near + (t − near)·slope, or half of near if that is not before it. */
function kinkBefore(
  near: Point,
  of: { readonly far: Point; readonly measured: Amount; readonly shortfall: Amount },
): Ratio {
  const { far, measured, shortfall } = of;
  const [one, other] = [near.next.tried.shortfall, far.next.tried.shortfall];
  const slope = divide(subtract(other, one), subtract(far.step, near.step));
  const closing = add(measured, slope);
  const half = times(near.step, HALF);
  if (isZero(closing)) return half;
  const gap = subtract(subtract(shortfall, one), times(negate(slope), near.step));
  const met = ratioBetween(gap, closing);
  return isAbove(met, LEAST_STEP) && isAbove(near.step, met) ? met : half;
}

interface Step {
  readonly candidate: CandidateOrders;
  readonly step: Ratio;
}

function stepped({ closed }: Found, { candidate, step }: Step, input: Search): Found {
  let more = NOTHING_CLOSED;
  for (const [{ parts }, notional] of candidate) {
    more = closedMore(more, quantitiesOf(parts, times(notional, step)));
  }
  const ordered = new Map(closed);
  for (const [closable, quantity] of more) {
    const wanted = add(closed.get(closable) ?? NO_QUANTITY, quantity);
    ordered.set(closable, orderedOf(closable, wanted, input.grain));
  }
  return foundAt(ordered, input.trial.after(ordered, 'cost'), input);
}

const reliefOf = (candidate: CandidateOrders): Amount =>
  sumOf([...candidate].map(([way, notional]) => netReliefOf(way, notional)));

const AS_MEASURED = ratio('0.98');

export const requiresMore = ({ requiredAtFirst }: Found, { tried }: Found): boolean =>
  isAbove(tried.required, requiredAtFirst);

function isAsGood(from: Found, next: Found, measured: Amount): boolean {
  if (requiresMore(from, next)) return false;
  const relieved = subtract(from.tried.shortfall, next.tried.shortfall);
  if (!isPositive(relieved)) return false;
  return next.isRestored || !isAbove(times(measured, AS_MEASURED), relieved);
}
