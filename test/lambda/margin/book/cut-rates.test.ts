import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleFor } from '../../../../lambda/margin/market/schedule.ts';
import {
  amount,
  isAbove,
  isBelow,
  quantity,
  ratio,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import { weighing } from '../../../../lambda/margin/snapshot/asset-terms.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { assessed, snapshotOf, tableRowsOf } from '../build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};

const required = (margin: RawRow, of: { openInterest?: string; quantity: string }) => {
  const { initialRequirement, maintenanceRequirement } = assessed(
    {
      balances: [{ asset: 'USD', amount: '1000000' }],
      positions: [{ instrument: 'BTC-PERP', quantity: of.quantity, entryPrice: '1000' }],
    },
    snapshotOf({
      instruments: {
        'BTC-PERP': { ...perpetual, ...(of.openInterest && { openInterest: of.openInterest }) },
      },
      risk: { BTC: { margin, volatility: '0.6' } },
      quotes: { 'BTC-USD#a': { price: '1000' } },
    }),
  );
  return [textOf(initialRequirement), textOf(maintenanceRequirement)];
};

describe('rates cut to parts per million', () => {
  const openInterest = {
    type: 'openInterest',
    initial: '0.2',
    maintenance: '0.1',
    lower: '1000000',
    upper: '4000000',
  };

  /**
   * (2,000,000 − 1,000,000)/3,000,000 = 1/3 of 0.8 is 0.2666…, so the rate is 0.4666…: cut to
   * 0.466666, and 466.666 of 1,000. Maintenance is 0.1.
   */
  it('takes the initial rate of open interest without the seventh decimal', () => {
    const rule = { ...openInterest, ratePlaces: '6' };
    expect(required(rule, { openInterest: '2000', quantity: '1' })).toEqual(['466.666', '100']);
    expect(required(openInterest, { openInterest: '2000', quantity: '1' })[0]).toMatch(
      /^466\.6{20}/,
    );
  });

  it.each([
    ['at the lower cap', '1000', '200'],
    /** 3/3,000,000 of 0.8 is exactly 0.0000008, less than a millionth. */
    ['just above the lower cap', '1000.003', '200'],
    /** 3.75/3,000,000 of 0.8 is exactly 0.000001. */
    ['a millionth above', '1000.00375', '200.001'],
    ['at the upper cap', '4000', '1000'],
  ])('%s: open interest %s requires %s', (_, interest, initial) => {
    const rule = { ...openInterest, ratePlaces: '6' };
    expect(required(rule, { openInterest: interest, quantity: '1' })[0]).toBe(initial);
  });

  /** base + slope·size = 0.01 + 0.000033·1.5 = 0.0100495: 0.01 at four places, of 1,500. */
  it('takes a size ladder in basis points', () => {
    const ladder = { base: '0.01', slope: '0.000033' };
    const rule = { type: 'sizeLadder', initial: ladder, maintenance: ladder, ratePlaces: '4' };
    expect(required(rule, { quantity: '1.5' })).toEqual(['15', '15']);
  });
});

describe('a square-root rate cut to basis points', () => {
  /**
   * r = 0.0333: a fifth is 0.00666, cut to 0.0066, and leaves 0.0267. k·√2 = 0.0141421…, cut to
   * 0.0141: 0.0408 of 2,000 is 81.6. Cut as a whole, 0.02664 + 0.01414 would be 0.0407.
   */
  it('cuts each term by itself', () => {
    const rule = {
      type: 'squareRoot',
      initial: '0.0333',
      maintenance: '0.0333',
      sizeScaling: '0.01',
      ratePlaces: '4',
    };
    expect(required(rule, { quantity: '2' })).toEqual(['81.6', '81.6']);
  });

  it('is the rate itself while the size is small', () => {
    const rule = {
      type: 'squareRoot',
      initial: '0.1',
      maintenance: '0.05',
      sizeScaling: '0.001',
      ratePlaces: '4',
    };
    expect(required(rule, { quantity: '1' })).toEqual(['100', '50']);
  });
});

it('a cut never raises a rate, lowers one by at most three units, and keeps initial above maintenance', () => {
  const rates = fc.tuple(
    fc.integer({ min: 0, max: 999_999 }),
    fc.integer({ min: 0, max: 999_999 }),
  );
  fc.assert(
    fc.property(
      rates,
      fc.integer({ min: 0, max: 9_999 }),
      fc.integer({ min: 0, max: 1e9 }),
      (pair, k, units) => {
        const [maintenance, initial] = pair.toSorted((left, right) => left - right);
        const rule = {
          type: 'squareRoot',
          initial: ratio(`${initial}e-6`),
          maintenance: ratio(`${maintenance}e-6`),
          sizeScaling: ratio(`${k}e-6`),
        } as const;
        const size = ratio(`${units}e-3`);
        const [whole] = scheduleFor(rule, { size });
        const [cut] = scheduleFor({ ...rule, ratePlaces: 4 }, { size });
        const [fine] = scheduleFor({ ...rule, ratePlaces: 18 }, { size });
        expect(isBelow(cut.initial, cut.maintenance)).toBe(false);
        expect(Number(textOf(cut.initial)) - Number(textOf(whole.initial))).toBeLessThan(1e-4);
        expect(Number(textOf(whole.initial)) - Number(textOf(cut.initial))).toBeLessThan(3e-4);
        expect(Math.abs(Number(textOf(fine.initial)) - Number(textOf(whole.initial)))).toBeLessThan(
          1e-15,
        );
      },
    ),
  );
});

