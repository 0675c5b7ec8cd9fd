import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import {
  type AccountRows,
  assessed,
  crossOf,
  type MarketRows,
  reasonsOf,
  snapshotOf,
} from '../build.ts';

const marketOf = (asset: RawRow = {}, price = '100'): MarketRows => ({
  assets: {
    SOL: {
      feed: 'SOL-USD',
      collateralWeight: '0.9',
      initialCollateralWeight: '0.8',
      liabilityWeight: '1.1',
      initialLiabilityWeight: '1.2',
      ...asset,
    },
  },
  instruments: {
    'SOL-COIN': {
      ...{ type: 'perpetual', underlying: 'SOL-USD', settlementAsset: 'SOL', riskClass: 'SOL' },
      inverse: true,
    },
  },
  risk: {
    SOL: {
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      volatility: '0.9',
      openOrderCharge: '0.01',
    },
  },
  quotes: { 'SOL-USD#a': { price } },
});

const holding = (amount: string, orders: RawRow, cash = '10000'): AccountRows => ({
  balances: [
    { asset: 'USD', amount: cash },
    { asset: 'SOL', amount, ...orders },
  ],
});

/** Equity, margin balance, initial requirement. */
function figures(amount: string, orders: RawRow, market = marketOf()) {
  const found = assessed(holding(amount, orders), snapshotOf(market));
  return [found.equity.point, found.marginBalance.point, found.initialRequirement].map(textOf);
}

const buys = (openBuyQuantity: string) => ({ openBuyQuantity });
const sells = (openSellQuantity: string) => ({ openSellQuantity });

describe('open orders of an asset', () => {
  it.each<[string, string, RawRow, string[]]>([
    ['none', '10', {}, ['11000', '10900', '100']],
    /** 15·0.9 − 5 = 8.5 units; initially 15·0.8 − 5 = 7. */
    ['buys on top of a deposit', '10', buys('5'), ['11000', '10850', '150']],
    /** Selling gives 1 for 0.9: it costs nothing. */
    ['sells within a deposit', '10', sells('10'), ['11000', '10900', '100']],
    /** −10·1.1 + 20 = 9 is what 10·0.9 is; initially −10·1.2 + 20 = 8, as 10·0.8. */
    [
      'sells that turn a deposit into a loan as large',
      '10',
      sells('20'),
      ['11000', '10900', '100'],
    ],
    /** −20·1.1 + 30 = 8; initially −20·1.2 + 30 = 6. */
    ['sells beyond it', '10', sells('30'), ['11000', '10800', '200']],
    /** Buying back costs 1 and takes away 1.1. */
    ['buys within a loan', '-10', buys('10'), ['9000', '8900', '100']],
    /** −15·1.1 + 5 = −11.5; initially −15·1.2 + 5 = −13. */
    ['sells on top of a loan', '-10', sells('5'), ['9000', '8850', '150']],
    /** Of 8.5 and 9 the lesser. */
    ['on both sides', '10', { ...buys('5'), ...sells('10') }, ['11000', '10850', '150']],
    /** 5·0.9 − 5 and −5·1.1 + 5: the same; initially −1. */
    ['without a balance', '0', { ...buys('5'), ...sells('5') }, ['10000', '9950', '50']],
  ])('%s', (_, amount, orders, expected) => expect(figures(amount, orders)).toEqual(expected));

  /** w = 1.1/(1 + 0.1·√100) = 0.55: 100·0.55 − 50 = 5 units. With 50: min(0.9, 0.644…). */
  it('takes the weight of the size after the orders', () => {
    const market = marketOf({ sizeScaling: '0.1' });
    expect(figures('50', buys('50'), market)[1]).toBe('10500');
  });

  it('costs so much an order', () => {
    const { maintenanceRequirement } = assessed(
      holding('0', { openOrderCount: '3' }),
      snapshotOf(marketOf()),
    );
    expect(textOf(maintenanceRequirement)).toBe('0.03');
  });

  /** Profits in coin may turn the sign: 5·(1 − 0.9) and 10·(1.1 − 1), the greater, is taken off. */
  it('counts the most that it may take where profits settle in it', () => {
    const account = (orders: RawRow) => ({
      ...holding('10', orders),
      positions: [{ instrument: 'SOL-COIN', quantity: '1', entryPrice: '100' }],
    });
    const of = (orders: RawRow) => {
      const found = assessed(account(orders), snapshotOf(marketOf()));
      return [found.marginBalance.point, found.initialRequirement].map(textOf);
    };
    expect(of({})).toEqual(['10900', '100.1']);
    expect(of({ ...buys('5'), ...sells('10') })).toEqual(['10800', '200.1']);
  });

  it('never counts for more than without orders, nor for less than each outcome', () => {
    const units = fc.integer({ min: -300, max: 300 });
    fc.assert(
      fc.property(units, fc.nat(300), fc.nat(300), fc.nat(100), (amount, bought, sold, k) => {
        const market = marketOf({ sizeScaling: String(k / 1000) });
        const orders = { ...buys(String(bought)), ...sells(String(sold)) };
        const surplus = ([, balance, initial]: string[]) => [
          Number(balance),
          Number(balance) - Number(initial),
        ];
        const [held, initially] = surplus(figures(String(amount), orders, market));
        const outcomes = [
          figures(String(amount), {}, market),
          ...[bought, -sold].map((filled) => {
            const account = holding(String(amount + filled), {}, String(10_000 - 100 * filled));
            const found = assessed(account, snapshotOf(market));
            return [found.equity.point, found.marginBalance.point, found.initialRequirement].map(
              textOf,
            );
          }),
        ].map(surplus);
        expect(held).toBeCloseTo(Math.min(...outcomes.map(([each]) => each as number)), 6);
        expect(initially).toBeCloseTo(Math.min(...outcomes.map(([, each]) => each as number)), 6);
      }),
      { numRuns: 80 },
    );
  });
});

