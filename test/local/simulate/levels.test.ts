import fc from 'fast-check';
import { expect, it } from 'vitest';
import { latencyShock } from '../../../lambda/margin/market/shock.ts';
import { approximately, ratio, ZERO } from '../../../lambda/margin/number/decimal.ts';
import { studentQuantile } from '../../../lambda/margin/statistics/student.ts';
import { assessEvidence } from '../../../local/analysis/assess-document.ts';
import { compileDocument } from '../../../local/simulate/compile-document.ts';
import {
  bufferAt,
  callSurplusAt,
  compiledBook,
  heightAt,
  slopesOf,
} from '../../../local/simulate/compiled-book.ts';
import { laddersOf } from '../../../local/simulate/ladder.ts';
import { evidenceOf } from './documents.ts';

/** Closer to a line than this, float and decimal may disagree. */
const NEAR = 1e-7;
const PRICE = 60_000;
const FEED = 'BTC-USD';

/** One account with cash and one risk factor, at any price and policy. */
const cases = fc.record({
  cash: fc.integer({ min: -200_000, max: 200_000 }),
  coins: fc.integer({ min: -3_000, max: 5_000 }),
  contracts: fc.integer({ min: -40_000, max: 40_000 }),
  future: fc.oneof(fc.constant(0), fc.integer({ min: -20_000, max: 20_000 })),
  percentOfPrice: fc.integer({ min: 40, max: 180 }),
  confidence: fc.constantFrom(null, 0.95, 0.99, 0.999),
  intervalSeconds: fc.constantFrom(10, 60, 900, 3600),
  executionSeconds: fc.constantFrom(0, 30, 120),
  volatility: fc.integer({ min: 5, max: 300 }).map((percent) => percent / 100),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function documentOf(each: Case, price: number) {
  const { confidence } = each;
  const perpetual = {
    type: 'perpetual',
    underlying: FEED,
    settlementAsset: 'USD',
    riskClass: 'BTC',
  };
  const asOf = Date.UTC(2026, 0, 1);
  const quoted = { source: 'venue', publishedAt: asOf };
  const position = (instrument: string, milli: number, entryPrice: number) =>
    milli === 0
      ? []
      : [{ instrument, quantity: String(milli / 1000), entryPrice: String(entryPrice) }];
  return {
    asOf,
    gapSeconds: each.intervalSeconds,
    policy: {
      uncertainty: 'none',
      latencyBuffer: confidence === null ? 'none' : 'standard',
      shockQuantile: String(confidence === null ? 1 : studentQuantile(confidence)),
      executionSeconds: each.executionSeconds,
    },
    assets: {
      BTC: { feed: FEED, collateralWeight: '0.9', liabilityWeight: '1.1' },
      GOLD: { feed: 'GOLD-USD', collateralWeight: '0.8' },
    },
    instruments: {
      'BTC-PERP': perpetual,
      'BTC-JUN': { ...perpetual, type: 'future', markFeed: 'BTC-JUN', expiresAt: asOf + 1e10 },
    },
    risk: {
      BTC: {
        volatility: String(each.volatility),
        jumpFloor: '0.005',
        liquidity: { fee: '0.0005', slippage: '0.001' },
        margin: {
          type: 'tiered',
          tiers: [
            { floor: '0', initial: '0.05', maintenance: '0.02' },
            { floor: '300000', initial: '0.1', maintenance: '0.05' },
            { floor: '900000', initial: '0.2', maintenance: '0.1' },
          ],
        },
      },
    },
    quotes: [
      { feed: FEED, price: String(price), ...quoted },
      { feed: 'BTC-JUN', price: String(price * 1.01), ...quoted },
    ],
    accounts: [
      {
        accountId: 'one',
        balances: [
          { asset: 'USD', amount: String(each.cash) },
          { asset: 'BTC', amount: String(each.coins / 1000) },
        ],
        positions: [
          ...position('BTC-PERP', each.contracts, 58_000),
          ...position('BTC-JUN', each.future, 61_000),
        ],
      },
    ],
  };
}

/** Λ of a class with a fixed volatility, as the check has it. */
function shockOf(each: Case, floor: number): number {
  if (each.confidence === null) return 0;
  const move = latencyShock({
    volatility: ratio(String(each.volatility)),
    quantile: ratio(String(studentQuantile(each.confidence))),
    gapSeconds: each.intervalSeconds,
    executionSeconds: each.executionSeconds,
    slippage: ZERO,
    jumpFloor: ZERO,
  });
  return floor + approximately(move);
}

/** As far as the class charges for it. */
const heldOf = (each: Case, { floor, shockMax }: { floor: number; shockMax: number }): number =>
  Math.min(shockMax, shockOf(each, floor));

const both = (shock: number) => ({ down: shock, up: shock });

interface Standing {
  readonly level: string;
  /** True if close to a line, as a fraction of the price or in USD, whichever is less. */
  readonly isNearALine: boolean;
  readonly equity: number;
  readonly callSurplus: number;
  readonly buffer: number;
}

function standingOf(each: Case): Standing {
  const document = compileDocument(evidenceOf(documentOf(each, PRICE)), FEED);
  const book = compiledBook(document.accounts, document.multipliers);
  const x = each.percentOfPrice / 100;
  const shock = heldOf(each, document.shock);
  const { lowest, highest } = laddersOf(book, 0.5);
  const [fallen, risen] = [x * (1 - shock), x * (1 + shock)];
  const [low, high] = [lowest[0] as number, highest[0] as number];
  const callSurplus = callSurplusAt(book, 0, { x, shock: both(shock) });
  const equity = heightAt(book.equity, 0, x);
  const figures = { equity, callSurplus, buffer: bufferAt(book, 0, { x, shock: both(shock) }) };
  const isNear = (price: number, line: number) => Math.abs(price / line - 1) < NEAR;
  const isNearALine = isNear(fallen, low) || isNear(risen, high) || Math.abs(callSurplus) < 0.1;
  if (fallen < low || risen > high) {
    return { ...figures, isNearALine, level: equity < 0 ? 'deficit' : 'liquidation' };
  }
  return { ...figures, isNearALine, level: callSurplus < 0 ? 'call' : 'healthy' };
}

it('the ladders give the level of an assessment, at any price and buffer', () => {
  const levels = new Set<string>();
  const isHeld = ({ coins, contracts, future }: Case) =>
    [coins, contracts, future].some((held) => held !== 0);
  fc.assert(
    fc.property(cases.filter(isHeld), (each) => {
      const { level, isNearALine, equity, callSurplus, buffer } = standingOf(each);
      fc.pre(!isNearALine);
      const now = documentOf(each, (PRICE * each.percentOfPrice) / 100);
      const [assessed] = assessEvidence(evidenceOf(now)).assessments;
      expect(assessed).toMatchObject({ level });
      if (!assessed || assessed.level === null) throw new Error('indeterminate');
      levels.add(level);
      expect(Number(assessed.latencyBuffer)).toBeCloseTo(buffer, 2);
      expect(Number(assessed.surplus.call.point)).toBeCloseTo(callSurplus, 2);
      expect(Number(assessed.equity)).toBeCloseTo(equity, 2);
    }),
    { numRuns: 250 },
  );
  expect([...levels].sort()).toEqual(['call', 'deficit', 'healthy', 'liquidation']);
});

it('within one tier the buffer is exposure times price times shock', () => {
  const each: Case = {
    ...{ cash: 20_000, coins: 0, contracts: 2_000, future: 0, percentOfPrice: 100 },
    ...{ confidence: 0.99, intervalSeconds: 60, executionSeconds: 30, volatility: 0.8 },
  };
  const document = compileDocument(evidenceOf(documentOf(each, PRICE)), FEED);
  const book = compiledBook(document.accounts, document.multipliers);
  const shock = shockOf(each, document.shock.floor);
  const [assessed] = assessEvidence(evidenceOf(documentOf(each, PRICE))).assessments;
  if (!assessed || assessed.level === null) throw new Error('indeterminate');
  // 2 BTC less 2 % of maintenance: 117,600 USD.
  expect(slopesOf(book)[0]).toBeCloseTo(117_600, 3);
  expect((slopesOf(book)[0] ?? 0) * shock).toBeCloseTo(Number(assessed.latencyBuffer), 4);
});
