import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { amount, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import {
  type AccountRows,
  assessed,
  crossOf,
  type MarketRows,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};
const TIERS = {
  type: 'tiered',
  tiers: [
    { floor: '0', initial: '0.01', maintenance: '0.005' },
    { floor: '100000', initial: '0.02', maintenance: '0.01' },
  ],
};

interface Given {
  readonly price?: string;
  readonly risk?: RawRow;
  readonly policy?: RawRow;
}

const marketAt = ({ price = '60000', risk = {}, policy = {} }: Given = {}): MarketRows => ({
  policy,
  assets: { BTC: { feed: 'BTC-USD' } },
  instruments: {
    'BTC-PERP': perpetual,
    'BTC-COIN': { ...perpetual, inverse: true, settlementAsset: 'BTC' },
  },
  risk: { BTC: { margin: TIERS, notionalAt: 'entry', volatility: '0.6', ...risk } },
  quotes: { 'BTC-USD#a': { price } },
});

const held = (quantity: string, entryPrice = '50000', more: RawRow = {}): RawRow => ({
  instrument: 'BTC-PERP',
  quantity,
  entryPrice,
  ...more,
});

const holding = (...positions: RawRow[]): AccountRows => ({
  balances: [{ asset: 'USD', amount: '100000' }],
  positions,
});

const required = (account: AccountRows, given?: Given) => {
  const found = assessed(account, snapshotOf(marketAt(given)));
  return [textOf(found.initialRequirement), textOf(found.maintenanceRequirement)];
};

describe('margin on the notional at entry', () => {
  it.each<[string, RawRow[], string[]]>([
    ['of one: 1 · 50,000', [held('1')], ['500', '250']],
    ['short as long', [held('-1')], ['500', '250']],
    /** 3 · 50,000 = 150,000: 0.02·150,000 − 1,000, and 0.01·150,000 − 500. */
    ['in the second tier', [held('3')], ['2000', '1000']],
    /** 2 · 50,000 is the floor itself, where both tiers agree. */
    ['at the floor', [held('2')], ['1000', '500']],
    /** 1 at 40,000 and 1 at 50,000: 90,000. */
    [
      'of two rows',
      [held('1', '40000', { label: 'a' }), held('1', '50000', { label: 'b' })],
      ['900', '450'],
    ],
    /** 2 long and 1 short: one contract at the average (2·40,000 + 55,000)/3 = 45,000. */
    [
      'of rows that net',
      [held('2', '40000', { label: 'a' }), held('-1', '55000', { label: 'b' })],
      ['450', '225'],
    ],
    /** 1.5 contracts at the same average price. */
    ['with open orders', [held('1', '50000', { openBuyQuantity: '0.5' })], ['750', '375']],
    /** Nothing is held: orders count at the mark, 0.5 · 60,000. */
    ['of orders alone', [held('0', '50000', { openBuyQuantity: '0.5' })], ['300', '150']],
  ])('%s', (_, positions, due) => expect(required(holding(...positions))).toEqual(due));

  it('does not move with the mark', () => {
    const account = holding(held('3'));
    expect(required(account, { price: '90000' })).toEqual(required(account, { price: '30000' }));
  });

  /** 10,000 USD at 50,000 are 0.2 BTC, at 60,000 worth 12,000: 0.5 % is 60, at 30,000 it is 30. */
  it('is fixed in coin for an inverse contract', () => {
    const account = holding({ instrument: 'BTC-COIN', quantity: '-10000', entryPrice: '50000' });
    expect(required(account)).toEqual(['120', '60']);
    expect(required(account, { price: '30000' })).toEqual(['60', '30']);
  });

  /** 0.2 coins: 0.005 + 0.01·0.2 = 0.007 of 12,000. */
  it('takes the size in coin at entry', () => {
    const ladder = { base: '0.005', slope: '0.01' };
    const margin = { type: 'sizeLadder', initial: ladder, maintenance: ladder };
    const account = holding({ instrument: 'BTC-COIN', quantity: '10000', entryPrice: '50000' });
    expect(required(account, { risk: { margin } })).toEqual(['84', '84']);
    expect(required(account, { risk: { margin }, price: '30000' })).toEqual(['42', '42']);
  });

  /** 0.5 · 50,000.01 · 0.005 = 125.000025 */
  it('rounds up each requirement where the class says so', () => {
    const risk = { requirementPlaces: '2' };
    expect(required(holding(held('0.5', '50000.01')), { risk })).toEqual(['250.01', '125.01']);
  });

  /** Λ is 10 %: 1 · 60,000 · 0.1. With margin at the mark a rise would take 30 more of a short. */
  it('has no part in the latency buffer', () => {
    const given = {
      risk: { jumpFloor: '0.1', shockMax: '0.1' },
      policy: { latencyBuffer: 'standard' },
    };
    const of = (quantity: string) =>
      textOf(assessed(holding(held(quantity)), snapshotOf(marketAt(given))).latencyBuffer);
    expect([of('1'), of('-1')]).toEqual(['6000', '6000']);
  });

  it('is that at the mark where the mark is the entry price', () => {
    const quantities = fc.integer({ min: -4000, max: 4000 }).filter((each) => each !== 0);
    fc.assert(
      fc.property(quantities, fc.nat(3000), fc.nat(3000), (thousandths, bought, sold) => {
        const orders = { openBuyQuantity: `${bought}e-3`, openSellQuantity: `${sold}e-3` };
        const account = holding(held(`${thousandths}e-3`, '60000', orders));
        expect(required(account)).toEqual(required(account, { risk: { notionalAt: 'mark' } }));
      }),
      { numRuns: 50 },
    );
  });
});

/**
 * 2 long at 50,000, now at 40,000, 20,300 of cash: B = 300, MM = 500, κ·MM = 1.3·500 = 650. Closing
 * x frees 1.3·250·x: 350 ÷ 325 = 1.0769… At the mark MM would be 400, and 0.846 enough.
 */
it('a plan frees margin by the notional at entry', () => {
  const account = { balances: [{ asset: 'USD', amount: '20300' }], positions: [held('2')] };
  const snapshot = snapshotOf(marketAt({ price: '40000' }));
  const [order] = planLiquidation(crossOf(account), snapshot).orders;
  expect(textOf(order?.quantity ?? amount('0'))).toBe('1.07692308');
  // 40,000·(1 − 300·(500/500)/80,000)
  expect(textOf(order?.bankruptcyPrice ?? amount('0'))).toBe('39850');
});

it('a bad row is one line', () => {
  const { faults } = readMarket(
    tableRowsOf({ risk: { BTC: { volatility: '1', notionalAt: 'index' } } }),
  );
  expect(faults.map(({ detail }) => detail)).toEqual([
    'market risk/BTC: notionalAt must be one of mark, entry',
  ]);
});
