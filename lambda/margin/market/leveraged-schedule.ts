/** An account that has chosen a leverage owes more initially. */
import {
  divideDown,
  divideUp,
  isBelow,
  larger,
  ONE,
  type Ratio,
  subtractUp,
} from '../number/decimal.ts';
import {
  continuousSchedule,
  type MarginRule,
  type RatePair,
  type Rates,
  type Schedule,
  type SizeInput,
  scaledSchedule,
  scheduleFor,
} from './schedule.ts';

interface Charged {
  readonly rule: MarginRule;
  /** The class multiplies its rates by it. */
  readonly scale: RatePair;
  readonly leverage?: Ratio | undefined;
}

/** @throws ScheduleError if the rule needs what `input` has not */
export const scheduleAtSize = ({ rule, scale, leverage }: Charged, input: SizeInput): Schedule =>
  leveragedSchedule(scaledSchedule(scheduleFor(rule, input), scale), leverage);

/**
 * Initially max(requirement, notional ÷ leverage): a maximum of two convex requirements is convex. The
 * maintenance rate of a tier may then be above its initial rate, though no requirement is.
 */
export function leveragedSchedule(schedule: Schedule, leverage: Ratio | undefined): Schedule {
  if (leverage === undefined) return schedule;
  const rate = divideUp(ONE, leverage);
  if (!isBelow(schedule[0].initial, rate)) return schedule;
  const rates: [Rates, ...Rates[]] = [{ ...schedule[0], initial: rate }];
  let isReached = false;
  for (const [index, tier] of schedule.entries()) {
    if (index > 0) rates.push(isReached ? tier : { ...tier, initial: rate });
    if (isReached || !isBelow(rate, tier.initial)) continue;
    const end = schedule[index + 1]?.floor;
    const equal = divideDown(tier.initialDeduction, subtractUp(tier.initial, rate));
    isReached = end === undefined || isBelow(equal, end);
    if (isReached) rates.push({ ...tier, floor: larger(tier.floor, equal) });
  }
  return continuousSchedule(rates);
}
