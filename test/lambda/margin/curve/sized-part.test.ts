/** The bounds of positions whose rate changes with the price, against other prices. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { approximately, isNegative, ONE, ratio } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { liquidationMultiples } from '../../../../local/analysis/liquidation-price.ts';
import { safeRadius } from '../../../../local/analysis/safe-radius.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  bounded,
  type MarketRows,
  NOW,
  snapshotOf,
} from '../build.ts';

const SPOT = 60_000;
const BARE = { latencyBuffer: 'none', uncertainty: 'none' };
const unsure = (deviation: string) => ({ ...BARE, uncertainty: 'standard', deviation });

/** The inverse contracts have one rule. Linear ones may have another. */
interface Margins {
  readonly inverse: RawRow;
  readonly linear?: RawRow;
  readonly notionalAt?: string;
  readonly leverage?: string;
}

const FLAT = { type: 'flat', initial: '0.02', maintenance: '0.01' };

const marketAt = (
  { inverse, linear = FLAT, notionalAt = 'mark' }: Margins,
  price: number,
  policy: RawRow,
): MarketRows => ({
  policy,
  assets: { BTC: { feed: 'BTC-USD' } },
  instruments: {
    INVERSE: {
      ...{ type: 'perpetual', inverse: true, contractSize: '10', underlying: 'BTC-USD' },
      ...{ settlementAsset: 'BTC', riskClass: 'BTC' },
    },
    LINEAR: {
      ...{ type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD' },
      riskClass: 'ALT',
    },
  },
  risk: {
    BTC: { volatility: '0.6', margin: inverse, jumpFloor: '0.05', notionalAt },
    ALT: { volatility: '0.6', margin: linear },
  },
  quotes: { 'BTC-USD#a': { price: String(price), publishedAt: String(NOW) } },
});

const surplusAt = (account: AccountRows, margin: Margins, multiple: number): number => {
  const snapshot = snapshotOf(marketAt(margin, SPOT * multiple, BARE));
  return approximately(assessed(account, snapshot).surplus.liquidation.point);
};

interface Held {
  readonly usd: number;
  readonly inverse: number;
  readonly linear: number;
}

const holding = ({ usd, inverse, linear }: Held, { leverage }: Margins): AccountRows => ({
  balances: [{ asset: 'USD', amount: usd.toFixed(2) }],
  positions: [
    { instrument: 'INVERSE', quantity: String(inverse) },
    { instrument: 'LINEAR', quantity: linear.toFixed(3) },
  ]
    .filter(({ quantity }) => Number(quantity) !== 0)
    .map((row) => ({ ...row, entryPrice: String(SPOT), ...(leverage && { leverage }) })),
});

const ladder = (base: string, slope: string, cap: string) => ({ base, slope, cap });

const tiers = (...floors: string[]): RawRow[] =>
  ['0', ...floors].map((floor, index) => ({
    floor,
    initial: String(0.05 + 0.05 * index),
    maintenance: String(0.02 + 0.04 * index),
  }));

/** Floors near the notional, size and contracts of what accounts hold here. */
const BY_NOTIONAL = {
  ...{ type: 'tiered', rates: 'whole' },
  tiers: tiers('150000', '299000', '301000', '600000', '620000'),
};
const BY_SIZE = { type: 'tiered', by: 'size', tiers: tiers('2', '4.9', '5.1', '10') };
const BY_CONTRACTS = {
  ...{ type: 'tiered', by: 'contracts', rates: 'whole' },
  tiers: tiers('2', '30000', '60000'),
};

const RULES: Record<string, Margins> = {
  'a ladder cut to per cents': {
    inverse: {
      type: 'sizeLadder',
      initial: ladder('0.05', '0.01', '0.3'),
      maintenance: ladder('0.02', '0.01', '0.3'),
      ratePlaces: '2',
    },
  },
  'a ladder up to a cap': {
    inverse: {
      type: 'sizeLadder',
      initial: ladder('0.05', '0.05', '0.6'),
      maintenance: ladder('0.02', '0.05', '0.6'),
    },
  },
  'a root': {
    inverse: { type: 'squareRoot', initial: '0.1', maintenance: '0.05', sizeScaling: '0.02' },
  },
  'whole tiers': { inverse: { ...BY_SIZE, rates: 'whole' }, linear: BY_NOTIONAL },
  'marginal tiers by size': { inverse: BY_SIZE, linear: { ...BY_SIZE, rates: 'whole' } },
  'tiers by contracts': { inverse: BY_CONTRACTS, linear: BY_CONTRACTS },
  'whole tiers at entry': {
    ...{ inverse: BY_NOTIONAL, linear: BY_NOTIONAL },
    ...{ notionalAt: 'entry', leverage: '8' },
  },
};

const account = fc.record({
  usd: fc.integer({ min: 0, max: 600_000 }),
  inverse: fc.integer({ min: -90_000, max: 90_000 }),
  linear: fc.integer({ min: -15_000, max: 15_000 }).map((thousandths) => thousandths / 1000),
});

const SHARES = Array.from({ length: 41 }, (_, step) => -1 + step / 20);

describe.each(Object.entries(RULES))('the bounds of positions on %s', (_, margin) => {
  it.each(['0.005', '0.3'])('enclose the surplus at prices that are off by %s', (deviation) => {
    const snapshot = snapshotOf(marketAt(margin, SPOT, unsure(deviation)));
    fc.assert(
      fc.property(account, (held) => {
        const rows = holding(held, margin);
        const { low, high } = assessed(rows, snapshot).surplus.liquidation;
        const around = SHARES.map((share) =>
          surplusAt(rows, margin, 1 + share * Number(deviation)),
        );
        expect(Math.min(...around)).toBeGreaterThanOrEqual(approximately(bounded(low)) - 1e-4);
        expect(Math.max(...around)).toBeLessThanOrEqual(approximately(bounded(high)) + 1e-4);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  it('give a safe radius and liquidation prices before which nothing is breached', () => {
    const snapshot = snapshotOf(marketAt(margin, SPOT, BARE));
    fc.assert(
      fc.property(account, (held) => {
        const rows = holding(held, margin);
        const { point } = assessed(rows, snapshot).surplus.liquidation;
        fc.pre(!isNegative(point));
        const book = bookOf(rows, snapshot);
        const radius = approximately(safeRadius(book, overMaintenance(ONE)));
        const [found] = liquidationMultiples(book, point, overMaintenance(ONE));
        const below = approximately(found?.below ?? ratio('0.01'));
        const above = approximately(found?.above ?? ratio('3'));
        const reached = SHARES.flatMap((share) => [
          Math.max(1e-3, 1 + radius * share),
          share < 0 ? 1 + (1 - below) * share : 1 + (above - 1) * share,
        ]);
        const least = Math.min(...reached.map((multiple) => surplusAt(rows, margin, multiple)));
        expect(least).toBeGreaterThan(-1e-4);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
