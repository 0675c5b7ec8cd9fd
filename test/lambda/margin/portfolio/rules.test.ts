/** Rules of single venues, each with a case by hand. The underlying is at 60,000. */
import { describe, expect, it } from 'vitest';
import { approximately, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { optionValue } from '../../../../lambda/margin/option/black76.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, assessed, bookOf, type MarketRows, NOW, snapshotOf } from '../build.ts';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
/** A fifth of a year. */
const DAYS = 73;

const COMMON = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };
const STILL = { priceMultiplier: '1' };
const UP = { priceMultiplier: '1.1' };
const DOWN = { priceMultiplier: '0.9' };

interface Given {
  readonly portfolio: RawRow;
  readonly risk?: RawRow;
  readonly instruments?: Readonly<Record<string, RawRow>>;
  readonly assets?: Readonly<Record<string, RawRow>>;
  readonly quotes?: Readonly<Record<string, RawRow>>;
  readonly policy?: RawRow;
}

const option = (optionType: 'call' | 'put', strike: string, more: RawRow = {}): RawRow => ({
  ...{ type: 'option', ...COMMON, optionType, strike, markFeed: 'VOL' },
  ...{ expiresAt: String(NOW + DAYS * DAY_MS), ...more },
});

const marketOf = (given: Given): MarketRows => ({
  ...(given.policy ? { policy: given.policy } : {}),
  assets: given.assets ?? {},
  risk: {
    BTC: {
      volatility: '0.6',
      portfolio: { scenarios: [STILL], ...given.portfolio },
      ...given.risk,
    },
  },
  instruments: {
    PERP: { type: 'perpetual', ...COMMON },
    MARKED: { type: 'perpetual', markFeed: 'MARK', ...COMMON },
    CALL: option('call', '60000'),
    ...given.instruments,
  },
  quotes: {
    'BTC-USD#a': { price: '60000' },
    'MARK#a': { price: '61000' },
    'VOL#a': { impliedVolatility: '0.6' },
    ...given.quotes,
  },
});

const held = (instrument: string, quantity: string) => ({ instrument, quantity, entryPrice: '1' });

const onPortfolio = (rows: AccountRows): AccountRows => ({
  profile: { marginModel: 'portfolio' },
  ...rows,
});

function required(given: Given, rows: AccountRows): { initial: string; maintenance: string } {
  const found = assessed(onPortfolio(rows), snapshotOf(marketOf(given)));
  return {
    initial: textOf(found.initialRequirement),
    maintenance: textOf(found.maintenanceRequirement),
  };
}

const initialOf = (given: Given, rows: AccountRows): number =>
  Number(required(given, rows).initial);

const call = (volatility: number, forward = 60_000, rate = 0): number =>
  optionValue(
    { type: 'call', strike: 60_000, yearsToExpiry: DAYS / YEAR_DAYS },
    { forward, volatility, discount: Math.exp((-rate * DAYS) / YEAR_DAYS) },
  );

