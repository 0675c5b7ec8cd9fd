/**
 * The directions in which an account can be brought out of what it holds: each holding by itself,
 * collateral sold to buy back a loan, and all of one risk factor or of everything in proportion, as a
 * hedge has to be: one leg of it alone would leave the other bare. What each relieves is measured on
 * the account's own book, so that one rule serves schedules, options, portfolios, buffer and weights.
 */
import {
  type Amount,
  add,
  approximately,
  asRatio,
  compare,
  contractsOf,
  divide,
  isAbove,
  isPositive,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  ONE,
  type Quantity,
  type Ratio,
  ratio,
  ratioBetween,
  smaller,
  subtract,
  sumOf,
  times,
  worthOf,
  ZERO,
} from '../number/decimal.ts';
import { LEGS_MAX } from '../number/limits.ts';
import type { Closable } from './closable.ts';
import { byNet, netReliefOf, type Way } from './least-cost.ts';
import { type Closed, closedMore, NOTHING_CLOSED, type Trial, type Tried } from './trial.ts';

/** Parts of one notional that is closed, in several markets: their shares add up to 1, or to 1 each. */
interface Part {
  readonly closable: Closable;
  readonly share: Ratio;
}

export interface Direction extends Way {
  readonly parts: readonly Part[];
  /** c ÷ r of the first unit: the lower, the sooner. */
  readonly price: Ratio;
  /** A loan: its capacity is the cash that there is, which selling collateral makes more. */
  readonly isCashBound: boolean;
}

/** What is left to close of each, within what may be ordered. */
export type Left = ReadonlyMap<Closable, Quantity>;

/** A share of what could be closed, small enough that its relief is that of the first unit. */
const PROBE_SHARE = ratio('0.0009765625');

export const notionalOf = (closable: Closable, quantity: Quantity): Amount =>
  worthOf(quantity, closable.unitNotional);

export interface Measuring {
  readonly trial: Trial;
  readonly closed: Closed;
  readonly left: Left;
  /** The notional that is closed to see what it relieves; absent: as if it were the first unit. */
  readonly probe?: Amount | undefined;
  /** Whether paying takes what is reckoned is measured, too. */
  readonly isCostTried?: boolean | undefined;
}

/** Those that relieve something, and leave the requirement no larger than it was found; the cheapest first. */
export function usefulDirections(measuring: Measuring): Direction[] {
  const { trial, closed, isCostTried } = measuring;
  const now = trial.after(closed, 'mark');
  const paid = isCostTried ? trial.after(closed, 'cost') : undefined;
  return candidates(measuring, now)
    .flatMap((parts) => measure(parts, measuring, { now, paid }))
    .sort((one, other) => compare(one.price, other.price) || byNet(one, other));
}

/** The cheapest of them that have nothing in common. */
export function withoutOverlap(cheapestFirst: readonly Direction[]): Direction[] {
  const taken = new Set<Closable>();
  return cheapestFirst.filter(({ parts }) => {
    if (parts.some(({ closable }) => taken.has(closable))) return false;
    for (const { closable } of parts) taken.add(closable);
    return true;
  });
}

type Parts = readonly [Part, ...Part[]];

function candidates({ left, trial }: Measuring, { cash }: Tried): Parts[] {
  const open = [...left].filter(([, quantity]) => isPositive(quantity));
  const largest = open
    .map(([closable, quantity]) => ({ closable, notional: notionalOf(closable, quantity) }))
    .sort((one, other) => compare(other.notional, one.notional))
    .slice(0, LEGS_MAX)
    .map(({ closable }) => closable);
  const alone = largest.filter(({ kind }) => kind !== 'loan' || isPositive(cash));
  const loans = largest.filter(({ kind }) => kind === 'loan');
  const swaps = largest
    .filter(({ kind }) => kind === 'collateral')
    .flatMap((sold) => loans.map((bought) => [whole(sold), whole(bought)] as const));
  const all = open.map(([closable]) => closable).filter(({ isIdle }) => !isIdle);
  const byFactor = [...Map.groupBy(all, ({ factor }) => factor).values()];
  const together = [...byFactor, ...(trial.isJoint && byFactor.length > 1 ? [all] : [])];
  return [
    ...alone.map((closable) => [whole(closable)] as const),
    ...swaps,
    ...together
      .filter(({ length }) => length > 1)
      .map((closables) => proportional(closables, left)),
  ];
}

