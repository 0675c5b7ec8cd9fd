import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtLeast, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { assessed, type MarketRows, snapshotOf } from '../build.ts';
import { GRID } from '../portfolio/build.ts';

const perpetual = { type: 'perpetual', settlementAsset: 'USD' };
const flat = (initial: string, maintenance: string) => ({ type: 'flat', initial, maintenance });
/** σ̂ and z of a crash beyond all crashes. */
const [WILD, WIDE] = ['1000', '50'];

const marketOf = (risk: RawRow, policy: RawRow = {}): MarketRows => ({
  policy: { latencyBuffer: 'standard', uncertainty: 'none', ...policy },
  instruments: { 'BTC-PERP': { ...perpetual, underlying: 'BTC-USD', riskClass: 'BTC' } },
  risk: { BTC: { volatility: { type: 'ewma', floor: '0.4', stress: '2' }, ...risk } },
  quotes: { 'BTC-USD#a': { price: '100' } },
  volatilities: { 'BTC-USD': WILD },
  quantiles: { 'BTC-USD': [WIDE, WIDE] },
});

/** What is charged of a forecast beyond it. */
function chargedOf(risk: RawRow, policy?: RawRow): string {
  const factor = snapshotOf(marketOf(risk, policy)).feeds.get('BTC-USD')?.factor;
  if (!factor?.ok) throw new Error('no factor');
  expect(Number(textOf(factor.value.forecastDown))).toBeGreaterThan(0.99);
  expect(factor.value.shockDown).toBe(factor.value.shockUp);
  return textOf(factor.value.shock);
}

describe('what is charged of the latency shock', () => {
  it.each([
    // (0.1 − 0.05)/1.05, rounded down.
    ['1', flat('0.1', '0.05'), '0.047619047619'],
    // (0.1 − 1.2·0.05)/(1 + 0.06).
    ['1.2', flat('0.1', '0.05'), '0.037735849056'],
    ['1', flat('0.05', '0.05'), '0'],
    // i < ℓ·m.
    ['1.2', flat('0.05', '0.045'), '0'],
    ['1', flat('0.5', '0'), '0.5'],
  ])(
    'is by default what lies between the rates: ℓ = %s, %o',
    (liquidationMultiplier, margin, most) => {
      expect(chargedOf({ margin }, { liquidationMultiplier })).toBe(most);
    },
  );

  it.each([
    ['0', '0'],
    ['0.3', '0.3'],
  ])('is at most shockMax where the class has one: %s', (shockMax, most) => {
    expect(chargedOf({ margin: flat('0.1', '0.05'), shockMax })).toBe(most);
  });

  it('is at most 0.1 for a portfolio, and for a class without a margin rule', () => {
    const factorOf = (risk: RawRow, more: Partial<MarketRows>) => {
      const found = snapshotOf({ ...marketOf(risk), ...more }).feeds.get('BTC-USD')?.factor;
      return found?.ok && textOf(found.value.shock);
    };
    const asset = { instruments: {}, assets: { BTC: { feed: 'BTC-USD' } } };
    expect(factorOf({}, asset)).toBe('0.1');
    expect(factorOf({ portfolio: GRID }, {})).toBe('0.1');
  });

  it('of a rate that grows with the size is that of no size', () => {
    const ladder = {
      type: 'sizeLadder',
      initial: { base: '0.1', slope: '0.001' },
      maintenance: { base: '0.05', slope: '0.001' },
    };
    expect(chargedOf({ margin: ladder })).toBe('0.047619047619');
  });

  const tiers = (...rates: readonly (readonly [string, string, string])[]) => ({
    type: 'tiered',
    tiers: rates.map(([floor, initial, maintenance]) => ({ floor, initial, maintenance })),
  });

  it('of tiers is the least of all notionals: just below a floor, a rise reaches the next rate', () => {
    // At 1,000: IM 20, MM 10. Λ·1,000 + 10 + 0.025·Λ·1,000 = 20, so Λ = 10/1,025.
    const margin = tiers(['0', '0.02', '0.01'], ['1000', '0.05', '0.025']);
    expect(chargedOf({ margin })).toBe('0.00975609756');
  });

  it('of tiers is that of the last where its rates are closest', () => {
    // (0.3 − 0.29)/1.29 without end; (0.1 − 0.05)/1.05 in the first.
    const margin = tiers(['0', '0.1', '0.05'], ['1000', '0.3', '0.29']);
    expect(chargedOf({ margin })).toBe('0.007751937984');
  });
});

const whole = (min: number, max: number) => fc.integer({ min, max });

interface Tier {
  readonly floor: number;
  readonly initial: number;
  readonly maintenance: number;
}

