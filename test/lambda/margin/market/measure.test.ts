import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CountedQuote,
  measuredFeeds,
  measuredOf,
  measuredVolatility,
  memoryAfter,
  nextMemory,
  type VolatilityMemory,
} from '../../../../lambda/margin/market/measure.ts';
import { type Price, price, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { marketOf, NOW } from '../build.ts';

const YEAR_SECONDS = 31_536_000;
const terms = { halfLifeSeconds: 3600, stress: ratio('2') };
const STRESS_VARIANCE = 4;

const quoteAt = (seconds: number, at: string | Price): CountedQuote => ({
  price: typeof at === 'string' ? price(at) : at,
  publishedAt: NOW + Math.round(seconds * 1000),
});

const begun = (annualVariance = STRESS_VARIANCE): VolatilityMemory => ({
  ...quoteAt(0, '100'),
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
    expect(first).toEqual({ ...quoteAt(0, '100'), annualVariance: 1.44 });
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

describe('the tracked quantiles of a feed', () => {
  const Z = 2.5;
  const tracking = {
    quantile: ratio('2.5'),
    rules: [{ type: 'fixed', annual: ratio('2') }] as const,
    gapSeconds: 60,
  };
  const tracked = { ...terms, tracking };
  const RISE = Math.exp(0.2 * 0.995);
  const FALL = Math.exp(-0.2 * 0.005);
  const from = (down: number, up = down): VolatilityMemory => ({
    ...begun(),
    quantiles: { down, up },
  });
  /** The price after a number of deviations, at σ of 2 a year, in these seconds. */
  const by = (deviations: number, seconds: number): string =>
    moved(deviations * 2 * Math.sqrt(seconds / YEAR_SECONDS));
  const quantilesAfter = (before: VolatilityMemory, deviations: number, seconds = 60) =>
    counted(before, seconds, by(deviations, seconds), tracked).quantiles;

  it('begin at the policy’s quantile, also if the stored volatility has none', () => {
    expect(counted(undefined, 0, '100', tracked).quantiles).toEqual({ down: Z, up: Z });
    expect(quantilesAfter(begun(), 2.49)).toEqual({ down: Z, up: Z });
    expect(quantilesAfter(begun(), 2.51)).toEqual({ down: Z, up: expect.closeTo(Z * RISE, 12) });
    const read = measuredOf(begun(1), { asOf: NOW, terms: tracked });
    expect(read.quantiles).toEqual({ down: ratio('2.5'), up: ratio('2.5') });
  });

  it('are not stored if no class tracks them', () => {
    expect(counted(from(3), 60, '100')).not.toHaveProperty('quantiles');
    expect(measuredOf(from(3), { asOf: NOW, terms })).not.toHaveProperty('quantiles');
  });

  it.each([
    [-3.01, RISE, FALL],
    [-2.99, FALL, FALL],
    [3.49, FALL, FALL],
    [3.51, FALL, RISE],
  ])(
    'change by an exceedance of their side only, after a move of %d deviations',
    (deviations, down, up) => {
      expect(quantilesAfter(from(3, 3.5), deviations)).toEqual({
        down: expect.closeTo(3 * down, 12),
        up: expect.closeTo(3.5 * up, 12),
      });
    },
  );

  it('stay between the policy’s quantile and four times that, even after the policy changes', () => {
    expect(quantilesAfter(from(9.9), -50)).toEqual({
      down: 10,
      up: expect.closeTo(9.9 * FALL, 12),
    });
    expect(quantilesAfter(from(1, 40), 0)).toEqual({ down: Z, up: 10 });
    const { quantiles } = measuredOf(from(1, 40), { asOf: NOW, terms: tracked });
    expect(quantiles).toEqual({ down: ratio('2.5'), up: ratio('10') });
  });

  it('are rounded up to six decimal places', () => {
    const { quantiles } = measuredOf(from(2.6000001, 3), { asOf: NOW, terms: tracked });
    expect([quantiles?.down, quantiles?.up].map((each) => each && textOf(each))).toEqual([
      '2.600001',
      '3',
    ]);
  });

  it('count a gap as one observation, however long, up to a half-life', () => {
    expect(quantilesAfter(from(3), -3.01, 3600)?.down).toBeCloseTo(3 * RISE, 12);
    expect(quantilesAfter(from(3), -50, 3600.001)).toEqual({ down: 3, up: 3 });
    const brief = { ...tracked, halfLifeSeconds: 60, tracking: { ...tracking, gapSeconds: 300 } };
    expect(counted(from(3), 300, by(-3.01, 300), brief).quantiles?.down).toBeGreaterThan(3);
  });

  it('compare quotes closer than two checks with the move over the gap between checks', () => {
    expect(quantilesAfter(from(3), -3.01, 60)?.down).toBeGreaterThan(3);
    expect(quantilesAfter(from(3), -3.01, 1)?.down).toBeLessThan(3);
    expect(counted(from(3), 1, by(-3.01, 60), tracked).quantiles?.down).toBeGreaterThan(3);
  });

  it('compare with the highest volatility of the classes, before the return is counted', () => {
    const wild = { type: 'fixed', annual: ratio('4') } as const;
    const rules = [...tracking.rules, wild];
    const both = { ...terms, tracking: { ...tracking, rules } };
    const at = (deviations: number) =>
      counted(from(3), 60, by(deviations, 60), both).quantiles?.down;
    expect(at(-5.99)).toBeLessThan(3);
    expect(at(-6.01)).toBeGreaterThan(3);
  });

  it('are not changed by a quote that is not newer', () => {
    const before = from(3);
    expect(counted(before, 0, '50', tracked)).toBe(before);
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
      gapSeconds: 60,
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
    expect(found[0]?.quote).toEqual({ price: price('60000'), publishedAt: NOW - 7 });
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

  it('track their quantile if any class does, with the rules of all classes', () => {
    const policy = { ...ewma, quantile: 'policy' };
    const instruments = { A: on('BTC-USD', 'A'), B: on('BTC-USD', 'B'), C: on('BTC-USD', 'C') };
    const trackingOf = (a: object, b: object) => {
      const risk = {
        A: { margin, volatility: a },
        B: { margin, volatility: b },
        C: { margin, volatility: '9' },
      };
      return feedsOf({ instruments, risk, policy: { shockQuantile: '2.6' } })[0]?.terms.tracking;
    };
    expect(trackingOf(policy, policy)).toBeUndefined();
    expect(trackingOf(policy, ewma)).toMatchObject({ quantile: ratio('2.6'), gapSeconds: 60 });
    expect(trackingOf(ewma, policy)?.rules).toHaveLength(3);
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