/** 10·0.9·100 − 850 = 50 without the orders; with all sells filled 8 units count, 50 too little. */
it('a plan cancels them first, which may be enough', () => {
  const plan = planLiquidation(crossOf(holding('10', sells('30'), '-850')), snapshotOf(marketOf()));
  expect(plan.cancelOpenOrders).toEqual(['SOL']);
  expect(plan.scope).toBe('cancel');
  expect(plan.orders).toEqual([]);
});

describe('rows that cannot be', () => {
  const snapshot = snapshotOf({
    ...marketOf(),
    locations: { base: { finalitySeconds: '0' } },
  });
  it('orders of the numeraire', () => {
    const account = { balances: [{ asset: 'USD', amount: '1', openBuyQuantity: '1' }] };
    expect(reasonsOf(account, snapshot)).toEqual(['row-malformed balance#USD']);
    const counted = { balances: [{ asset: 'USD', amount: '1', openOrderCount: '1' }] };
    expect(reasonsOf(counted, snapshot)).toEqual(['row-malformed balance#USD']);
  });

  it.each([
    [
      { location: 'base', observedAt: '1', openBuyQuantity: '1' },
      'openBuyQuantity is not for a balance with a location',
    ],
    [{ openSellQuantity: '-1' }, 'openSellQuantity must not be negative, not -1'],
    [{ openOrderCount: '0.5' }, 'openOrderCount must be a whole number from 0 to 1000000, not 0.5'],
  ])('%s', (row, fault) => {
    expect(() => crossOf({ balances: [{ asset: 'SOL', amount: '1', ...row }] })).toThrow(fault);
  });
});

it('what never had a price may cost any amount', () => {
  const { quotes: _, ...market } = marketOf();
  const found = reasonsOf(holding('0', buys('1')), snapshotOf({ ...market, quotes: {} }));
  expect(found).toEqual(['price-missing SOL-USD']);
});
