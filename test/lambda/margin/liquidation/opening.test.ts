import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPlanAt } from '../../../../lambda/margin/case/liquidation-due.ts';
import { newPlan } from '../../../../lambda/margin/case/sent.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { type Opening, openedTo } from '../../../../lambda/margin/market/opening.ts';
import { ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../../../lambda/rows/read-market.ts';
import {
  type AccountRows,
  crossOf,
  type MarketRows,
  NOW,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

type Points = readonly (readonly [seconds: string, value: string])[];

const opening = (between: 'steps' | 'linear', points: Points): RawRow => ({
  between,
  points: points.map(([seconds, value]) => ({ seconds, value })),
});

const openingOf = (between: 'steps' | 'linear', points: Points): Opening => ({
  between,
  points: points.map(([seconds, value]) => ({
    seconds: Number(seconds),
    value: ratio(value),
  })) as unknown as Opening['points'],
});

interface Given {
  readonly policy?: RawRow;
  readonly liquidity?: RawRow;
}

const marketOf = ({ policy = {}, liquidity = {} }: Given): MarketRows => ({
  policy: { callMultiplier: '1', liquidationTargetMultiplier: '1', ...policy },
  instruments: {
    'X-PERP': { type: 'perpetual', underlying: 'X', settlementAsset: 'USD', riskClass: 'X' },
  },
  risk: {
    X: {
      margin: { type: 'flat', initial: '0.2', maintenance: '0.1' },
      volatility: '0.6',
      liquidity,
    },
  },
  quotes: { 'X#a': { price: '95' } },
});

/** 100 long from 100, at 95: B = 500, MM = 950, so that 450 are missing. */
const LONG: AccountRows = {
  balances: [{ asset: 'USD', amount: '1000' }],
  positions: [{ instrument: 'X-PERP', quantity: '100', entryPrice: '100' }],
};

const planAfter = (milliseconds: number, given: Given, account = LONG) =>
  planLiquidation(crossOf(account), snapshotOf(marketOf(given)), {
    generation: 2,
    since: NOW - milliseconds,
    capacity: new Map(),
  });

const quantityAfter = (milliseconds: number, given: Given): string | undefined => {
  const [order] = planAfter(milliseconds, given).orders;
  return order && textOf(order.quantity);
};

describe('a figure that opens with time', () => {
  const steps = openingOf('steps', [
    ['0', '0.1'],
    ['10', '0.4'],
    ['60.5', '1'],
  ]);
  const linear = { ...steps, between: 'linear' } as const;

  it.each<[number, string, string]>([
    [0, '0.1', '0.1'],
    [1, '0.1', '0.10003'],
    [9_999, '0.1', '0.39997'],
    [10_000, '0.4', '0.4'],
    [35_250, '0.4', '0.7'],
    [60_499, '0.4', '0.999988118811'],
    [60_500, '1', '1'],
    [1e9, '1', '1'],
  ])('after %i ms is %s in steps and %s in lines', (milliseconds, step, line) => {
    expect(textOf(openedTo(steps, milliseconds))).toBe(step);
    expect(textOf(openedTo(linear, milliseconds))).toBe(line);
  });

  it('never falls with time', () => {
    const time = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(time, time, fc.constantFrom(steps, linear), (one, other, form) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        expect(Number(textOf(openedTo(form, early)))).toBeLessThanOrEqual(
          Number(textOf(openedTo(form, late))),
        );
      }),
    );
  });
});