describe('the rate of an expiry', () => {
  const lossDiscount = { base: '1', rateMultiplier: '2' };
  const short = { positions: [held('CALL', '-1')] };

  /** F = 60,000·e^{rT} and the value is discounted; a loss grows by at most e^{rT}, so by e^{rT}. */
  it.each([
    ['of the instrument', { instruments: { CALL: option('call', '60000', { rate: '0.1' }) } }],
    ['of the class', { risk: { rate: '0.1' } }],
    [
      'quoted with the forward, before that of the instrument',
      {
        instruments: { CALL: option('call', '60000', { rate: '0.9', forwardFeed: 'F' }) },
        quotes: { 'F#a': { price: String(60_000 * Math.exp(0.02)), interestRate: '0.1' } },
      },
    ],
  ])('is that %s', (_, given) => {
    const value = call(0.6, 60_000 * Math.exp(0.02), 0.1);
    const expected = value * (Math.exp(0.02) - 1);
    expect(initialOf({ portfolio: { lossDiscount }, ...given }, short)).toBeCloseTo(expected, 7);
  });

  it('has a floor in a discount, and e^{rT} has none', () => {
    const instruments = { CALL: option('call', '60000', { rate: '-0.1' }) };
    const gain = { base: '1', rateMultiplier: '1' };
    const value = call(0.6, 60_000 * Math.exp(-0.02), -0.1);
    const long = { positions: [held('CALL', '1')] };
    const without = initialOf({ portfolio: { gainDiscount: gain }, instruments }, long);
    expect(without).toBe(0);
    const add = { ...gain, add: '0.05', rateFloor: '0' };
    const found = initialOf({ portfolio: { gainDiscount: add }, instruments }, long);
    expect(found).toBeCloseTo(value * (1 - Math.exp(-0.01)), 7);
  });

  /**
   * −10 % counts as 0: e^{rT} is 1, and a loss grows by no more. A short box of 60,000 and 70,000 is worth
   * −10,000 at any price and volatility, so it loses nothing; at −10 % it would be worth −10,000·e^{0.02}.
   */
  it('counts as the floor of its class where it is lower', () => {
    const rate = { rate: '-0.1', forwardFeed: 'F' };
    const given = (risk: RawRow) => ({
      portfolio: { lossDiscount: { base: '1.04', rateMultiplier: '0.5', add: '0.08' } },
      risk,
      instruments: {
        ...{ CALL: option('call', '60000', rate), PUT: option('put', '60000', rate) },
        ...{ HIGHCALL: option('call', '70000', rate), HIGHPUT: option('put', '70000', rate) },
      },
      quotes: { 'F#a': { price: '61000' } },
    });
    const sold = [held('CALL', '-1'), held('HIGHPUT', '-1')];
    const box = { positions: [...sold, held('PUT', '1'), held('HIGHCALL', '1')] };
    const equityOf = (risk: RawRow) =>
      approximately(
        assessed(onPortfolio(box), snapshotOf(marketOf(given(risk)))).marginBalance.point,
      );
    expect(equityOf({ rateFloor: '0' })).toBeCloseTo(-10_000, 7);
    expect(initialOf(given({ rateFloor: '0' }), box)).toBeCloseTo(0, 7);
    expect(equityOf({})).toBeCloseTo(-10_000 * Math.exp(0.02), 7);
    expect(equityOf({ rateFloor: '-0.1' })).toBe(equityOf({}));
  });

  it('of the class has the floor, too, and is discounted by no more than 1', () => {
    const short = { positions: [held('CALL', '-1')] };
    const equityOf = (risk: RawRow) =>
      approximately(
        assessed(onPortfolio(short), snapshotOf(marketOf({ portfolio: {}, risk }))).marginBalance
          .point,
      );
    expect(equityOf({ rate: '-0.1', rateFloor: '0' })).toBe(equityOf({}));
    expect(equityOf({ rate: '-0.1' })).not.toBe(equityOf({}));
  });

  it('is one for all options of an expiry whose sum is discounted', () => {
    const instruments = { OTHER: option('put', '50000', { rate: '0.1' }) };
    const both = { positions: [held('CALL', '1'), held('OTHER', '1')] };
    expect(() => required({ portfolio: { lossDiscount }, instruments }, both)).toThrow(
      'instrument OTHER has the rate 0.1 and another of its expiry 0: risk class BTC discounts an ' +
        'expiry as a whole',
    );
    expect(initialOf({ portfolio: {}, instruments }, both)).toBe(0);
  });

  it('is that of the options held: another listing of the expiry does not matter', () => {
    const instruments = { A: option('put', '50000', { rate: '0.1' }) };
    const alone = (name: string) =>
      initialOf({ portfolio: { lossDiscount }, instruments }, { positions: [held(name, '-1')] });
    expect(alone('A')).toBeGreaterThan(0);
    expect(alone('CALL')).toBe(0);
  });
});

