/** Rules that a certificate has to pay for, or that leave an account without one. */
import { describe, expect, it } from 'vitest';
import { type Case, held, hoursAgo, measured, usd } from './measured.ts';

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
  ])('where %s', (_what, of) => expect(measured(of)).toMatchObject({ bound: Number.NaN }));
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

describe('no certificate', () => {
  it.each<[string, Case]>([
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
