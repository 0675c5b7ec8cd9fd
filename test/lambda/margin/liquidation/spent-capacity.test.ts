import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../../../lambda/margin/liquidation/capacity.ts';
import {
  type AllSpent,
  leftBeside,
  NOTHING_SPENT,
  spendOn,
  stillSpent,
} from '../../../../lambda/margin/liquidation/spent-capacity.ts';
import { amount, approximately, textOf } from '../../../../lambda/margin/number/decimal.ts';

const SELL = 'BTC-PERP/sell';
const limitsOf = (depth?: string, volume?: string): Limits =>
  new Map([[SELL, { ofDepth: known(depth), ofVolume: known(volume) }]]);
const known = (text: string | undefined) => (text === undefined ? undefined : amount(text));

const leftAfter = (seconds: number, limits: Limits, { ordered = '600', gapSeconds = 10 } = {}) => {
  const spent = spendOn(NOTHING_SPENT, new Map([[SELL, amount(ordered)]]), 0);
  const still = stillSpent(spent, { limits, asOf: seconds * 1000, gapSeconds });
  const left = leftBeside(limits, still).get(SELL);
  return left && textOf(left);
};

describe('capacity that was spent', () => {
  it.each([
    [0, '0'],
    [10, '100'],
    [59.999, '599.99'],
    [60, '600'],
    [3_600, '600'],
  ])('of the depth comes back over a minute: after %f s', (seconds, left) => {
    expect(leftAfter(seconds, limitsOf('600'))).toBe(left);
  });

  it.each([
    [0, '0'],
    [5, '300'],
    [10, '600'],
  ])('of the volume comes back as the market trades: after %f s', (seconds, left) => {
    expect(leftAfter(seconds, limitsOf(undefined, '600'))).toBe(left);
  });

  it('leaves the smaller of both terms', () => {
    expect(leftAfter(10, limitsOf('600', '50'))).toBe('50');
    expect(leftAfter(5, limitsOf('6000', '600'))).toBe('300');
  });

  it('beyond a limit that has shrunk leaves nothing, and is forgotten after a minute', () => {
    expect(leftAfter(30, limitsOf('60'))).toBe('0');
    expect(leftAfter(60, limitsOf('60'))).toBe('60');
  });

  it('never comes back early because a clock is behind', () => {
    expect(leftAfter(-5, limitsOf('600'))).toBe('0');
  });

  it('by a clock that was more than a minute ahead has come back, and does not stop all orders', () => {
    expect(leftAfter(-60, limitsOf('600'))).toBe('0');
    expect(leftAfter(-60.001, limitsOf('600'))).toBe('600');
    expect(leftAfter(-3_600, new Map())).toBeUndefined();
  });

  it('in a market whose limit is unknown for a moment counts again when it is known', () => {
    const spent = spendOn(NOTHING_SPENT, new Map([[SELL, amount('600')]]), 0);
    const unknown = { limits: new Map(), gapSeconds: 10 };
    const still = stillSpent(stillSpent(spent, { ...unknown, asOf: 10_000 }), {
      ...unknown,
      asOf: 20_000,
    });
    const limits = limitsOf('600');
    const after = stillSpent(still, { limits, asOf: 30_000, gapSeconds: 10 });
    expect(textOf(leftBeside(limits, after).get(SELL) ?? amount('-1'))).toBe('300');
    expect(stillSpent(still, { ...unknown, asOf: 60_000 }).size).toBe(0);
  });
});

const steps = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 30_000 }),
    share: fc.integer({ min: 0, max: 100 }),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('checks at any times', () => {
  it('order no more than the limit and what came back since, in whatever order', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5_000 }), (checks, depth) => {
        const limits = limitsOf(String(depth));
        let spent: AllSpent = NOTHING_SPENT;
        let asOf = 0;
        const orders: { readonly asOf: number; readonly notional: number }[] = [];
        for (const { after, share } of checks) {
          asOf += after;
          spent = stillSpent(spent, { limits, asOf, gapSeconds: 10 });
          const left = leftBeside(limits, spent).get(SELL) ?? amount('0');
          const notional = (approximately(left) * share) / 100;
          const ordered = amount(notional.toFixed(8));
          spent = spendOn(spent, new Map([[SELL, ordered]]), asOf);
          orders.push({ asOf, notional });
        }
        for (const [index, { asOf: from }] of orders.entries()) {
          let sum = 0;
          for (const { asOf: to, notional } of orders.slice(index)) {
            sum += notional;
            expect(sum).toBeLessThanOrEqual(depth * (1 + (to - from) / 60_000) + 1e-6);
          }
        }
      }),
    );
  });

  it('a minute and Δ apart have all of it each, whatever was ordered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 60, max: 86_400 }),
        (n, s) => {
          const limits = limitsOf(String(n), String(2 * n));
          const spent = spendOn(NOTHING_SPENT, new Map([[SELL, amount(String(3 * n))]]), 0);
          expect(stillSpent(spent, { limits, asOf: s * 1000, gapSeconds: s }).size).toBe(0);
        },
      ),
    );
  });
});
