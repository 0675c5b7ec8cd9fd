import { describe, expect, it } from 'vitest';
import { assess, isSafe } from '../../../../lambda/margin/assess/assess.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  boundText,
  crossOf,
  type MarketRows,
  NOW,
  reasonsOf,
  snapshotOf,
} from '../build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};
const inverse = { ...perpetual, settlementAsset: 'BTC', inverse: true, contractSize: '10' };

function marketOf(
  rows: Partial<MarketRows> & { readonly margin?: RawRow; readonly class?: RawRow },
) {
  const { margin = { type: 'flat', initial: '0.1', maintenance: '0.05' }, ...rest } = rows;
  return {
    ...rest,
    assets: { BTC: { feed: 'BTC-USD' }, USDC: { feed: 'USDC-USD' }, ...rows.assets },
    instruments: { 'BTC-PERP': perpetual, ...rows.instruments },
    risk: { BTC: { volatility: '0.6', margin, ...rows.class }, ...rows.risk },
    quotes: {
      'BTC-USD#a': { price: '60000' },
      'USDC-USD#a': { price: '1' },
      ...rows.quotes,
    },
  };
}

function figuresOf(account: AccountRows, market: MarketRows) {
  const outcome = assessed(account, snapshotOf(market));
  return {
    equity: textOf(outcome.equity.point),
    balance: textOf(outcome.marginBalance.point),
    initial: textOf(outcome.initialRequirement),
    maintenance: textOf(outcome.maintenanceRequirement),
  };
}

const held = (quantity: string, more: RawRow = {}): AccountRows => ({
  positions: [{ instrument: 'BTC-PERP', quantity, entryPrice: '50000', ...more }],
});

