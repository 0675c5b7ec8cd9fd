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
  return largestFloor(rule, { net: { least: net, most: net }, gross: sums.grossSlopeAt(node) });
}

/** Inside a segment the delta is not known, but its range is. */
export function deltaFloorOver(
  sums: PortfolioSums,
  { span, rule }: { readonly span: Span; readonly rule: Rule },
): Segment {
  const { index, left, right, width } = span;
  const { low, high } = sums.slopeRange(index);
  const [lowest, highest] = [Math.abs(low), Math.abs(high)];
  const net = {
    least: low <= 0 && high >= 0 ? 0 : Math.min(lowest, highest),
    most: Math.max(lowest, highest),
  };
  const gross = sums.grossSlopeAt(index) + (high - low);
  return between(
    {
      left: deltaFloorAt(sums, { node: index, rule }) * left,
      right: deltaFloorAt(sums, { node: index + 1, rule }) * right,
    },
    { lowest: 0, highest: largestFloor(rule, { net, gross }) * right },
    width,
  );
}

/** The largest that the floor can be for a |Δ|·S from `least` to `most`. */
function largestFloor(
  { net, hedged }: Rule,
  of: { readonly net: { readonly least: number; readonly most: number }; readonly gross: number },
): number {
  const offset = Math.max(0, of.gross - of.net.least) / 2;
  return approximately(net) * of.net.most + approximately(hedged) * offset;
}