describe('option values that are not discounted', () => {
  const rate = { rate: '0.1', forwardFeed: 'F' };
  const long = { positions: [held('CALL', '1')] };
  const short = { positions: [held('CALL', '-1')] };
  const given = (portfolio: RawRow, risk: RawRow, terms: RawRow = rate): Given => ({
    ...{ portfolio, risk, instruments: { CALL: option('call', '60000', terms) } },
    quotes: { 'F#a': { price: '61000' } },
  });
  const equityOf = (risk: RawRow, terms: RawRow = rate) =>
    approximately(
      assessed(onPortfolio(long), snapshotOf(marketOf(given({}, risk, terms)))).marginBalance.point,
    );
  const undiscounted = { optionValue: 'undiscounted' };

  /** With r = 10 % over a fifth of a year, e^{−0.02} of the value is left out, and 1 − 0.95·e^{−0.02} lost. */
  it('are those at expiry, while the discounts of gains have the rate', () => {
    const value = call(0.6, 61_000);
    expect(equityOf(undiscounted)).toBeCloseTo(value, 7);
    expect(equityOf({})).toBeCloseTo(value * Math.exp(-0.02), 7);
    const gainDiscount = { base: '0.95', rateMultiplier: '1' };
    expect(initialOf(given({ gainDiscount }, undiscounted), long)).toBeCloseTo(
      value * (1 - 0.95 * Math.exp(-0.02)),
      7,
    );
  });

  it('grow by nothing where a loss has a discount, as they are not discounted', () => {
    const lossDiscount = { base: '1.04', rateMultiplier: '1' };
    expect(initialOf(given({ lossDiscount }, undiscounted), short)).toBe(0);
    expect(initialOf(given({ lossDiscount }, {}), short)).toBeCloseTo(
      call(0.6, 61_000) * (1 - Math.exp(-0.02)),
      7,
    );
  });

  it('are the same as discounted ones at a rate of 0', () => {
    const none = { rate: '0', forwardFeed: 'F' };
    expect(equityOf(undiscounted, none)).toBe(equityOf({}, none));
    expect(equityOf({ optionValue: 'discounted' })).toBe(equityOf({}));
  });

  it('need one rate for an expiry that is discounted', () => {
    const gainDiscount = { base: '0.95', rateMultiplier: '1' };
    const instruments = { OTHER: option('put', '50000', { rate: '0.2' }) };
    const both = { positions: [held('CALL', '1'), held('OTHER', '1')] };
    const two: Given = { portfolio: { gainDiscount }, risk: undiscounted, instruments };
    expect(() => required(two, both)).toThrow('OTHER has the rate 0.2 and another of its expiry 0');
  });
});

describe('a forward that is partly fixed', () => {
  const scenarios = [STILL, UP];
  const short = { positions: [held('CALL', '-1')] };

  /** A quarter is fixed: F = 15,000 + 45,000·1.1 = 64,500. */
  it.each([{ fixedForward: '15000' }, { fixedForwardShare: '0.25' }])(
    'moves by the rest: %j',
    (fixed) => {
      const instruments = { CALL: option('call', '60000', fixed) };
      const expected = call(0.6, 64_500) - call(0.6);
      expect(initialOf({ portfolio: { scenarios }, instruments }, short)).toBeCloseTo(expected, 7);
    },
  );

  /** 60,000·0.75·10 % */
  it('moves a future by the rest', () => {
    const future = { type: 'future', ...COMMON, expiresAt: String(NOW + DAYS * DAY_MS) };
    const instruments = { F: { ...future, fixedForward: '15000' } };
    const rows = { positions: [held('F', '-1')] };
    expect(required({ portfolio: { scenarios }, instruments }, rows).initial).toBe('4500');
  });

  it('does not move at all at a share of 1, and is refused above the forward', () => {
    const at = (fixedForward: string) => ({
      portfolio: { scenarios },
      instruments: { CALL: option('call', '60000', { fixedForward }) },
    });
    expect(initialOf(at('60000'), short)).toBe(0);
    expect(() => required(at('60001'), short)).toThrow(
      'instrument CALL has the fixedForward 60001, which is above its forward 60000',
    );
  });
});

