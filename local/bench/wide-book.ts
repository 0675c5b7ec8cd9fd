/** Accounts of many rows; all are below their call line, and all but one kind are liquidated. */
import type { AccountRow, MarketRow } from '../aws/rows.ts';
import { BENCH_START } from './book.ts';

export const WIDE_KINDS = [
  'markets',
  'stablecoin',
  'joint',
  'called',
  'isolated',
  'labels',
] as const;
export type WideKind = (typeof WIDE_KINDS)[number];

const SETTLED_IN: Readonly<Record<WideKind, string>> = {
  markets: 'USD',
  stablecoin: 'USDC',
  joint: 'USD',
  called: 'USD',
  isolated: 'USD',
  labels: 'USD',
};

const RATES = [
  { floor: '0', initial: '0.06', maintenance: '0.03' },
  { floor: '1000000', initial: '0.1', maintenance: '0.05' },
];

/** One market for each feed. */
export const wideMarket = (kind: WideKind, markets: number): MarketRow[] => [
  {
    kind: 'policy',
    id: 'default',
    mode: 'enforce',
    liquidationThrottle: 'none',
    jointShockWeight: kind === 'joint' ? '0.3' : '0',
  },
  {
    kind: 'asset',
    id: 'USDC',
    feed: 'USDC-USD',
    collateralWeight: '0.98',
    liabilityWeight: '1.02',
  },
  quote('USDC-USD', '1'),
  ...['USDC', 'PERP'].map((id) => ({
    kind: 'risk',
    id,
    volatility: '0.9',
    jumpFloor: '0.005',
    liquidity: { fee: '0.0005', slippage: '0.001', impact: '1', liquidationFee: '0.002' },
    margin: { type: 'tiered', tiers: RATES },
  })),
  ...Array.from({ length: markets }, (_, index): MarketRow[] => [
    {
      kind: 'instrument',
      id: marketAt(index),
      type: 'perpetual',
      underlying: `C${index}-USD`,
      settlementAsset: SETTLED_IN[kind],
      riskClass: 'PERP',
      lotSize: '0.001',
      dailyVolume: '2e9',
      depth: '5e6',
    },
    quote(`C${index}-USD`, '130'),
  ]).flat(),
];

const quote = (feed: string, price: string): MarketRow => ({
  kind: 'quote',
  id: `${feed}#venue`,
  price,
  publishedAt: String(BENCH_START),
});

const marketAt = (index: number): string => `C${index}-PERP`;

const NOTIONAL = 10_000;
/** Below the liquidation line; a called account is above it and below the call line. */
const marginOf = (kind: WideKind): number => NOTIONAL * 0.03 * (kind === 'called' ? 1.55 : 0.8);

/** An account of so many positions, the first in the given market; one market holds all labels. */
export function wideAccount(
  kind: WideKind,
  of: { readonly accountId: string; readonly rows: number; readonly first: number },
): AccountRow[] {
  const { accountId, rows, first } = of;
  const asset = SETTLED_IN[kind];
  const positions = Array.from({ length: rows }, (_, index) =>
    positionRow(kind, { accountId, index: first + index }),
  );
  if (kind === 'isolated') return positions;
  const amount = String(rows * marginOf(kind));
  return [{ accountId, item: `balance#${asset}`, asset, amount }, ...positions];
}

function positionRow(
  kind: WideKind,
  { accountId, index }: { readonly accountId: string; readonly index: number },
): AccountRow {
  const instrument = marketAt(kind === 'labels' ? 0 : index);
  const notional = NOTIONAL * (1 + (index % 7) / 50);
  return {
    accountId,
    item: `position#${instrument}${kind === 'labels' ? `#${index}` : ''}`,
    instrument,
    quantity: `${index % 2 === 0 || kind === 'labels' ? '' : '-'}${(notional / 130).toFixed(3)}`,
    entryPrice: '130',
    ...(kind === 'isolated' ? { isolatedMargin: marginOf(kind).toFixed(2) } : {}),
  };
}
