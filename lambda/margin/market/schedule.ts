/**
 * Initial and maintenance requirement of a notional. Rates are marginal, like tax bands:
 *
 *     requirement = notional · rate_n − deduction_n
 *     deduction_n = deduction_{n−1} + floor_n · (rate_n − rate_{n−1})
 *
 * The deductions make it continuous. Rates never fall from tier to tier, so a requirement is convex
 * and a surplus concave.
 */
import {
  type Amount,
  addDown,
  addUp,
  amount,
  compare,
  isBelow,
  isZero,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratioBetweenUp,
  smaller,
  subtractDown,
  subtractUp,
  times,
  timesDown,
  timesUp,
  ZERO,
} from '../number/decimal.ts';
import { cutDown, rootScaled } from './root-scaling.ts';

export interface Rates {
  readonly floor: Amount;
  readonly initial: Ratio;
  readonly maintenance: Ratio;
}

export interface Tier extends Rates {
  readonly initialDeduction: Amount;
  readonly maintenanceDeduction: Amount;
}

/** At least one tier, with rising floors. */
export type Schedule = readonly [Tier, ...Tier[]];

/** IM and MM, in the numeraire. */
export interface Requirement {
  readonly initial: Amount;
  readonly maintenance: Amount;
}

/** A rate that grows with the size in units of underlying. */
export interface Ladder {
  readonly base: Ratio;
  /** Per unit. */
  readonly slope: Ratio;
  /** Absent: no limit. */
  readonly cap?: Ratio | undefined;
}

export interface RatePair {
  readonly initial: Ratio;
  readonly maintenance: Ratio;
}

/** Decimal places to which a computed rate is cut down before it is used. Absent: it is not. */
interface CutRates {
  readonly ratePlaces?: number | undefined;
}

/** The floors of tiers count numeraire, units of the underlying, or contracts. */
export type Measure = 'notional' | 'size' | 'contracts';

/**
 * One rate on the whole notional. whole: that of the tier in which the size lies, so the requirement
 * jumps at a floor. marginal: (rate_n·size − deduction_n)/size.
 */
interface Stepped {
  readonly type: 'stepped';
  readonly by: Measure;
  readonly rates: 'whole' | 'marginal';
  readonly tiers: Schedule;
}

/** How the requirement of a position follows from its size. */
export type MarginRule =
  /** Marginal, by notional. */
  | { readonly type: 'tiered'; readonly tiers: Schedule }
  /** min(cap, base + slope·size), on the whole notional. */
  | ({
      readonly type: 'sizeLadder';
      readonly initial: Ladder;
      readonly maintenance: Ladder;
    } & CutRates)
  /** max(r, 0.8·r + k·√size), on the whole notional. */
  | ({ readonly type: 'squareRoot'; readonly sizeScaling: Ratio } & RatePair & CutRates)
  /**
   * Initial: base + clamp((OI − lower)/(upper − lower), 0, 1)·(1 − base), OI the venue's open
   * notional. Maintenance: its base rate.
   */
  | ({
      readonly type: 'openInterest';
      readonly lower: Amount;
      readonly upper: Amount;
    } & RatePair &
      CutRates)
  | Stepped
  /** A rule that replaces another by and by. */
  | {
      readonly type: 'phased';
      readonly now: MarginRule;
      readonly before: MarginRule;
      readonly shares: PhaseShares;
    };

/** How much of a phase-in has passed and is left: from 0 to 1, 1 together but for rounding up. */
export interface PhaseShares {
  readonly passed: Ratio;
  readonly left: Ratio;
}

/** Says what is wrong with which tier. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** One tier. @throws ScheduleError unless maintenance ≤ initial. */
export function flatSchedule(initial: Ratio, maintenance: Ratio): Schedule {
  return tieredSchedule([{ floor: NO_AMOUNT, initial, maintenance }]);
}

/**
 * Marginal rates by notional.
 * @throws ScheduleError unless floors rise from 0, no rate falls, and maintenance ≤ initial.
 */
export function tieredSchedule(rates: readonly Rates[]): Schedule {
  const [first] = rates;
  if (first === undefined) throw new ScheduleError('needs at least one tier');
  if (!isZero(first.floor)) {
    throw new ScheduleError('must have floor 0 in tier 0');
  }
  for (const [index, tier] of rates.entries()) {
    refuseInverted(tier, index);
    const below = rates[index - 1];
    if (below !== undefined) refuseFalling(below, tier, index);
  }
  return continuousSchedule(rates as readonly [Rates, ...Rates[]]);
}

