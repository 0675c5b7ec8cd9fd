import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RiskFactor } from '../../../../lambda/margin/curve/risk-factor.ts';
import { isAtLeast, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { assessed, bounded, type MarketRows, NOW, reasonsOf, snapshotOf } from '../build.ts';

const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const ewma = { type: 'ewma', floor: '0.3', stress: '1.2', stressWeight: '0.25', cap: '3' };
const dynamic = { referenceVolatility: '0.6', floor: '1', cap: '4', initialRisePerHour: '0.1' };
const BTC_PERP = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};
const ONE_LONG = {
  balances: [{ asset: 'USD', amount: '100000' }],
  positions: [{ instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' }],
};

interface Measured {
  /** σ_ewma, from which σ = 0.75·σ_ewma + 0.3. */
  readonly measured?: string | null;
  /** σ as the initial requirement sees it. */
  readonly initial?: string;
}

function marketWith(riskClass: object, { measured, initial }: Measured = {}): MarketRows {
  return {
    instruments: { 'BTC-PERP': BTC_PERP },
    risk: { BTC: { margin, volatility: ewma, dynamic, ...riskClass } },
    quotes: { 'BTC-USD#a': { price: '60000' } },
    ...(measured === undefined ? {} : { volatilities: { 'BTC-USD': measured } }),
    ...(initial === undefined ? {} : { initials: { 'BTC-USD': initial } }),
  };
}

function factorOf(rows: MarketRows): RiskFactor {
  const factor = snapshotOf(rows).feeds.get('BTC-USD')?.factor;
  if (!factor?.ok) throw new Error(factor?.reason.detail ?? 'no such feed');
  return factor.value;
}

const requirementsOf = (rows: MarketRows, account: Parameters<typeof assessed>[0] = ONE_LONG) => {
  const { initialRequirement, maintenanceRequirement } = assessed(account, snapshotOf(rows));
  return [textOf(initialRequirement), textOf(maintenanceRequirement)];
};

describe('the requirement of a dynamic class', () => {
  /** On 60,000: IM = 6,000·min(4, max(1, σ/0.6)), MM = 3,000 likewise; σ = 0.75·measured + 0.3. */
  it.each([
    ['σ of stress if nothing is measured', undefined, undefined, '12000', '6000'],
    ['the floor at a low σ', '0.2', undefined, '6000', '3000'],
    ['the floor exactly at the reference σ', '0.4', undefined, '6000', '3000'],
    ['σ just above the reference σ', '0.404', undefined, '6030', '3015'],
    ['σ just below the cap', '2.796', undefined, '23970', '11985'],
    ['the cap at a σ exactly on it', '2.8', undefined, '24000', '12000'],
    ['the cap at a σ beyond it', '3.5', undefined, '24000', '12000'],
    ['a slower σ in the initial requirement only', '1.2', '0.9', '9000', '6000'],
    ['σ if the stored slower σ is above it', '0.8', '1.5', '9000', '4500'],
    ['its floor if the slower σ is below the reference', '0.8', '0.5', '6000', '4500'],
    ['maintenance if the slower σ would take initial below it', '2', '0.7', '9000', '9000'],
    ['the cap for both requirements', '3.5', '2.9', '24000', '12000'],
  ])('the requirement follows %s', (_, measured, initial, im, mm) => {
    const known = { ...(measured && { measured }), ...(initial && { initial }) };
    expect(requirementsOf(marketWith({}, known))).toEqual([im, mm]);
  });

  it('follows σ at once if the class has no initialRisePerHour', () => {
    const { initialRisePerHour: _, ...atOnce } = dynamic;
    const rows = marketWith({ dynamic: atOnce }, { measured: '1.2', initial: '0.9' });
    expect(requirementsOf(rows)).toEqual(['12000', '6000']);
  });

  it('follows a fixed σ at once', () => {
    const rows = marketWith({ volatility: '1.2' }, { measured: '0.4', initial: '0.7' });
    expect(requirementsOf(rows)).toEqual(['12000', '6000']);
  });

  it('is unknown while its σ cannot be read, even if nothing else needs σ', () => {
    const rows = marketWith({}, { measured: null });
    expect(reasonsOf(ONE_LONG, snapshotOf(rows))).toContain('volatility-unknown BTC-USD');
  });
});

describe('a feed with several dynamic classes', () => {
  const both = (first: object, second: object): MarketRows => ({
    ...marketWith({}, { measured: '1.2', initial: '0.9' }),
    instruments: { 'BTC-PERP': BTC_PERP, OTHER: { ...BTC_PERP, riskClass: 'OTHER' } },
    risk: {
      BTC: { margin, volatility: ewma, ...first },
      OTHER: { margin, volatility: ewma, ...second },
    },
  });
  const { initialRisePerHour: _, ...atOnce } = dynamic;
  const sigmas = (rows: MarketRows) => {
    const { volatility, initialVolatility } = factorOf(rows);
    return [textOf(volatility), textOf(initialVolatility)];
  };

  it.each([
    ['is slowed if both classes are slowed', { dynamic }, { dynamic }, '0.9'],
    ['is slowed if the other class is not dynamic', { dynamic }, {}, '0.9'],
    ['is not slowed if one class follows at once', { dynamic }, { dynamic: atOnce }, '1.2'],
    ['is not slowed if no class is dynamic', {}, {}, '1.2'],
  ])('the initial volatility %s', (_name, one, other, expected) => {
    expect(sigmas(both(one, other))).toEqual(['1.2', expected]);
    expect(sigmas(both(other, one))).toEqual(['1.2', expected]);
  });

  it('is slowed towards the highest σ of all its classes', () => {
    const rows = both({ dynamic }, { dynamic, volatility: '1.5' });
    expect(sigmas(rows)).toEqual(['1.5', '0.9']);
  });
});

/** One margin schedule per model, each with requirements that scale. */
const LADDER = {
  type: 'sizeLadder',
  initial: { base: '0.02', slope: '0.001' },
  maintenance: { base: '0.015', slope: '0.0005' },
};
const OPEN_INTEREST = {
  type: 'openInterest',
  initial: '0.02',
  maintenance: '0.018',
  lower: '0',
  upper: '1e12',
};
const TIERED = {
  type: 'tiered',
  tiers: [
    { floor: '0', initial: '0.02', maintenance: '0.01' },
    { floor: '30000', initial: '0.05', maintenance: '0.045' },
  ],
};
const SQUARE_ROOT = {
  type: 'squareRoot',
  initial: '0.03',
  maintenance: '0.025',
  sizeScaling: '0.01',
};
const charges = (initial: string, maintenance: string) => ({
  initial: { rate: initial, lessOutOfTheMoney: true, floor: '0.05' },
  maintenance: { rate: maintenance },
});
const OPTIONS = { shortCall: charges('0.15', '0.09'), shortPut: charges('0.15', '0.09') };
const PORTFOLIO = {
  scenarios: [{ priceMultiplier: '1' }, { priceMultiplier: '0.84' }, { priceMultiplier: '1.16' }],
  initialFactor: '1.3',
  maintenanceFactor: '1',
  collateral: 'hedge',
  perpetualCharge: { initial: '0.01', maintenance: '0.005' },
};
const YEAR_MS = 31_536_000_000;
const option = (optionType: 'call' | 'put', strike: string) => ({
  ...{ type: 'option', optionType, strike, underlying: 'BTC-USD', settlementAsset: 'USD' },
  ...{ markFeed: `${optionType}-${strike}`, expiresAt: String(NOW + YEAR_MS / 12) },
  riskClass: 'BTC',
});
const instruments = {
  'BTC-PERP': { ...BTC_PERP, openInterest: '1000' },
  INVERSE: { ...BTC_PERP, settlementAsset: 'BTC', inverse: true, openInterest: '1000' },
  CALL: option('call', '65000'),
  PUT: option('put', '55000'),
};
const quotes = {
  'BTC-USD#a': { price: '60000' },
  'call-65000#a': { price: '3000', impliedVolatility: '0.6' },
  'put-55000#a': { price: '2500', impliedVolatility: '0.7' },
};
const assets = { BTC: { feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' } };

const quantity = fc.integer({ min: -50, max: 50 }).filter((digits) => digits !== 0);
const held = fc.record({
  perpetual: quantity,
  inverse: quantity,
  call: quantity,
  put: quantity,
  coins: fc.integer({ min: 0, max: 50 }),
});

const accountOf = (of: Record<'perpetual' | 'inverse' | 'call' | 'put' | 'coins', number>) => ({
  balances: [
    { asset: 'USD', amount: '5000000' },
    { asset: 'BTC', amount: `${of.coins}` },
  ],
  positions: [
    { instrument: 'BTC-PERP', quantity: `${of.perpetual}e-1`, entryPrice: '60000' },
    { instrument: 'INVERSE', quantity: `${of.inverse}`, entryPrice: '60000' },
    { instrument: 'CALL', quantity: `${of.call}e-1`, entryPrice: '3000' },
    { instrument: 'PUT', quantity: `${of.put}e-1`, entryPrice: '2500' },
  ],
});

const sigma = fc.integer({ min: 1, max: 400 }).map((hundredths) => `${hundredths}e-2`);

describe.each([
  ['flat', { margin, optionRule: OPTIONS }],
  ['tiered', { margin: TIERED, optionRule: OPTIONS }],
  ['size ladder', { margin: LADDER, optionRule: OPTIONS }],
  ['square root', { margin: SQUARE_ROOT, optionRule: OPTIONS }],
  ['open interest', { margin: OPEN_INTEREST, optionRule: OPTIONS }],
  [
    'expiry netting',
    { margin, optionRule: { ...OPTIONS, expiryNetting: { initial: '0.2', maintenance: '0.1' } } },
  ],
  ['portfolio', { margin, portfolio: PORTFOLIO }],
])('a book margined by %s', (name, riskClass) => {
  const rowsAt = (measured: string, initial?: string): MarketRows => ({
    ...marketWith(
      { ...riskClass, dynamic: { ...dynamic, floor: '0.5' } },
      { measured, ...(initial && { initial }) },
    ),
    ...{ instruments, quotes, assets },
  });
  const figures = (account: Parameters<typeof assessed>[0], rows: MarketRows) => {
    const marginModel = name === 'portfolio' ? 'portfolio' : 'standard';
    return assessed({ ...account, profile: { marginModel } }, snapshotOf(rows));
  };

  it('has an initial requirement of at least maintenance, and only the initial one is slowed', () => {
    fc.assert(
      fc.property(held, sigma, sigma, (of, measured, initial) => {
        const account = accountOf(of);
        const slowed = figures(account, rowsAt(measured, initial));
        const prompt = figures(account, rowsAt(measured));
        expect(isAtLeast(slowed.initialRequirement, slowed.maintenanceRequirement)).toBe(true);
        expect(isAtLeast(prompt.initialRequirement, slowed.initialRequirement)).toBe(true);
        expect(textOf(slowed.maintenanceRequirement)).toBe(textOf(prompt.maintenanceRequirement));
      }),
      { numRuns: 60 },
    );
  });
});

/** The coins that hedge an option book are chosen by its delta, which moves with the price. */
describe('a hedged portfolio with a slowed initial requirement', () => {
  const at = (spot: string): MarketRows => ({
    ...marketWith(
      { portfolio: PORTFOLIO, oracle: { deviation: '0.05' } },
      { measured: '3.5', initial: '0.6' },
    ),
    policy: { uncertainty: 'standard' },
    ...{ instruments, assets },
    quotes: { ...IMPLIED, 'BTC-USD#a': { price: spot } },
  });
  const IMPLIED = {
    'call-65000#a': { impliedVolatility: '0.6' },
    'put-55000#a': { impliedVolatility: '0.7' },
  };
  const book = fc.record({
    call: fc.integer({ min: -50, max: -1 }),
    put: fc.integer({ min: -20, max: 20 }),
    coins: fc.integer({ min: 1, max: 10 }),
  });

  it('never has a surplus outside its range at a price within the uncertainty', () => {
    const surplusAt = (account: Parameters<typeof assessed>[0], spot: string) =>
      assessed(account, snapshotOf(at(spot))).surplus.liquidation;
    fc.assert(
      fc.property(book, fc.integer({ min: -49, max: 49 }), ({ call, put, coins }, thousandths) => {
        const account = {
          profile: { marginModel: 'portfolio' },
          balances: [
            { asset: 'USD', amount: '1000000' },
            { asset: 'BTC', amount: `${coins}` },
          ],
          positions: [
            { instrument: 'CALL', quantity: `${call}e-1`, entryPrice: '3000' },
            { instrument: 'PUT', quantity: `${put}e-1`, entryPrice: '2500' },
          ].filter(({ quantity: held }) => held !== '0e-1'),
        };
        const { low, high } = surplusAt(account, '60000');
        const { point } = surplusAt(account, `${60_000 + thousandths * 60}`);
        expect(isAtLeast(point, bounded(low))).toBe(true);
        expect(isAtLeast(bounded(high), point)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