describe('a skew that is flat from a distance on', () => {
  const skewed = (skew: RawRow, strike = '66000') => ({
    portfolio: { scenarios: [STILL, { ...STILL, skew }] },
    instruments: { CALL: option('call', strike) },
  });
  const lossOf = (skew: RawRow, strike?: string) =>
    initialOf(skewed(skew, strike), { positions: [held('CALL', '1')] });
  const valueAt = (volatility: number, strike = 66_000) =>
    optionValue(
      { type: 'call', strike, yearsToExpiry: 0.2 },
      { forward: 60_000, volatility, discount: 1 },
    );
  const changeTo = (volatility: number, strike?: number) =>
    Math.abs(valueAt(volatility, strike) - valueAt(0.6, strike));
  const flatAt = { minimum: '0.01', width: '4', volatility: '0.6', volatilityPerRootYear: '-0.1' };
  const ROOT = Math.sqrt(0.2);

  /** k = ln 1.1, c = 0.15 − 0.05·√0.2, k* = √0.2·4·(0.6 − 0.1·√0.2) */
  it('has a slope and a cap that depend on the time to expiry', () => {
    const cap = 0.15 - 0.05 * ROOT;
    const reach = ROOT * 4 * (0.6 - 0.1 * ROOT);
    const shocked = 0.6 * (1 + (Math.log(1.1) * cap) / reach);
    const skew = { flatAt, cap: '0.15', capPerRootYear: '-0.05' };
    expect(lossOf(skew)).toBeCloseTo(changeTo(shocked), 7);
  });

  /** Beyond k* = 0.05 the whole cap of 2: σ·3 above the forward, and 0 below it. */
  it('may have a cap above 1, and then no volatility below 0', () => {
    const skew = { flatAt: { minimum: '0.05' }, cap: '2' };
    expect(lossOf(skew)).toBeCloseTo(changeTo(1.8), 7);
    expect(lossOf(skew, '54000')).toBeCloseTo(changeTo(0, 54_000), 7);
    const absolute = { ...skew, of: 'absolute' };
    expect(lossOf(absolute, '54000')).toBeCloseTo(changeTo(1.8, 54_000), 7);
  });

  /** k* = 0: the whole cap of 0.5 at K = 66,000, and none at K = F. */
  it('is at its cap everywhere but at the forward where k* is 0', () => {
    const skew = { flatAt: { minimum: '0' }, cap: '0.5' };
    expect(lossOf(skew)).toBeCloseTo(changeTo(0.9), 7);
    expect(lossOf(skew, '54000')).toBeCloseTo(changeTo(0.3, 54_000), 7);
    expect(lossOf(skew, '60000')).toBe(0);
  });

  /** The perpetual loses 6,000; the forward stays, so that the call changes by its volatility alone. */
  it('leaves the forward where it is in a row that moves the price', () => {
    const skew = { flatAt: { minimum: '0.05' }, cap: '0.5' };
    const portfolio = { scenarios: [STILL, { ...UP, skew }] };
    const given = { portfolio, instruments: { CALL: option('call', '66000') } };
    const rows = { positions: [held('PERP', '-1'), held('CALL', '1')] };
    expect(initialOf(given, rows)).toBeCloseTo(6000 + changeTo(0.9), 7);
  });

  it('with a cap of 0 changes nothing, and a larger cap no less', () => {
    const losses = ['0', '0.1', '0.3', '1', '3'].map((cap) => lossOf({ flatAt, cap }));
    expect(losses[0]).toBe(0);
    expect(losses).toEqual(losses.toSorted((left, right) => left - right));
  });
});

describe('a volatility shock in points', () => {
  const volShock = { unit: 'points', up: '0.1', down: '0.2', power: '0' };
  const scenarios = [STILL, { ...STILL, vol: 'up' }, { ...STILL, vol: 'down' }];

  it('is added to the volatility, which stays at least 0', () => {
    const short = { positions: [held('CALL', '-1')] };
    const long = { positions: [held('CALL', '1')] };
    const given = { portfolio: { scenarios, volShock } };
    expect(initialOf(given, short)).toBeCloseTo(call(0.7) - call(0.6), 7);
    expect(initialOf(given, long)).toBeCloseTo(call(0.6) - call(0.4), 7);
    const whole = { portfolio: { scenarios, volShock: { ...volShock, down: '5' } } };
    expect(initialOf(whole, long)).toBeCloseTo(call(0.6), 7);
  });
});

describe('a weight above 1', () => {
  /** 2.5·6,000 */
  it('multiplies the loss of its row', () => {
    const scenarios = [STILL, UP, { ...DOWN, weight: '2.5' }];
    const rows = { positions: [held('PERP', '1')] };
    expect(required({ portfolio: { scenarios } }, rows).initial).toBe('15000');
  });
});

describe('an initial factor below that of maintenance', () => {
  const scenarios = [STILL, UP, DOWN];
  const rows = { positions: [held('PERP', '1')] };
  const of = (initialFactor: string, maintenanceFactor: string) =>
    required({ portfolio: { scenarios, initialFactor, maintenanceFactor } }, rows);

  /** The worst loss is 6,000. */
  it('has the lesser requirement', () => {
    expect(of('0.5', '0.8')).toEqual({ initial: '3000', maintenance: '4800' });
    expect(of('0.8', '0.8')).toEqual({ initial: '4800', maintenance: '4800' });
    expect(of('1', '0.8')).toEqual({ initial: '6000', maintenance: '4800' });
  });

  /** A charge for maintenance above the initial one is refused, as before. */
  it('has the charges of its own requirement', () => {
    const perpetualCharge = { initial: '0.03', maintenance: '0.02' };
    const portfolio = {
      ...{ scenarios, initialFactor: '0.5', maintenanceFactor: '0.8', perpetualCharge },
    };
    expect(required({ portfolio }, rows)).toEqual({ initial: '4800', maintenance: '6000' });
  });
});

