import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_START_MS, MINUTE_MS } from '../../../local/demo/black-thursday.ts';
import { DayMarket, displacedPrices } from '../../../local/demo/book/day-market.ts';
import { displacementAt, pushed, UNDISPLACED } from '../../../local/demo/book/displacement.ts';
import {
  BOOK_REACH,
  DAILY_VOLUME_OVER_DEPTH,
  HALF_SPREAD,
  IMPACT_COEFFICIENT,
  LASTING_SHARE,
  RESILIENCE_HALF_LIFE_MS,
  THINNING,
} from '../../../local/demo/book/figures.ts';
import { matchAgainst, unitsWithin } from '../../../local/demo/book/order-book.ts';
import { type Prices, pricesOfDay } from '../../../local/demo/feeds.ts';
import { demoMarketRows } from '../../../local/demo/market.ts';
import { FLAT_PRICES } from './flat-market.ts';

const book = { mid: 5_000, depthUsd: 1_000_000 };
const pool = 'BTC';

describe('the order book of the demo', () => {
  it.each([
    ['sell', 4_999, -0],
    ['buy', 5_001, 0],
  ] as const)('fills the smallest %s at half the spread', (side, price, moved) => {
    expect(matchAgainst(book, { side, units: 0 })).toEqual({ averagePrice: price, moved });
  });

  it.each([
    ['sell', -0.01],
    ['buy', 0.01],
  ] as const)('moves by 1 % for a %s of its depth, which is filled halfway', (side, moved) => {
    const swept = matchAgainst(book, { side, units: 200 });
    expect(swept.moved).toBeCloseTo(moved, 12);
    expect(swept.averagePrice).toBeCloseTo(5_000 * (1 + moved / 2 + moved * 0.02), 9);
  });

  it('costs as much as the plans account for, at its own depth and σ of 120 %', () => {
    const daily = 1.2 / Math.sqrt(365);
    const computed = Number(IMPACT_COEFFICIENT) * daily * Math.sqrt(1 / DAILY_VOLUME_OVER_DEPTH);
    const { averagePrice } = matchAgainst(book, { side: 'buy', units: 200 });
    expect(averagePrice / book.mid - 1 - HALF_SPREAD).toBeCloseTo(computed, 4);
  });

  it('offers everything within its reach, and nothing at a limit that it does not reach', () => {
    expect(unitsWithin(book, { side: 'sell' })).toBeCloseTo(200 * BOOK_REACH * 100, 9);
    expect(unitsWithin(book, { side: 'sell', limit: 4_999 })).toBeCloseTo(0, 9);
    expect(unitsWithin(book, { side: 'sell', limit: 4_999.5 })).toBe(0);
    expect(unitsWithin(book, { side: 'buy', limit: 5_026 })).toBeCloseTo(100, 9);
  });

  it('never fills beyond a limit', () => {
    const limits = fc.double({ min: 4_500, max: 5_500, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom('sell', 'buy'), limits, (side, limit) => {
        const units = unitsWithin(book, { side, limit });
        if (units === 0) return;
        const { moved } = matchAgainst(book, { side, units });
        const sign = side === 'sell' ? -1 : 1;
        const last = book.mid * (1 + moved + sign * HALF_SPREAD);
        expect(sign * (last - limit)).toBeLessThan(1e-6);
      }),
    );
  });
});

describe('the displacement of a price', () => {
  it('is the lasting part of a move, and halves with each half-life', () => {
    const after = pushed(UNDISPLACED, { pool, timeMs: 0, moved: -0.03 });
    const shares = [0, 1, 2].map((lives) => {
      return displacementAt(after, { pool, timeMs: lives * RESILIENCE_HALF_LIFE_MS });
    });
    const first = -0.03 * LASTING_SHARE;
    expect(shares[0]).toBeCloseTo(first, 12);
    expect(shares[1]).toBeCloseTo(first / 2, 12);
    expect(shares[2]).toBeCloseTo(first / 4, 12);
    expect(displacementAt(after, { pool: 'ETH', timeMs: 0 })).toBe(0);
  });

  it('accumulates by multiplication', () => {
    const once = pushed(UNDISPLACED, { pool, timeMs: 0, moved: -0.03 });
    const twice = pushed(once, { pool, timeMs: 0, moved: -0.03 });
    expect(displacementAt(twice, { pool, timeMs: 0 })).toBeCloseTo(0.98 ** 2 - 1, 12);
  });

  it('affects every feed of its pool, and no other', () => {
    const displacement = pushed(UNDISPLACED, { pool, timeMs: 0, moved: -0.03 });
    expect(displacedPrices(FLAT_PRICES, { displacement, timeMs: 0 })).toEqual({
      ...FLAT_PRICES,
      'BTC-USD': '4900.00',
      'BTC-27MAR20': '4900.00',
    });
  });

  it('leaves every price unchanged if there is none', () => {
    for (const prices of pricesOfDay(1)) {
      const seen = displacedPrices(prices, { displacement: UNDISPLACED, timeMs: 0 });
      expect(seen).toEqual(prices);
    }
  });
});

describe('the market of the day', () => {
  const day = pricesOfDay(1);
  const market = new DayMarket(day, 500);
  const at = (minute: number) => DAY_START_MS + minute * MINUTE_MS;

  it('has the prices of the path at each minute, and interpolates linearly in between', () => {
    const [first, second] = [600, 601].map((minute) => Number((day[minute] as Prices)['BTC-USD']));
    expect(market.priceAt('BTC-USD', at(600))).toBe(first);
    expect(market.priceAt('BTC-USD', at(600.5))).toBeCloseTo(
      ((first as number) + (second as number)) / 2,
      9,
    );
  });

  it('keeps its last price at the end', () => {
    const last = Number((day.at(-1) as Prices)['BTC-USD']);
    expect(market.priceAt('BTC-USD', at(1440))).toBe(last);
    expect(market.depthAt('BTC', at(1500))).toBeGreaterThan(0);
  });

  it('is thin when it breaks, never below its minimum depth, and deep again when calm', () => {
    const thin = Array.from({ length: 1440 }, (_, minute) => market.thinnessAt('BTC', at(minute)));
    expect(Math.min(...thin)).toBe(THINNING.leastShare);
    expect(Math.max(...thin)).toBe(1);
    expect(thin[640]).toBe(THINNING.leastShare);
    expect(thin[360]).toBeGreaterThan(0.5);
  });

  it('has the depth that the rows of its markets state, pool by pool', () => {
    const calm = new DayMarket([FLAT_PRICES], 500);
    const rows = demoMarketRows().filter(({ depth }) => depth !== undefined);
    const bitcoin = rows.filter(({ id }) => id.startsWith('BTC'));
    const said = bitcoin.reduce((sum, { depth }) => sum + Number(depth), 0);
    expect(bitcoin).toHaveLength(3);
    expect(calm.depthAt('BTC', DAY_START_MS)).toBe(said);
    for (const { depth, dailyVolume } of rows) {
      expect(Number(dailyVolume) / Number(depth)).toBe(DAILY_VOLUME_OVER_DEPTH);
    }
  });
});
