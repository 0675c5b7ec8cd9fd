/**
 * Lower bound, in float64, of a non-linear equity between two common moves: the sum of its terms,
 * each known by its ends and the range of its slope (curve/segment.ts). The variable is the
 * distance d = |m|. A delta rises with the price; a product of two monotonic terms has its slope
 * within u′·v + u·v′.
 */

import type { Equity, MovingFactor, MovingOption } from '../../../lambda/margin/book/equity.ts';
import {
  floorOf,
  ROUNDING,
  type Segment,
  scaled,
  segmentArithmetic,
} from '../../../lambda/margin/curve/segment.ts';
import { approximately } from '../../../lambda/margin/number/decimal.ts';
import type { PricedOption } from '../../../lambda/margin/option/priced-option.ts';

/** Distances; `from` is nearer to the current prices. */
export interface MoveSpan {
  readonly from: number;
  readonly to: number;
  /** 1 for rises, −1 for falls. */
  readonly sign: number;
}

export class MoveSegment {
  private readonly span: MoveSpan;
  private readonly width: number;
  private readonly values = new Map<PricedOption, Segment>();

  constructor(span: MoveSpan) {
    this.span = span;
    this.width = span.to - span.from;
  }

  lowestOf({ constant, lines, options, crosses }: Equity): number {
    const start = approximately(constant);
    const terms = [
      ...lines.map(({ slope, factor }) =>
        scaled(this.multiple(factor), { near: approximately(slope) }),
      ),
      ...options.map((held) => this.optionOver(held)),
      ...crosses.map(({ slope, factors: [first, second] }) => {
        const moved = multiplied(this.moved(first), this.moved(second));
        return scaled(moved, { near: approximately(slope) });
      }),
    ];
    const { add, zero } = segmentArithmetic(this.width);
    const magnitude = [...terms.map(sizeOf), ...options.map((held) => this.sizeOf(held))].reduce(
      (sum, each) => sum + each,
      Math.abs(start),
    );
    return start + floorOf(terms.reduce(add, zero), this.width) - ROUNDING * magnitude;
  }

  private multiple({ radiusScale }: MovingFactor): Segment {
    const { from, to, sign } = this.span;
    const slope = sign * approximately(radiusScale);
    const [left, right] = [Math.max(0, 1 + slope * from), Math.max(0, 1 + slope * to)];
    return {
      left,
      right,
      low: left === 0 ? Math.max(0, slope) : slope,
      high: right === 0 ? Math.max(0, slope) : slope,
    };
  }

  private moved(factor: MovingFactor): Segment {
    return less(this.multiple(factor), 1);
  }

  private optionOver(held: MovingOption): Segment {
    const { option, units, factor, settlement } = held;
    const each = this.valueOver(option, factor);
    const { add } = segmentArithmetic(this.width);
    const near = approximately(units);
    if (settlement === undefined) return scaled(each, { near });
    const gained = less(each, approximately(option.mark));
    return scaled(add(each, multiplied(gained, this.moved(settlement))), { near });
  }

  /** Sum of the magnitudes its value is a difference of, for the rounding allowance. */
  private sizeOf({ option, units, factor }: MovingOption): number {
    const { forward, strike } = option.input;
    return Math.abs(approximately(units)) * (forward * sizeOf(this.multiple(factor)) + strike);
  }

  private valueOver(option: PricedOption, factor: MovingFactor): Segment {
    const found = this.values.get(option);
    if (found !== undefined) return found;
    const { volatility, years } = option.input;
    const x = this.multiple(factor);
    const [left, right] = [x.left, x.right].map((multiple) =>
      option.at(multiple, { multiple: 1, volatility, years }),
    ) as [{ value: number; slope: number }, { value: number; slope: number }];
    const over = {
      left: left.value,
      right: right.value,
      ...within([left.slope, right.slope], [x.low, x.high]),
    };
    this.values.set(option, over);
    return over;
  }
}

const less = (value: Segment, by: number): Segment => ({
  ...value,
  left: value.left - by,
  right: value.right - by,
});

const sizeOf = ({ left, right }: Segment): number => Math.max(Math.abs(left), Math.abs(right));

type Range = readonly [number, number];

function within([a, b]: Range, [c, d]: Range): Pick<Segment, 'low' | 'high'> {
  const products = [a * c, a * d, b * c, b * d];
  return { low: Math.min(...products), high: Math.max(...products) };
}

function multiplied(u: Segment, v: Segment): Segment {
  const first = within([u.low, u.high], [v.left, v.right]);
  const second = within([u.left, u.right], [v.low, v.high]);
  return {
    left: u.left * v.left,
    right: u.right * v.right,
    low: first.low + second.low,
    high: first.high + second.high,
  };
}
