/** All accounts are below their liquidation line. */

import { type RandomStream, randomStream } from '../analysis/random.ts';
import type { AccountRow, MarketRow } from '../aws/rows.ts';
import { BENCH_START } from './book.ts';

const KINDS = ['one position', 'two markets', 'hedge', 'collateral and loan'] as const;

const traded = { dailyVolume: '2e9', depth: '5e6' };

export const breachedMarket = (): MarketRow[] => [
  { kind: 'policy', id: 'default', mode: 'enforce' },
  {
    kind: 'asset',
    id: 'USDC',
    feed: 'USDC-USD',
    collateralWeight: '0.98',
    liabilityWeight: '1.02',
  },
  {
    kind: 'asset',
    id: 'BTC',
    feed: 'BTC-USD',
    collateralWeight: '0.9',
    riskClass: 'BTC',
    ...traded,
  },
  { kind: 'risk', id: 'USDC', volatility: '0.03' },
  ...['BTC', 'ETH'].map((id) => ({
    kind: 'risk',
    id,
    volatility: '0.9',
    jumpFloor: '0.005',
    liquidity: { fee: '0.0005', slippage: '0.001', impact: '1', liquidationFee: '0.002' },
    margin: {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.06', maintenance: '0.03' },
        { floor: '1000000', initial: '0.1', maintenance: '0.05' },
      ],
    },
  })),
  ...['BTC', 'ETH'].flatMap((name) =>
    ['PERP', 'NEXT'].map((which) => ({
      kind: 'instrument',
      id: `${name}-${which}`,
      type: 'perpetual',
      underlying: `${name}-USD`,
      settlementAsset: 'USD',
      riskClass: name,
      lotSize: '0.001',
      ...traded,
    })),
  ),
  ...Object.entries({ BTC: '6000', ETH: '130', USDC: '1' }).map(([name, price]) => ({
    kind: 'quote',
    id: `${name}-USD#venue`,
    price,
    publishedAt: String(BENCH_START),
  })),
];

interface Drawn {
  readonly accountId: string;
  readonly random: RandomStream;
}

/** Below the liquidation line by up to two fifths of the requirement. */
const cashOf = ({ random }: Drawn, notional: number) =>
  (notional * 0.03 * random.between(0.6, 1)).toFixed(2);

export function breachedAccount(index: number): AccountRow[] {
  const accountId = `account-${index}`;
  const drawn = { accountId, random: randomStream(1, accountId) };
  const notional = drawn.random.logNormal(60_000, 1.2);
  const balance = (asset: string, held: string) => ({
    accountId,
    item: `balance#${asset}`,
    asset,
    amount: held,
  });
  const position = (instrument: string, value: number) => ({
    accountId,
    item: `position#${instrument}`,
    instrument,
    quantity: (value / (instrument.startsWith('BTC') ? 6000 : 130)).toFixed(3),
    entryPrice: instrument.startsWith('BTC') ? '6000' : '130',
  });
  switch (KINDS[index % KINDS.length]) {
    case 'one position':
      return [balance('USD', cashOf(drawn, notional)), position('BTC-PERP', notional)];
    case 'two markets':
      return [
        balance('USD', cashOf(drawn, notional)),
        position('BTC-PERP', notional / 2),
        position('ETH-PERP', -notional / 2),
      ];
    case 'hedge':
      return [
        balance('USD', cashOf(drawn, notional)),
        position('BTC-PERP', notional * 0.6),
        position('BTC-NEXT', -notional * 0.4),
      ];
    default:
      return [
        balance('BTC', (notional / 6000).toFixed(6)),
        balance('USDC', (-notional * drawn.random.between(0.88, 0.95)).toFixed(2)),
      ];
  }
}
