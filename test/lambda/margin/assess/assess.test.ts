import { describe, expect, it } from 'vitest';
import { assess, isSafe } from '../../../../lambda/margin/assess/assess.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  crossOf,
  type MarketRows,
  NOW,
  plain,
  snapshotOf,
  subAccountsOf,
  textsOf,
} from '../build.ts';

const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const perpetual = { type: 'perpetual', settlementAsset: 'USD' };

/** Λ is the jump floor of 2 % and U the deviation of 1 %. Gap and execution time are 0. */
const market: MarketRows = {
  policy: {
    latencyBuffer: 'standard',
    uncertainty: 'standard',
    executionSeconds: '0',
    deviation: '0.01',
  },
  gapSeconds: 0,
  instruments: {
    'BTC-PERP': { ...perpetual, underlying: 'BTC-USD', riskClass: 'FLAT' },
    'ETH-PERP': { ...perpetual, underlying: 'ETH-USD', riskClass: 'FLAT' },
  },
  risk: { FLAT: { margin: flat, volatility: '0.8', jumpFloor: '0.02' } },
  quotes: { 'BTC-USD#a': { price: '60000' }, 'ETH-USD#a': { price: '3000' } },
};

const withPolicy = (policy: object): MarketRows => ({
  ...market,
  policy: { ...market.policy, ...policy },
});

const cash = (amount: string) => [{ asset: 'USD', amount }];
const position = (instrument: string, quantity: string, entryPrice: string) => ({
  instrument,
  quantity,
  entryPrice,
});
const longBtc = position('BTC-PERP', '1', '60000');
const shortEth = position('ETH-PERP', '-10', '3000');

const outcomeOf = (rows: AccountRows, of = market) => assessed(rows, snapshotOf(of));

/**
 * Cash 10,000, +1 BTC from 60,000 at 60,000. MM 3,000, IM 6,000. h falls by 57,000 per unit of x,
 * so LB = 57,000 · 2 % = 1,140. Over ±1 %: equity ±600, MM ∓30.
 */
describe('the assessment of one long, calculated by hand', () => {
  const outcome = outcomeOf({ balances: cash('10000'), positions: [longBtc] });

  it('has its equity and margin balance over the uncertainty', () => {
    expect(textsOf(outcome.equity)).toEqual(['9400', '10000', '10600']);
    expect(textsOf(outcome.marginBalance)).toEqual(['9400', '10000', '10600']);
  });

  it('has its requirements and its latency buffer', () => {
    expect(textOf(outcome.initialRequirement)).toBe('6000');
    expect(textOf(outcome.maintenanceRequirement)).toBe('3000');
    expect(textOf(outcome.latencyBuffer)).toBe('1140');
  });

  it('has three lines: MM + LB, 1.25·MM + LB and IM + LB', () => {
    expect(plain({ ...outcome.lines })).toEqual({
      liquidation: '4140',
      call: '4890',
      restore: '7140',
    });
  });

  it('has a surplus over each of the three lines', () => {
    expect(textsOf(outcome.surplus.liquidation)).toEqual(['5290', '5860', '6430']);
    expect(textsOf(outcome.surplus.call)).toEqual(['4547.5', '5110', '5672.5']);
    expect(textsOf(outcome.surplus.restore)).toEqual(['2320', '2860', '3400']);
  });

  it('has the details of its risk factor', () => {
    const [detail, ...others] = outcome.factors;
    if (detail === undefined) throw new Error('there is no factor');
    expect(others).toEqual([]);
    const { factor, loss, greeks: _greeks, scans: _scans, optionBooks: _books, ...values } = detail;
    expect(factor).toBe('BTC-USD');
    expect(plain(loss)).toEqual({ down: '1140', up: '-1140', worst: '1140' });
    expect(plain(values)).toEqual({
      uncertainty: '0.01',
      shock: '0.02',
      shockDown: '0.02',
      shockUp: '0.02',
      forecastDown: '0.02',
      forecastUp: '0.02',
      equity: '0',
      balance: '0',
      initial: '6000',
      maintenance: '3000',
    });
  });

  it('is certainly healthy', () => {
    expect(outcome).toMatchObject({
      level: 'healthy',
      certainty: 'certain',
      isLiquidationWithheld: false,
      reasons: [],
    });
  });
});

