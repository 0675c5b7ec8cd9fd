/**
 * How much of the latency shock a class charges for. A buffer must not liquidate by itself: whoever
 * meets the initial requirement stays above the liquidation line however large the forecast is. With
 * the rates i and m of the first tier, and the liquidation line at ℓ·m,
 *
 *     ℓ·m + Λ·(1 + ℓ·m) ≤ i   ⇔   Λ ≤ (i − ℓ·m)/(1 + ℓ·m)
 *
 * 1 + ℓ·m, because the requirement of a short position grows with its price.
 */
import {
  add,
  divideDown,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratio,
  roundDown,
  subtract,
  times,
  ZERO,
} from '../number/decimal.ts';
import { SHOCK_PLACES } from '../number/limits.ts';
import type { Policy } from './policy.ts';
import type { RiskClass } from './risk-class.ts';
import { type MarginRule, type RatePair, scheduleFor } from './schedule.ts';

/** Options, portfolios and collateral have no pair of rates. */
const WITHOUT_SCHEDULE = ratio('0.1');

export function shockMaxOf(
  { shockMax, margin, portfolio }: Pick<RiskClass, 'shockMax' | 'margin' | 'portfolio'>,
  { liquidationMultiplier }: Pick<Policy, 'liquidationMultiplier'>,
): Ratio {
  if (shockMax !== undefined) return shockMax;
  if (margin === undefined || portfolio !== undefined) return WITHOUT_SCHEDULE;
  const { initial, maintenance } = firstRates(margin);
  const line = times(maintenance, liquidationMultiplier);
  const most = divideDown(larger(ZERO, subtract(initial, line)), add(ONE, line));
  return roundDown(most, SHOCK_PLACES);
}

/** Of the first tier, and the smallest size. The open interest can only raise the initial rate. */
const firstRates = (margin: MarginRule): RatePair =>
  scheduleFor(margin, { size: ZERO, openInterest: NO_AMOUNT })[0];

/** Initial less maintenance rate; undefined without a margin rule. */
export function firstRateGap({ margin }: Pick<RiskClass, 'margin'>): Ratio | undefined {
  if (margin === undefined) return undefined;
  const { initial, maintenance } = firstRates(margin);
  return subtract(initial, maintenance);
}