describe('charges on perpetuals', () => {
  const perpetualCharge = { initial: '0.03', maintenance: '0.02' };
  const rows = { positions: [held('MARKED', '-2')] };

  it('are on the mark, or on the index', () => {
    expect(required({ portfolio: { perpetualCharge } }, rows)).toEqual({
      initial: '3660',
      maintenance: '2440',
    });
    const onIndex = { perpetualCharge: { ...perpetualCharge, on: 'index' } };
    expect(required({ portfolio: onIndex }, rows)).toEqual({
      initial: '3600',
      maintenance: '2400',
    });
  });

  /** (1 − 0.4)·0.5·60,000·2 */
  it('for doubt, too', () => {
    const charge = { of: 'perpetuals', threshold: '0.5', factor: '0.5' };
    const quotes = { 'BTC-USD#a': { price: '60000', confidenceScore: '0.4' } };
    const at = (on: string) => ({
      portfolio: {},
      quotes,
      risk: { confidenceCharges: [{ ...charge, on }] },
    });
    expect(required(at('index'), rows).initial).toBe('36000');
    expect(required(at('mark'), rows).initial).toBe('36600');
  });
});

describe('a factor that follows a stablecoin', () => {
  const depegFactor = { feed: 'USDC-USD', threshold: '0.98', factor: '2' };
  const portfolio = { scenarios: [STILL, DOWN], maintenanceFactor: '0.8', depegFactor };
  const rows = { positions: [held('PERP', '1')] };
  const at = (price: string, rules: RawRow = {}) =>
    required({ portfolio: { ...portfolio, ...rules }, quotes: { 'USDC-USD#a': { price } } }, rows);

  /** 6,000·(1 + 2·0.03) */
  it('rises while it is below its threshold', () => {
    expect(at('0.95')).toEqual({ initial: '6360', maintenance: '4800' });
    expect(at('0.98')).toEqual({ initial: '6000', maintenance: '4800' });
    expect(at('1.02')).toEqual({ initial: '6000', maintenance: '4800' });
  });

  it('may rise in both requirements', () => {
    const both = { depegFactor: { ...depegFactor, in: 'both' } };
    expect(at('0.95', both)).toEqual({ initial: '6360', maintenance: '5160' });
  });

  it('needs the price of the stablecoin, even for a coin without a position', () => {
    expect(() => required({ portfolio }, rows)).toThrow('USDC-USD: no usable quote');
    const assets = { BTC: { feed: 'BTC-USD' } };
    const coin = { balances: [{ asset: 'BTC', amount: '1' }] };
    const given = { portfolio: { ...portfolio, collateral: 'all' }, assets };
    expect(() => required(given, coin)).toThrow('USDC-USD: no usable quote');
  });
});

