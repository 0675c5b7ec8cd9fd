/** A certificate's bound at another market beside the exact figure. */
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

export const HOUR_MS = 3_600_000;
export const hoursAgo = (hours: number): string => String(NOW - hours * HOUR_MS);

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
export type Changes = Partial<Record<'assets' | 'instruments' | 'risk' | 'quotes', Rows>> & {
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

export interface Case {
  readonly account: AccountRows;
  readonly before?: Changes;
  readonly after: Changes;
  /** The cross book is 0, and each isolated position follows. */
  readonly index?: number;
}

export function measured({ account, before = {}, after, index = 0 }: Case) {
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

export const usd = (amount: string, rest: RawRow = {}): RawRow => ({
  asset: 'USD',
  amount,
  ...rest,
});
export const held = (instrument: string, quantity: string, rest: RawRow = {}): RawRow => ({
  ...{ instrument, quantity, entryPrice: '6000' },
  ...rest,
});
export const funded = (rate: string): Changes => ({
  quotes: {
    'BTC-USD#a': { fundingRatePerHour: rate },
    'BTC-MARK#a': { fundingRatePerHour: rate },
  },
});
