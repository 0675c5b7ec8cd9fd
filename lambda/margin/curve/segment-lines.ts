/** The piecewise linear part of a curve over one segment of prices. */

import { requirementOf, tierOf } from '../market/schedule.ts';
import { type Arithmetic, type Coefficient, coefficient } from '../number/arithmetic.ts';
import { type Amount, approximately, asRatio, subtract, times } from '../number/decimal.ts';
import type { Curve, Line, MarginedNotional, WeighedLine } from './curve.ts';
import type { Span } from './non-linear-part.ts';
import { type Segment, straight } from './segment.ts';

export function linesOver(curve: Curve, span: Span, arithmetic: Arithmetic<Segment>) {
  let equity = lineOver(curve.equity, span);
  let balance = lineOver(curve.balance, span);
  let initial = fixedOver(curve.fixed.initial, span);
  let maintenance = fixedOver(curve.fixed.maintenance, span);
  for (const weighed of curve.weighed) {
    const line = lineOver(weighed.line, span);
    const counted = weighedOver(arithmetic, weighed, line);
    equity = arithmetic.add(equity, line);
    balance = arithmetic.add(balance, counted.balance);
    initial = arithmetic.add(initial, counted.initial);
  }
  for (const margined of curve.margined) {
    initial = arithmetic.add(initial, marginedOver(margined, span, 'initial'));
    maintenance = arithmetic.add(maintenance, marginedOver(margined, span, 'maintenance'));
  }
  return { equity, balance, initial, maintenance };
}

function lineOver({ constant, slope }: Line, { left, right, width }: Span): Segment {
  const [start, rise] = [approximately(constant), approximately(slope)];
  return straight(start + rise * left, start + rise * right, width);
}

function fixedOver(amount: Amount, { width }: Span): Segment {
  const near = approximately(amount);
  return straight(near, near, width);
}

function weighedOver(arithmetic: Arithmetic<Segment>, weighed: WeighedLine, line: Segment) {
  const above = arithmetic.max(line, arithmetic.zero);
  const below = arithmetic.min(line, arithmetic.zero);
  const both = (onGain: Coefficient, onDebt: Coefficient) =>
    arithmetic.add(arithmetic.scale(above, onGain), arithmetic.scale(below, onDebt));
  const { collateralWeight, liabilityWeight } = weighed;
  const initially = both(
    coefficient(subtract(collateralWeight, weighed.initialCollateralWeight)),
    coefficient(subtract(liabilityWeight, weighed.initialLiabilityWeight)),
  );
  return {
    balance: both(coefficient(collateralWeight), coefficient(liabilityWeight)),
    initial: initially,
  };
}

/** Convex: its slope lies between those at its ends. */
function marginedOver(
  { notional, schedule }: MarginedNotional,
  { left, right, width }: Span,
  kind: 'initial' | 'maintenance',
): Segment {
  const near = approximately(notional);
  if (schedule.length === 1) {
    const slope = near * approximately(schedule[0][kind]);
    return straight(slope * left, slope * right, width);
  }
  const at = (multiple: number) => {
    const reached = times(notional, asRatio(multiple));
    return {
      required: approximately(requirementOf(schedule, reached)[kind]),
      slope: near * approximately(tierOf(schedule, reached)[kind]),
    };
  };
  const [from, to] = [at(left), at(right)];
  return { left: from.required, right: to.required, low: from.slope, high: to.slope };
}
