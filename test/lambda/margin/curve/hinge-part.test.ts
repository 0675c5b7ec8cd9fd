/** Rules that bend a curve: whatever the price does within a bound, the exact figure lies within it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import { Figures } from '../../../../lambda/margin/assess/figures.ts';
import { OVER_INITIAL, overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import type { Bound, SurplusFormula } from '../../../../lambda/margin/curve/figure.ts';
import { approximately, ratio } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { safeRadius } from '../../../../local/analysis/safe-radius.ts';
import { type AccountRows, bookOf, type MarketRows, NOW, snapshotOf } from '../build.ts';

const PRICE = 0.4;

interface World {
  readonly risk: RawRow;
  readonly account: AccountRows;
  readonly mean: number;
  readonly confidence: number;
  readonly shock: number;
}

function marketOf(world: World, price: number, isExact: boolean, ageSeconds = 0): MarketRows {
  const policy = isExact ? {} : { latencyBuffer: 'standard', uncertainty: 'standard' };
  const common = { underlying: 'X', settlementAsset: 'USD' };
  return {
    policy,
    assets: {
      X: {
        ...{ feed: 'X', initialPriceFeed: 'X-MEAN', collateralWeight: '0.9' },
        ...{ initialCollateralWeight: '0.8', liabilityWeight: '1.1', riskClass: 'P' },
      },
    },
    instruments: {
      P: { type: 'perpetual', ...common, riskClass: 'P' },
      B: { type: 'perpetual', ...common, riskClass: 'B', payout: '1' },
    },
    risk: {
      P: { volatility: '0.6', shockMax: String(world.shock), jumpFloor: '1', ...world.risk },
      B: {
        ...{ volatility: '0.6', shockMax: String(world.shock), jumpFloor: '1' },
        margin: {
          type: 'tiered',
          tiers: [
            { floor: '0', initial: '0.5', maintenance: '0.3' },
            { floor: '100', initial: '0.9', maintenance: '0.5' },
          ],
        },
      },
    },
    quotes: {
      'X#a': {
        price: String(price),
        publishedAt: String(NOW - ageSeconds * 1000),
        ...(isExact ? {} : { confidence: String(world.confidence) }),
      },
      'X-MEAN#a': { price: String(world.mean) },
    },
  };
}

const hundredths = (max: number) => fc.integer({ min: 0, max }).map((each) => each / 100);
const signed = fc.integer({ min: -600, max: 600 }).map(String);
const orders = fc.record({
  openBuyQuantity: fc.nat(300).map(String),
  openSellQuantity: fc.nat(300).map(String),
});

const worlds: fc.Arbitrary<World> = fc.record({
  risk: fc
    .record({ weight: hundredths(100), less: hundredths(100), k: hundredths(30), cap: fc.nat(80) })
    .map(({ weight, less, k, cap }) => ({
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      profit: {
        weight: String(weight),
        initialWeight: String(weight * less),
        initialScaling: String(k),
        ...(cap > 40 ? { initialCap: String(cap) } : {}),
        ...(k > 0.1 ? { weightPlaces: '4' } : {}),
      },
    })),
  account: fc
    .record({ p: signed, b: signed, x: signed, cash: fc.nat(900), orders, entry: hundredths(90) })
    .map(({ p, b, x, cash, orders: open, entry }) => ({
      balances: [
        { asset: 'USD', amount: String(cash) },
        { asset: 'X', amount: x },
      ],
      positions: [
        { instrument: 'P', quantity: p, entryPrice: String(entry + 0.01) },
        { instrument: 'B', quantity: b, entryPrice: '0.5', ...open },
      ],
    })),
  mean: hundredths(80).map((each) => each + 0.01),
  confidence: hundredths(10),
  shock: hundredths(40).map((each) => each + 0.01),
});

const FORMULAS = [OVER_INITIAL, overMaintenance(ratio('1')), overMaintenance(ratio('1.25'))];

function exactAt(world: World, price: number, formula: SurplusFormula): number {
  const snapshot = snapshotOf(marketOf(world, price, true));
  const { point } = new Figures(bookOf(world.account, snapshot), snapshot.policy).of(formula);
  return approximately(point);
}

const near = (bound: Bound, unbounded: number): number =>
  bound === 'unbounded' ? unbounded : approximately(bound);
const least = (bound: Bound) => near(bound, Number.NEGATIVE_INFINITY) - 1e-6;
const most = (bound: Bound) => near(bound, Number.POSITIVE_INFINITY) + 1e-6;

/** From −1 to 1. */
const places = [-1, -0.7, -0.31, -0.05, 0.05, 0.31, 0.7, 1];

describe('a curve with hinges', () => {
  it('is exact now, and bounded where the price may be', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const snapshot = snapshotOf(marketOf(world, PRICE, false));
        const figures = new Figures(bookOf(world.account, snapshot), snapshot.policy);
        const uncertainty = approximately(
          figures.factors[0]?.atMark.curve.uncertainty ?? ratio('0'),
        );
        for (const formula of FORMULAS) {
          const { low, point, high } = figures.of(formula);
          expect(approximately(point)).toBeCloseTo(exactAt(world, PRICE, formula), 9);
          for (const place of places) {
            const exact = exactAt(world, PRICE * Math.max(1e-9, 1 + place * uncertainty), formula);
            expect(exact).toBeGreaterThanOrEqual(least(low));
            expect(exact).toBeLessThanOrEqual(most(high));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('holds a buffer for every price within the shock', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const snapshot = snapshotOf(marketOf(world, PRICE, false));
        const figures = new Figures(bookOf(world.account, snapshot), snapshot.policy);
        const formula = overMaintenance(ratio('1'));
        const left = approximately(figures.surplus(formula).point);
        for (const place of places) {
          const exact = exactAt(world, PRICE * (1 + place * world.shock), formula);
          expect(exact).toBeGreaterThanOrEqual(left - 1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is bounded over a doubt of its price', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const snapshot = snapshotOf({ ...marketOf(world, PRICE, false, 600) });
        const figures = new Figures(bookOf(world.account, snapshot), snapshot.policy);
        for (const formula of FORMULAS) {
          const { least: lower, most: upper } = figures.of(formula);
          for (const times of [0.5, 0.6, 0.9, 1, 1.3, 1.7, 2]) {
            const exact = exactAt(world, PRICE * times, formula);
            expect(exact).toBeGreaterThanOrEqual(least(lower));
            expect(exact).toBeLessThanOrEqual(most(upper));
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('has a safe radius within which nothing breaches, and a screen that is never above it', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const snapshot = snapshotOf(
          marketOf({ ...world, confidence: 0, shock: 0.01 }, PRICE, false),
        );
        const book = bookOf(world.account, snapshot);
        const { policy } = snapshot;
        const formula = overMaintenance(ratio('1'));
        const radius = Math.min(1, approximately(safeRadius(book, formula)));
        for (const place of places) {
          if (radius === 0) continue;
          const price = PRICE * Math.max(1e-9, 1 + place * radius * 0.999);
          expect(exactAt(world, price, formula)).toBeGreaterThanOrEqual(-1e-6);
        }
        const low = lowCallSurplus(book, book.curves.map(curveAtMark), policy);
        const call = new Figures(book, policy).surplus(overMaintenance(policy.callMultiplier));
        expect(near(low, 0)).toBeLessThanOrEqual(most(call.low));
      }),
      { numRuns: 25 },
    );
  });
});
