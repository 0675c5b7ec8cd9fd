/** Rules that a certificate has to pay for, or that leave an account without one. */
import { describe, expect, it } from 'vitest';
import { type Case, hoursAgo, measured, usd } from './measured.ts';

describe('a bound is not above the exact figure', () => {
  it.each<[string, Case]>(
    (['perSecond', 'taylor'] as const).map((interestCompounding) => [
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
  )('%s', (_what, of) => {
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
