import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  between,
  ceilingOf,
  floorOf,
  type Segment,
  segmentArithmetic,
  straight,
} from '../../../../lambda/margin/curve/segment.ts';
import { coefficient } from '../../../../lambda/margin/number/arithmetic.ts';
import { ratio } from '../../../../lambda/margin/number/decimal.ts';

const WIDTH = 0.08;

/** A parabola a + b·x + c·x² from 0 to the width, bounded by its slopes at both ends. */
interface Parabola {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const at = ({ a, b, c }: Parabola, x: number): number => a + b * x + c * x * x;

const segmentOf = (of: Parabola): Segment => {
  const [start, end] = [of.b, of.b + 2 * of.c * WIDTH];
  return {
    left: at(of, 0),
    right: at(of, WIDTH),
    low: Math.min(start, end),
    high: Math.max(start, end),
  };
};

const parabola = fc.record({
  a: fc.double({ min: -50, max: 50, noNaN: true }),
  b: fc.double({ min: -300, max: 300, noNaN: true }),
  c: fc.double({ min: -3000, max: 3000, noNaN: true }),
});

const STEPS = Array.from({ length: 101 }, (_, step) => (step / 100) * WIDTH);
const ROUNDING = 1e-9;

function expectWithin(segment: Segment, values: readonly number[]): void {
  expect(Math.min(...values)).toBeGreaterThanOrEqual(floorOf(segment, WIDTH) - ROUNDING);
  expect(Math.max(...values)).toBeLessThanOrEqual(ceilingOf(segment, WIDTH) + ROUNDING);
}

describe('a segment', () => {
  it('that only rises or only falls is bounded by its ends', () => {
    const rising = straight(1, 3, WIDTH);
    expect([floorOf(rising, WIDTH), ceilingOf(rising, WIDTH)]).toEqual([1, 3]);
    const falling = straight(3, 1, WIDTH);
    expect([floorOf(falling, WIDTH), ceilingOf(falling, WIDTH)]).toEqual([1, 3]);
  });

  /** From 0 down at −1 and up at +1 to 0, both lines cross in the middle, at ∓ half the width. */
  it('is bounded by the lines that its steepest slopes draw from its ends', () => {
    const any = { left: 0, right: 0, low: -1, high: 1 };
    expect(floorOf(any, 2)).toBe(-1);
    expect(ceilingOf(any, 2)).toBe(1);
  });

  it('built from bounds on its values has these bounds', () => {
    const known = between({ left: 1, right: 2 }, { lowest: 0, highest: 2.5 });
    expect(floorOf(known, WIDTH)).toBeLessThanOrEqual(0 + ROUNDING);
    expect(ceilingOf(known, WIDTH)).toBeGreaterThanOrEqual(2.5 - ROUNDING);
  });

  /** Down from 1 to 0 anywhere inside, and up by 2 along the way. */
  it('that jumps does not take its slope from a steeper summand', () => {
    const { add } = segmentArithmetic(1);
    const jumping = between({ left: 1, right: 0 }, { lowest: 0, highest: 1 });
    const sum = add(jumping, straight(0, 2, 1));
    expect([floorOf(sum, 1), ceilingOf(sum, 1)]).toEqual([0, 3]);
  });

  it('bounds the function that it stands for', () => {
    fc.assert(
      fc.property(parabola, (of) => {
        const values = STEPS.map((x) => at(of, x));
        expectWithin(segmentOf(of), values);
      }),
    );
  });

  it('narrows with the square of the width', () => {
    const bowl = { a: 0, b: -100, c: 100 / WIDTH };
    const slack = at(bowl, WIDTH / 2) - floorOf(segmentOf(bowl), WIDTH);
    expect(slack).toBeLessThanOrEqual((2 * bowl.c * WIDTH ** 2) / 4 + ROUNDING);
  });
});

/** A parabola, and where it has a step a jump there to another height. */
interface Stepped extends Parabola {
  readonly step?: { readonly at: number; readonly from: number; readonly to: number } | undefined;
}

const heightOf = (of: Stepped, x: number): number => {
  const { step } = of;
  return at(of, x) + (step === undefined ? 0 : x < step.at ? step.from : step.to);
};

function steppedSegment(of: Stepped): Segment {
  const { step } = of;
  if (step === undefined) return segmentOf(of);
  const bounds = { lowest: Math.min(step.from, step.to), highest: Math.max(step.from, step.to) };
  const jumping = between({ left: step.from, right: step.to }, bounds);
  return segmentArithmetic(WIDTH).add(segmentOf(of), jumping);
}

const height = fc.double({ min: -20, max: 20, noNaN: true });
const stepped = fc
  .tuple(
    parabola,
    fc.option(
      fc.record({
        at: fc.double({ min: 0.001, max: WIDTH, noNaN: true }),
        from: height,
        to: height,
      }),
      { nil: undefined },
    ),
  )
  .map(([of, step]): Stepped => ({ ...of, step }));

describe('arithmetic on segments', () => {
  const { add, subtract, scale, max, min } = segmentArithmetic(WIDTH);
  const half = coefficient(ratio('-0.5'));
  const operations = {
    sum: [add, (x: number, y: number) => x + y],
    difference: [subtract, (x: number, y: number) => x - y],
    larger: [max, Math.max],
    smaller: [min, Math.min],
    scaled: [
      (x: Segment, y: Segment) => add(scale(x, half), y),
      (x: number, y: number) => -x / 2 + y,
    ],
  } as const;

  for (const [name, [ofSegments, ofNumbers]] of Object.entries(operations)) {
    it(`bounds the ${name} of any two segments`, () => {
      fc.assert(
        fc.property(stepped, stepped, stepped, (first, second, third) => {
          const [one, other, rest] = [first, second, third].map(steppedSegment) as [
            Segment,
            Segment,
            Segment,
          ];
          const combined = add(ofSegments(one, other), rest);
          const values = STEPS.map(
            (x) => ofNumbers(heightOf(first, x), heightOf(second, x)) + heightOf(third, x),
          );
          expectWithin(combined, values);
        }),
      );
    });
  }
});
