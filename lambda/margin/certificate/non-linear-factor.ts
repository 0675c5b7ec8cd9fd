/** What a curve with options takes off a certificate. */
import { callFormulas, overMaintenance } from '../assess/formulas.ts';
import type { Curve } from '../curve/curve.ts';
import { SegmentBounds } from '../curve/segment-bounds.ts';
import type { Policy } from '../market/policy.ts';
import { approximately } from '../number/decimal.ts';
import type { StandardOption } from '../option/option-book.ts';
import { nonLinearChords } from './non-linear-chords.ts';
import { nonLinearSteepest, optionsOf, type Steepest } from './non-linear-slopes.ts';
import { type OptionLosses, optionLosses } from './option-losses.ts';
import type { PriceWindows } from './price-windows.ts';
import { rangeOver, SLOPES, steepestOf, straight } from './slope-range.ts';

export interface NonLinearFactor {
  /** Taken off the surplus at the reference. */
  readonly sag: number;
  /** The largest sum of terms: rounding is a share of it. */
  readonly magnitude: number;
  readonly down: number;
  readonly up: number;
  readonly slope: Steepest;
  /** Largest fall of the equity per multiple of a move, to any price and in either direction. */
  readonly equity: number;
  readonly options: readonly (OptionLosses & {
    readonly instrument: string;
    /** Units of underlying; below zero if short. */
    readonly units: number;
  })[];
}

/** A certificate has one figure: the lowest, with the largest loss of any. */
export function nonLinearFactor(
  curve: Curve,
  policy: Policy,
  priceWindows: PriceWindows,
): NonLinearFactor {
  const calls = callFormulas(policy);
  const bounds = new SegmentBounds(curve, priceWindows.grid);
  const chords = calls.map((formula) => nonLinearChords(bounds, formula, priceWindows));
  const all = [...calls, overMaintenance(policy.liquidationMultiplier)];
  const callMultiplier = approximately(policy.callMultiplier);
  const { options = [] } = optionsOf(curve) ?? {};
  return {
    sag: Math.max(...chords.map(({ sag }) => sag)),
    magnitude: bounds.magnitude * Math.max(...all.map(sizeOf)),
    down: Math.max(...chords.map(({ down }) => down)),
    up: Math.max(...chords.map(({ up }) => up)),
    slope: nonLinearSteepest(curve, all, priceWindows),
    equity: steepestEquity(curve, options, priceWindows.basis),
    options: options.map((option) => ({
      ...optionLosses(option, calls, callMultiplier),
      instrument: option.instrument,
      units: option.units.near,
    })),
  };
}

const sizeOf = ({ less }: ReturnType<typeof callFormulas>[number]): number =>
  1 + (less === undefined ? 0 : approximately(less.multiple));

/** A delta is at most 1, at any price. */
function steepestEquity(curve: Curve, options: readonly StandardOption[], basis: number): number {
  const lines = [curve.equity, ...curve.weighed.map(({ line }) => line)];
  const slope = lines.reduce((sum, line) => sum + approximately(line.slope), 0);
  return steepestOf(
    options.reduce((sum, { scenarios: { option }, units }) => {
      const { type, forward, years, rate } = option.input;
      const most = forward * (1 + basis) * Math.max(1, Math.exp(-rate * years));
      return SLOPES.add(sum, SLOPES.scale(rangeOver(0, type === 'call' ? most : -most), units));
    }, straight(slope)),
  );
}