describe('weights cut to basis points', () => {
  const weights = {
    collateral: ratio('0.9'),
    liability: ratio('1.1'),
    initialCollateral: ratio('0.8'),
    initialLiability: ratio('1.2'),
    scaling: ratio('0.001'),
    initialScaling: ratio('0.001'),
    places: 4,
  };
  const texts = (units: string) => {
    const { maintenance, initial } = weighing(weights, quantity(units));
    return [textOf(maintenance), textOf(initial)];
  };

  /** 1.1/(1 + 0.001·√90,000) = 1.1/1.3 = 0.84615…: 0.8461. Initially 0.8 is less. */
  it('cuts a deposit’s weight as a whole', () => expect(texts('90000')).toEqual(['0.8461', '0.8']));

  /** 1.1 − 0.22 + 0.001·√90,001 = 0.88 + 0.3000016…: 1.18, and 1.2 − 0.24 + 0.3 = 1.26. */
  it('cuts each term of a debt’s weight', () => expect(texts('-90001')).toEqual(['1.18', '1.26']));
});

describe('a weight that falls with the deposits of all', () => {
  const assessedAt = (asset: RawRow, amountHeld = '100') =>
    assessed(
      { balances: [{ asset: 'SOL', amount: amountHeld }] },
      snapshotOf({
        assets: {
          SOL: {
            feed: 'SOL-USD',
            collateralWeight: '0.9',
            initialCollateralWeight: '0.8',
            ...asset,
          },
        },
        quotes: { 'SOL-USD#a': { price: '100' } },
      }),
    );
  const initialOf = (asset: RawRow) => textOf(assessedAt(asset).initialRequirement);

  /**
   * 100 SOL are worth 10,000. All deposits are worth 3,000 · 100 = 300,000, and the start is
   * 200,000: 0.8 · 2/3 = 0.5333… initially, so 0.9 − 0.5333 is required of 10,000 with places 4.
   */
  it('is w·start ÷ deposits above the start', () => {
    const asset = { totalDeposits: '3000', weightScaleStart: '200000', weightPlaces: '4' };
    expect(initialOf(asset)).toBe('3667');
  });

  it.each([
    ['below the start', '1999.99', '1000'],
    ['at the start', '2000', '1000'],
    ['twice the start', '4000', '5000'],
  ])('%s: %s units require %s', (_, totalDeposits, required) => {
    expect(initialOf({ totalDeposits, weightScaleStart: '200000' })).toBe(required);
  });

  it('leaves maintenance and the margin balance alone', () => {
    const { marginBalance, maintenanceRequirement } = assessedAt({
      totalDeposits: '4000',
      weightScaleStart: '200000',
    });
    expect([textOf(marginBalance.point), textOf(maintenanceRequirement)]).toEqual(['9000', '0']);
  });

  it('never requires less for more deposits', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), (left, right) => {
        const [less, more] = [Math.min(left, right), Math.max(left, right)].map((totalDeposits) =>
          amount(initialOf({ totalDeposits: String(totalDeposits), weightScaleStart: '1000000' })),
        );
        if (less === undefined || more === undefined) throw new Error('there are two');
        expect(isAbove(less, more)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a row with a bad cut or scale', () => {
  const faultsOf = (rows: Parameters<typeof tableRowsOf>[0]) =>
    readMarket(tableRowsOf(rows)).faults.map(({ detail }) => detail);
  const asset = (row: RawRow) => faultsOf({ assets: { SOL: { feed: 'SOL-USD', ...row } } });
  const risk = (margin: RawRow) => faultsOf({ risk: { BTC: { volatility: '1', margin } } });
  const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };

  it.each([
    [asset({ weightScaleStart: '1' }), 'market asset/SOL: weightScaleStart needs totalDeposits'],
    [
      asset({ weightScaleStart: '0', totalDeposits: '1' }),
      'market asset/SOL: weightScaleStart must be above 0, not 0',
    ],
    [
      asset({ totalDeposits: '-1' }),
      'market asset/SOL: totalDeposits must not be negative, not -1',
    ],
    [
      asset({ weightPlaces: '19' }),
      'market asset/SOL: weightPlaces must be a whole number from 0 to 18, not 19',
    ],
    [
      risk({ ...flat, type: 'squareRoot', sizeScaling: '0', ratePlaces: '0.5' }),
      'market risk/BTC: margin.ratePlaces must be a whole number from 0 to 18, not 0.5',
    ],
    [risk({ ...flat, ratePlaces: '6' }), 'market risk/BTC: unknown attribute margin.ratePlaces'],
  ])('is one line: %s', (faults, detail) => expect(faults).toEqual([detail]));
});
