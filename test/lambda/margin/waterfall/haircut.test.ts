import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amount,
  isAbove,
  isPositive,
  recordedAmount,
  roundDown,
  smaller,
  sumOf,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import { type Bearer, haircut } from '../../../../lambda/margin/waterfall/haircut.ts';

const cents = (count: number) => amount((count / 100).toFixed(2));
const bearer = (accountId: string, equity: string): Bearer => ({
  accountId,
  equity: amount(equity),
});
const sharesOf = (loss: string, bearers: readonly Bearer[], places = 2) =>
  haircut(amount(loss), bearers, places).shares.map((share) => [
    share.accountId,
    textOf(share.amount),
  ]);

const bearers = fc
  .array(fc.tuple(fc.integer({ min: -50_000, max: 5_000_000_000 }), fc.nat(999)), {
    maxLength: 40,
  })
  .map((equities) =>
    equities.map(([whole, finer], index) => ({
      accountId: `a${index}`,
      equity: amount(`${(whole / 100).toFixed(2)}${String(finer).padStart(3, '0')}`),
    })),
  );

describe('a haircut of the loss', () => {
  it('is shared pro rata, and the later account bears a remaining cent', () => {
    expect(sharesOf('1', [bearer('a', '1'), bearer('b', '1'), bearer('c', '1')])).toEqual([
      ['a', '0.33'],
      ['b', '0.33'],
      ['c', '0.34'],
    ]);
    expect(sharesOf('100', [bearer('b', '300'), bearer('a', '100')])).toEqual([
      ['a', '25'],
      ['b', '75'],
    ]);
  });

  it('computes a third of three as exactly one', () => {
    expect(sharesOf('1', [bearer('a', '1'), bearer('b', '2')], 0)).toEqual([['b', '1']]);
    expect(sharesOf('3', [bearer('a', '3'), bearer('b', '6')], 0)).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('is not borne by an equity of 0, below 0 or below a cent', () => {
    const none = [bearer('a', '0'), bearer('b', '-5'), bearer('c', '0.009')];
    expect(haircut(amount('10'), none, 2)).toMatchObject({ shares: [] });
    expect(sharesOf('10', [...none, bearer('d', '20')])).toEqual([['d', '10']]);
  });

  it('takes all equity and no more', () => {
    const both = [bearer('a', '60.005'), bearer('b', '40')];
    const all = haircut(amount('100.01'), both, 2);
    expect(textOf(all.amount)).toBe('100');
    expect(textOf(all.fraction)).toBe('1');
    expect(all.shares.map((share) => textOf(share.amount))).toEqual(['60', '40']);
    expect(textOf(haircut(amount('100'), both, 2).amount)).toBe('100');
    expect(textOf(haircut(amount('99.99'), both, 2).amount)).toBe('99.99');
  });

  it('adds up to the loss, and takes no more from an account than it has', () => {
    fc.assert(
      fc.property(bearers, fc.integer({ min: 1, max: 2_000_000_000 }), (held, loss) => {
        const { amount: shared, shares } = haircut(cents(loss), held, 2);
        const equities = new Map(held.map(({ accountId, equity }) => [accountId, equity]));
        const rounded = held.map(({ equity }) => roundDown(equity, 2)).filter(isPositive);
        expect(textOf(shared)).toBe(textOf(smaller(cents(loss), sumOf(rounded))));
        expect(textOf(sumOf(shares.map((share) => share.amount)))).toBe(textOf(shared));
        for (const share of shares) {
          expect(isPositive(share.amount)).toBe(true);
          expect(isAbove(share.amount, equities.get(share.accountId) ?? cents(0))).toBe(false);
          expect(textOf(roundDown(share.amount, 2))).toBe(textOf(share.amount));
        }
      }),
    );
  });

  it('is within a cent of the exact share', () => {
    fc.assert(
      fc.property(bearers, fc.integer({ min: 1, max: 2_000_000_000 }), (held, loss) => {
        const { fraction, shares } = haircut(cents(loss), held, 2);
        const equities = new Map(held.map(({ accountId, equity }) => [accountId, equity]));
        for (const share of shares) {
          const equity = Number(textOf(roundDown(equities.get(share.accountId) ?? cents(0), 2)));
          const exact = equity * Number(textOf(fraction));
          expect(Math.abs(Number(textOf(share.amount)) - exact)).toBeLessThanOrEqual(0.011);
        }
      }),
    );
  });

  it('does not depend on the order in which the accounts are read', () => {
    const held = ['7.77', '1e6', '0.5'].map((equity, index) => bearer(`a${index}`, equity));
    expect(sharesOf('123.45', held)).toEqual(sharesOf('123.45', held.toReversed()));
    expect(recordedAmount('123.45')).toBeDefined();
  });
});
