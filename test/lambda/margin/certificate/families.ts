/** Books of every family that has certificates, and moves of their market within the envelope. */
import fc from 'fast-check';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, type MarketRows, NOW } from '../build.ts';
import { anyBook } from '../random-book.ts';
import { movedOptions, optionMoves, withOptions } from './option-family.ts';

const HOUR_MS = 3_600_000;

const anyMove = fc.oneof(
  fc.constantFrom(1e-9 - ENVELOPE.fall, ENVELOPE.rise - 1e-9, 0),
  fc.double({ min: -ENVELOPE.fall, max: ENVELOPE.rise, noNaN: true }),
  fc.double({ min: -0.4, max: 0.6, noNaN: true }),
  fc.double({ min: -0.05, max: 0.05, noNaN: true }),
);

/** A move of the market, within the envelope. */
export const within = fc.record({
  /** Each factor moves, often to an end; a stablecoin moves less. */
  moves: fc.tuple(anyMove, anyMove, anyMove, fc.double({ min: -0.05, max: 0.05, noNaN: true })),
  basis: fc.array(fc.double({ min: -0.0099, max: 0.0099, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  }),
  volatility: fc.double({ min: 0.3, max: 3, noNaN: true }),
  confidence: fc.integer({ min: 0, max: 30 }).map((tenths) => tenths / 10),
  funding: fc.double({ min: -0.99e-4, max: 0.99e-4, noNaN: true }),
  gapSeconds: fc.constantFrom(60, 119),
  /** Added to scores below 1. */
  score: fc.constantFrom(0, 0, 0.05, -0.05),
  hours: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
});

export type Move = typeof within extends fc.Arbitrary<infer M> ? M : never;

const NAMES = ['BTC', 'ETH', 'SOL', 'USDC'];
const placed = (value: number) => value.toPrecision(12);

export function movedMarket(market: MarketRows, move: Move): MarketRows {
  const asOf = Math.round(NOW + move.hours * HOUR_MS);
  const quotes = Object.entries(market.quotes ?? {}).map(([id, row]): [string, RawRow] => {
    const index = NAMES.findIndex((name) => id.startsWith(name));
    const own = id.includes('MARK') ? 1 + (move.basis[index] ?? 0) : 1;
    const price = Number(row.price) * (1 + (move.moves[index] ?? 0)) * own;
    const confidence = (Number(row.confidence) / Number(row.price)) * price * move.confidence;
    const rate = Number(row.fundingRatePerHour ?? 0) + move.funding;
    const { confidenceScore: before } = row;
    const score = before === undefined || before === '1' ? before : Number(before) + move.score;
    const age = NOW - Number(row.publishedAt);
    return [
      id,
      {
        ...row,
        price: placed(price),
        confidence: placed(confidence),
        ...(score !== undefined && { confidenceScore: String(score) }),
        ...(row.fundingRatePerHour !== undefined && { fundingRatePerHour: rate.toFixed(12) }),
        publishedAt: String(asOf - age),
      },
    ];
  });
  const risk = Object.entries(market.risk ?? {}).map(([id, row]): [string, RawRow] => [
    id,
    { ...row, volatility: placed(Math.min(4, Number(row.volatility) * move.volatility)) },
  ]);
  return {
    ...market,
    quotes: Object.fromEntries(quotes),
    risk: Object.fromEntries(risk),
    gapSeconds: move.gapSeconds,
    asOf,
  };
}

const margins = fc.constantFrom<RawRow>(
  { type: 'flat', initial: '0.1', maintenance: '0.05' },
  {
    type: 'tiered',
    tiers: [
      { floor: '0', initial: '0.05', maintenance: '0.02' },
      { floor: '50000', initial: '0.1', maintenance: '0.05' },
      { floor: '400000', initial: '0.3', maintenance: '0.2' },
    ],
  },
);

const sometimes = (row: RawRow) => fc.constantFrom<RawRow>({}, row);

/** Settled in a stablecoin, or inverse in the coin, with weights, loans and a leverage. */
const settledInCoins = fc
  .record({
    margin: margins,
    isInverse: fc.boolean(),
    quantity: fc.integer({ min: -40, max: 40 }).filter((each) => each !== 0),
    entry: fc.constantFrom('5000', '6000', '9000'),
    coins: fc.integer({ min: -3, max: 10 }),
    stable: fc.integer({ min: -60_000, max: 90_000 }),
    cash: fc.integer({ min: 0, max: 400_000 }),
    weights: fc.constantFrom(['0.9', '1.1'], ['1', '1'], ['0.7', '1.3']),
    hours: fc.integer({ min: 0, max: 8 }),
    chosen: sometimes({ leverage: '4' }),
  })
  .map(({ chosen, margin, isInverse, quantity, entry, coins, stable, cash, weights, hours }) => {
    const [collateralWeight, liabilityWeight] = weights;
    const settledAt = String(NOW - hours * HOUR_MS);
    const quote = (price: string, rest: RawRow = {}): RawRow => ({
      ...{ price, confidence: String(Number(price) / 2_000), publishedAt: String(NOW - 5_000) },
      ...rest,
    });
    const market: MarketRows = {
      policy: { latencyBuffer: 'standard', uncertainty: 'standard' },
      assets: {
        USDC: { feed: 'USDC-USD', collateralWeight: '0.98', borrowRatePerHour: '0.0001' },
        BTC: { feed: 'BTC-USD', collateralWeight, liabilityWeight, borrowRatePerHour: '0.0002' },
      },
      instruments: {
        'BTC-PERP': {
          ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC' },
          ...(isInverse
            ? { settlementAsset: 'BTC', inverse: true, contractSize: '1000' }
            : { settlementAsset: 'USDC' }),
        },
      },
      risk: {
        BTC: { margin, volatility: '0.8', jumpFloor: '0.005' },
        USDC: { volatility: '0.03' },
      },
      quotes: {
        'BTC-USD#a': quote('6000', { fundingRatePerHour: '0.0001' }),
        'USDC-USD#a': quote('1.0002'),
      },
    };
    const account: AccountRows = {
      balances: [
        { asset: 'USD', amount: String(cash) },
        { asset: 'USDC', amount: String(stable), interestSettledAt: settledAt },
        { asset: 'BTC', amount: String(coins), interestSettledAt: settledAt },
      ],
      positions: [
        {
          instrument: 'BTC-PERP',
          quantity: String(quantity),
          entryPrice: entry,
          fundingSettledAt: settledAt,
          ...chosen,
        },
      ],
    };
    return { market, account };
  });

/** Requirements that follow volatility, scores and a stablecoin; balances that lie elsewhere. */
const chargedAndScaled = fc
  .record({
    book: anyBook({ shares: [100, 900] }),
    dynamic: sometimes({ dynamic: { referenceVolatility: '0.5', floor: '0.5', cap: '3' } }),
    charges: sometimes({
      confidenceCharges: [
        { of: 'perpetuals', threshold: '0.9999', factor: '0.5', in: 'both' },
        { of: 'collateral', threshold: '0.999', factor: '0.3', in: 'both' },
      ],
    }),
    depeg: sometimes({
      depegCharge: { feed: 'USDC-USD', threshold: '1.002', factor: '1.5', in: 'both' },
    }),
    chosen: sometimes({ leverage: '4' }),
    score: fc.constantFrom('1', '0.9', '0.5'),
    isElsewhere: fc.boolean(),
    heldSeconds: fc.constantFrom(30, 90),
  })
  .map(({ book, chosen, dynamic, charges, depeg, score, isElsewhere, heldSeconds }) => {
    const risk = Object.fromEntries(
      Object.entries(book.market.risk ?? {}).map(([id, row]) => [
        id,
        { ...row, ...dynamic, ...charges, ...depeg },
      ]),
    );
    const locations = {
      arbitrum: {
        ...{ finalitySeconds: '60', weight: '0.9', pendingWeight: '0.4' },
        ...{ observedAt: String(NOW), staleAfterSeconds: '100000' },
      },
    };
    const observedAt = String(NOW - heldSeconds * 1000);
    const balances = (book.account.balances ?? []).map((row) =>
      isElsewhere ? { ...row, location: 'arbitrum', observedAt } : row,
    );
    const market: MarketRows = {
      ...book.market,
      ...{ risk: { ...risk, USDC: { volatility: '0.03' } }, locations },
      assets: { ...book.market.assets, USDC: { feed: 'USDC-USD' } },
      quotes: {
        ...Object.fromEntries(
          Object.entries(book.market.quotes ?? {}).map(([id, row]) => [
            id,
            { ...row, confidenceScore: score },
          ]),
        ),
        'USDC-USD#a': { price: '1.0002', confidence: '0.0002', publishedAt: String(NOW - 5_000) },
      },
    };
    const positions = (book.account.positions ?? []).map((row) => ({
      ...row,
      // Beside a scale there is no certificate.
      ...(dynamic.dynamic === undefined && chosen),
    }));
    return { market, account: { ...book.account, balances, positions } };
  });

interface Family<M> {
  readonly book: fc.Arbitrary<{ readonly market: MarketRows; readonly account: AccountRows }>;
  readonly moves: fc.Arbitrary<M>;
  /** @param move absent for the market of the reference */
  readonly marketAt: (market: MarketRows, move?: M) => MarketRows;
}

/** A market of the family, and a way to move it. */
export interface Drawn {
  readonly account: AccountRows;
  /** Printed with a counterexample. */
  readonly market: MarketRows;
  readonly moves: readonly unknown[];
  readonly at: (more?: (market: MarketRows) => MarketRows) => MarketRows;
  readonly moved: readonly ((more?: (market: MarketRows) => MarketRows) => MarketRows)[];
}

const unchanged = (market: MarketRows): MarketRows => market;

function drawn<M>({ book, moves, marketAt }: Family<M>, markets: number): fc.Arbitrary<Drawn> {
  const several = fc.array(moves, { minLength: markets, maxLength: markets });
  return fc.tuple(book, several).map(([{ market, account }, each]) => ({
    ...{ account, market, moves: each },
    at: (more = unchanged) => marketAt(more(market)),
    moved: each.map(
      (move) =>
        (more = unchanged) =>
          marketAt(more(market), move),
    ),
  }));
}

const anywhere = {
  moves: within,
  marketAt: (market: MarketRows, move?: Move) => (move ? movedMarket(market, move) : market),
};

const withOptionsMoved = { book: withOptions, moves: optionMoves, marketAt: movedOptions };

/** By name: books in a number of moved markets. */
export const FAMILIES = [
  [
    'linear and tiered, with a mark of its own',
    (markets: number) => drawn({ ...anywhere, book: anyBook({ shares: [50, 600] }) }, markets),
  ],
  [
    'settled in a stablecoin, or inverse in the coin',
    (markets: number) => drawn({ ...anywhere, book: settledInCoins }, markets),
  ],
  [
    'with charges, a scale and balances elsewhere',
    (markets: number) => drawn({ ...anywhere, book: chargedAndScaled }, markets),
  ],
  ['with options', (markets: number) => drawn(withOptionsMoved, markets)],
] as const;
