/**
 * A surplus on a curve with options, in float64. It is known at the prices of a grid, and between two
 * of them by the range of its slope, so it lies above two lines that meet: from the left end with the
 * lowest slope, and from the right end with the highest.
 */
import type { Curve, MarginedNotional, WeighedLine } from '../curve/curve.ts';
import type { SurplusFormula } from '../curve/figure.ts';
import type { Segment } from '../curve/segment.ts';
import type { SegmentBounds } from '../curve/segment-bounds.ts';
import { tierOf } from '../market/schedule.ts';
import { coefficient } from '../number/arithmetic.ts';
import { approximately, asRatio, subtract, times } from '../number/decimal.ts';
import { countsInBalance, OptionBook, type StandardOption } from '../option/option-book.ts';
import { FLAT, rangeOver, SLOPES, type SlopeRange, steepestOf } from './slope-range.ts';
import type { Stretches } from './stretches.ts';

/** The standard options of a curve. Undefined if it has another part that is not straight-lined. */
export function optionsOf({ nonLinear }: Curve): OptionBook | undefined {
  const [part, ...others] = nonLinear?.parts ?? [];
  return part instanceof OptionBook && others.length === 0 ? part : undefined;
}

export interface Chords {
  /** Taken off the surplus at the reference, so that lines on both sides lie below the curve. */
  readonly sag: number;
  /** Numeraire lost per fall and per rise, at most, from the reference to the ends. */
  readonly down: number;
  readonly up: number;
}

/** @param bounds of the curve on the grid of the stretches */
export function bentChords(
  bounds: SegmentBounds,
  formula: SurplusFormula,
  { grid: { multiples, now }, from, to }: Stretches,
): Chords {
  const segments = multiples.slice(1).map((_, at) => bounds.segmentOf(formula, at));
  const over = (at: number) => ({
    segment: segments[at] as Segment,
    left: multiples[at] as number,
    right: multiples[at + 1] as number,
  });
  const sag = Math.max(sagOf(over(now - 1)), sagOf(over(now)));
  const start = (segments[now] as Segment).left - sag;
  let [down, up] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = from; at < to; at++) {
    for (const { price, value } of lowestIn(over(at))) {
      const loss = (start - value) / Math.abs(price - 1);
      if (price < 1) down = Math.max(down, loss);
      if (price > 1) up = Math.max(up, loss);
    }
  }
  return { sag, down, up };
}

interface Over {
  readonly segment: Segment;
  readonly left: number;
  readonly right: number;
}

/** How far the curve may lie below its chord. */
function sagOf({ segment: { left, right, low, high }, ...ends }: Over): number {
  const width = ends.right - ends.left;
  const chord = (right - left) / width;
  if (chord <= low || chord >= high) return 0;
  return (width * (high - chord) * (chord - low)) / (high - low);
}

/** The ends, and where the two lines meet. A line that lies below these lies below the curve. */
function lowestIn({ segment: { left, right, low, high }, ...ends }: Over) {
  const width = ends.right - ends.left;
  const both = [
    { price: ends.left, value: left },
    { price: ends.right, value: right },
  ];
  const along = (high * width - (right - left)) / (high - low);
  if (!(along > 0 && along < width)) return both;
  return [...both, { price: ends.left + along, value: left + low * along }];
}

/** Largest loss per multiple of a move that begins anywhere, in either direction. */
export function bentSteepest(
  curve: Curve,
  formulas: readonly SurplusFormula[],
  stretches: Stretches,
): number {
  const part = optionsOf(curve);
  if (part === undefined) throw new RangeError(`${curve.factor} has no options`);
  const slopes = part.options.map(({ scenarios }) => stretches.slopesOf(scenarios.option));
  return stretches.spans.reduce((steepest, { right }, at) => {
    const reach = right * (1 + stretches.basis);
    const marks = slopes.map((each) => each[at] as SlopeRange);
    const ranges = formulas.map((formula) => slopesOver(curve, formula, { part, marks, reach }));
    return Math.max(steepest, ...ranges.map(steepestOf));
  }, 0);
}

interface At {
  readonly part: OptionBook;
  /** By option. */
  readonly marks: readonly SlopeRange[];
  /** The highest multiple of the reference. */
  readonly reach: number;
}

