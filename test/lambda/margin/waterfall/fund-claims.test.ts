import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, isAbove, sumOf, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { UNSETTLED_CLAIMS_MAX } from '../../../../lambda/margin/number/limits.ts';
import {
  type Cover,
  claimed,
  coveredAtMost,
  NO_COVER,
  shortfallOf,
} from '../../../../lambda/margin/waterfall/fund-claims.ts';

const claim = (cover: Cover, shortfall: string, asOf = 0): Cover =>
  claimed(cover, { caseId: 'acc@c', shortfall: amount(shortfall), asOf });
const plain = ({ claims, covered, unsettled }: Cover) => ({
  claims,
  covered: textOf(covered),
  unsettled: unsettled.map((each) => `${each.claimId.split('#')[1]}:${textOf(each.amount)}`),
});

describe('a shortfall', () => {
  it.each([
    ['-10.001', '10.01'],
    ['-10', '10'],
    ['0', '0'],
    ['5', '0'],
  ])('is minus the equity, rounded up: %s is %s', (equity, shortfall) => {
    expect(textOf(shortfallOf(amount(equity), 2))).toBe(shortfall);
  });
});

describe('what a case claims', () => {
  const first = claim(NO_COVER, '100');

  it('is the shortfall, under a number of its own', () => {
    expect(first.unsettled[0]).toMatchObject({ claimId: 'acc@c/claim#1', claimedAt: 0 });
    expect(plain(first)).toEqual({ claims: 1, covered: '100', unsettled: ['1:100'] });
  });

  it('is nothing more while the shortfall stands, only what exceeds it when it grows', () => {
    expect(claim(first, '100')).toBe(first);
    expect(plain(claim(first, '100.01', 5))).toEqual({
      claims: 2,
      covered: '100.01',
      unsettled: ['1:100', '2:0.01'],
    });
  });

  it('is covered no further than the shortfall that is left', () => {
    const settled = { ...first, unsettled: [] };
    expect(coveredAtMost(settled, amount('100'))).toBe(settled);
    const credited = coveredAtMost(settled, amount('40'));
    expect(plain(credited)).toEqual({ claims: 1, covered: '40', unsettled: [] });
    expect(plain(claim(credited, '70'))).toEqual({ claims: 2, covered: '70', unsettled: ['2:30'] });
  });

  it('falls with a shortfall that its owner pays before it is settled: the oldest first', () => {
    const both = claim(first, '150');
    expect(plain(coveredAtMost(both, amount('90')))).toEqual({
      claims: 2,
      covered: '90',
      unsettled: ['1:40', '2:50'],
    });
    expect(plain(coveredAtMost(both, amount('20'))).unsettled).toEqual(['2:20']);
    expect(plain(coveredAtMost(both, amount('0'))).unsettled).toEqual([]);
  });

  it('waits with more when none of its claims is settled for long', () => {
    let cover = NO_COVER;
    for (let at = 1; at <= UNSETTLED_CLAIMS_MAX; at++) cover = claim(cover, String(at));
    expect(cover.claims).toBe(UNSETTLED_CLAIMS_MAX);
    expect(claim(cover, '1000')).toBe(cover);
    expect(plain(claim({ ...cover, unsettled: [] }, '1000')).unsettled).toEqual(['21:980']);
  });

  it('never covers more than the shortfall, and never has more unsettled than covered', () => {
    const shortfalls = fc.array(fc.nat(1000), { maxLength: 30 });
    fc.assert(
      fc.property(shortfalls, (history) => {
        let cover = NO_COVER;
        for (const now of history) {
          const shortfall = amount(String(now));
          cover = claim(coveredAtMost(cover, shortfall), String(now));
          const unsettled = sumOf(cover.unsettled.map((each) => each.amount));
          expect(isAbove(cover.covered, shortfall)).toBe(false);
          expect(isAbove(unsettled, cover.covered)).toBe(false);
          const ids = cover.unsettled.map(({ claimId }) => claimId);
          expect(new Set(ids).size).toBe(ids.length);
        }
      }),
    );
  });
});
