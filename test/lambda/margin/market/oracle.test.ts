import { describe, expect, it } from 'vitest';
import type { Quote } from '../../../../lambda/margin/market/market.ts';
import {
  type OraclePrice,
  type RememberedPrice,
  remember,
  resolvePrice,
} from '../../../../lambda/margin/market/oracle.ts';
import type { OracleRules } from '../../../../lambda/margin/market/policy.ts';
import { price, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../../../../lambda/margin/number/limits.ts';
import { NOW } from '../build.ts';

const RULES: OracleRules = {
  staleAfterSeconds: 300,
  maxAgeSeconds: 120,
  minSources: 1,
  maxSourceSpread: ratio('0.02'),
  maxJump: ratio('0.2'),
  deviation: ratio('0'),
};

interface Given {
  readonly price?: string;
  readonly ageMs?: number;
  readonly confidence?: string;
  readonly funding?: string;
}

function quote(source: string, given: Given): Quote {
  return {
    feed: 'BTC-USD',
    source,
    price: price(given.price ?? '60000'),
    publishedAt: NOW - (given.ageMs ?? 0),
    confidence: given.confidence === undefined ? undefined : price(given.confidence),
    fundingRatePerHour: given.funding === undefined ? undefined : ratio(given.funding),
  };
}

interface Setting {
  readonly rules?: Partial<OracleRules>;
  /** The price last believed, or all that is remembered. */
  readonly previous?: string | RememberedPrice;
}

function resolve(given: readonly Given[], { rules, previous }: Setting = {}) {
  return resolvePrice({
    feed: 'BTC-USD',
    quotes: given.map((each, index) => quote(`source${index}`, each)),
    rules: { ...RULES, ...rules },
    asOf: NOW,
    previous: typeof previous === 'string' ? { price: price(previous) } : previous,
  });
}

function resolved(given: readonly Given[], setting?: Setting): OraclePrice {
  const result = resolve(given, setting);
  if (!result.ok) throw new Error(result.reason.detail);
  return result.value;
}

function refusal(given: readonly Given[], setting?: Setting) {
  const result = resolve(given, setting);
  if (result.ok) throw new Error(`resolved to ${textOf(result.value.price)}`);
  return result.reason;
}

describe('a quote that is too old', () => {
  it('is used at the very limit', () => {
    expect(resolved([{ ageMs: 300_000 }])).toMatchObject({ ageSeconds: 300, sources: 1 });
  });

  it('is stale 1 ms beyond it', () => {
    expect(refusal([{ ageMs: 300_001 }])).toEqual({
      code: 'price-stale',
      subject: 'BTC-USD',
      detail: 'BTC-USD: newest quote (source0) is 300.001 s old, limit 300 s',
    });
  });

  it('is dropped while another source is fresh', () => {
    const { price: at, sources } = resolved([{ price: '50000', ageMs: 300_001 }, {}]);
    expect([textOf(at), sources]).toEqual(['60000', 1]);
  });

  it('is told by the newest of them', () => {
    const { detail } = refusal([{ ageMs: 900_000 }, { ageMs: 400_000 }, { ageMs: 500_000 }]);
    expect(detail).toBe('BTC-USD: newest quote (source1) is 400 s old, limit 300 s');
  });
});

describe('a price that a liquidation may rest on', () => {
  it.each([
    [119_999, true],
    [120_000, false],
    [120_001, false],
  ])('is strictly younger than maxAge: %i ms of 120 s is %s', (ageMs, isFresh) => {
    expect(resolved([{ ageMs }]).isFresh).toBe(isFresh);
  });
});

describe('a quote from the future', () => {
  it('is used, as of age 0, while it is ahead by no more than the clock skew', () => {
    expect(resolved([{ ageMs: -CLOCK_SKEW_MS_MAX }])).toMatchObject({
      ageSeconds: 0,
      isFresh: true,
      publishedAt: NOW + CLOCK_SKEW_MS_MAX,
    });
  });

  it('is not used 1 ms beyond the clock skew', () => {
    expect(refusal([{ ageMs: -CLOCK_SKEW_MS_MAX - 1 }])).toEqual({
      code: 'price-future',
      subject: 'BTC-USD',
      detail: 'BTC-USD: every quote is stamped later than the check',
    });
  });

  it('is dropped while another source is of the present', () => {
    const { price: at } = resolved([{ price: '1', ageMs: -CLOCK_SKEW_MS_MAX - 1 }, {}]);
    expect(textOf(at)).toBe('60000');
  });

  it('beside a stale one leaves the stale one as the reason', () => {
    const { code } = refusal([{ ageMs: -CLOCK_SKEW_MS_MAX - 1 }, { ageMs: 300_001 }]);
    expect(code).toBe('price-stale');
  });
});

describe('too few sources', () => {
  it('none at all is a missing price', () => {
    expect(refusal([]).code).toBe('price-missing');
  });

  it('a price needs at least one, even where the rules ask for none', () => {
    expect(refusal([], { rules: { minSources: 0 } }).code).toBe('price-missing');
    expect(refusal([{ ageMs: 300_001 }], { rules: { minSources: 0 } }).code).toBe('price-stale');
  });

  it('minSources usable ones are enough', () => {
    const { sources } = resolved([{}, {}], { rules: { minSources: 2 } });
    expect(sources).toBe(2);
  });

  it('one less is refused, a stale one not counted', () => {
    expect(refusal([{}, { ageMs: 300_001 }], { rules: { minSources: 2 } })).toEqual({
      code: 'sources-too-few',
      subject: 'BTC-USD',
      detail: 'BTC-USD: 1 of 2 sources usable, 2 needed',
    });
  });
});

describe('sources that contradict each other', () => {
  // The median of 99 and 101 is 100; 2 % of it is 2.
  it('are believed at a spread of exactly maxSourceSpread', () => {
    expect(textOf(resolved([{ price: '99' }, { price: '101' }]).price)).toBe('100');
  });

  it('are refused just above it', () => {
    expect(refusal([{ price: '99' }, { price: '101.0000000001' }])).toEqual({
      code: 'sources-disagree',
      subject: 'BTC-USD',
      detail: 'BTC-USD: sources range from 99 to 101.0000000001, wider than 0.02 of the median',
    });
  });

  it('are measured from end to end, not around the median', () => {
    expect(refusal([{ price: '98.9' }, { price: '100' }, { price: '101' }]).code).toBe(
      'sources-disagree',
    );
  });

  it('do not include a stale one', () => {
    expect(textOf(resolved([{ price: '50', ageMs: 300_001 }, { price: '100' }]).price)).toBe('100');
  });
});

describe('the median', () => {
  it.each([
    ['one', ['100'], '100'],
    ['two: the mean', ['100', '101'], '100.5'],
    ['three: the middle one', ['101', '99.5', '100'], '100'],
    ['four: the mean of the middle two', ['101', '99.5', '100', '100.2'], '100.1'],
    ['numbers, not texts', ['9.99', '10.01', '10'], '10'],
  ])('of %s', (_, prices, median) => {
    expect(textOf(resolved(prices.map((at) => ({ price: at }))).price)).toBe(median);
  });

  it('is as old as the older of the two quotes it rests on, and no older', () => {
    const four = [
      { price: '99.5', ageMs: 200_000 },
      { price: '100', ageMs: 30_000 },
      { price: '100.2', ageMs: 60_000 },
      { price: '101', ageMs: 250_000 },
    ];
    expect(resolved(four)).toMatchObject({ ageSeconds: 60, publishedAt: NOW - 60_000 });
  });
});

describe('the order of the quotes', () => {
  it('does not matter, not even where prices are equal and ages are not', () => {
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
      const { ageSeconds, isFresh, publishedAt } = resolved(given);
      return { ageSeconds, isFresh, publishedAt };
    });
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });
});

