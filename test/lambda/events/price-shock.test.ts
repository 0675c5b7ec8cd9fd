import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandsOf, bandsText, feedsBeyond, readBands } from '../../../lambda/events/price-shock.ts';
import { price, ratio, textOf } from '../../../lambda/margin/number/decimal.ts';

interface Shocks {
  readonly down?: string;
  readonly up?: string;
  readonly forecast?: string;
}

function bandsWith(at: string, { down = '0.02', up = '0.04', forecast = '0.1' }: Shocks = {}) {
  const value = {
    shockDown: ratio(down),
    shockUp: ratio(up),
    forecastDown: ratio(forecast),
    forecastUp: ratio(forecast),
  };
  const feeds = new Map([['BTC-USD', { feed: 'BTC-USD', factor: { ok: true, value } }]]);
  const quotes = new Map([
    ['BTC-USD', [{ feed: 'BTC-USD', source: 'pyth', price: price(at), publishedAt: 0 }]],
    ['ETH-USD', [{ feed: 'ETH-USD', source: 'pyth', price: price('5'), publishedAt: 0 }]],
  ]);
  return bandsOf({ feeds } as never, quotes);
}

const isBeyond = (to: string, id = 'BTC-USD#pyth', shocks: Shocks = {}): boolean =>
  feedsBeyond(new Map([[id, price(to)]]), bandsWith('100', shocks)).length > 0;

describe('a quote', () => {
  it.each([
    ['just below half of the fall', '98.9999', true],
    ['at half of the fall', '99', false],
    ['where it was', '100', false],
    ['at half of the rise', '102', false],
    ['just above half of the rise', '102.0001', true],
  ])('%s', (_, to, expected) => {
    expect(isBeyond(to)).toBe(expected);
  });

  it('of a source or a feed that the check has not seen starts nothing', () => {
    expect(isBeyond('1', 'BTC-USD#other')).toBe(false);
    expect(isBeyond('1', 'DOGE-USD#pyth')).toBe(false);
    expect(isBeyond('1', 'ETH-USD#pyth')).toBe(false);
  });

  it('is compared with the forecast where no shock is charged, and with nothing without one', () => {
    const none = { down: '0', up: '0' };
    expect(isBeyond('95.1', 'BTC-USD#pyth', none)).toBe(false);
    expect(isBeyond('94.9', 'BTC-USD#pyth', none)).toBe(true);
    expect(isBeyond('1', 'BTC-USD#pyth', { ...none, forecast: '0' })).toBe(false);
  });
});

it('is named by its feed, and each feed once', () => {
  const quotes = new Map(['BTC-USD#pyth', 'BTC-USD#other'].map((id) => [id, price('1')]));
  expect(feedsBeyond(quotes, bandsWith('100'))).toEqual(['BTC-USD']);
});

it('bands are kept to the last digit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 ** 9 }),
      fc.integer({ min: 1, max: 10 ** 6 }),
      (n, s) => {
        const bands = bandsWith(`${n}e-4`, { down: `${s}e-6`, up: `${s}e-6` });
        const read = readBands(bandsText(bands));
        expect([...read.keys()]).toEqual(['BTC-USD#pyth']);
        for (const [id, { low, high }] of bands) {
          expect(textOf(read.get(id)?.low ?? price('1'))).toBe(textOf(low));
          expect(textOf(read.get(id)?.high ?? price('1'))).toBe(textOf(high));
        }
      },
    ),
  );
});
