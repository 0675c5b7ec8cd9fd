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

describe('an old quote', () => {
  it('is used exactly at the limit', () => {
    expect(resolved([{ ageMs: 300_000 }])).toMatchObject({ ageSeconds: 300, sources: 1 });
  });

  it('is stale 1 ms beyond the limit', () => {
    expect(refusal([{ ageMs: 300_001 }])).toEqual({
      code: 'price-stale',
      subject: 'BTC-USD',
      detail: 'BTC-USD: newest quote (source0) is 300.001 s old, limit 300 s',
    });
  });

  it('is dropped if another source is fresh', () => {
    const { price: at, sources } = resolved([{ price: '50000', ageMs: 300_001 }, {}]);
    expect([textOf(at), sources]).toEqual(['60000', 1]);
  });

  it('is reported by the newest of all stale quotes', () => {
    const { detail } = refusal([{ ageMs: 900_000 }, { ageMs: 400_000 }, { ageMs: 500_000 }]);
    expect(detail).toBe('BTC-USD: newest quote (source1) is 400 s old, limit 300 s');
  });
});

describe('a price fresh enough for a liquidation', () => {
  it.each([
    [119_999, true],
    [120_000, false],
    [120_001, false],
  ])('is strictly younger than maxAge: %i ms of 120 s is %s', (ageMs, isFresh) => {
    expect(resolved([{ ageMs }]).isFresh).toBe(isFresh);
  });
});

describe('a quote from the future', () => {
  it('is used with an age of 0 while it is ahead by no more than the clock tolerance', () => {
    expect(resolved([{ ageMs: -CLOCK_SKEW_MS_MAX }])).toMatchObject({
      ageSeconds: 0,
      isFresh: true,
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
    const { price: at } = resolved([{ price: '1', ageMs: -CLOCK_SKEW_MS_MAX - 1 }, {}]);
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
    const { sources } = resolved([{}, {}], { rules: { minSources: 2 } });
    expect(sources).toBe(2);
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
    expect(textOf(resolved([{ price: '99' }, { price: '101' }]).price)).toBe('100');
  });

  it('are refused just above maxSourceSpread', () => {
    expect(refusal([{ price: '99' }, { price: '101.0000000001' }])).toEqual({
      code: 'sources-disagree',
      subject: 'BTC-USD',
      detail:
        'BTC-USD: sources range from 99 to 101.0000000001, more than maxSourceSpread allows (0.02 of the median)',
    });
  });

  it('are compared from lowest to highest, not with the median', () => {
    expect(refusal([{ price: '98.9' }, { price: '100' }, { price: '101' }]).code).toBe(
      'sources-disagree',
    );
  });

  it('exclude a stale source', () => {
    expect(textOf(resolved([{ price: '50', ageMs: 300_001 }, { price: '100' }]).price)).toBe('100');
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
    expect(textOf(resolved(prices.map((at) => ({ price: at }))).price)).toBe(median);
  });

  it('is as old as the older of the two quotes it uses', () => {
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
      const { ageSeconds, isFresh, publishedAt } = resolved(given);
      return { ageSeconds, isFresh, publishedAt };
    });
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });
});

describe('the confidence of a price', () => {
  it('is that of a single source, as a fraction of the price', () => {
    expect(textOf(resolved([{ price: '60000', confidence: '30' }]).confidence)).toBe('0.0005');
  });

  it('is 0 if no source states one', () => {
    expect(textOf(resolved([{}]).confidence)).toBe('0');
  });

  /** The wider half-width of 0.3, plus half of the distance of 1 between 99.5 and 100.5. */
  it('for two sources is the wider one plus half of their distance', () => {
    const two = [
      { price: '99.5', confidence: '0.3' },
      { price: '100.5', confidence: '0.1' },
    ];
    expect(textOf(resolved(two).confidence)).toBe('0.008');
    expect(textOf(resolved([{ price: '99.5' }, two[1] as Given]).confidence)).toBe('0.006');
  });

  it('for three sources is that of the middle one', () => {
    const three = [
      { price: '99.5', confidence: '9' },
      { price: '100', confidence: '0.2' },
      { price: '100.5', confidence: '9' },
    ];
    expect(textOf(resolved(three).confidence)).toBe('0.002');
  });
});