/** The same with −1 BTC: h falls by 63,000 per unit of x upward, so LB = 1,260. */
describe('the assessment of one short, calculated by hand', () => {
  const short = position('BTC-PERP', '-1', '60000');
  const outcome = outcomeOf({ balances: cash('10000'), positions: [short] });

  it('has its worst loss on a rise', () => {
    expect(textsOf(outcome.equity)).toEqual(['9400', '10000', '10600']);
    expect(textOf(outcome.latencyBuffer)).toBe('1260');
    expect(textsOf(outcome.surplus.liquidation)).toEqual(['5110', '5740', '6370']);
  });
});

describe('the lines', () => {
  it('are multiples of the maintenance requirement by the policy, each plus the buffer', () => {
    const policy = {
      liquidationMultiplier: '1.1',
      callMultiplier: '1.5',
      liquidationTargetMultiplier: '1.5',
    };
    const outcome = outcomeOf(
      { balances: cash('10000'), positions: [longBtc] },
      withPolicy(policy),
    );
    // h now falls by 60,000 · (1 − 1.1·5 %) = 56,700 per unit, so LB = 1,134.
    expect(plain({ ...outcome.lines })).toEqual({
      liquidation: '4434',
      call: '5634',
      restore: '7134',
    });
    expect(textOf(outcome.surplus.liquidation.point)).toBe('5566');
    expect(textOf(outcome.surplus.call.point)).toBe('4366');
  });

  it('restore to the call line if the initial requirement is below it', () => {
    const margin = { ...flat, initial: '0.06' };
    // The rates leave less than the jump: 0.01/1.05.
    const of = { ...market, risk: { FLAT: { ...market.risk?.FLAT, margin, shockMax: '0.02' } } };
    const { lines, surplus } = outcomeOf({ balances: cash('10000'), positions: [longBtc] }, of);
    expect(plain({ ...lines })).toEqual({ liquidation: '4140', call: '4890', restore: '4890' });
    expect(textsOf(surplus.restore)).toEqual(textsOf(surplus.call));
  });

  /** Initial is 20 % of BTC and 5 % of ETH: IM 13,500, 1.25·MM 5,625. The sums are compared. */
  it('restore to the larger of the two sums, not to the sum of the larger parts', () => {
    const risk = {
      WIDE: { ...market.risk?.FLAT, margin: { ...flat, initial: '0.2' } },
      EVEN: { ...market.risk?.FLAT, margin: { ...flat, initial: '0.05' } },
    };
    const instruments = {
      'BTC-PERP': { ...perpetual, underlying: 'BTC-USD', riskClass: 'WIDE' },
      'ETH-PERP': { ...perpetual, underlying: 'ETH-USD', riskClass: 'EVEN' },
    };
    const rows = { balances: cash('30000'), positions: [longBtc, shortEth] };
    const { lines, surplus } = outcomeOf(rows, {
      ...market,
      policy: { latencyBuffer: 'none', uncertainty: 'none' },
      instruments,
      risk,
    });
    expect(plain({ ...lines })).toEqual({ liquidation: '4500', call: '5625', restore: '13500' });
    expect(textOf(surplus.restore.point)).toBe('16500');
  });
});

/** +1 BTC loses 57,000·2 % down, −10 ETH lose 31,500·2 % up. Together: 510 down, −510 up. */
describe('the buffer of a hedged book on two risk factors', () => {
  const rows = { balances: cash('10000'), positions: [longBtc, shortEth] };
  const bufferAt = (jointShockWeight: string, of: AccountRows = rows) =>
    textOf(outcomeOf(of, withPolicy({ jointShockWeight })).latencyBuffer);

  it.each([
    ['0', 'the sum of both losses', '1770'],
    ['1', 'the worse of all down and all up', '510'],
    ['0.5', 'half of each', '1140'],
    ['0.25', 'three quarters and one', '1455'],
  ])('with the weight φ = %s is %s', (weight, _, buffer) => {
    expect(bufferAt(weight)).toBe(buffer);
  });

  it('uses the joint rise if that is worse than the joint fall', () => {
    const positions = [position('BTC-PERP', '-1', '60000'), position('ETH-PERP', '10', '3000')];
    // BTC −63,000 and ETH +28,500. A joint rise loses 1,260 − 570; separately they lose 1,260 +
    // 570.
    expect(bufferAt('1', { positions })).toBe('690');
    expect(bufferAt('0', { positions })).toBe('1830');
  });

  it('is the same for every φ if both factors lose in the same direction', () => {
    const positions = [longBtc, position('ETH-PERP', '10', '3000')];
    for (const weight of ['0', '0.5', '1']) expect(bufferAt(weight, { positions })).toBe('1710');
  });

  it('is zero without positions, and zero if the policy turns it off', () => {
    expect(bufferAt('1', { balances: cash('10000') })).toBe('0');
    const { latencyBuffer } = outcomeOf(rows, withPolicy({ latencyBuffer: 'none' }));
    expect(textOf(latencyBuffer)).toBe('0');
  });
});

