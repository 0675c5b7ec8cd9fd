import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/decimal.ts';
import { type Fill, fillPlan, type PlanMessage, pay } from '../../../local/demo/fill.ts';
import type { AccountRow } from '../../../local/rows.ts';
import { planMessage } from './plan-message.ts';

/** Fee and slippage are 15 basis points of the notional. */
const prices = {
  'BTC-USD': '5000.00',
  'ETH-USD': '100.00',
  'LINK-USD': '2.0000',
  'USDC-USD': '1.0000',
  'BTC-27MAR20': '5000.00',
};
const accountId = 'long-001';
const usd = (amount: string): AccountRow => {
  return { accountId, item: 'balance#USD', asset: 'USD', amount };
};
const balance = (asset: string, amount: string): AccountRow => {
  return { accountId, item: `balance#${asset}`, asset, amount };
};
const perp = (quantity: string, more: Record<string, string> = {}): AccountRow => {
  const item = 'position#BTC-PERP';
  return { accountId, item, instrument: 'BTC-PERP', quantity, entryPrice: '6000', ...more };
};
const isolated = (quantity: string, isolatedMargin: string): AccountRow => {
  return { ...perp(quantity, { isolatedMargin }), item: 'position#BTC-PERP#swing' };
};

type Order = Partial<PlanMessage['plan']['orders'][number]>;
type PlanOf = { orders?: Order[]; cancelOpenOrders?: string[]; position?: string };

function fill(rows: AccountRow[], { orders = [], ...more }: PlanOf): Fill {
  return fillPlan({ rows, prices }, planMessage({ orders, ...more }));
}

const sell = (quantity: string): Order => ({ side: 'sell', quantity });
const buy = (quantity: string): Order => ({ side: 'buy', quantity });

describe('closing a position', () => {
  it('realises its profit, less the cost, into the USD balance', () => {
    const filled = fill([usd('10000'), perp('2')], { orders: [sell('0.5')] });
    expect(filled.written).toEqual([usd('9496.25'), perp('1.5')]);
    expect(filled.removed).toEqual([]);
    expect(textOf(filled.notional)).toBe('2500');
  });

  it('of a short gains what the price has fallen', () => {
    const filled = fill([usd('0'), perp('-2')], { orders: [buy('1')] });
    expect(filled.written).toEqual([usd('992.5'), perp('-1')]);
  });

  it('counts the contract size', () => {
    const future = { ...perp('100'), item: 'position#BTC-27MAR20', instrument: 'BTC-27MAR20' };
    const orders = [{ ...sell('100'), market: 'BTC-27MAR20' }];
    const filled = fill([usd('2000'), future], { orders });
    expect(filled.written).toEqual([usd('992.5')]);
    expect(filled.removed).toEqual([future]);
  });

  it('whole removes its row', () => {
    const filled = fill([usd('10000'), perp('2')], { orders: [sell('2')] });
    expect(filled.removed).toEqual([perp('2')]);
  });

  it('never turns it round: what is more than held is not traded', () => {
    const filled = fill([usd('10000'), perp('2')], { orders: [sell('5')] });
    expect(filled.written).toEqual([usd('7985')]);
    expect(filled.removed).toEqual([perp('2')]);
    expect(textOf(filled.notional)).toBe('10000');
  });

  it.each([
    ['of the other side', [usd('10000'), perp('-2')], sell('1')],
    ['that is no longer there', [usd('10000')], sell('1')],
    ['of another instrument', [usd('10000'), perp('2')], { ...sell('1'), market: 'ETH-PERP' }],
    ['that is isolated', [usd('10000'), isolated('2', '3000')], sell('1')],
  ])('does not touch a position %s', (_, rows, order) => {
    const filled = fill(rows, { orders: [order] });
    expect(filled).toMatchObject({ written: [], removed: [] });
    expect(textOf(filled.notional)).toBe('0');
  });

  it('opens a USD balance when there is none', () => {
    expect(fill([perp('-1')], { orders: [buy('1')] }).written).toEqual([usd('992.5')]);
  });
});

