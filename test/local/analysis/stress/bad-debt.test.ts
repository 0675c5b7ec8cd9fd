import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Equity,
  equityAt,
  equityOf,
  shortfallOf,
} from '../../../../lambda/margin/book/equity.ts';
import {
  type Amount,
  absolute,
  add,
  amount,
  isAbove,
  isAtLeast,
  isBelow,
  isZero,
  NO_AMOUNT,
  type Ratio,
  ratio,
  subtract,
  textOf,
  times,
  ZERO,
} from '../../../../lambda/margin/number/decimal.ts';
import { BadDebt } from '../../../../local/analysis/stress/bad-debt.ts';
import { CommonMove } from '../../../../local/analysis/stress/common-move.ts';
import { bookOf, snapshotOf } from '../../../lambda/margin/build.ts';
import { anyBook } from '../../../lambda/margin/random-book.ts';
import { halfway, percent } from './moved.ts';

/** Cash, and lines with a slope, each on a risk factor with a radius scale. */
const equity = (cash: string, ...lines: readonly (readonly [string, string])[]): Equity => ({
  constant: lines.reduce((sum, [slope]) => subtract(sum, amount(slope)), amount(cash)),
  lines: lines.map(([slope, scale]) => ({
    slope: amount(slope),
    factor: { radiusScale: ratio(scale), forecastDown: ZERO, forecastUp: ZERO },
  })),
  options: [],
  crosses: [],
});

function badDebtOf(...books: readonly Equity[]): BadDebt {
  const badDebt = new BadDebt();
  for (const book of books) badDebt.add(book);
  return badDebt;
}

const textAt = (badDebt: BadDebt, move: string): string => textOf(badDebt.at(ratio(move)));
const kinksOf = (badDebt: BadDebt, [low, high] = ['-1', '10']): string[] =>
  badDebt.kinksBetween(ratio(low), ratio(high)).map(textOf);

const longBtc = equity('15000', ['60000', '1']);
const shortBtc = equity('6000', ['-60000', '1']);

describe('the bad debt of linear books', () => {
  it('starts where the equity is 0, and is linear from there', () => {
    const badDebt = badDebtOf(longBtc, shortBtc);
    expect(kinksOf(badDebt)).toEqual(['-0.25', '0.1']);
    const moves = ['-0.5', '-0.3', '-0.25', '-0.2', '0', '0.1', '0.11', '0.5'];
    expect(moves.map((move) => textAt(badDebt, move))).toEqual([
      '15000',
      '3000',
      '0',
      '0',
      '0',
      '0',
      '600',
      '24000',
    ]);
  });

  it('stops growing once a price is 0', () => {
    const badDebt = badDebtOf(equity('60', ['100', '2']));
    expect(kinksOf(badDebt)).toEqual(['-0.5', '-0.3']);
    expect(['-0.99', '-0.5', '-0.4', '-0.3'].map((move) => textAt(badDebt, move))).toEqual([
      '40',
      '40',
      '20',
      '0',
    ]);
  });

  it('ends where a faster gain makes up for it, and grows again where a hedge reaches 0 first', () => {
    // 10 − 100·(2m) + 300·m: in a fall to −50 % the hedge gains 200·|m| and the rest loses 300·|m|.
    const hedged = equity('10', ['-100', '2'], ['300', '1']);
    expect(kinksOf(badDebtOf(hedged))).toEqual(['-0.5', '-0.1']);
    expect(textAt(badDebtOf(hedged), '-0.6')).toBe('70');
    // Owes 10 now, changing by 100·m.
    const owing = badDebtOf(equity('-10', ['100', '1']));
    expect(['-0.1', '0', '0.05', '0.1', '0.2'].map((move) => textAt(owing, move))).toEqual([
      '20',
      '10',
      '5',
      '0',
      '0',
    ]);
    expect(kinksOf(owing)).toEqual(['0.1']);
  });

  it('does not change for no book, an empty book and a book without a price', () => {
    const badDebt = badDebtOf(equity('0'), equity('-7'));
    expect([textAt(badDebtOf(), '-0.5'), textAt(badDebt, '-0.5'), textAt(badDebt, '3')]).toEqual([
      '0',
      '7',
      '7',
    ]);
    expect(kinksOf(badDebt)).toEqual([]);
  });

  it('is 0 at an equity of exactly 0, and grows with the smallest move', () => {
    const badDebt = badDebtOf(equity('0', ['100', '1']));
    expect([textAt(badDebt, '0'), textAt(badDebt, '0.01'), textAt(badDebt, '-0.01')]).toEqual([
      '0',
      '0',
      '1',
    ]);
  });
});

