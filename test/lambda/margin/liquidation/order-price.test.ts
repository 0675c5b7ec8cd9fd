import { describe, expect, it } from 'vitest';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { crossOf, type MarketRows, snapshotOf } from '../build.ts';

const perpetual = { type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD' };

/** κ 1.3. The only cost is a slippage of 0.1 %. */
const marketWith = (policy: RawRow = {}): MarketRows => ({
  policy: { limitSpread: '0.5', ...policy },
  assets: { BTC: { feed: 'BTC-USD', collateralWeight: '0.9' } },
  instruments: {
    A: { ...perpetual, riskClass: 'A' },
    B: { ...perpetual, riskClass: 'B' },
    INVERSE: { ...perpetual, settlementAsset: 'BTC', inverse: true, riskClass: 'A' },
  },
  risk: {
    A: { ...flat('0.05'), liquidity: { slippage: '0.001', liquidationFee: '0.002' } },
    B: { ...flat('0.02'), liquidity: { slippage: '0.001' } },
  },
  quotes: { 'BTC-USD#a': { price: '10000' } },
});

function flat(maintenance: string): RawRow {
  return { margin: { type: 'flat', initial: maintenance, maintenance }, volatility: '0.8' };
}

const position = (instrument: string, quantity: string): RawRow => ({
  instrument,
  quantity,
  entryPrice: '10000',
});

function pricesOf(cash: string, positions: readonly RawRow[], policy: RawRow = {}) {
  const account = { balances: [{ asset: 'USD', amount: cash }], positions };
  const { orders } = planLiquidation(crossOf(account), snapshotOf(marketWith(policy)));
  return orders.map(({ market, limitPrice, bankruptcyPrice, liquidationFee }) => [
    market,
    limitPrice && textOf(limitPrice),
    bankruptcyPrice && textOf(bankruptcyPrice),
    liquidationFee && textOf(liquidationFee),
  ]);
}

describe('an order price', () => {
  /** 0.3 % below and above 123,456.789, exactly 123,086.418633 and 123,827.159367. */
  it.each([
    ['1', '123086.418'],
    ['-1', '123827.16'],
  ])('has at least the decimal places of its reference: of %s', (held, limit) => {
    const rows = { ...marketWith(), quotes: { 'BTC-USD#a': { price: '123456.789' } } };
    const positions = [{ ...position('A', held), entryPrice: '123456.789' }];
    const account = { balances: [{ asset: 'USD', amount: '6172.83945' }], positions };
    const [order] = planLiquidation(crossOf(account), snapshotOf(rows)).orders;
    expect(order?.limitPrice && textOf(order.limitPrice)).toBe(limit);
  });
});

describe('the limit price', () => {
  const long = [position('A', '1')];

  /** Cost 0.3 %, MM 5 %. B = MM gives no spread, B = MM/2 half of 0.5·5 %, B ≤ 0 all of it. */
  it.each([
    ['500', '9970'],
    ['250', '9845'],
    ['0', '9720'],
    ['-200', '9720'],
  ])('for a long with a margin balance of %s is %s', (cash, limit) => {
    expect(pricesOf(cash, long)[0]?.[1]).toBe(limit);
  });

  it('for a short is as far above the mark', () => {
    expect(pricesOf('250', [position('A', '-1')])[0]?.[1]).toBe('10155');
  });

  it('widens twice as fast with A = 2, and not at all with a limit spread of 0', () => {
    expect(pricesOf('375', long, { bankruptcyAdjustment: '2' })[0]?.[1]).toBe('9845');
    expect(pricesOf('0', long, { limitSpread: '0' })[0]?.[1]).toBe('9970');
  });

  it('is rounded to eight digits, away from the mark', () => {
    expect(pricesOf('333.333333', long)[0]?.[1]).toBe('9886.6666');
    expect(pricesOf('333.333333', [position('A', '-1')])[0]?.[1]).toBe('10113.334');
  });
});

/** A market that hardly trades, where a sale costs more than it is worth. */
describe('the limit price of a sale with a high slippage', () => {
  const limitAt = (slippage: string) => {
    const { policy, instruments, quotes = {} } = marketWith();
    const risk = { A: { ...flat('0.05'), liquidity: { slippage } }, B: flat('0.02') };
    const account = {
      balances: [{ asset: 'USD', amount: '-1' }],
      positions: [position('A', '1')],
    };
    const { INVERSE: _, ...linear } = instruments ?? {};
    const { orders } = planLiquidation(
      crossOf(account),
      snapshotOf({ policy: { ...policy, limitSpread: '0' }, instruments: linear, risk, quotes }),
    );
    return orders.map(({ limitPrice }) => limitPrice && textOf(limitPrice));
  };

  it.each([
    ['0.999', '10'],
    ['1', '0.01'],
    ['1.5', '0.01'],
  ])(
    'with a slippage of %s is %s, the lowest price that the plan accounts for',
    (slippage, limit) => {
      expect(limitAt(slippage)).toEqual([limit]);
    },
  );
});

describe('the bankruptcy price', () => {
  it('uses up the margin balance: a long of 1 with 400 may lose 400', () => {
    expect(pricesOf('400', [position('A', '1')])[0]?.[2]).toBe('9600');
    expect(pricesOf('400', [position('A', '-1')])[0]?.[2]).toBe('10400');
  });

  it('lies beyond the mark if the margin balance is below 0', () => {
    expect(pricesOf('-50', [position('A', '1')])[0]?.[2]).toBe('10050');
  });

  /** MM 500 and 200: of a balance of 350, A has 250 and B 100. */
  it('shares the balance by maintenance requirement', () => {
    const both = [position('A', '1'), position('B', '1')];
    expect(
      pricesOf('350', both, { lossSharing: 'none' }).map(([market, , price]) => [market, price]),
    ).toEqual(expect.arrayContaining([['B', '9900']]));
    const all = pricesOf('-70', both);
    expect(all.map(([market, , price]) => [market, price])).toEqual([
      ['A', '10050'],
      ['B', '10020'],
    ]);
  });

  it('is unknown if a position has no requirement of its own', () => {
    const account = {
      balances: [{ asset: 'USD', amount: '1' }],
      positions: [position('INVERSE', '10000')],
    };
    const { orders } = planLiquidation(crossOf(account), snapshotOf(marketWith()));
    expect(orders[0]?.limitPrice).toBeDefined();
    expect(orders[0]?.bankruptcyPrice).toBeUndefined();
  });
});

describe('the liquidation fee', () => {
  /** Closing both costs 20, and a fee of 20 on A, of which the equity left may bear a part. */
  it.each([
    ['600', '0.002'],
    ['40', '0.002'],
    ['25', '0.0005'],
    ['20', undefined],
    ['-70', undefined],
  ])('takes at most the equity that is left of %s', (cash, fee) => {
    const [first] = pricesOf(cash, [position('A', '1'), position('B', '1')]).filter(
      ([market]) => market === 'A',
    );
    expect(first?.[3]).toBe(fee);
  });
});
