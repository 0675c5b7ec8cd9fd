import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { approximately, ONE, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { liquidationMultiples } from '../../../../local/analysis/liquidation-price.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  bounded,
  crossOf,
  type MarketRows,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const perpetual = {
  ...{ type: 'perpetual', underlying: 'BTC-USD' },
  ...{ settlementAsset: 'USD', riskClass: 'BTC' },
};

const tier = (floor: string, initial: string, maintenance: string) => ({
  ...{ floor, initial, maintenance },
});

interface Given {
  readonly price?: string;
  readonly margin?: RawRow;
  readonly risk?: RawRow;
  readonly policy?: RawRow;
  readonly instrument?: RawRow;
}

const LOW = tier('0', '0.01', '0.005');

const marketAt = ({
  price = '60000',
  margin = { rates: 'whole', tiers: [LOW, tier('50000', '0.02', '0.01')] },
  ...given
}: Given = {}): MarketRows => ({
  policy: { callMultiplier: '1', liquidationTargetMultiplier: '1', ...given.policy },
  assets: { BTC: { feed: 'BTC-USD' } },
  instruments: {
    'BTC-PERP': { ...perpetual, ...given.instrument },
    'BTC-COIN': { ...perpetual, inverse: true, settlementAsset: 'BTC', contractSize: '100' },
  },
  risk: { BTC: { volatility: '0.6', margin: { type: 'tiered', ...margin }, ...given.risk } },
  quotes: { 'BTC-USD#a': { price } },
});

const held = (quantity: string, more: RawRow = {}): RawRow => ({
  ...{ instrument: 'BTC-PERP', quantity, entryPrice: '60000' },
  ...more,
});
const inverse = (quantity: string): RawRow => held(quantity, { instrument: 'BTC-COIN' });

const holding = (positions: RawRow[], usd = '100000'): AccountRows => ({
  balances: [{ asset: 'USD', amount: usd }],
  positions,
});

const required = (positions: RawRow[], given?: Given) => {
  const found = assessed(holding(positions), snapshotOf(marketAt(given)));
  return [textOf(found.initialRequirement), textOf(found.maintenanceRequirement)];
};

const TWICE = { callMultiplier: '2', liquidationTargetMultiplier: '2' };
const BY_SIZE = { by: 'size', tiers: [LOW, tier('5', '0.02', '0.01')] };
const BY_CONTRACTS = { by: 'contracts', tiers: [LOW, tier('101', '0.02', '0.01')] };

describe('tiers whose rate is that of the whole notional', () => {
  it.each<[string, RawRow[], Given, string[]]>([
    /** 0.01 and 0.005 of 48,000. */
    ['in the first tier', [held('0.8')], {}, ['480', '240']],
    /** 0.02 and 0.01 of all 60,000. */
    ['in the second', [held('1')], {}, ['1200', '600']],
    ['short as long', [held('-1')], {}, ['1200', '600']],
    /** 1 at 50,000 lies at the floor, which is in its tier; 1 at 49,999 does not. */
    ['at the floor', [held('1')], { price: '50000' }, ['1000', '500']],
    ['just below', [held('1')], { price: '49999' }, ['499.99', '249.995']],
    /** 0.8 and 0.1 more: 54,000. */
    ['with orders', [held('0.8', { openBuyQuantity: '0.1' })], {}, ['1080', '540']],
  ])('by notional, %s', (_, positions, given, expected) => {
    expect(required(positions, given)).toEqual(expected);
  });

  it.each<[string, RawRow[], RawRow, string[]]>([
    /** 5 BTC at 60,000: 0.02 and 0.01 of 300,000. */
    ['at the floor of 5 BTC', [held('5')], BY_SIZE, ['6000', '3000']],
    ['below it', [held('4')], BY_SIZE, ['2400', '1200']],
    /** 3,000 contracts of 100 are 5 BTC, and one less is not. */
    ['of inverse contracts at it', [inverse('3000')], BY_SIZE, ['6000', '3000']],
    ['of inverse contracts below it', [inverse('2999')], BY_SIZE, ['2999', '1499.5']],
    ['by contracts, at the last of a tier', [inverse('100')], BY_CONTRACTS, ['100', '50']],
    ['by contracts, at the first of the next', [inverse('-101')], BY_CONTRACTS, ['202', '101']],
  ])('by size, %s', (_, positions, margin, expected) => {
    expect(required(positions, { margin: { rates: 'whole', ...margin } })).toEqual(expected);
  });

  it('are marginal by size: 10 BTC require 10·0.01 − 5·0.005 = 0.075 BTC', () => {
    expect(required([inverse('6000')], { margin: BY_SIZE })).toEqual(['9000', '4500']);
    expect(required([held('10')], { margin: BY_SIZE })).toEqual(['9000', '4500']);
  });

  it('are those of marginal rates where there is one tier', () => {
    fc.assert(
      fc.property(fc.integer({ min: -900, max: 900 }), fc.boolean(), (size, isInverse) => {
        const row = isInverse ? inverse(String(size)) : held(String(size / 10));
        const plain = required([row], { margin: { tiers: [LOW] } });
        for (const by of ['notional', 'size', 'contracts']) {
          expect(required([row], { margin: { by, rates: 'whole', tiers: [LOW] } })).toEqual(plain);
          expect(required([row], { margin: { by, tiers: [LOW] } })).toEqual(plain);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('never require less of more, nor less than marginal rates', () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }));
    fc.assert(
      fc.property(sizes, fc.constantFrom(BY_SIZE, BY_CONTRACTS, {}), ([one, other], by) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const tiers = [LOW, tier('50', '0.02', '0.01')];
        const due = (size: number, rates: string) =>
          required([held(String(size))], { margin: { tiers, ...by, rates } }).map(Number);
        const [whole, larger, marginal] = [
          due(less, 'whole'),
          due(more, 'whole'),
          due(less, 'marginal'),
        ];
        for (const kind of [0, 1]) {
          expect(larger[kind]).toBeGreaterThanOrEqual(whole[kind] as number);
          expect(whole[kind]).toBeGreaterThanOrEqual((marginal[kind] as number) - 1e-9);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, RawRow, string, number | undefined, number | undefined]>([
    /** 8,000 − 60,000 + p = 0.01·p below 55,000, where 250 is left above it. */
    ['a fall past a floor helps a long', held('1'), '8000', 52_000 / 0.99, undefined],
    /** 7,000 − 60,000 + p = 0.05·p lies above 55,000. */
    ['not before it', held('1'), '7000', 53_000 / 0.95, undefined],
    /** At 65,000 a short of 1 has 9,000 − 5,000 for 1,300, from there on for 0.2·65,000. */
    ['a rise to a floor breaches a short', held('-1'), '9000', undefined, 65_000],
  ])('set a liquidation price: %s', (_, row, usd, below, above) => {
    const tiers = [tier('0', '0.01', '0.01'), tier('55000', '0.05', '0.05')];
    const steep = [tier('0', '0.02', '0.02'), tier('65000', '0.2', '0.2')];
    const margin = { rates: 'whole', tiers: above === undefined ? tiers : steep };
    const snapshot = snapshotOf(marketAt({ margin }));
    const account = holding([row], usd);
    const { point } = assessed(account, snapshot).surplus.liquidation;
    const [found] = liquidationMultiples(bookOf(account, snapshot), point, overMaintenance(ONE));
    const at = (multiple = ONE) => approximately(multiple) * 60_000;
    if (below !== undefined) expect(at(found?.below) / below).toBeCloseTo(1, 7);
    if (above !== undefined) expect(at(found?.above) / above).toBeCloseTo(1, 7);
  });

  it('count as often as the call line does, where only a mark of its own may be across a floor', () => {
    const margin = { rates: 'whole', tiers: [LOW, tier('61000', '0.9', '0.9')] };
    const at = (mark: string, policy: RawRow) => {
      const market = marketAt({ margin, policy: { ...policy, ...TWICE } });
      const instruments = { 'BTC-PERP': { ...perpetual, markFeed: 'MARK' } };
      const quotes = { ...market.quotes, 'MARK#a': { price: mark, confidence: '600' } };
      const snapshot = snapshotOf({ ...market, instruments, quotes });
      return assessed(holding([held('1')]), snapshot).surplus.call;
    };
    const { low, point } = at('60000', { uncertainty: 'standard' });
    const across = at('61000', {}).point;
    expect(approximately(across)).toBeLessThan(approximately(point) - 100_000);
    expect(approximately(bounded(low))).toBeLessThanOrEqual(approximately(across));
  });

  it('let a plan close only as far as the next lower tier', () => {
    /** B = 300, MM = 600. At 1 % 30,000 may stay, at 0.5 % all below 50,000: 10,000 is enough. */
    const snapshot = snapshotOf(marketAt());
    const account = holding([held('1')], '300');
    const plan = planLiquidation(crossOf(account), snapshot);
    const [order] = plan?.orders ?? [];
    const closed = order?.kind === 'position' ? Number(textOf(order.quantity)) : 0;
    expect(closed).toBeGreaterThan(1 / 6);
    expect(closed).toBeLessThan(0.175);
  });

  it('keep the latency shock within the rates of each tier', () => {
    /** (0.01 − 0.005)/1.005 and (0.03 − 0.02)/1.02, rounded down: the first is less. */
    const margin = { rates: 'whole', tiers: [LOW, tier('50000', '0.03', '0.02')] };
    const wide = {
      policy: { latencyBuffer: 'standard' },
      risk: { volatility: { type: 'ewma', floor: '0.4', stress: '2' }, jumpFloor: '0.5' },
    };
    const shockOf = (rule: RawRow) => {
      const factor = snapshotOf(marketAt({ ...wide, margin: rule })).feeds.get('BTC-USD')?.factor;
      return factor?.ok && textOf(factor.value.shock);
    };
    expect(shockOf(margin)).toBe('0.004975124378');
    const narrow = { rates: 'whole', tiers: [LOW, tier('50000', '0.03', '0.028')] };
    expect(shockOf(narrow)).toBe('0.001945525291');
  });

  it.each<[string, Given, string]>([
    ['coins', { margin: { by: 'coins', tiers: [LOW] } }, 'by'],
    ['half', { margin: { rates: 'half', tiers: [LOW] } }, 'rates'],
    [
      'a falling rate',
      { margin: { rates: 'whole', tiers: [LOW, tier('5', '0.009', '0.005')] } },
      'must not have a lower rate in tier 1 than in tier 0',
    ],
  ])('are refused: %s', (_, given, word) => {
    const { market } = readMarket(tableRowsOf(marketAt(given)));
    const found = market.riskClasses.get('BTC');
    expect(found?.ok === false && found.reason.detail).toContain(word);
  });

  it('are refused for a binary contract, whose notional is not that of its mark', () => {
    const given = { price: '0.4', instrument: { payout: '1' } };
    const account = holding([held('1', { entryPrice: '0.4' })]);
    expect(() => assessed(account, snapshotOf(marketAt(given)))).toThrow(
      'instrument BTC-PERP has a payout, but risk class BTC has tiers by notional with whole rates; a binary contract needs rates marginal',
    );
  });
});

describe('the leverage that an account has chosen', () => {
  const FLAT = { margin: { tiers: [LOW] } };
  it.each<[string, RawRow[], string[]]>([
    /** 60,000 ÷ 20, and maintenance as before. */
    ['sets the initial rate', [held('1', { leverage: '20' })], ['3000', '300']],
    ['at the rate of the class', [held('1', { leverage: '100' })], ['600', '300']],
    ['not below it', [held('1', { leverage: '125' })], ['600', '300']],
    ['above the notional', [held('1', { leverage: '0.5' })], ['120000', '300']],
    /** 60,000 and 30,000 of orders. */
    ['of orders', [held('1', { leverage: '10', openBuyQuantity: '0.5' })], ['9000', '450']],
    [
      'of two rows the least',
      [held('1', { leverage: '20', label: 'a' }), held('1', { leverage: '10', label: 'b' })],
      ['12000', '600'],
    ],
    ['of a row of two', [held('1', { leverage: '20', label: 'a' }), held('1')], ['6000', '600']],
    /** 600 contracts of 100. */
    ['of inverse contracts', [{ ...inverse('600'), leverage: '20' }], ['3000', '300']],
  ])('%s', (_, positions, expected) => {
    expect(required(positions, FLAT)).toEqual(expected);
  });

  it('counts where the tiers require less, marginal or whole', () => {
    /** 60,000 ÷ 60 is more than 0.01·50,000 + 0.02·10,000 = 700; whole 0.02·60,000. */
    const tiers = [LOW, tier('50000', '0.02', '0.01')];
    const row = held('1', { leverage: '60' });
    const [initial] = required([row], { margin: { tiers } });
    expect(Number(initial)).toBeCloseTo(1000, 9);
    expect(required([row], { margin: { tiers, rates: 'whole' } })).toEqual(['1200', '600']);
    expect(required([held('0.5', { leverage: '25' })])).toEqual(['1200', '150']);
  });

  it('is not scaled with the volatility', () => {
    /** σ is twice the reference: max(2·0.01, 1/20) and 2·0.005 of 60,000. */
    const risk = { volatility: '1.2', dynamic: { referenceVolatility: '0.6', cap: '4' } };
    expect(required([held('1', { leverage: '20' })], { ...FLAT, risk })).toEqual(['3000', '600']);
    expect(required([held('1', { leverage: '80' })], { ...FLAT, risk })).toEqual(['1200', '600']);
  });

  it('changes nothing where the class requires more, and requires less the higher it is', () => {
    const leverages = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }));
    fc.assert(
      fc.property(leverages, fc.integer({ min: -30, max: 30 }), ([one, other], size) => {
        const due = (leverage?: number) =>
          required([held(String(size / 10), leverage ? { leverage: String(leverage) } : {})]);
        const [plain, low, high] = [due(), due(Math.min(one, other)), due(Math.max(one, other))];
        expect(due(100)).toEqual(plain);
        expect(Number(low[0])).toBeGreaterThanOrEqual(Number(high[0]));
        expect([low[1], high[1]]).toEqual([plain[1], plain[1]]);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['0', 'leverage must be above 0, not 0'],
    ['-5', 'leverage must be above 0, not -5'],
    ['ten', 'leverage must be a decimal number, not "ten"'],
  ])('is refused if it is %s', (leverage, line) => {
    const account = holding([held('1', { leverage })]);
    expect(() => assessed(account, snapshotOf(marketAt(FLAT)))).toThrow(
      `accounts account/position#BTC-PERP: ${line}`,
    );
  });
});
