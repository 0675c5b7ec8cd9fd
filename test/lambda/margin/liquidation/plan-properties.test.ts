/** Calculated from the rows, without the planner. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marginFiguresOf } from '../../../../lambda/margin/assess/assess.ts';
import type { SubAccount } from '../../../../lambda/margin/book/account.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { traded } from '../../../../lambda/margin/book/trade.ts';
import { type Capacity, capacityKey } from '../../../../lambda/margin/liquidation/capacity.ts';
import type { Order } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { FIRST_PLAN, planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import {
  amount,
  approximately,
  isAbove,
  type Quantity,
  quantity,
  ratioBetween,
  roundDown,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { bookOf, crossOf, type MarketRows, snapshotOf } from '../build.ts';
import { anyBook, type RandomBook } from '../random-book.ts';

const losing = anyBook({ isFilled: true, shares: [-150, 30] });

interface Closing {
  readonly kind: Order['kind'];
  readonly market: string;
  readonly side: 'buy' | 'sell';
  readonly held: Quantity;
  readonly value: number;
  readonly cost: number;
}

/** κ·MM + LB and the shortfall below it, after some of a market is closed at its cost. */
function standingAfter(
  subAccount: SubAccount,
  closing: readonly (readonly [Closing, string])[],
  snapshot: Snapshot,
) {
  let after = subAccount;
  for (const [{ kind, market, side, cost }, closed] of closing) {
    if (Number(closed) === 0) continue;
    const common = { side, quantity: quantity(closed) } as const;
    const order =
      kind === 'position'
        ? ({ kind: 'instrument', instrument: market, isOpen: false, ...common } as const)
        : ({ kind: 'spot', asset: market, ...common } as const);
    const trade = traded(after, order, snapshot);
    if (!trade.ok) throw new Error(trade.reason.detail);
    after = trade.value.after;
    const paid = approximately(trade.value.price as never) * Number(closed) * cost;
    after = withCash(after, -paid);
  }
  const built = buildBook(after, snapshot);
  if (!built.ok) throw new Error('what was known is known');
  const figures = marginFiguresOf(built.book, snapshot.policy);
  const kappa = approximately(snapshot.policy.liquidationTargetMultiplier);
  const [mm, lb, b] = [
    figures.maintenanceRequirement,
    figures.latencyBuffer,
    figures.marginBalance,
  ];
  const required = kappa * approximately(mm) + approximately(lb);
  return { required, shortfall: required - approximately(b) };
}

function withCash(subAccount: SubAccount, more: number): SubAccount {
  const [cash, ...others] = subAccount.balances;
  if (cash?.asset !== 'USD') throw new Error('cash comes first');
  const held = quantity((approximately(cash.amount) + more).toFixed(12));
  return { ...subAccount, balances: [{ ...cash, amount: held }, ...others] };
}

function closingsOf(subAccount: SubAccount, snapshot: Snapshot): Closing[] {
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) return [];
  const { positions, holdings } = built.book;
  return [
    ...positions.flatMap(({ terms, quantity: held }) => {
      const value = approximately(terms.contractValue);
      const cost = approximately(terms.trading.unitCost);
      return closing({ kind: 'position', market: terms.instrument, held, value, cost });
    }),
    ...holdings.flatMap(({ terms, amount: held }) => {
      const value = approximately(terms.price);
      const kind = approximately(held) < 0 ? 'loan' : 'collateral';
      return closing({
        kind,
        market: terms.asset,
        held,
        value,
        cost: approximately(terms.trading.unitCost),
      });
    }),
  ];
}

const closing = (of: Omit<Closing, 'side'>): Closing[] => {
  const size = approximately(of.held);
  const held = quantity(textOf(roundDown(quantity(String(Math.abs(size))), 8)));
  return size === 0 ? [] : [{ ...of, held, side: size < 0 ? 'buy' : 'sell' }];
};

/**
 * The cost of closing the least of one market that restores the account, by bisection, as the
 * shortfall is convex. Undefined if no share does, or only with a larger requirement.
 */
