import { describe, expect, it } from 'vitest';
import { sumOf, textOf } from '../../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../../../local/aws/rows.ts';
import { UNDISPLACED } from '../../../local/demo/book/displacement.ts';
import { cashOf } from '../../../local/demo/clearing.ts';
import { type Fill, fillOrders } from '../../../local/demo/fill.ts';
import { credited, haircut, paid } from '../../../local/demo/payments.ts';
import type { PlanMessage } from '../../../local/demo/venue-market.ts';
import { flatMarket } from './flat-market.ts';
import { planMessage } from './plan-message.ts';

/** Sells at 4,999 and buys at 5,001, with a fee of 5 basis points. */
const market = flatMarket();
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

function fill(rows: readonly AccountRow[], { orders = [], ...more }: PlanOf): Fill {
  const { plan, ...scope } = planMessage({ orders, ...more });
  return fillOrders({ market, displacement: UNDISPLACED, timeMs: 0, rows }, { ...scope, ...plan });
}

const notionalOf = ({ trades }: Fill): string =>
  textOf(sumOf(trades.map(({ notional }) => notional)));

const borne = ({ clearing }: Fill): string => textOf(cashOf(clearing, 'venue'));

const sell = (quantity: string): Order => ({ side: 'sell', quantity });
const buy = (quantity: string): Order => ({ side: 'buy', quantity });

describe('closing a position on the demo’s venue', () => {
  it('realises its profit less the cost in the USD balance', () => {
    const filled = fill([usd('10000'), perp('2')], { orders: [sell('0.5')] });
    expect(filled.written).toEqual([usd('9498.25025'), perp('1.5')]);
    expect(filled.removed).toEqual([]);
    expect(notionalOf(filled)).toBe('2499.5');
  });

  it('gains the fall of the price for a short', () => {
    const filled = fill([usd('0'), perp('-2')], { orders: [buy('1')] });
    expect(filled.written).toEqual([usd('996.4995'), perp('-1')]);
  });

  it('includes the contract size', () => {
    const future = { ...perp('100'), item: 'position#BTC-27MAR20', instrument: 'BTC-27MAR20' };
    const orders = [{ ...sell('100'), market: 'BTC-27MAR20' }];
    const filled = fill([usd('2000'), future], { orders });
    expect(filled.written).toEqual([usd('996.5005')]);
    expect(filled.removed).toEqual([future]);
  });

  it('removes its row if it is closed completely', () => {
    const filled = fill([usd('10000'), perp('2')], { orders: [sell('2')] });
    expect(filled.removed).toEqual([perp('2')]);
  });

  it('never flips it, so that an excess quantity is not traded', () => {
    const filled = fill([usd('10000'), perp('2')], { orders: [sell('5')] });
    expect(filled.written).toEqual([usd('7993.001')]);
    expect(filled.removed).toEqual([perp('2')]);
    expect(notionalOf(filled)).toBe('9998');
  });

  it.each([
    ['on the other side', [usd('10000'), perp('-2')], sell('1')],
    ['that is no longer held', [usd('10000')], sell('1')],
    ['in another instrument', [usd('10000'), perp('2')], { ...sell('1'), market: 'ETH-PERP' }],
    ['that is isolated', [usd('10000'), isolated('2', '3000')], sell('1')],
  ])('does not touch a position %s', (_, rows, order) => {
    const filled = fill(rows, { orders: [order] });
    expect(filled).toMatchObject({ written: [], removed: [] });
    expect(notionalOf(filled)).toBe('0');
  });

  it('opens a USD balance if there is none', () => {
    expect(fill([perp('-1')], { orders: [buy('1')] }).written).toEqual([usd('996.4995')]);
  });
});

describe('a fill of an isolated position', () => {
  const position = 'BTC-PERP#swing';

  it('settles in its own margin, and leaves the balance unchanged', () => {
    const rows = [usd('10000'), isolated('2', '3000'), perp('7')];
    const filled = fill(rows, { orders: [sell('1')], position });
    expect(filled.written).toEqual([isolated('1', '1996.5005')]);
    expect(filled.removed).toEqual([]);
  });

  it('returns the rest of its margin when it is closed', () => {
    const rows = [usd('10000'), isolated('2', '3000')];
    const filled = fill(rows, { orders: [sell('2')], position });
    expect(filled.removed).toEqual([rows[1]]);
    expect(filled.written).toEqual([usd('10993.001')]);
    expect(borne(filled)).toBe('0');
  });
});

