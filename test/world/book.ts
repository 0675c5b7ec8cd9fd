/** The rows that a history begins with. */
import type { AccountRow, MarketRow } from '../../local/aws/rows.ts';
import type { AccountPlan, History, PolicyPlan } from './history.ts';

export const START_PRICES = { 'BTC-USD': 6_000, 'ETH-USD': 100 } as const;
export type Feed = keyof typeof START_PRICES;

/** One liar does not silence three; the other feed rests on one writer. */
export const SOURCES: Readonly<Record<Feed, readonly string[]>> = {
  'BTC-USD': ['pyth', 'chainlink', 'venue'],
  'ETH-USD': ['pyth'],
};

const MAINTENANCE = 0.05;

export const policyRow = ({ fund: _, ...policy }: PolicyPlan): MarketRow => ({
  kind: 'policy',
  id: 'default',
  ...policy,
});

export const riskRow = (id: string, maintenance = MAINTENANCE): MarketRow => ({
  kind: 'risk',
  id,
  margin:
    id === 'BTC'
      ? { type: 'flat', initial: '0.1', maintenance: String(maintenance) }
      : {
          type: 'tiered',
          tiers: [
            { floor: '0', initial: '0.1', maintenance: String(maintenance) },
            { floor: '2000', initial: '0.2', maintenance: '0.1' },
          ],
        },
  volatility: '0.9',
  jumpFloor: '0.005',
  liquidity: { fee: '0.0005', slippage: '0.001' },
});

const perpetual = (asset: string): MarketRow => ({
  kind: 'instrument',
  id: `${asset}-PERP`,
  type: 'perpetual',
  underlying: `${asset}-USD`,
  settlementAsset: 'USD',
  riskClass: asset,
});

export const fundRow = (total: number): MarketRow => ({
  kind: 'fund',
  id: 'seed',
  total: String(total),
});

export const marketRows = ({ policy }: History): readonly MarketRow[] => [
  policyRow(policy),
  { kind: 'asset', id: 'BTC', feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' },
  { kind: 'asset', id: 'DEAD', feed: 'DEAD-USD', riskClass: 'BTC' },
  perpetual('BTC'),
  perpetual('ETH'),
  riskRow('BTC'),
  riskRow('ETH'),
  ...(policy.fund > 0 ? [fundRow(policy.fund)] : []),
];

export const quoteRow = (
  feed: Feed,
  source: string,
  of: { readonly price: number; readonly publishedAt: number },
): MarketRow => ({
  kind: 'quote',
  id: `${feed}#${source}`,
  price: of.price.toFixed(4),
  publishedAt: of.publishedAt,
});

export const accountIdOf = (index: number): string => `account-${index + 1}`;

const balance = (accountId: string, asset: string, amount: string): AccountRow => ({
  accountId,
  item: `balance#${asset}`,
  asset,
  amount,
});

/** USD that keep an account as many times above its maintenance requirement as the plan says. */
export function cashOf({ btc, eth, coins, reserve }: AccountPlan): number {
  const { 'BTC-USD': btcPrice, 'ETH-USD': ethPrice } = START_PRICES;
  const notional = Math.abs(btc) * btcPrice + Math.abs(eth) * ethPrice;
  const owed = notional === 0 ? (-0.9 * coins * btcPrice) / (1 + reserve) : 0;
  return Math.round(reserve * MAINTENANCE * notional + owed);
}

export function accountRows(plan: AccountPlan, index: number): readonly AccountRow[] {
  const accountId = accountIdOf(index);
  const { btc, eth, coins, isIsolated, hasDust } = plan;
  const cash = cashOf(plan);
  const perpetuals = [
    { asset: 'BTC', quantity: btc, entryPrice: START_PRICES['BTC-USD'] },
    { asset: 'ETH', quantity: eth, entryPrice: START_PRICES['ETH-USD'] },
  ].filter(({ quantity }) => quantity !== 0);
  const isApart = isIsolated && btc !== 0;
  const margin = isApart ? Math.round(cash / perpetuals.length) : 0;
  const positions = perpetuals.map(({ asset, quantity, entryPrice }) => ({
    accountId,
    item: `position#${asset}-PERP`,
    instrument: `${asset}-PERP`,
    quantity: String(quantity),
    entryPrice: String(entryPrice),
    ...(isApart && asset === 'BTC' ? { isolatedMargin: String(margin) } : {}),
  }));
  return [
    ...(cash === margin ? [] : [balance(accountId, 'USD', String(cash - margin))]),
    ...(coins === 0 ? [] : [balance(accountId, 'BTC', String(coins))]),
    ...(hasDust ? [balance(accountId, 'DEAD', '12')] : []),
    ...positions,
  ];
}
