/** Rows that random books do not reach, one for each way in which a bound might be too high. */
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { certify } from '../../../../lambda/margin/certificate/certify.ts';
import { Columns } from '../../../../lambda/margin/certificate/columns.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import { Screen } from '../../../../lambda/margin/certificate/screen.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, type MarketRows, NOW, snapshotOf, subAccountsOf } from '../build.ts';

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number): string => String(NOW - hours * HOUR_MS);

const MARKET: MarketRows = {
  policy: { maxAgeSeconds: '86400', staleAfterSeconds: '86400' },
  assets: {
    BTC: { feed: 'BTC-USD', borrowRatePerHour: '0.01' },
    USDC: { feed: 'USDC-USD' },
    USDT: { feed: 'USDC-USD' },
    CENT: { feed: 'CENT-USD' },
  },
  instruments: Object.fromEntries(
    (
      [
        ['P', { settlementAsset: 'USD' }],
        ['PM', { settlementAsset: 'USD', markFeed: 'BTC-MARK' }],
        ['PU', { settlementAsset: 'USDC' }],
        ['PC', { settlementAsset: 'CENT', markFeed: 'BTC-MARK' }],
        ['INV', { settlementAsset: 'BTC', inverse: true, contractSize: '1000' }],
      ] as const
    ).map(([id, row]) => [
      id,
      { type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC', ...row } as RawRow,
    ]),
  ),
  risk: {
    BTC: { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' }, volatility: '0.8' },
    USDC: { volatility: '0.03' },
  },
  quotes: {
    'BTC-USD#a': { price: '6000' },
    'BTC-MARK#a': { price: '6000' },
    'USDC-USD#a': { price: '1' },
    'CENT-USD#a': { price: '0.01' },
    'NEW-USD#a': { price: '0.5' },
  },
};

type Rows = Readonly<Record<string, RawRow>>;
type Changes = Partial<Record<'assets' | 'instruments' | 'risk' | 'quotes', Rows>> & {
  readonly policy?: RawRow;
  readonly hours?: number;
};

function changed(market: MarketRows, { policy, hours = 0, ...rows }: Changes): MarketRows {
  const asOf = NOW + hours * HOUR_MS;
  const merged = Object.entries(rows).map(([kind, byId]) => {
    const before = market[kind as 'assets'] ?? {};
    const own = Object.entries(byId).map(([id, row]) => [id, { ...before[id], ...row }]);
    return [kind, { ...before, ...Object.fromEntries(own) }];
  });
  const next: MarketRows = { ...market, policy: { ...market.policy, ...policy }, asOf };
  const all: MarketRows = { ...next, ...Object.fromEntries(merged) };
  const quotes = Object.entries(all.quotes ?? {}).map(([id, row]) => [
    id,
    { ...row, publishedAt: String(asOf) },
  ]);
  return { ...all, quotes: Object.fromEntries(quotes) };
}

interface Case {
  readonly account: AccountRows;
  readonly before?: Changes;
  readonly after: Changes;
  /** The cross book is 0, and each isolated position follows. */
  readonly index?: number;
}

function measured({ account, before = {}, after, index = 0 }: Case) {
  const opened = changed(MARKET, before);
  const snapshot = snapshotOf(opened);
  const subAccount = subAccountsOf(account)[index];
  if (subAccount === undefined) throw new Error('there is no such sub-account');
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) throw new Error(JSON.stringify(built.reasons));
  const columns = new Columns(snapshot, ENVELOPE);
  const certified = certify(subAccount, built.book, { snapshot, columns });
  if (!certified.ok) return { why: certified.why };
  const screen = new Screen(columns);
  screen.add(1, certified.certificate);
  const then = snapshotOf(changed(opened, after));
  const next = buildBook(subAccount, then);
  const low = next.ok
    ? lowCallSurplus(next.book, next.book.curves.map(curveAtMark), then.policy)
    : 'unbounded';
  const exact = low === 'unbounded' ? Number.NEGATIVE_INFINITY : approximately(low);
  return { bound: screen.boundsAt(then)[1] ?? Number.NaN, exact };
}

const usd = (amount: string, rest: RawRow = {}): RawRow => ({ asset: 'USD', amount, ...rest });
const held = (instrument: string, quantity: string, rest: RawRow = {}): RawRow => ({
  ...{ instrument, quantity, entryPrice: '6000' },
  ...rest,
});
const funded = (rate: string): Changes => ({
  quotes: {
    'BTC-USD#a': { fundingRatePerHour: rate },
    'BTC-MARK#a': { fundingRatePerHour: rate },
  },
});
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