describe('an isolated position that loses more than its margin', () => {
  const position = 'BTC-PERP#swing';
  const rows = [usd('10000'), isolated('2', '1500')];
  const deficit = isolated('0', '-506.999');

  it('keeps its deficit in a row without contracts, and costs the venue nothing', () => {
    const filled = fill(rows, { orders: [sell('2')], position });
    expect(filled).toMatchObject({ written: [deficit], removed: [] });
    expect(borne(filled)).toBe('0');
  });

  it.each([
    ['a part', '506.998', [isolated('0', '-0.001')], []],
    ['all', '506.999', [usd('10000')], [deficit]],
    ['more than all', '507', [usd('10000.001')], [deficit]],
  ])('keeps its row until the whole deficit is paid: %s, %s USD', (_, drawn, written, removed) => {
    const message = { accountId, position, drawn, socialized: '0', uncovered: '0' };
    const change = credited([usd('10000'), deficit], message);
    expect(change).toMatchObject({ written, removed });
    expect(textOf(cashOf(change.clearing, 'fund'))).toBe(`-${drawn}`);
  });
});

describe('a paid claim', () => {
  it('is credited in full: by the fund, by those who share the loss, and by the venue', () => {
    const message = { accountId, drawn: '5', socialized: '2', uncovered: '0.5' };
    const change = credited([usd('-7.5')], message);
    expect(change.written).toEqual([usd('0')]);
    const paidBy = (['fund', 'shared', 'venue'] as const).map((payer) =>
      textOf(cashOf(change.clearing, payer)),
    );
    expect(paidBy).toEqual(['-5', '-2', '-0.5']);
  });
});

describe('a haircut', () => {
  it('is taken from the USD balance, which may fall below zero', () => {
    const change = haircut([usd('1')], { accountId, amount: '2.5' });
    expect(change.written).toEqual([usd('-1.5')]);
    expect(textOf(cashOf(change.clearing, 'shared'))).toBe('2.5');
  });
});

describe('the fees of a fill', () => {
  it('go to the venue, and the liquidation fee goes to the fund', () => {
    const orders = [{ ...sell('1'), liquidationFee: '0.01' }];
    const filled = fill([usd('10000'), perp('2')], { orders });
    expect(textOf(cashOf(filled.clearing, 'fees'))).toBe('2.4995');
    expect(textOf(cashOf(filled.clearing, 'fund'))).toBe('49.99');
    expect(filled.written).toContainEqual(usd('8946.5105'));
  });
});

describe('a thin order book', () => {
  /** 100,000 USD within 1 %: 100 BTC up to the end of its reach of 5 %. */
  const thin = flatMarket({ depthUsd: 100_000 });
  const bought = (orders: Order[], quantity = '200') =>
    fillOrders(
      {
        rows: [usd('0'), perp(`-${quantity}`)],
        market: thin,
        displacement: UNDISPLACED,
        timeMs: 0,
      },
      { ...planMessage({ orders }).plan, accountId },
    );

  it('fills at the mean price of its walk', () => {
    const [trade] = bought([buy('10')]).trades;
    expect(trade && textOf(trade.price)).toBe('5013.5');
    expect(trade?.costUsd).toBeCloseTo(135, 9);
  });

  it('gives nothing beyond its reach, and returns the rest', () => {
    const { trades, left } = bought([buy('150')]);
    expect(trades.map(({ quantity }) => textOf(quantity))).toEqual(['100']);
    expect(left).toMatchObject([{ quantity: '50' }]);
  });

  it.each([
    ['below the best ask', '5000.99', [], '10'],
    ['at the best ask', '5001', [], '10'],
    ['within the walk', '5006', ['2'], '8'],
    ['at the last price of the order', '5026', ['10'], undefined],
    ['above the last price of the order', '5027', ['10'], undefined],
  ])(
    'with a limit price %s fills only the part within it, at %s',
    (_, limitPrice, filled, unfilled) => {
      const { trades, left } = bought([{ ...buy('10'), limitPrice }]);
      expect(trades.map(({ quantity }) => textOf(quantity))).toEqual(filled);
      expect(left.map(({ quantity }) => quantity)).toEqual(
        unfilled === undefined ? [] : [unfilled],
      );
    },
  );

  it('is displaced for the next order, also in the other markets of its pool', () => {
    const item = 'position#BTC-27MAR20';
    const future = { ...perp('-1000'), item, instrument: 'BTC-27MAR20' };
    const orders = [buy('10'), { ...buy('1000'), market: 'BTC-27MAR20' }];
    const { trades } = fillOrders(
      { rows: [perp('-10'), future], market: thin, displacement: UNDISPLACED, timeMs: 0 },
      { ...planMessage({ orders }).plan, accountId },
    );
    // 50,000 moves the mid by 0.5 %, of which two thirds last.
    const mid = 5000 * (1 + 0.005 * (2 / 3));
    const average = mid * (1 + 0.0002 + (0.01 * 10 * mid) / 100_000 / 2);
    expect(trades.map(({ price }) => textOf(price))).toEqual(['5013.5', average.toFixed(6)]);
  });
});

