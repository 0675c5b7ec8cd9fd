import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Capacity,
  capacityKey,
  capacityOf,
  RemainingCapacity,
} from '../../../../lambda/margin/liquidation/capacity.ts';
import type { Order, Side } from '../../../../lambda/margin/liquidation/order-plan.ts';
import {
  type Amount,
  add,
  amount,
  isAbove,
  NO_AMOUNT,
  price,
  quantity,
  smaller,
  subtract,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { snapshotOf } from '../build.ts';

const textsOf = (capacity: Capacity) =>
  Object.fromEntries([...capacity].map(([key, left]) => [key, textOf(left)]));

function capacityIn(market: RawRow, policy: RawRow = {}, gapSeconds = 60): Record<string, string> {
  const snapshot = snapshotOf({
    policy,
    risk: {
      R: { volatility: '0.5', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
    },
    instruments: {
      PERP: {
        ...{ type: 'perpetual', underlying: 'F', settlementAsset: 'USD', riskClass: 'R' },
        ...market,
      },
    },
    quotes: { 'F#a': { price: '10' } },
  });
  return textsOf(capacityOf(snapshot, gapSeconds));
}

const both = (text: string) => ({ 'PERP/buy': text, 'PERP/sell': text });

describe('the capacity of a market', () => {
  it.each<[string, RawRow, RawRow, number, object]>([
    ['equals its depth by default', { depth: '5000' }, {}, 60, both('5000')],
    [
      'is a share of its depth by the policy',
      { depth: '5000' },
      { liquidationDepthShare: '0.3' },
      60,
      both('1500'),
    ],
    [
      'is five times the volume between two checks by default',
      { dailyVolume: '1440000' },
      {},
      60,
      both('5000'),
    ],
    ['grows with the gap between checks', { dailyVolume: '1440000' }, {}, 120, both('10000')],
    [
      'is a share of the volume by the policy',
      { dailyVolume: '1440000' },
      { liquidationVolumeShare: '0.1' },
      60,
      both('100'),
    ],
    [
      'is limited by the depth if that is less',
      { depth: '4999', dailyVolume: '1440000' },
      {},
      60,
      both('4999'),
    ],
    [
      'is limited by the volume if that is less',
      { depth: '5001', dailyVolume: '1440000' },
      {},
      60,
      both('5000'),
    ],
    ['is at least one lot', { depth: '5', lotSize: '3' }, {}, 60, both('30')],
    ['is at least the minimum notional', { depth: '5', minNotional: '5.5' }, {}, 60, both('5.5')],
    [
      'is at least the whole lots of the minimum notional',
      { depth: '5', lotSize: '3', minNotional: '31' },
      {},
      60,
      both('60'),
    ],
    [
      'is rounded down to 8 decimal places',
      { dailyVolume: '1' },
      { liquidationVolumeShare: '1' },
      60,
      both('0.00069444'),
    ],
    ['is unlimited if the market states neither depth nor volume', {}, {}, 60, {}],
    ['is unlimited without a throttle', { depth: '1' }, { liquidationThrottle: 'none' }, 60, {}],
  ])('the capacity %s', (_, market, policy, gapSeconds, expected) => {
    expect(capacityIn(market, policy, gapSeconds)).toEqual(expected);
  });

  it('is the smaller one if an asset and an instrument have the same name', () => {
    const snapshot = snapshotOf({
      risk: {
        R: { volatility: '0.5', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
      },
      assets: { BTC: { feed: 'F', depth: '40' }, ETH: { feed: 'F', depth: '7' } },
      instruments: {
        BTC: {
          ...{ type: 'perpetual', underlying: 'F', settlementAsset: 'USD', riskClass: 'R' },
          depth: '30',
        },
      },
      quotes: { 'F#a': { price: '10' } },
    });
    expect(textsOf(capacityOf(snapshot, 60))).toEqual({
      'BTC/buy': '30',
      'BTC/sell': '30',
      'ETH/buy': '7',
      'ETH/sell': '7',
    });
  });
});

const MARKETS = ['A', 'B', 'FREE'] as const;
const SIDES = ['buy', 'sell'] as const;

const orderOf = (market: string, side: Side, notional: Amount): Order => ({
  ...{ kind: 'position', market, side, notional },
  quantity: quantity('1'),
  referencePrice: price('1'),
});

const fresh = () =>
  new RemainingCapacity(
    new Map(
      ['A', 'B'].flatMap((market) =>
        SIDES.map((side) => [capacityKey(market, side), amount('100')]),
      ),
    ),
  );

describe('the capacity left during a check', () => {
  it('is never below 0, and only that of the markets asked for', () => {
    const left = fresh();
    left.take({
      orders: [orderOf('A', 'sell', amount('130')), orderOf('A', 'buy', amount('0.123456789'))],
    });
    expect(textsOf(left.within(['A', 'FREE']))).toEqual({ 'A/buy': '99.87654321', 'A/sell': '0' });
  });

  it('is restored when an unused plan is given back', () => {
    const left = fresh();
    const plan = {
      orders: [orderOf('A', 'sell', amount('130')), orderOf('FREE', 'buy', amount('9'))],
    };
    left.take(plan);
    left.giveBack(plan);
    expect(textsOf(left.within(MARKETS))).toEqual(textsOf(fresh().within(MARKETS)));
  });

  it('is never exceeded in any market and on any side by plans that keep within it', () => {
    const wanted = fc.record({
      market: fc.constantFrom(...MARKETS),
      side: fc.constantFrom(...SIDES),
      digits: fc.integer({ min: 0, max: 90_000_000 }),
      isLost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wanted, { maxLength: 40 }), (plans) => {
        const left = fresh();
        const ordered = new Map<string, Amount>();
        for (const { market, side, digits, isLost } of plans) {
          const key = capacityKey(market, side);
          const need = amount(`${digits}e-6`);
          const notional = smaller(need, left.within([market]).get(key) ?? need);
          const plan = { orders: [orderOf(market, side, notional)] };
          left.take(plan);
          if (isLost) left.giveBack(plan);
          else ordered.set(key, add(ordered.get(key) ?? NO_AMOUNT, notional));
        }
        for (const [key, rest] of left.within(MARKETS)) {
          const total = ordered.get(key) ?? NO_AMOUNT;
          expect(isAbove(total, amount('100'))).toBe(false);
          expect(textOf(rest)).toBe(textOf(subtract(amount('100'), total)));
        }
      }),
    );
  });
});
