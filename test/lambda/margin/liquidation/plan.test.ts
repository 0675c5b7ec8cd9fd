import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../../../lambda/margin/assess/assess.ts';
import type { Book } from '../../../../lambda/margin/book/book.ts';
import type { Order, Plan } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import type { Policy } from '../../../../lambda/margin/market/policy.ts';
import {
  type Amount,
  absolute,
  add,
  amount,
  approximately,
  isAtLeast,
  isNegative,
  isPositive,
  isZero,
  NO_AMOUNT,
  negate,
  type Quantity,
  quantity,
  ratio,
  recordedAmount,
  subtract,
  sumOf,
  textOf,
  times,
  worthOf,
} from '../../../../lambda/margin/number/decimal.ts';
import { PLAN_ORDERS_MAX } from '../../../../lambda/margin/number/limits.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  crossOf,
  type MarketRows,
  snapshotOf,
} from '../build.ts';
import { anyBook } from '../random-book.ts';

const perpetual = { type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD' };
const flat = (maintenance: string, cost: string): RawRow => ({
  margin: { type: 'flat', initial: maintenance, maintenance },
  volatility: '0.8',
  liquidity: { fee: '0', slippage: cost },
});

/** At 10,000, no buffer and no uncertainty; κ 1.2. Class A has the published value. */
const market: MarketRows = {
  policy: { liquidationTargetMultiplier: '1.2', callMultiplier: '1.2' },
  assets: {
    ETH: { feed: 'ETH-USD', collateralWeight: '0.8' },
    SOL: { feed: 'SOL-USD', liabilityWeight: '1.1' },
    DAI: { feed: 'DAI-USD' },
  },
  instruments: {
    A: { ...perpetual, riskClass: 'A' },
    B: { ...perpetual, riskClass: 'B' },
    TIERED: { ...perpetual, riskClass: 'TIERED' },
    MINI: { ...perpetual, contractSize: '0.01', riskClass: 'A' },
  },
  risk: {
    A: flat('0.05', '0.0075'),
    B: flat('0.02', '0.001'),
    TIERED: {
      ...flat('0', '0.004'),
      margin: {
        type: 'tiered',
        tiers: [
          { floor: '0', initial: '0.05', maintenance: '0.05' },
          { floor: '100000', initial: '0.1', maintenance: '0.1' },
        ],
      },
    },
    ETH: flat('0', '0.004'),
    SOL: flat('0', '0.01'),
    DAI: flat('0', '0.0001'),
  },
  quotes: {
    'BTC-USD#a': { price: '10000' },
    'ETH-USD#a': { price: '3000' },
    'SOL-USD#a': { price: '100' },
    'DAI-USD#a': { price: '1' },
  },
};

const cash = (held: string) => ({ asset: 'USD', amount: held });
const position = (instrument: string, held: string, more: RawRow = {}) => ({
  instrument,
  quantity: held,
  entryPrice: '10000',
  ...more,
});

/** κ·MM + LB − B */
function shortfallOf(outcome: Assessment, policy: Policy): Amount {
  const target = times(outcome.maintenanceRequirement, policy.liquidationTargetMultiplier);
  return subtract(add(target, outcome.latencyBuffer), outcome.marginBalance.point);
}

const withoutOrders = (account: AccountRows): AccountRows => ({
  ...account,
  positions: (account.positions ?? []).map((row) => ({
    ...row,
    openBuyQuantity: '0',
    openSellQuantity: '0',
  })),
});

const planOf = (account: AccountRows, snapshot: Snapshot): Plan =>
  planLiquidation(crossOf(account), snapshot);

const paid = ({ balances = [], ...rows }: AccountRows, more: Amount): AccountRows => {
  const cash = balances.find(({ asset }) => asset === 'USD') ?? { asset: 'USD', amount: '0' };
  const others = balances.filter((row) => row !== cash);
  const held = textOf(add(recordedAmount(String(cash.amount)), more));
  return { ...rows, balances: [{ ...cash, amount: held }, ...others] };
};

/** The account with exactly the cash that leaves it this shortfall. */
function short(account: AccountRows, shortfall: string, snapshot: Snapshot): AccountRows {
  const { policy } = snapshot;
  const now = shortfallOf(assessed(withoutOrders(account), snapshot), policy);
  return paid(account, subtract(now, amount(shortfall)));
}

function planWith(account: AccountRows, shortfall: string, rows: MarketRows = market): Plan {
  const snapshot = snapshotOf(rows);
  return planOf(short(account, shortfall, snapshot), snapshot);
}

const briefly = ({ side, market: name, quantity: held }: Order) =>
  `${side} ${textOf(held)} ${name}`;
const ordersOf = ({ scope, orders }: Plan) => [scope, ...orders.map(briefly)];

describe('dust beside a debt', () => {
  const coin = (asset: string, held: string) => ({ asset, amount: held });
  const inMarket = (grain: RawRow): MarketRows => ({
    ...market,
    assets: { ...market.assets, ETH: { feed: 'ETH-USD', collateralWeight: '0.8', ...grain } },
    instruments: { ...market.instruments, A: { ...market.instruments?.A, ...grain } },
  });

  it.each<[string, AccountRows, RawRow]>([
    ['coin of less than one place', { balances: [coin('ETH', '0.000003')] }, {}],
    ['coin of less than one lot', { balances: [coin('ETH', '0.09')] }, { lotSize: '0.1' }],
    ['coin below the least notional', { balances: [coin('ETH', '0.9')] }, { minNotional: '3000' }],
    ['a loan of less than one place', { balances: [coin('SOL', '-0.00009')] }, {}],
    ['a position of less than one place', { positions: [position('A', '0.0000009')] }, {}],
    ['a position of less than one lot', { positions: [position('A', '-1')] }, { lotSize: '2' }],
    [
      'a position below the least notional',
      { positions: [position('A', '1')] },
      { minNotional: '10001' },
    ],
  ])('is nothing to close: %s', (_, dust, grain) => {
    const account = { ...dust, balances: [cash('-5000'), ...(dust.balances ?? [])] };
    const snapshot = snapshotOf(inMarket(grain));
    expect(assessed(account, snapshot).level).toBe('deficit');
    const { orders, carriedOver, cancelOpenOrders } = planOf(account, snapshot);
    expect({ orders, carriedOver, cancelOpenOrders }).toEqual({
      orders: [],
      carriedOver: [],
      cancelOpenOrders: [],
    });
  });

  it.each<[string, AccountRows, RawRow]>([
    ['coin of one place', { balances: [coin('ETH', '0.000004')] }, {}],
    ['coin of one lot', { balances: [coin('ETH', '0.1')] }, { lotSize: '0.1' }],
    ['coin of the least notional', { balances: [coin('ETH', '1')] }, { minNotional: '3000' }],
    ['a position of one place', { positions: [position('A', '0.000001')] }, {}],
  ])('is closed from the least order on: %s', (_, small, grain) => {
    const account = { ...small, balances: [cash('-5000'), ...(small.balances ?? [])] };
    expect(planOf(account, snapshotOf(inMarket(grain))).orders).toHaveLength(1);
  });
});

describe('one position', () => {
  const account = { balances: [cash('400')], positions: [position('A', '1')] };

  /** B = 400, MM = 500, S = 1.2·500 − 400 = 200: 0.38095238…, rounded up to 8 places. */
  it('is closed by the published quantity', () => {
    const plan = planWith(account, '200');
    expect(ordersOf(plan)).toEqual(['partial', 'sell 0.38095239 A']);
    const [order] = plan.orders;
    expect(order && textOf(order.notional)).toBe('3809.5239');
    expect(order && textOf(order.referencePrice)).toBe('10000');
    expect(order?.kind).toBe('position');
    expect(plan.why).toBe('the cheapest orders that restore the account to its target');
  });

  it('is bought back if it is short', () => {
    const sold = { positions: [position('A', '-1')] };
    expect(ordersOf(planWith(sold, '200'))).toEqual(['partial', 'buy 0.38095239 A']);
  });

  it('is closed in contracts if the contracts are small', () => {
    const mini = { positions: [position('MINI', '100')] };
    expect(ordersOf(planWith(mini, '200'))).toEqual(['partial', 'sell 38.0952381 MINI']);
  });

  it('with several labels is closed as one net position', () => {
    const positions = [
      position('A', '3', { label: 'a' }),
      position('A', '-2', { label: 'b' }),
      position('B', '1', { label: 'a' }),
      position('B', '-1', { label: 'b' }),
    ];
    expect(ordersOf(planWith({ positions }, '200'))).toEqual(['partial', 'sell 0.38095239 A']);
    expect(ordersOf(planWith({ positions }, '2000'))).toEqual(['whole', 'sell 1 A']);
  });

  const costing = (cost: string): MarketRows => ({
    ...market,
    risk: { ...market.risk, A: flat('0.05', cost) },
  });

  it.each([
    ['0.03', 'just under its relief', 'partial', 'sell 0.66666667 A'],
    ['0.04', 'at which all of it is just enough', 'whole', 'sell 1 A'],
    ['0.0400001', 'at which all of it is not enough', 'whole', 'sell 1 A'],
    ['0.0599', 'just below κ·m', 'whole', 'sell 1 A'],
    ['0.06', 'of κ·m', 'whole', 'sell 1 A'],
    ['0.07', 'above κ·m', 'whole', 'sell 1 A'],
  ])('at a cost of %s, %s, is closed in %s', (cost, _, scope, order) => {
    expect(ordersOf(planWith(account, '200', costing(cost)))).toEqual([scope, order]);
  });

  it('is closed completely with the reason why no partial close restores the account', () => {
    const because = (cost: string) => planWith(account, '200', costing(cost)).why;
    const none = 'everything is closed, because no partial close restores the account:';
    expect(because('0.06')).toBe(`${none} closing costs more than it frees`);
    expect(because('0.05')).toBe(`${none} even closing everything is not enough`);
    expect(because('0.04')).toBe('the cheapest orders that restore the account to its target');
    const { why } = planWith({ positions: [position('A', '1')] }, '1000');
    expect(why).toBe(`${none} its equity is below 0`);
  });

  it('is never closed by more than is held, however small it is', () => {
    const small = { positions: [position('A', '0.000001')] };
    expect(ordersOf(planWith(small, '200'))).toEqual(['whole', 'sell 0.000001 A']);
    expect(ordersOf(planWith(small, '0.0005'))).toEqual(['partial', 'sell 0.00000096 A']);
  });
});

describe('the shortfall of an account', () => {
  const account = { positions: [position('A', '1', { openBuyQuantity: '5' })] };
  const planned = (shortfall: string) => {
    const snapshot = snapshotOf(market);
    return planOf(short(account, shortfall, snapshot), snapshot);
  };

  it.each(['0', '-0.000000000001', '-500'])(
    'needs only a cancellation of open orders if it is %s',
    (missing) => {
      expect(planned(missing)).toEqual({
        scope: 'cancel',
        cancelOpenOrders: ['A'],
        orders: [],
        why: 'cancelling the open orders restores the account',
        carriedOver: [],
      });
    },
  );

  it('just above 0 closes one step, and cancels open orders as well', () => {
    const plan = planned('0.000000000001');
    expect(ordersOf(plan)).toEqual(['partial', 'sell 0.00000001 A']);
    expect(plan.cancelOpenOrders).toEqual(['A']);
    expect(planned('9999').cancelOpenOrders).toEqual(['A']);
  });
});

/** B relieves 2.4 % − 0.1 % per unit at a cost of 0.043 per unit relieved; A 5.25 % at 0.143. */
describe('several positions', () => {
  const positions = [position('A', '1'), position('B', '-1')];

  it('are closed cheapest first', () => {
    expect(ordersOf(planWith({ positions }, '23'))).toEqual(['partial', 'buy 0.1 B']);
    expect(ordersOf(planWith({ positions }, '230'))).toEqual(['partial', 'buy 1 B']);
  });

  it('are closed one after the other: 230 from B and 52.5 from A', () => {
    expect(ordersOf(planWith({ positions }, '282.5'))).toEqual([
      'partial',
      'sell 0.1 A',
      'buy 1 B',
    ]);
  });

  it('are closed one at a time, however a quotient is rounded', () => {
    for (let shortfall = 1; shortfall <= 40; shortfall++) {
      const { orders } = planWith({ positions }, String(shortfall));
      expect(orders.map((order) => order.market)).toEqual(['B']);
    }
  });

  it('are closed completely if all of them together do not suffice', () => {
    expect(ordersOf(planWith({ positions }, '755'))).toEqual(['whole', 'sell 1 A', 'buy 1 B']);
    expect(ordersOf(planWith({ positions }, '755.01'))).toEqual(['whole', 'sell 1 A', 'buy 1 B']);
  });

  it('are closed by the largest relief first if they cost nothing', () => {
    const free = { ...market, risk: { A: flat('0.02', '0'), B: flat('0.05', '0') } };
    const { TIERED: _, ...instruments } = market.instruments ?? {};
    const rows = { ...free, instruments };
    expect(ordersOf(planWith({ positions }, '60', rows))).toEqual(['partial', 'buy 0.1 B']);
    const reversed = { positions: positions.toReversed() };
    expect(ordersOf(planWith(reversed, '60', rows))).toEqual(['partial', 'buy 0.1 B']);
  });

  it('are left alone if they cost more than they relieve and another suffices', () => {
    const risk = { ...market.risk, B: flat('0.02', '0.024') };
    expect(ordersOf(planWith({ positions }, '52.5', { ...market, risk }))).toEqual([
      'partial',
      'sell 0.1 A',
    ]);
  });
});

/** 15 contracts are 150,000: 50,000 at 10 % relieve 11.6 % a unit, 100,000 at 5 % relieve 5.6 %. */
describe('a tiered position', () => {
  const account = { positions: [position('TIERED', '15')] };

  it.each([
    ['1160', '1', 'within the highest tier'],
    ['5800', '5', 'the highest tier'],
    ['6360', '6', 'the highest tier and 10,000 of the one below'],
    ['11400', '15', 'all of it'],
  ])('relieves a shortfall of %s with %s contracts: %s', (shortfall, contracts) => {
    const scope = contracts === '15' ? 'whole' : 'partial';
    expect(ordersOf(planWith(account, shortfall))).toEqual([scope, `sell ${contracts} TIERED`]);
  });

  it('is closed completely just beyond its relief', () => {
    expect(ordersOf(planWith(account, '11400.01'))).toEqual(['whole', 'sell 15 TIERED']);
  });

  it('that ends at a floor has nothing in the tier above', () => {
    const ending = { positions: [position('TIERED', '10')] };
    expect(ordersOf(planWith(ending, '56'))).toEqual(['partial', 'sell 0.1 TIERED']);
  });

  it('gives way to the next market once its own tiers are used up', () => {
    const beside = { positions: [...account.positions, position('A', '1')] };
    expect(ordersOf(planWith(beside, '11452.5'))).toEqual([
      'partial',
      'sell 15 TIERED',
      'sell 0.1 A',
    ]);
  });

  it('may have one tier that helps and one that does not', () => {
    const risk = {
      ...market.risk,
      TIERED: { ...market.risk?.TIERED, liquidity: { slippage: '0.06' } },
    };
    const rows = { ...market, risk };
    expect(ordersOf(planWith(account, '3000', rows))).toEqual(['partial', 'sell 5 TIERED']);
    expect(ordersOf(planWith(account, '3000.01', rows))).toEqual(['whole', 'sell 15 TIERED']);
  });
});

describe('collateral and loans', () => {
  /** w 0.8 relieves 0.2 a unit at a cost of 0.004: to relieve 196 takes 1,000, a third of ETH. */
  it('include collateral, which is sold for its haircut', () => {
    const account = { balances: [{ asset: 'ETH', amount: '10' }] };
    const plan = planWith(account, '196');
    expect(ordersOf(plan)).toEqual(['partial', 'sell 0.33333334 ETH']);
    expect(plan.orders[0]?.kind).toBe('collateral');
  });

  /** v 1.1 relieves 0.1 a unit at a cost of 0.01: to relieve 90 needs 1,000, which are 10 SOL. */
  it('include loans, which are bought back for their liability weight', () => {
    const plan = planWith({ balances: [{ asset: 'SOL', amount: '-50' }] }, '90');
    expect(ordersOf(plan)).toEqual(['partial', 'buy 10 SOL']);
    expect(plan.orders[0]?.kind).toBe('loan');
  });

  /** A sale of DAI relieves nothing by itself, and pays for the SOL and its cost. */
  it('are swapped for loans without a new debt for what the swap costs', () => {
    const account = {
      balances: [
        { asset: 'DAI', amount: '10500' },
        { asset: 'SOL', amount: '-100' },
      ],
    };
    const { orders } = planOf(account, snapshotOf(market));
    const traded = (name: string) =>
      approximately(orders.find((order) => order.market === name)?.notional ?? NO_AMOUNT);
    expect(orders.map(briefly)).toHaveLength(2);
    const left = traded('DAI') * 0.9999 - traded('SOL') * 1.01;
    expect(left).toBeGreaterThan(-0.0001);
    expect(left).toBeLessThan(1);
  });

  it('are sold only with everything else if they count in full and so relieve nothing', () => {
    const account = {
      balances: [{ asset: 'DAI', amount: '1000' }],
      positions: [position('A', '1')],
    };
    expect(ordersOf(planWith(account, '525'))).toEqual(['whole', 'sell 1 A']);
    expect(ordersOf(planWith(account, '526'))).toEqual(['whole', 'sell 1 A', 'sell 1000 DAI']);
  });

  it('are ordered by cost with positions: ETH at 0.0204, B at 0.043, SOL at 0.11, A at 0.143', () => {
    const account = {
      balances: [{ asset: 'SOL', amount: '-50' }, { asset: 'ETH', amount: '1' }, cash('100')],
      positions: [position('A', '1'), position('B', '-1')],
    };
    // 588 from ETH, 230 from B, 450 from SOL, 52.5 from A.
    expect(ordersOf(planWith(account, '588'))).toEqual(['partial', 'sell 1 ETH']);
    expect(ordersOf(planWith(account, '818'))).toEqual(['partial', 'buy 1 B', 'sell 1 ETH']);
    expect(ordersOf(planWith(account, '1268'))).toEqual([
      'partial',
      'buy 1 B',
      'buy 50 SOL',
      'sell 1 ETH',
    ]);
    expect(ordersOf(planWith(account, '1320.5'))).toEqual([
      'partial',
      'sell 0.1 A',
      'buy 1 B',
      'buy 50 SOL',
      'sell 1 ETH',
    ]);
  });

  it('do not include cash, which is not traded', () => {
    expect(ordersOf(planWith({ balances: [cash('100')] }, '5'))).toEqual(['whole']);
  });
});

/** 201 markets of 10,000 each. Closing one relieves 5.25 % of it. The largest is 20,000. */
describe('a plan with very many orders', () => {
  const names = Array.from({ length: PLAN_ORDERS_MAX + 1 }, (_, index) => `M${index}`);
  const many: MarketRows = {
    ...market,
    instruments: Object.fromEntries(names.map((name) => [name, { ...perpetual, riskClass: 'A' }])),
  };
  const positions = names.map((name, index) => position(name, index === 77 ? '2' : '1'));

  it('has only a few orders if a few suffice', () => {
    const plan = planWith({ positions }, '525', many);
    expect(ordersOf(plan)).toEqual(['partial', 'sell 1 M77']);
  });

  it('has the largest orders that fit into one message, and the next generation continues', () => {
    const plan = planWith({ positions }, String(525 * 201.5), many);
    expect(plan.scope).toBe('partial');
    expect(plan.orders).toHaveLength(PLAN_ORDERS_MAX);
    expect(plan.orders[0]?.market).toBe('M77');
    expect(plan.why).toBe(
      'the largest 200 of 201 holdings; the next generation of the plan continues',
    );
  });

  it('has an order for every holding if exactly that many fit', () => {
    const held = { positions: positions.slice(1) };
    const least = planWith(held, String(525 * 201 - 1), many);
    expect(least.why).toBe('the cheapest orders that restore the account to its target');
    expect(least.orders).toHaveLength(PLAN_ORDERS_MAX);
    const plan = planWith(held, String(525 * 201 + 1), many);
    expect(plan.scope).toBe('whole');
    expect(plan.orders).toHaveLength(PLAN_ORDERS_MAX);
  });

  /** 300,000 each. At a cost of 0.4 %, the tiers of 100,000 relieve 5.6 %, 11.6 % and 23.6 %. */
  it('leaves open what need not be closed, however many tiers remain', () => {
    const tiers = [5, 10, 20].map((rate, index) => ({
      floor: `${index}e5`,
      initial: `${rate}e-2`,
      maintenance: `${rate}e-2`,
    }));
    const steep = { ...flat('0', '0.004'), margin: { type: 'tiered', tiers } };
    const held = names.slice(1).map((name) => position(name, '30'));
    const rows = { ...many, risk: { A: steep } };
    const plan = planWith({ positions: held }, String(200 * (11_600 + 23_600) + 100 * 5_600), rows);
    expect(plan.why).toBe('the cheapest orders that restore the account to its target');
    const left = sumOf(plan.orders.map(({ notional }) => subtract(amount('300000'), notional)));
    expect(isAtLeast(left, amount('9000000'))).toBe(true);
  }, 20_000);
});

/** Long 17.096 and short 17.743 on one factor. Closing only one leg leaves the other unhedged. */
describe('a hedge of two instruments', () => {
  const hedged: MarketRows = {
    ...market,
    policy: { latencyBuffer: 'standard' },
    instruments: {
      P: { ...perpetual, underlying: 'ETH-USD', riskClass: 'C' },
      F: { ...perpetual, underlying: 'ETH-USD', riskClass: 'C' },
    },
    risk: {
      ...market.risk,
      // Collateral on the same feed, whose own class leaves nothing.
      ETH: { ...market.risk?.ETH, shockMax: '1' },
      C: { ...flat('0.02', '0.0105'), jumpFloor: '0.03', shockMax: '1' },
    },
  };
  const snapshot = snapshotOf(hedged);
  const account = (held: number): AccountRows => ({
    balances: [cash(held.toFixed(2))],
    positions: [
      { instrument: 'P', quantity: '-17.743', entryPrice: '3000' },
      { instrument: 'F', quantity: '17.096', entryPrice: '3000' },
    ],
  });

  it('is closed by its unhedged part, then by both legs alike, whatever the rounding', () => {
    for (let held = 1_600; held < 2_300; held += 13.7) {
      const { scope, orders, why } = planOf(account(held), snapshot);
      expect([held, scope]).toEqual([held, 'partial']);
      expect(why).toBe('the cheapest orders that restore the account to its target');
      const [bought = 0, sold = 0] = orders.map((order) => Number(textOf(order.quantity)));
      // A rise also costs the growth of both requirements: 2 % of what is held.
      expect(bought - sold).toBeGreaterThan(17.743 - 17.096);
      expect(bought - sold).toBeLessThan(17.743 - 17.096 + 0.02 * (17.743 + 17.096));
      expect(sold).toBeLessThan(17);
    }
  });

  it('costs less to close than the same share of both legs', () => {
    const { orders } = planOf(account(1_800), snapshot);
    const [bought = 0, sold = 0] = orders.map((order) => Number(textOf(order.quantity)));
    const share = (held: number) => {
      const rest = shortfallOf(assessed(account(held), snapshot), snapshot.policy);
      const all = Number(textOf(rest)) / (2 * 17.096 * 3000 * (0.026 - 0.0105));
      return all * (17.743 + 17.096);
    };
    expect(bought + sold).toBeLessThan(share(1_800));
  });
});

/** The rows after every order is filled at its reference price, without the cash paid. */
function reduced(account: AccountRows, { orders }: Plan): AccountRows {
  const rest = (name: unknown, held: Quantity): Quantity => {
    const order = orders.find((each) => each.market === name);
    if (order === undefined) return held;
    return order.side === 'sell' ? subtract(held, order.quantity) : add(held, order.quantity);
  };
  return {
    positions: (account.positions ?? []).map((row) => ({
      ...row,
      quantity: textOf(rest(row.instrument, quantity(String(row.quantity)))),
    })),
    balances: (account.balances ?? []).map((row) => ({
      ...row,
      amount: textOf(rest(row.asset, quantity(String(row.amount)))),
    })),
  };
}

interface Tradable {
  readonly market: string;
  readonly held: Quantity;
  readonly unitValue: Amount;
  readonly cost: ReturnType<typeof ratio>;
}

const tradablesOf = (book: Book): Tradable[] => [
  ...book.positions.map(({ terms, quantity: held }) => ({
    market: terms.instrument,
    held,
    unitValue: terms.contractValue,
    cost: terms.trading.unitCost,
  })),
  ...book.holdings.map(({ terms, amount: held }) => ({
    market: terms.asset,
    held,
    unitValue: worthOf(quantity('1'), terms.price as never),
    cost: terms.trading.unitCost,
  })),
];

const sum = (amounts: readonly Amount[]): Amount => amounts.reduce(add, NO_AMOUNT);

/** A book with a shortfall, its plan, and its state after the plan is filled. */
class Liquidation {
  readonly book: Book;
  readonly before: Assessment;
  readonly plan: Plan;
  readonly shortfall: Amount;
  readonly snapshot: Snapshot;
  readonly account: AccountRows;
  private readonly tradables: readonly Tradable[];

  constructor(rows: MarketRows, account: AccountRows) {
    // Without interest and funding times, the remaining rows have neither.
    this.account = {
      balances: (account.balances ?? []).map(({ interestSettledAt: _, ...row }) => row),
      positions: (account.positions ?? []).map(({ fundingSettledAt: _, ...row }) => row),
    };
    this.snapshot = snapshotOf(rows);
    this.book = bookOf(this.account, this.snapshot);
    this.before = assessed(this.account, this.snapshot);
    this.shortfall = shortfallOf(this.before, this.snapshot.policy);
    this.plan = planOf(this.account, this.snapshot);
    this.tradables = tradablesOf(this.book);
  }

  tradable(order: Order): Tradable {
    const found = this.tradables.find((each) => each.market === order.market);
    if (found === undefined) throw new Error(`${order.market} is not held`);
    return found;
  }

  costOf({ orders }: Plan): Amount {
    return sum(orders.map((order) => times(order.notional, this.tradable(order).cost)));
  }

  /** The value of the last step of every quantity. */
  step({ orders }: Plan = this.plan): Amount {
    const units = sum(orders.map((order) => this.tradable(order).unitValue));
    return add(times(units, ratio('1e-8')), amount('1e-9'));
  }

  /** Trading at the mark changes the rows, and the equity only by its cost. */
  after(): Assessment {
    const rest = reduced(this.account, this.plan);
    const equityOf = (rows: AccountRows) => assessed(rows, this.snapshot).equity.point;
    const realised = subtract(this.before.equity.point, equityOf(rest));
    const settled = paid(rest, subtract(realised, this.costOf(this.plan)));
    return assessed(settled, this.snapshot);
  }
}

/**
 * Short 1 at 10,000, settled in a coin of which the account has a debt: each coin paid counts 1.2
 * times.
 */
describe('a position that settles in a borrowed coin', () => {
  const coin: MarketRows = {
    policy: { liquidationTargetMultiplier: '1.3', liquidationTargetBand: '0' },
    assets: { BTC: { feed: 'BTC-USD', liabilityWeight: '1.2' } },
    instruments: {
      COIN: { ...perpetual, settlementAsset: 'BTC', riskClass: 'LOW' },
      DEAR: { ...perpetual, underlying: 'ETH-USD', riskClass: 'DEAR' },
    },
    risk: { LOW: flat('0.01', '0.002'), DEAR: flat('0.01', '0.012'), BTC: flat('0', '0.002') },
    quotes: { 'BTC-USD#a': { price: '10000' }, 'ETH-USD#a': { price: '10000' } },
  };

  it('is closed in part if a part suffices, with the cost at its liability weight', () => {
    const losing = position('COIN', '-1', { entryPrice: '9000' });
    const account = { positions: [losing, position('DEAR', '1')] };
    const plan = planWith(account, '53', coin);
    expect(plan.why).toBe('the cheapest orders that restore the account to its target');
    const [bought, ...others] = plan.orders.map((order) => order.quantity);
    expect(others).toEqual([]);
    expect(textOf(bought ?? quantity('0'))).toMatch(/^0\.5(0000|$)/);
  });
});

/** 100 of collateral that is sold completely or not at all, hedged by a short. The price is 100. */
describe('a hedge with one leg that is closed completely', () => {
  const moving = (maintenance: string, slippage: string) => ({
    ...flat(maintenance, slippage),
    jumpFloor: '0.3',
    shockMax: '1',
  });
  const hedged: MarketRows = {
    policy: { latencyBuffer: 'standard' },
    assets: {
      COIN: { feed: 'COIN-USD', collateralWeight: '0.5', riskClass: 'SPOT', minNotional: '10000' },
    },
    instruments: { PERP: { ...perpetual, underlying: 'COIN-USD', riskClass: 'PERP' } },
    risk: { SPOT: moving('0', '0.001'), PERP: moving('0.05', '0.01') },
    quotes: { 'COIN-USD#a': { price: '100' } },
  };
  const snapshot = snapshotOf(hedged);
  const requiredOf = (coins: string, contracts: string) => {
    const account = {
      balances: [{ asset: 'COIN', amount: coins }],
      positions: [{ instrument: 'PERP', quantity: contracts, entryPrice: '100' }],
    };
    const { maintenanceRequirement, latencyBuffer } = assessed(account, snapshot);
    const { liquidationTargetMultiplier } = snapshot.policy;
    return add(times(maintenanceRequirement, liquidationTargetMultiplier), latencyBuffer);
  };

  it('closes so much of the other leg that the requirement does not grow', () => {
    const account = {
      balances: [cash('0'), { asset: 'COIN', amount: '100' }],
      positions: [{ instrument: 'PERP', quantity: '-100', entryPrice: '100' }],
    };
    const { orders } = planOf(short(account, '4500', snapshot), snapshot);
    expect(orders.map(({ market: name }) => name)).toEqual(['PERP', 'COIN']);
    const [bought = quantity('0'), sold] = orders.map((order) => order.quantity);
    expect(sold).toEqual(quantity('100'));
    const left = textOf(subtract(bought, quantity('100')));
    expect(isAtLeast(requiredOf('100', '-100'), requiredOf('0', left))).toBe(true);
  });
});

describe('any liquidation plan', () => {
  const losing = anyBook({ isFilled: true, shares: [-150, 30] });
  const holding = (check: (of: Liquidation) => void, numRuns: number) =>
    fc.assert(
      fc.property(losing, (book) => check(new Liquidation(book.market, book.account))),
      { numRuns },
    );

  const isLeast = ({ plan }: Liquidation) => plan.why.startsWith('the cheapest');

  it('that restores the account brings it to κ·MM + LB once filled, and not above the band', () => {
    let least = 0;
    holding((of) => {
      if (!isLeast(of)) return;
      least += 1;
      const { policy } = of.snapshot;
      const after = of.after();
      const missing = shortfallOf(after, policy);
      expect(isAtLeast(of.step(), missing), `${textOf(missing)} missing`).toBe(true);
      const band = times(after.maintenanceRequirement, policy.liquidationTargetBand);
      const beyond = subtract(negate(missing), band);
      expect(
        isAtLeast(times(of.step(), ratio('10')), beyond),
        `${textOf(beyond)} beyond the band`,
      ).toBe(true);
    }, 400);
    expect(least).toBeGreaterThan(100);
  });

  it('never increases the requirement', () => {
    holding((of) => {
      const requiredOf = ({ maintenanceRequirement, latencyBuffer }: Assessment) =>
        add(
          times(maintenanceRequirement, of.snapshot.policy.liquidationTargetMultiplier),
          latencyBuffer,
        );
      expect(isAtLeast(add(requiredOf(of.before), of.step()), requiredOf(of.after()))).toBe(true);
    }, 300);
  });

  it('only reduces: never more than is held, never the wrong way, no market twice', () => {
    holding((of) => {
      const { orders } = of.plan;
      expect(new Set(orders.map((order) => order.market)).size).toBe(orders.length);
      for (const order of orders) {
        const { held, unitValue } = of.tradable(order);
        expect(order.side).toBe(isNegative(held) ? 'buy' : 'sell');
        expect(isPositive(order.quantity)).toBe(true);
        expect(isAtLeast(absolute(held), order.quantity)).toBe(true);
        expect(textOf(order.notional)).toBe(textOf(worthOf(order.quantity, unitValue)));
      }
    }, 300);
  });

  it('closes everything if its scope is whole, and nothing if its scope is cancel', () => {
    holding((of) => {
      const { scope, orders } = of.plan;
      expect(scope === 'cancel').toBe(!isPositive(of.shortfall));
      if (scope === 'cancel') expect(orders).toEqual([]);
      if (scope !== 'whole') return;
      const rest = bookOf(reduced(of.account, of.plan), of.snapshot);
      expect(rest.holdings).toEqual([]);
      expect(rest.positions.filter((each) => !isZero(each.quantity))).toEqual([]);
    }, 300);
  });

  it('closes everything only if that leaves no surplus to spare', () => {
    let whole = 0;
    holding((of) => {
      if (isLeast(of) || of.plan.scope !== 'whole') return;
      whole += 1;
      const spare = negate(shortfallOf(of.after(), of.snapshot.policy));
      expect(isAtLeast(of.step(), spare), `${textOf(spare)} to spare`).toBe(true);
    }, 400);
    expect(whole).toBeGreaterThan(20);
  });
});