function leastAlone(subAccount: SubAccount, one: Closing, snapshot: Snapshot): number | undefined {
  const held = approximately(one.held);
  const standing = (share: number) =>
    standingAfter(subAccount, [[one, (held * share).toFixed(10)]], snapshot);
  const at = (share: number) => standing(share).shortfall;
  let [low, high] = [0, 1];
  let bottom = 1;
  for (let trial = 0; trial < 40; trial++) {
    const [third, twoThirds] = [low + (high - low) / 3, high - (high - low) / 3];
    if (at(third) <= at(twoThirds)) high = twoThirds;
    else low = third;
    bottom = (low + high) / 2;
  }
  if (at(1) <= at(bottom)) bottom = 1;
  if (at(bottom) > 0) return undefined;
  [low, high] = [0, bottom];
  for (let trial = 0; trial < 40; trial++) {
    const middle = (low + high) / 2;
    if (at(middle) <= 0) high = middle;
    else low = middle;
  }
  if (standing(high).required > standing(0).required) return undefined;
  return high * held * one.value * one.cost;
}

/** Drops interest and funding times, so that the rows contain everything that counts. */
const withoutAccruals = ({ market, account }: RandomBook) => ({
  snapshot: snapshotOf(market),
  subAccount: crossOf({
    balances: (account.balances ?? []).map(({ interestSettledAt: _, ...row }) => row),
    positions: (account.positions ?? []).map(({ fundingSettledAt: _, ...row }) => row),
  }),
});

const costOf = (orders: readonly Order[], closings: readonly Closing[]): number =>
  orders.reduce((sum, order) => {
    const found = closings.find(
      ({ market, kind }) => market === order.market && kind === order.kind,
    );
    return sum + approximately(order.notional) * (found?.cost ?? Number.NaN);
  }, 0);

/** The cost of each ordered market if only it were closed. Without loans, which need cash. */
const costsAlone = (
  orders: readonly Order[],
  closings: readonly Closing[],
  { subAccount, snapshot }: { readonly subAccount: SubAccount; readonly snapshot: Snapshot },
): number[] =>
  orders.flatMap(({ market, kind }) => {
    const one = closings.find((each) => each.market === market && each.kind === kind);
    if (one === undefined || kind === 'loan') return [];
    return leastAlone(subAccount, one, snapshot) ?? [];
  });

