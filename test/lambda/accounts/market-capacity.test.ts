import { describe, expect, it } from 'vitest';
import { MarketCapacity } from '../../../lambda/accounts/market-capacity.ts';
import { capacityKey, UNLIMITED } from '../../../lambda/margin/liquidation/capacity.ts';
import type { Order, Plan } from '../../../lambda/margin/liquidation/order-plan.ts';
import { amount, price, quantity, textOf } from '../../../lambda/margin/number/decimal.ts';

const order = (notional: string): Order => ({
  kind: 'position',
  market: 'BTC-PERP',
  side: 'sell',
  quantity: quantity('1'),
  referencePrice: price('6000'),
  notional: amount(notional),
});
const planOf = (ordered: string, carriedOver?: string): Plan => ({
  scope: 'partial',
  why: '',
  cancelOpenOrders: [],
  orders: [order(ordered)],
  carriedOver:
    carriedOver === undefined
      ? []
      : [{ market: 'BTC-PERP', side: 'sell', notional: amount(carriedOver) }],
});

const SELL = capacityKey('BTC-PERP', 'sell');
const leftOf = (capacity: MarketCapacity): string => {
  const left = capacity.leftIn(['BTC-PERP']).get(SELL);
  return left === undefined ? 'unlimited' : textOf(left);
};
const newCapacity = () => new MarketCapacity(new Map([[SELL, amount('100')]]));

describe('the capacity of a market', () => {
  it('falls by what plans reserve, and never below 0', () => {
    const capacity = newCapacity();
    capacity.reserve('alice', planOf('30'));
    expect(leftOf(capacity)).toBe('70');
    capacity.reserve('bob', planOf('90'));
    expect(leftOf(capacity)).toBe('0');
  });

  it('is given back when a sub-account is decided about again', () => {
    const capacity = newCapacity();
    capacity.reserve('alice', planOf('30', '5'));
    capacity.release('alice');
    expect(leftOf(capacity)).toBe('100');
    expect(capacity.summary(2)).toEqual({ accounts: 0, notional: '0.00', byMarket: {} });
    capacity.release('alice');
    expect(leftOf(capacity)).toBe('100');
  });

  it('is not given back by the release of another sub-account', () => {
    const capacity = newCapacity();
    capacity.reserve('alice', planOf('30'));
    capacity.release('alice#BTC-PERP');
    expect(leftOf(capacity)).toBe('70');
  });

  it('has no limit where the market gives none', () => {
    const capacity = new MarketCapacity(UNLIMITED);
    capacity.reserve('alice', planOf('30'));
    expect(leftOf(capacity)).toBe('unlimited');
  });
});

it('the summary adds up what was carried over, rounded up', () => {
  const capacity = newCapacity();
  capacity.reserve('alice', planOf('100', '12.341'));
  capacity.reserve('bob', planOf('0', '7'));
  capacity.reserve('carol', planOf('0'));
  expect(capacity.summary(2)).toEqual({
    accounts: 2,
    notional: '19.35',
    byMarket: { 'BTC-PERP': '19.35' },
  });
});
