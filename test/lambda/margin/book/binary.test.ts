import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import {
  type AccountRows,
  assessed,
  crossOf,
  type MarketRows,
  reasonsOf,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const binary = {
  type: 'perpetual',
  underlying: 'VOTE',
  settlementAsset: 'USD',
  riskClass: 'VOTE',
  payout: '1',
};

interface Given {
  readonly price?: string;
  readonly instrument?: RawRow;
  readonly risk?: RawRow;
}

const marketOf = ({ price = '0.25', instrument = {}, risk = {} }: Given = {}): MarketRows => ({
  assets: { VOTE: { feed: 'VOTE' } },
  instruments: { 'VOTE-YES': { ...binary, ...instrument } },
  risk: {
    VOTE: {
      margin: { type: 'flat', initial: '1', maintenance: '0.8' },
      volatility: '0.6',
      ...risk,
    },
  },
  quotes: { VOTE: { price } },
});
const quoted = (given?: Given): MarketRows => {
  const { quotes, ...rows } = marketOf(given);
  return { ...rows, quotes: { 'VOTE#a': { ...quotes?.VOTE } } };
};

const holding = (quantity: string, more: RawRow = {}): AccountRows => ({
  balances: [{ asset: 'USD', amount: '1000' }],
  positions: [{ instrument: 'VOTE-YES', quantity, entryPrice: '0.25', ...more }],
});

const required = (account: AccountRows, given?: Given) => {
  const found = assessed(account, snapshotOf(quoted(given)));
  return [textOf(found.initialRequirement), textOf(found.maintenanceRequirement)];
};

describe('a binary contract', () => {
  it.each<[string, string, Given, string[]]>([
    ['a long requires its price: 100 · 0.25', '100', {}, ['25', '20']],
    ['a short what is left to the payout: 100 · 0.75', '-100', {}, ['75', '60']],
    ['a short at a price of 0.99', '-100', { price: '0.99' }, ['1', '0.8']],
    ['a short at the payout', '-100', { price: '1' }, ['0', '0']],
    ['a short beyond the payout', '-100', { price: '1.2' }, ['0', '0']],
    ['a long beyond the payout', '100', { price: '1.2' }, ['120', '96']],
    /** 100 contracts of 10: 1,000 · (2 − 0.25). */
    [
      'with a size and another payout',
      '-100',
      { instrument: { contractSize: '10', payout: '2' } },
      ['1750', '1400'],
    ],
  ])('%s', (_, quantity, given, due) => expect(required(holding(quantity), given)).toEqual(due));

  /** 75 of notional: 50 at half, 25 more at the whole: 0.5·50 + 1·25. */
  it('follows tiers by what is left to the payout', () => {
    const tiers = [
      { floor: '0', initial: '0.5', maintenance: '0.25' },
      { floor: '50', initial: '1', maintenance: '0.5' },
    ];
    const risk = { margin: { type: 'tiered', tiers } };
    expect(required(holding('-100'), { risk })).toEqual(['50', '25']);
    expect(required(holding('-100'), { risk, price: '0.5' })).toEqual(['25', '12.5']);
    expect(required(holding('-100'), { risk, price: '0.75' })).toEqual(['12.5', '6.25']);
  });

  /** √100 = 10: 0.8·0.5 + 0.02·10 = 0.6 of 75. */
  it('follows its size', () => {
    const margin = { type: 'squareRoot', initial: '0.5', maintenance: '0.5', sizeScaling: '0.02' };
    expect(required(holding('-100'), { risk: { margin } })).toEqual(['45', '45']);
  });

  it.each<[string, string, RawRow, string]>([
    /** 150 long require 37.5. */
    ['a long with buys', '100', { openBuyQuantity: '50' }, '37.5'],
    /** 100 long require 25, 50 short 37.5. */
    ['a long whose sells turn it', '100', { openSellQuantity: '150' }, '37.5'],
    /** 100 long require 25, 20 short 15. */
    ['a long whose sells do not matter', '100', { openSellQuantity: '120' }, '25'],
    /** 100 short require 75, 200 long 50. */
    ['a short whose buys turn it', '-100', { openBuyQuantity: '300' }, '75'],
    ['orders alone', '0', { openBuyQuantity: '10', openSellQuantity: '10' }, '7.5'],
  ])('of open orders counts the outcome that requires more: %s', (_, quantity, orders, initial) => {
    expect(required(holding(quantity, orders))[0]).toBe(initial);
  });

  it('rounds up where the class says so', () => {
    const given = { price: '0.333', risk: { requirementPlaces: '1' } };
    expect(required(holding('-1'), given)).toEqual(['0.7', '0.6']);
  });

  it('requires as any other contract of a long, and never more of a short the higher the price', () => {
    const cents = fc.integer({ min: 1, max: 120 });
    fc.assert(
      fc.property(cents, cents, fc.integer({ min: 1, max: 500 }), (one, other, contracts) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)].map(
          (each) => `${each}e-2`,
        );
        const dueAt = (price = '1') => Number(required(holding(`-${contracts}`), { price })[1]);
        expect(dueAt(high)).toBeLessThanOrEqual(dueAt(low));
        const { payout: _, ...plain } = binary;
        const rows = quoted({ price: low ?? '1' });
        const snapshot = snapshotOf({ ...rows, instruments: { 'VOTE-YES': plain } });
        const ordinary = assessed(holding(String(contracts)), snapshot);
        expect(required(holding(String(contracts)), { price: low ?? '1' })).toEqual([
          textOf(ordinary.initialRequirement),
          textOf(ordinary.maintenanceRequirement),
        ]);
      }),
      { numRuns: 40 },
    );
  });
});

