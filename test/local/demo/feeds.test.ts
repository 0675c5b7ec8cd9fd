import { describe, expect, it } from 'vitest';
import {
  BTC_HOURS,
  MINUTES_OF_HOUR,
  minuteTime,
  secondTime,
} from '../../../local/demo/black-thursday.ts';
import { FEEDS, pricesOfDay } from '../../../local/demo/feeds.ts';
import { quoteWriter, SILENCE } from '../../../local/demo/quotes.ts';

const day = pricesOfDay(1);

describe('the prices of the demo’s day', () => {
  it('are a decimal text for every feed and minute', () => {
    expect(day).toHaveLength(24 * 60);
    for (const prices of day) {
      for (const feed of FEEDS) expect(prices[feed]).toMatch(/^[1-9]?\d*\.\d{2,4}$/);
    }
  });

  it.each(BTC_HOURS.map((bar, hour) => ({ hour, ...bar })))(
    'include the published extremes of BTC in hour $hour',
    ({ hour, low, high, open }) => {
      const minutes = day.slice(hour * MINUTES_OF_HOUR, (hour + 1) * MINUTES_OF_HOUR);
      const btc = minutes.map((prices) => Number(prices['BTC-USD']));
      expect([btc[0], Math.min(...btc), Math.max(...btc)]).toEqual([open, low, high]);
    },
  );

  it('stay near 1 for USDC, and near BTC for the future', () => {
    for (const prices of day) {
      expect(Math.abs(Number(prices['USDC-USD']) - 1)).toBeLessThan(0.003);
      const basis = Number(prices['BTC-27MAR20']) / Number(prices['BTC-USD']) - 1;
      expect(Math.abs(basis)).toBeLessThan(0.01);
    }
  });

  it('are determined by the seed', () => {
    expect(pricesOfDay(1)).toEqual(day);
    expect(pricesOfDay(2)[30]).not.toEqual(day[30]);
  });
});

describe('the seconds between the minutes', () => {
  const seconds = pricesOfDay(1, 1);
  const btc = seconds.map((prices) => Number(prices['BTC-USD']));

  it('leave every feed at every minute as it was', () => {
    expect(seconds).toHaveLength(24 * 60 * 60);
    expect(seconds.filter((_, second) => second % 60 === 0)).toEqual(day);
  });

  it('stay within the published extremes of their hour', () => {
    for (const [hour, { low, high }] of BTC_HOURS.entries()) {
      const prices = btc.slice(hour * 3600, (hour + 1) * 3600);
      expect(Math.min(...prices)).toBe(low);
      expect(Math.max(...prices)).toBe(high);
    }
  });

  it('move as much in a minute as the minutes do', () => {
    const squares = (prices: readonly number[]) =>
      prices.slice(1).reduce((sum, price, index) => {
        return sum + Math.log(price / (prices[index] as number)) ** 2;
      }, 0);
    const minutes = btc.filter((_, second) => second % 60 === 0);
    const ratio = squares(btc) / squares(minutes);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it('are determined by the seed, and others with another', () => {
    expect(pricesOfDay(1, 1)[90]).toEqual(seconds[90]);
    expect(pricesOfDay(2, 1)[90]).not.toEqual(seconds[90]);
  });
});

describe('quotes every ten seconds and every minute', () => {
  const at = (intervalSeconds: number, second: number) => {
    const prices = day[Math.floor(second / 60)];
    if (prices === undefined) throw new Error(`no second ${second}`);
    const write = quoteWriter(1, { intervalSeconds, isRefined: true });
    return write({ timeMs: secondTime(second), prices });
  };

  it('are the same where their times are', () => {
    expect(at(10, 120)).toEqual(at(60, 120));
    expect(at(10, 120)).not.toEqual(at(10, 180));
  });

  it.each([1, 2, 5, 10])('are never older than those before, at %i s', (intervalSeconds) => {
    const write = quoteWriter(1, { intervalSeconds, isRefined: true });
    const prices = day[0];
    if (prices === undefined) throw new Error('no prices');
    let before = Number.NEGATIVE_INFINITY;
    for (let second = 0; second < 600; second += intervalSeconds) {
      const published = write({ timeMs: secondTime(second), prices }).map((row) =>
        Number(row.publishedAt),
      );
      expect(Math.min(...published)).toBeGreaterThan(before);
      before = Math.max(...published);
      expect(before).toBeLessThan(secondTime(second));
    }
  });

  it('have the extremes of the seconds since the quotes before', () => {
    const write = quoteWriter(1, { intervalSeconds: 10, isRefined: true });
    const [prices, low] = [day[0], { ...day[0], 'BTC-USD': '7000.00' } as (typeof day)[0]];
    if (prices === undefined || low === undefined) throw new Error('no prices');
    write({ timeMs: secondTime(0), prices });
    const rows = write({ timeMs: secondTime(10), prices, between: [low] });
    expect(rows.filter((row) => row.low === '7000.00')).toHaveLength(3);
    const after = write({ timeMs: secondTime(20), prices });
    expect(after.filter((row) => row.low === '7000.00')).toEqual([]);
  });
});

describe('the quotes of one minute', () => {
  const rowsAt = (minute: number) => {
    const prices = day[minute];
    if (prices === undefined) throw new Error(`no minute ${minute}`);
    return quoteWriter(1)({ timeMs: minuteTime(minute), prices });
  };
  const feedsAt = (minute: number) => rowsAt(minute).map(({ id }) => id.split('#')[0]);

  it('come from three sources for BTC, two for ETH and one for each other feed', () => {
    const count = (feed: string) => feedsAt(0).filter((each) => each === feed).length;
    expect(FEEDS.map(count)).toEqual([3, 2, 1, 1, 1]);
  });

  it('are published before the minute, and fresh enough to act on', () => {
    for (const { publishedAt } of rowsAt(5)) {
      const ageMs = Date.UTC(2020, 2, 12, 0, 5) - Number(publishedAt);
      expect(ageMs).toBeGreaterThan(0);
      expect(ageMs).toBeLessThan(10_000);
    }
  });

  it.each([
    ['before the outage', SILENCE.fromMinute - 1, true],
    ['in its first minute', SILENCE.fromMinute, false],
    ['in its last minute', SILENCE.untilMinute - 1, false],
    ['after the outage', SILENCE.untilMinute, true],
  ])('include LINK except during its outage: %s, in minute %i', (_, minute, isQuoted) => {
    expect(feedsAt(minute).includes(SILENCE.feed)).toBe(isQuoted);
  });

  it('lack LINK for half an hour', () => {
    expect(SILENCE.untilMinute - SILENCE.fromMinute).toBe(30);
  });
});
