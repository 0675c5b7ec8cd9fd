import { describe, expect, it } from 'vitest';
import { BTC_HOURS, MINUTES_OF_HOUR } from '../../../local/demo/black-thursday.ts';
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

describe('the quotes of one minute', () => {
  const rowsAt = (minute: number) => {
    const prices = day[minute];
    if (prices === undefined) throw new Error(`no minute ${minute}`);
    return quoteWriter(1)(minute, prices);
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