describe('a lot size', () => {
  it.each([
    ['1.0009', '1'],
    ['0.0009', '0'],
    ['2', '2'],
  ])('rounds an order of %s down to %s of 2.0005', (wanted, filled) => {
    const { trades, left } = fill([usd('0'), perp('2.0005')], { orders: [sell(wanted)] });
    expect(trades.map(({ quantity }) => textOf(quantity))).toEqual(filled === '0' ? [] : [filled]);
    expect(left).toEqual([]);
  });

  it('does not apply to an order that closes everything left', () => {
    const { removed } = fill([usd('0'), perp('2.0005')], { orders: [sell('2.0005')] });
    expect(removed).toHaveLength(1);
  });
});

describe('collateral and loans', () => {
  const collateral = (quantity: string): Order => {
    return { kind: 'collateral', market: 'BTC', side: 'sell', quantity };
  };
  const loan = (quantity: string): Order => {
    return { kind: 'loan', market: 'USDC', side: 'buy', quantity };
  };

  it('are sold for USD, and bought back with USD', () => {
    const rows = [balance('BTC', '3'), balance('USDC', '-9000')];
    const filled = fill(rows, { orders: [collateral('1'), loan('4000')] });
    expect(filled.written).toEqual([
      balance('BTC', '2'),
      balance('USDC', '-5000'),
      usd('993.7001'),
    ]);
  });

  it('are never traded beyond what is held or owed', () => {
    const rows = [balance('BTC', '1'), balance('USDC', '-100')];
    const filled = fill(rows, { orders: [collateral('2'), loan('200')] });
    expect(filled.removed).toEqual(rows);
    expect(filled.written).toEqual([usd('4896.43049')]);
  });

  it.each([
    ['a loan is not sold', [balance('BTC', '-1')], collateral('1')],
    ['collateral is not bought', [balance('USDC', '1')], loan('1')],
    ['a missing balance is not traded', [], collateral('1')],
  ])('are left alone if the order does not fit: %s', (_, rows, order) => {
    expect(fill(rows, { orders: [order] })).toMatchObject({ written: [], removed: [] });
  });
});

describe('cancelling open orders', () => {
  it('applies only to the instruments of the plan', () => {
    const open = { openBuyQuantity: '1', openSellQuantity: '2' };
    const ether = { ...perp('1', open), item: 'position#ETH-PERP', instrument: 'ETH-PERP' };
    const filled = fill([perp('1', open), ether], { cancelOpenOrders: ['BTC-PERP'] });
    const cancelled = { openBuyQuantity: '0', openSellQuantity: '0' };
    expect(filled.written).toEqual([perp('1', cancelled)]);
  });

  it('removes a row that has nothing else', () => {
    const row = perp('0', { openBuyQuantity: '1' });
    const filled = fill([row], { cancelOpenOrders: ['BTC-PERP'] });
    expect(filled).toMatchObject({ written: [], removed: [row] });
  });

  it('keeps the row of a closed position that still has open orders', () => {
    const filled = fill([perp('-1', { openBuyQuantity: '1' })], { orders: [buy('1')] });
    expect(filled.removed).toEqual([]);
    expect(filled.written).toContainEqual(perp('0', { openBuyQuantity: '1' }));
  });
});

describe('a payment by an owner', () => {
  it('adds to the USD balance', () => {
    const payment = { accountId, amount: '100.01' };
    expect(paid([usd('1')], payment).written).toEqual([usd('101.01')]);
  });

  it('adds to the margin of an isolated position', () => {
    const rows = [usd('1'), isolated('2', '1500')];
    const payment = { accountId, position: 'BTC-PERP#swing', amount: '100' };
    expect(paid(rows, payment).written).toEqual([isolated('2', '1600')]);
  });
});
