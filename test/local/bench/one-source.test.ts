import { describe, expect, it } from 'vitest';
import { oneSourceAccount } from '../../../local/bench/one-source-book.ts';
import { type Lag, lagsOf } from '../../../local/bench/one-source-lag.ts';
import { type Check, runBook } from '../../../local/bench/one-source-run.ts';

const START = Date.UTC(2025, 9, 10, 21);
const ACCOUNTS = 40;

function lags(prices: readonly number[]): Lag[] {
  const prints = prices.map((price, index) => ({ asOf: START + index * 60_000, price }));
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => ({
    accountId: `account-${index}`,
    rows: oneSourceAccount(index, { price: prices[0] as number, seed: 3 }),
  }));
  const [one, two] = [1, 2].map((sources) =>
    runBook({ prints, gapSeconds: 60, accounts, sources }),
  );
  return lagsOf({ one: one as Check[], two: two as Check[] });
}

const counts = (all: readonly Lag[]) =>
  all.map(({ oneCheckLater, priceWasBack, later }) => ({
    isLate: oneCheckLater > 0,
    isSpared: priceWasBack > 0,
    later,
  }));

describe('A book on one source', () => {
  it.each([
    ['a crash in steps below and above maxJump', [100, 95, 70, 49, 34, 33, 33]],
    ['a rise whose second step is no jump, and whose third is', [100, 123, 135, 157, 158, 158]],
    ['a fall and a rebound', [100, 70, 48, 47, 80, 95, 95]],
  ])('is at most one check behind one of two sources: %s', (_, prices) => {
    const found = counts(lags(prices));
    expect(found.map(({ later }) => later)).toEqual([0, 0]);
    expect(found.some(({ isLate }) => isLate)).toBe(true);
  });

  it('liquidates nobody on a print that is back at the next check', () => {
    const [liquidation] = counts(lags([100, 100, 60, 100, 100]));
    expect(liquidation).toEqual({ isLate: false, isSpared: true, later: 0 });
  });

  it('is told to be later if it is', () => {
    const check = (verdict: 'liquidated' | 'healthy', said: readonly string[]): Check => ({
      verdicts: [verdict],
      said: [said],
    });
    const [over, ordered] = [check('liquidated', []), check('liquidated', ['liquidation.ordered'])];
    const fine = check('healthy', []);
    const [liquidation] = lagsOf({
      one: [fine, fine, ordered, over],
      two: [ordered, over, over, over],
    });
    expect(liquidation).toMatchObject({ sameCheck: 0, oneCheckLater: 0, later: 1 });
  });
});
