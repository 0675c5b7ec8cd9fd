import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, bookFigures } from '../../../lambda/margin/assess/assess.ts';
import { overMaintenance } from '../../../lambda/margin/assess/formulas.ts';
import type { SubAccount } from '../../../lambda/margin/book/account.ts';
import { buildBook } from '../../../lambda/margin/book/build-book.ts';
import { approximately, price, textOf } from '../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { LiquidationMultiples } from '../../../lambda/record/render.ts';
import { liquidationMultiples } from '../../../local/analysis/liquidation-price.ts';
import { type Document, documentUnder, marketAndBook } from '../../docs/documents.ts';
import {
  type AccountRows,
  type MarketRows,
  snapshotOf,
  subAccountsOf,
} from '../../lambda/margin/build.ts';

function found(subAccount: SubAccount | undefined, snapshot: Snapshot): LiquidationMultiples[] {
  if (subAccount === undefined) throw new Error('there is one');
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) throw new Error('everything is known');
  const { policy } = snapshot;
  const surplus = bookFigures(built.book, policy).surplus.liquidation.point;
  return liquidationMultiples(built.book, surplus, overMaintenance(policy.liquidationMultiplier));
}

/** Rates of a published table: 0.4 %, 0.5 %, 1 %; cum 0, 50, 1,300. */
const TIERS = [
  { floor: '0', initial: '0.008', maintenance: '0.004', cum: 0 },
  { floor: '50000', initial: '0.01', maintenance: '0.005', cum: 50 },
  { floor: '250000', initial: '0.02', maintenance: '0.01', cum: 1300 },
];

const marketAt = (at: string): MarketRows => ({
  policy: { liquidationMultiplier: '1', callMultiplier: '1' },
  instruments: {
    PERP: {
      ...{ type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' },
    },
  },
  risk: {
    BTC: {
      volatility: '0.8',
      margin: { type: 'tiered', tiers: TIERS.map(({ cum: _, ...tier }) => tier) },
    },
  },
  quotes: { 'BTC-USD#a': { price: at } },
});

const isolated = (quantity: number, margin: number, entryPrice = '10000'): AccountRows => ({
  positions: [
    { instrument: 'PERP', quantity: String(quantity), entryPrice, isolatedMargin: String(margin) },
  ],
});

/** (WB + cum − side·Q·EP)/(Q·MMR − side·Q), in the tier of its own notional. */
function published(quantity: number, margin: number, entry = 10_000): number | undefined {
  const [side, size] = [Math.sign(quantity), Math.abs(quantity)];
  return TIERS.map(({ floor, maintenance, cum }, index) => {
    const at = (margin + cum - side * size * entry) / (size * Number(maintenance) - side * size);
    const next = TIERS[index + 1];
    const notional = at * size;
    const isIn = notional >= Number(floor) && (next === undefined || notional < Number(next.floor));
    return isIn ? at : undefined;
  }).find((at) => at !== undefined);
}

describe('the liquidation price of an isolated linear position', () => {
  it.each([
    ['a long in the first tier', 1, 1000],
    ['a long from the second tier down to the first', 6, 15_000],
    ['a long in the third tier', 40, 30_000],
    ['a short in the first tier', -1, 1000],
    ['a short from the first tier up to the second', -4.5, 9000],
    ['a short from the second tier up to the third', -20, 60_000],
  ])('agrees with the published formula: %s', (_, quantity, margin) => {
    const [, position] = subAccountsOf(isolated(quantity, margin));
    const [factor] = found(position, snapshotOf(marketAt('10000')));
    const multiple = quantity > 0 ? factor?.below : factor?.above;
    const expected = published(quantity, margin);
    expect(expected).toBeGreaterThan(0);
    expect(approximately(multiple ?? price('1')) * 10_000).toBeCloseTo(expected ?? 0, 8);
    expect(quantity > 0 ? factor?.above : factor?.below).toBeUndefined();
  });

  it('is where the surplus is exactly 0, whatever the current price', () => {
    const [, position] = subAccountsOf(isolated(1, 1000));
    const [factor] = found(position, snapshotOf(marketAt('12000')));
    expect(approximately(factor?.below ?? price('1')) * 12_000).toBeCloseTo(9000 / 0.996, 8);
  });

  it('is the current price if the surplus is already 0', () => {
    const [, position] = subAccountsOf(isolated(1, 40));
    const [factor] = found(position, snapshotOf(marketAt('10000')));
    expect(factor?.below && textOf(factor.below)).toBe('1');
  });

  it('does not exist if the surplus is below 0 or no price takes it there', () => {
    const [, breached] = subAccountsOf(isolated(1, 39));
    const [, rich] = subAccountsOf(isolated(1, 10_000));
    const snapshot = snapshotOf(marketAt('10000'));
    for (const each of [breached, rich]) {
      expect(found(each, snapshot)[0]).not.toMatchObject({ below: expect.anything() });
    }
  });
});

/** The document with every quote that moves with the underlying multiplied. */
function movedBy(document: Document, multiple: number): Document {
  const moved = structuredClone(document);
  for (const quote of moved.quotes) {
    if (quote.impliedVolatility === undefined) quote.price = Number(quote.price) * multiple;
  }
  return moved;
}

function surplusOf(document: Document): number {
  const { snapshot, cross } = marketAndBook(document);
  const outcome = assess(cross, snapshot);
  if (outcome.certainty === 'indeterminate') throw new Error('everything is known');
  return approximately(outcome.surplus.liquidation.point);
}

describe('the liquidation price of a non-linear book', () => {
  it('leaves a surplus of 0 or slightly more: puts and a perpetual, with coin', () => {
    let seen = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: -150, max: -20 }),
        fc.integer({ min: -120, max: 120 }),
        (put, perpetual) => {
          const document = documentUnder('Portfolio model');
          const [option, future] = document.accounts[0]?.positions ?? [];
          Object.assign(option ?? {}, { quantity: put / 100 });
          Object.assign(future ?? {}, { quantity: perpetual / 100 });
          const { snapshot, cross } = marketAndBook(document);
          const [factor] = found(cross, snapshot);
          for (const multiple of [factor?.below, factor?.above]) {
            if (multiple === undefined) continue;
            const surplus = surplusOf(movedBy(document, approximately(multiple)));
            expect(surplus).toBeGreaterThan(-0.01);
            expect(surplus).toBeLessThan(1);
            seen += 1;
          }
        },
      ),
      { numRuns: 12 },
    );
    expect(seen).toBeGreaterThan(10);
  });
});
