import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, isAbove, sumOf, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { UNPAID_CLAIMS_MAX } from '../../../../lambda/margin/number/limits.ts';
import {
  capClaims,
  claimShortfall,
  type FundClaims,
  NO_FUND_CLAIMS,
  shortfallOf,
} from '../../../../lambda/margin/waterfall/fund-claims.ts';

const claim = (fundClaims: FundClaims, shortfall: string, asOf = 0): FundClaims =>
  claimShortfall(fundClaims, { caseId: 'acc@c', shortfall: amount(shortfall), asOf });
const plain = ({ claims, covered, unpaid }: FundClaims) => ({
  claims,
  covered: textOf(covered),
  unpaid: unpaid.map((each) => `${each.claimId.split('#')[1]}:${textOf(each.amount)}`),
});

describe('a shortfall', () => {
  it.each([
    ['-10.009', '10'],
    ['-10', '10'],
    ['-0.01', '0.01'],
    ['-0.009', '0'],
    ['0', '0'],
    ['5', '0'],
  ])('is minus the equity in whole places: %s gives %s', (equity, shortfall) => {
    expect(textOf(shortfallOf(amount(equity), 2))).toBe(shortfall);
  });
});

describe('the claims of a case on the fund', () => {
  const first = claim(NO_FUND_CLAIMS, '100');

  it('start with the whole shortfall, under a number of its own', () => {
    expect(first.unpaid[0]).toMatchObject({ claimId: 'acc@c/claim#1', claimedAt: 0 });
    expect(plain(first)).toEqual({ claims: 1, covered: '100', unpaid: ['1:100'] });
  });

  it('do not repeat a claim, and only add the growth of the shortfall', () => {
    expect(claim(first, '100')).toBe(first);
    expect(plain(claim(first, '100.01', 5))).toEqual({
      claims: 2,
      covered: '100.01',
      unpaid: ['1:100', '2:0.01'],
    });
  });

  it('are capped at the current shortfall', () => {
    const paid = { ...first, unpaid: [] };
    expect(capClaims(paid, amount('100'))).toBe(paid);
    const credited = capClaims(paid, amount('40'));
    expect(plain(credited)).toEqual({ claims: 1, covered: '40', unpaid: [] });
    expect(plain(claim(credited, '70'))).toEqual({ claims: 2, covered: '70', unpaid: ['2:30'] });
  });

  it('fall with the shortfall if its owner pays before the fund does, the oldest first', () => {
    const both = claim(first, '150');
    expect(plain(capClaims(both, amount('90')))).toEqual({
      claims: 2,
      covered: '90',
      unpaid: ['1:40', '2:50'],
    });
    expect(plain(capClaims(both, amount('20'))).unpaid).toEqual(['2:20']);
    expect(plain(capClaims(both, amount('0'))).unpaid).toEqual([]);
  });

  it('stop after UNPAID_CLAIMS_MAX unpaid claims, until one is paid', () => {
    let fundClaims = NO_FUND_CLAIMS;
    for (let at = 1; at <= UNPAID_CLAIMS_MAX; at++) fundClaims = claim(fundClaims, String(at));
    expect(fundClaims.claims).toBe(UNPAID_CLAIMS_MAX);
    expect(claim(fundClaims, '1000')).toBe(fundClaims);
    expect(plain(claim({ ...fundClaims, unpaid: [] }, '1000')).unpaid).toEqual(['21:980']);
  });

  it('never exceed the shortfall, and are never unpaid by more than was claimed', () => {
    const shortfalls = fc.array(fc.nat(1000), { maxLength: 30 });
    fc.assert(
      fc.property(shortfalls, (history) => {
        let fundClaims = NO_FUND_CLAIMS;
        for (const now of history) {
          const shortfall = amount(String(now));
          fundClaims = claim(capClaims(fundClaims, shortfall), String(now));
          const unpaid = sumOf(fundClaims.unpaid.map((each) => each.amount));
          expect(isAbove(fundClaims.covered, shortfall)).toBe(false);
          expect(isAbove(unpaid, fundClaims.covered)).toBe(false);
          const ids = fundClaims.unpaid.map(({ claimId }) => claimId);
          expect(new Set(ids).size).toBe(ids.length);
        }
      }),
    );
  });
});
