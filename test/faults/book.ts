/**
 * A small book with one account for each thing that a check can find. At 6,000 for BTC the
 * requirement of 10 BTC-PERP is 3,000, the buffer some 600, and the levels lie hundreds apart, so
 * that neither a quote's age nor its confidence moves an account to another one.
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

/** An account that is long 10 BTC-PERP from 7,000, with an amount of USD. */
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
  balance('stale', '1000', 'DOGE'),
  balance('mistyped', '25,000'),
];

/** `<subject> <type>` of everything that the first check of this book says. */
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

/** Prices at the first check; the quote of DOGE stays as old as it is. */
export const PRICES: Readonly<Record<string, string>> = { 'BTC-USD': '6000' };

export const quote = (feed: string, price: unknown, publishedAt: unknown): Row => ({
  kind: 'quote',
  id: `${feed}#pyth`,
  price,
  publishedAt,
});