describe('an inverse contract', () => {
  const market = marketOf({ instruments: { 'BTC-PERP': inverse } });

  /** 60,000 contracts of 10 USD: 600,000·(1/50,000 − 1/60,000) = 2 BTC, worth 120,000. */
  it('has its profit in the coin and a requirement on its fixed notional', () => {
    expect(figuresOf(held('60000'), market)).toEqual({
      equity: '120000',
      balance: '120000',
      initial: '60000',
      maintenance: '30000',
    });
    expect(figuresOf(held('-60000'), market).equity).toBe('-120000');
  });

  /** It gains 600,000/50,000 = 12 BTC per multiple of the price, ten more than its profit. */
  it('moves linearly with the price', () => {
    const [curve] = bookOf(held('60000'), snapshotOf(market)).curves;
    expect(curve && [textOf(curve.equity.constant), textOf(curve.equity.slope)]).toEqual([
      '-600000',
      '720000',
    ]);
  });

  /**
   * 3 BTC less the loss of 2 leaves 1 BTC of collateral, worth 54,000. A loss of 4 leaves a debt of
   * 1: 66,000.
   */
  it('is settled in the balance of the coin before the weight applies', () => {
    const assets = { BTC: { feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' } };
    const weighed = marketOf({ instruments: { 'BTC-PERP': inverse }, assets });
    const account = (quantity: string): AccountRows => ({
      ...held(quantity),
      balances: [{ asset: 'BTC', amount: '3' }],
    });
    expect(figuresOf(account('-60000'), weighed)).toMatchObject({
      equity: '60000',
      balance: '54000',
    });
    expect(figuresOf(account('-120000'), weighed)).toMatchObject({
      equity: '-60000',
      balance: '-66000',
    });
  });

  /** 10 BTC: 2 % + 10·0.005 % of 600,000. */
  it('may be charged by its size in coin', () => {
    const rung = (base: string) => ({ base, slope: '0.00005' });
    const margin = { type: 'sizeLadder', initial: rung('0.02'), maintenance: rung('0.01') };
    const ladder = marketOf({ instruments: { 'BTC-PERP': inverse }, margin });
    expect(figuresOf(held('60000'), ladder)).toMatchObject({
      initial: '12300',
      maintenance: '6300',
    });
  });

  it('must settle in an asset on the feed of its underlying', () => {
    const odd = { ...inverse, settlementAsset: 'USDC' };
    const market = marketOf({ instruments: { 'BTC-PERP': odd } });
    expect(reasonsOf(held('1'), snapshotOf(market))).toEqual(['settlement-unsuited BTC-PERP']);
  });
});

describe('a schedule by size', () => {
  /** √25 · 0.01 = 5 %: IM max(10 %, 8 % + 5 %), MM max(5 %, 4 % + 5 %) of 25·60,000. */
  it('grows with the square root of the size', () => {
    const margin = {
      type: 'squareRoot',
      initial: '0.1',
      maintenance: '0.05',
      sizeScaling: '0.01',
    };
    expect(figuresOf(held('-25'), marketOf({ margin }))).toMatchObject({
      initial: '195000',
      maintenance: '135000',
    });
    expect(figuresOf(held('0.0001'), marketOf({ margin }))).toMatchObject({
      initial: '0.6',
      maintenance: '0.3',
    });
  });

  /** Halfway between the caps: 2 % + 0.5·98 % = 51 %. */
  it('grows with the share of the open interest in the initial requirement', () => {
    const margin = {
      type: 'openInterest',
      initial: '0.02',
      maintenance: '0.012',
      lower: '25000000',
      upper: '50000000',
    };
    const openInterest = (contracts: string) =>
      marketOf({
        margin,
        instruments: { 'BTC-PERP': { ...perpetual, openInterest: contracts } },
      });
    expect(figuresOf(held('1'), openInterest('625'))).toMatchObject({
      initial: '30600',
      maintenance: '720',
    });
    expect(figuresOf(held('1'), openInterest('1')).initial).toBe('1200');
    expect(figuresOf(held('1'), openInterest('9000')).initial).toBe('60000');
    expect(reasonsOf(held('1'), snapshotOf(marketOf({ margin })))).toEqual([
      'open-interest-unknown BTC-PERP',
    ]);
  });

  it('may be rounded up to whole units: 0.0001·60,000·5 % = 0.3', () => {
    const market = marketOf({ class: { requirementPlaces: '0' } });
    expect(figuresOf(held('0.0001'), market)).toMatchObject({ initial: '1', maintenance: '1' });
  });
});

describe('weights that scale with the size', () => {
  /**
   * w = min(0.9, 1.1/(1 + 0.01·√400)) = 0.9; initially 1.1/(1 + 0.02·20) = 0.785714…. The initial
   * requirement is the difference.
   */
  it('reduce large collateral, and more so for the initial requirement', () => {
    const assets = {
      BTC: {
        feed: 'BTC-USD',
        collateralWeight: '0.9',
        initialCollateralWeight: '0.8',
        sizeScaling: '0.01',
      },
    };
    const account = { balances: [{ asset: 'BTC', amount: '900' }] };
    // 1.1/1.3 = 0.846153846…
    const { balance, initial } = figuresOf(account, marketOf({ assets }));
    expect(balance.slice(0, 12)).toBe('45692307.692');
    expect(initial.slice(0, 11)).toBe('2492307.692');
  });

  /** v = max(1.1, 0.88 + 0.03·√100) = 1.18 of 6,000,000. */
  it('increase a large debt', () => {
    const assets = { BTC: { feed: 'BTC-USD', liabilityWeight: '1.1', sizeScaling: '0.03' } };
    const account = { balances: [{ asset: 'BTC', amount: '-100' }] };
    expect(figuresOf(account, marketOf({ assets })).balance).toBe('-7080000');
  });
});

describe('a borrower', () => {
  const assets = {
    BTC: { feed: 'BTC-USD', collateralWeight: '0.9', initialCollateralWeight: '0.7' },
  };
  const borrower = (debt: string): AccountRows => ({
    balances: [
      { asset: 'BTC', amount: '1' },
      { asset: 'USD', amount: debt },
    ],
  });
  const levelOf = (debt: string, policy: RawRow = {}) => {
    const { level, lines } = assessed(borrower(debt), snapshotOf(marketOf({ assets, policy })));
    return [level, textOf(lines.call)];
  };

  /** 54,000 count; initially 42,000. The difference of 12,000 is the initial requirement. */
  it('is liquidated without a call, as a loan has no maintenance requirement', () => {
    expect(levelOf('-54000')).toEqual(['healthy', '0']);
    expect(levelOf('-54000.01')).toEqual(['liquidation', '0']);
  });

  it('is called by its initial weights if the policy says callAt initial', () => {
    const policy = { callAt: 'initial' };
    expect(levelOf('-42000', policy)).toEqual(['healthy', '12000']);
    expect(levelOf('-42000.01', policy)).toEqual(['call', '12000']);
    expect(levelOf('-54000', policy)).toEqual(['call', '12000']);
    expect(levelOf('-54000.01', policy)).toEqual(['liquidation', '12000']);
    const snapshot = snapshotOf(marketOf({ assets, policy }));
    const isSafeAt = (debt: string) => isSafe(bookOf(borrower(debt), snapshot), snapshot.policy);
    expect([isSafeAt('-42000'), isSafeAt('-42000.01')]).toEqual([true, false]);
  });
});

describe('collateral at a location', () => {
  const assets = { USDC: { feed: 'USDC-USD', collateralWeight: '0.98' } };
  const account = (secondsAgo: number, amount = '1000'): AccountRows => ({
    balances: [
      {
        item: 'balance#USDC@base',
        asset: 'USDC',
        amount,
        location: 'base',
        observedAt: String(NOW - secondsAgo * 1000),
      },
    ],
  });

  function outcomeOf(rows: AccountRows, base: RawRow) {
    const snapshot = snapshotOf(marketOf({ assets, locations: { base } }));
    const outcome = assess(crossOf(rows), snapshot);
    if (outcome.certainty === 'indeterminate') throw new Error(outcome.reasons[0]?.detail);
    return outcome;
  }

  const base = { finalitySeconds: '900', weight: '0.95', pendingWeight: '0.5' };

  it('counts in full once it is final', () => {
    const { marginBalance, notes } = outcomeOf(account(900), base);
    expect(textOf(marginBalance.point)).toBe('931');
    expect(notes).toEqual([]);
  });

  it('counts less until it is final, and says why', () => {
    const { equity, marginBalance, notes } = outcomeOf(account(899), base);
    expect([textOf(equity.point), textOf(marginBalance.point)]).toEqual(['1000', '490']);
    expect(notes).toEqual([
      {
        code: 'collateral-pending',
        subject: 'balance#USDC@base',
        detail:
          'balance#USDC@base: observed 899 s ago, final after 900 s; until then the balance counts with weight 0.5 instead of 0.95',
      },
    ]);
  });

  it('counts less if the location has not been observed recently', () => {
    const seen = { ...base, observedAt: String(NOW - 61_000), staleAfterSeconds: '60' };
    const { marginBalance, notes } = outcomeOf(account(5000), seen);
    expect(textOf(marginBalance.point)).toBe('490');
    expect(notes.map(({ code }) => code)).toEqual(['location-unobserved']);
  });

  it('counts in full if it is a debt', () => {
    expect(textOf(outcomeOf(account(0, '-1000'), base).marginBalance.point)).toBe('-1000');
  });

  it('needs the row of its location', () => {
    const snapshot = snapshotOf(marketOf({ assets }));
    expect(reasonsOf(account(0), snapshot)).toEqual(['location-unknown base']);
  });
});

describe('profit in a stablecoin', () => {
  const market = (price: string, policy: RawRow = {}) =>
    marketOf({
      policy,
      instruments: { 'BTC-PERP': { ...perpetual, settlementAsset: 'USDC' } },
      risk: { USDC: { volatility: '0.05', jumpFloor: '0.01' } },
      quotes: { 'USDC-USD#a': { price } },
      class: { jumpFloor: '0.02' },
    });

  it('is worth as much as the stablecoin', () => {
    expect(figuresOf(held('1'), market('0.98'))).toMatchObject({ equity: '9800' });
    expect(figuresOf(held('1'), market('0.98')).maintenance).toBe('3000');
  });

  /** BTC ±2 %: 60,000·2 % less 3,000·2 %. USDC ±1 % of 10,000. Both at once: 60,000·2 %·1 %. */
  it('is buffered against both prices, and against both moving at once', () => {
    const policy = { latencyBuffer: 'standard', executionSeconds: '0' };
    const snapshot = snapshotOf({ ...market('1', policy), gapSeconds: 0 });
    expect(textOf(assessed(held('1'), snapshot).latencyBuffer)).toBe('1252');
  });

  it('adds the depeg charge below its threshold to the initial requirement: (0.99 − 0.98)·2·60,000', () => {
    const charged = (price: string) =>
      marketOf({
        quotes: { 'USDC-USD#a': { price } },
        class: { depegCharge: { feed: 'USDC-USD', threshold: '0.99', factor: '2' } },
      });
    expect(figuresOf(held('-1'), charged('0.98'))).toMatchObject({
      initial: '7200',
      maintenance: '3000',
    });
    expect(figuresOf(held('-1'), charged('0.99')).initial).toBe('6000');
  });
});

describe('the confidence charge', () => {
  const charge = { of: 'perpetuals', threshold: '0.4', factor: '0.5', in: 'both' };
  const scored = (confidenceScore: string) =>
    marketOf({
      quotes: { 'BTC-USD#a': { price: '60000', confidenceScore } },
      class: { confidenceCharges: [charge] },
    });

  it('does not apply at its threshold', () => {
    expect(figuresOf(held('1'), scored('0.4')).maintenance).toBe('3000');
  });

  /** (1 − 0.4 + 1e-18)·0.5·60,000 */
  it('applies at the smallest step below its threshold', () => {
    expect(figuresOf(held('1'), scored('0.399999999999999999')).maintenance).toBe(
      '21000.00000000000003',
    );
  });
});

describe('open orders', () => {
  it('are charged one by one, whether filled or not', () => {
    const market = marketOf({ class: { openOrderCharge: '0.01' } });
    const account = held('0', { openOrderCount: '3' });
    expect(figuresOf(account, market)).toMatchObject({ initial: '0.03', maintenance: '0.03' });
  });
});

describe('an expired instrument', () => {
  const expiresAt = String(NOW - 3_600_000);
  const future = { ...perpetual, type: 'future', expiresAt, settlementFeed: 'BTC-SETTLED' };
  const option = { ...future, type: 'option', strike: '55000', optionType: 'call', markFeed: 'X' };
  const settled = (publishedAt: number): Readonly<Record<string, RawRow>> => ({
    'BTC-SETTLED#venue': { price: '58000', publishedAt: String(publishedAt) },
  });
  const market = (instrument: RawRow, publishedAt = NOW - 3_600_000) =>
    marketOf({ instruments: { 'BTC-PERP': instrument }, quotes: settled(publishedAt) });

  it('is worth its settlement value, requires nothing and moves no more', () => {
    expect(figuresOf(held('2'), market(future))).toEqual({
      equity: '16000',
      balance: '16000',
      initial: '0',
      maintenance: '0',
    });
    expect(figuresOf(held('-2'), market(option)).equity).toBe('-6000');
    const put = { ...option, optionType: 'put' };
    expect(figuresOf(held('-2'), market(put)).equity).toBe('0');
  });

  /** 3,000/58,000 BTC per contract of 1 BTC, at 60,000. */
  it('that settles in coin keeps its coins', () => {
    const coin = { ...option, settlementAsset: 'BTC', inverse: true };
    expect(figuresOf(held('58'), market(coin)).equity).toBe('180000');
  });

  it.each([
    ['its underlying', 'BTC-USD', {}],
    ['its own mark', 'X', {}],
    ['the mark of another', 'BTC-MARK', {}],
    ['the underlying of another', 'OTHER-USD', {}],
    ['its underlying, before it expires', 'BTC-USD', { expiresAt: String(NOW + 3_600_000) }],
  ])('is refused if its settlementFeed is %s', (_, settlementFeed, more) => {
    const others = {
      MARKED: { ...perpetual, markFeed: 'BTC-MARK' },
      OTHER: { ...perpetual, underlying: 'OTHER-USD' },
    };
    const refused = { ...option, settlementFeed, ...more };
    const rows = marketOf({ instruments: { ...others, 'BTC-PERP': refused } });
    const outcome = assess(crossOf(held('2')), snapshotOf(rows));
    expect(outcome.certainty).toBe('indeterminate');
    expect(outcome.reasons.map(({ detail }) => detail)).toEqual([
      `instrument BTC-PERP has settlementFeed ${settlementFeed}, which is an underlying or a mark ` +
        'and moves on after expiry: name a feed of its settlement price alone',
    ]);
  });

  it('is unknown without a settlement quote from its expiry or later', () => {
    const early = snapshotOf(market(future, NOW - 3_600_001));
    expect(reasonsOf(held('2'), early)).toEqual(['instrument-expired BTC-PERP']);
    const { settlementFeed: _, ...without } = future;
    const outcome = assess(crossOf(held('2')), snapshotOf(market(without)));
    expect(outcome.reasons.map(({ detail }) => detail)).toEqual([
      `BTC-PERP expired at ${new Date(Number(expiresAt)).toISOString()}, but the instrument has no ` +
        'settlementFeed. Add one, or settle the position and remove its row',
    ]);
  });
});

describe('an option that cannot be valued', () => {
  const option = {
    ...perpetual,
    type: 'option',
    optionType: 'call',
    strike: '60000',
    markFeed: 'BTC-C',
    expiresAt: String(NOW + 86_400_000),
  };
  const rule = { initial: { rate: '0.15' }, maintenance: { rate: '0.1' } };
  const reasonOf = (quote: RawRow, row: RawRow = option) => {
    const market = marketOf({
      instruments: { 'BTC-PERP': row },
      class: { optionRule: { shortCall: rule } },
      quotes: { 'BTC-C#a': quote },
    });
    const balances = [{ asset: 'USD', amount: '9000' }];
    const outcome = assess(crossOf({ balances, ...held('-1') }), snapshotOf(market));
    return outcome.certainty === 'indeterminate' ? outcome.reasons[0]?.detail : undefined;
  };

  it('leaves an account open that is short, with one line as the reason', () => {
    expect(reasonOf({ impliedVolatility: '0.5' })).toBeUndefined();
    expect(reasonOf({ impliedVolatility: '0' })).toBe(
      'market quote/BTC-C#a: impliedVolatility must be above 0, not 0',
    );
    expect(reasonOf({ impliedVolatility: '-0.5' })).toBe(
      'market quote/BTC-C#a: impliedVolatility must be above 0, not -0.5',
    );
    expect(reasonOf({})).toBe(
      'market quote/BTC-C#a: price is needed unless there is an impliedVolatility',
    );
    expect(reasonOf({ price: '60001' })).toBe(
      'BTC-C: the price quoted for BTC-PERP has no implied volatility, because it is higher than ' +
        'the option can ever pay',
    );
    expect(reasonOf({ impliedVolatility: '0.5', publishedAt: String(NOW - 301_000) })).toBe(
      'BTC-C: 0 of 1 implied volatilities usable; need 1, at most 300 s old',
    );
  });

  it('counts its discount below the exercise value', () => {
    const deep = { ...option, strike: '40000' };
    const market = marketOf({
      instruments: { 'BTC-PERP': deep },
      class: { optionRule: { shortCall: rule } },
      quotes: { 'BTC-C#a': { price: '19900' } },
    });
    expect(figuresOf(held('1'), market).equity).toBe('19900');
  });
});

describe('the quote uncertainty of an option', () => {
  const option = {
    ...perpetual,
    type: 'option',
    optionType: 'call',
    strike: '60000',
    markFeed: 'BTC-C',
    forwardFeed: 'BTC-F',
    expiresAt: String(NOW + 30 * 86_400_000),
  };
  const rule = { initial: { rate: '0.15' }, maintenance: { rate: '0.1' } };
  const policy = { uncertainty: 'standard', confidenceMultiplier: '1', shockQuantile: '2' };

  function surplusOf(quantity: string, quotes: MarketRows['quotes'] & object, own: RawRow = {}) {
    const market = marketOf({
      policy,
      instruments: { 'BTC-C': option },
      class: { optionRule: { shortCall: rule } },
      quotes: {
        'BTC-F#a': { price: '60000' },
        'BTC-C#a': { impliedVolatility: '0.6', ...own },
        ...quotes,
      },
    });
    const account = {
      balances: [{ asset: 'USD', amount: '90000' }],
      positions: [
        { instrument: 'BTC-C', quantity, entryPrice: '1' },
        { instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' },
      ],
    };
    const { low, point } = assessed(account, snapshotOf(market)).surplus.liquidation;
    return { low: Number(boundText(low)), point: Number(textOf(point)) };
  }

  /** 5 % of 4,000 for each of two long options: 400. The perpetual’s 60,000 add nothing. */
  it('does not affect other positions on the underlying', () => {
    const { low, point } = surplusOf('2', {}, { price: '4000', confidence: '200' });
    expect(point - low).toBeCloseTo(400, 6);
  });

  /** Its mark is also part of its requirement, which counts up to 1.25 times: 200·(1 + 1.25). */
  it('counts again in the requirement of a short option', () => {
    const { low, point } = surplusOf('-1', {}, { price: '4000', confidence: '200' });
    expect(point - low).toBeCloseTo(450, 6);
  });

  it.each(['3', '-3'])(
    'covers a forward that is less certain than the spot, for a quantity of %s',
    (quantity) => {
      const { low } = surplusOf(quantity, { 'BTC-F#a': { price: '60000', confidence: '600' } });
      for (const forward of ['59400', '60600']) {
        const { point } = surplusOf(quantity, { 'BTC-F#a': { price: forward } });
        expect(low).toBeLessThanOrEqual(point);
      }
    },
  );
});

describe('a plan for options', () => {
  const option = {
    ...perpetual,
    type: 'option',
    optionType: 'call',
    strike: '60000',
    markFeed: 'BTC-C',
    expiresAt: String(NOW + 30 * 86_400_000),
  };
  const rule = { initial: { rate: '0.15' }, maintenance: { rate: '0.1' } };
  const market = marketOf({
    instruments: { 'BTC-CALL': option },
    class: { optionRule: { shortCall: rule } },
    quotes: { 'BTC-C#a': { price: '4000' } },
  });
  const account = (cash: string): AccountRows => ({
    balances: [{ asset: 'USD', amount: cash }],
    positions: [{ instrument: 'BTC-CALL', quantity: '-10', entryPrice: '4000' }],
  });

  /** Value −40,000, MM = 10·(6,000 + 4,000): at 100,000 of cash B = 60,000. */
  it('closes the share of the options that restores the account', () => {
    const snapshot = snapshotOf(market);
    const before = assess(crossOf(account('100000')), snapshot);
    expect(before.certainty !== 'indeterminate' && before.level).toBe('liquidation');
    const { orders, scope } = planLiquidation(crossOf(account('100000')), snapshot);
    expect([scope, orders.length]).toEqual(['partial', 1]);
    expect(orders[0]).toMatchObject({ kind: 'position', market: 'BTC-CALL', side: 'buy' });
    // Closing x leaves 10 − x: 60,000 ≥ 1.3·10,000·(10 − x) from x = 5.384615…
    expect(orders[0] && textOf(orders[0].quantity).slice(0, 8)).toBe('5.384615');
  });

  it('closes everything if no share suffices', () => {
    const { orders, scope } = planLiquidation(crossOf(account('1000')), snapshotOf(market));
    expect([scope, orders.map(({ quantity }) => textOf(quantity))]).toEqual(['whole', ['10']]);
  });
});

describe('an option whose figures are beyond what can be computed', () => {
  const option = {
    ...perpetual,
    type: 'option',
    strike: '60000',
    optionType: 'call',
    markFeed: 'OPTION',
    expiresAt: String(NOW + 86_400_000),
    riskClass: 'WILD',
  };
  const market: MarketRows = {
    instruments: { 'BTC-PERP': perpetual, OPTION: option },
    risk: {
      BTC: { volatility: '0.5', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
      WILD: {
        volatility: '0.5',
        rate: '1e9',
        optionRule: { shortCall: { initial: { rate: '0.1' }, maintenance: { rate: '0.1' } } },
      },
    },
    quotes: { 'BTC-USD#a': { price: '60000' }, 'OPTION#a': { impliedVolatility: '0.5' } },
  };
  const holds = (instrument: string): AccountRows => ({
    balances: [{ asset: 'USD', amount: '50000' }],
    positions: [{ instrument, quantity: '1', entryPrice: '60000' }],
  });

  it('leaves its holders indeterminate, and says where to look', () => {
    const outcome = assess(crossOf(holds('OPTION')), snapshotOf(market));
    expect(outcome).toMatchObject({
      certainty: 'indeterminate',
      reasons: [{ code: 'not-computable', subject: 'OPTION' }],
    });
    expect(outcome.reasons[0]?.detail).toMatch(
      /^instrument OPTION cannot be computed: .*\. Check its row, its quotes and risk class WILD$/,
    );
  });

  it('ends neither the check nor the assessment of any other account', () => {
    expect(assessed(holds('BTC-PERP'), snapshotOf(market)).level).toBe('healthy');
  });
});
