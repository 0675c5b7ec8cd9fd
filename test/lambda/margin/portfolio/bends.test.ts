/** Bounds of requirements that bend or jump between the prices of the grid, beside a steep equity. */
import { describe, expect, it } from 'vitest';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { assessed, bounded, type MarketRows, NOW, snapshotOf } from '../build.ts';

const SPOT = 60_000;
const OFF = 0.05;
const COMMON = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };
const STILL = { scenarios: [{ priceMultiplier: '1' }] };
const UNSURE = { latencyBuffer: 'none', uncertainty: 'standard', deviation: String(OFF) };

const marketAt = (portfolio: RawRow, price: number, policy: RawRow): MarketRows => ({
  policy: { latencyBuffer: 'none', uncertainty: 'none', ...policy },
  instruments: {
    PERP: { type: 'perpetual', ...COMMON },
    OTHER: { type: 'perpetual', ...COMMON },
    CALL: {
      ...{ type: 'option', ...COMMON, optionType: 'call', strike: '57060', markFeed: 'CALL' },
      expiresAt: String(NOW + 60_000),
    },
  },
  risk: { BTC: { volatility: '0.6', portfolio: { ...STILL, ...portfolio } } },
  quotes: {
    'BTC-USD#a': { price: String(price) },
    'CALL#a': { impliedVolatility: '0.1' },
  },
});

function boundsOf(portfolio: RawRow, held: Readonly<Record<string, string>>) {
  const account = {
    profile: { marginModel: 'portfolio' },
    balances: [{ asset: 'USD', amount: '100000' }],
    positions: Object.entries(held).map(([instrument, quantity]) => {
      return { instrument, quantity, entryPrice: String(SPOT) };
    }),
  };
  const surplus = (price: number, policy: RawRow = {}) =>
    assessed(account, snapshotOf(marketAt(portfolio, price, policy))).surplus.liquidation;
  const { low, high } = surplus(SPOT, UNSURE);
  const shares = Array.from({ length: 101 }, (_, step) => -1 + step / 50);
  const around = shares.map((share) => approximately(surplus(SPOT * (1 + OFF * share)).point));
  return {
    low: approximately(bounded(low)),
    high: approximately(bounded(high)),
    least: Math.min(...around),
    most: Math.max(...around),
  };
}

describe('the bounds of a surplus', () => {
  /** The equity gains 60,000 per unit; the minimum takes 30,000 up to 612,000, and 120,000 beyond. */
  it('reach the price at which a minimum bends', () => {
    const minimum = {
      tiers: [
        { floor: '0', initial: '0.05', maintenance: '0.05' },
        { floor: '612000', initial: '0.2', maintenance: '0.2' },
      ],
    };
    const { high, most } = boundsOf({ minimum }, { PERP: '5.5', OTHER: '-4.5' });
    expect(most).toBeCloseTo(70_000 + 600, 6);
    expect(high).toBeGreaterThanOrEqual(most - 1e-6);
  });

  /** Near the low end a call comes into the money: the floor grows by 1 %·57,060 at once. */
  it('reach the price at which a delta floor jumps', () => {
    const deltaFloor = { net: '0.01', hedged: '0' };
    const { low, least } = boundsOf({ deltaFloor }, { PERP: '2', CALL: '1' });
    expect(low).toBeLessThanOrEqual(least + 1e-6);
  });
});