describe('a coin with a price of its own', () => {
  const assets = { LBTC: { feed: 'LBTC-USD', riskClass: 'BTC', hedges: 'BTC-USD' } };
  const quotes = { 'LBTC-USD#a': { price: '50000' } };
  const scenarios = [STILL, UP, DOWN];
  const given = (collateral: string, more: RawRow = {}) => ({
    portfolio: { scenarios, collateral },
    assets: { LBTC: { ...assets.LBTC, ...more } },
    quotes,
  });
  const rows = (coins: string, perpetuals: string) => ({
    balances: [{ asset: 'LBTC', amount: coins }],
    positions: perpetuals === '0' ? [] : [held('PERP', perpetuals)],
  });

  /** 10 % of 50,000 a coin, and of 60,000 a perpetual. */
  it.each([
    ['all', '1', '-1', '1000'],
    ['all', '2', '-1', '4000'],
    ['all', '1', '0', '5000'],
    ['all', '-1', '0', '5000'],
    ['hedge', '1', '-1', '1000'],
    ['hedge', '2', '-1', '0'],
    ['hedge', '1', '1', '6000'],
    ['none', '1', '-1', '6000'],
  ])('is revalued with the book: %s of %s with %s perpetuals', (mode, coins, perpetuals, due) => {
    expect(Number(required(given(mode), rows(coins, perpetuals)).initial)).toBeCloseTo(+due, 9);
  });

  it('is left out if it does not cancel risk, and without portfolio margin', () => {
    const out = { ...given('all'), assets: { LBTC: { ...assets.LBTC, hedges: undefined } } };
    const kept = { LBTC: { feed: 'LBTC-USD', riskClass: 'BTC', riskCancelling: false } };
    expect(required({ ...out, assets: kept }, rows('1', '-1')).initial).toBe('6000');
    const base = { BTC: { feed: 'BTC-USD', riskCancelling: false } };
    const coin = { balances: [{ asset: 'BTC', amount: '1' }], positions: [held('PERP', '-1')] };
    expect(required({ portfolio: { scenarios, collateral: 'all' }, assets: base }, coin)).toEqual({
      initial: '6000',
      maintenance: '6000',
    });
  });

  it('is refused in a class without a portfolio', () => {
    const snapshot = snapshotOf({
      ...marketOf(given('all')),
      risk: {
        BTC: { volatility: '0.6', margin: { type: 'flat', initial: '0.1', maintenance: '0.1' } },
      },
    });
    expect(() =>
      bookOf(onPortfolio({ balances: [{ asset: 'LBTC', amount: '1' }] }), snapshot),
    ).toThrow('asset LBTC hedges BTC-USD, but its risk class has no portfolio');
  });

  /** Its own price moves by up to 1 %: the coin is worth ±500, and its scan ±50 either way. */
  it('has bounds that hold for each of its own prices within the uncertainty', () => {
    const policy = { uncertainty: 'standard', confidenceMultiplier: '1', executionSeconds: '0' };
    const at = (price: string, confidence: string) => {
      const market = marketOf({ ...given('all'), policy });
      const moved = { 'LBTC-USD#a': { price, confidence } };
      const snapshot = snapshotOf({ ...market, quotes: { ...market.quotes, ...moved } });
      return assessed(onPortfolio(rows('3', '-1')), snapshot).surplus.liquidation;
    };
    const { low, high } = at('50000', '500');
    if (low === 'unbounded' || high === 'unbounded') throw new Error('there is a bound');
    for (const price of ['49500', '49800', '50000', '50300', '50500']) {
      const point = approximately(at(price, '0').point);
      expect(approximately(low)).toBeLessThanOrEqual(point);
      expect(approximately(high)).toBeGreaterThanOrEqual(point);
    }
  });
});

describe('charges by the lesser of two scores', () => {
  const charge = { threshold: '0.5', factor: '1' };
  const quotes = {
    'LBTC-USD#a': { price: '50000', confidenceScore: '0.9' },
    'BTC-USD#a': { price: '60000', confidenceScore: '0.4' },
  };
  const assets = { LBTC: { feed: 'LBTC-USD', riskClass: 'BTC' } };
  const rows = { balances: [{ asset: 'LBTC', amount: '1' }] };

  /** (1 − 0.4)·50,000 */
  it('take the score of a further feed', () => {
    const of = (more: RawRow) =>
      required(
        {
          portfolio: {},
          assets,
          quotes,
          risk: { confidenceCharges: [{ of: 'collateral', ...charge, ...more }] },
        },
        rows,
      ).initial;
    expect(of({})).toBe('0');
    expect(of({ scoreFeed: 'BTC-USD' })).toBe('30000');
  });

  /** Both options by 0.3, the score of one of them, and by that of a perpetual that is held. */
  it('take the lowest score of an expiry, and of perpetuals', () => {
    const instruments = { OTHER: option('put', '50000', { markFeed: 'DOUBTED' }) };
    const doubted = { 'DOUBTED#a': { impliedVolatility: '0.6', confidenceScore: '0.3' } };
    const of = (scores: string, more: readonly RawRow[] = []) =>
      initialOf(
        {
          portfolio: {},
          instruments,
          quotes: { ...doubted, 'MARK#a': { price: '61000', confidenceScore: '0.1' } },
          risk: { confidenceCharges: [{ of: 'options', ...charge, scores }] },
        },
        { positions: [held('CALL', '1'), held('OTHER', '1'), ...more] },
      );
    expect(of('own')).toBe(0.7 * 60_000);
    expect(of('expiry')).toBe(0.7 * 120_000);
    expect(of('expiryAndPerpetuals')).toBe(0.7 * 120_000);
    expect(of('expiryAndPerpetuals', [held('MARKED', '1')])).toBe(0.9 * 120_000);
    expect(of('expiry', [held('MARKED', '1')])).toBe(0.7 * 120_000);
  });
});

