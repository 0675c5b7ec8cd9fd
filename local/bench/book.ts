/** Four rows per account; one account in 200 has an open margin call. */
import type { AccountRow, MarketRow } from '../aws/rows.ts';

export const BENCH_START = Date.UTC(2020, 2, 12, 11);
const ONE_IN = 200;

export const benchMarket = (): MarketRow[] => [
  {
    kind: 'policy',
    id: 'default',
    staleAfterSeconds: '86400',
    maxAgeSeconds: '86400',
    callGraceSeconds: '86400',
  },
  { kind: 'asset', id: 'USDC', feed: 'USDC-USD', collateralWeight: '0.98' },
  { kind: 'risk', id: 'USDC', volatility: '0.03' },
  {
    kind: 'risk',
    id: 'BTC',
    volatility: { type: 'ewma', floor: '0.4', stress: '0.8' },
    jumpFloor: '0.005',
    liquidity: { fee: '0.0005', slippage: '0.001' },
    margin: {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.05', maintenance: '0.025' },
        { floor: '1000000', initial: '0.1', maintenance: '0.05' },
      ],
    },
  },
  {
    kind: 'risk',
    id: 'ETH',
    volatility: '0.9',
    jumpFloor: '0.006',
    margin: { type: 'flat', initial: '0.08', maintenance: '0.04' },
  },
  ...['BTC', 'ETH'].map((name) => ({
    kind: 'instrument',
    id: `${name}-PERP`,
    type: 'perpetual',
    underlying: `${name}-USD`,
    settlementAsset: 'USD',
    riskClass: name,
  })),
  ...Object.entries({ BTC: '6092.44', ETH: '131.27', USDC: '1.0002' }).map(([name, price]) => ({
    kind: 'quote',
    id: `${name}-USD#venue`,
    price,
    publishedAt: String(BENCH_START),
  })),
];

export function benchAccount(index: number): AccountRow[] {
  const accountId = `account-${index}`;
  const isCalled = index % ONE_IN === 0;
  const side = index % 2 === 0 ? '' : '-';
  return [
    { accountId, item: 'profile', marginModel: 'standard' },
    { accountId, item: 'balance#USDC', asset: 'USDC', amount: isCalled ? '234.6' : '4260.75' },
    {
      accountId,
      item: 'position#BTC-PERP',
      instrument: 'BTC-PERP',
      quantity: isCalled ? '1' : `${side}${1 + (index % 7) / 8}`,
      entryPrice: '6088.125',
    },
    {
      accountId,
      item: 'position#ETH-PERP',
      instrument: 'ETH-PERP',
      quantity: isCalled ? '1' : `${1 + (index % 5)}`,
      entryPrice: '130.5',
    },
  ];
}
