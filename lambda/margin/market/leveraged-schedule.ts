/** What an account that has chosen a leverage owes initially. */
import {
  divideDown,
  divideUp,
  isBelow,
  larger,
  ONE,
  type Ratio,
  subtractUp,
} from '../number/decimal.ts';
import { continuousSchedule, type Rates, type Schedule } from './schedule.ts';

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
