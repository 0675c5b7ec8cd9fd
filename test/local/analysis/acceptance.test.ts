import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantity } from '../../../lambda/margin/number/decimal.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { mostAccepted } from '../../../local/analysis/acceptance.ts';
import { readDocument } from '../../../local/analysis/document.ts';
import { readOrders } from '../../../local/analysis/orders.ts';
import { whatIf } from '../../../local/analysis/what-if.ts';
import { withdrawal } from '../../../local/analysis/withdrawal.ts';

const AS_OF = '2026-01-15T12:00:00Z';
const NOW = Date.parse(AS_OF);
const PLAIN = { latencyBuffer: 'none', uncertainty: 'none' };

interface Setting {
  readonly cash?: string;
  readonly held?: string;
  readonly policy?: object;
  readonly lotSize?: string;
  readonly publishedAt?: number;
}

function evidenceOf({ cash = '1000', held = '0', policy = PLAIN, ...rest }: Setting) {
  const { lotSize, publishedAt = NOW } = rest;
  const instrument = {
    type: 'perpetual',
    underlying: 'BTC-USD',
    settlementAsset: 'USD',
    riskClass: 'BTC',
    ...(lotSize === undefined ? {} : { lotSize }),
  };
  const document = {
    asOf: AS_OF,
    policy,
    assets: { BTC: { feed: 'BTC-USD', collateralWeight: '0.5', riskClass: 'BTC' } },
    instruments: { 'BTC-PERP': instrument },
    risk: {
      BTC: { volatility: '0.6', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
    },
    quotes: [{ feed: 'BTC-USD', source: 'venue', price: '100', publishedAt }],
    accounts: [
      {
        accountId: 'desk',
        balances: [
          { asset: 'USD', amount: cash },
          { asset: 'BTC', amount: '0' },
        ],
        positions: [{ instrument: 'BTC-PERP', quantity: held, entryPrice: '100' }],
      },
    ],
  };
  return readDocument(parseExactJson(JSON.stringify(document)));
}

function answer(setting: Setting, side: 'buy' | 'sell', count: string) {
  const orders = readOrders({ instrument: 'BTC-PERP', side, quantity: count });
  return whatIf(evidenceOf(setting), orders).acceptance[0];
}

describe('an order', () => {
  it('is accepted on the initial requirement exactly, and not one place beyond it', () => {
    const onLine = answer({}, 'buy', '100');
    expect(onLine).toMatchObject({
      isAccepted: true,
      most: { fraction: '1', quantities: ['100'] },
    });
    const beyond = answer({}, 'buy', '100.00000001');
    expect(beyond).toMatchObject({ isAccepted: false, most: { quantities: ['100'] } });
    expect(beyond?.why).toContain('the margin balance is 0.01 below the initial requirement');
  });

  it('is accepted at most in whole lots', () => {
    expect(answer({ lotSize: '3' }, 'sell', '120')).toMatchObject({
      isAccepted: false,
      most: { fraction: '0.825', quantities: ['99'] },
    });
  });

  it('must also clear the call line and the buffer, or it would be called at once', () => {
    const called = { policy: { ...PLAIN, callMultiplier: '4', liquidationTargetMultiplier: '4' } };
    expect(answer(called, 'buy', '100')).toMatchObject({ most: { quantities: ['50'] } });
    const most = answer({ policy: {} }, 'buy', '100')?.most.quantities[0];
    expect(Number(most)).toBeGreaterThan(80);
    expect(Number(most)).toBeLessThan(99);
  });

  it('that reduces the risk of an account below its initial requirement is accepted', () => {
    const below = { cash: '600', held: '100' };
    expect(answer(below, 'sell', '30')).toMatchObject({
      isAccepted: true,
      why: 'it reduces the risk of an account below the initial requirement and the buffer',
    });
    expect(answer(below, 'buy', '1')).toMatchObject({
      isAccepted: false,
      most: { fraction: '0', quantities: ['0'] },
    });
  });

  it('is rejected while a price in doubt decides', () => {
    const old = { publishedAt: NOW - 3_600_000, policy: {} };
    expect(answer({ ...old, cash: '3000' }, 'buy', '100')?.isAccepted).toBe(false);
    expect(answer({ ...old, cash: '9000' }, 'buy', '100')?.isAccepted).toBe(true);
  });

  it('of several is made smaller with the others', () => {
    const orders = readOrders([
      { instrument: 'BTC-PERP', side: 'buy', quantity: '100' },
      { asset: 'BTC', side: 'buy', quantity: '10' },
    ]);
    // B = 1000 − 1000·f·0.5 against 1000·f
    const [found] = whatIf(evidenceOf({}), orders).acceptance;
    expect(found?.most.fraction).toBe('0.666666');
  });
});

it('the most is accepted and one place more is not, whatever is held', () => {
  const held = fc.integer({ min: -150, max: 150 });
  const cash = fc.integer({ min: 100, max: 2000 });
  const side = fc.constantFrom('buy' as const, 'sell' as const);
  fc.assert(
    fc.property(held, cash, side, (position, usd, way) => {
      const setting = { held: String(position), cash: String(usd), lotSize: '1' };
      const found = answer(setting, way, '500');
      const most = Number(found?.most.quantities[0]);
      if (most > 0) expect(answer(setting, way, String(most))?.isAccepted).toBe(true);
      expect(answer(setting, way, String(most + 1))?.isAccepted).toBe(false);
    }),
    { numRuns: 40 },
  );
});

describe('a withdrawal', () => {
  const withdrawn = (setting: Setting, amount: string) =>
    withdrawal(evidenceOf(setting), {
      asset: 'USD',
      amount: amount === 'max' ? 'max' : quantity(amount),
    }).withdrawal;

  it('leaves the initial requirement, to the place', () => {
    const setting = { held: '50' };
    expect(withdrawn(setting, 'max')).toMatchObject({ isAccepted: true, amount: '500' });
    expect(withdrawn(setting, '500')).toMatchObject({ isAccepted: true, most: '500' });
    expect(withdrawn(setting, '500.01')).toMatchObject({ isAccepted: false, most: '500' });
  });

  it('is the whole balance of an account without positions, and never more', () => {
    expect(withdrawn({ cash: '10.123' }, 'max')).toMatchObject({ amount: '10.123' });
    expect(withdrawn({ cash: '10' }, '11').why).toBe('it is more than the balance of 10');
  });

  it('is refused below the initial requirement', () => {
    expect(withdrawn({ held: '100', cash: '900' }, 'max')).toMatchObject({ most: '0' });
  });

  it('names the balances there are', () => {
    const asked = { asset: 'ETH', amount: 'max' } as const;
    expect(() => withdrawal(evidenceOf({}), asked)).toThrow(
      '--withdraw: desk has no ETH to withdraw; it has USD',
    );
  });
});

it('finds an accepted range that does not begin at 0', () => {
  expect(mostAccepted(1000, (steps) => steps >= 300 && steps <= 777)).toBe(777);
  expect(mostAccepted(1_000_000, (steps) => steps <= 3)).toBe(3);
  expect(mostAccepted(0, () => true)).toBe(0);
});