describe('the confidence of a price', () => {
  it('is that of a single source, as a share of the price', () => {
    expect(textOf(resolved([{ price: '60000', confidence: '30' }]).confidence)).toBe('0.0005');
  });

  it('is nothing where none is stated', () => {
    expect(textOf(resolved([{}]).confidence)).toBe('0');
  });

  /** The wider half-width 0.3, and half of the 1 that lies between 99.5 and 100.5. */
  it('of two is the wider one and half of what lies between them', () => {
    const two = [
      { price: '99.5', confidence: '0.3' },
      { price: '100.5', confidence: '0.1' },
    ];
    expect(textOf(resolved(two).confidence)).toBe('0.008');
    expect(textOf(resolved([{ price: '99.5' }, two[1] as Given]).confidence)).toBe('0.006');
  });

  it('of three is that of the middle one', () => {
    const three = [
      { price: '99.5', confidence: '9' },
      { price: '100', confidence: '0.2' },
      { price: '100.5', confidence: '9' },
    ];
    expect(textOf(resolved(three).confidence)).toBe('0.002');
  });
});

describe('a jump', () => {
  const jumped = (at: string, setting: Setting = { previous: '100' }) =>
    resolved([{ price: at }], setting).isSuspect;

  it.each([
    ['exactly maxJump up', '120', false],
    ['just above it', '120.00000001', true],
    ['exactly maxJump down', '80', false],
    ['just below it', '79.99999999', true],
    ['no move', '100', false],
  ])('of %s from one source', (_, at, isSuspect) => {
    expect(jumped(at)).toBe(isSuspect);
  });

  it('is not seen at the first check', () => {
    expect(jumped('500', {})).toBe(false);
  });

  it('that a second source reports is believed', () => {
    const both = resolved([{ price: '150' }, { price: '151' }], { previous: '100' });
    expect(both.isSuspect).toBe(false);
  });

  it('is doubted when the second source is stale', () => {
    const given = [{ price: '150' }, { price: '150', ageMs: 300_001 }];
    expect(resolved(given, { previous: '100' }).isSuspect).toBe(true);
  });

  /** 100 was believed; 150 was reported a minute ago and not believed. */
  const doubted: RememberedPrice = {
    price: price('100'),
    suspect: { price: price('150'), publishedAt: NOW - 60_000 },
  };
  const next = (at: string, ageMs: number) =>
    resolved([{ price: at, ageMs }], { previous: doubted }).isSuspect;

  it.each([
    ['the same quote again confirms nothing', '150', 60_000, true],
    ['an older quote confirms nothing', '150', 60_001, true],
    ['a newer quote at its level confirms it', '150', 59_999, false],
    ['a newer quote within maxJump of it confirms it, above', '180', 0, false],
    ['a newer quote beyond maxJump of it is a jump of its own, above', '180.00000001', 0, true],
    ['a newer quote beyond maxJump of both is a jump of its own, below', '60', 0, true],
    ['a newer quote back at what was believed is no jump', '101', 0, false],
    ['an older quote back at what was believed is no jump, either', '120', 90_000, false],
  ])('%s', (_, at, ageMs, isSuspect) => {
    expect(next(at, ageMs)).toBe(isSuspect);
  });

  it('is measured from what was believed, not from what was doubted', () => {
    // 121 is a jump from 100, though not from 150 · 0.8 = 120.
    expect(next('121', 60_000)).toBe(true);
    expect(next('119', 60_000)).toBe(false);
  });

  it('is usable all the same', () => {
    expect(textOf(resolved([{ price: '150' }], { previous: '100' }).price)).toBe('150');
  });
});