describe('a plan that restores an account', () => {
  it('costs no more than closing any single market would', () => {
    let compared = 0;
    fc.assert(
      fc.property(losing, (book) => {
        const { subAccount, snapshot } = withoutAccruals(book);
        const plan = planLiquidation(subAccount, snapshot);
        if (!plan.why.startsWith('the cheapest') || plan.orders.length < 2) return;
        const closings = closingsOf(subAccount, snapshot);
        const cost = costOf(plan.orders, closings);
        for (const alone of costsAlone(plan.orders, closings, { subAccount, snapshot })) {
          compared += 1;
          expect(cost).toBeLessThanOrEqual(alone * (1 + 1e-5) + 1e-3);
        }
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(10);
  });
});

describe('a plan limited by capacity and lot size', () => {
  const lots = { BTC: '0.001', ETH: '0.01', SOL: '100' } as const;
  const gridded = (market: MarketRows): MarketRows => ({
    ...market,
    instruments: Object.fromEntries(
      Object.entries(market.instruments ?? {}).map(([name, row]): [string, RawRow] => [
        name,
        { ...row, lotSize: lots[name.slice(0, 3) as keyof typeof lots], minNotional: '50' },
      ]),
    ),
  });
  const isInLots = ({ kind, market, quantity: ordered }: Order, closings: readonly Closing[]) => {
    const lot = kind === 'position' ? lots[market.slice(0, 3) as keyof typeof lots] : '0.00000001';
    const held = closings.find((each) => each.market === market)?.held ?? ordered;
    const isAll = Math.abs(approximately(ordered) - approximately(held)) < 1e-7;
    return isAll || Number.isInteger(Number(textOf(ratioBetween(ordered, quantity(lot)))));
  };
  const shares = fc.array(fc.constantFrom(0, 0.03, 0.4, 2), { minLength: 9, maxLength: 9 });

  it('orders no more than the capacity, in whole lots, and states what is carried over', () => {
    let cut = 0;
    fc.assert(
      fc.property(losing, shares, (book, drawn) => {
        const { subAccount, snapshot } = withoutAccruals({ ...book, market: gridded(book.market) });
        const closings = closingsOf(subAccount, snapshot);
        const capacity: Capacity = new Map(
          closings.map(({ market, side, held, value }, index) => [
            capacityKey(market, side),
            amount((approximately(held) * value * (drawn[index % 9] ?? 1)).toFixed(4)),
          ]),
        );
        const free = planLiquidation(subAccount, snapshot);
        const plan = planLiquidation(subAccount, snapshot, { ...FIRST_PLAN, capacity });
        for (const order of plan.orders) {
          const { market, side, notional } = order;
          expect(isAbove(notional, capacity.get(capacityKey(market, side)) ?? notional)).toBe(
            false,
          );
          expect(isInLots(order, closings)).toBe(true);
        }
        if (plan.carriedOver.length > 0) cut += 1;
        else if (free.scope === 'cancel') expect(plan.orders).toEqual([]);
        for (const { notional } of plan.carriedOver)
          expect(approximately(notional)).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
    expect(cut).toBeGreaterThan(50);
  });
});

/** The wings of this short strangle are worth more than they cost. */
describe('a portfolio of options', () => {
  const NEXT_MONTH = 1_700_000_000_000 + 30 * 86_400_000;
  const option = (type: string, strike: string) => ({
    type: 'option',
    underlying: 'BTC-USD',
    settlementAsset: 'USD',
    riskClass: 'BTC',
    optionType: type,
    strike,
    expiresAt: String(NEXT_MONTH),
    markFeed: `${type}-${strike}`,
  });
  const names = [
    ['call', '66000'],
    ['call', '72000'],
    ['put', '54000'],
    ['put', '48000'],
  ] as const;
  const market: MarketRows = {
    policy: { latencyBuffer: 'standard' },
    instruments: {
      PERP: { type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' },
      ...Object.fromEntries(
        names.map(([type, strike]) => [`${type}-${strike}`, option(type, strike)]),
      ),
    },
    risk: {
      BTC: {
        venue: 'derive-pmrm-v2',
        volatility: '0.7',
        jumpFloor: '0.005',
        liquidity: { slippage: '0.001' },
      },
    },
    quotes: {
      'BTC-USD#a': { price: '60000' },
      ...Object.fromEntries(
        names.map(([type, strike]) => [`${type}-${strike}#a`, { impliedVolatility: '0.7' }]),
      ),
    },
  };
  const held = {
    'call-66000': '-5',
    'call-72000': '5',
    'put-54000': '-5',
    'put-48000': '5',
    PERP: '1',
  };
  const account = (cash: string) => ({
    profile: { marginModel: 'portfolio' },
    balances: [{ asset: 'USD', amount: cash }],
    positions: Object.entries(held).map(([instrument, quantity]) => ({
      instrument,
      quantity,
      entryPrice: '60000',
    })),
  });

  it('is closed in part, by the legs that relieve it, and ends within the band', () => {
    const snapshot = snapshotOf(market);
    const {
      maintenanceRequirement: mm,
      latencyBuffer: lb,
      marginBalance: b,
    } = marginFiguresOf(bookOf(account('0'), snapshot), snapshot.policy);
    const cash = approximately(mm) + approximately(lb) - approximately(b);
    const plan = planLiquidation(crossOf(account((cash * 0.999).toFixed(2))), snapshot);
    expect(plan.scope).toBe('partial');
    expect(plan.why).toBe('the cheapest orders that restore the account to its target');
    for (const { market: name, side, quantity: ordered } of plan.orders) {
      const quantityHeld = Number(held[name as keyof typeof held]);
      expect(side).toBe(quantityHeld < 0 ? 'buy' : 'sell');
      expect(approximately(ordered)).toBeLessThanOrEqual(Math.abs(quantityHeld));
    }
    // The protective wings are not sold while the legs that they protect are open.
    const shares = plan.orders.map(({ market: name, quantity: ordered }) => [
      name,
      approximately(ordered) / Math.abs(Number(held[name as keyof typeof held])),
    ]);
    const share = Object.fromEntries(shares) as Record<string, number | undefined>;
    expect(share['call-72000'] ?? 0).toBeLessThanOrEqual((share['call-66000'] ?? 0) + 1e-6);
    expect(share['put-48000'] ?? 0).toBeLessThanOrEqual((share['put-54000'] ?? 0) + 1e-6);
  });
});