function slopesOver(curve: Curve, { of, less }: SurplusFormula, at: At): SlopeRange {
  let base = straight(approximately(curve[of].slope));
  for (const [place, option] of at.part.options.entries()) {
    if (of === 'balance' && !countsInBalance(option)) continue;
    base = SLOPES.add(base, SLOPES.scale(at.marks[place] as SlopeRange, option.units));
  }
  for (const weighed of curve.weighed) base = SLOPES.add(base, weighedSlopes(weighed)[of]);
  if (less === undefined) return base;
  const required = requiredSlopes(curve, less.requirement, at);
  return SLOPES.subtract(base, SLOPES.scale(required, coefficient(less.multiple)));
}

const straight = (slope: number): SlopeRange => ({ low: slope, high: slope });

function requiredSlopes(
  curve: Curve,
  requirement: 'initial' | 'maintenance',
  { part, marks, reach }: At,
): SlopeRange {
  const ofOptions = part.required<SlopeRange>({
    arithmetic: SLOPES,
    mark: (_, place) => marks[place] as SlopeRange,
    moving: (amount) => straight(approximately(amount)),
    fixed: () => FLAT,
  });
  let sum = ofOptions[requirement];
  for (const margined of curve.margined) {
    sum = SLOPES.add(sum, marginedSlopes(margined, requirement, reach));
  }
  if (requirement === 'maintenance') return sum;
  return curve.weighed.reduce(
    (total, weighed) => SLOPES.add(total, weighedSlopes(weighed).initial),
    sum,
  );
}

/** A charge may end, and a scale may fall: any part of the requirement may be due. */
function marginedSlopes(
  { notional, schedule }: MarginedNotional,
  requirement: 'initial' | 'maintenance',
  reach: number,
): SlopeRange {
  const { [requirement]: rate } = tierOf(schedule, times(notional, asRatio(reach)));
  return rangeOver(0, approximately(notional) * approximately(rate));
}

/** Its value may change sign at any price. */
function weighedSlopes(weighed: WeighedLine) {
  const { collateralWeight, liabilityWeight } = weighed;
  const slope = approximately(weighed.line.slope);
  const either = rangeOver(0, slope);
  const both = (gained: typeof collateralWeight, owed: typeof collateralWeight): SlopeRange =>
    SLOPES.add(SLOPES.scale(either, coefficient(gained)), SLOPES.scale(either, coefficient(owed)));
  return {
    equity: straight(slope),
    balance: both(collateralWeight, liabilityWeight),
    initial: both(
      subtract(collateralWeight, weighed.initialCollateralWeight),
      subtract(liabilityWeight, weighed.initialLiabilityWeight),
    ),
  };
}

/** What a change of an option's own figures takes from a surplus, per unit of the change. */
export interface OptionLosses {
  /** Its mark falls or rises, in numeraire per unit of underlying. */
  readonly fall: number;
  readonly rise: number;
  /** Its quote is uncertain, in numeraire per unit of underlying. */
  readonly unsure: number;
  /** Its forward moves apart from the underlying, as a share. */
  readonly apart: number;
}

/** The largest of several surpluses. */
export function optionLosses(
  option: StandardOption,
  formulas: readonly SurplusFormula[],
  callMultiplier: number,
): OptionLosses {
  const alone = new OptionBook([option]);
  const required = (mark: SlopeRange, share: number) =>
    alone.required<SlopeRange>({
      arithmetic: SLOPES,
      mark: () => mark,
      moving: (amount) => straight(approximately(amount) * share),
      fixed: () => FLAT,
    });
  const [byMark, byForward] = [required(straight(1), 0), required(FLAT, 1)];
  let [fall, rise, apart] = [0, 0, 0];
  for (const { of, less } of formulas) {
    const counted = of === 'equity' || countsInBalance(option) ? option.units.near : 0;
    fall = Math.max(fall, counted);
    rise = Math.max(rise, -counted);
    if (less === undefined) continue;
    const multiple = approximately(less.multiple);
    // Netting may require nothing for it, so a requirement adds a loss and never saves one.
    rise = Math.max(rise, multiple * Math.max(0, byMark[less.requirement].high) - counted);
    const { low, high } = byForward[less.requirement];
    apart = Math.max(apart, multiple * Math.max(-low, high));
  }
  const widest = Math.max(Math.abs(option.units.near), Math.abs(approximately(option.worst)));
  const isShort = option.short.near !== 0;
  return { fall, rise, unsure: widest * (isShort ? 1 + callMultiplier : 1), apart };
}