describe('an expired option that is still held', () => {
  const expired = (optionType: 'call' | 'put', strike: string) =>
    option(optionType, strike, { expiresAt: String(NOW - DAY_MS), settlementFeed: 'DELIVERY' });
  const given = (expiredOptions: string, more: RawRow = {}) => ({
    portfolio: {
      expiredOptions,
      nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
      ...more,
    },
    instruments: { OLD: expired('call', '58000'), 'OLD-PUT': expired('put', '58000') },
    quotes: { 'DELIVERY#a': { price: '59000', publishedAt: String(NOW - DAY_MS) } },
  });

  it('is charged while it is short, unless another of its strike nets it', () => {
    const short = { positions: [held('OLD', '-2')] };
    expect(required(given('settled'), short)).toEqual({ initial: '0', maintenance: '0' });
    expect(required(given('scanned'), short)).toEqual({ initial: '600', maintenance: '360' });
    const netted = { positions: [held('OLD', '-2'), held('OLD-PUT', '2')] };
    expect(required(given('scanned'), netted)).toEqual({ initial: '0', maintenance: '0' });
  });

  /** It is worth 1,000 at every price; 5 % of a gain are discounted, and none of a loss. */
  it('keeps its value, which is discounted like any other', () => {
    const rules = { scenarios: [STILL, UP, DOWN], gainDiscount: { base: '0.95' } };
    const long = { positions: [held('OLD', '1')] };
    expect(Number(required(given('scanned', rules), long).initial)).toBeCloseTo(50, 9);
    for (const mode of ['scanned', 'settled']) {
      const found = assessed(onPortfolio(long), snapshotOf(marketOf(given(mode, rules))));
      expect(textOf(found.marginBalance.point)).toBe('1000');
    }
  });
});

describe('a charge for delta', () => {
  const deltaFloor = { net: '0.02', hedged: '0.01' };
  const scenarios = [STILL, DOWN];
  const rows = { positions: [held('PERP', '2'), held('MARKED', '-1')] };

  /**
   * Net 120,000 − 61,000 = 59,000, hedged 61,000: 1,180 + 610 = 1,790. The worst loss is 5,900: as a
   * floor it has no effect, as a charge it is added, times the factor.
   */
  it('is added to the worst loss', () => {
    const rules = { scenarios, initialFactor: '1.5' };
    expect(required({ portfolio: { ...rules, deltaFloor } }, rows)).toEqual({
      initial: '8850',
      maintenance: '5900',
    });
    const added = { ...deltaFloor, as: 'charge' };
    expect(required({ portfolio: { ...rules, deltaFloor: added } }, rows)).toEqual({
      initial: '11535',
      maintenance: '7690',
    });
  });

  it('is a floor where there is no loss, and the same amount as a charge', () => {
    for (const as of ['floor', 'charge']) {
      const portfolio = { deltaFloor: { ...deltaFloor, as } };
      expect(required({ portfolio }, rows).initial).toBe('1790');
    }
  });
});

describe('losses in coin', () => {
  const scenarios = [STILL, UP, DOWN];
  const given = (lossesIn: string): Given => ({
    portfolio: { scenarios, lossesIn, collateral: 'all' },
    assets: { BTC: { feed: 'BTC-USD' } },
  });

  /** A long perpetual loses 6,000 at 54,000, which are 1/9 BTC, or 6,666.67 at 60,000. */
  it('are larger in a fall and smaller in a rise', () => {
    const long = { positions: [held('PERP', '1')] };
    const short = { positions: [held('PERP', '-1')] };
    expect(required(given('numeraire'), long).initial).toBe('6000');
    expect(initialOf(given('coin'), long)).toBeCloseTo(60_000 / 9, 9);
    expect(initialOf(given('coin'), short)).toBeCloseTo(60_000 / 11, 9);
  });

  /** A short call owes its value there ÷ 1.1, less its value now. */
  it('are those of an option’s value in coin', () => {
    const short = { positions: [held('CALL', '-1')] };
    const expected = call(0.6, 66_000) / 1.1 - call(0.6);
    expect(initialOf(given('coin'), short)).toBeCloseTo(expected, 7);
  });

  it('are none on a balance of the coin', () => {
    const coin = { balances: [{ asset: 'BTC', amount: '1' }] };
    expect(required(given('coin'), coin).initial).toBe('0');
    expect(required(given('numeraire'), coin).initial).toBe('6000');
  });
});

