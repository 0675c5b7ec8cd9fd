/**
 * A surplus on a straight-lined curve, in float64: concave in the price's multiple, because
 * requirements are convex and debts weigh at least as much as collateral. So it lies above every
 * chord, and its slope nowhere exceeds that of a chord further down.
 */
import type { Curve, WeighedLine } from '../curve/curve.ts';
import type { SurplusFormula } from '../curve/figure.ts';
import type { Schedule } from '../market/schedule.ts';
import { approximately } from '../number/decimal.ts';
import { type Envelope, highestOf, lowestOf } from './envelope.ts';

/** Beyond each end of the envelope a chord of this width shows the slope there. */
const CHORD = 1e-3;

interface Band {
  /** The requirement's rate, times the formula's multiple. */
  readonly rate: number;
  readonly deduction: number;
}

interface Margined {
  readonly notional: number;
  readonly bands: readonly Band[];
}

interface Weighed {
  readonly constant: number;
  readonly slope: number;
  readonly collateral: number;
  readonly liability: number;
}

export class NearSurplus {
  private readonly isFlat: boolean;
  private readonly constant: number;
  private readonly slope: number;
  private readonly margined: readonly Margined[];
  private readonly weighed: readonly Weighed[];

  /** @throws RangeError if the curve is not straight-lined */
  constructor(curve: Curve, formula: SurplusFormula) {
    if (curve.nonLinear !== undefined)
      throw new RangeError(`${curve.factor} is not straight-lined`);
    const { less } = formula;
    const multiple = less === undefined ? 0 : approximately(less.multiple);
    const fixed = less === undefined ? 0 : approximately(curve.fixed[less.requirement]) * multiple;
    const line = curve[formula.of];
    this.constant = approximately(line.constant) - fixed;
    this.slope = approximately(line.slope);
    this.margined =
      less === undefined
        ? []
        : curve.margined.map(({ notional, schedule }) => ({
            notional: approximately(notional),
            bands: bandsOf(schedule, less.requirement, multiple),
          }));
    this.weighed = curve.weighed.map((each) => weighedOf(each, formula, multiple));
    this.isFlat =
      this.weighed.length === 0 && this.margined.every(({ bands }) => bands.length === 1);
  }

  /** Numeraire lost per fall and per rise, at most, from the reference to the ends. */
  chords({ fall, rise }: Envelope): { readonly down: number; readonly up: number } {
    const flat = this.flatSlope;
    if (flat !== undefined) return { down: flat, up: -flat };
    const now = this.at(1);
    return { down: (now - this.at(1 - fall)) / fall, up: (now - this.at(1 + rise)) / rise };
  }

  /** Largest loss per multiple of a downward and of an upward move that begins anywhere. */
  steepest(envelope: Envelope): { readonly slopeDown: number; readonly slopeUp: number } {
    const flat = this.flatSlope;
    if (flat !== undefined) return { slopeDown: flat, slopeUp: -flat };
    const [low, high] = [lowestOf(envelope), highestOf(envelope)];
    return {
      slopeDown: (this.at(low) - this.at(low * (1 - CHORD))) / (low * CHORD),
      slopeUp: (this.at(high) - this.at(high * (1 + CHORD))) / (high * CHORD),
    };
  }

  /** The same at every price; undefined if a tier or a sign may change it. */
  private get flatSlope(): number | undefined {
    if (!this.isFlat) return undefined;
    return this.margined.reduce(
      (slope, { notional, bands }) => slope - notional * (bands[0]?.rate ?? 0),
      this.slope,
    );
  }

  private at(multiple: number): number {
    let value = this.constant + this.slope * multiple;
    for (const { notional, bands } of this.margined) {
      const at = notional * multiple;
      let due = 0;
      // The requirement is the largest of its bands' lines.
      for (const { rate, deduction } of bands) due = Math.max(due, at * rate - deduction);
      value -= due;
    }
    for (const { constant, slope, collateral, liability } of this.weighed) {
      const held = constant + slope * multiple;
      value += held * (held < 0 ? liability : collateral);
    }
    return value;
  }

  /** The largest sum of terms within the envelope: rounding is a share of it. */
  magnitude(envelope: Envelope): number {
    const multiple = highestOf(envelope);
    let sum = Math.abs(this.constant) + Math.abs(this.slope) * multiple;
    for (const { notional, bands } of this.margined) {
      sum += notional * multiple * (bands.at(-1)?.rate ?? 0);
    }
    for (const { constant, slope, liability } of this.weighed) {
      sum += (Math.abs(constant) + Math.abs(slope) * multiple) * Math.max(1, liability);
    }
    return sum;
  }

  /** Bound of what a change of sign adds to the slope of the weighed lines. */
  get bend(): number {
    return this.weighed.reduce(
      (sum, { slope, collateral, liability }) => sum + Math.abs(slope) * (liability - collateral),
      0,
    );
  }
}

function bandsOf(
  schedule: Schedule,
  requirement: 'initial' | 'maintenance',
  multiple: number,
): Band[] {
  const deduction = `${requirement}Deduction` as const;
  return schedule.map((tier) => ({
    rate: approximately(tier[requirement]) * multiple,
    deduction: approximately(tier[deduction]) * multiple,
  }));
}

/** The initial requirement takes off the difference to the initial weight. */
function weighedOf(
  of: WeighedLine,
  { less, of: figure }: SurplusFormula,
  multiple: number,
): Weighed {
  const weightOf = (weight: number, initial: number) => {
    if (figure === 'equity') return 1;
    return less?.requirement === 'initial' ? weight - (weight - initial) * multiple : weight;
  };
  return {
    constant: approximately(of.line.constant),
    slope: approximately(of.line.slope),
    collateral: weightOf(
      approximately(of.collateralWeight),
      approximately(of.initialCollateralWeight),
    ),
    liability: weightOf(
      approximately(of.liabilityWeight),
      approximately(of.initialLiabilityWeight),
    ),
  };
}