describe('a price jump', () => {
  const jumped = (at: string, setting: Setting = { previous: '100' }) =>
    resolved([{ price: at }], setting).isSuspect;

  it.each([
    ['exactly maxJump up', '120', false],
    ['just more than maxJump up', '120.00000001', true],
    ['exactly maxJump down', '80', false],
    ['just more than maxJump down', '79.99999999', true],
    ['no move', '100', false],
  ])('counts as suspect only beyond maxJump: %s from one source', (_, at, isSuspect) => {
    expect(jumped(at)).toBe(isSuspect);
  });

  it('is not detected at the first check', () => {
    expect(jumped('500', {})).toBe(false);
  });

  it('is accepted if a second source reports it', () => {
    const both = resolved([{ price: '150' }, { price: '151' }], { previous: '100' });
    expect(both.isSuspect).toBe(false);
  });

  it('is suspect if the second source is stale', () => {
    const given = [{ price: '150' }, { price: '150', ageMs: 300_001 }];
    expect(resolved(given, { previous: '100' }).isSuspect).toBe(true);
  });

  /** 100 was accepted. 150 was reported a minute ago and is suspect. */
  const doubted: RememberedPrice = {
    price: price('100'),
    suspect: { price: price('150'), publishedAt: NOW - 60_000 },
  };
  const next = (at: string, ageMs: number) =>
    resolved([{ price: at, ageMs }], { previous: doubted }).isSuspect;

  it.each([
    ['is not confirmed by the same quote again', '150', 60_000, true],
    ['is not confirmed by an older quote', '150', 60_001, true],
    ['is confirmed by a newer quote at its level', '150', 59_999, false],
    ['is confirmed by a newer quote within maxJump above it', '180', 0, false],
    [
      'is followed by another jump if a newer quote is beyond maxJump above it',
      '180.00000001',
      0,
      true,
    ],
    [
      'is followed by another jump if a newer quote is beyond maxJump below both prices',
      '60',
      0,
      true,
    ],
    ['is over if a newer quote returns to the accepted price', '101', 0, false],
    ['is over even if an older quote returns to the accepted price', '120', 90_000, false],
  ])('the jump %s', (_, at, ageMs, isSuspect) => {
    expect(next(at, ageMs)).toBe(isSuspect);
  });

  it('is measured from the accepted price, not from the suspect one', () => {
    // 121 is a jump from 100, though not from 150 · 0.8 = 120.
    expect(next('121', 60_000)).toBe(true);
    expect(next('119', 60_000)).toBe(false);
  });

  it('leaves the price usable, though suspect', () => {
    expect(textOf(resolved([{ price: '150' }], { previous: '100' }).price)).toBe('150');
  });
});

describe('the remembered price of a feed', () => {
  const now = (given: Given, previous?: string | RememberedPrice) =>
    resolve([given], previous === undefined ? {} : { previous });

  it('is the accepted price, without a suspect one', () => {
    expect(remember(now({ price: '100' }), undefined)).toEqual({ price: price('100') });
    const believed = remember(now({ price: '101' }, '100'), { price: price('100') });
    expect(believed).toEqual({ price: price('101') });
  });

  it('is the last accepted price, with the suspect jump and its time beside it', () => {
    const jump = now({ price: '150', ageMs: 500 }, '100');
    expect(remember(jump, { price: price('100') })).toEqual({
      price: price('100'),
      suspect: { price: price('150'), publishedAt: NOW - 500 },
    });
  });

  it('is only the jump once it is confirmed', () => {
    const first = remember(now({ price: '150', ageMs: 500 }, '100'), { price: price('100') });
    const confirmed = now({ price: '151', ageMs: 0 }, first);
    expect(remember(confirmed, first)).toEqual({ price: price('151') });
  });

  it('has the latest jump if one follows another', () => {
    const first = remember(now({ price: '150', ageMs: 500 }, '100'), { price: price('100') });
    expect(remember(now({ price: '300' }, first), first)).toEqual({
      price: price('100'),
      suspect: { price: price('300'), publishedAt: NOW },
    });
  });

  it('is unchanged while there is no price', () => {
    const gone = now({ ageMs: 999_999 }, '100');
    expect(gone.ok).toBe(false);
    expect(remember(gone, { price: price('100') })).toEqual({ price: price('100') });
    expect(remember(gone, undefined)).toBeUndefined();
  });
});

describe('the funding rate', () => {
  it.each([
    ['the one source that states it', ['0.0001'], '0.0001'],
    ['two rates, their mean', ['0.0001', '0.0002'], '0.00015'],
    ['three rates, the middle one by sign', ['0.0001', '-0.0003', '-0.0001'], '-0.0001'],
    ['four rates, the mean of the middle two', ['0.0004', '0.0001', '0.0003', '-1'], '0.0002'],
  ])('is the median of %s', (_, rates, median) => {
    const { fundingRatePerHour } = resolved(rates.map((funding) => ({ funding })));
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe(median);
  });

  it('uses only the sources that state it', () => {
    const { fundingRatePerHour } = resolved([{ funding: '0.0001' }, {}, {}]);
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe('0.0001');
  });

  it('is unknown if no source states it', () => {
    expect(resolved([{}, {}]).fundingRatePerHour).toBeUndefined();
  });

  it('ignores a stale source', () => {
    const given = [{ funding: '0.0001' }, { funding: '9', ageMs: 300_001 }];
    const { fundingRatePerHour } = resolved(given);
    expect(fundingRatePerHour && textOf(fundingRatePerHour)).toBe('0.0001');
  });
});
