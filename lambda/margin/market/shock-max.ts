/**
 * A class charges for the latency shock up to a limit. A buffer must not liquidate by itself: an
 * account that meets its initial requirement stays above its liquidation line however large the
 * forecast is. With the rates i and m, and the liquidation line at ℓ·m,
 *
 *     ℓ·m + Λ·(1 + ℓ·m) ≤ i   ⇔   Λ ≤ (i − ℓ·m)/(1 + ℓ·m)
 *
 * 1 + ℓ·m, because the requirement of a short position grows with its price. Of tiers, the largest Λ
 * with which it holds at every notional N: Λ·N + ℓ·MM(N·(1 + Λ)) ≤ IM(N). A rate that grows with the
 * size counts at a size of 0, and one in tiers in each of them. A rate on the whole notional jumps at a
 * floor by itself, whatever the buffer is.
 */
import {
  type Amount,
  add,
  amount,
  divideDown,
  isBelow,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  roundDown,
  smaller,
  subtract,
  times,
  ZERO,
} from '../number/decimal.ts';
import { SHOCK_PLACES } from '../number/limits.ts';
import type { Policy } from './policy.ts';
import type { RiskClass } from './risk-class.ts';
import {
  type MarginRule,
  requirementOf,
  type Schedule,
  scheduleFor,
  type Tier,
} from './schedule.ts';

/** Options, portfolios and collateral have no pair of rates. */
export const SHOCK_MAX_WITHOUT_RATES = ratio('0.1');

export function shockMaxOf(
  { shockMax, margin, portfolio }: Pick<RiskClass, 'shockMax' | 'margin' | 'portfolio'>,
  { liquidationMultiplier }: Pick<Policy, 'liquidationMultiplier'>,
): Ratio {
  if (shockMax !== undefined) return shockMax;
  if (margin === undefined || portfolio !== undefined) return SHOCK_MAX_WITHOUT_RATES;
  const room = schedulesOf(margin)
    .map((schedule) => roomIn(schedule, liquidationMultiplier))
    .reduce(smaller);
  return roundDown(larger(ZERO, room), SHOCK_PLACES);
}

/** The open interest can only raise the initial rate. */
const smallestOf = (margin: MarginRule): Schedule =>
  scheduleFor(margin, {
    ...{ size: ZERO, contracts: ZERO, notional: NO_AMOUNT },
    openInterest: NO_AMOUNT,
  });

/** Sizes beyond any position: marginal rates come to those of the last tier. */
const ENDLESS = ratio('1e24');

/** At all sizes, as far as tiers of the rate go. Between two floors the room changes one way. */
function schedulesOf(margin: MarginRule): Schedule[] {
  const floors = steppedFloors(margin).map((floor) => ratioBetween(floor, UNIT));
  if (floors.length === 0) return [smallestOf(margin)];
  return [...floors, ENDLESS].map((size) =>
    scheduleFor(margin, {
      ...{ size, contracts: size, notional: times(UNIT, size) },
      openInterest: NO_AMOUNT,
    }),
  );
}

const UNIT = amount('1');

function steppedFloors(margin: MarginRule): Amount[] {
  if (margin.type === 'stepped') return margin.tiers.map(({ floor }) => floor);
  if (margin.type !== 'phased') return [];
  return [...steppedFloors(margin.now), ...steppedFloors(margin.before)];
}

/** Initial less maintenance rate of the first tier; undefined without a margin rule. */
export function firstRateGap({ margin }: Pick<RiskClass, 'margin'>): Ratio | undefined {
  if (margin === undefined) return undefined;
  const [{ initial, maintenance }] = smallestOf(margin);
  return subtract(initial, maintenance);
}

/**
 * IM is linear between two floors, and MM is convex. So the room is least at a floor, in the first
 * tier, or without end in the last.
 */
function roomIn(schedule: Schedule, line: Ratio): Ratio {
  const ofRates = ({ initial, maintenance }: Tier) => {
    const rate = times(maintenance, line);
    return divideDown(subtract(initial, rate), add(ONE, rate));
  };
  const [first, ...higher] = schedule;
  const most = larger(ZERO, smaller(ofRates(first), ofRates(schedule.at(-1) as Tier)));
  return higher.map(({ floor }) => roomAt(floor, { schedule, line, most })).reduce(smaller, most);
}

interface Room {
  readonly schedule: Schedule;
  readonly line: Ratio;
  /** No Λ above this is in question. */
  readonly most: Ratio;
}

/** MM(x) is the largest m·x − deduction of all tiers. */
function roomAt(floor: Amount, { schedule, line, most }: Room): Ratio {
  const held = requirementOf(schedule, floor).initial;
  const reach = add(floor, times(floor, most));
  return schedule
    .filter((tier) => !isBelow(tier.floor, floor) && !isBelow(reach, tier.floor))
    .map(({ maintenance, maintenanceDeduction }) => {
      const rate = times(maintenance, line);
      const left = add(held, subtract(times(maintenanceDeduction, line), times(floor, rate)));
      return divideDown(ratioBetween(left, floor), add(ONE, rate));
    })
    .reduce(smaller);
}
