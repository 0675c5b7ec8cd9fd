/** The market of the demo: its policy, and the terms of everything that its accounts hold. */

import type { MarketRow } from '../rows.ts';
import type { Feed } from './feeds.ts';

export const DEMO_ASSETS = {
  USDC: { feed: 'USDC-USD', collateralWeight: '0.97', liabilityWeight: '1.03' },
  BTC: { feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' },
  ETH: { feed: 'ETH-USD', collateralWeight: '0.85', liabilityWeight: '1.15' },
} as const satisfies Record<string, { feed: Feed; [attribute: string]: string }>;

const perpetual = { type: 'perpetual', settlementAsset: 'USD', contractSize: '1' } as const;

/** `markFeed` is where the price of a fill comes from; a perpetual trades at its underlying's. */
export const DEMO_INSTRUMENTS = {
  'BTC-PERP': { ...perpetual, underlying: 'BTC-USD', markFeed: 'BTC-USD', riskClass: 'BTC' },
  'ETH-PERP': { ...perpetual, underlying: 'ETH-USD', markFeed: 'ETH-USD', riskClass: 'ETH' },
  'LINK-PERP': { ...perpetual, underlying: 'LINK-USD', markFeed: 'LINK-USD', riskClass: 'LINK' },
  'BTC-27MAR20': {
    type: 'future',
    settlementAsset: 'USD',
    contractSize: '0.01',
    underlying: 'BTC-USD',
    markFeed: 'BTC-27MAR20',
    riskClass: 'BTC',
    expiresAt: Date.UTC(2020, 2, 27, 8),
  },
} as const;

export type DemoInstrument = keyof typeof DEMO_INSTRUMENTS;

/** What any trade of the demo costs, as a share of its notional. */
export const DEMO_LIQUIDITY = { fee: '0.0005', slippage: '0.001' } as const;

const DEMO_RISK_CLASSES = {
  BTC: {
    volatility: { type: 'ewma', halfLifeSeconds: '3600', floor: '0.5', stress: '1.2' },
    jumpFloor: '0.005',
    margin: {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.08', maintenance: '0.03' },
        { floor: '250000', initial: '0.1', maintenance: '0.04' },
        { floor: '1000000', initial: '0.125', maintenance: '0.05' },
      ],
    },
  },
  ETH: {
    volatility: '1',
    jumpFloor: '0.005',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  },
  LINK: {
    volatility: '1',
    jumpFloor: '0.01',
    margin: { type: 'flat', initial: '0.2', maintenance: '0.1' },
  },
  USDC: { volatility: '0.05', jumpFloor: '0.001' },
} as const;

/**
 * Orders are real here: the demo's venue fills them within the minute, so that the next plan need
 * not wait for longer. A call has half an hour. A liquidation restores well above the call line.
 */
const DEMO_POLICY = {
  mode: 'enforce',
  callGraceSeconds: 1800,
  liquidationTargetMultiplier: '2',
  liquidationCooldownSeconds: 30,
  maxJump: '0.05',
} as const;

export function demoMarketRows(): MarketRow[] {
  const rowsOf = (kind: string, rows: object): MarketRow[] =>
    Object.entries(rows).map(([id, attributes]) => ({ kind, id, ...attributes }));
  const riskClasses = Object.entries(DEMO_RISK_CLASSES).map(([id, attributes]) => {
    return [id, { ...attributes, liquidity: DEMO_LIQUIDITY }] as const;
  });
  return [
    ...rowsOf('policy', { default: DEMO_POLICY }),
    ...rowsOf('asset', { USD: {}, ...DEMO_ASSETS }),
    ...rowsOf('instrument', DEMO_INSTRUMENTS),
    ...rowsOf('risk', Object.fromEntries(riskClasses)),
  ];
}
