import type { MarketRow } from '../aws/rows.ts';
import {
  ASSET_FIGURES,
  DAILY_VOLUME_OVER_DEPTH,
  IMPACT_COEFFICIENT,
  INSTRUMENT_FIGURES,
  LIQUIDATION_FEE,
  type MarketFigures,
  type Pool,
} from './book/figures.ts';
import type { Feed } from './feeds.ts';

export const DEMO_ASSETS = {
  USDC: { feed: 'USDC-USD', collateralWeight: '0.97', liabilityWeight: '1.03' },
  BTC: { feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' },
  ETH: { feed: 'ETH-USD', collateralWeight: '0.85', liabilityWeight: '1.15' },
} as const satisfies Record<string, { feed: Feed; [attribute: string]: string }>;

const perpetual = { type: 'perpetual', settlementAsset: 'USD', contractSize: '1' } as const;

/** `markFeed` prices the fills: a perpetual trades at its underlying's price. */
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

/** Shares of notional that plans assume. Slippage covers spread and latency. */
export const DEMO_LIQUIDITY = {
  fee: '0.0005',
  slippage: '0.001',
  impact: IMPACT_COEFFICIENT,
  liquidationFee: LIQUIDATION_FEE,
} as const;

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
    volatility: { type: 'ewma', halfLifeSeconds: '3600', floor: '0.5', stress: '1.4' },
    jumpFloor: '0.005',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  },
  LINK: {
    volatility: { type: 'ewma', halfLifeSeconds: '3600', floor: '0.5', stress: '1.6' },
    jumpFloor: '0.01',
    margin: { type: 'flat', initial: '0.2', maintenance: '0.1' },
  },
  USDC: { volatility: '0.05', jumpFloor: '0.001' },
} as const;

/**
 * The venue works most orders within a minute, so the cooldown is short. A liquidation restores
 * well above the call line.
 */
const DEMO_POLICY = {
  mode: 'enforce',
  callGraceSeconds: 1800,
  liquidationTargetMultiplier: '2',
  liquidationCooldownSeconds: 30,
  maxJump: '0.05',
  lossSharing: 'haircut',
} as const;

export type Switch = 'standard' | 'none';

/** Of what lies between the initial and the maintenance rate; `none` charges for every move. */
export type Charge = number | 'none';

export interface MarketOptions {
  readonly accounts: number;
  readonly throttle: Switch;
  readonly buffer: Switch;
  /** How much of the forecast shock is charged. */
  readonly charge: Charge;
}

export const STANDARD_MARKET: MarketOptions = {
  accounts: 500,
  throttle: 'standard',
  buffer: 'standard',
  charge: 1,
};

export function demoMarketRows(options: MarketOptions = STANDARD_MARKET): MarketRow[] {
  const { throttle: liquidationThrottle, buffer: latencyBuffer, charge } = options;
  const riskClasses = Object.entries(DEMO_RISK_CLASSES).map(([id, attributes]) => {
    const shockMax = shockMaxOf(attributes, charge);
    return [id, { ...attributes, liquidity: DEMO_LIQUIDITY, ...shockMax }] as const;
  });
  return [
    ...rowsOf('policy', { default: { ...DEMO_POLICY, liquidationThrottle, latencyBuffer } }),
    ...rowsOf('asset', { USD: {} }),
    ...rowsOf('risk', Object.fromEntries(riskClasses)),
    ...tradedRows(options.accounts, () => 1),
  ];
}

const EVERY_MOVE = '1000';
/** At 0 the report could not tell what an account loses by a move. */
const LEAST_CHARGE = 1e-6;

/** The default is left to the check. */
function shockMaxOf(riskClass: DemoRiskClass, charge: Charge): { readonly shockMax?: string } {
  if (charge === 1 || !('margin' in riskClass)) return {};
  if (charge === 'none') return { shockMax: EVERY_MOVE };
  const { margin } = riskClass;
  const [first] = margin.type === 'flat' ? [margin] : margin.tiers;
  const between = Number(first?.initial) - Number(first?.maintenance);
  return { shockMax: Math.max(LEAST_CHARGE, charge * between).toFixed(6) };
}

type DemoRiskClass = (typeof DEMO_RISK_CLASSES)[keyof typeof DEMO_RISK_CLASSES];

const rowsOf = (kind: string, rows: object): MarketRow[] =>
  Object.entries(rows).map(([id, attributes]) => ({ kind, id, ...attributes }));

/** @param thinness share of a pool's calm depth left */
export function tradedRows(accounts: number, thinness: (pool: Pool) => number): MarketRow[] {
  const withDepth = (row: MarketRow, figures: MarketFigures): MarketRow => {
    const calm = figures.depthUsdPerAccount * accounts;
    return {
      ...row,
      lotSize: figures.lotSize,
      depth: (calm * thinness(figures.pool)).toFixed(0),
      dailyVolume: String(calm * DAILY_VOLUME_OVER_DEPTH),
    };
  };
  return [
    ...rowsOf('instrument', DEMO_INSTRUMENTS).map((row) =>
      withDepth(row, INSTRUMENT_FIGURES[row.id as DemoInstrument]),
    ),
    ...rowsOf('asset', DEMO_ASSETS).map((row) =>
      withDepth(row, ASSET_FIGURES[row.id as keyof typeof ASSET_FIGURES]),
    ),
  ];
}

/** USD by pool, over all its markets. */
export function depthOfPools(accounts: number): Map<string, number> {
  const depths = new Map<string, number>();
  const markets = [...Object.values(INSTRUMENT_FIGURES), ...Object.values(ASSET_FIGURES)];
  for (const { pool, depthUsdPerAccount } of markets) {
    depths.set(pool, (depths.get(pool) ?? 0) + depthUsdPerAccount * accounts);
  }
  return depths;
}
