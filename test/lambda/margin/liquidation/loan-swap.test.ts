import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanLimits } from '../../../../lambda/margin/liquidation/plan.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
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
  subAccountsOf,
  tableRowsOf,
} from '../build.ts';

const constant = (value: string) => ({ points: [{ seconds: '0', value }] });

const FIVE = { bonus: constant('0.05') };

const AAVE = {
  ...FIVE,
  amount: 'most',
  closeFactor: '0.5',
  wholeBelowHealth: '0.95',
  wholeBelow: '2000',
  leastLeft: '1000',
};

interface Given {
  readonly loanSwap?: RawRow;
  readonly btc?: string;
  readonly weight?: string;
  readonly assets?: MarketRows['assets'];
  readonly policy?: RawRow;
}

const rowsOf = ({
  loanSwap,
  btc = '10000',
  weight = '0.8',
  assets,
  policy,
}: Given): MarketRows => ({
  policy: {
    callMultiplier: '1',
    liquidationTargetMultiplier: '1',
    ...(loanSwap && { loanSwap }),
    ...policy,
  },
  assets: {
    BTC: { feed: 'BTC', collateralWeight: weight },
    ETH: { feed: 'ETH', collateralWeight: '0.7' },
    DAI: { feed: 'DAI' },
    ...assets,
  },
  locations: { far: { finalitySeconds: '0', weight: '1', pendingWeight: '1' } },
  instruments: {
    'X-PERP': { type: 'perpetual', underlying: 'X', settlementAsset: 'USD', riskClass: 'X' },
  },
  risk: {
    X: { margin: { type: 'flat', initial: '0.2', maintenance: '0.1' }, volatility: '0.6' },
    BTC: { volatility: '0.6', liquidity: { fee: '0.001' } },
    ETH: { volatility: '0.6' },
    DAI: { volatility: '0.1' },
  },
  quotes: {
    'BTC#a': { price: btc },
    'ETH#a': { price: '1000' },
    'DAI#a': { price: '1' },
    'X#a': { price: '100' },
  },
});

const holding = (...balances: readonly (readonly [string, string])[]): AccountRows => ({
  balances: balances.map(([asset, amount]) => ({ asset, amount })),
});

const planned = (account: AccountRows, given: Given, limits?: Partial<PlanLimits>) =>
  planLiquidation(crossOf(account), snapshotOf(rowsOf(given)), {
    generation: 1,
    capacity: new Map(),
    ...limits,
  });

const swapsOf = (account: AccountRows, given: Given, limits?: Partial<PlanLimits>) =>
  (planned(account, given, limits).swaps ?? []).map(({ collateral, seized, loan, repaid }) => [
    textOf(seized),
    collateral,
    textOf(repaid),
    loan,
  ]);

const surplusAfter = (account: AccountRows, given: Given): [number, number] => {
  const snapshot = snapshotOf(rowsOf(given));
  const plan = planLiquidation(crossOf(account), snapshot);
  const { outcome } = afterPlan(crossOf(account), plan, snapshot).assessed;
  if (outcome.certainty === 'indeterminate') throw new Error('indeterminate');
  const before = assessed(account, snapshot).surplus.liquidation.point;
  return [Number(textOf(before)), Number(textOf(outcome.surplus.liquidation.point))];
};

/** 1 BTC of 10,000 at 0.8 against 8,160 USD: health 0.98, 160 are missing. */
const LOAN = holding(['BTC', '1'], ['USD', '-8160']);

