/** Limits hold swaps back, and accounts that swaps alone would harm. */
import { describe, expect, it } from 'vitest';
import { type PlanLimits, planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../../../lambda/rows/read-market.ts';
import { afterPlan } from '../../../../local/analysis/after-plan.ts';
import {
  type AccountRows,
  assessed,
  crossOf,
  type MarketRows,
  NOW,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const constant = (value: string) => ({ points: [{ seconds: '0', value }] });

const FIVE = { bonus: constant('0.05') };

interface Given {
  readonly policy: RawRow;
  readonly weight?: string;
}

const perpetual = (underlying: string): RawRow => ({
  ...{ type: 'perpetual', underlying, settlementAsset: 'USD', riskClass: 'X' },
});

const STABLE = ['DAI', 'DAJ', 'DAK', 'DAL'];

const snapshot = ({ policy, weight = '0.8' }: Given) => {
  const rows: MarketRows = {
    policy: { callMultiplier: '1', liquidationTargetMultiplier: '1', ...policy },
    assets: {
      BTC: { feed: 'BTC', collateralWeight: weight },
      ETH: { feed: 'ETH', collateralWeight: '0.7' },
      ...Object.fromEntries(STABLE.map((asset) => [asset, { feed: 'DAI' }])),
    },
    instruments: { 'X-PERP': perpetual('X'), 'BTC-PERP': perpetual('BTC') },
    risk: {
      X: { margin: { type: 'flat', initial: '0.2', maintenance: '0.1' }, volatility: '0.6' },
      BTC: { volatility: '0.6' },
      ETH: { volatility: '0.6' },
      DAI: { volatility: '0.1' },
    },
    quotes: {
      'BTC#a': { price: '10000' },
      'ETH#a': { price: '1000' },
      'DAI#a': { price: '1' },
      'X#a': { price: '100' },
    },
  };
  return snapshotOf(rows);
};

const balances = (...all: readonly (readonly [string, string])[]) => ({
  balances: all.map(([asset, amount]) => ({ asset, amount })),
});

const planned = (account: AccountRows, given: Given, limits: Partial<PlanLimits> = {}) =>
  planLiquidation(crossOf(account), snapshot(given), {
    ...{ generation: 1, capacity: new Map(), ...limits },
  });

type Planned = ReturnType<typeof planned>;

const swapsOf = ({ swaps = [] }: Planned) =>
  swaps.map(({ collateral, seized, loan, repaid }) => [
    ...[textOf(seized), collateral, textOf(repaid), loan],
  ]);

const ordersOf = ({ orders }: Planned) =>
  orders.map(({ kind, market, quantity }) => [kind, market, textOf(quantity)]);

const surplusAfter = (account: AccountRows, given: Given): [number, number] => {
  const market = snapshot(given);
  const plan = planLiquidation(crossOf(account), market);
  const { outcome } = afterPlan(crossOf(account), plan, market).assessed;
  if (outcome.certainty === 'indeterminate') throw new Error('indeterminate');
  const before = assessed(account, market).surplus.liquidation.point;
  return [Number(textOf(before)), Number(textOf(outcome.surplus.liquidation.point))];
};

/** 160 are missing, and each 1 repaid frees 0.16. */
const LOAN = balances(['BTC', '1'], ['USD', '-8160']);

describe('a share that opens with time', () => {
  const opening = (of: string, loanSwap: RawRow = FIVE, more: RawRow = {}): Given => ({
    policy: {
      loanSwap,
      liquidationShare: {
        of,
        between: 'linear',
        points: [
          { seconds: '0', value: '0.02' },
          { seconds: '60', value: '1' },
        ],
        ...more,
      },
    },
  });
  const passed = (seconds: number) => ({ since: NOW - seconds * 1000 });

  /** 2 %, 51 % and all of 160, ÷ 0.16. */
  it.each<[number, string]>([
    [0, '20'],
    [30, '510'],
    [60, '1000'],
  ])('of the shortage holds swaps back, too: after %i s', (seconds, repaid) => {
    const plan = planned(LOAN, opening('shortage'), passed(seconds));
    expect(swapsOf(plan).map(([, , each]) => each)).toEqual([repaid]);
  });

  it('of the shortage is said', () => {
    const { why, opened, scope } = planned(LOAN, opening('shortage'), passed(30));
    expect(why).toMatch(
      /^swaps of collateral for loans for the 51 % of the shortage that may be closed 30 s after .*; the next generation/,
    );
    expect([opened?.share && textOf(opened.share), opened?.of, scope]).toEqual([
      ...['0.51', 'shortage', 'partial'],
    ]);
  });

  /** 100 + 800 − 700 = 200 against 500. Of 300 are 2 % 6: the swap of all frees 112, so no order. */
  it('of the shortage is shared by swaps and orders', () => {
    const account = {
      ...balances(['BTC', '0.01'], ['USD', '-30']),
      positions: [{ instrument: 'X-PERP', quantity: '50', entryPrice: '98' }],
    };
    // 80 + 100 − 30 = 150: 350 are missing, of which 51 % are 178.5. Swaps free 30·0.16 = 4.8.
    const plan = planned(account, opening('shortage'), passed(30));
    expect(swapsOf(plan)).toEqual([['0.00315', 'BTC', '30', 'USD']]);
    expect(ordersOf(plan)).toEqual([['position', 'X-PERP', '17.37']]);
  });

  /** 350 are missing, and 345.2 after the swap: what is small is said by the first. */
  it.each<[string, string]>([
    ['346', '17.37'],
    ['350', '17.37'],
    ['351', '34.52'],
  ])('of the shortage, which is whole below %s', (wholeBelow, quantity) => {
    const account = {
      ...balances(['BTC', '0.01'], ['USD', '-30']),
      positions: [{ instrument: 'X-PERP', quantity: '50', entryPrice: '98' }],
    };
    const plan = planned(account, opening('shortage', FIVE, { wholeBelow }), passed(30));
    expect(swapsOf(plan)).toEqual([['0.00315', 'BTC', '30', 'USD']]);
    expect(ordersOf(plan)).toEqual([['position', 'X-PERP', quantity]]);
  });

  it('of a small shortage holds no swap back', () => {
    const plan = planned(LOAN, opening('shortage', FIVE, { wholeBelow: '161' }), passed(0));
    expect(swapsOf(plan)).toEqual([['0.105', 'BTC', '1000', 'USD']]);
  });

  /** At most 51 % of 8,160 and of 1 BTC. */
  it('of each holding holds swaps back, too', () => {
    const poor = balances(['BTC', '1'], ['USD', '-9600']);
    const plan = planned(poor, opening('holding'), passed(30));
    expect(swapsOf(plan)).toEqual([['0.51', 'BTC', '4857.14285715', 'USD']]);
    expect(plan.why).toMatch(/as far as the 51 % of each holding that may be closed 30 s after/);
    expect(plan.scope).toBe('partial');
    expect(swapsOf(planned(poor, opening('holding'), passed(60)))).toEqual([
      ['1', 'BTC', '9523.80952381', 'USD'],
    ]);
  });

  it('of the shortage is refused where swaps take the most that is allowed', () => {
    const { policy } = opening('shortage', { ...FIVE, amount: 'most' });
    expect(() => readMarket(tableRowsOf({ policy }))).toThrow(PolicyError);
    expect(() => readMarket(tableRowsOf({ policy }))).toThrow(
      /liquidationShare must not be of the shortage with amount most of loanSwap/,
    );
    const holding = opening('holding', { ...FIVE, amount: 'most' });
    expect(() => readMarket(tableRowsOf({ policy: holding.policy }))).not.toThrow();
  });
});

it('a plan with the most swaps says that the next goes on', () => {
  const account = balances(
    ...(['BTC', 'ETH'] as const).map((asset) => [asset, '0.1'] as const),
    ...['USD', ...STABLE].map((asset) => [asset, '-250'] as const),
  );
  const plan = planned(account, { policy: { loanSwap: FIVE } });
  expect(plan.swaps).toHaveLength(4);
  expect(plan.scope).toBe('partial');
  expect(plan.why).toMatch(/as far as the number of swaps in one plan allows; the next generation/);
});

describe('a swap that seizes one leg of a hedge', () => {
  /** At 0.95 each 1 repaid frees 1 − 0.9975 = 0.0025, and bares 1.05 of the short position. */
  const given = { policy: { loanSwap: FIVE, latencyBuffer: 'standard' }, weight: '0.95' };
  const account = (usd: string) => ({
    ...balances(['BTC', '1'], ['USD', usd]),
    positions: [{ instrument: 'BTC-PERP', quantity: '-1', entryPrice: '10000' }],
  });

  it('is not made where the account would lack more', () => {
    const plan = planned(account('-8500'), given);
    expect(plan.swaps).toBeUndefined();
    expect(ordersOf(plan).map(([kind]) => kind)).toEqual(['position']);
    const [, after] = surplusAfter(account('-8500'), given);
    expect(after).toBeGreaterThanOrEqual(0);
  });

  /** A rise costs 1.1 with the maintenance requirement, and brings 0.95·(1.5 − seized). */
  it('ends where the account lacks least', () => {
    const long = {
      ...account('-13600'),
      balances: balances(['BTC', '1.5'], ['USD', '-13600']).balances,
    };
    const [[seized] = []] = swapsOf(planned(long, given));
    expect(Number(seized)).toBeCloseTo(1.5 - 1.1 / 0.95, 4);
  });

  it('is said to be harmful where the rules take the most', () => {
    const most = { ...given, policy: { ...given.policy, loanSwap: { ...FIVE, amount: 'most' } } };
    expect(planned(account('-8500'), most).why).toMatch(/lacks more of its target after the swaps/);
  });
});

describe('swaps that heal nothing', () => {
  const given = { policy: { loanSwap: { bonus: constant('0.3') } } };
  const account = {
    ...balances(['BTC', '0.1'], ['USD', '-700']),
    positions: [{ instrument: 'X-PERP', quantity: '50', entryPrice: '98' }],
  };

  /** 800 + 100 − 700 = 200 against 500: 3,000 of notional are closed, and no collateral is given away. */
  it('wait until the positions are closed', () => {
    const plan = planned(account, given);
    expect(plan.swaps).toBeUndefined();
    expect(ordersOf(plan)).toEqual([['position', 'X-PERP', '30']]);
    expect(plan.why).toMatch(/no swap raises its margin balance.*, so positions come first/);
    expect(surplusAfter(account, given)[1]).toBeCloseTo(0, 6);
  });

  it('are made when no position is left', () => {
    const bare = { ...account, positions: [], ...balances(['BTC', '0.1'], ['USD', '-850']) };
    expect(swapsOf(planned(bare, given))).toEqual([['0.1', 'BTC', '769.23076924', 'USD']]);
  });
});