describe('an isolated position', () => {
  const position = 'BTC-PERP#swing';

  it('settles into its own margin, and leaves the balance alone', () => {
    const rows = [usd('10000'), isolated('2', '3000'), perp('7')];
    const filled = fill(rows, { orders: [sell('1')], position });
    expect(filled.written).toEqual([isolated('1', '1992.5')]);
    expect(filled.removed).toEqual([]);
  });

  it('gives back what is left of its margin when it is closed', () => {
    const rows = [usd('10000'), isolated('2', '3000')];
    const filled = fill(rows, { orders: [sell('2')], position });
    expect(filled.removed).toEqual([rows[1]]);
    expect(filled.written).toEqual([usd('10985')]);
    expect(textOf(filled.absorbed)).toBe('0');
  });

  it('loses its margin and no more: the venue bears the rest', () => {
    const rows = [usd('10000'), isolated('2', '1500')];
    const filled = fill(rows, { orders: [sell('2')], position });
    expect(filled.written).toEqual([usd('10000')]);
    expect(filled.removed).toEqual([rows[1]]);
    expect(textOf(filled.absorbed)).toBe('515');
  });
});

describe('collateral and loans', () => {
  const collateral = (quantity: string): Order => {
    return { kind: 'collateral', market: 'BTC', side: 'sell', quantity };
  };
  const loan = (quantity: string): Order => {
    return { kind: 'loan', market: 'USDC', side: 'buy', quantity };
  };

  it('are sold into USD, and bought back out of it', () => {
    const rows = [balance('BTC', '3'), balance('USDC', '-9000')];
    const filled = fill(rows, { orders: [collateral('1'), loan('4000')] });
    expect(filled.written).toEqual([balance('BTC', '2'), balance('USDC', '-5000'), usd('986.5')]);
  });

  it('never beyond what is held or owed', () => {
    const rows = [balance('BTC', '1'), balance('USDC', '-100')];
    const filled = fill(rows, { orders: [collateral('2'), loan('200')] });
    expect(filled.removed).toEqual(rows);
    expect(filled.written).toEqual([usd('4892.35')]);
  });

  it.each([
    ['a loan is not sold', [balance('BTC', '-1')], collateral('1')],
    ['collateral is not bought', [balance('USDC', '1')], loan('1')],
    ['what is gone is not traded', [], collateral('1')],
  ])('%s', (_, rows, order) => {
    expect(fill(rows, { orders: [order] })).toMatchObject({ written: [], removed: [] });
  });
});

describe('open orders', () => {
  it('are cancelled in the instruments of the plan, and nowhere else', () => {
    const open = { openBuyQuantity: '1', openSellQuantity: '2' };
    const ether = { ...perp('1', open), item: 'position#ETH-PERP', instrument: 'ETH-PERP' };
    const filled = fill([perp('1', open), ether], { cancelOpenOrders: ['BTC-PERP'] });
    const cancelled = { openBuyQuantity: '0', openSellQuantity: '0' };
    expect(filled.written).toEqual([perp('1', cancelled)]);
  });

  it('that were all there was take the row with them', () => {
    const row = perp('0', { openBuyQuantity: '1' });
    const filled = fill([row], { cancelOpenOrders: ['BTC-PERP'] });
    expect(filled).toMatchObject({ written: [], removed: [row] });
  });

  it('keep the row of a position that is closed', () => {
    const filled = fill([perp('-1', { openBuyQuantity: '1' })], { orders: [buy('1')] });
    expect(filled.removed).toEqual([]);
    expect(filled.written).toContainEqual(perp('0', { openBuyQuantity: '1' }));
  });
});

describe('a payment', () => {
  it('adds to the USD balance', () => {
    const payment = { accountId, amount: '100.01' };
    expect(pay([usd('1')], payment).written).toEqual([usd('101.01')]);
  });

  it('for an isolated position adds to its margin', () => {
    const rows = [usd('1'), isolated('2', '1500')];
    const payment = { accountId, position: 'BTC-PERP#swing', amount: '100' };
    expect(pay(rows, payment).written).toEqual([isolated('2', '1600')]);
  });
});
