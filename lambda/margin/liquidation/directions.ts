/**
 * The directions in which a sub-account can be reduced:
 *
 * 1. each of the `LEGS_MAX` largest holdings left, a loan only while there is cash;
 * 2. each collateral among them, sold to buy back each loan among them;
 * 3. all holdings of one risk factor in proportion, and all holdings if risk factors interact.
 *
 * Hedges need 3, as closing one leg alone would leave the other bare; small holdings need it, too.
 *
 * The relief r is measured on the account's own book, so one rule serves every margin model. A
 * candidate is dropped if it relieves nothing or leaves the requirement larger than at first. The
 * rest are sorted by c ÷ r, linear cost by relief.
 */

import {
  type Amount,
  add,
  approximately,
  asRatio,
  compare,
  contractsOf,
  divide,
  divideDown,
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
import { groupBy } from '../number/group-by.ts';
import { LEGS_MAX } from '../number/limits.ts';
import type { Closable } from './closable.ts';
import { type Closed, closedMore, costRate, NOTHING_CLOSED } from './closed.ts';
import { byNet, netReliefOf, type Way } from './least-cost.ts';
import type { Trial, Tried } from './trial.ts';

/** Shares add up to 1; in a swap the sale's is 1. */
interface Part {
  readonly closable: Closable;
  readonly share: Ratio;
}

/** What is closed together. */
interface Candidate {
  readonly parts: Parts;
  /** All holdings over several risk factors, in proportion; their notional. */
  readonly joint?: Amount;
}

export interface Direction extends Way {
  readonly parts: readonly Part[];
  /** c ÷ r of the first unit. */
  readonly price: Ratio;
  /** A loan alone: its capacity is the cash, which grows with sold collateral. */
  readonly isCashBound: boolean;
}

export type Left = ReadonlyMap<Closable, Quantity>;

/** Small enough for the relief of the first unit. */
const PROBE_SHARE = ratio('0.0009765625');

export const notionalOf = (closable: Closable, quantity: Quantity): Amount =>
  worthOf(quantity, closable.unitNotional);

export interface Measuring {
  readonly trial: Trial;
  readonly closed: Closed;
  readonly left: Left;
  /** Notional of the measurement; absent: `PROBE_SHARE` of the capacity. */
  readonly probe?: Amount | undefined;
  /** Also measures what paying the cost takes. */
  readonly isCostTried?: boolean | undefined;
}

export function usefulDirections(measuring: Measuring): Direction[] {
  const { trial, closed, isCostTried } = measuring;
  const now = trial.after(closed, 'mark');
  const paid = isCostTried ? trial.after(closed, 'cost') : undefined;
  return candidates(measuring, now)
    .flatMap((candidate) => measure(candidate, measuring, { now, paid }))
    .sort((one, other) => compare(one.price, other.price) || byNet(one, other));
}

export function withoutOverlap(cheapestFirst: readonly Direction[]): Direction[] {
  const taken = new Set<Closable>();
  return cheapestFirst.filter(({ parts }) => {
    if (parts.some(({ closable }) => taken.has(closable))) return false;
    for (const { closable } of parts) taken.add(closable);
    return true;
  });
}

type Parts = readonly [Part, ...Part[]];

function candidates({ left, trial }: Measuring, { cash }: Tried): Candidate[] {
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
    .flatMap((sold) => loans.flatMap((bought) => swapOf(sold, bought)));
  const all = open.map(([closable]) => closable).filter(({ isIdle }) => !isIdle);
  const byFactor = [...groupBy(all, ({ factor }) => factor).values()];
  const isJoint = trial.isJoint && byFactor.length > 1;
  return [
    ...alone.map((closable): Candidate => ({ parts: [whole(closable)] })),
    ...swaps.map((parts): Candidate => ({ parts })),
    ...byFactor
      .filter(({ length }) => length > 1)
      .map((each): Candidate => ({ parts: proportional(each, left).parts })),
    ...(isJoint ? [proportional(all, left)] : []),
  ];
}

const whole = (closable: Closable): Part => ({ closable, share: ONE });

/** Buys back as much as the sale pays for, at what both cost at the most, so that it lends nothing. */
function swapOf(sold: Closable, bought: Closable): Parts[] {
  const proceeds = subtract(ONE, costRate(sold, sold.held));
  const share = divideDown(proceeds, add(ONE, costRate(bought, bought.held)));
  return isPositive(share) ? [[whole(sold), { closable: bought, share }]] : [];
}

function proportional(closables: readonly Closable[], left: Left): Candidate {
  const notionals = closables.map((closable) => notionalLeft(closable, left));
  const all = sumOf(notionals);
  const parts = closables.map((closable, index) => ({
    closable,
    share: ratioBetween(notionals[index] as Amount, all),
  })) as unknown as Parts;
  return { parts, joint: all };
}

const notionalLeft = (closable: Closable, left: Left): Amount =>
  notionalOf(closable, left.get(closable) ?? NO_QUANTITY);

interface Standing {
  readonly now: Tried;
  readonly paid?: Tried | undefined;
}

function measure(candidate: Candidate, measuring: Measuring, { now, paid }: Standing): Direction[] {
  const { parts, joint } = candidate;
  const isJoint = joint !== undefined;
  const capacity = joint ?? capacityOf(parts, measuring.left, now);
  if (!isPositive(capacity)) return [];
  const probe = smaller(capacity, measuring.probe ?? times(capacity, PROBE_SHARE));
  const { trial, closed } = measuring;
  const more = closedMore(closed, probedQuantities(candidate, probe, measuring));
  const after = trial.after(more, 'mark', isJoint);
  if (isAbove(after.required, trial.after(NOTHING_CLOSED, 'mark').required)) return [];
  const costs = costsOf(parts, closed);
  const atMark = subtract(now.shortfall, after.shortfall);
  const free = { ...costs, relief: ZERO, capacity };
  const hidden =
    paid === undefined
      ? NO_AMOUNT
      : hiddenCost(subtract(paid.shortfall, trial.after(more, 'cost', isJoint).shortfall), {
          atMark,
          computed: negate(netReliefOf(free, probe)),
        });
  const relief = ratioBetween(subtract(atMark, hidden), probe);
  if (!isPositive(relief)) return [];
  const price = ratioBetween(costs.unitCost, relief);
  return [{ parts, relief, price, capacity, isCashBound: isLoanAlone(parts), ...costs }];
}

/** From step to step the same for a holding of which nothing was closed: its trial is kept. */
function probedQuantities(
  { parts, joint }: Candidate,
  probe: Amount,
  { left, probe: given }: Measuring,
): Closed {
  if (joint === undefined || given) return quantitiesOf(parts, probe);
  return new Map(
    parts.map(({ closable }) => {
      const held = left.get(closable) ?? NO_QUANTITY;
      return [closable, times(held, PROBE_SHARE)];
    }),
  );
}

/** Less than this share of the computed cost is rounding. */
const NOTICED = ratio('0.001');

/** The paid cost beyond the computed one: it weighs more in a coin that is owed. */
function hiddenCost(
  atCost: Amount,
  { atMark, computed }: { readonly atMark: Amount; readonly computed: Amount },
): Amount {
  const hidden = subtract(subtract(atMark, atCost), computed);
  return isAbove(hidden, times(computed, NOTICED)) ? hidden : NO_AMOUNT;
}

function capacityOf(parts: Parts, left: Left, { cash }: Tried): Amount {
  const held = parts
    .map((part) => divide(notionalLeft(part.closable, left), part.share))
    .reduce(smaller);
  if (!isLoanAlone(parts)) return held;
  return smaller(held, divide(cash, add(ONE, parts[0].closable.trading.unitCost)));
}

const isLoanAlone = ([{ closable }, ...others]: Parts): boolean =>
  closable.kind === 'loan' && others.length === 0;

export const quantitiesOf = (parts: readonly Part[], notional: Amount): Closed =>
  new Map(
    parts.map(({ closable, share }) => [
      closable,
      contractsOf(times(notional, share), closable.unitNotional),
    ]),
  );

function costsOf(parts: Parts, closed: Closed): Pick<Way, 'unitCost' | 'impact' | 'used'> {
  const traded = parts.map(({ closable: { trading, unitValue, unitNotional }, share }) => ({
    trading,
    value: unitValue === unitNotional ? share : times(share, ratioBetween(unitValue, unitNotional)),
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