/** Rates in ten-thousandths, of which the initial one is at least ℓ ≤ 1.2 times the other. */
const schedule = fc
  .array(fc.tuple(whole(1, 500), whole(1, 300), whole(0, 400)), { minLength: 1, maxLength: 4 })
  .map((steps) => {
    let [floor, maintenance, above]: [number, number, number] = [0, 0, 0];
    return steps.map(([size, rate, more], index): Tier => {
      floor += index === 0 ? 0 : size * 1000;
      maintenance += rate;
      above = Math.max(Math.ceil(maintenance / 5), above + more - 200, above > 0 ? 1 : 0);
      return { floor, initial: maintenance + above, maintenance };
    });
  })
  // No rate falls from tier to tier.
  .map((all) => {
    let least = 0;
    return all.map((tier) => {
      least = Math.max(least, tier.initial);
      return { ...tier, initial: least };
    });
  });

const position = fc.record({ quantity: whole(-20_000, 20_000).filter((lots) => lots !== 0) });

const books = fc.record({
  markets: fc.array(fc.record({ schedule, position }), { minLength: 1, maxLength: 3 }),
  line: whole(100, 120),
  volatility: whole(1, 1000),
  quantiles: fc.tuple(whole(1, 50), whole(1, 50)),
});

type RandomBook = typeof books extends fc.Arbitrary<infer B> ? B : never;

/** Marginal rates, at a price of 100, in ten-thousandths. */
function initialOf(tiers: readonly Tier[], notional: number): number {
  return tiers.reduce((sum, { floor, initial }, index) => {
    const top = tiers[index + 1]?.floor ?? Number.POSITIVE_INFINITY;
    return sum + Math.max(0, Math.min(notional, top) - floor) * initial;
  }, 0);
}

function assessedOf({ markets, line, volatility, quantiles }: RandomBook, shockMax?: string) {
  const each = <T>(entryOf: (at: RandomBook['markets'][number], name: string) => [string, T]) =>
    Object.fromEntries(markets.map((market, index) => entryOf(market, `M${index}`)));
  const snapshot = snapshotOf({
    policy: {
      latencyBuffer: 'standard',
      uncertainty: 'none',
      liquidationMultiplier: `${line}e-2`,
    },
    instruments: each((_, name) => [
      name,
      { ...perpetual, underlying: `${name}-USD`, riskClass: name },
    ]),
    risk: each(({ schedule: tiers }, name) => [
      name,
      {
        margin: {
          type: 'tiered',
          tiers: tiers.map(({ floor, initial, maintenance }) => ({
            floor: String(floor),
            initial: `${initial}e-4`,
            maintenance: `${maintenance}e-4`,
          })),
        },
        volatility: { type: 'ewma', floor: '0.02', stress: '1' },
        ...(shockMax === undefined ? {} : { shockMax }),
      },
    ]),
    quotes: each((_, name) => [`${name}-USD#a`, { price: '100' }]),
    volatilities: each((_, name) => [`${name}-USD`, String(volatility)]),
    quantiles: each((_, name) => [
      `${name}-USD`,
      [String(quantiles[0]), String(quantiles[1])] as const,
    ]),
  });
  const initial = markets.reduce(
    (sum, { schedule: tiers, position: { quantity } }) =>
      sum + initialOf(tiers, Math.abs(quantity) * 100),
    0,
  );
  const found = assessed(
    {
      balances: [{ asset: 'USD', amount: `${initial}e-4` }],
      positions: markets.map(({ position: { quantity } }, index) => ({
        instrument: `M${index}`,
        quantity: String(quantity),
        entryPrice: '100',
      })),
    },
    snapshot,
  );
  // The account meets its initial requirement exactly.
  expect(Number(textOf(found.initialRequirement))).toBeCloseTo(initial / 10_000, 6);
  return found;
}

const isLiquidated = ({ marginBalance, lines }: ReturnType<typeof assessedOf>) =>
  !isAtLeast(marginBalance.point, lines.liquidation);

describe('an account that meets its initial requirement', () => {
  it('is never below the liquidation line, however large σ̂ and z are', () => {
    fc.assert(
      fc.property(books, (book) => {
        const found = assessedOf(book);
        expect(isLiquidated(found)).toBe(false);
        expect(found.level).not.toBe('liquidation');
      }),
      { numRuns: 300 },
    );
  });

  it('can be below it if shockMax is set larger than what its rates leave', () => {
    const book: RandomBook = {
      markets: [
        {
          schedule: [{ floor: 0, initial: 1000, maintenance: 500 }],
          position: { quantity: 10 },
        },
      ],
      line: 100,
      volatility: 1000,
      quantiles: [50, 50],
    };
    // IM = B = 100. Of a long, MM falls with the price: Λ·1,000·0.95 + 50 = 100 at Λ = 0.0526….
    expect(isLiquidated(assessedOf(book, '0.0526'))).toBe(false);
    expect(isLiquidated(assessedOf(book, '0.0527'))).toBe(true);
    // Of a short, it rises: Λ·1,000·1.05 + 50 = 100 at the default, 0.047619….
    const [market] = book.markets;
    const short = { ...book, markets: [{ ...market, position: { quantity: -10 } }] } as RandomBook;
    expect(isLiquidated(assessedOf(short))).toBe(false);
    expect(isLiquidated(assessedOf(short, '0.04762'))).toBe(true);
  });
});