describe('a swap of collateral for a loan', () => {
  /** Each 1 repaid frees 1 − 0.8·1.05 = 0.16: 160 ÷ 0.16 = 1,000, for 1,050 of BTC. */
  it('repays the least that restores the account', () => {
    const plan = planned(LOAN, { loanSwap: FIVE });
    expect(swapsOf(LOAN, { loanSwap: FIVE })).toEqual([['0.105', 'BTC', '1000', 'USD']]);
    expect(plan).toMatchObject({
      orders: [],
      scope: 'partial',
      why: 'swaps of collateral for loans that restore the account to its target',
    });
    expect(surplusAfter(LOAN, { loanSwap: FIVE })[1]).toBeCloseTo(0, 6);
  });

  it('is none without the rule, nor for a sound account', () => {
    expect(planned(LOAN, {}).swaps).toBeUndefined();
    expect(planned(LOAN, {}).orders).not.toEqual([]);
    expect(planned(holding(['BTC', '1'], ['USD', '-8000']), { loanSwap: FIVE }).swaps).toBe(
      undefined,
    );
  });

  /** 8,160 of debt: half is 4,080, for 4,284 of BTC; at or below 0.95 all, as far as BTC pays. */
  it.each<[string, string, string[][]]>([
    ['half above a health of 0.95', '8160', [['0.4284', 'BTC', '4080', 'USD']]],
    [
      'all at 0.95',
      '8421.052631578947368421052631578948',
      [['0.88421052', 'BTC', '8421.052631578947368421052631578948', 'USD']],
    ],
    ['half just above it', '8421.0526', [['0.44210526', 'BTC', '4210.5263', 'USD']]],
    ['all that BTC pays for: 10,000 ÷ 1.05', '9800', [['1', 'BTC', '9523.80952381', 'USD']]],
  ])('goes to the close factor of Aave: %s', (_, debt, swaps) => {
    expect(swapsOf(holding(['BTC', '1'], ['USD', `-${debt}`]), { loanSwap: AAVE })).toEqual(swaps);
  });

  /** 0.24 BTC is 2,400 at 0.8 = 1,920 against 1,960: 0.9796. A loan below 2,000 is repaid whole. */
  it('repays a small loan whole', () => {
    const account = holding(['BTC', '0.24'], ['USD', '-1960']);
    expect(swapsOf(account, { loanSwap: AAVE })).toEqual([['0.2058', 'BTC', '1960', 'USD']]);
    const atBound = holding(['BTC', '0.245'], ['USD', '-2000']);
    expect(swapsOf(atBound, { loanSwap: AAVE })).toEqual([['0.105', 'BTC', '1000', 'USD']]);
  });

  /**
   * 2,040 against 0.25 BTC at 0.8: needed are 40 ÷ 0.16 = 250, which leave 1,790. With at least 1,800
   * to be left of each, 240 may be repaid.
   */
  it('leaves no dust of a loan, or repays it whole', () => {
    const account = holding(['BTC', '0.25'], ['USD', '-2040']);
    const rules = { ...FIVE, closeFactor: '0.5', wholeBelow: '3600', leastLeft: '1800' };
    expect(swapsOf(account, { loanSwap: rules })).toEqual([['0.2142', 'BTC', '2040', 'USD']]);
    const held = holding(['BTC', '0.5'], ['USD', '-4000'], ['USD', '0']);
    const bound = { ...rules, wholeBelow: '3700', leastLeft: '1850' };
    expect(swapsOf({ balances: held.balances?.slice(0, 2) ?? [] }, { loanSwap: bound })).toEqual(
      [],
    );
  });

  /** 0.16 ÷ 0.05 frees the most for BTC at 0.8; ETH at 0.7 frees 1 − 0.735 = 0.265 and goes first. */
  it('takes the collateral that heals most for its bonus first', () => {
    const account = holding(['BTC', '1'], ['ETH', '1'], ['USD', '-8965']);
    // 8,000 + 700 − 8,965 = −265: 1,000 ÷ 1.05 = 952.38 of ETH free 252.38; 12.62 ÷ 0.16 = 78.87.
    expect(swapsOf(account, { loanSwap: FIVE })).toEqual([
      ['1', 'ETH', '952.38095239', 'USD'],
      // Seized in whole 10⁻⁸ BTC, so a little less is needed.
      ['0.00828124', 'BTC', '78.86904265', 'USD'],
    ]);
  });

  it('takes the bonus of an asset in place of the policy’s', () => {
    const assets = { BTC: { feed: 'BTC', collateralWeight: '0.8', swapBonus: '0.1' } };
    // 1 − 0.88 = 0.12: 160 ÷ 0.12 = 1,333.33.
    expect(swapsOf(LOAN, { loanSwap: FIVE, assets })).toEqual([
      ['0.14666666', 'BTC', '1333.33333334', 'USD'],
    ]);
  });

  it('pays a loan of a coin with a balance of the numeraire', () => {
    // 1,000 − 1.2·900 = −80: each 1 repaid frees 1.2 − 1.05 = 0.15.
    const assets = { DAI: { feed: 'DAI', liabilityWeight: '1.2' } };
    expect(swapsOf(holding(['USD', '1000'], ['DAI', '-900']), { loanSwap: FIVE, assets })).toEqual([
      ['560', 'USD', '533.33333334', 'DAI'],
    ]);
  });

  /** The bonus of an auction: 0 at first, 5 % after 60 s. */
  it('has a bonus that opens with time', () => {
    const bonus = {
      between: 'linear',
      points: [
        { seconds: '0', value: '0' },
        { seconds: '60', value: '0.05' },
      ],
    };
    const at = (seconds: number) =>
      planned(LOAN, { loanSwap: { bonus } }, { since: NOW - seconds * 1000 }).swaps?.map((swap) =>
        textOf(swap.bonus),
      );
    expect([at(0), at(30), at(60), at(600)]).toEqual([['0'], ['0.025'], ['0.05'], ['0.05']]);
  });

  it('comes before orders, which close positions', () => {
    const account = {
      balances: [
        { asset: 'BTC', amount: '0.1' },
        { asset: 'USD', amount: '-700' },
      ],
      positions: [{ instrument: 'X-PERP', quantity: '50', entryPrice: '98' }],
    };
    // 800 + 100 − 700 = 200 against MM 500. Half of 700 frees 350·0.16 = 56: 244 ÷ 0.1 = 2,440.
    const given = { loanSwap: { ...FIVE, closeFactor: '0.5' } };
    const plan = planned(account, given);
    expect(swapsOf(account, given)).toEqual([['0.03675', 'BTC', '350', 'USD']]);
    expect(plan.orders.map(({ market, quantity }) => [market, textOf(quantity)])).toEqual([
      ['X-PERP', '24.4'],
    ]);
    expect(plan.scope).toBe('partial');
  });

  it('leaves isolated positions and collateral at a location alone', () => {
    const far = { asset: 'BTC', amount: '1', location: 'far', observedAt: String(NOW) };
    const account = { balances: [far, { asset: 'USD', amount: '-8160' }] };
    expect(planned(account, { loanSwap: FIVE }).swaps).toBeUndefined();
    const isolated = {
      balances: [{ asset: 'BTC', amount: '1' }],
      positions: [
        { instrument: 'X-PERP', quantity: '100', entryPrice: '100', isolatedMargin: '-100' },
      ],
    };
    const [, position] = subAccountsOf(isolated);
    if (position === undefined) throw new Error('the position is a sub-account');
    const plan = planLiquidation(position, snapshotOf(rowsOf({ loanSwap: FIVE })));
    expect(plan.swaps).toBeUndefined();
    expect(plan.orders).toHaveLength(1);
  });

  it('says that its bonus is too large to heal, and swaps as far as it may', () => {
    const plan = planned(LOAN, { loanSwap: { ...AAVE, bonus: constant('0.25') } });
    expect(plan.swaps).toHaveLength(1);
    expect(plan.why).toMatch(/no swap raises its margin balance, because the bonus is not below/);
    expect(planned(LOAN, { loanSwap: { ...AAVE, bonus: constant('0.2499') } }).why).not.toMatch(
      /no swap raises/,
    );
  });

  /** 0.8·1.05 = 0.84: at 8,000 ÷ 9,600 = 0.8333 every swap lowers the ratio. */
  it('says that the health falls where it is below weight × (1 + bonus)', () => {
    const plan = planned(holding(['BTC', '1'], ['USD', '-9600']), {
      loanSwap: { ...AAVE, closeFactor: '0.5', wholeBelowHealth: '0.5' },
    });
    expect(plan.why).toMatch(/its health falls from 0.8333 to 0.826/);
  });

  it('never lowers the surplus while b < v/w − 1, and never takes more than is held or owed', () => {
    const permille = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(
        permille(100, 950),
        permille(0, 400),
        permille(1, 1200),
        fc.constantFrom('needed', 'most'),
        permille(100, 1000),
        (weight, bonus, ratio, amount, closeFactor) => {
          const debt = Math.ceil((10 * weight * 1000) / ratio) / 1;
          const account = holding(['BTC', '1'], ['USD', `-${debt}`]);
          const loanSwap = {
            bonus: constant(String(bonus / 1000)),
            amount,
            closeFactor: String(closeFactor / 1000),
          };
          const given = { loanSwap, weight: String(weight / 1000) };
          const plan = planned(account, given);
          const isHealing = 1 + bonus / 1000 < 1000 / weight;
          for (const { seized, repaid } of plan.swaps ?? []) {
            expect(Number(textOf(seized))).toBeLessThanOrEqual(1);
            expect(Number(textOf(repaid))).toBeLessThanOrEqual(debt);
          }
          if (plan.swaps === undefined) return;
          const [before, after] = surplusAfter(account, given);
          if (isHealing) expect(after).toBeGreaterThanOrEqual(before);
          else expect(plan.why).toMatch(/no swap raises/);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the rules of a swap', () => {
  const fault = (loanSwap: unknown): string => {
    try {
      readMarket(tableRowsOf({ policy: { loanSwap } as RawRow }));
    } catch (error) {
      if (error instanceof PolicyError) return error.message;
      throw error;
    }
    return '';
  };

  it.each<[string, unknown, RegExp]>([
    ['no bonus', {}, /bonus.* is missing|bonus/],
    ['a bonus above 1', { bonus: constant('1.1') }, /bonus.*must lie between 0 and 1/],
    ['a close factor of 0', { ...FIVE, closeFactor: '0' }, /closeFactor must be above 0/],
    [
      'a close factor above 1',
      { ...FIVE, closeFactor: '1.01' },
      /closeFactor must lie between 0 and 1/,
    ],
    [
      'a remainder without room',
      { ...FIVE, closeFactor: '0.5', wholeBelow: '1999', leastLeft: '1000' },
      /leastLeft must be at most wholeBelow·\(1 − closeFactor\)/,
    ],
    ['an unknown rule', { ...FIVE, close: '0.5' }, /close/],
  ])('refuse %s', (_, rules, message) => {
    expect(fault(rules)).toMatch(message);
  });

  it('are accepted at their bounds', () => {
    expect(fault(AAVE)).toBe('');
    expect(fault({ ...FIVE, closeFactor: '1', leastLeft: '5' })).toBe('');
  });
});
