/** Bounds of a book's requirements over the segments of a price grid. */

import { type NonLinearSegment, type Span, spansOf } from '../curve/non-linear-part.ts';
import {
  ceilingOf,
  floorOf,
  type Segment,
  segmentArithmetic,
  straight,
  ZERO_SEGMENT,
} from '../curve/segment.ts';
import { tierOf } from '../market/schedule.ts';
import { approximately, asRatio, NO_AMOUNT, times } from '../number/decimal.ts';
import type { SumsOverGrid } from '../option/rough-sums.ts';
import { deltaFloorOver } from './delta-floor.ts';
import type { PortfolioSums } from './portfolio-sums.ts';
import { minimumAt, type PortfolioInput, readingIn } from './reading.ts';
import {
  type ByKind,
  branchesOf,
  type Kind,
  lossesIn,
  type Reading,
  steepestMove,
} from './requirement.ts';

export type RequirementSegment = Pick<NonLinearSegment, 'initial' | 'maintenance' | 'slack'>;

/** @param over `slopeNow`: Δ·S at the current price, where hedging collateral was chosen */
export function requirementsOver(
  input: PortfolioInput,
  over: { readonly sums: PortfolioSums; readonly slopeNow: number },
): RequirementSegment[] {
  return spansOf(over.sums.grid).map((span) => {
    const reading = segmentReading(input, { span, sums: over.sums });
    const losses = lossesIn(reading);
    const { initial, maintenance } = branchesOf(reading, { rates: input.rates, losses });
    return {
      initial,
      maintenance,
      slack: slackOver(input, { span, ...over }),
    };
  });
}

function segmentReading(
  input: PortfolioInput,
  { span, sums }: { readonly span: Span; readonly sums: PortfolioSums },
): Reading<Segment> {
  const { index, left, right, width } = span;
  const { deltaFloor: rule } = input.portfolio.rules;
  return readingIn(input, {
    arithmetic: segmentArithmetic(width),
    amount: (of) => {
      const near = approximately(of);
      return straight(near * left, near * right, width);
    },
    constant: (of) => {
      const near = approximately(of);
      return straight(near, near, width);
    },
    options: (_, expiry) => {
      const ofExpiry = sums.expiries[expiry] as SumsOverGrid;
      // Every row asks for the value now.
      const now = ofExpiry.segment(index, 0);
      return (cell) => (cell === 0 ? now : ofExpiry.segment(index, cell));
    },
    deltaFloor: rule === undefined ? ZERO_SEGMENT : deltaFloorOver(sums, { span, rule }),
    minimum: minimumOver(input, span),
  });
}

/** Convex in the notional: its slope lies between those at its ends. */
function minimumOver(input: PortfolioInput, { left, right }: Span): ByKind<Segment> {
  const { minimum } = input.portfolio.rules;
  if (minimum === undefined) return { initial: ZERO_SEGMENT, maintenance: ZERO_SEGMENT };
  const { minimumNotional } = input.positions;
  const near = approximately(minimumNotional);
  const at = (multiple: number) => {
    const notional = times(minimumNotional, asRatio(multiple));
    return { due: minimumAt(notional, input), rates: tierOf(minimum.tiers, notional) };
  };
  const [from, to] = [at(left), at(right)];
  const of = (kind: Kind): Segment => ({
    left: approximately(from.due[kind]),
    right: approximately(to.due[kind]),
    low: near * approximately(from.rates[kind]),
    high: near * approximately(to.rates[kind]),
  });
  return { initial: of('initial'), maintenance: of('maintenance') };
}

/**
 * How much less a requirement may be than that of the chosen book: at another price the other one,
 * with or without the coin, may require less.
 */
export function reliefOf(
  chosen: RequirementSegment,
  other: RequirementSegment | undefined,
  { width }: Span,
): number {
  if (other === undefined) return 0;
  const { max } = segmentArithmetic(width);
  const reliefIn = (kind: Kind): number => {
    const most = ceilingOf(chosen[kind].reduce(max), width) - chosen.slack;
    return most - (floorOf(other[kind].reduce(max), width) - other.slack);
  };
  return Math.max(0, reliefIn('initial'), reliefIn('maintenance'));
}

/**
 * Hedging collateral is chosen at the current delta, so it is off by as much as delta drifts. A coin
 * with a price of its own does not grow with the underlying, and is off by that, too.
 */
function slackOver(
  input: PortfolioInput,
  over: { readonly span: Span; readonly sums: PortfolioSums; readonly slopeNow: number },
): number {
  const { isHedge, ownPriced } = input.positions;
  if (!isHedge) return 0;
  const { span, slopeNow } = over;
  const { low, high } = over.sums.slopeRange(span.index);
  const drift = Math.max(Math.abs(high - slopeNow), Math.abs(slopeNow - low));
  const now = input.grid.multiples[input.grid.now] ?? 1;
  const grown = Math.max(Math.abs(span.left - now), Math.abs(span.right - now));
  const apart = ownPriced === NO_AMOUNT ? 0 : Math.abs(slopeNow) * grown;
  return (drift * span.right + apart) * steepestMove(input);
}
