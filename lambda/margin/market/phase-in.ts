/**
 * A raised margin rule comes into force by and by, so that it does not liquidate an account the
 * moment it is written:
 *
 *     maintenance = before + (now − before)·share      initial = now, at once
 *     share = clamp((asOf − from)/hours, 0, 1)
 *
 * The marginal rates are interpolated, so the requirement of every position is, and stays convex.
 * Maintenance is never above initial.
 */
import {
  isBelow,
  larger,
  ONE,
  ratioBetween,
  ratioOfCount,
  roundUp,
  smaller,
  subtract,
  times,
  ZERO,
} from '../number/decimal.ts';
import { PHASE_PLACES } from '../number/limits.ts';
import { known, type Lookup } from '../number/reason.ts';
import type { PhaseIn, RiskClass } from './risk-class.ts';
import { flatSchedule, type MarginRule, type PhaseShares, phasedSchedule } from './schedule.ts';

/** The classes with the margin rule of this time. */
export function phasedClasses(classes: Lookup<RiskClass>, asOf: number): Lookup<RiskClass> {
  const found = [...classes.values()];
  if (!found.some((each) => each.ok && each.value.phaseIn !== undefined)) return classes;
  return new Map(
    [...classes].map(([name, each]) => {
      return [name, each.ok ? known({ ...each.value, margin: marginAt(each.value, asOf) }) : each];
    }),
  );
}

/** The rule of this time. */
export function marginAt(
  { margin, phaseIn }: Pick<RiskClass, 'margin' | 'phaseIn'>,
  asOf: number,
): MarginRule | undefined {
  if (margin === undefined || phaseIn === undefined) return margin;
  const shares = sharesAt(phaseIn, asOf);
  if (shares.left === ZERO) return margin;
  const before = maintenanceOnly(phaseIn.margin);
  if (margin.type !== 'tiered' || before.type !== 'tiered') {
    return { type: 'phased', now: margin, before, shares };
  }
  return { type: 'tiered', tiers: phasedSchedule(margin.tiers, before.tiers, shares) };
}

const HOUR_MS = ratioOfCount(3_600_000);

/** Both are rounded up, so that no requirement is rounded down. */
function sharesAt({ from, hours }: PhaseIn, asOf: number): PhaseShares {
  const passed = ratioBetween(ratioOfCount(asOf - from), times(hours, HOUR_MS));
  const share = smaller(ONE, larger(ZERO, passed));
  return {
    passed: roundUp(share, PHASE_PLACES),
    left: isBelow(share, ONE) ? roundUp(subtract(ONE, share), PHASE_PLACES) : ZERO,
  };
}

/** Open interest scales an initial rate, which a rule no longer has once it has been replaced. */
const maintenanceOnly = (rule: MarginRule): MarginRule =>
  rule.type === 'openInterest'
    ? { type: 'tiered', tiers: flatSchedule(rule.initial, rule.maintenance) }
    : rule;
