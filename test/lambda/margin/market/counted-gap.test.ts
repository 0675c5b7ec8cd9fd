import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountedQuote, countedGap } from '../../../../lambda/margin/market/counted-gap.ts';
import { price, ratio } from '../../../../lambda/margin/number/decimal.ts';
import { NOW } from '../build.ts';

const MAX_JUMP = '0.25';

interface Given {
  readonly at?: string;
  readonly seconds?: number;
  readonly range?: readonly [low: string, high: string];
  readonly second?: readonly [low: string, high: string];
}

function quoteOf({ at = '100', seconds = 60, range, second }: Given): CountedQuote {
  const rangeOf = ([low, high]: readonly [string, string]) => ({
    low: price(low),
    high: price(high),
  });
  return {
    price: price(at),
    publishedAt: NOW + seconds * 1000,
    maxJump: ratio(MAX_JUMP),
    ...(range && { range: { ...rangeOf(range), ...(second && { second: rangeOf(second) }) } }),
  };
}

const FROM = { price: price('100'), publishedAt: NOW };
const gapOf = (given: Given) => countedGap(FROM, quoteOf(given)).gap;
/** How far the gap went, as prices. */
const reached = (given: Given, unconfirmed: { low?: string; high?: string } = {}) => {
  const texts = Object.entries(unconfirmed).map(([side, at]) => [side, price(at)]);
  const found = countedGap({ ...FROM, unconfirmed: Object.fromEntries(texts) }, quoteOf(given));
  const { fall, rise } = found.gap;
  return {
    low: 100 * Math.exp(-fall),
    high: 100 * Math.exp(rise),
    unconfirmed: found.unconfirmed,
  };
};
const near = (low: number, high: number) => ({
  low: expect.closeTo(low, 9),
  high: expect.closeTo(high, 9),
});

describe('a gap of which only the ends are known', () => {
  it('falls or rises from end to end', () => {
    expect(gapOf({ at: '110' })).toEqual({
      seconds: 60,
      moved: expect.closeTo(Math.log(1.1), 14),
      fall: 0,
      rise: expect.closeTo(Math.log(1.1), 14),
      isRanged: false,
    });
    expect(gapOf({ at: '90' })).toMatchObject({
      fall: expect.closeTo(-Math.log(0.9), 14),
      rise: 0,
    });
    expect(gapOf({})).toMatchObject({ moved: 0, fall: 0, rise: 0 });
  });

  it('lasts from quote to quote, and at least a second', () => {
    expect(gapOf({ seconds: 61.5 }).seconds).toBe(61.5);
    expect(gapOf({ seconds: 0.001 }).seconds).toBe(1);
  });
});

describe('a gap with a range', () => {
  it('reaches as far as the range', () => {
    expect(gapOf({ at: '101', range: ['97', '104'] })).toEqual({
      seconds: 60,
      moved: expect.closeTo(Math.log(1.01), 14),
      fall: expect.closeTo(Math.log(100 / 97), 14),
      rise: expect.closeTo(Math.log(1.04), 14),
      isRanged: true,
    });
  });

  it('reaches at least its ends: the writer’s range may have begun after the price before', () => {
    expect(reached({ at: '110', range: ['105', '110'] })).toMatchObject(near(100, 110));
    expect(reached({ at: '90', range: ['90', '95'] })).toMatchObject(near(90, 100));
  });

  it('never reaches less than its ends do, nor further than the range or the ends', () => {
    const near100 = fc.integer({ min: 8_500, max: 12_000 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(near100, near100, near100, (at, one, other) => {
        const [low, high] = [Math.min(one, other, at), Math.max(one, other, at)];
        const found = reached({ at: String(at), range: [String(low), String(high)] });
        expect(found.low).toBeCloseTo(Math.min(low, 100, at), 9);
        expect(found.high).toBeCloseTo(Math.max(high, 100, at), 9);
      }),
    );
  });
});

/** Up to 25 % beyond the ends 100 and 110: from 80 to 137.5. */
describe('an extreme further than maxJump beyond both ends of its gap', () => {
  const at = '110';

  it('counts exactly at the limit', () => {
    expect(reached({ at, range: ['80', '137.5'] })).toEqual({
      ...near(80, 137.5),
      unconfirmed: undefined,
    });
  });

  it('does not count beyond it, and is kept for the next gap', () => {
    expect(reached({ at, range: ['79.999', '137.501'] })).toEqual({
      ...near(100, 110),
      unconfirmed: { low: price('79.999'), high: price('137.501') },
    });
  });

  it('does not take the other side with it', () => {
    expect(reached({ at, range: ['50', '120'] })).toEqual({
      ...near(100, 120),
      unconfirmed: { low: price('50') },
    });
  });

  it('counts as far as a second source has it too', () => {
    const range = ['50', '200'] as const;
    expect(reached({ at, range, second: ['60', '150'] })).toEqual({
      ...near(60, 150),
      unconfirmed: undefined,
    });
    expect(reached({ at, range, second: ['99', '111'] })).toMatchObject(near(99, 111));
    // The median of two lies between them. What both have is nearer.
    expect(reached({ at, range, second: ['40', '300'] })).toMatchObject(near(50, 200));
  });

  it('counts as far as the range of the next quote has it too', () => {
    const kept = { low: '50', high: '200' };
    expect(reached({ at, range: ['60', '150'] }, kept)).toEqual({
      ...near(60, 150),
      unconfirmed: undefined,
    });
    expect(reached({ at, range: ['40', '300'] }, kept)).toMatchObject(near(50, 200));
  });

  it('is kept for one gap only: another that nothing confirms takes its place, or none', () => {
    const { unconfirmed } = reached({ at, range: ['99', '111'] }, { low: '50', high: '200' });
    expect(unconfirmed).toBeUndefined();
    expect(reached({ at }, { low: '50', high: '200' }).unconfirmed).toBeUndefined();
    // Only the high was kept, so the low is new.
    const { unconfirmed: next } = reached({ at, range: ['60', '150'] }, { high: '200' });
    expect(next).toEqual({ low: price('60') });
  });
});