describe('what a check remembers of a feed', () => {
  const now = (given: Given, previous?: string | RememberedPrice) =>
    resolve([given], previous === undefined ? {} : { previous });

  it('is the price it believes', () => {
    expect(remember(now({ price: '100' }), undefined)).toEqual({ price: price('100') });
    const believed = remember(now({ price: '101' }, '100'), { price: price('100') });
    expect(believed).toEqual({ price: price('101') });
  });

  it('is what it last believed, beside a jump that it doubts and when that was', () => {
    const jump = now({ price: '150', ageMs: 500 }, '100');
    expect(remember(jump, { price: price('100') })).toEqual({
      price: price('100'),
      suspect: { price: price('150'), publishedAt: NOW - 500 },
    });
  });

  it('is the jump alone once it is confirmed', () => {
    const first = remember(now({ price: '150', ageMs: 500 }, '100'), { price: price('100') });
    const confirmed = now({ price: '151', ageMs: 0 }, first);
    expect(remember(confirmed, first)).toEqual({ price: price('151') });
  });

  it('is the latest jump, if one is followed by another', () => {
    const first = remember(now({ price: '150', ageMs: 500 }, '100'), { price: price('100') });
    expect(remember(now({ price: '300' }, first), first)).toEqual({
      price: price('100'),
      suspect: { price: price('300'), publishedAt: NOW },
    });
  });

  it('is what it was while there is no price', () => {
    const gone = now({ ageMs: 999_999 }, '100');
    expect(gone.ok).toBe(false);
    expect(remember(gone, { price: price('100') })).toEqual({ price: price('100') });
    expect(remember(gone, undefined)).toBeUndefined();
  });
});

describe('funding', () => {
  it.each([
    ['one that states it', ['0.0001'], '0.0001'],
    ['two: the mean', ['0.0001', '0.0002'], '0.00015'],
    ['three: the middle one, by sign', ['0.0001', '-0.0003', '-0.0001'], '-0.0001'],
    ['four: the mean of the middle two', ['0.0004', '0.0001', '0.0003', '-1'], '0.0002'],
  ])('is the median of %s', (_, rates, median) => {
    const { fundingRatePerHour } = resolved(rates.map((funding) => ({ funding })));
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe(median);
  });

  it('is that of the sources which state it', () => {
    const { fundingRatePerHour } = resolved([{ funding: '0.0001' }, {}, {}]);
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe('0.0001');
  });

  it('is unknown when none does', () => {
    expect(resolved([{}, {}]).fundingRatePerHour).toBeUndefined();
  });

  it('of a stale source does not count', () => {
    const given = [{ funding: '0.0001' }, { funding: '9', ageMs: 300_001 }];
    const { fundingRatePerHour } = resolved(given);
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe('0.0001');
  });
});
