/** The delta floor, (net·|Δ| + hedged·(gross − |Δ|)/2)·S: the minimum of the worst loss. */

import type { Span } from '../curve/non-linear-part.ts';
import { between, type Segment } from '../curve/segment.ts';
import type { PortfolioRules } from '../market/portfolio-rules.ts';
import { approximately } from '../number/decimal.ts';
import type { PortfolioSums } from './portfolio-sums.ts';

type Rule = NonNullable<PortfolioRules['deltaFloor']>;

/** Per unit of the price multiple, at a grid price. */
export function deltaFloorAt(
  sums: PortfolioSums,
  { node, rule }: { readonly node: number; readonly rule: Rule },
): number {
  const net = Math.abs(sums.slopeAt(node));
  return floorOf(rule, { own: net, offset: net, gross: sums.grossSlopeAt(node) });
}

/** Inside a segment the delta is not known, but its range is. */
export function deltaFloorOver(
  sums: PortfolioSums,
  { span, rule }: { readonly span: Span; readonly rule: Rule },
): Segment {
  const { index, left, right } = span;
  const { low, high } = sums.slopeRange(index);
  const [lowest, highest] = [Math.abs(low), Math.abs(high)];
  const net = {
    least: low <= 0 && high >= 0 ? 0 : Math.min(lowest, highest),
    most: Math.max(lowest, highest),
  };
  const [gross, drift] = [sums.grossSlopeAt(index), high - low];
  return between(
    {
      left: deltaFloorAt(sums, { node: index, rule }) * left,
      right: deltaFloorAt(sums, { node: index + 1, rule }) * right,
    },
    {
      lowest: floorOf(rule, { own: net.least, offset: net.most, gross: gross - drift }) * left,
      highest: floorOf(rule, { own: net.most, offset: net.least, gross: gross + drift }) * right,
    },
  );
}

/** `own` and `offset`: |Δ|·S where the floor rises with it, and where it falls. */
function floorOf(
  { net, hedged }: Rule,
  of: { readonly own: number; readonly offset: number; readonly gross: number },
): number {
  const both = Math.max(0, of.gross - of.offset) / 2;
  return approximately(net) * of.own + approximately(hedged) * both;
}