describe('the buffer in closed form, LB = |slope of h| · Λ', () => {
  /** 2 BTC at w 0.9, less 1 BTC short: 108,000 − 60,000 − 3,000. */
  it('nets collateral and a position on one risk factor', () => {
    const of = {
      ...market,
      assets: { BTC: { feed: 'BTC-USD', collateralWeight: '0.9', riskClass: 'FLAT' } },
    };
    const rows = {
      balances: [{ asset: 'BTC', amount: '2' }],
      positions: [position('BTC-PERP', '-1', '50000')],
    };
    expect(textOf(outcomeOf(rows, of).latencyBuffer)).toBe('900');
  });
});

describe('an isolated position', () => {
  it('is assessed on its own, separately from the cross book', () => {
    const rows = {
      balances: cash('10000'),
      positions: [{ ...longBtc, isolatedMargin: '4000' }],
    };
    const snapshot = snapshotOf(market);
    const [cross, isolated] = subAccountsOf(rows).map((sub) => assess(sub, snapshot));
    if (cross?.certainty === 'indeterminate' || isolated?.certainty === 'indeterminate') {
      throw new Error('both are known');
    }
    expect(cross && textsOf(cross.surplus.liquidation)).toEqual(['10000', '10000', '10000']);
    // 4,000 against a liquidation line of 4,140, with ±570 of uncertainty.
    expect(isolated && textsOf(isolated.surplus.liquidation)).toEqual(['-710', '-140', '430']);
    expect(isolated?.level).toBe('call');
    expect(isolated?.isLiquidationWithheld).toBe(true);
  });
});

describe('an empty account', () => {
  it('is certainly healthy, with every surplus at 0', () => {
    const outcome = outcomeOf({});
    expect(outcome).toMatchObject({ level: 'healthy', certainty: 'certain', factors: [] });
    expect(textsOf(outcome.surplus.restore)).toEqual(['0', '0', '0']);
  });
});

/** With cash C: liquidation surplus C − 4,140 ± 570, call C − 4,890 ± 562.5, equity C ± 600. */
describe('the level of one long at different amounts of cash', () => {
  const levelAt = (amount: string, of = market) => {
    const outcome = outcomeOf({ balances: cash(amount), positions: [longBtc] }, of);
    const { level, certainty, isLiquidationWithheld } = outcome;
    return [level, certainty, isLiquidationWithheld];
  };

  it.each([
    ['5452.5', 'healthy', 'certain', false],
    ['5452.49', 'healthy', 'uncertain', false],
    ['4890', 'healthy', 'uncertain', false],
    ['4889.99', 'call', 'uncertain', false],
    ['4710', 'call', 'uncertain', false],
    ['4709.99', 'call', 'uncertain', false],
    ['4140', 'call', 'uncertain', false],
    ['4139.99', 'call', 'uncertain', true],
    ['3570', 'call', 'uncertain', true],
    ['3569.99', 'liquidation', 'certain', false],
    ['0', 'liquidation', 'certain', false],
    ['-600', 'liquidation', 'certain', false],
    ['-600.01', 'deficit', 'certain', false],
  ])(
    'with cash %s is %s and %s, with the liquidation withheld %s',
    (amount, level, certainty, isWithheld) => {
      expect(levelAt(amount)).toEqual([level, certainty, isWithheld]);
    },
  );

  it('is healthy at an equity equal to the maintenance requirement, without uncertainty and buffer', () => {
    const bare = withPolicy({ latencyBuffer: 'none', uncertainty: 'none', callMultiplier: '1' });
    expect(levelAt('3000', bare)).toEqual(['healthy', 'certain', false]);
    expect(levelAt('2999.999999999999', bare)).toEqual(['liquidation', 'certain', false]);
  });
});

