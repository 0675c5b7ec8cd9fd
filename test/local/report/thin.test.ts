import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thinned } from '../../../local/report/thin.ts';

const values = ({ value }: { readonly value: number }) => [value];
const path = (heights: readonly number[]) =>
  heights.map((value, index) => ({ timeMs: index * 60_000, value }));
const STRETCHES = 5;
const thin = (heights: readonly number[]) => thinned(path(heights), { spans: STRETCHES, values });

describe('a thinned path', () => {
  it('keeps its ends, its extremes and its order, and adds no point', () => {
    const heights = fc.array(fc.integer({ min: -1000, max: 1000 }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(heights, (drawn) => {
        const [whole, kept] = [path(drawn), thin(drawn)];
        expect(kept[0]).toEqual(whole[0]);
        expect(kept.at(-1)).toEqual(whole.at(-1));
        const [lowest, highest] = [Math.min(...drawn), Math.max(...drawn)];
        expect(kept.map(({ value }) => value)).toEqual(expect.arrayContaining([lowest, highest]));
        const times = kept.map(({ timeMs }) => timeMs);
        expect(times).toEqual([...new Set(times)].toSorted((left, right) => left - right));
        expect(whole).toEqual(expect.arrayContaining(kept));
        expect(kept.length).toBeLessThanOrEqual((STRETCHES + 1) * 4);
      }),
    );
  });

  it('keeps a gap, and the points on both sides', () => {
    const heights = Array.from({ length: 100 }, (_, index) => (index === 50 ? Number.NaN : index));
    const kept = thin(heights).map(({ timeMs }) => timeMs / 60_000);
    expect(kept).toEqual(expect.arrayContaining([49, 50, 51]));
  });
});