/** 100 short at 0.25, now 0.3, 20 of cash: B = 15, MM = 56. It closes what 1.3·MM needs. */
it('a plan closes a short until its margin is enough', () => {
  const account = { ...holding('-100'), balances: [{ asset: 'USD', amount: '20' }] };
  const [order] = planLiquidation(crossOf(account), snapshotOf(quoted({ price: '0.3' }))).orders;
  // x contracts are left: 1.3·0.8·0.7·x = 15.
  expect(Number(textOf(order?.quantity as never))).toBeCloseTo(100 - 15 / 0.728, 6);
});

describe('a row that cannot be', () => {
  const faults = (row: RawRow) =>
    readMarket(tableRowsOf({ instruments: { X: { ...binary, ...row } } })).faults.map(
      ({ detail }) => detail,
    );

  it.each([
    [{ payout: '0' }, 'payout must be above 0, not 0'],
    [{ inverse: true, settlementAsset: 'VOTE' }, 'payout is not for an inverse contract'],
    [
      { type: 'option', strike: '1', expiresAt: '1', optionType: 'call', markFeed: 'X' },
      'payout is for a perpetual or a future only',
    ],
  ])('%s', (row, fault) => expect(faults(row)).toEqual([`market instrument/X: ${fault}`]));

  it('margin at entry', () => {
    const snapshot = snapshotOf(quoted({ risk: { notionalAt: 'entry' } }));
    expect(reasonsOf(holding('1'), snapshot)).toEqual(['settlement-unsuited VOTE-YES']);
  });
});

/** A scenario's price may be above the payout, and none is 0 or 1, which is how the contract ends. */
describe('on a portfolio', () => {
  const scenarios = [{ priceMultiplier: '1' }, { priceMultiplier: '0.9' }];
  const given = { risk: { portfolio: { scenarios } } };
  const account = { ...holding('-100'), profile: { marginModel: 'portfolio' } };

  it('is refused, unless its losses are published', () => {
    expect(reasonsOf(account, snapshotOf(quoted(given)))).toEqual(['row-malformed VOTE-YES']);
    const published = { ...given, instrument: { lossArray: ['0', '0.75'] } };
    expect(required({ ...account, ...holding('100') }, published)).toEqual(['75', '75']);
  });

  it('is as before for an account on the standard model, or in a class without portfolio', () => {
    expect(required(holding('-100'), given)).toEqual(['75', '60']);
    expect(required(account)).toEqual(['75', '60']);
  });
});
