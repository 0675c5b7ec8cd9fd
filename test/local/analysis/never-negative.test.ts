/** Where nothing can liquidate there is no liquidation price, and a safe radius of 10. */
import { describe, expect, it } from 'vitest';
import { bookFigures } from '../../../lambda/margin/assess/assess.ts';
import { overMaintenance } from '../../../lambda/margin/assess/formulas.ts';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { liquidationMultiples } from '../../../local/analysis/liquidation-price.ts';
import { safeRadius } from '../../../local/analysis/safe-radius.ts';
import { bookOf, type MarketRows, NOW, snapshotOf } from '../../lambda/margin/build.ts';

const optionOf = (optionType: string, more: RawRow = {}): RawRow => ({
  type: 'option',
  optionType,
  strike: '60000',
  expiresAt: String(NOW + 15 * 86_400_000),
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
  markFeed: 'IV',
  ...more,
});

const perpetual: RawRow = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};

const short = { initial: { rate: '0.15' }, maintenance: { rate: '0.075' } };
const market: MarketRows = {
  policy: { latencyBuffer: 'standard', uncertainty: 'standard' },
  assets: {
    BTC: { feed: 'BTC-USD', collateralWeight: '0.9' },
    USDC: { feed: 'USDC-USD', collateralWeight: '0.95' },
  },
  instruments: {
    CALL: optionOf('call'),
    PUT: optionOf('put'),
    'CALL-USDC': optionOf('call', { settlementAsset: 'USDC' }),
    'CALL-COIN': optionOf('call', { settlementAsset: 'BTC', inverse: true }),
    PERP: perpetual,
  },
  risk: {
    BTC: {
      volatility: '0.6',
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      optionRule: { shortCall: short, shortPut: short },
    },
    USDC: { volatility: '0.02' },
  },
  quotes: {
    'BTC-USD#a': { price: '60000' },
    'USDC-USD#a': { price: '1' },
    'IV#a': { impliedVolatility: '0.6' },
  },
};

function limitsOf(balances: RawRow[], held: readonly (readonly [string, string, RawRow?])[]) {
  const snapshot = snapshotOf(market);
  const positions = held.map(([instrument, quantity, more]) => {
    return { instrument, quantity, entryPrice: '1', ...more };
  });
  const book = bookOf({ balances, positions }, snapshot);
  const formula = overMaintenance(snapshot.policy.liquidationMultiplier);
  const surplus = bookFigures(book, snapshot.policy).surplus.liquidation.point;
  const prices = liquidationMultiples(book, surplus, formula);
  return {
    radius: textOf(safeRadius(book, formula)),
    prices: prices
      .flatMap(({ below, above }) => [below, above])
      .filter((each) => each !== undefined),
  };
}

const usd = (amount: string) => ({ asset: 'USD', amount });

describe('nothing liquidates', () => {
  it.each([
    ['a long call alone', [], [['CALL', '1']]],
    ['a long put', [usd('0')], [['PUT', '2']]],
    [
      'a straddle with cash',
      [usd('100')],
      [
        ['PUT', '1'],
        ['CALL', '1'],
      ],
    ],
    ['a long call that settles in a stablecoin', [], [['CALL-USDC', '1']]],
    ['a long call that settles in coin', [], [['CALL-COIN', '1']]],
    ['a call of which half is offered', [], [['CALL', '2', { openSellQuantity: '1' }]]],
    ['coin without a debt', [{ asset: 'BTC', amount: '1' }], []],
    [
      'coins and calls',
      [
        { asset: 'BTC', amount: '1' },
        { asset: 'USDC', amount: '1' },
      ],
      [['CALL', '1']],
    ],
  ] as [string, RawRow[], [string, string, RawRow?][]][])('of %s', (_, balances, held) => {
    expect(limitsOf(balances, held)).toEqual({ radius: '10', prices: [] });
  });
});

describe('something liquidates', () => {
  it.each([
    ['a long call and a debt', [usd('-100')], [['CALL', '1']]],
    ['a call that is offered twice', [usd('9000')], [['CALL', '1', { openSellQuantity: '2' }]]],
    [
      'a long call and a perpetual',
      [usd('9000')],
      [
        ['CALL', '1'],
        ['PERP', '1', { entryPrice: '60000' }],
      ],
    ],
    ['coin and a debt', [{ asset: 'BTC', amount: '1' }, usd('-100')], []],
  ] as [string, RawRow[], [string, string, RawRow?][]][])('of %s', (_, balances, held) => {
    const { radius, prices } = limitsOf(balances, held);
    expect(Number(radius)).toBeLessThan(10);
    expect(prices.length).toBeGreaterThan(0);
  });
});
