import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  add,
  amount,
  isAbove,
  isNegative,
  isPositive,
  NO_QUANTITY,
  negate,
  price,
  quantity,
  ratio,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import { allocate } from '../../../../lambda/margin/waterfall/allocation.ts';
import { bankruptcyPrice } from '../../../../lambda/margin/waterfall/bankruptcy-price.ts';
import {
  type DeleveragedPosition,
  deleverage,
} from '../../../../lambda/margin/waterfall/deleverage.ts';
import {
  type Counterposition,
  rankedForDeleveraging,
} from '../../../../lambda/margin/waterfall/ranking.ts';
import {
  largestFirst,
  uncoveredShares,
} from '../../../../lambda/margin/waterfall/uncovered-share.ts';

const counter = (key: string, of: Partial<Record<keyof Counterposition, string>> = {}) => ({
  key,
  accountId: key,
  quantity: quantity(of.quantity ?? '10'),
  entryNotional: amount(of.entryNotional ?? '1000'),
  notional: amount(of.notional ?? '1000'),
  profit: amount(of.profit ?? '0'),
  equity: amount(of.equity ?? '500'),
});
const keysOf = (...positions: Counterposition[]) =>
  rankedForDeleveraging(positions).map(({ key }) => key);

describe('the deleveraging ranking', () => {
  it('is by profit % × leverage in profit, and by profit % ÷ leverage otherwise', () => {
    const ranked = rankedForDeleveraging([
      counter('gains', { profit: '200', equity: '250' }),
      counter('loses', { profit: '-200', equity: '250' }),
      counter('even', { profit: '0' }),
    ]);
    expect(ranked.map(({ key, score }) => [key, textOf(score)])).toEqual([
      ['gains', '0.8'],
      ['even', '0'],
      ['loses', '-0.05'],
    ]);
  });

  it('puts the more leveraged account first in profit, and last at a loss', () => {
    const [more, less] = [{ equity: '100' }, { equity: '900' }];
    expect(
      keysOf(counter('less', { profit: '9', ...less }), counter('more', { profit: '9', ...more })),
    ).toEqual(['more', 'less']);
    expect(
      keysOf(
        counter('more', { profit: '-9', ...more }),
        counter('less', { profit: '-9', ...less }),
      ),
    ).toEqual(['more', 'less']);
  });

  it('puts the larger notional first if two are alike, then sorts by key', () => {
    const large = { notional: '2000', entryNotional: '2000', profit: '20', equity: '1000' };
    const small = { notional: '1000', entryNotional: '1000', profit: '10', equity: '500' };
    expect(keysOf(counter('b', small), counter('a', small), counter('c', large))).toEqual([
      'c',
      'a',
      'b',
    ]);
  });

  it('leaves out accounts without equity and accounts that hold nothing', () => {
    expect(
      keysOf(
        counter('none', { equity: '0' }),
        counter('owes', { equity: '-1' }),
        counter('flat', { quantity: '0' }),
      ),
    ).toEqual([]);
  });
});

describe('an allocation to the ranked counterparties', () => {
  const ranking = rankedForDeleveraging([
    counter('a', { quantity: '2.5' }),
    counter('b', { quantity: '1.7' }),
  ]);
  const given = (of: string, lotSize?: string) => {
    const lot = lotSize === undefined ? undefined : quantity(lotSize);
    const { allotments, left } = allocate({ quantity: quantity(of), ranking, lotSize: lot });
    return [...allotments.map((each) => textOf(each.quantity)), `left ${textOf(left)}`];
  };

  it('takes everything from the first before anything from the next', () => {
    expect(given('2.5')).toEqual(['2.5', 'left 0']);
    expect(given('3')).toEqual(['2.5', '0.5', 'left 0']);
    expect(given('5')).toEqual(['2.5', '1.7', 'left 0.8']);
  });

  it('takes only whole lots', () => {
    expect(given('3', '1')).toEqual(['2', '1', 'left 0']);
    expect(given('3.9', '0.5')).toEqual(['2.5', '1', 'left 0.4']);
    expect(given('0.9', '1')).toEqual(['left 0.9']);
  });
});

describe('the bankruptcy price', () => {
  const at = (equity: string, of: { units: string; share?: string; isInverse?: boolean }) => {
    const { units, share = '1', isInverse = false } = of;
    const found = bankruptcyPrice(amount(equity), {
      mark: price('100'),
      units: quantity(units),
      share: ratio(share),
      isInverse,
    });
    return found && textOf(found);
  };

  it.each([
    ['50', { units: '10' }, '95'],
    ['50', { units: '-10' }, '105'],
    ['-50', { units: '10' }, '105'],
    ['-50', { units: '-10' }, '95'],
    ['-50', { units: '10', share: '0.4' }, '102'],
    ['0', { units: '10' }, '100'],
    ['1000', { units: '10' }, undefined],
    ['50', { units: '0' }, undefined],
    ['25', { units: '100', isInverse: true }, '80'],
    ['-20', { units: '100', isInverse: true }, '125'],
    ['20', { units: '-100', isInverse: true }, '125'],
    ['-100', { units: '100', isInverse: true }, undefined],
  ])('at an equity of %s for %o is %s', (equity, of, expected) => {
    expect(at(equity, of)).toBe(expected);
  });
});