describe('a share of each holding', () => {
  const share = (between: 'steps' | 'linear') => ({
    policy: {
      liquidationShare: opening(between, [
        ['0', '0.1'],
        ['10', '0.4'],
        ['60', '1'],
      ]),
    },
  });

  /** 450 ÷ 0.1 = 4,500 of notional, 47.36842106 contracts; 40 % of 100 contracts after 10 s. */
  it.each<[number, string]>([
    [0, '10'],
    [9_999, '10'],
    [10_000, '40'],
    [59_999, '40'],
    [60_000, '47.36842106'],
  ])('is what a plan after %i ms closes at most', (milliseconds, quantity) => {
    expect(quantityAfter(milliseconds, share('steps'))).toBe(quantity);
  });

  it('is said by the plan', () => {
    const plan = planAfter(10_000, share('steps'));
    expect(plan.opened).toMatchObject({ since: NOW - 10_000, milliseconds: 10_000, of: 'holding' });
    expect(plan.why).toMatch(/the 40 % of each holding that may be closed 10 s after the first/);
    expect(planAfter(60_000, share('steps')).opened).toEqual({
      since: NOW - 60_000,
      milliseconds: 60_000,
    });
  });

  it('holds back an account with equity below 0', () => {
    const account = { ...LONG, balances: [{ asset: 'USD', amount: '100' }] };
    const [order] = planAfter(0, share('steps'), account).orders;
    expect(order && textOf(order.quantity)).toBe('10');
  });

  it('closes no less later', () => {
    const time = fc.integer({ min: 0, max: 70_000 });
    fc.assert(
      fc.property(time, time, fc.constantFrom('steps', 'linear'), (one, other, between) => {
        const closed = (milliseconds: number) =>
          Number(quantityAfter(milliseconds, share(between)));
        expect(closed(Math.min(one, other))).toBeLessThanOrEqual(closed(Math.max(one, other)));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a share of the shortage', () => {
  const given = {
    policy: {
      liquidationShare: {
        of: 'shortage',
        ...opening('linear', [
          ['0', '0.02'],
          ['60', '1'],
        ]),
      },
    },
  };

  /** 2 % of 450 is 9: 90 of notional. After 30 s 51 %: 2,295. */
  it.each<[number, string]>([
    [0, '0.94736843'],
    [30_000, '24.15789474'],
    [60_000, '47.36842106'],
  ])('is what a plan after %i ms removes', (milliseconds, quantity) => {
    expect(quantityAfter(milliseconds, given)).toBe(quantity);
  });

  it('is said by the plan', () => {
    expect(planAfter(30_000, given).why).toMatch(
      /^the cheapest orders for the 51 % of the shortage that may be closed 30 s after the first/,
    );
    expect(planAfter(60_000, given).why).not.toMatch(/shortage/);
  });

  it('does not hold back an account with equity below 0', () => {
    const account = { ...LONG, balances: [{ asset: 'USD', amount: '100' }] };
    expect(planAfter(0, given, account).scope).toBe('whole');
  });
});

describe('a small shortage', () => {
  const shareOf = (wholeBelow?: string) => ({
    policy: {
      liquidationShare: {
        of: 'shortage',
        ...opening('steps', [['0', '0.1']]),
        ...(wholeBelow === undefined ? {} : { wholeBelow }),
      },
    },
  });

  /** A tenth of the shortage of 450 takes 450 of notional, and all of it takes 4,500. */
  it.each<[string, string]>([
    ['449.99', '4.73684211'],
    ['450', '4.73684211'],
    ['450.01', '47.36842106'],
  ])('below %s is removed whole', (wholeBelow, quantity) => {
    expect(quantityAfter(0, shareOf(wholeBelow))).toBe(quantity);
  });

  it('is not said to be held back', () => {
    const plan = planAfter(1000, shareOf('451'));
    expect(plan.opened).toEqual({ since: NOW - 1000, milliseconds: 1000 });
    expect(plan.why).toBe('the cheapest orders that restore the account to its target');
  });

  it('of 0 changes nothing', () => {
    expect(planAfter(0, shareOf('0'))).toEqual(planAfter(0, shareOf()));
  });

  /** Buys of 100 require 950 more, which is no shortage once they are cancelled. */
  it('is what is missing without open orders', () => {
    const [position] = LONG.positions ?? [];
    const account = { ...LONG, positions: [{ ...position, openBuyQuantity: '100' }] };
    const [order] = planAfter(0, shareOf('451'), account).orders;
    expect(order && textOf(order.quantity)).toBe('47.36842106');
  });

  it('is removed no less for a larger bound', () => {
    const bound = fc.integer({ min: 0, max: 900 });
    fc.assert(
      fc.property(bound, bound, (one, other) => {
        const closed = (below: number) => Number(quantityAfter(0, shareOf(String(below))));
        expect(closed(Math.min(one, other))).toBeLessThanOrEqual(closed(Math.max(one, other)));
      }),
      { numRuns: 20 },
    );
  });
});

describe('fees', () => {
  const FEE = opening('linear', [
    ['0', '0.01'],
    ['599.999', '0.01'],
    ['600', '0.0115'],
    ['8000', '0.03'],
  ]);

  /** 450 ÷ (0.1 − 0.01) = 5,000 of notional. */
  it('to the liquidator open with time, are part of the cost and stand in the order', () => {
    const at = (milliseconds: number) =>
      planAfter(milliseconds, { liquidity: { liquidatorFee: FEE } });
    const fees = [0, 599_999, 600_000, 9e6].map((time) => at(time).orders[0]?.liquidatorFee);
    expect(fees.map((fee) => fee && textOf(fee))).toEqual(['0.01', '0.01', '0.0115', '0.03']);
    expect(textOf(at(0).orders[0]?.quantity ?? ratio('0'))).toBe('52.63157895');
    expect(at(0).opened).toEqual({ since: NOW, milliseconds: 0 });
  });

  it('to the fund open with time', () => {
    const liquidity = { liquidationFeeOpening: FEE };
    const at = (milliseconds: number) => planAfter(milliseconds, { liquidity }).orders[0];
    expect([0, 9e6].map((time) => textOf(at(time)?.liquidationFee ?? ratio('0')))).toEqual([
      '0.01',
      '0.03',
    ]);
  });

  /** 0.1 − 450/9,500 = 0.052631… without, 0.042631… less the liquidator's. */
  it('to the fund leave room for that to the liquidator', () => {
    const liquidity = { liquidationFee: '0.05', liquidationFeeShare: '1', liquidatorFee: FEE };
    const [order] = planAfter(0, { liquidity }).orders;
    expect(Number(textOf(order?.liquidationFee ?? ratio('0')))).toBeCloseTo(0.0426315789, 9);
  });

  it('that are absent change nothing', () => {
    const plain = planAfter(60_000, {});
    expect(plain).toEqual(planAfter(0, {}));
    expect(Object.keys(plain)).not.toContain('opened');
  });
});

describe('the clock of a case', () => {
  const open = {
    caseId: 'a@1',
    level: 'liquidation',
    openedAt: NOW - 9000,
    isWithheld: false,
  } as const;
  const sent = { planId: 'a@1#1', sentAt: NOW - 5000, expiresAt: NOW };

  it.each<[string, object, number]>([
    ['no case', { isIndeterminate: false }, NOW],
    ['a case without a plan', { isIndeterminate: false, open }, NOW],
    [
      'the first plan',
      { isIndeterminate: false, open: { ...open, plan: { ...sent, generation: 1 } } },
      NOW - 5000,
    ],
    [
      'a later plan',
      {
        isIndeterminate: false,
        open: { ...open, plan: { ...sent, generation: 3, since: NOW - 8000 } },
      },
      NOW - 8000,
    ],
  ])('starts with the first order plan: %s', (_, state, since) => {
    expect(firstPlanAt(state as Parameters<typeof firstPlanAt>[0], NOW)).toBe(since);
  });

  it('goes on through a plan on which nothing opens, as one for the backstop', () => {
    const plan = { ...sent, generation: 2, since: NOW - 8000 };
    const handedOver = planAfter(0, {});
    expect(handedOver.opened).toBeUndefined();
    const { policy } = snapshotOf(marketOf({}));
    const next = newPlan({ ...open, plan }, handedOver, { asOf: NOW, policy, callGraceSeconds: 0 });
    expect(next).toMatchObject({ generation: 3, since: NOW - 8000 });
    expect(
      newPlan(open, handedOver, { asOf: NOW, policy, callGraceSeconds: 0 }),
    ).not.toHaveProperty('since');
  });
});

describe('the attributes', () => {
  const fault = (liquidationShare: unknown, policy: RawRow = {}): string => {
    try {
      readMarket(tableRowsOf({ policy: { ...policy, liquidationShare } as RawRow }));
    } catch (error) {
      if (error instanceof PolicyError) return error.message;
      throw error;
    }
    return '';
  };

  it.each<[string, Points, RegExp]>([
    ['no points', [], /points must have 1 to 20 points/],
    ['a late beginning', [['1', '0.5']], /points must begin at 0 seconds/],
    [
      'seconds that stand still',
      [
        ['0', '0.5'],
        ['0', '0.6'],
      ],
      /must rise in seconds/,
    ],
    [
      'values that fall',
      [
        ['0', '0.5'],
        ['1', '0.4'],
      ],
      /must not fall in value/,
    ],
    ['a share above 1', [['0', '1.01']], /value must lie between 0 and 1/],
    [
      'a share of 0',
      [
        ['0', '0'],
        ['1', '1'],
      ],
      /points must begin above 0/,
    ],
    [
      'a tenth of a millisecond',
      [
        ['0', '0.5'],
        ['1.0001', '1'],
      ],
      /seconds must be a number of seconds/,
    ],
  ])('refuse %s', (_, points, message) => {
    expect(fault(opening('steps', points))).toMatch(message);
  });

  it('refuse a small shortage below 0, or where holdings are shared', () => {
    const share = opening('steps', [['0', '0.5']]);
    expect(fault({ of: 'shortage', ...share, wholeBelow: '-1' })).toMatch(
      /liquidationShare.wholeBelow must not be negative, not -1/,
    );
    expect(fault({ of: 'holding', ...share, wholeBelow: '50' })).toMatch(
      /liquidationShare.wholeBelow needs of: shortage; closeWholeBelow of the policy is for holdings/,
    );
  });

  it('refuse an unknown form, and a first share beside it', () => {
    expect(fault({ ...opening('steps', [['0', '1']]), between: 'curves' })).toMatch(/between/);
    expect(fault(opening('steps', [['0', '1']]), { firstShareAbove: '5' })).toMatch(
      /liquidationShare must not be there with firstShareAbove/,
    );
  });

  it('refuse two fees to the fund', () => {
    const liquidity = {
      liquidationFee: '0.01',
      liquidationFeeOpening: opening('steps', [['0', '0.1']]),
    };
    const { market } = readMarket(tableRowsOf(marketOf({ liquidity })));
    const found = market.riskClasses.get('X');
    expect(found?.ok === false && found.reason.detail).toMatch(
      /liquidity.liquidationFeeOpening must not be there with liquidationFee, which it replaces/,
    );
  });
});
