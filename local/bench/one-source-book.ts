/** Long, short and borrowing accounts on one feed; one in ten begins with an open call. */
import { type RandomStream, randomStream } from '../analysis/random.ts';
import type { AccountRow, MarketRow } from '../aws/rows.ts';

export const FEED = 'COIN-USD';

const LEVERAGES = [2, 3, 5, 10, 20];
const SOURCES = ['a', 'b', 'c'];
/** Between the liquidation line and the call line of the market below. */
const CALLED = 0.034;

export interface MarketAt {
  readonly price: number;
  /** Milliseconds since 1970. */
  readonly asOf: number;
  /** They agree. */
  readonly sources: number;
}

export const oneSourceMarket = ({ price, asOf, sources }: MarketAt): MarketRow[] => [
  { kind: 'policy', id: 'default', mode: 'enforce' },
  { kind: 'asset', id: 'COIN', feed: FEED, collateralWeight: '0.9', riskClass: 'COIN' },
  {
    kind: 'risk',
    id: 'COIN',
    volatility: { type: 'ewma', floor: '0.3', stress: '1' },
    jumpFloor: '0.002',
    liquidity: { fee: '0.0005', slippage: '0.001' },
    margin: { type: 'flat', initial: '0.05', maintenance: '0.025' },
  },
  {
    kind: 'instrument',
    id: 'COIN-PERP',
    type: 'perpetual',
    underlying: FEED,
    settlementAsset: 'USD',
    riskClass: 'COIN',
  },
  ...SOURCES.slice(0, sources).map((source) => ({
    kind: 'quote',
    id: `${FEED}#${source}`,
    price: String(price),
    publishedAt: String(asOf),
  })),
];

export interface Opening {
  readonly price: number;
  readonly seed: number;
}

interface Drawn {
  readonly random: RandomStream;
  readonly notional: number;
  readonly leverage: number;
}

/** In USD: cash, coin as collateral, and a position; negative is a loan or a short. */
type Held = readonly [cash: number, coin: number, position: number];

const KINDS: readonly ((drawn: Drawn) => Held)[] = [
  ({ notional, leverage }) => [notional / leverage, 0, notional],
  ({ notional, leverage }) => [notional / leverage, 0, -notional],
  ({ notional, leverage }) => [0, notional / leverage, notional],
  ({ notional, leverage }) => [0, notional / leverage, -notional],
  ({ notional, random }) => [-notional * random.between(0.4, 0.85), notional, 0],
];

const heldBy = (index: number, drawn: Drawn): Held => {
  const { notional } = drawn;
  if (index % 20 === 0) return [notional * CALLED, 0, notional];
  if (index % 20 === 10) return [notional * CALLED, 0, -notional];
  return (KINDS[index % KINDS.length] as (typeof KINDS)[number])(drawn);
};

/** Opened at that price. */
export function oneSourceAccount(index: number, { price, seed }: Opening): AccountRow[] {
  const accountId = `account-${index}`;
  const random = randomStream(seed, accountId);
  const leverage = LEVERAGES[random.wholeBetween(0, LEVERAGES.length - 1)] as number;
  const drawn = { random, leverage, notional: random.logNormal(20_000, 1) };
  const [cash, coin, position] = heldBy(index, drawn);
  const balance = (asset: string, amount: string) =>
    Number(amount) === 0 ? [] : [{ accountId, item: `balance#${asset}`, asset, amount }];
  const quantity = (position / price).toFixed(4);
  return [
    ...balance('USD', cash.toFixed(2)),
    ...balance('COIN', (coin / price).toFixed(4)),
    ...(position === 0
      ? []
      : [
          {
            accountId,
            item: 'position#COIN-PERP',
            instrument: 'COIN-PERP',
            quantity,
            entryPrice: String(price),
          },
        ]),
  ];
}