describe('a fund under stress', () => {
  const survived = (badDebt: BadDebt, fund: string) => {
    const { fall, rise } = badDebt.survivedBy(amount(fund)) ?? {};
    return [fall && textOf(fall), rise && textOf(rise)];
  };

  it('suffices up to the exact move at which the bad debt equals it', () => {
    expect(survived(badDebtOf(longBtc, shortBtc), '3000')).toEqual(['0.3', '0.15']);
    expect(survived(badDebtOf(longBtc, shortBtc), '0')).toEqual(['0.25', '0.1']);
  });

  it('suffices without money until the first account owes, rounded down', () => {
    expect(survived(badDebtOf(equity('1', ['3', '1'])), '0')).toEqual([
      '0.333333333333',
      undefined,
    ]);
  });

  it('suffices for any move if the bad debt cannot exceed it', () => {
    expect(survived(badDebtOf(longBtc), '45000')).toEqual([undefined, undefined]);
    expect(survived(badDebtOf(longBtc), '44999')).toEqual(['0.999983333333', undefined]);
    expect(survived(badDebtOf(), '0')).toEqual([undefined, undefined]);
  });

  it('suffices for no move if it is below the present bad debt', () => {
    const owing = badDebtOf(equity('-10'));
    expect(owing.survivedBy(amount('9.99'))).toBeUndefined();
    expect(survived(owing, '10')).toEqual([undefined, undefined]);
  });
});

const TINY = amount('1e-20');

const directly = (books: readonly Equity[], move: Ratio): Amount =>
  books.map((each) => shortfallOf(equityAt(each, new CommonMove(move)))).reduce(add, NO_AMOUNT);

const books = fc
  .array(anyBook({ isFlat: true, shares: [-60, 60] }), { minLength: 1, maxLength: 6 })
  .map((all) => all.map(({ market, account }) => equityOf(bookOf(account, snapshotOf(market)))));

const close = (left: Amount, right: Amount): boolean =>
  isBelow(absolute(subtract(left, right)), TINY);

describe('the bad debt of any books', () => {
  it('is the sum of the shortfalls at every move', () => {
    fc.assert(
      fc.property(books, fc.integer({ min: -99, max: 900 }), (all, hundredths) => {
        const move = percent(hundredths);
        const value = badDebtOf(...all).at(move);
        expect(close(value, directly(all, move))).toBe(true);
      }),
    );
  });

  it('is that sum at a kink, and linear between two kinks', () => {
    fc.assert(
      fc.property(books, (all) => {
        const badDebt = badDebtOf(...all);
        const kinks = badDebt.kinksBetween(ratio('-1'), ratio('10'));
        for (const [index, kink] of kinks.entries()) {
          expect(close(badDebt.at(kink), directly(all, kink))).toBe(true);
          const next = kinks[index + 1];
          if (next === undefined) continue;
          const mean = times(add(badDebt.at(kink), badDebt.at(next)), ratio('0.5'));
          // Both sides meet at 0, which is not a kink unless something is owed there.
          if (isBelow(kink, ratio('0')) && isAbove(next, ratio('0'))) continue;
          expect(close(directly(all, halfway(kink, next)), mean)).toBe(true);
        }
      }),
    );
  });

  it('is covered by a fund just within the distance found, and not just beyond it', () => {
    const step = ratio('1e-9');
    fc.assert(
      fc.property(books, fc.integer({ min: 0, max: 100_000 }), (all, cents) => {
        const fund = amount(`${cents}e-2`);
        const badDebt = badDebtOf(...all);
        const found = badDebt.survivedBy(fund);
        expect(found === undefined).toBe(isAbove(directly(all, ratio('0')), fund));
        for (const [distance, sign] of [
          [found?.fall, '-1'],
          [found?.rise, '1'],
        ] as const) {
          if (distance === undefined) continue;
          const at = (far: Ratio) => directly(all, times(far, ratio(sign)));
          expect(isAtLeast(add(fund, TINY), at(distance))).toBe(true);
          expect(isAbove(at(add(distance, step)), fund)).toBe(true);
        }
      }),
    );
  });

  it('is exactly 0 if nobody owes, before and after the move', () => {
    fc.assert(
      fc.property(books, fc.integer({ min: -20, max: 20 }), (all, thousandths) => {
        const move = ratio(`${thousandths}e-3`);
        fc.pre([ratio('0'), move].every((each) => isZero(directly(all, each))));
        expect(textOf(badDebtOf(...all).at(move))).toBe('0');
      }),
    );
  });
});
