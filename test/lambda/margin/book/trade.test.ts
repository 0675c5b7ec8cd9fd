import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import type { SubAccount } from '../../../../lambda/margin/book/account.ts';
import { type TradeOrder, traded } from '../../../../lambda/margin/book/trade.ts';
import {
  approximately,
  price,
  quantity,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import { type AccountRows, crossOf, NOW, snapshotOf, subAccountsOf } from '../build.ts';

const HOUR_MS = 3_600_000;
const linear = { type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC' };
const option = {
  type: 'option',
  ...{ optionType: 'call', strike: '65000', expiresAt: String(NOW + 30 * 24 * HOUR_MS) },
  ...{ underlying: 'BTC-USD', riskClass: 'BTC' },
};
const snapshot = snapshotOf({
  assets: {
    BTC: { feed: 'BTC-USD' },
    USDC: { feed: 'USDC-USD', borrowRatePerHour: '0.00001' },
  },
  instruments: {
    USD: { ...linear, settlementAsset: 'USD', contractSize: '0.1' },
    USDC: { ...linear, settlementAsset: 'USDC' },
    COIN: { ...linear, settlementAsset: 'BTC' },
    INVERSE: { ...linear, settlementAsset: 'BTC', inverse: true, contractSize: '10' },
    CALL: { ...option, settlementAsset: 'USD', markFeed: 'CALL' },
    CALLC: { ...option, settlementAsset: 'USDC', markFeed: 'CALLC' },
    CALLI: { ...option, settlementAsset: 'BTC', inverse: true, markFeed: 'CALLI' },
    OLD: {
      ...linear,
      type: 'future',
      settlementAsset: 'USD',
      expiresAt: '1',
      settlementFeed: 'OLD',
    },
  },
  risk: {
    BTC: {
      volatility: '0.6',
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      optionRule: { shortCall: { initial: { rate: '0.15' }, maintenance: { rate: '0.09' } } },
    },
  },
  quotes: {
    'BTC-USD#a': { price: '60000', fundingRatePerHour: '0.0000125' },
    'USDC-USD#a': { price: '0.98' },
    'CALL#a': { price: '1500', impliedVolatility: '0.6' },
    'CALLC#a': { impliedVolatility: '0.6' },
    'CALLI#a': { price: '0.025', impliedVolatility: '0.6' },
    'OLD#a': { price: '50000' },
  },
});

const order = (
  instrument: string,
  side: 'buy' | 'sell',
  contracts: string,
  at?: string,
): TradeOrder => ({
  kind: 'instrument',
  instrument,
  side,
  quantity: quantity(contracts),
  price: at === undefined ? undefined : price(at),
  isOpen: false,
});

function having(subAccount: SubAccount, ...orders: TradeOrder[]): SubAccount {
  return orders.reduce((held, each) => {
    const trade = traded(held, each, snapshot);
    if (!trade.ok) throw new Error(trade.reason.detail);
    return trade.value.after;
  }, subAccount);
}

function equityOf(subAccount: SubAccount, market: Snapshot = snapshot): number {
  const outcome = assess(subAccount, market);
  if (outcome.certainty !== 'indeterminate') return approximately(outcome.equity.point);
  throw new Error(outcome.reasons.map(({ detail }) => detail).join('; '));
}

const positionOf = (subAccount: SubAccount, instrument: string) => {
  const found = subAccount.positions.find((position) => position.instrument === instrument);
  return [found?.quantity, found?.entryPrice].map((each) => each && textOf(each));
};

const balanceOf = (subAccount: SubAccount, asset: string): string | undefined => {
  const found = subAccount.balances.find((balance) => balance.asset === asset);
  return found && textOf(found.amount);
};

/** An existing position with accrued funding, and a loan with accrued interest. */
const held = (instrument: string, contracts: string, entryPrice: string): AccountRows => ({
  balances: [
    { asset: 'USD', amount: '50000' },
    { asset: 'USDC', amount: '-1000', interestSettledAt: String(NOW - HOUR_MS) },
  ],
  positions: [
    { instrument, quantity: contracts, entryPrice, fundingSettledAt: String(NOW - HOUR_MS) },
  ],
});

const LINEAR = ['USD', 'USDC', 'COIN', 'INVERSE'] as const;
const OPTIONS = ['CALL', 'CALLC', 'CALLI'] as const;
const contracts = fc.integer({ min: 1, max: 30_000 }).map((each) => `${each}e-2`);
const side = fc.constantFrom('buy' as const, 'sell' as const);
const anyTrade = fc.record({
  instrument: fc.constantFrom(...LINEAR, ...OPTIONS),
  sign: fc.constantFrom('', '-'),
  before: contracts,
  traded: contracts,
  side,
  move: fc.integer({ min: -40, max: 40 }),
});

const entryOf = (instrument: string): string => {
  if (instrument === 'CALLI') return '0.02';
  return instrument.startsWith('CALL') ? '1400' : '58000';
};

describe('trading', () => {
  it('at the mark leaves the equity unchanged, whatever the instrument', () => {
    fc.assert(
      fc.property(anyTrade, ({ instrument, sign, before, traded: size, side: way }) => {
        const cross = crossOf(held(instrument, `${sign}${before}`, entryOf(instrument)));
        const trade = having(cross, order(instrument, way, size));
        expect(equityOf(trade)).toBeCloseTo(equityOf(cross), 8);
      }),
      { numRuns: 200 },
    );
  });

  it('there and back at one price leaves the equity and the position unchanged', () => {
    const opposite = { buy: 'sell', sell: 'buy' } as const;
    fc.assert(
      fc.property(anyTrade, ({ instrument, sign, before, traded: size, side: way, move }) => {
        const cross = crossOf(held(instrument, `${sign}${before}`, entryOf(instrument)));
        const at = String((Number(entryOf(instrument)) * (100 + move)) / 100);
        const back = having(
          cross,
          order(instrument, way, size, at),
          order(instrument, opposite[way], size, at),
        );
        expect(equityOf(back)).toBeCloseTo(equityOf(cross), 6);
        expect(positionOf(back, instrument)[0]).toBe(positionOf(cross, instrument)[0]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a fill of a linear or inverse instrument', () => {
  const long = crossOf({ positions: [{ instrument: 'USD', quantity: '30', entryPrice: '50000' }] });

  it('averages the entry price when it adds to the position', () => {
    const trade = having(long, order('USD', 'buy', '10', '58000'));
    expect(positionOf(trade, 'USD')).toEqual(['40', '52000']);
    expect(trade.balances).toEqual([]);
  });

  it('realises q·c·(price − entry) in the settlement asset when it reduces the position', () => {
    const trade = having(long, order('USD', 'sell', '10', '58000'));
    expect(positionOf(trade, 'USD')).toEqual(['20', '50000']);
    expect(balanceOf(trade, 'USD')).toBe('8000');
  });

  it('realises the whole profit when it flips the position, and enters the rest at its price', () => {
    const trade = having(long, order('USD', 'sell', '50', '58000'));
    expect(positionOf(trade, 'USD')).toEqual(['-20', '58000']);
    expect(balanceOf(trade, 'USD')).toBe('24000');
  });

  it('leaves no position when it closes it', () => {
    const trade = having(long, order('USD', 'sell', '30', '40000'));
    expect(positionOf(trade, 'USD')[0]).toBe('0');
    expect(balanceOf(trade, 'USD')).toBe('-30000');
  });

  it('averages harmonically and realises coins if the instrument is inverse', () => {
    const inverse = crossOf({
      positions: [{ instrument: 'INVERSE', quantity: '3000', entryPrice: '50000' }],
    });
    const added = having(inverse, order('INVERSE', 'buy', '3000', '75000'));
    expect(positionOf(added, 'INVERSE')).toEqual(['6000', '60000']);
    const reduced = having(inverse, order('INVERSE', 'sell', '1000', '62500'));
    expect(balanceOf(reduced, 'BTC')).toBe('0.04');
  });

  it('settles the funding of the position that was held', () => {
    const funded = crossOf(held('USD', '10', '60000'));
    const trade = having(funded, order('USD', 'buy', '10'));
    expect(balanceOf(trade, 'USD')).toBe('49999.25');
    expect(trade.positions[0]?.fundingSettledAt).toBe(NOW);
  });

  it('is paid from the isolated margin if the position is isolated', () => {
    const [, isolated] = subAccountsOf({
      positions: [
        { instrument: 'USD', quantity: '30', entryPrice: '50000', isolatedMargin: '9000' },
      ],
    });
    if (isolated === undefined) throw new Error('there is one');
    const trade = having(isolated, order('USD', 'sell', '10', '58000'));
    expect(trade.balances).toEqual([]);
    expect(trade.isolatedMargin && textOf(trade.isolatedMargin)).toBe('17000');
  });
});

describe('a fill of an option', () => {
  it.each([
    ['CALL', 'USD', '-3000'],
    ['CALLI', 'BTC', '-0.05'],
  ])('pays its premium in the settlement asset: %s in %s', (instrument, asset, paid) => {
    expect(balanceOf(having(crossOf({}), order(instrument, 'buy', '2')), asset)).toBe(paid);
  });
});

describe('a spot trade', () => {
  const spot = (asset: string, way: 'buy' | 'sell', at?: string): TradeOrder => ({
    kind: 'spot',
    ...{ asset, side: way, quantity: quantity('2') },
    price: at === undefined ? undefined : price(at),
  });

  it('moves the balance against the numeraire, by default at the price of the asset', () => {
    const bought = having(crossOf({}), spot('BTC', 'buy'));
    expect([balanceOf(bought, 'BTC'), balanceOf(bought, 'USD')]).toEqual(['2', '-120000']);
    const sold = having(bought, spot('BTC', 'sell', '61000'));
    expect([balanceOf(sold, 'BTC'), balanceOf(sold, 'USD')]).toEqual(['0', '2000']);
  });

  it('first adds the accrued interest to a loan', () => {
    const loan = having(crossOf(held('USD', '1', '60000')), spot('USDC', 'sell'));
    expect(balanceOf(loan, 'USDC')).toBe('-1002.01');
  });

  it.each([
    ['USD', 'USD is the numeraire, which pays for the orders and cannot be traded itself'],
    ['XYZ', 'there is no asset XYZ'],
  ])('in %s is refused, as it names no tradable asset', (asset, detail) => {
    expect(traded(crossOf({}), spot(asset, 'buy'), snapshot)).toMatchObject({
      reason: { detail },
    });
  });
});

describe('an order', () => {
  it('that rests counts as open and fills nothing', () => {
    const trade = having(crossOf({}), { ...order('USD', 'sell', '5'), isOpen: true } as TradeOrder);
    const [position] = trade.positions;
    expect(position && [textOf(position.quantity), textOf(position.openSellQuantity)]).toEqual([
      '0',
      '5',
    ]);
    expect([position?.openOrderCount, trade.balances]).toEqual([1, []]);
  });

  it.each([
    ['NONE', 'there is no instrument NONE'],
    ['OLD', 'OLD has expired'],
  ])('in %s is refused, as the instrument cannot be traded', (instrument, detail) => {
    expect(traded(crossOf({}), order(instrument, 'buy', '1'), snapshot)).toMatchObject({
      reason: { detail },
    });
  });
});
