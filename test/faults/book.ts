/**
 * A small book with one account for each finding of a check. At 6,000 for BTC, 10 BTC-PERP require
 * 3,000 and the buffer is some 600. The levels lie hundreds apart, so neither the age of a quote
 * nor its confidence changes a level.
 */
import type { Row } from './world.ts';

const LONG = { instrument: 'BTC-PERP', quantity: '10', entryPrice: '7000' };

export const MARKET: readonly Row[] = [
  {
    kind: 'policy',
    id: 'default',
    mode: 'enforce',
    liquidationCooldownSeconds: 600,
    planExpirySeconds: 600,
  },
  { kind: 'asset', id: 'BTC', feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' },
  { kind: 'asset', id: 'DOGE', feed: 'DOGE-USD', riskClass: 'BTC', collateralWeight: '0.5' },
  {
    kind: 'instrument',
    id: 'BTC-PERP',
    type: 'perpetual',
    underlying: 'BTC-USD',
    settlementAsset: 'USD',
    riskClass: 'BTC',
  },
  {
    kind: 'risk',
    id: 'BTC',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
    volatility: '0.9',
    jumpFloor: '0.005',
    liquidity: { fee: '0.0005', slippage: '0.001' },
  },
];

export const position = (accountId: string, row: Row = {}): Row => {
  const { label, ...attributes } = { ...LONG, ...row } as Row;
  const suffix = label === undefined ? '' : `#${label}`;
  return { accountId, item: `position#${attributes.instrument}${suffix}`, ...attributes };
};

export const balance = (accountId: string, amount: unknown, asset = 'USD'): Row => ({
  accountId,
  item: `balance#${asset}`,
  asset,
  amount,
});

export const long = (accountId: string, usd: string): readonly Row[] => [
  balance(accountId, usd),
  position(accountId),
];

const SHORT = { quantity: '-4', entryPrice: '5500', isolatedMargin: '2500' };

export const ACCOUNTS: readonly Row[] = [
  ...long('healthy', '40000'),
  ...long('called', '14000'),
  ...long('liquidated', '12000'),
  ...long('bankrupt', '9000'),
  balance('isolated', '5000'),
  position('isolated', SHORT),
  // 1,000 DOGE count 50 at 0.1, and 25 to 100 while the price is stale: they cover the debt or not.
  balance('stale', '1000', 'DOGE'),
  balance('stale', '-30'),
  balance('mistyped', '25,000'),
];

/** `<subject> <type>` of every message of this book’s first check. */
export const OPENINGS: readonly string[] = [
  'bankrupt deficit.detected',
  'bankrupt liquidation.ordered',
  'called margin-call.issued',
  'DOGE-USD oracle.rejected',
  'isolated#BTC-PERP liquidation.ordered',
  'liquidated liquidation.ordered',
  'mistyped account.indeterminate',
  'stale account.indeterminate',
].sort();

/** Prices at the first check. The quote of DOGE is stale and stays so. */
export const PRICES: Readonly<Record<string, string>> = { 'BTC-USD': '6000' };

export const quote = (feed: string, price: unknown, publishedAt: unknown): Row => ({
  kind: 'quote',
  id: `${feed}#pyth`,
  price,
  publishedAt,
});