describe('the uncovered share of a deficit', () => {
  it('is what the fund leaves of each deficit, largest first', () => {
    const deficits = [
      { key: 'b', amount: amount('100') },
      { key: 'c', amount: amount('300') },
      { key: 'a', amount: amount('100') },
    ].sort(largestFirst);
    const shares = uncoveredShares(deficits, amount('350'));
    expect(
      shares.map(({ key, available, share }) => [key, textOf(available), textOf(share)]),
    ).toEqual([
      ['c', '300', '0'],
      ['a', '50', '0.5'],
      ['b', '0', '1'],
    ]);
  });
});

interface Drawn {
  readonly units: number;
  readonly isLong: boolean;
  readonly mark: number;
  readonly isInverse: boolean;
  readonly maintenance: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  units: fc.integer({ min: 1, max: 100_000 }),
  isLong: fc.boolean(),
  mark: fc.integer({ min: 1, max: 100_000 }),
  isInverse: fc.boolean(),
  maintenance: fc.integer({ min: 1, max: 10_000 }),
});

const positionOf = ({ units, isLong, ...of }: Drawn, index: number): DeleveragedPosition => {
  const held = quantity(String(units / 10));
  const signed = isLong ? held : negate(held);
  return {
    market: `M${index}`,
    quantity: signed,
    units: signed,
    isInverse: of.isInverse,
    mark: price(String(of.mark)),
    maintenance: amount(String(of.maintenance)),
    counterpositions: [
      counter('x', { quantity: String(units / 30), profit: '5' }),
      counter('y', { quantity: String(units), profit: '1' }),
    ],
  };
};

/** The gain of a long from trading units at a price instead of the mark. Negative for a short. */
function gainAt(of: Drawn, units: number, at: number): number {
  const side = of.isLong ? 1 : -1;
  return of.isInverse ? side * units * (1 - of.mark / at) : side * units * (at - of.mark);
}

describe('deleveraging', () => {
  const books = fc.array(drawn, { minLength: 1, maxLength: 4 });
  const deficit = fc.integer({ min: 1, max: 1000 });
  const fund = fc.integer({ min: 0, max: 1000 });

  it('leaves a deficit equal to the fund, and flips no position', () => {
    fc.assert(
      fc.property(books, deficit, fund, (held, owed, balance) => {
        const [of] = uncoveredShares(
          [{ key: 'k', amount: amount(String(owed)) }],
          amount(String(balance)),
        );
        const positions = held.map(positionOf);
        const share = of?.share ?? ratio('0');
        const done = deleverage({ equity: negate(amount(String(owed))), share, positions });
        fc.pre(Number(textOf(share)) === 0 || done.length === held.length);
        let spared = 0;
        for (const each of done) {
          const index = Number(each.market.slice(1));
          const [was, position] = [held[index] as Drawn, positions[index] as DeleveragedPosition];
          expect(isAbove(each.allotted, absolute(position.quantity))).toBe(false);
          expect(each.side).toBe(isNegative(position.quantity) ? 'buy' : 'sell');
          for (const { of: counterparty, quantity: given } of each.allotments) {
            expect(isPositive(given)).toBe(true);
            expect(isAbove(given, counterparty.quantity)).toBe(false);
          }
          const given = each.allotments.map((allotment) => allotment.quantity);
          expect(textOf(given.reduce(add, NO_QUANTITY))).toBe(textOf(each.allotted));
          spared += gainAt(was, Number(textOf(each.allotted)), Number(textOf(each.price)));
        }
        const left = owed - spared;
        expect(left).toBeCloseTo(Math.min(owed, balance), 5);
      }),
    );
  });

  it('takes from the counterparties exactly what it gives to the bankrupt account', () => {
    fc.assert(
      fc.property(drawn, deficit, (was, owed) => {
        const position = positionOf(was, 0);
        const equity = negate(amount(String(owed)));
        const [done] = deleverage({ equity, share: ratio('1'), positions: [position] });
        fc.pre(done !== undefined);
        const at = Number(textOf(done.price));
        const gain = gainAt(was, Number(textOf(done.allotted)), at);
        const others = done.allotments.map((each) =>
          gainAt({ ...was, isLong: !was.isLong }, Number(textOf(each.quantity)), at),
        );
        const sum = others.reduce((total, each) => total + each, gain);
        expect(Math.abs(sum)).toBeLessThan(1e-6 * Math.max(1, owed));
        expect(gain).toBeCloseTo(owed, 5);
      }),
    );
  });

  it('does nothing if the fund suffices', () => {
    const positions = [
      positionOf({ units: 10, isLong: true, mark: 5, isInverse: false, maintenance: 1 }, 0),
    ];
    expect(deleverage({ equity: amount('-5'), share: ratio('0'), positions })).toEqual([]);
  });
});