/** With the deductions of rates that rise from floor 0. */
export function continuousSchedule([first, ...others]: readonly [Rates, ...Rates[]]): Schedule {
  let below: Tier = { ...first, initialDeduction: NO_AMOUNT, maintenanceDeduction: NO_AMOUNT };
  const tiers: [Tier, ...Tier[]] = [below];
  for (const tier of others) {
    below = withDeductions(below, tier);
    tiers.push(below);
  }
  return tiers;
}

function refuseInverted(tier: Rates, index: number): void {
  if (isBelow(tier.initial, tier.maintenance)) {
    throw new ScheduleError(`must not have initial below maintenance in tier ${index}`);
  }
}

function refuseFalling(below: Rates, tier: Rates, index: number): void {
  if (!isBelow(below.floor, tier.floor)) {
    throw new ScheduleError(`must have a higher floor in tier ${index} than in tier ${index - 1}`);
  }
  if (isBelow(tier.initial, below.initial) || isBelow(tier.maintenance, below.maintenance)) {
    throw new ScheduleError(
      `must not have a lower rate in tier ${index} than in tier ${index - 1}`,
    );
  }
}

function withDeductions(below: Tier, tier: Rates): Tier {
  const step = (rate: Ratio, rateBelow: Ratio) =>
    timesDown(tier.floor, subtractDown(rate, rateBelow));
  return {
    ...tier,
    initialDeduction: addDown(below.initialDeduction, step(tier.initial, below.initial)),
    maintenanceDeduction: addDown(
      below.maintenanceDeduction,
      step(tier.maintenance, below.maintenance),
    ),
  };
}

export interface SizeInput {
  /** Units of underlying, ≥ 0. */
  readonly size: Ratio;
  /** Only tiers by contracts need them. */
  readonly contracts?: Ratio | undefined;
  /** Only tiers by the notional on the whole of it need it. */
  readonly notional?: Amount | undefined;
  /** Notional; only an open-interest rule needs it. */
  readonly openInterest?: Amount | undefined;
}

export const growsWithSize = (rule: MarginRule): boolean =>
  rule.type === 'phased'
    ? growsWithSize(rule.now) || growsWithSize(rule.before)
    : rule.type === 'sizeLadder' || rule.type === 'squareRoot' || rule.type === 'stepped';

/** Whether the rate changes with this measure of a position. */
export const growsWith = (rule: MarginRule, measure: Measure): boolean => {
  if (rule.type === 'phased')
    return growsWith(rule.now, measure) || growsWith(rule.before, measure);
  return rule.type === 'stepped' ? rule.by === measure : measure === 'size' && growsWithSize(rule);
};

/** Where the requirement jumps. */
export const jumpsOf = (rule: MarginRule): readonly Jump[] => {
  if (rule.type === 'phased') return [...jumpsOf(rule.now), ...jumpsOf(rule.before)];
  if (rule.type !== 'stepped' || rule.rates === 'marginal') return [];
  return rule.tiers.slice(1).map(({ floor }) => ({ by: rule.by, floor }));
};

export interface Jump {
  readonly by: Measure;
  readonly floor: Amount;
}

export const needsOpenInterest = (rule: MarginRule): boolean =>
  rule.type === 'phased' ? needsOpenInterest(rule.now) : rule.type === 'openInterest';

/** The rule at an open interest, which it then needs no more. */
export function atOpenInterest(rule: MarginRule, openInterest: Amount): MarginRule {
  if (!needsOpenInterest(rule)) return rule;
  if (rule.type === 'phased') return { ...rule, now: atOpenInterest(rule.now, openInterest) };
  return { type: 'tiered', tiers: scheduleFor(rule, { size: ZERO, openInterest }) };
}

