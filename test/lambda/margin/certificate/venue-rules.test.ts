/** Rules that a certificate has to pay for, or that leave an account without one. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../build.ts';
import { type Case, HOUR_MS, held, hoursAgo, measured, usd } from './measured.ts';

const BINARY = {
  ...{ type: 'perpetual', underlying: 'VOTE-USD', riskClass: 'VOTE', settlementAsset: 'USD' },
  payout: '1',
};
const VOTE = {
  instruments: { VOTE: BINARY },
  risk: {
    VOTE: { margin: { type: 'flat', initial: '1', maintenance: '0.8' }, volatility: '0.8' },
  },
  quotes: { 'VOTE-USD#a': { price: '0.25' } },
};
const MEAN = {
  assets: { BTC: { feed: 'BTC-USD', initialPriceFeed: 'MEAN' } },
  quotes: { 'MEAN#a': { price: '5000' } },
};
const IMMENSE = { quotes: { 'MEAN#a': { price: '1e15' } } };
const STANDARD = { policy: { latencyBuffer: 'standard', uncertainty: 'standard' } };
const AT_INITIAL = { policy: { callAt: 'initial' } };
const DEPOSIT = { balances: [usd('100'), { asset: 'BTC', amount: '10' }] };
const PROFIT = { balances: [usd('9000')], positions: [held('P', '10', { entryPrice: '5000' })] };

describe('a bound is not above the exact figure', () => {
  it.each<[string, Case]>([
    ...(['40000', '3000'] as const).map((price): [string, Case] => [
      `margin on the notional at entry, at ${price}`,
      {
        account: { balances: [usd('500000')], positions: [held('PM', '-10')] },
        before: { risk: { BTC: { notionalAt: 'entry' } } },
        after: { quotes: { 'BTC-USD#a': { price }, 'BTC-MARK#a': { price } } },
      },
    ]),
    ...(['40000', '600'] as const).map((price): [string, Case] => [
      `orders of an asset, at ${price}`,
      {
        account: {
          balances: [
            usd('900000'),
            {
              ...{ asset: 'BTC', amount: '-10', interestSettledAt: hoursAgo(2) },
              ...{ openBuyQuantity: '8', openSellQuantity: '5', openOrderCount: '3' },
            },
          ],
        },
        before: {
          assets: { BTC: { collateralWeight: '0.9', liabilityWeight: '1.1' } },
          risk: { BTC: { openOrderCharge: '10' } },
        },
        after: { quotes: { 'BTC-USD#a': { price } } },
      },
    ]),
    ...(['perSecond', 'taylor'] as const).map((interestCompounding): [string, Case] => [
      `a loan that has grown and grows on: ${interestCompounding}`,
      {
        account: {
          balances: [
            usd('500000'),
            { asset: 'BTC', amount: '-10', interestSettledAt: hoursAgo(20) },
          ],
        },
        before: { assets: { BTC: { borrowRatePerHour: '0.02', interestCompounding } } },
        after: { hours: 20 },
      },
    ]),
  ])('%s', (_what, of) => {
    const { bound, exact, why } = measured(of);
    expect(why).toBeUndefined();
    expect(bound).toBeLessThanOrEqual(exact as number);
    expect(bound).toBeGreaterThan(0);
  });
});

describe('nothing is said', () => {
  it.each<[string, Case]>([
    [
      'a loan compounds',
      {
        account: { balances: [usd('500000'), { asset: 'BTC', amount: '-10' }] },
        after: { assets: { BTC: { interestCompounding: 'perSecond' } } },
      },
    ],
    [
      'margin is taken of the notional at entry',
      {
        account: { balances: [usd('500000')], positions: [held('P', '10')] },
        after: { risk: { BTC: { notionalAt: 'entry' } } },
      },
    ],
    [
      'orders of an asset cost more',
      {
        account: { balances: [usd('500'), { asset: 'BTC', amount: '1', openOrderCount: '1' }] },
        after: { risk: { BTC: { openOrderCharge: '10' } } },
      },
    ],
    [
      'a contract becomes a binary one',
      {
        account: { balances: [usd('500000')], positions: [held('P', '10')] },
        after: { instruments: { P: { payout: '100000' } } },
      },
    ],
    [
      'a profit counts less',
      { account: PROFIT, after: { risk: { BTC: { profit: { weight: '0.5' } } } } },
    ],
    [
      'a second price counts, and calls are made at the initial requirement',
      { account: DEPOSIT, before: AT_INITIAL, after: MEAN },
    ],
    [
      'the feed of a further score has no price any more',
      {
        account: { ...PROFIT, balances: [usd('90000')] },
        before: {
          risk: {
            BTC: {
              confidenceCharges: [
                { of: 'perpetuals', threshold: '0.9', factor: '0.5', in: 'both', scoreFeed: 'S' },
              ],
            },
          },
          quotes: { 'S#a': { price: '1', confidenceScore: '0.95' } },
        },
        after: { quotes: { 'S#a': { price: 'x' } } },
      },
    ],
    [
      'more deposits lower the initial weight, and calls are made there',
      {
        account: { balances: [usd('100'), { asset: 'BTC', amount: '10' }] },
        before: {
          policy: { callAt: 'initial' },
          assets: { BTC: { totalDeposits: '20', weightScaleStart: '100000' } },
        },
        after: { assets: { BTC: { totalDeposits: '21' } } },
      },
    ],
    [
      'the profits of all lower the initial weight of one, and calls are made there',
      {
        account: PROFIT,
        before: {
          ...AT_INITIAL,
          risk: { BTC: { profit: { imbalanceStart: '100' } } },
          instruments: { P: { netProfit: '100' } },
        },
        after: { instruments: { P: { netProfit: '1000' } } },
      },
    ],
  ])('where %s', (_what, of) => expect(measured(of)).toMatchObject({ bound: Number.NaN }));
});

it('profits of all void no certificate where no call asks for initial weights', () => {
  const { bound, exact } = measured({
    account: PROFIT,
    before: {
      risk: { BTC: { profit: { imbalanceStart: '100' } } },
      instruments: { P: { netProfit: '100' } },
    },
    after: { instruments: { P: { netProfit: '1000' } } },
  });
  expect(bound).toBeLessThanOrEqual(exact as number);
  expect(bound).toBeGreaterThan(15_000);
});

it('deposits of all void no certificate where no call asks for initial weights', () => {
  const { bound, exact } = measured({
    account: { balances: [usd('100'), { asset: 'BTC', amount: '10' }] },
    before: { assets: { BTC: { totalDeposits: '20', weightScaleStart: '100000' } } },
    after: { assets: { BTC: { totalDeposits: '21' } } },
  });
  expect(bound).toBeLessThanOrEqual(exact as number);
  expect(bound).toBeGreaterThan(60_000);
});

describe('what only the initial requirement rests on', () => {
  it.each<[string, Case]>([
    [
      'a second price falls',
      { account: DEPOSIT, before: MEAN, after: { quotes: { 'MEAN#a': { price: '10' } } } },
    ],
    [
      'a second price of a loan rises',
      {
        account: { balances: [usd('200000'), { asset: 'BTC', amount: '-10' }] },
        before: MEAN,
        after: { quotes: { 'MEAN#a': { price: '50000' }, 'BTC-USD#a': { price: '6500' } } },
      },
    ],
    [
      'a second price is immense',
      { account: DEPOSIT, before: { ...MEAN, ...STANDARD }, after: IMMENSE },
    ],
    [
      'the weight of a profit is cut down far',
      {
        account: PROFIT,
        before: {
          ...STANDARD,
          risk: { BTC: { profit: { initialScaling: '0.0001', weightPlaces: '0' } } },
        },
        after: { quotes: { 'BTC-USD#a': { price: '6500' } } },
      },
    ],
    [
      'a profit counts less initially',
      {
        account: PROFIT,
        before: { risk: { BTC: { profit: { initialWeight: '0.5', initialScaling: '0.01' } } } },
        after: { quotes: { 'BTC-USD#a': { price: '6500' } } },
      },
    ],
  ])('voids no certificate where no call asks for it: %s', (_what, of) => {
    const { bound, exact, why } = measured(of);
    expect(why).toBeUndefined();
    expect(bound).toBeLessThanOrEqual(exact as number);
    expect(bound).toBeGreaterThan(0);
  });
});

const CALL = {
  ...{ type: 'option', optionType: 'call', strike: '7000', markFeed: 'C', underlying: 'BTC-USD' },
  ...{ settlementAsset: 'USD', riskClass: 'BTC', expiresAt: String(NOW + 240 * HOUR_MS) },
};

describe('no certificate', () => {
  it.each<[string, Case]>([
    [
      'strangles',
      {
        account: { balances: [usd('90000')], positions: [held('C', '-1')] },
        before: {
          instruments: { C: CALL },
          risk: {
            BTC: {
              optionRule: {
                shortCall: { initial: { rate: '0.2' }, maintenance: { rate: '0.2' } },
                strangles: 'pairs',
              },
            },
          },
          quotes: { 'C#a': { impliedVolatility: '0.6' } },
        },
        after: {},
      },
    ],
    [
      'not straight-lined',
      {
        account: DEPOSIT,
        before: { ...MEAN, ...AT_INITIAL },
        after: { quotes: { 'MEAN#a': { price: '10' } } },
      },
    ],
    [
      'not straight-lined',
      { account: PROFIT, before: { risk: { BTC: { profit: { weight: '0.5' } } } }, after: {} },
    ],
    [
      'not straight-lined',
      {
        account: PROFIT,
        before: { ...AT_INITIAL, risk: { BTC: { profit: { initialWeight: '0.5' } } } },
        after: {},
      },
    ],
    [
      // Its mark has an uncertainty of its own.
      'not straight-lined',
      {
        account: { ...PROFIT, positions: [held('PM', '10', { entryPrice: '5000' })] },
        before: { risk: { BTC: { profit: { initialWeight: '0.5' } } } },
        after: {},
      },
    ],
    [
      'not straight-lined',
      {
        account: {
          balances: [usd('9000')],
          positions: [held('VOTE', '-100', { entryPrice: '0.25' })],
        },
        before: VOTE,
        after: { quotes: { 'VOTE-USD#a': { price: '0.01' } } },
      },
    ],
    [
      'charged at entry',
      {
        account: { balances: [usd('500000')], positions: [held('P', '10')] },
        before: {
          risk: {
            BTC: {
              notionalAt: 'entry',
              dynamic: { referenceVolatility: '0.8', floor: '1', cap: '2' },
            },
          },
        },
        after: {},
      },
    ],
    [
      'charged at entry',
      {
        account: { balances: [usd('500000')], positions: [held('INV', '10')] },
        before: { risk: { BTC: { notionalAt: 'entry' } } },
        after: {},
      },
    ],
  ])('%s', (why, of) => expect(measured(of)).toEqual({ why }));
});
