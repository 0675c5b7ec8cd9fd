import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentRangeError } from '../../../../lambda/margin/statistics/argument-range.ts';
import { studentQuantile, studentTail } from '../../../../lambda/margin/statistics/student.ts';
import { studentQuantile as general } from '../../../../local/analysis/overshoot/student.ts';

describe('Student-t with four degrees of freedom', () => {
  it.each([
    [0.99, 2.64949],
    [0.995, 3.25559],
    [0.999, 5.07221],
  ])('has its published quantile at %s', (confidence, quantile) => {
    expect(studentQuantile(confidence)).toBeCloseTo(quantile, 5);
    expect(studentTail(quantile)).toBeCloseTo(1 - confidence, 7);
  });

  it('is 0 at one half', () => {
    expect(studentQuantile(0.5)).toBe(0);
    expect(studentTail(0)).toBe(0.5);
  });

  it('agrees with a quantile that was computed in another way, and its tail is its inverse', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5001, max: 0.99999, noNaN: true }), (confidence) => {
        const quantile = studentQuantile(confidence);
        expect(quantile / general(confidence, 4)).toBeCloseTo(1, 8);
        expect(studentTail(quantile)).toBeCloseTo(1 - confidence, 10);
      }),
    );
  });

  it.each([0, 1, Number.NaN])('refuses a confidence of %s', (confidence) => {
    expect(() => studentQuantile(confidence)).toThrow(ArgumentRangeError);
  });
});
