import { describe, expect, it } from 'vitest';
import { capacityKey, RemainingCapacity } from '../../../../lambda/margin/liquidation/capacity.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { amount, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../../../lambda/rows/read-market.ts';
import { VENUES } from '../../../../lambda/rows/venues/venues.ts';
import { afterPlan } from '../../../../local/analysis/after-plan.ts';
import { type AccountRows, crossOf, type MarketRows, snapshotOf, tableRowsOf } from '../build.ts';

const perpetual = (underlying: string): RawRow => ({
  ...{ type: 'perpetual', underlying, settlementAsset: 'USD', riskClass: 'X' },
});

const marketOf = (backstop?: RawRow): MarketRows => ({
  policy: {
    callMultiplier: '1',
    liquidationTargetMultiplier: '1',
    ...(backstop && { backstop }),
  },
  instruments: { 'X-PERP': perpetual('X'), 'Y-PERP': perpetual('Y') },
  risk: {
    X: {
      margin: { type: 'flat', initial: '0.2', maintenance: '0.1' },
      volatility: '0.6',
      liquidity: { fee: '0.001', liquidationFee: '0.01' },
    },
  },
  quotes: { 'X#a': { price: '100' }, 'Y#a': { price: '10' } },
});

/** 100 X long and 100 Y short at their marks: MM = 1,000 + 100. */
const holding = (usd: string): AccountRows => ({
  balances: [{ asset: 'USD', amount: usd }],
  positions: [
    { instrument: 'X-PERP', quantity: '100', entryPrice: '100' },
    { instrument: 'Y-PERP', quantity: '-100', entryPrice: '10' },
  ],
});

const planned = (usd: string, backstop?: RawRow, deleveraged?: ReadonlyMap<string, never>) =>
  planLiquidation(crossOf(holding(usd)), snapshotOf(marketOf(backstop)), {
    generation: 1,
    capacity: new Map(),
    deleveraged,
  });

const HALF = { below: '0.5' };

describe('a backstop', () => {
  /** Half of 1,100 is 550. */
  it.each<[string, boolean]>([
    ['549.99', true],
    ['550', false],
    ['550.01', false],
  ])('takes the positions below a share of maintenance: %s', (usd, isTaken) => {
    const { orders } = planned(usd, HALF);
    expect(orders.length > 0 && orders.every(({ taker }) => taker === 'backstop')).toBe(isTaken);
  });

  it('takes them whole at the mark, without fees, and says so', () => {
    const plan = planned('330', HALF);
    expect(
      plan.orders.map(({ market, side, quantity, limitPrice, liquidationFee }) => [
        ...[market, side, textOf(quantity), limitPrice && textOf(limitPrice), liquidationFee],
      ]),
    ).toEqual([
      ['X-PERP', 'sell', '100', '100', undefined],
      ['Y-PERP', 'buy', '100', '10', undefined],
    ]);
    expect(plan).toMatchObject({ scope: 'whole', carriedOver: [] });
    expect(plan.why).toMatch(/below 50 % of .* the backstop takes all positions at the mark/);
  });

  /** 330 ÷ 1,100 of 10 % of each notional: 3 % from the mark, which leaves the account nothing. */
  it('takes them at the bankruptcy price where the rules say so', () => {
    const { orders } = planned('330', { ...HALF, price: 'bankruptcy' });
    expect(orders.map(({ limitPrice }) => limitPrice && textOf(limitPrice))).toEqual([
      '97',
      '10.3',
    ]);
  });

  it('takes the largest first where they are more than one plan holds, and says so', () => {
    const names = Array.from({ length: 203 }, (_, index) => `P${index}`);
    const market = marketOf(HALF);
    const instruments = Object.fromEntries(names.map((name) => [name, perpetual('X')]));
    const positions = names.map((instrument, index) => ({
      ...{ instrument, quantity: String(index + 1), entryPrice: '100' },
    }));
    const account = { balances: [{ asset: 'USD', amount: '100' }], positions };
    const plan = planLiquidation(crossOf(account), snapshotOf({ ...market, instruments }));
    expect([plan.orders.length, plan.scope, plan.orders[0]?.market]).toEqual([
      ...[200, 'partial', 'P202'],
    ]);
    expect(plan.why).toMatch(/the largest 200 of 203 positions; the next generation of the plan/);
  });

  /** 100·3 + 100·0.3 are all of the 330. */
  it.each<[string, string]>([
    ['mark', '330'],
    ['bankruptcy', '0'],
  ])('leaves the account what its price leaves: %s', (price, equity) => {
    const snapshot = snapshotOf(marketOf({ ...HALF, price }));
    const plan = planLiquidation(crossOf(holding('330')), snapshot);
    const { outcome } = afterPlan(crossOf(holding('330')), plan, snapshot).assessed;
    expect(outcome.certainty === 'certain' && textOf(outcome.equity.point)).toBe(equity);
  });

  /** Two thirds of 1,100 is 733.33…; of 1,650 it is 1,100. */
  it.each<[string, string, boolean]>([
    ['-100', '733.333333333333', true],
    ['-100', '733.333333333334', false],
    ['-650', '1099.99999999', true],
    ['-650', '1100', false],
  ])('is Hyperliquid’s below two thirds, not at it: %s Y and %s USD', (short, usd, isTaken) => {
    const backstop = VENUES.get('hyperliquid-10x')?.policy?.backstop as RawRow;
    const [long, other] = holding(usd).positions ?? [];
    const account = {
      balances: [{ asset: 'USD', amount: usd }],
      positions: [long as RawRow, { ...other, quantity: short }],
    };
    const { orders, why } = planLiquidation(crossOf(account), snapshotOf(marketOf(backstop)));
    expect(orders.some(({ taker }) => taker === 'backstop')).toBe(isTaken);
    if (isTaken) expect(why).toMatch(/below 66.6666 % of/);
  });

  it('takes no capacity of the market', () => {
    const { orders } = planned('330', HALF);
    const key = capacityKey('X-PERP', 'sell');
    const left = new RemainingCapacity(new Map([[key, amount('5000')]]));
    left.take({ orders });
    expect(left.within(['X-PERP']).get(key)).toEqual(amount('5000'));
  });

  it('is absent without the rule', () => {
    expect(planned('330').orders.some(({ taker }) => taker !== undefined)).toBe(false);
  });

  it.each<[string, unknown, RegExp]>([
    ['a share of 0', { below: '0' }, /backstop.below must be above 0/],
    ['a share above 1', { below: '1.1' }, /backstop.below must lie between 0 and 1/],
    ['no share', {}, /backstop.below is missing/],
    ['another price', { below: '1', price: 'index' }, /backstop.price/],
  ])('refuses %s', (_, backstop, message) => {
    expect(() => readMarket(tableRowsOf({ policy: { backstop } as RawRow }))).toThrow(message);
    expect(() => readMarket(tableRowsOf({ policy: { backstop } as RawRow }))).toThrow(PolicyError);
  });
});