describe('a minimum for each contract', () => {
  it('may count long options as well', () => {
    const perContract = { initial: '40', maintenance: '37.5' };
    const of = (options: string, quantity: string) =>
      required(
        { portfolio: { minimum: { perContract, options } } },
        { positions: [held('CALL', quantity)] },
      );
    expect(of('short', '3')).toEqual({ initial: '0', maintenance: '0' });
    expect(of('all', '3')).toEqual({ initial: '120', maintenance: '112.5' });
    expect(of('all', '-3')).toEqual(of('short', '-3'));
  });
});

describe('an array of losses', () => {
  const scenarios = [UP, DOWN, { priceMultiplier: '1', daysForward: '1' }];
  const lossArray = ['-700', '900', '5'];
  const given = (more: Partial<Given> = {}): Given => ({
    portfolio: { scenarios },
    instruments: {
      PERP: { type: 'perpetual', ...COMMON, lossArray },
      CALL: option('call', '60000', { lossArray: ['-400', '300', '10'], contractSize: '0.1' }),
    },
    ...more,
  });

  /** 2·900 − 3·300, and for the shorts 2·700 − 3·400 in the first row. */
  it('replaces the model of an instrument, and nets with others', () => {
    const due = (perpetuals: string, calls: string) =>
      required(given(), { positions: [held('PERP', perpetuals), held('CALL', calls)] }).initial;
    expect(due('2', '0.000000001')).toBe('1800.0000003');
    expect(due('2', '-3')).toBe('900');
    expect(due('-2', '3')).toBe('200');
    expect(due('-2', '-3')).toBe('2600');
  });

  it('leaves the value of an option as it is', () => {
    const rows = onPortfolio({ positions: [held('CALL', '10')] });
    const found = assessed(rows, snapshotOf(marketOf(given())));
    expect(approximately(found.marginBalance.point)).toBeCloseTo(call(0.6), 7);
  });

  it.each([
    [{ scenarios: [UP, STILL] }, 'has a lossArray of 3, but its class has 2 scenarios'],
    [
      { scenarios, gainDiscount: {} },
      'has a lossArray, but its class has rules by expiry or losses in coin',
    ],
    [
      { scenarios, lossesIn: 'coin' },
      'has a lossArray, but its class has rules by expiry or losses in coin',
    ],
    [
      { scenarios: [UP, { ...UP, weight: '0.5' }, STILL] },
      'has a lossArray, but two scenarios of its class differ in their weight alone',
    ],
    [{ scenarios: [UP, DOWN, STILL] }, 'has a loss in lossArray.2, where its class has no move'],
  ])('is refused where it does not fit: %#', (portfolio, fault) => {
    const rows = { positions: [held('PERP', '1')] };
    expect(() => required(given({ portfolio }), rows)).toThrow(`instrument PERP ${fault}`);
  });

  it('is refused in a class without portfolio', () => {
    const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
    const { risk, ...market } = marketOf(given());
    const { portfolio: _, ...bare } = risk?.BTC ?? {};
    const snapshot = snapshotOf({ ...market, risk: { ...risk, BTC: { ...bare, margin } } });
    const fault = 'instrument PERP has a lossArray, but its class has no portfolio';
    expect(() => assessed({ positions: [held('PERP', '1')] }, snapshot)).toThrow(fault);
  });
});

describe('two classes on one underlying', () => {
  const scenarios = [STILL, UP, DOWN];
  const snapshotWith = (second: RawRow) => {
    const market = marketOf({ portfolio: { scenarios } });
    return snapshotOf({
      ...market,
      risk: { ...market.risk, OTHER: { volatility: '0.6', ...second } },
      instruments: {
        ...market.instruments,
        SECOND: { type: 'perpetual', ...COMMON, riskClass: 'OTHER' },
      },
    });
  };
  const rows = onPortfolio({ positions: [held('PERP', '1'), held('SECOND', '-1')] });
  const due = (second: RawRow) => textOf(assessed(rows, snapshotWith(second)).initialRequirement);

  it('are added up, or net where one takes the portfolio of the other', () => {
    expect(due({ portfolio: { scenarios } })).toBe('12000');
    expect(due({ portfolioOf: 'BTC' })).toBe('0');
  });

  it('are refused where that has none of its own', () => {
    const fault = 'portfolioOf names risk class NONE, which has no portfolio of its own';
    expect(() => due({ portfolioOf: 'NONE' })).toThrow(`market risk/OTHER: ${fault}`);
    expect(() => due({ portfolioOf: 'OTHER' })).toThrow('has no portfolio of its own');
  });
});
