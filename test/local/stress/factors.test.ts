import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { InputError } from '../../../local/cli/input.ts';
import { coinOf, DAYS, fallsOf } from '../../../local/stress/days.ts';
import { type FactorMoves, factorMoveOf, movesIn } from '../../../local/stress/factors.ts';

const marketOf = (feeds: readonly string[]) =>
  readMarket([
    { kind: 'policy', id: 'default' },
    ...feeds.map((feed, index) => ({ kind: 'asset', id: `A${index}`, feed })),
  ]).market;

const read = (...texts: readonly string[]): FactorMoves =>
  texts.reduce((before: FactorMoves, text) => factorMoveOf(text, before), new Map());

const textsOf = (moves: FactorMoves) => [...moves].map(([name, move]) => `${name} ${textOf(move)}`);

describe('factors on a command line', () => {
  it('are names with a move, the last = between them', () => {
    expect(textsOf(read('BTC-USD=-10%', 'a=b=+0.2'))).toEqual(['BTC-USD -0.1', 'a=b 0.2']);
  });

  it.each([
    [['BTC-USD'], 'write a factor as BTC-USD=-10%.'],
    [['=-10%'], 'write a factor as BTC-USD=-10%.'],
    [['BTC-USD=far'], '"far" is not a move'],
    [['BTC-USD=-100%'], 'a price can only fall by less than 100 %'],
    [['BTC-USD=1%', 'BTC-USD=2%'], 'BTC-USD is given twice.'],
  ])('are refused if malformed: %j', (texts, why) => {
    expect(() => read(...texts)).toThrow(InvalidArgumentError);
    expect(() => read(...texts)).toThrow(why);
  });
});

describe('the moves in a market', () => {
  it('are those named, before those of the day', () => {
    const market = marketOf(['BTC-USD', 'BTC/USDT', 'ETH-USD']);
    const factors = read('BTC-USD=-5%', 'ETH-USD=-7%');
    expect(textsOf(movesIn(market, { factors, day: '2020-03-12' })).sort()).toEqual([
      'BTC-USD -0.05',
      'BTC/USDT -0.4226',
      'ETH-USD -0.07',
    ]);
  });

  it.each([
    [['BTC-USD', 'ETH-USD'], { factors: read('btcusd=1%') }, 'near names are BTC-USD'],
    [['BTC-USD', 'ETH-USD'], { factors: read('SOL=1%') }, 'the factors are BTC-USD, ETH-USD'],
    [[], { factors: read('SOL=1%') }, 'the market has no risk factor'],
    [['BTC-USD'], { day: '2020-03-11' }, 'not in the table; the days are 2017-12-22, '],
    [['BTC-USD'], { day: '2025-10-10' }, 'knows the fall of AVAX, and none of the factors is'],
  ])('of %j are refused if not known: %#', (feeds, asked, why) => {
    expect(() => movesIn(marketOf(feeds), asked)).toThrow(InputError);
    expect(() => movesIn(marketOf(feeds), asked)).toThrow(why);
  });

  it('name ten of many factors', () => {
    const feeds = Array.from({ length: 12 }, (_, index) => `C${index}-USD`);
    expect(() => movesIn(marketOf(feeds), { factors: read('SOL=1%') })).toThrow(/ and 2 more$/);
  });
});

describe('the days', () => {
  it('are falls of less than the whole price, from the higher price to the lower', () => {
    for (const day of DAYS) {
      for (const { move, from, to } of fallsOf(day) ?? []) {
        expect(Number(textOf(move))).toBeCloseTo(Number(to) / Number(from) - 1, 3);
        expect(Number(textOf(move))).toBeLessThan(-0.1);
      }
    }
    expect(fallsOf('constructor')).toBeUndefined();
  });

  it('find a coin by the name of its feed', () => {
    expect(['BTC-USD', 'btc/usdt', 'SOL_USDC', 'BTC-30JAN26', 'USD'].map(coinOf)).toEqual([
      'BTC',
      'BTC',
      'SOL',
      undefined,
      undefined,
    ]);
  });
});