const whole = (closable: Closable): Part => ({ closable, share: ONE });

function proportional(closables: readonly Closable[], left: Left): Parts {
  const notionals = closables.map((closable) => notionalLeft(closable, left));
  const all = sumOf(notionals);
  return closables.map((closable, index) => ({
    closable,
    share: ratioBetween(notionals[index] as Amount, all),
  })) as unknown as Parts;
}

const notionalLeft = (closable: Closable, left: Left): Amount =>
  notionalOf(closable, left.get(closable) ?? NO_QUANTITY);

/** Where it stands, at the mark; and at what has been paid, where it is to be told what paying does. */
interface Standing {
  readonly now: Tried;
  readonly paid?: Tried | undefined;
}

function measure(parts: Parts, measuring: Measuring, { now, paid }: Standing): Direction[] {
  const capacity = capacityOf(parts, measuring.left, now);
  if (!isPositive(capacity)) return [];
  const probe = smaller(capacity, measuring.probe ?? times(capacity, PROBE_SHARE));
  const { trial, closed } = measuring;
  const more = closedMore(closed, quantitiesOf(parts, probe));
  const after = trial.after(more, 'mark');
  if (isAbove(after.required, trial.after(NOTHING_CLOSED, 'mark').required)) return [];
  const costs = costsOf(parts, closed);
  const atMark = subtract(now.shortfall, after.shortfall);
  const free = { ...costs, relief: ZERO, capacity };
  const hidden =
    paid === undefined
      ? NO_AMOUNT
      : hiddenCost(subtract(paid.shortfall, trial.after(more, 'cost').shortfall), {
          atMark,
          computed: negate(netReliefOf(free, probe)),
        });
  const relief = ratioBetween(subtract(atMark, hidden), probe);
  if (!isPositive(relief)) return [];
  const price = ratioBetween(costs.unitCost, relief);
  return [{ parts, relief, price, capacity, isCashBound: isLoanAlone(parts), ...costs }];
}

/** Of what is reckoned: less is rounding. */
const NOTICED = ratio('0.001');

/** What paying takes besides what is paid: in a coin that is owed it weighs more than it is. */
function hiddenCost(
  atCost: Amount,
  { atMark, computed }: { readonly atMark: Amount; readonly computed: Amount },
): Amount {
  const hidden = subtract(subtract(atMark, atCost), computed);
  return isAbove(hidden, times(computed, NOTICED)) ? hidden : NO_AMOUNT;
}

/** A loan alone is bought back with the cash that there is. */
function capacityOf(parts: Parts, left: Left, { cash }: Tried): Amount {
  const held = parts
    .map((part) => divide(notionalLeft(part.closable, left), part.share))
    .reduce(smaller);
  if (!isLoanAlone(parts)) return held;
  return smaller(held, divide(cash, add(ONE, parts[0].closable.trading.unitCost)));
}

const isLoanAlone = ([{ closable }, ...others]: Parts): boolean =>
  closable.kind === 'loan' && others.length === 0;

/** Contracts or units of each part of a notional. */
export const quantitiesOf = (parts: readonly Part[], notional: Amount): Closed =>
  new Map(
    parts.map(({ closable, share }) => [
      closable,
      contractsOf(times(notional, share), closable.unitNotional),
    ]),
  );

function costsOf(parts: Parts, closed: Closed): Pick<Way, 'unitCost' | 'impact' | 'used'> {
  const traded = parts.map(({ closable, share }) => ({
    trading: closable.trading,
    value: times(share, ratioBetween(closable.unitValue, closable.unitNotional)),
  }));
  const unitCost = traded
    .map(({ trading, value }) => times(trading.unitCost, value))
    .reduce(add, ZERO);
  const impact = traded
    .map(({ trading, value }) => approximately(trading.impact) * approximately(value) ** 1.5)
    .reduce((sum, each) => sum + each, 0);
  const [{ closable }, ...others] = parts;
  const before = closed.get(closable);
  const used = others.length > 0 || before === undefined ? NO_AMOUNT : notionalOf(closable, before);
  return { unitCost, impact: asRatio(impact), used };
}
