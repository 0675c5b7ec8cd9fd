import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountedQuote } from '../../../../lambda/margin/market/counted-gap.ts';
import {
  measuredFeeds,
  measuredOf,
  measuredVolatility,
  memoryAfter,
  nextMemory,
  type VolatilityMemory,
} from '../../../../lambda/margin/market/measure.ts';
import { type Price, price, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { ForecastTerms } from '../../../../lambda/margin/statistics/shock-forecast.ts';
import { marketOf, NOW } from '../build.ts';

const YEAR_SECONDS = 31_536_000;
const terms = { halfLifeSeconds: 3600, stress: ratio('2') };
const STRESS_VARIANCE = 4;

const quoteAt = (seconds: number, at: string | Price): CountedQuote => ({
  price: typeof at === 'string' ? price(at) : at,
  publishedAt: NOW + Math.round(seconds * 1000),
  maxJump: ratio('0.2'),
});

const begun = (annualVariance = STRESS_VARIANCE): VolatilityMemory => ({
  price: price('100'),
  publishedAt: NOW,
  annualVariance,
});

const counted = (before: VolatilityMemory | undefined, seconds: number, at: string, of = terms) =>
  nextMemory(before, { quote: quoteAt(seconds, at), terms: of });

/** The price at a log return from 100. */
const moved = (logReturn: number): string => (100 * Math.exp(logReturn)).toPrecision(17);

describe('the stored volatility of a feed', () => {
  it('begins exactly at stress with the first quote', () => {
    const stress = { ...terms, stress: ratio('1.2') };
    const first = counted(undefined, 0, '100', stress);
    expect(first).toEqual({ price: price('100'), publishedAt: NOW, annualVariance: 1.44 });
    expect(textOf(measuredVolatility(first, { asOf: NOW, terms: stress }))).toBe('1.2');
  });

  it.each([
    ['the same quote', 0, '100'],
    ['another price at the same time', 0, '50'],
    ['an older quote', -1, '50'],
  ])('is not changed by %s', (_, seconds, at) => {
    const before = begun();
    expect(counted(before, seconds, at)).toBe(before);
  });

  it('counts a quote newer by one millisecond, by ln2/halfLife of its squared return', () => {
    const { annualVariance } = counted(begun(), 0.001, moved(0.001));
    const gained = (Math.LN2 / 3600) * 1e-6 * YEAR_SECONDS;
    const kept = STRESS_VARIANCE * 0.5 ** (0.001 / 3600);
    expect(annualVariance).toBeCloseTo(kept + gained, 8);
  });

  it('is half forgotten after a half-life without a move', () => {
    expect(counted(begun(), 3600, '100').annualVariance).toBeCloseTo(STRESS_VARIANCE / 2, 14);
    expect(counted(begun(), 1800, '100').annualVariance).toBeCloseTo(STRESS_VARIANCE * 0.5 ** 0.5);
  });

  /** An annual variance of 1 expects the price to move by √(t/year) in t. */
  it('stays unchanged if every return is as expected', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 3_600_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        let [memory, time, level] = [begun(1), 0, 0];
        for (const gap of gapsMs) {
          time += gap / 1000;
          level += Math.sqrt(gap / 1000 / YEAR_SECONDS);
          memory = counted(memory, time, moved(level));
        }
        expect(memory.annualVariance).toBeCloseTo(1, 6);
      }),
    );
  });

  it('hardly depends on how a path of equal returns is sliced', () => {
    const varianceIn = (slices: number): number => {
      let memory = begun();
      for (let slice = 1; slice <= slices; slice++) {
        // Up and down in turns, so that each slice has the variance of its time, whatever their
        // number.
        const level = slice % 2 === 0 ? 0 : Math.sqrt(1 / YEAR_SECONDS) * Math.sqrt(3600 / slices);
        memory = counted(memory, (3600 / slices) * slice, moved(level));
      }
      return memory.annualVariance;
    };
    // Half of 4, plus half of 1.
    for (const slices of [1, 2, 10, 60, 720]) expect(varianceIn(slices)).toBeCloseTo(2.5, 6);
  });

  it('rises with the size of a return, equally up and down', () => {
    const size = fc.double({ min: 0, max: 2, noNaN: true });
    const seconds = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(size, size, seconds, (one, other, gap) => {
        const at = (logReturn: number) => counted(begun(), gap, moved(logReturn)).annualVariance;
        const [small, large] = [Math.min(one, other), Math.max(one, other)];
        expect(at(large)).toBeGreaterThanOrEqual(at(small) * (1 - 1e-12));
        expect(at(-one) / at(one)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('is finite and at least 0 for all prices and times', () => {
    const exponent = fc.integer({ min: -24, max: 24 });
    const gap = fc.integer({ min: 1, max: 8_000_000_000_000 });
    const halfLife = fc.integer({ min: 60, max: YEAR_SECONDS });
    const known = fc.double({ min: 0, max: 1e24, noNaN: true });
    fc.assert(
      fc.property(exponent, exponent, gap, halfLife, known, (from, to, gapMs, half, variance) => {
        const of = { ...terms, halfLifeSeconds: half };
        const before = { ...begun(variance), price: price(`1e${from}`) };
        const memory = counted(before, gapMs / 1000, `1e${to}`, of);
        expect(Number.isFinite(memory.annualVariance)).toBe(true);
        expect(memory.annualVariance).toBeGreaterThanOrEqual(0);
        const asOf = memory.publishedAt + gapMs;
        expect(textOf(measuredVolatility(memory, { asOf, terms: of }))).toMatch(/^\d+(\.\d+)?$/);
      }),
    );
  });
});

describe('the forecast of a feed', () => {
  const P = 0.01;
  const forecast: ForecastTerms = { intervalSeconds: 60, horizonGaps: 1, stress: 2, allowed: P };
  const forecasting = { ...terms, forecast };
  /** Student-t with four degrees of freedom at 99 %, rounded up. */
  const Z = '2.649492';
  const countedBy = (before: VolatilityMemory | undefined, seconds: number, at: string) =>
    nextMemory(before, { quote: quoteAt(seconds, at), terms: forecasting });
  const readAt = (memory: VolatilityMemory, seconds = 0) => {
    const asOf = memory.publishedAt + seconds * 1000;
    const read = measuredOf(memory, { asOf, terms: forecasting }).forecast;
    if (read === undefined) throw new Error('no forecast');
    const { down, up } = read.quantiles;
    return { volatility: textOf(read.volatility), z: [textOf(down), textOf(up)] };
  };
  /** The memory after gaps of these lengths, with prices that alternate between 100 and 100.1. */
  const afterGaps = (gaps: readonly number[], terms = forecasting): VolatilityMemory => {
    let [memory, time] = [countedBy(undefined, 0, '100'), 0];
    gaps.forEach((gap, index) => {
      time += gap;
      const quote = quoteAt(time, index % 2 === 0 ? '100.1' : '100');
      memory = nextMemory(memory, { quote, terms });
    });
    return memory;
  };
  const minutes = (count: number) => Array.from({ length: count }, () => 60);
  const forecastIn = (memory: VolatilityMemory) => {
    if (memory.forecast === undefined) throw new Error('no forecast');
    return memory.forecast;
  };

  it('begins at stress and at the law of its confidence', () => {
    const first = countedBy(undefined, 0, '100');
    expect(readAt(first)).toEqual({ volatility: '2', z: [Z, Z] });
    // Without a range, the level is that of the ends alone: half of p.
    expect(forecastIn(first)).toMatchObject({ gaps: 0, alpha: { down: P / 2, up: P / 2 } });
    const range = { low: price('99.9'), high: price('100.1') };
    const quote = { ...quoteAt(60, '100'), range };
    const ranged = forecastIn(nextMemory(first, { quote, terms: forecasting }));
    // From p on, and one score that z was not exceeded by: p + 0.4·p·p.
    expect(ranged.isRanged).toBe(true);
    expect(ranged.alpha.down).toBeCloseTo(P + 0.4 * P * P, 12);
    expect(ranged.alpha.up).toBeCloseTo(P + 0.4 * P * P, 12);
  });

  it('begins with the σ that an earlier version measured, if the memory has no forecast', () => {
    expect(readAt(begun(0.64))).toEqual({ volatility: '0.8', z: [Z, Z] });
    // Nothing has to warm up: one gap of 60 s without a move halves the variance at 180 s.
    const next = countedBy(begun(0.64), 60, '100');
    expect(forecastIn(next).variance).toBeCloseTo(0.64 * 2 ** (-60 / 180), 12);
  });

  it('is the mean of the first twelve gaps, until then stress', () => {
    expect(readAt(afterGaps(minutes(11))).volatility).toBe('2');
    // Every gap has a squared return of ln(1.001)²: its annual variance is the mean of all twelve.
    const annual = Math.log(1.001) * Math.sqrt(YEAR_SECONDS / 60);
    expect(Number(readAt(afterGaps(minutes(12))).volatility)).toBeCloseTo(annual, 7);
  });

  it('is neither stored nor read if no class forecasts', () => {
    const before = afterGaps(minutes(3));
    expect(counted(before, 999, '100')).not.toHaveProperty('forecast');
    expect(measuredOf(before, { asOf: NOW, terms })).not.toHaveProperty('forecast');
  });

  it.each([
    ['the same quote', 0, '100'],
    ['another price at the same time', 0, '50'],
    ['an older quote', -1, '50'],
  ])('is not changed by %s, nor by its range', (_, seconds, at) => {
    const before = countedBy(undefined, 0, '100');
    const range = { low: price('1'), high: price('1000') };
    const quote = { ...quoteAt(seconds, at), range };
    expect(nextMemory(before, { quote, terms: forecasting })).toBe(before);
  });

  it('takes a lost check as one longer gap', () => {
    const whole = afterGaps([...minutes(12), 120]);
    expect(forecastIn(whole).scores.down.taken).toBe(13);
    // w = 2^(−120/180) of what was there, the rest of a squared return over 120 s.
    const [kept, ofGap] = [2 ** (-120 / 180), (Math.log(1.001) ** 2 * YEAR_SECONDS) / 120];
    const before = forecastIn(afterGaps(minutes(12))).variance;
    expect(forecastIn(whole).variance).toBeCloseTo(kept * before + (1 - kept) * ofGap, 10);
  });

  it.each([
    [120, 13],
    [120.001, 12],
  ])('scores a gap of up to two intervals: %d s', (gap, taken) => {
    const { scores } = forecastIn(afterGaps([...minutes(12), gap]));
    expect([scores.down.taken, scores.up.taken]).toEqual([taken, taken]);
  });

  it('forgets by the interval that is set, however late a check is', () => {
    const halved = (intervalSeconds: number, gap: number) => {
      const of = { ...terms, forecast: { ...forecast, intervalSeconds } };
      const quote = quoteAt(gap, '100');
      return forecastIn(nextMemory(begun(1), { quote, terms: of })).variance;
    };
    // A half-life of 3·60 s at 60 s, at 30 s too, and of 3·300 s at 300 s; no price has moved.
    expect(halved(60, 180)).toBeCloseTo(0.5, 12);
    expect(halved(30, 180)).toBeCloseTo(0.5, 12);
    expect(halved(300, 180)).toBeCloseTo(2 ** (-180 / 900), 12);
  });

  it('returns to stress beyond ten intervals without a quote', () => {
    const memory = countedBy(begun(0.25), 60, '100');
    const { variance } = forecastIn(memory);
    expect(readAt(memory, 600)).toEqual(readAt(memory));
    // 180 s beyond: half of what was measured, half of stress.
    const half = Math.sqrt(variance / 2 + 4 / 2);
    expect(Number(readAt(memory, 780).volatility)).toBeCloseTo(half, 7);
    expect(readAt(memory, 1e6).volatility).toBe('2');
  });

  it('has the range of its gaps, of which a range says more than the ends', () => {
    const range = { low: price('99'), high: price('102') };
    const quote = { ...quoteAt(60, '100'), range };
    const memory = nextMemory(begun(1), { quote, terms: forecasting });
    const ofGap = (Math.log(102 / 99) ** 2 / (4 * Math.LN2)) * (YEAR_SECONDS / 60);
    const kept = 2 ** (-60 / 180);
    expect(forecastIn(memory).variance).toBeCloseTo(kept + (1 - kept) * ofGap, 10);
    expect(forecastIn(memory).isRanged).toBe(true);
  });

  it('keeps an extreme that nothing has confirmed for one gap', () => {
    const spiked = { low: price('50'), high: price('101') };
    const quoteIn = (seconds: number, range?: CountedQuote['range']) => ({
      ...quoteAt(seconds, '100'),
      range,
    });
    const first = nextMemory(begun(1), { quote: quoteIn(60, spiked), terms: forecasting });
    expect(first.unconfirmed).toEqual({ low: price('50') });
    const calm = { low: price('99'), high: price('101') };
    const next = nextMemory(first, { quote: quoteIn(120, calm), terms: forecasting });
    expect(next).not.toHaveProperty('unconfirmed');
  });

  /** α stays within −2 and 3 times p/2 = 0.005, as there are no ranges. */
  it('reads a level that was learnt at another confidence within the bounds of its own', () => {
    let varied = countedBy(undefined, 0, '100');
    for (let index = 1; index <= 300; index++) {
      varied = countedBy(varied, index * 60, moved(0.001 * Math.sin(index * index)));
    }
    const zAt = (level: number) => {
      const alpha = { down: level, up: level };
      return readAt({ ...varied, forecast: { ...forecastIn(varied), alpha } }).z;
    };
    expect(zAt(0.06)).toEqual(zAt(0.015));
    expect(zAt(-1)).toEqual(zAt(-0.01));
    expect(Number(zAt(0.01)[0])).toBeGreaterThan(Number(zAt(0.015)[0]));
  });
});

describe('the stored σ of the initial requirement', () => {
  const used = (annual: string) => ({ type: 'fixed', annual: ratio(annual) }) as const;
  const rise = { perHour: ratio('0.1'), rules: [used('0.6')] };
  const HOUR_MS = 3_600_000;
  const at = (before: VolatilityMemory | undefined, hours: number, quote?: CountedQuote) =>
    memoryAfter(before, { terms: { ...terms, rise }, quote, asOf: NOW + hours * HOUR_MS });
  const slowed = (volatility: string, hours = 0): VolatilityMemory => ({
    ...begun(),
    initial: { volatility: ratio(volatility), asOf: NOW + hours * HOUR_MS },
  });
  const textIn = (memory: VolatilityMemory | undefined) =>
    memory?.initial && [textOf(memory.initial.volatility), memory.initial.asOf];

  it('begins with the first quote, at σ', () => {
    expect(at(undefined, 0)).toBeUndefined();
    expect(textIn(at(undefined, 0, quoteAt(0, '100')))).toEqual(['0.6', NOW]);
    expect(textIn(at(begun(), 1))).toEqual(['0.6', NOW + HOUR_MS]);
  });

  it('moves at each check, with or without a newer quote', () => {
    expect(textIn(at(slowed('0.5'), 1))).toEqual(['0.55', NOW + HOUR_MS]);
    expect(textIn(at(slowed('0.5'), 1, quoteAt(1, '101')))).toEqual(['0.55', NOW + HOUR_MS]);
    expect(textIn(at(slowed('0.5', 0.5), 2))).toEqual(['0.57684487', NOW + 2 * HOUR_MS]);
    expect(textIn(at(slowed('0.7'), 1))).toEqual(['0.6', NOW + HOUR_MS]);
  });

  it('follows the highest σ of the classes', () => {
    const both = { ...rise, rules: [used('0.5'), used('0.9')] };
    const of = { terms: { ...terms, rise: both }, quote: undefined, asOf: NOW };
    expect(textIn(memoryAfter(begun(), of))).toEqual(['0.9', NOW]);
  });

  it('is neither moved nor read if no class slows it', () => {
    const before = slowed('0.5');
    const of = { terms, quote: undefined, asOf: NOW + HOUR_MS };
    expect(memoryAfter(before, of)).toBe(before);
    expect(measuredOf(before, of)).not.toHaveProperty('initial');
    expect(memoryAfter(before, { ...of, quote: quoteAt(1, '101') })).not.toHaveProperty('initial');
  });
});

describe('a gap longer than a half-life', () => {
  it('returns to stress for the time beyond the half-life', () => {
    const { annualVariance } = counted(begun(0), 7200, '100');
    // Halfway to 4, and then half of that is forgotten.
    expect(annualVariance).toBeCloseTo(1, 12);
  });

  it('is half stress and half the single return over it if the gap is many half-lives', () => {
    const seconds = 100 * 3600;
    const logReturn = Math.sqrt((9 * seconds) / YEAR_SECONDS);
    const { annualVariance } = counted(begun(0.01), seconds, moved(logReturn));
    expect(annualVariance).toBeCloseTo((4 + 9) / 2, 9);
  });

  it('has no step at its beginning', () => {
    const at = (seconds: number) => counted(begun(1), seconds, moved(0.01)).annualVariance;
    expect(at(3600.001) / at(3600)).toBeCloseTo(1, 5);
  });

  it.each([
    [0, '1'],
    [3600, '1'],
    [7200, '1.58113884'],
    [1e9, '2'],
    [-5, '1'],
  ])(
    'after %d s without a quote gives %s, from 1 measured and 2 of stress',
    (seconds, expected) => {
      const asOf = NOW + seconds * 1000;
      expect(textOf(measuredVolatility(begun(1), { asOf, terms }))).toBe(expected);
    },
  );
});

describe('the measured volatility', () => {
  it.each([
    [0.64, '0.8'],
    [0.5, '0.70710679'],
    [0, '0'],
    [1e-20, '0.00000001'],
  ])(
    'for a variance of %d is its root %s, rounded up to eight decimal places',
    (variance, expected) => {
      expect(textOf(measuredVolatility(begun(variance), { asOf: NOW, terms }))).toBe(expected);
    },
  );
});

describe('the feeds to measure', () => {
  const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
  const ewma = { type: 'ewma', floor: '0.4', stress: '2', halfLifeSeconds: '3600' };
  const on = (underlying: string, riskClass: string) => {
    return { type: 'perpetual', underlying, settlementAsset: 'USD', riskClass };
  };
  const quotes = { 'BTC-USD#a': { price: '60000', publishedAt: String(NOW - 7) } };
  const feedsOf = (rows: Parameters<typeof marketOf>[0], previous: Record<string, string> = {}) =>
    measuredFeeds({
      market: marketOf(rows),
      asOf: NOW,
      intervalSeconds: 60,
      previousPrices: new Map(
        Object.entries(previous).map(([feed, text]) => [feed, { price: price(text) }]),
      ),
    });
  const one = { instruments: { A: on('BTC-USD', 'A') }, risk: { A: { margin, volatility: ewma } } };

  it('are those of a class that measures, with their price and its time', () => {
    const instruments = { A: on('BTC-USD', 'A'), B: on('ETH-USD', 'B'), C: on('XRP-USD', 'NONE') };
    const risk = { ...one.risk, B: { margin, volatility: '0.8' } };
    const found = feedsOf({ instruments, risk, quotes });
    expect(found.map(({ feed }) => feed)).toEqual(['BTC-USD']);
    expect(found[0]?.terms).toMatchObject({ halfLifeSeconds: 3600 });
    const maxJump = ratio('0.2');
    expect(found[0]?.quote).toEqual({ price: price('60000'), publishedAt: NOW - 7, maxJump });
  });

  it('take the shortest half-life and the highest stress of their classes', () => {
    const instruments = { A: on('BTC-USD', 'A'), B: on('BTC-USD', 'B'), C: on('BTC-USD', 'C') };
    const quick = { ...ewma, halfLifeSeconds: '600', stress: '1' };
    const risk = {
      A: { margin, volatility: ewma },
      B: { margin, volatility: quick },
      C: { margin, volatility: '9' },
    };
    const [found] = feedsOf({ instruments, risk });
    expect(found?.terms.halfLifeSeconds).toBe(600);
    expect(textOf(found?.terms.stress ?? ratio('0'))).toBe('2');
  });

  describe('of which a class forecasts the shock', () => {
    const instruments = { A: on('BTC-USD', 'A'), B: on('BTC-USD', 'B'), C: on('BTC-USD', 'C') };
    const forecastOf = (a: object, b: object, policy: Record<string, string> = {}) => {
      const risk = { A: { margin, ...a }, B: { margin, ...b }, C: { margin, volatility: '9' } };
      return feedsOf({ instruments, risk, policy })[0]?.terms.forecast;
    };
    const byLaw = { volatility: { ...ewma, quantile: 'policy' } };
    const measured = { volatility: ewma };

    it('do so by the interval that is set, the highest stress, and whole gaps of Δ + L', () => {
      expect(forecastOf(byLaw, byLaw)).toBeUndefined();
      const wild = { volatility: { ...ewma, stress: '3' } };
      // L is 30 s by default: 90 s are 1.5 intervals, which are rounded up.
      expect(forecastOf(wild, measured)).toMatchObject({
        intervalSeconds: 60,
        horizonGaps: 2,
        stress: 3,
      });
      const slow = forecastOf(measured, byLaw, { executionSeconds: '600' });
      expect(slow?.horizonGaps).toBe(11);
    });

    it('share one confidence: that of the policy by default', () => {
      expect(forecastOf(measured, byLaw)?.allowed).toBeCloseTo(0.01, 12);
      const policy = { shockConfidence: '0.995' };
      expect(forecastOf(measured, byLaw, policy)?.allowed).toBeCloseTo(0.005, 12);
    });

    it('take that of a class before that of the policy, and the most cautious of their classes', () => {
      const policy = { shockConfidence: '0.995' };
      const lower = { ...measured, shockConfidence: '0.9' };
      expect(forecastOf(lower, lower, policy)?.allowed).toBeCloseTo(0.1, 12);
      expect(forecastOf(lower, measured, policy)?.allowed).toBeCloseTo(0.005, 12);
      const higher = { ...measured, shockConfidence: '0.999' };
      expect(forecastOf(higher, measured, policy)?.allowed).toBeCloseTo(0.001, 12);
      // A class that does not forecast says nothing of the forecast.
      const other = { ...byLaw, shockConfidence: '0.9999' };
      expect(forecastOf(lower, other, policy)?.allowed).toBeCloseTo(0.1, 12);
    });

    it.each([
      ['2.6494919068', 0.01],
      // T₄(z·√2) by its closed form: 99.5 % at 3.25559, 99.9 % at 5.07221.
      ['3.25559', 0.005],
      ['5.07221', 0.001],
    ])('take their share from a shockQuantile of %s alone', (shockQuantile, expected) => {
      expect(forecastOf(measured, byLaw, { shockQuantile })?.allowed).toBeCloseTo(expected, 7);
    });

    it.each([
      ['1000', 0.0001],
      ['1000000000', 0.0001],
    ])('stay within what a confidence may be at a shockQuantile of %s', (shockQuantile, share) => {
      expect(forecastOf(measured, byLaw, { shockQuantile })?.allowed).toBeCloseTo(share, 12);
    });

    it('take the confidence where the policy has both', () => {
      const both = { shockQuantile: '5.07221', shockConfidence: '0.98' };
      expect(forecastOf(measured, byLaw, both)?.allowed).toBeCloseTo(0.02, 12);
    });
  });

  it('are slowed by the fastest rise of their dynamic classes, if each of those has one', () => {
    const instruments = { A: on('BTC-USD', 'A'), B: on('BTC-USD', 'B'), C: on('BTC-USD', 'C') };
    const dynamic = { referenceVolatility: '0.6', cap: '3' };
    const riseOf = (a: object, b: object) => {
      const risk = {
        A: { margin, volatility: ewma, ...a },
        B: { margin, volatility: '0.8', ...b },
        C: { margin, volatility: '9' },
      };
      return feedsOf({ instruments, risk })[0]?.terms.rise;
    };
    const slowly = { dynamic: { ...dynamic, initialRisePerHour: '0.1' } };
    const faster = { dynamic: { ...dynamic, initialRisePerHour: '0.2' } };
    expect(riseOf(slowly, faster)).toMatchObject({ perHour: ratio('0.2') });
    expect(riseOf(faster, slowly)?.rules).toHaveLength(3);
    expect(riseOf(slowly, {})).toMatchObject({ perHour: ratio('0.1') });
    expect(riseOf(slowly, { dynamic })).toBeUndefined();
    expect(riseOf({}, {})).toBeUndefined();
    expect(riseOf({ ...slowly, volatility: '0.9' }, slowly)).toBeUndefined();
  });

  it.each([
    ['is missing', { quotes: {} }, {}],
    ['is stale', { quotes, asOf: NOW, policy: { staleAfterSeconds: '0' } }, {}],
    ['comes from too few sources', { quotes, policy: { minSources: '2' } }, {}],
    ['jumped without a confirmation', { quotes }, { 'BTC-USD': '40000' }],
  ])('have no quote to count if the price %s', (_, rows, previous) => {
    const [found] = feedsOf({ ...one, ...rows }, previous);
    expect(found).toMatchObject({ feed: 'BTC-USD', quote: undefined });
  });
});
