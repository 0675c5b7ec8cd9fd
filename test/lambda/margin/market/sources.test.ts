import { describe, expect, it } from 'vitest';
import type { OracleRules } from '../../../../lambda/margin/market/policy.ts';
import { type Consensus, hear } from '../../../../lambda/margin/market/sources.ts';
import { type Price, price, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../../../../lambda/margin/number/limits.ts';
import { NOW } from '../build.ts';
import { type GivenQuote, quoteOf, RULES } from './build.ts';

interface Setting {
  readonly rules?: Partial<OracleRules>;
  readonly read?: Readonly<Record<string, number>>;
}

function heard(given: readonly GivenQuote[], { rules, read }: Setting = {}) {
  return hear({
    feed: 'BTC-USD',
    quotes: given.map((each, index) => quoteOf(`source${index}`, each)),
    rules: { ...RULES, ...rules },
    asOf: NOW,
    previous: read && { price: price('100'), sources: read },
  });
}

function agreed(given: readonly GivenQuote[], setting?: Setting): Consensus {
  const { consensus } = heard(given, setting);
  if (!consensus.ok) throw new Error(consensus.reason.detail);
  return consensus.value;
}

function refusal(given: readonly GivenQuote[], setting?: Setting) {
  const { consensus } = heard(given, setting);
  if (consensus.ok) throw new Error(`agreed on ${textOf(consensus.value.price)}`);
  return consensus.reason;
}

describe('an old quote', () => {
  it('is used exactly at the limit', () => {
    expect(agreed([{ ageMs: 300_000 }])).toMatchObject({ ageSeconds: 300, sources: ['source0'] });
  });

  it('is stale 1 ms beyond the limit', () => {
    expect(refusal([{ ageMs: 300_001 }])).toEqual({
      code: 'price-stale',
      subject: 'BTC-USD',
      detail: 'BTC-USD: newest quote (source0) is 300.001 s old, limit 300 s',
    });
  });

  it('is dropped if another source is fresh', () => {
    const { price: at, sources } = agreed([{ price: '50000', ageMs: 300_001 }, {}]);
    expect([textOf(at), sources]).toEqual(['60000', ['source1']]);
  });

  it('is reported by the newest of all stale quotes', () => {
    const { detail } = refusal([{ ageMs: 900_000 }, { ageMs: 400_000 }, { ageMs: 500_000 }]);
    expect(detail).toBe('BTC-USD: newest quote (source1) is 400 s old, limit 300 s');
  });
});

describe('a quote from the future', () => {
  it('is used with an age of 0 while it is ahead by no more than the clock tolerance', () => {
    expect(agreed([{ ageMs: -CLOCK_SKEW_MS_MAX }])).toMatchObject({
      ageSeconds: 0,
      publishedAt: NOW + CLOCK_SKEW_MS_MAX,
    });
  });

  it('is not used 1 ms beyond the clock tolerance', () => {
    expect(refusal([{ ageMs: -CLOCK_SKEW_MS_MAX - 1 }])).toEqual({
      code: 'price-future',
      subject: 'BTC-USD',
      detail: 'BTC-USD: every quote has a publishedAt later than the check',
    });
  });

  it('is dropped if another source is not ahead', () => {
    const { price: at } = agreed([{ price: '1', ageMs: -CLOCK_SKEW_MS_MAX - 1 }, {}]);
    expect(textOf(at)).toBe('60000');
  });

  it('gives way to a stale quote as the reason', () => {
    const { code } = refusal([{ ageMs: -CLOCK_SKEW_MS_MAX - 1 }, { ageMs: 300_001 }]);
    expect(code).toBe('price-stale');
  });
});

describe('a price with few sources', () => {
  it('is missing without any source', () => {
    expect(refusal([]).code).toBe('price-missing');
  });

  it('needs at least one source, even if the rules ask for none', () => {
    expect(refusal([], { rules: { minSources: 0 } }).code).toBe('price-missing');
    expect(refusal([{ ageMs: 300_001 }], { rules: { minSources: 0 } }).code).toBe('price-stale');
  });

  it('is accepted with minSources usable sources', () => {
    const { sources } = agreed([{}, {}], { rules: { minSources: 2 } });
    expect(sources).toEqual(['source0', 'source1']);
  });

  it('is refused with one source less, as a stale one does not count', () => {
    expect(refusal([{}, { ageMs: 300_001 }], { rules: { minSources: 2 } })).toEqual({
      code: 'sources-too-few',
      subject: 'BTC-USD',
      detail: 'BTC-USD: 1 of 2 sources usable, 2 needed',
    });
  });
});

describe('sources that contradict each other', () => {
  // The median of 99 and 101 is 100, of which 2 % is 2.
  it('are accepted at a spread of exactly maxSourceSpread', () => {
    expect(textOf(agreed([{ price: '99' }, { price: '101' }]).price)).toBe('100');
  });

  it('are refused just above maxSourceSpread', () => {
    expect(refusal([{ price: '99' }, { price: '101.0000000001' }])).toEqual({
      code: 'sources-disagree',
      subject: 'BTC-USD',
      detail:
        'BTC-USD: sources range from 99 to 101.0000000001, more than maxSourceSpread allows (0.02 of the median)',
    });
  });

  /** The median is 100, and half of the spread is 1. */
  it('are dropped beyond half of maxSourceSpread from the median, while most agree', () => {
    const three = (low: string) => [{ price: low }, { price: '100' }, { price: '101' }];
    expect(textOf(agreed(three('99')).price)).toBe('100');
    expect(heard(three('99')).apart).toEqual([]);
    expect(textOf(agreed(three('98.9999999')).price)).toBe('100.5');
    expect(heard(three('98.9999999')).apart).toEqual(['source0']);
  });

  it('are refused if no more than half of them agree', () => {
    const four = [{ price: '98' }, { price: '100' }, { price: '100.4' }, { price: '103' }];
    expect(textOf(agreed(four.slice(1)).price)).toBe('100.2');
    expect(refusal(four).code).toBe('sources-disagree');
    const { said } = heard(four);
    expect([said?.low, said?.high].map((end) => end && textOf(end))).toEqual(['98', '103']);
  });

  it('are refused if fewer than minSources agree', () => {
    const three = [{ price: '100' }, { price: '100.5' }, { price: '150' }];
    expect(textOf(agreed(three, { rules: { minSources: 2 } }).price)).toBe('100.25');
    expect(refusal(three, { rules: { minSources: 3 } }).code).toBe('sources-disagree');
  });

  it('exclude a stale source', () => {
    expect(textOf(agreed([{ price: '50', ageMs: 300_001 }, { price: '100' }]).price)).toBe('100');
  });
});

describe('the median', () => {
  it.each([
    ['one price', ['100'], '100'],
    ['two prices, as the mean', ['100', '101'], '100.5'],
    ['three prices, as the middle one', ['101', '99.5', '100'], '100'],
    ['four prices, as the mean of the middle two', ['101', '99.5', '100', '100.2'], '100.1'],
    ['numbers, not in alphabetical order', ['9.99', '10.01', '10'], '10'],
  ])('is calculated from %s', (_, prices, median) => {
    expect(textOf(agreed(prices.map((at) => ({ price: at }))).price)).toBe(median);
  });

  it('is as old as the older of the two quotes it uses', () => {
    const four = [
      { price: '99.5', ageMs: 200_000 },
      { price: '100', ageMs: 30_000 },
      { price: '100.2', ageMs: 60_000 },
      { price: '101', ageMs: 250_000 },
    ];
    expect(agreed(four)).toMatchObject({ ageSeconds: 60, publishedAt: NOW - 60_000 });
  });
});

describe('the order of the quotes', () => {
  it('does not affect the price, even if prices are equal and ages are not', () => {
    const [young, old, other] = [{ ageMs: 5_000 }, { ageMs: 250_000 }, { ageMs: 6_000 }];
    const orders = [
      [young, old, other],
      [young, other, old],
      [old, young, other],
      [old, other, young],
      [other, young, old],
      [other, old, young],
    ];
    const outcomes = orders.map((given) => {
      const { ageSeconds, publishedAt } = agreed(given);
      return { ageSeconds, publishedAt };
    });
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });
});

describe('the confidence of a price', () => {
  it('is that of a single source, as a fraction of the price', () => {
    expect(textOf(agreed([{ price: '60000', confidence: '30' }]).confidence)).toBe('0.0005');
  });

  it('is 0 if no source states one', () => {
    expect(textOf(agreed([{}]).confidence)).toBe('0');
  });

  /** The wider half-width of 0.3, plus half of the distance of 1 between 99.5 and 100.5. */
  it('for two sources is the wider one plus half of their distance', () => {
    const two = [
      { price: '99.5', confidence: '0.3' },
      { price: '100.5', confidence: '0.1' },
    ];
    expect(textOf(agreed(two).confidence)).toBe('0.008');
    expect(textOf(agreed([{ price: '99.5' }, two[1] as GivenQuote]).confidence)).toBe('0.006');
  });

  it('for three sources is that of the middle one', () => {
    const three = [
      { price: '99.5', confidence: '9' },
      { price: '100', confidence: '0.2' },
      { price: '100.5', confidence: '9' },
    ];
    expect(textOf(agreed(three).confidence)).toBe('0.002');
  });
});

describe('the funding rate', () => {
  it.each([
    ['the one source that states it', ['0.0001'], '0.0001'],
    ['two rates, their mean', ['0.0001', '0.0002'], '0.00015'],
    ['three rates, the middle one by sign', ['0.0001', '-0.0003', '-0.0001'], '-0.0001'],
    ['four rates, the mean of the middle two', ['0.0004', '0.0001', '0.0003', '-1'], '0.0002'],
  ])('is the median of %s', (_, rates, median) => {
    const { fundingRatePerHour } = agreed(rates.map((funding) => ({ funding })));
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe(median);
  });

  it('uses only the sources that state it', () => {
    const { fundingRatePerHour } = agreed([{ funding: '0.0001' }, {}, {}]);
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe('0.0001');
  });

  it('is unknown if no source states it', () => {
    expect(agreed([{}, {}]).fundingRatePerHour).toBeUndefined();
  });

  it('ignores a stale source', () => {
    const given = [{ funding: '0.0001' }, { funding: '9', ageMs: 300_001 }];
    const { fundingRatePerHour } = agreed(given);
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe('0.0001');
  });
});

describe('a quote older than one that was read before from its source', () => {
  const read = { source0: NOW - 10_000 };

  it('is no news, though the same quote again is', () => {
    expect(agreed([{ ageMs: 10_000 }], { read }).sources).toEqual(['source0']);
    const { consensus, isOldNews } = heard([{ ageMs: 10_001 }], { read });
    expect([consensus.ok, isOldNews]).toEqual([false, true]);
  });

  it('does not affect other sources', () => {
    const { price: at, sources } = agreed([{ price: '50', ageMs: 10_001 }, { price: '51' }], {
      read,
    });
    expect([textOf(at), sources]).toEqual(['51', ['source1']]);
  });

  it('leaves the newest time of its source as it was', () => {
    expect(heard([{ ageMs: 10_001 }, { ageMs: 5 }], { read }).newest).toEqual({
      source0: NOW - 10_000,
      source1: NOW - 5,
    });
  });
});

describe('the range of a price', () => {
  const rangeOf = (...given: readonly GivenQuote[]) => {
    const { range } = agreed(given);
    const texts = (each?: { readonly low: Price; readonly high: Price }) =>
      each && [textOf(each.low), textOf(each.high)];
    return range && { all: texts(range), second: texts(range.second) };
  };
  const ranged = (low: string, high: string) => ({ low, high });

  it('is that of its only source, and nothing confirms it', () => {
    expect(rangeOf(ranged('59000', '61000'))).toEqual({ all: ['59000', '61000'] });
  });

  it('has the medians of the lows and of the highs, and what a second source has', () => {
    const three = [ranged('100', '60001'), ranged('59000', '60003'), ranged('59500', '90000')];
    expect(rangeOf(...three)).toEqual({ all: ['59000', '60003'], second: ['59000', '60003'] });
  });

  it('of two sources lies between them, and reaches as far as both', () => {
    const two = [ranged('100', '60100'), ranged('59000', '60300')];
    expect(rangeOf(...two)).toEqual({ all: ['29550', '60200'], second: ['59000', '60100'] });
  });

  it('is known if half of the sources have one, and not with fewer', () => {
    const one = ranged('59000', '61000');
    expect(rangeOf(one, {})).toEqual({ all: ['59000', '61000'] });
    expect(rangeOf(one, {}, {})).toBeUndefined();
    expect(rangeOf({})).toBeUndefined();
  });

  it('leaves out a source whose price is not believed', () => {
    const apart = { price: '50000', ...ranged('1', '900000') };
    expect(rangeOf(ranged('59000', '61000'), {}, apart)).toEqual({ all: ['59000', '61000'] });
  });
});
