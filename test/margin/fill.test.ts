import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assessment, assess } from '../../lambda/margin/assess.ts';
import {
  absolute,
  amount,
  isAtLeast,
  price,
  quantity,
  subtract,
  textOf,
} from '../../lambda/margin/decimal.ts';
import { filled } from '../../lambda/margin/fill.ts';
import type { Order } from '../../lambda/margin/plan.ts';
import type { Snapshot } from '../../lambda/margin/snapshot.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  crossOf,
  type MarketRows,
  NOW,
  plain,
  snapshotOf,
} from './build.ts';
import { anyBook } from './random-book.ts';

const market: MarketRows = {
  assets: {
    ETH: { feed: 'ETH-USD', collateralWeight: '0.8', borrowRatePerHour: '0.001' },
    SOL: { feed: 'SOL-USD', liabilityWeight: '1.1', borrowRatePerHour: '0.001' },
  },
  instruments: {
    'BTC-PERP': {
      type: 'perpetual',
      underlying: 'BTC-USD',
      settlementAsset: 'USD',
      riskClass: 'BTC',
      contractSize: '0.1',
    },
  },
  risk: {
    BTC: {
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      volatility: '0.8',
      liquidity: { fee: '0.001', slippage: '0.004' },
    },
    ETH: { volatility: '0.8', liquidity: { fee: '0', slippage: '0.01' } },
    SOL: { volatility: '0.8', liquidity: { fee: '0.02' } },
  },
  quotes: {
    'BTC-USD#a': { price: '60000', fundingRatePerHour: '0.0001' },
    'ETH-USD#a': { price: '3000' },
    'SOL-USD#a': { price: '100' },
  },
};
const snapshot = snapshotOf(market);

function order(kind: Order['kind'], name: string, held: string): Order {
  const unit = { side: 'sell', referencePrice: price('1'), notional: amount('1') } as const;
  return { kind, market: name, quantity: quantity(held), ...unit };
}

function afterFilling(account: AccountRows, orders: readonly Order[], of: Snapshot): Assessment {
  const book = bookOf(account, of);
  const outcome = assess(filled(crossOf(account), { book, orders, policy: of.policy }), of);
  if (outcome.certainty === 'indeterminate') throw new Error('what was known is known');
  return outcome;
}

/** Equity, balance and maintenance after the orders. */
function figures(account: AccountRows, ...orders: readonly Order[]) {
  const { equity, marginBalance, maintenanceRequirement } = afterFilling(account, orders, snapshot);
  return plain({
    equity: equity.point,
    balance: marginBalance.point,
    maintenance: maintenanceRequirement,
  });
}

describe('a position', () => {
  const cash = { asset: 'USD', amount: '1000' };
  const long = { instrument: 'BTC-PERP', quantity: '10', entryPrice: '58000' };

  /** One bitcoin at 60,000 from 58,000: 2,000 of profit. Closing 4 of 10 costs 24,000 · 0.5 %. */
  it('that is closed in part costs its fee and slippage, and needs less', () => {
    const rows = { balances: [cash], positions: [long] };
    expect(figures(rows)).toEqual({ equity: '3000', balance: '3000', maintenance: '3000' });
    expect(figures(rows, order('position', 'BTC-PERP', '4'))).toEqual({
      equity: '2880',
      balance: '2880',
      maintenance: '1800',
    });
  });

  it('that is short is bought back', () => {
    const rows = { balances: [cash], positions: [{ ...long, quantity: '-10' }] };
    expect(figures(rows, order('position', 'BTC-PERP', '10'))).toEqual({
      equity: '-1300',
      balance: '-1300',
      maintenance: '0',
    });
  });

  it('has paid its funding, and no open orders are left', () => {
    const settled = { fundingSettledAt: String(NOW - 5 * 3_600_000), openBuyQuantity: '90' };
    const rows = { balances: [cash], positions: [{ ...long, ...settled }] };
    expect(figures(rows)).toEqual({ equity: '2970', balance: '2970', maintenance: '3000' });
  });
});

describe('collateral and loans', () => {
  /** 10 ETH, 30,000, of which 24,000 count; 1 sold for 3,000 · 99 % counts in full. */
  it('collateral that is sold counts in full, less its cost', () => {
    const rows = { balances: [{ asset: 'ETH', amount: '10' }] };
    expect(figures(rows, order('collateral', 'ETH', '1'))).toEqual({
      equity: '29970',
      balance: '24570',
      maintenance: '0',
    });
  });

  /** −50 SOL and 10 hours at 0.1 % are −50.5; 10 bought back for 1,000 and 2 %. */
  it('a loan that is bought back weighs less, and costs', () => {
    const interestSettledAt = String(NOW - 10 * 3_600_000);
    const rows = {
      balances: [
        { asset: 'USD', amount: '6000' },
        { asset: 'SOL', amount: '-50', interestSettledAt },
      ],
    };
    expect(figures(rows)).toMatchObject({ equity: '950', balance: '445' });
    expect(figures(rows, order('loan', 'SOL', '10'))).toMatchObject({
      equity: '930',
      balance: '525',
    });
  });

  it('of the same name as an instrument are told apart by kind', () => {
    const rows = { balances: [{ asset: 'ETH', amount: '10' }] };
    expect(figures(rows, order('position', 'ETH', '1')).equity).toBe('30000');
  });
});

describe('an isolated position', () => {
  it('has its margin left, as cash', () => {
    const position = { instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' };
    const rows = { positions: [position], balances: [{ asset: 'USD', amount: '700' }] };
    const isolated = {
      ...crossOf({ positions: [position] }),
      isolated: 'BTC-PERP',
      isolatedMargin: quantity('700'),
    };
    const book = bookOf(rows, snapshot);
    const orders = [order('position', 'BTC-PERP', '1')];
    const rest = filled(isolated, { book, orders, policy: snapshot.policy });
    expect(rest.isolatedMargin).toBeUndefined();
    expect(rest.balances.map(({ asset, amount: held }) => [asset, textOf(held)])).toEqual([
      ['USD', '670'],
    ]);
  });
});

describe('no order at all', () => {
  it('leaves equity, balance and requirements of any book without open orders', () => {
    fc.assert(
      fc.property(anyBook({ isFilled: true }), ({ market: rows, account }) => {
        const of = snapshotOf(rows);
        const before = assessed(account, of);
        const after = afterFilling(account, [], of);
        for (const figure of ['equity', 'marginBalance'] as const) {
          const off = absolute(subtract(after[figure].point, before[figure].point));
          expect(isAtLeast(amount('1e-18'), off)).toBe(true);
        }
        expect(textOf(after.maintenanceRequirement)).toBe(textOf(before.maintenanceRequirement));
        expect(textOf(after.initialRequirement)).toBe(textOf(before.initialRequirement));
      }),
    );
  });
});