describe('the screen for safe accounts', () => {
  const isSafeWith = (account: AccountRows, of = market) => {
    const snapshot = snapshotOf(of);
    return isSafe(bookOf(account, snapshot), snapshot.policy);
  };

  /** The call surplus is C − 4,890, and 562.5 less at its low end. */
  it.each([
    ['5452.49', false],
    ['5452.5', true],
    ['9999', true],
    ['-9999', false],
  ])('decides whether one long with cash %s is safe: %s', (held, passes) => {
    expect(isSafeWith({ balances: cash(held), positions: [longBtc] })).toBe(passes);
  });

  it('passes an empty account and one with cash, but not one with a debt', () => {
    expect(isSafeWith({})).toBe(true);
    expect(isSafeWith({ balances: cash('0.01') })).toBe(true);
    expect(isSafeWith({ balances: cash('-0.01') })).toBe(false);
  });

  /** Line 1.25·4,500 = 5,625. Uncertainty: BTC 562.5, ETH 318.75. Losses: 1,140 and 630. */
  it.each(['0', '1'])(
    'adds up the losses on two risk factors, whatever φ is: %s',
    (jointShockWeight) => {
      const of = withPolicy({ jointShockWeight });
      const positions = [longBtc, shortEth];
      expect(isSafeWith({ balances: cash('8276.25'), positions }, of)).toBe(true);
      expect(isSafeWith({ balances: cash('8276.24'), positions }, of)).toBe(false);
    },
  );
});

describe('prices that may not be acted on', () => {
  const rows = { balances: cash('1000'), positions: [longBtc] };
  const aged = (ageMs: number) => ({
    ...market,
    policy: { ...market.policy, shockQuantile: '0.001' },
    quotes: { 'BTC-USD#a': { price: '60000', publishedAt: String(NOW - ageMs) } },
  });

  it('withhold a liquidation, and say why', () => {
    const outcome = outcomeOf(rows, aged(120_000));
    expect(outcome).toMatchObject({
      level: 'call',
      isLiquidationWithheld: true,
      reasons: [
        {
          code: 'price-too-old-to-act',
          subject: 'BTC-USD',
          detail: 'BTC-USD: the price is 120 s old, which is too old for a liquidation',
        },
      ],
    });
  });

  it('are acted on 1 ms before they are too old', () => {
    const outcome = outcomeOf(rows, aged(119_999));
    expect(outcome).toMatchObject({ level: 'liquidation', reasons: [] });
  });

  /** Long 1 BTC from 60,000: at 40,000 it has lost 20,000. */
  const jumped = { ...market, previousPrices: { 'BTC-USD': '40000' } };

  it.each([
    ['safe at both prices', '90000', 'healthy'],
    ['breached at both prices', '1000', 'liquidation'],
  ])('leave no doubt after a jump if the account is %s', (_, usd, level) => {
    const outcome = outcomeOf({ ...rows, balances: cash(usd) }, jumped);
    expect(outcome).toMatchObject({ level, isLiquidationWithheld: false, reasons: [] });
  });

  it('leave the level open after a jump if the account is safe at one of the prices only', () => {
    const outcome = assess(crossOf({ ...rows, balances: cash('10000') }), snapshotOf(jumped));
    expect(outcome).toMatchObject({
      certainty: 'indeterminate',
      reasons: [{ code: 'price-suspect', subject: 'BTC-USD' }],
    });
  });

  it('are no reason for anything if the account is healthy', () => {
    const outcome = outcomeOf({ ...rows, balances: cash('90000') }, aged(120_000));
    expect(outcome).toMatchObject({ level: 'healthy', reasons: [] });
  });

  it('do not leave the level open if they are only old, whatever they hedge', () => {
    const hedged = {
      balances: cash('100'),
      positions: [longBtc, { ...longBtc, instrument: 'BTC-MARKED', quantity: '-1' }],
    };
    const { 'BTC-PERP': perpetual } = market.instruments ?? {};
    const instruments = { ...market.instruments, 'BTC-MARKED': { ...perpetual, markFeed: 'MARK' } };
    const levelAt = (ageMs: number, usd: string) => {
      const quotes = {
        'BTC-USD#a': { price: '60000', publishedAt: String(NOW - ageMs) },
        'MARK#a': { price: '60000', confidence: '600' },
      };
      const policy = { ...market.policy, uncertainty: 'standard', shockQuantile: '0.001' };
      return outcomeOf(
        { ...hedged, balances: cash(usd) },
        { ...market, policy, instruments, quotes },
      );
    };
    for (const usd of ['100', '7000', '7500', '8000', '9000', '20000']) {
      const { certainty } = levelAt(120_000, usd);
      expect([usd, certainty]).not.toEqual([usd, 'indeterminate']);
    }
    expect(levelAt(119_999, '100')).toMatchObject({ level: 'liquidation' });
    expect(levelAt(120_000, '100')).toMatchObject({ level: 'call', isLiquidationWithheld: true });
  });

  it('have no effect if they are on a feed that the account does not use', () => {
    const quotes = {
      ...market.quotes,
      'ETH-USD#a': { price: '3000', publishedAt: String(NOW - 200_000) },
    };
    expect(outcomeOf(rows, { ...market, quotes })).toMatchObject({ level: 'liquidation' });
  });
});
