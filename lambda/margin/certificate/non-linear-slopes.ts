/**
 * The slopes of a surplus on a curve with options, whatever time and volatility do within the envelope.
 * The core bounds a surplus by segments (../curve/segment-bounds.ts): within a window none of its bounds
 * is steeper.
 */
import type { Curve, MarginedNotional, WeighedLine } from '../curve/curve.ts';
import type { SurplusFormula } from '../curve/figure.ts';
import type { Requirement } from '../market/schedule.ts';
import { coefficient } from '../number/arithmetic.ts';
import { type Amount, approximately, type Ratio, subtract } from '../number/decimal.ts';
import { countsInBalance, OptionBook } from '../option/option-book.ts';
import type { Required } from '../option/option-rule.ts';
import type { PriceWindows } from './price-windows.ts';
import { FLAT, rangeOver, SLOPES, type SlopeRange, steepestOf, straight } from './slope-range.ts';

/** Largest loss per multiple of a shock from anywhere, in either direction. */
export interface Steepest {
  readonly usual: number;
  /** More than that, by a shock that is larger than usual. */
  readonly beyond: number;
}

/** The standard options of a curve. Undefined if it has another part that is not straight-lined. */
export function optionsOf({ nonLinear }: Curve): OptionBook | undefined {
  const [part, ...others] = nonLinear?.parts ?? [];
  return part instanceof OptionBook && others.length === 0 ? part : undefined;
}

/** @throws RangeError if the curve has no options */
export function nonLinearSteepest(
  curve: Curve,
  formulas: readonly SurplusFormula[],
  priceWindows: PriceWindows,
): Steepest {
  const part = optionsOf(curve);
  if (part === undefined) throw new RangeError(`${curve.factor} has no options`);
  const slopes = new NonLinearSlopes(curve, part, priceWindows.basis);
  const ofOptions = part.options.map(({ scenarios }) => priceWindows.slopesOf(scenarios.option));
  const each = priceWindows.windows.map(({ right }, at) => {
    const marks = ofOptions.map((windows) => windows[at] as SlopeRange);
    const ranges = slopes.over(marks, right * (1 + priceWindows.basis));
    return Math.max(0, ...formulas.map((formula) => steepestOf(ranges.of(formula))));
  });
  const usual = Math.max(...each.slice(0, priceWindows.whole));
  return { usual, beyond: Math.max(0, (each[priceWindows.whole] as number) - usual) };
}

type Either = Required<SlopeRange>;

class NonLinearSlopes {
  private readonly part: OptionBook;
  private readonly basis: number;
  private readonly balanced: readonly boolean[];
  /** Without options. */
  private readonly lines: Readonly<Record<'equity' | 'balance', SlopeRange>>;
  private readonly weighedInitial: SlopeRange;
  private readonly margined: readonly Margined[];
  private readonly known = new Map<Amount, SlopeRange>();

  constructor(curve: Curve, part: OptionBook, basis: number) {
    this.part = part;
    this.basis = basis;
    this.balanced = part.options.map(countsInBalance);
    const weighed = curve.weighed.map(weighedSlopes);
    const sum = (of: 'equity' | 'balance') =>
      weighed.map((each) => each[of]).reduce(SLOPES.add, straight(approximately(curve[of].slope)));
    this.lines = { equity: sum('equity'), balance: sum('balance') };
    this.weighedInitial = weighed.map(({ initial }) => initial).reduce(SLOPES.add, FLAT);
    this.margined = curve.margined.map(marginedOf);
  }

  /**
   * @param marks of the options, in their order
   * @param reach the highest multiple of the reference
   */
  over(marks: readonly SlopeRange[], reach: number) {
    const required = this.required(marks, reach);
    const held = { equity: this.held(marks, 'equity'), balance: this.held(marks, 'balance') };
    return {
      of: ({ of, less }: SurplusFormula): SlopeRange =>
        less === undefined
          ? held[of]
          : SLOPES.subtract(
              held[of],
              SLOPES.scale(required[less.requirement], coefficient(less.multiple)),
            ),
    };
  }

  private held(marks: readonly SlopeRange[], of: 'equity' | 'balance'): SlopeRange {
    return this.part.options.reduce(
      (sum, { units }, place) =>
        of === 'equity' || this.balanced[place]
          ? SLOPES.add(sum, SLOPES.scale(marks[place] as SlopeRange, units))
          : sum,
      this.lines[of],
    );
  }

  /** A charge may end, and a scale may fall: any part of a margin may be due. */
  private required(marks: readonly SlopeRange[], reach: number): Either {
    const ofOptions = this.part.required<SlopeRange>({
      arithmetic: SLOPES,
      mark: (_, place) => marks[place] as SlopeRange,
      moving: (amount) => this.moving(amount),
      fixed: () => FLAT,
    });
    const margins = this.margined.map((each) => rateAt(each, reach));
    const sum = (kind: keyof Requirement) => margins.reduce((total, each) => total + each[kind], 0);
    const initial = SLOPES.add(ofOptions.initial, rangeOver(0, sum('initial')));
    return {
      initial: SLOPES.add(initial, this.weighedInitial),
      maintenance: SLOPES.add(ofOptions.maintenance, rangeOver(0, sum('maintenance'))),
    };
  }

  /** A forward may be apart from its underlying. */
  private moving(amount: Amount): SlopeRange {
    const known = this.known.get(amount);
    if (known !== undefined) return known;
    const near = approximately(amount);
    const found = rangeOver(near * (1 - this.basis), near * (1 + this.basis));
    this.known.set(amount, found);
    return found;
  }
}

/** In float64: slopes by where they begin. */
type Margined = readonly (Readonly<Record<keyof Requirement, number>> & {
  /** Multiple of the reference. */
  readonly from: number;
})[];

function marginedOf({ notional, schedule }: MarginedNotional): Margined {
  const near = approximately(notional);
  return schedule.map(({ floor, initial, maintenance }) => ({
    // It may begin a little earlier, as the core's multiples are rounded.
    from: (approximately(floor) / near) * (1 - NEAR),
    initial: near * approximately(initial),
    maintenance: near * approximately(maintenance),
  }));
}

const NEAR = 1e-9;

const rateAt = (margined: Margined, reach: number) =>
  margined.findLast(({ from }) => from <= reach) ?? { initial: 0, maintenance: 0 };

/** Its value may change sign at any price. */
function weighedSlopes(weighed: WeighedLine) {
  const { collateralWeight, liabilityWeight } = weighed;
  const slope = approximately(weighed.line.slope);
  const either = rangeOver(0, slope);
  const both = (gained: Ratio, owed: Ratio): SlopeRange =>
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
