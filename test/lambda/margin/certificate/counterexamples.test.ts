/** Rows that random books do not reach, one for each way in which a bound might be too high. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../build.ts';
import { type Case, funded, HOUR_MS, held, hoursAgo, measured, usd } from './measured.ts';

const SCALED = {
  assets: { BTC: { feed: 'BTC-USD', sizeScaling: '1', borrowRatePerHour: '0.01' } },
};

describe('nothing is said', () => {
  it.each<[string, Case]>([
    [
      'the numeraire weighs less, and nothing else is held',
      {
        account: { balances: [usd('100')] },
        after: { assets: { USD: { collateralWeight: '0.5' } } },
      },
    ],
    [
      'there is another numeraire',
      { account: { balances: [usd('100')] }, after: { policy: { numeraire: 'EUR' } } },
    ],
    [
      'the numeraire row cannot be read',
      {
        account: { balances: [usd('100')] },
        after: { assets: { USD: { collateralWeight: 'x' } } },
      },
    ],
    [
      'the settlement asset has another feed',
      {
        account: { balances: [usd('3000')], positions: [held('PU', '1', { entryPrice: '1000' })] },
        after: { assets: { USDC: { feed: 'NEW-USD' } } },
      },
    ],
  ])('where %s', (_what, of) => {
    expect(measured(of)).toMatchObject({ bound: Number.NaN });
  });
});

describe('a bound is not above the exact figure', () => {
  it.each<[string, Case]>([
    [
      'funding of an inverse contract, coin at a cent',
      {
        account: {
          balances: [usd('500000')],
          positions: [held('INV', '10', { entryPrice: '0.01', fundingSettledAt: hoursAgo(0) })],
        },
        before: { quotes: { 'BTC-USD#a': { price: '0.01', fundingRatePerHour: '0.001' } } },
        after: { hours: 10 },
      },
    ],
    ...(['9', '0.06'] as const).map((price): [string, Case] => [
      `funding of an inverse contract that has accrued, coin at ${price}`,
      {
        account: {
          balances: [usd('500000')],
          positions: [
            held('INV', price === '9' ? '-10' : '10', {
              ...{ entryPrice: '1', fundingSettledAt: hoursAgo(10) },
            }),
          ],
        },
        before: { quotes: { 'BTC-USD#a': { price: '1', fundingRatePerHour: '0.01' } } },
        after: { quotes: { 'BTC-USD#a': { price, fundingRatePerHour: '0.01' } } },
      },
    ]),
    [
      'a requirement is not scaled by the settlement asset',
      {
        account: { balances: [usd('500000')], positions: [held('PC', '10')] },
        after: { quotes: { 'BTC-MARK#a': { price: '6059' } } },
      },
    ],
    [
      'much funding has accrued on a mark of its own',
      {
        account: {
          balances: [usd('500000')],
          positions: [held('PM', '10', { fundingSettledAt: hoursAgo(20) })],
        },
        before: funded('-0.05'),
        after: {
          quotes: {
            'BTC-MARK#a': { price: '5941', fundingRatePerHour: '-0.05' },
            'BTC-USD#a': { fundingRatePerHour: '-0.05' },
          },
        },
      },
    ],
    [
      'labels net, and what has accrued on them does not',
      {
        account: {
          balances: [usd('500000')],
          positions: [
            held('PM', '10', { label: 'a', fundingSettledAt: hoursAgo(20) }),
            held('PM', '-10', { label: 'b' }),
          ],
        },
        before: funded('0.05'),
        after: {
          quotes: {
            'BTC-MARK#a': { price: '6059', fundingRatePerHour: '0.05' },
            'BTC-USD#a': { fundingRatePerHour: '0.05' },
          },
        },
      },
    ],
    ...[
      {
        balances: [usd('500000'), { asset: 'BTC', amount: '-10', interestSettledAt: hoursAgo(0) }],
      },
      {
        balances: [usd('5000000')],
        positions: [held('P', '-10', { fundingSettledAt: hoursAgo(0) })],
      },
    ].map((account, index): [string, Case] => [
      `what accrues moves with uncertainty and shock, ${index === 0 ? 'a loan' : 'funding'}`,
      {
        account,
        before: {
          policy: { latencyBuffer: 'standard', uncertainty: 'standard' },
          assets: { BTC: { feed: 'BTC-USD', borrowRatePerHour: '0.05' } },
          risk: { BTC: { jumpFloor: '0.29', shockMax: '1' } },
          quotes: { 'BTC-USD#a': { confidence: '400', fundingRatePerHour: '-0.05' } },
        },
        after: { hours: 20 },
      },
    ]),
    [
      'a requirement follows a forward that has moved apart, and its uncertainty with it',
      {
        account: { balances: [usd('20000')], positions: [held('C', '-10')] },
        before: {
          policy: { latencyBuffer: 'none', uncertainty: 'standard' },
          instruments: {
            C: {
              ...{ type: 'option', optionType: 'call', strike: '12000', markFeed: 'C' },
              ...{ underlying: 'BTC-USD', forwardFeed: 'BTC-FORWARD', riskClass: 'BTC' },
              ...{ settlementAsset: 'USD', expiresAt: String(NOW + 12 * HOUR_MS) },
            },
          },
          risk: {
            BTC: {
              optionRule: {
                shortCall: { initial: { rate: '0.2' }, maintenance: { rate: '0.2' } },
                ...{ underlyingPrice: 'forward', balanceValue: 'all' },
              },
            },
          },
          quotes: {
            'BTC-USD#a': { price: '6000', confidence: '3' },
            'BTC-FORWARD#a': { price: '6000', confidence: '3' },
            'C#a': { impliedVolatility: '0.6' },
          },
        },
        after: { quotes: { 'BTC-FORWARD#a': { price: '6059', confidence: '3' } } },
      },
    ],
  ])('%s', (_what, of) => {
    const { bound, exact, why } = measured(of);
    expect(why).toBeUndefined();
    expect(bound).toBeLessThanOrEqual(exact as number);
  });
});

describe('no certificate where size or a closed position decides', () => {
  const rule = { type: 'squareRoot', initial: '0.5', maintenance: '0.5', sizeScaling: '0.1' };
  it.each<[string, Case]>([
    [
      'closed',
      {
        account: { positions: [held('P', '0', { isolatedMargin: '1000' })] },
        after: {},
        index: 1,
      },
    ],
    [
      'charged by size',
      {
        account: { balances: [usd('500000')], positions: [held('PM', '-10')] },
        before: { risk: { BTC: { margin: rule } } },
        after: {},
      },
    ],
    [
      'charged by size',
      {
        account: { balances: [usd('1000000000'), { asset: 'BTC', amount: '-10' }] },
        before: SCALED,
        after: {},
      },
    ],
  ])('%s', (why, of) => {
    expect(measured(of).why).toBe(why);
  });
});