/** The rule's schedule at a size. @throws ScheduleError if what it needs is missing. */
export function scheduleFor(rule: MarginRule, input: SizeInput): Schedule {
  const { size, openInterest } = input;
  switch (rule.type) {
    case 'tiered':
      return rule.tiers;
    case 'sizeLadder': {
      const rate = (ladder: Ladder) => cutDown(rungOf(ladder, size), rule.ratePlaces);
      return flatSchedule(rate(rule.initial), rate(rule.maintenance));
    }
    case 'squareRoot': {
      const scaled = { scaling: rule.sizeScaling, size, places: rule.ratePlaces };
      return flatSchedule(rootScaled(rule.initial, scaled), rootScaled(rule.maintenance, scaled));
    }
    case 'openInterest': {
      if (openInterest === undefined) throw new ScheduleError('openInterest is missing');
      const share = ratioBetweenUp(
        subtractUp(openInterest, rule.lower),
        subtractDown(rule.upper, rule.lower),
      );
      const clamped = smaller(ONE, larger(ZERO, share));
      const initial = addUp(rule.initial, timesUp(subtractUp(ONE, rule.initial), clamped));
      const rate = (exact: Ratio) => cutDown(exact, rule.ratePlaces);
      return flatSchedule(rate(initial), rate(rule.maintenance));
    }
    case 'stepped':
      return steppedSchedule(rule, measured(rule.by, input));
    case 'phased': {
      const now = scheduleFor(rule.now, input);
      return phasedSchedule(now, scheduleFor(rule.before, input), rule.shares);
    }
  }
}

const UNIT = amount('1');

/** As an amount, which floors are. */
function measured(by: Measure, { size, contracts, notional }: SizeInput): Amount {
  if (by === 'size') return times(UNIT, size);
  const found = by === 'notional' ? notional : contracts && times(UNIT, contracts);
  if (found === undefined) throw new ScheduleError(`needs the ${by} of the position`);
  return found;
}

function steppedSchedule({ rates, tiers }: Stepped, size: Amount): Schedule {
  const tier = tierOf(tiers, size);
  if (rates === 'whole' || tier === tiers[0]) return flatSchedule(tier.initial, tier.maintenance);
  const due = requirementOf(tiers, size);
  const maintenance = ratioBetweenUp(due.maintenance, size);
  return flatSchedule(larger(ratioBetweenUp(due.initial, size), maintenance), maintenance);
}

/** Initial rates of now; maintenance rates between those before and those of now. */
export function phasedSchedule(now: Schedule, before: Schedule, shares: PhaseShares): Schedule {
  const floors = [...now, ...before].map(({ floor }) => floor).sort(compare);
  const distinct = floors.filter((floor, index) => {
    const below = floors[index - 1];
    return below === undefined || isBelow(below, floor);
  });
  return tieredSchedule(
    distinct.map((floor) => {
      const { initial, maintenance: to } = tierOf(now, floor);
      const { maintenance: from } = tierOf(before, floor);
      const maintenance = isBelow(to, from)
        ? addUp(to, timesUp(subtractUp(from, to), shares.left))
        : addUp(from, timesUp(subtractUp(to, from), shares.passed));
      return { floor, initial, maintenance: smaller(initial, maintenance) };
    }),
  );
}

function rungOf({ base, slope, cap }: Ladder, size: Ratio): Ratio {
  const rate = addUp(base, timesUp(slope, size));
  return cap === undefined ? rate : smaller(cap, rate);
}

/** Raises initial to at least maintenance. */
export function scaledSchedule(schedule: Schedule, by: RatePair): Schedule {
  if (by.initial === ONE && by.maintenance === ONE) return schedule;
  return tieredSchedule(
    schedule.map(({ floor, initial, maintenance }) => {
      const least = timesUp(maintenance, by.maintenance);
      return { floor, initial: larger(timesUp(initial, by.initial), least), maintenance: least };
    }),
  );
}

export function tierOf(schedule: Schedule, notional: Amount): Tier {
  let found = schedule[0];
  for (let index = 1; index < schedule.length; index++) {
    const tier = schedule[index] as Tier;
    if (isBelow(notional, tier.floor)) break;
    found = tier;
  }
  return found;
}

/** IM and MM of a notional ≥ 0, rounded up at the last digit. */
export function requirementOf(schedule: Schedule, notional: Amount): Requirement {
  const tier = tierOf(schedule, notional);
  return {
    initial: subtractUp(timesUp(notional, tier.initial), tier.initialDeduction),
    maintenance: subtractUp(timesUp(notional, tier.maintenance), tier.maintenanceDeduction),
  };
}
