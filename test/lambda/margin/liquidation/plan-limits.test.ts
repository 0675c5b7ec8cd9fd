import { describe, expect, it } from 'vitest';
import { type Capacity, capacityKey } from '../../../../lambda/margin/liquidation/capacity.ts';
import type { Plan, Side } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { FIRST_PLAN, planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { amount, quantity, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, crossOf, type MarketRows, snapshotOf } from '../build.ts';

const perpetual = { type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD' };
const flat = (maintenance: string, cost: string): RawRow => ({
  margin: { type: 'flat', initial: maintenance, maintenance },
  volatility: '0.8',
  liquidity: { slippage: cost },
});

/**
 * At 10,000, no buffer and no uncertainty; κ 1.2. Per unit of notional, A relieves 5.25 % and B 2.3
 * %.
 */
const marketWith = (policy: RawRow = {}, grain: RawRow = {}): MarketRows => ({
  policy: { liquidationTargetMultiplier: '1.2', callMultiplier: '1.2', ...policy },
  instruments: {
    A: { ...perpetual, riskClass: 'A', ...grain },
    B: { ...perpetual, riskClass: 'B' },
  },
  risk: { A: flat('0.05', '0.0075'), B: flat('0.02', '0.001') },
  quotes: { 'BTC-USD#a': { price: '10000' } },
});

const position = (instrument: string, quantity: string): RawRow => ({
  instrument,
  quantity,
  entryPrice: '10000',
});

/** Long 1 of A: MM 500, target 600. */
const holding = (cash: string, ...positions: RawRow[]): AccountRows => ({
  balances: [{ asset: 'USD', amount: cash }],
  positions: positions.length > 0 ? positions : [position('A', '1')],
});

const capacityIn = (...capacities: readonly (readonly [string, Side, string])[]): Capacity =>
  new Map(
    capacities.map(([market, side, notional]) => [capacityKey(market, side), amount(notional)]),
  );

const briefly = ({ scope, orders, carriedOver }: Plan) => [
  scope,
  ...orders.map(({ side, quantity, market }) => `${side} ${textOf(quantity)} ${market}`),
  ...carriedOver.map(
    ({ side, notional, market }) => `later: ${side} ${textOf(notional)} of ${market}`,
  ),
];

const planOf = (account: AccountRows, rows: MarketRows, limits = FIRST_PLAN) =>
  planLiquidation(crossOf(account), snapshotOf(rows), limits);

describe('a lot size', () => {
  it.each([
    ['0.1', 'sell 0.4 A'],
    ['0.38', 'sell 0.76 A'],
    ['0.38095239', 'sell 0.38095239 A'],
  ])('with lots of %s rounds a quantity up', (lotSize, order) => {
    expect(briefly(planOf(holding('400'), marketWith({}, { lotSize })))).toEqual([
      'partial',
      order,
    ]);
  });

  it('does not prevent a position from being closed completely', () => {
    const account = holding('4', position('A', '0.95'));
    expect(briefly(planOf(account, marketWith({}, { lotSize: '0.5' })))).toEqual([
      'whole',
      'sell 0.95 A',
    ]);
  });
});

describe('the minimum notional of an order', () => {
  it('raises an order below the minimum notional', () => {
    const rows = marketWith({}, { minNotional: '5000' });
    expect(briefly(planOf(holding('400'), rows))).toEqual(['partial', 'sell 0.5 A']);
  });

  it('closes the whole position if the rest could not be closed later', () => {
    const rows = marketWith({}, { minNotional: '6200' });
    expect(briefly(planOf(holding('400'), rows))).toEqual(['whole', 'sell 1 A']);
    const leaves = marketWith({}, { minNotional: '5000.01' });
    expect(briefly(planOf(holding('400'), leaves))).toEqual(['whole', 'sell 1 A']);
  });
});

describe('a position of 10,000', () => {
  it.each([
    ['9999.99', 'partial', 'sell 0.38095239 A'],
    ['10000', 'whole', 'sell 1 A'],
    ['10000.01', 'whole', 'sell 1 A'],
  ])('with closeWholeBelow %s is closed in scope %s', (closeWholeBelow, scope, order) => {
    expect(briefly(planOf(holding('400'), marketWith({ closeWholeBelow })))).toEqual([
      scope,
      order,
    ]);
  });
});

describe('a large position', () => {
  const shares = { firstShareAbove: '9999.99' };

  it('is closed by a share in the first plan', () => {
    const plan = planOf(holding('400'), marketWith(shares));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.2 A']);
    expect(plan.why).toBe(
      'a first share of each large position; the next generation of the plan continues',
    );
  });

  it('is closed as far as needed in the next plan', () => {
    const plan = planOf(holding('400'), marketWith(shares), { ...FIRST_PLAN, generation: 2 });
    expect(briefly(plan)).toEqual(['partial', 'sell 0.38095239 A']);
  });

  it('is closed as far as needed in the first plan if that is less than the share', () => {
    const plan = planOf(holding('570'), marketWith(shares));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.05714286 A']);
  });

  it('is closed without a first share exactly at the size limit', () => {
    const plan = planOf(holding('400'), marketWith({ firstShareAbove: '10000' }));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.38095239 A']);
  });

  it.each<[string, RawRow, string]>([
    ['one lot', { lotSize: '0.3' }, 'sell 0.3 A'],
    ['the minimum notional', { minNotional: '2500' }, 'sell 0.25 A'],
    ['one lot that is all of it', { lotSize: '1' }, 'sell 1 A'],
  ])('is closed by %s in the first plan if the share is less', (_, grain, order) => {
    for (const cash of ['400', '-1']) {
      const { orders, why } = planOf(holding(cash), marketWith(shares, grain));
      const [first] = orders;
      expect(first && `${first.side} ${textOf(first.quantity)} ${first.market}`, why).toBe(order);
    }
  });

  it('is also closed by only a share if everything has to be closed', () => {
    const plan = planOf(holding('-1'), marketWith(shares));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.2 A']);
    expect(plan.why).toBe(
      'everything has to be closed, because no partial close restores the account: ' +
        'its equity is below 0; a first share of each large position; ' +
        'the next generation of the plan continues',
    );
  });
});

describe('the capacity of a market', () => {
  const limited = (...capacities: readonly (readonly [string, Side, string])[]) => ({
    ...FIRST_PLAN,
    capacity: capacityIn(...capacities),
  });

  it('changes nothing if it suffices', () => {
    const plan = planOf(holding('400'), marketWith(), limited(['A', 'sell', '3809.5239']));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.38095239 A']);
  });

  it('is used up if it does not suffice, and the rest is carried over', () => {
    const plan = planOf(holding('400'), marketWith(), limited(['A', 'sell', '1000']));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.1 A', 'later: sell 2809.5239 of A']);
    expect(plan.why).toBe(
      'as much as the capacity of the markets allows at this check; the rest is carried over',
    );
  });

  it('has no effect on the opposite side', () => {
    const plan = planOf(holding('400'), marketWith(), limited(['A', 'buy', '0']));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.38095239 A']);
  });

  it('orders nothing and carries everything over if it is 0', () => {
    const plan = planOf(holding('400'), marketWith(), limited(['A', 'sell', '0']));
    expect(briefly(plan)).toEqual(['partial', 'later: sell 3809.5239 of A']);
  });

  it('counts as 0 if it is less than a lot or than the minimum notional', () => {
    const capacity = limited(['A', 'sell', '1000']);
    for (const grain of [{ lotSize: '0.3' }, { minNotional: '1500' }]) {
      const { orders } = planOf(holding('400'), marketWith({}, grain), capacity);
      expect(orders).toEqual([]);
    }
  });

  it('also limits a plan that has to close everything', () => {
    const plan = planOf(holding('-1'), marketWith(), limited(['A', 'sell', '2500']));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.25 A', 'later: sell 7500 of A']);
    expect(plan.why).toBe(
      'everything has to be closed, because no partial close restores the account: ' +
        'its equity is below 0; as much as the capacity of the markets allows at this check; ' +
        'the rest is carried over',
    );
  });

  it('also limits a small position that would be closed completely', () => {
    const rows = marketWith({ closeWholeBelow: '20000' });
    const plan = planOf(holding('400'), rows, limited(['A', 'sell', '1000']));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.1 A', 'later: sell 9000 of A']);
  });

  /** B relieves 2.3 % of its 10,000, A the rest. */
  it('sends the rest to the next market if the cheapest one is full', () => {
    const account = holding('650', position('A', '1'), position('B', '-1'));
    expect(briefly(planOf(account, marketWith()))).toEqual(['partial', 'buy 0.82608696 B']);
    const plan = planOf(account, marketWith(), limited(['B', 'buy', '1000']));
    expect(briefly(plan)).toEqual(['partial', 'sell 0.31809524 A', 'buy 0.1 B']);
  });
});

describe('a deleveraged quantity', () => {
  const owing = holding('-600', position('A', '1'), position('B', '2'));
  const handing = (deleveraged: Readonly<Record<string, string>>, grain: RawRow = {}) =>
    planOf(owing, marketWith({}, grain), {
      ...FIRST_PLAN,
      deleveraged: new Map(Object.entries(deleveraged).map(([id, of]) => [id, quantity(of)])),
    });

  it('is left out of the orders, and the plan says so', () => {
    const plan = handing({ A: '0.6' });
    expect(briefly(plan)).toEqual(['whole', 'sell 2 B', 'sell 0.4 A']);
    expect(plan.why).toContain('goes to counterparties');
  });

  it('may be all of one instrument, or all of everything', () => {
    expect(briefly(handing({ A: '1' }))).toEqual(['whole', 'sell 2 B']);
    expect(briefly(handing({ A: '1', B: '2' }))).toEqual(['whole']);
  });

  it('leaves no remainder below a lot, which is closed with the rest', () => {
    expect(briefly(handing({ A: '0.6' }, { lotSize: '0.3' }))).toEqual([
      'whole',
      'sell 2 B',
      'sell 0.4 A',
    ]);
  });

  it('changes nothing if there is none', () => {
    expect(handing({})).toEqual(planOf(owing, marketWith()));
  });
});

describe('a hedge with little market capacity for one leg', () => {
  const hedge = [position('A', '2'), position('B', '-2')];
  const rows: MarketRows = {
    ...marketWith({ latencyBuffer: 'standard' }),
    risk: {
      A: { ...flat('0.02', '0.0075'), jumpFloor: '0.05', shockMax: '1' },
      B: { ...flat('0.02', '0.001'), jumpFloor: '0.05', shockMax: '1' },
    },
  };

  it('is closed no further than that leg, even though its equity is below 0', () => {
    const limits = { ...FIRST_PLAN, capacity: capacityIn(['A', 'sell', '5000']) };
    const plan = planOf(holding('-100', ...hedge), rows, limits);
    expect(briefly(plan).slice(0, 3)).toEqual(['partial', 'sell 0.5 A', 'buy 0.5 B']);
  });

  it('is closed as far as the unhedged leg has the capacity', () => {
    const limits = { ...FIRST_PLAN, capacity: capacityIn(['B', 'buy', '5000']) };
    const bare = [position('A', '6'), position('B', '-1')];
    const [, first] = briefly(planOf(holding('-100', ...bare), rows, limits));
    expect(first).toBe('sell 6 A');
  });
});

describe('a policy with callAt initial', () => {
  it('makes plans restore the initial requirement if that is more than κ·MM', () => {
    const rows = marketWith({ callAt: 'initial' });
    const risk = {
      ...rows.risk,
      A: { ...rows.risk?.A, margin: { type: 'flat', initial: '0.2', maintenance: '0.05' } },
    };
    // IM 2,000, MM 500, B 1,500: above κ·MM = 600, and 500 below IM, at 0.2 − 0.0075 per unit.
    const plan = planOf(holding('1500'), { ...rows, risk });
    expect(briefly(plan)).toEqual(['partial', 'sell 0.25974026 A']);
  });
});
