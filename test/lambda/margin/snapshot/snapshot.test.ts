import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedState } from '../../../../lambda/margin/curve/risk-factor.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import { type MarketRows, NOW, snapshotOf } from '../build.ts';

const perpetual = { type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD' };
const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const STANDARD = { latencyBuffer: 'standard', uncertainty: 'standard' };

/** One perpetual on BTC-USD with no gap and no execution time, so only jump and slippage count. */
const base: MarketRows = {
  policy: { ...STANDARD, executionSeconds: '0' },
  instruments: { 'BTC-PERP': { ...perpetual, riskClass: 'BTC' } },
  // Far above every shock here, so that the forecast is what is charged.
  risk: { BTC: { margin, volatility: '0.8', jumpFloor: '0.02', shockMax: '1' } },
  quotes: { 'BTC-USD#a': { price: '60000' } },
  gapSeconds: 0,
};

function feedOf(rows: MarketRows, feed = 'BTC-USD'): FeedState {
  const state = snapshotOf(rows).feeds.get(feed);
  if (state === undefined) throw new Error(`${feed} is not in the snapshot`);
  return state;
}

function resolved(rows: MarketRows, feed?: string) {
  const { factor, price } = feedOf(rows, feed);
  if (!factor.ok) throw new Error(factor.reason.detail);
  if (!price.ok) throw new Error(price.reason.detail);
  return { factor: factor.value, price: price.value };
}

function refusal(rows: MarketRows, feed?: string) {
  const { price } = feedOf(rows, feed);
  if (price.ok) throw new Error('the price was resolved');
  return price.reason;
}

describe('the shock of a risk factor', () => {
  it('is the jump and slippage of its risk class', () => {
    expect(textOf(resolved(base).factor.shock)).toBe('0.02');
    const withSlippage = { ...base.risk?.BTC, liquidity: { slippage: '0.001', fee: '0.01' } };
    expect(textOf(resolved({ ...base, risk: { BTC: withSlippage } }).factor.shock)).toBe('0.021');
  });

  /**
   * Δ + L = 315,360 s is a hundredth of a year, so the move over all of it is 2 · 0.8 · 0.1 = 0.16.
   * The other branch, 0.5826·0.8·√(161760/year) + 1.6·√(194040/year) = 0.1589 with a skew of
   * 0.0040, is larger: 0.16284700175987, plus the jump of 0.02.
   */
  it('grows with the gap and the execution time', () => {
    const policy = { ...STANDARD, shockQuantile: '2', executionSeconds: '153600' };
    const { factor } = resolved({ ...base, policy, gapSeconds: 161_760 });
    expect(textOf(factor.shock)).toBe('0.18284700176');
  });

  it('is 0 if the policy has no latency buffer', () => {
    const policy = { ...base.policy, latencyBuffer: 'none' };
    expect(textOf(resolved({ ...base, policy }).factor.shock)).toBe('0');
  });
});

describe('the uncertainty of a price', () => {
  it('adds the uncertainties of its confidence, its feed’s deviation and its age', () => {
    const quotes = {
      'BTC-USD#a': { price: '60000', confidence: '60', publishedAt: String(NOW - 31_536) },
    };
    const policy = {
      ...base.policy,
      shockQuantile: '2',
      confidenceMultiplier: '3',
      deviation: '0.005',
    };
    // 3 · 0.001 + 0.005 + 2 · 0.8 · √(31.536 s/year) = 0.003 + 0.005 + 0.0016.
    expect(textOf(resolved({ ...base, policy, quotes }).price.uncertainty)).toBe('0.0096');
  });

  it('is 0 if the policy has no uncertainty', () => {
    const quotes = { 'BTC-USD#a': { price: '60000', confidence: '60' } };
    const policy = { ...base.policy, uncertainty: 'none' };
    expect(textOf(resolved({ ...base, policy, quotes }).price.uncertainty)).toBe('0');
  });
});

describe('a feed used by several classes', () => {
  const calm = {
    margin,
    volatility: '0.5',
    jumpFloor: '0.04',
    liquidity: { slippage: '0.001' },
    radiusScale: '2',
    oracle: { staleAfterSeconds: '100', maxAgeSeconds: '90', minSources: '1', deviation: '0.01' },
  };
  const wild = {
    margin,
    volatility: '0.9',
    jumpFloor: '0.01',
    liquidity: { slippage: '0.003' },
    radiusScale: '1.5',
    oracle: { staleAfterSeconds: '200', maxAgeSeconds: '60', minSources: '2', deviation: '0' },
  };
  const both = (first: object, second: object): MarketRows => ({
    ...base,
    instruments: {
      A: { ...perpetual, riskClass: 'FIRST' },
      B: { ...perpetual, riskClass: 'SECOND' },
    },
    risk: { FIRST: { ...first }, SECOND: { ...second } },
    quotes: { 'BTC-USD#a': { price: '60000' }, 'BTC-USD#b': { price: '60000' } },
  });

  it.each([
    ['in one order', both(calm, wild)],
    ['in the other order', both(wild, calm)],
  ])('takes the most cautious figure of each, %s', (_, rows) => {
    const { factor, price } = resolved(rows);
    expect(textOf(factor.shock)).toBe('0.043');
    expect(textOf(factor.radiusScale)).toBe('2');
    expect(textOf(price.uncertainty)).toBe('0.01');
    expect(feedOf(rows).classes).toEqual(['FIRST', 'SECOND']);
  });

  it.each([
    ['in one order', both(calm, wild)],
    ['in the other order', both(wild, calm)],
  ])('takes the strictest oracle rule of each, %s', (_, rows) => {
    const aged = (ageMs: number) => {
      const quote = { price: '60000', publishedAt: String(NOW - ageMs) };
      return { ...rows, quotes: { 'BTC-USD#a': quote, 'BTC-USD#b': quote } };
    };
    expect(resolved(aged(59_999)).price.standing).toBe('fresh');
    expect(resolved(aged(60_000)).price.standing).toBe('aged');
    expect(resolved(aged(100_000)).price).toMatchObject({ standing: 'aged', sources: 2 });
    expect(resolved(aged(100_001)).price).toMatchObject({ standing: 'stale', sources: 0 });
    const one = { ...rows, quotes: { 'BTC-USD#a': { price: '60000' } } };
    expect(refusal(one).code).toBe('sources-too-few');
  });

  it.each([
    ['in one order', '0.1', '0.01', '0.3', '0.2'],
    ['in the other order', '0.01', '0.1', '0.2', '0.3'],
  ])('takes the narrowest spread and the smallest jump, %s', (_, s1, s2, j1, j2) => {
    const rows = both(
      { ...calm, oracle: { maxSourceSpread: s1, maxJump: j1 } },
      { ...calm, oracle: { maxSourceSpread: s2, maxJump: j2 } },
    );
    const quotesAt = (a: string, b: string) => ({
      ...rows,
      quotes: { 'BTC-USD#a': { price: a }, 'BTC-USD#b': { price: b } },
    });
    expect(textOf(resolved(quotesAt('99.5', '100.5')).price.price)).toBe('100');
    expect(refusal(quotesAt('99.4', '100.6')).code).toBe('sources-disagree');
    const jumped = (at: string) =>
      resolved({
        ...rows,
        quotes: { 'BTC-USD#a': { price: at } },
        previousPrices: { 'BTC-USD': '100' },
      }).price.standing;
    expect(jumped('120')).toBe('fresh');
    expect(jumped('120.01')).toBe('suspect');
  });

  it('takes the higher volatility of two', () => {
    const quote = { price: '60000', publishedAt: String(NOW - 31_536) };
    const policy = { ...base.policy, shockQuantile: '2' };
    const rows = both({ ...calm, oracle: {} }, { ...wild, oracle: {} });
    const { price } = resolved({ ...rows, policy, quotes: { 'BTC-USD#a': quote } });
    expect(textOf(price.uncertainty)).toBe('0.0018');
  });
});

describe('a class that measures its volatility', () => {
  const ewma = { type: 'ewma', floor: '0.4', stress: '2', cap: '3' };
  /** No interval and no confidence, so the uncertainty is 2·σ_Λ·√(31.536 s/year) = 0.002·σ_Λ. */
  const rows = (
    volatility: object | string = ewma,
    more: Partial<MarketRows> = {},
  ): MarketRows => ({
    ...base,
    policy: { ...base.policy, shockQuantile: '2' },
    risk: { BTC: { margin, volatility, jumpFloor: '0.02' } },
    quotes: { 'BTC-USD#a': { price: '60000', publishedAt: String(NOW - 31_536) } },
    ...more,
  });

  it.each([
    ['stress if nothing has been measured', {}, '2', '2'],
    ['three parts of the measured one and one of stress', { 'BTC-USD': '0.8' }, '1.1', '0.8'],
    ['a quarter of stress if the price does not move', { 'BTC-USD': '0' }, '0.5', '0.4'],
    ['the cap if the measured one is higher', { 'BTC-USD': '3.34' }, '3', '3.34'],
    ['stress if only another feed was measured', { 'ETH-USD': '0.8' }, '2', '2'],
  ])('takes as its volatility %s', (_, volatilities, used, shock) => {
    const { factor, price } = resolved(rows(ewma, { volatilities }));
    expect(textOf(factor.volatility)).toBe(used);
    // Without cap and without stress, but not below the floor.
    expect(textOf(factor.shockVolatility)).toBe(shock);
    expect(Number(textOf(price.uncertainty))).toBeCloseTo(0.002 * Number(used), 12);
  });

  it('widens the price by the volatility of requirements, whatever that of the shock is', () => {
    const { factor, price } = resolved(rows(ewma, { volatilities: { 'BTC-USD': '300' } }));
    expect(textOf(factor.shockVolatility)).toBe('300');
    // At the cap of 300 %.
    expect(Number(textOf(price.uncertainty))).toBeCloseTo(0.006, 12);
  });

  it.each([
    ['the floor', '0', '0.1', '0.4'],
    ['the measured one where it is above stress', '3', '0.1', '3'],
    ['the blend where that is higher', '0.8', '0.25', '1.1'],
  ])('takes for its shock, with a weight of stress, %s', (_, measured, stressWeight, used) => {
    const volatilities = { 'BTC-USD': measured };
    const { factor } = resolved(rows({ ...ewma, stressWeight }, { volatilities }));
    // (1 − w)·0 + w·2 = 0.2 at w = 0.1 is below the floor.
    expect(textOf(factor.shockVolatility)).toBe(used);
  });

  it('buffers for the measured volatility between checks', () => {
    const shocks = ['0.8', '1.6'].map((measured) => {
      const at = rows(ewma, { gapSeconds: 60, volatilities: { 'BTC-USD': measured } });
      const { shockDown, shockUp } = resolved(at).factor;
      return [textOf(shockDown), textOf(shockUp)];
    });
    // x = 2·σ·√(60 s/year); 1 − e^−x and e^x − 1, each plus the jump of 0.02.
    expect(shocks).toEqual([
      ['0.022204515515', '0.022209386141'],
      ['0.024404171141', '0.024423653669'],
    ]);
  });

  it('charges for the forecast up to shockMax, and keeps it beside what it charges', () => {
    const withMost = (shockMax: string) =>
      rows(ewma, {
        gapSeconds: 60,
        volatilities: { 'BTC-USD': '1.6' },
        risk: { BTC: { margin, volatility: ewma, jumpFloor: '0.02', shockMax } },
      });
    const textsOf = (shockMax: string) => {
      const { shockDown, shockUp, shock, forecastDown, forecastUp } = resolved(
        withMost(shockMax),
      ).factor;
      return [shockDown, shockUp, shock, forecastDown, forecastUp].map(textOf);
    };
    const [down, up] = ['0.024404171141', '0.024423653669'];
    expect(textsOf('0.024423653669')).toEqual([down, up, up, down, up]);
    expect(textsOf('0.02441')).toEqual([down, '0.02441', '0.02441', down, up]);
    expect(textsOf('0.01')).toEqual(['0.01', '0.01', '0.01', down, up]);
    expect(textsOf('0')).toEqual(['0', '0', '0', down, up]);
  });

  const shocksOf = (of: Parameters<typeof resolved>[0]) => {
    const { shock, shockDown, shockUp } = resolved(of).factor;
    return [textOf(shockDown), textOf(shockUp), textOf(shock)];
  };
  const at = (volatility: object | string, quantiles?: readonly [string, string]) =>
    rows(volatility, {
      gapSeconds: 60,
      volatilities: { 'BTC-USD': '0.8' },
      ...(quantiles === undefined ? {} : { quantiles: { 'BTC-USD': quantiles } }),
    });
  /** 2·1.1·√(60 s/year) + 0.02: the law of the policy. */
  const LAW = '0.023034554925';

  /** x = z·0.8·√(60 s/year): 1.5 gives 0.00165…, 4 gives 0.0044…; plus the jump. */
  it('buffers each side by its own quantile, also below that of the policy', () => {
    expect(shocksOf(at(ewma, ['1.5', '4']))).toEqual([
      '0.02165384267',
      '0.024423653669',
      '0.024423653669',
    ]);
    expect(shocksOf(at(ewma, ['4', '1.5']))).toEqual([
      '0.024404171141',
      '0.021656582397',
      '0.024404171141',
    ]);
    expect(textOf(resolved(at(ewma, ['4', '4'])).price.uncertainty)).toBe(
      textOf(resolved(at(ewma)).price.uncertainty),
    );
  });

  it('buffers by the policy’s quantile if none was measured', () => {
    expect(shocksOf(at(ewma))).toEqual(shocksOf(at(ewma, ['2', '2'])));
  });

  it('buffers by the policy’s law if the class says so, whatever is measured', () => {
    const policy = { ...ewma, quantile: 'policy' };
    expect(shocksOf(at(policy))).toEqual([LAW, LAW, LAW]);
    expect(shocksOf(at(policy, ['4', '5']))).toEqual([LAW, LAW, LAW]);
  });

  it.each([
    ['3', '4', '0.023304950144', '0.024423653669'],
    ['1.5', '4', LAW, '0.024423653669'],
  ])(
    'buffers each side by the larger of forecast and law if only one of two classes forecasts: z = %s, %s',
    (zDown, zUp, down, up) => {
      const instruments = {
        A: { ...perpetual, riskClass: 'A' },
        B: { ...perpetual, riskClass: 'B' },
      };
      const policy = { ...ewma, quantile: 'policy' };
      const risk = {
        A: { margin, volatility: policy, jumpFloor: '0.02' },
        B: { margin, volatility: ewma, jumpFloor: '0.02' },
      };
      const of = { ...at(ewma, [zDown, zUp]), instruments, risk };
      expect(shocksOf(of)).toEqual([down, up, up]);
    },
  );

  it('takes z from the confidence of its class before anything is measured, or from the policy', () => {
    const of = (shockConfidence?: string) =>
      rows(ewma, {
        gapSeconds: 60,
        risk: { BTC: { margin, volatility: ewma, jumpFloor: '0.02', shockConfidence } },
      });
    // Student-t with four degrees of freedom: z = 5.07221 at 99.9 %. σ is the stress of 2.
    const x = (z: number) => z * 2 * Math.sqrt(60 / 31_536_000);
    const [down] = shocksOf(of('0.999'));
    expect(Number(down)).toBeCloseTo(0.02 + 1 - Math.exp(-x(5.07221)), 7);
    const [ofPolicy] = shocksOf(of());
    expect(Number(ofPolicy)).toBeCloseTo(0.02 + 1 - Math.exp(-x(2)), 9);
  });

  it('has a shock that never falls when the quantile of its side rises, and ignores the other', () => {
    const quantile = fc.integer({ min: 100_000, max: 12_000_000 }).map((each) => `${each}e-6`);
    fc.assert(
      fc.property(quantile, quantile, quantile, (one, other, fixed) => {
        const [low, high] = Number(one) <= Number(other) ? [one, other] : [other, one];
        const [lowDown, lowUp] = shocksOf(at(ewma, [low, fixed]));
        const [highDown, highUp] = shocksOf(at(ewma, [high, fixed]));
        expect(Number(highDown)).toBeGreaterThanOrEqual(Number(lowDown));
        expect(highUp).toBe(lowUp);
      }),
      { numRuns: 50 },
    );
  });

  it('does not affect a class with a fixed volatility', () => {
    const still = at('0.9');
    expect(shocksOf(at('0.9', ['4', '5']))).toEqual(shocksOf(still));
    expect(new Set(shocksOf(still)).size).toBe(1);
    const fixed = rows('0.9', { volatilities: { 'BTC-USD': '5' } });
    expect(textOf(resolved(fixed).factor.volatility)).toBe('0.9');
    const unread = rows('0.9', { volatilities: { 'BTC-USD': null } });
    expect(textOf(resolved(unread).factor.volatility)).toBe('0.9');
  });

  it.each([
    ['the measured one if that is higher', '0.8', '1.1'],
    ['the fixed one if that is higher', '0.1', '0.9'],
  ])('combines with a fixed volatility on one feed to %s', (_, measured, used) => {
    const instruments = {
      A: { ...perpetual, riskClass: 'A' },
      B: { ...perpetual, riskClass: 'B' },
    };
    const risk = { A: { margin, volatility: ewma }, B: { margin, volatility: '0.9' } };
    const both = { ...base, instruments, risk, volatilities: { 'BTC-USD': measured } };
    expect(textOf(resolved(both).factor.volatility)).toBe(used);
  });

  it('is unknown while the measured volatility could not be read', () => {
    const unread = rows(ewma, { volatilities: { 'BTC-USD': null } });
    expect(refusal(unread)).toEqual({
      code: 'volatility-unknown',
      subject: 'BTC-USD',
      detail: 'BTC-USD: its measured volatility could not be read; the next check reads it again',
    });
    expect(feedOf(unread).factor.ok).toBe(false);
  });

  it('may be unknown if neither buffer nor uncertainty needs it', () => {
    const policy = { latencyBuffer: 'none', uncertainty: 'none' };
    const unread = rows(ewma, { policy, volatilities: { 'BTC-USD': null } });
    expect(textOf(resolved(unread).factor.shock)).toBe('0');
  });
});

describe('a feed with a class that is unknown or malformed', () => {
  const instruments = {
    A: { ...perpetual, riskClass: 'A' },
    B: { ...perpetual, riskClass: 'B' },
  };
  const good = { margin, volatility: '0.8', jumpFloor: '0.02' };

  it.each([
    ['no row for the second', { A: good }],
    ['no row for the first', { B: good }],
    ['a malformed row for the second', { A: good, B: { ...good, volatility: 'NaN' } }],
    ['a malformed row for the first', { A: { ...good, volatility: 'NaN' }, B: good }],
  ])('uses the other class: %s', (_, risk) => {
    const { factor } = resolved({ ...base, instruments, risk });
    expect(textOf(factor.shock)).toBe('0.02');
  });

  it('is unknown if no other class is known, and gives the first reason', () => {
    expect(refusal({ ...base, instruments, risk: {} })).toMatchObject({ subject: 'A' });
  });
});

describe('oracle rules', () => {
  it('come from the policy, unless the class states its own', () => {
    const quotes = { 'BTC-USD#a': { price: '60000', publishedAt: String(NOW - 200_000) } };
    expect(resolved({ ...base, quotes }).price.standing).toBe('aged');
    const patient = { ...base.risk?.BTC, oracle: { maxAgeSeconds: '201' } };
    expect(resolved({ ...base, quotes, risk: { BTC: patient } }).price.standing).toBe('fresh');
    const strict = { ...base.risk?.BTC, oracle: { staleAfterSeconds: '199' } };
    expect(resolved({ ...base, quotes, risk: { BTC: strict } }).price.standing).toBe('stale');
  });

  it('compare with the price of the previous check', () => {
    const rows = { ...base, previousPrices: { 'BTC-USD': '40000' } };
    expect(resolved(rows).price.standing).toBe('suspect');
    const other = { ...base, previousPrices: { 'ETH-USD': '1' } };
    expect(resolved(other).price.standing).toBe('fresh');
  });
});

describe('the risk class of an asset', () => {
  const rows: MarketRows = {
    policy: { ...STANDARD, executionSeconds: '0' },
    quotes: { 'ETH-USD#a': { price: '3000' } },
    gapSeconds: 0,
  };
  const wide = { volatility: '1', jumpFloor: '0.07' };
  const narrow = { volatility: '1', jumpFloor: '0.03' };

  it('is the class with the asset’s name', () => {
    const named = { ...rows, assets: { ETH: { feed: 'ETH-USD' } }, risk: { ETH: wide } };
    expect(textOf(resolved(named, 'ETH-USD').factor.shock)).toBe('0.07');
  });

  it('is the class that the asset names, if it names one', () => {
    const assets = { ETH: { feed: 'ETH-USD', riskClass: 'MAJOR' } };
    const named = { ...rows, assets, risk: { ETH: wide, MAJOR: narrow } };
    expect(textOf(resolved(named, 'ETH-USD').factor.shock)).toBe('0.03');
  });

  it('is unknown without either, so the volatility is not guessed', () => {
    const named = { ...rows, assets: { ETH: { feed: 'ETH-USD' } } };
    expect(refusal(named, 'ETH-USD')).toMatchObject({
      code: 'risk-class-unknown',
      subject: 'ETH-USD',
    });
  });

  it.each([
    ['buffer', { latencyBuffer: 'none' }],
    ['uncertainty', { uncertainty: 'none' }],
  ])('is still needed if only the %s is off', (_, policy) => {
    const named = { ...rows, policy, assets: { ETH: { feed: 'ETH-USD' } } };
    expect(refusal({ ...named, policy: { ...STANDARD, ...policy } }, 'ETH-USD').code).toBe(
      'risk-class-unknown',
    );
  });

  it('is not needed if both buffer and uncertainty are off', () => {
    const policy = { latencyBuffer: 'none', uncertainty: 'none', maxAgeSeconds: '7' };
    const quotes = { 'ETH-USD#a': { price: '3000', publishedAt: String(NOW - 7_000) } };
    const bare = { ...rows, policy, quotes, assets: { ETH: { feed: 'ETH-USD' } } };
    const { factor, price } = resolved(bare, 'ETH-USD');
    expect(textOf(factor.shock)).toBe('0');
    expect(textOf(factor.radiusScale)).toBe('1');
    expect(textOf(price.uncertainty)).toBe('0');
    expect(price.standing).toBe('aged');
  });

  it('gives a reason if the asset names it and it has no row', () => {
    const assets = { ETH: { feed: 'ETH-USD', riskClass: 'NOWHERE' } };
    expect(refusal({ ...rows, assets }, 'ETH-USD')).toEqual({
      code: 'risk-class-unknown',
      subject: 'NOWHERE',
      detail: 'ETH-USD: there is no risk class NOWHERE; add the row market risk/NOWHERE',
    });
  });

  it('gives the reason if its row is malformed', () => {
    const assets = { ETH: { feed: 'ETH-USD' } };
    const risk = { ETH: { volatility: 'NaN' } };
    expect(refusal({ ...rows, assets, risk }, 'ETH-USD')).toMatchObject({
      code: 'row-malformed',
      subject: 'market risk/ETH',
    });
  });
});

describe('a quote that could not be read', () => {
  it('gives the reason if there is no other quote', () => {
    const reason = refusal({ ...base, quotes: { 'BTC-USD#a': { price: '-5' } } });
    expect(reason).toEqual({
      code: 'row-malformed',
      subject: 'market quote/BTC-USD#a',
      detail: 'market quote/BTC-USD#a: price must not be negative, not -5',
    });
  });

  it('is reported beside a stale quote', () => {
    const quotes = {
      'BTC-USD#a': { price: '-5' },
      'BTC-USD#b': { price: '60000', publishedAt: String(NOW - 300_001) },
    };
    expect(resolved({ ...base, quotes }).price).toMatchObject({
      standing: 'stale',
      why:
        'BTC-USD: newest quote (b) is 300.001 s old, limit 300 s; ' +
        'market quote/BTC-USD#a: price must not be negative, not -5',
    });
  });

  it('does no harm while another source suffices', () => {
    const quotes = { 'BTC-USD#a': { price: '-5' }, 'BTC-USD#b': { price: '60000' } };
    expect(textOf(resolved({ ...base, quotes }).price.price)).toBe('60000');
  });

  it('does not affect other feeds', () => {
    const instruments = {
      ...base.instruments,
      'ETH-PERP': { ...perpetual, underlying: 'ETH-USD', riskClass: 'BTC' },
    };
    const quotes = { 'BTC-USD#a': { price: '60000' }, 'ETH-USD#a': { price: 'NaN' } };
    expect(textOf(resolved({ ...base, instruments, quotes }).price.price)).toBe('60000');
    expect(refusal({ ...base, instruments, quotes }, 'ETH-USD').code).toBe('row-malformed');
  });
});

describe('the feeds of a snapshot', () => {
  it('are those that an asset or an instrument names, and no others', () => {
    const instruments = {
      'BTC-PERP': { ...perpetual, markFeed: 'BTC-MARK', riskClass: 'BTC' },
    };
    const assets = { ETH: { feed: 'ETH-USD', riskClass: 'BTC' }, EUR: {} };
    const quotes = { 'DOGE-USD#a': { price: '1' } };
    const { feeds } = snapshotOf({ ...base, instruments, assets, quotes });
    expect([...feeds.keys()].sort()).toEqual(['BTC-MARK', 'BTC-USD', 'ETH-USD']);
  });
});

describe('a feed that has no quote', () => {
  it('is in the snapshot with its shock, but without a price', () => {
    const { factor, price } = feedOf({ ...base, quotes: {} });
    expect(factor.ok).toBe(true);
    expect(price).toMatchObject({ ok: false, reason: { code: 'price-missing' } });
  });
});
