import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Figures } from '../../../../lambda/margin/assess/figures.ts';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { approximately, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  type MarketRows,
  NOW,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const DAY_MS = 86_400_000;
const CHARGE = { rate: '0.2', lessOutOfTheMoney: true, floor: '0.1' };
const PUT_CHARGE = { ...CHARGE, floorOf: 'strike' };
const RULE = {
  shortCall: { initial: CHARGE, maintenance: CHARGE },
  shortPut: { initial: PUT_CHARGE, maintenance: PUT_CHARGE },
  balanceValue: 'none',
  strangles: 'pairs',
};

const option = (optionType: 'call' | 'put', strike: string, more: RawRow = {}): RawRow => ({
  ...{ type: 'option', underlying: 'X', settlementAsset: 'USD', riskClass: 'X' },
  ...{
    optionType,
    strike,
    expiresAt: String(NOW + 30 * DAY_MS),
    markFeed: `${optionType}-${strike}`,
  },
  ...more,
});

interface Given {
  readonly rule?: RawRow;
  readonly marks?: Readonly<Record<string, string>>;
  readonly price?: string;
  readonly policy?: RawRow;
  readonly volatility?: string;
}

const marketOf = ({
  rule,
  marks = {},
  price = '100',
  policy = {},
  volatility,
}: Given = {}): MarketRows => ({
  policy,
  instruments: {
    C105: option('call', '105'),
    C120: option('call', '120'),
    P90: option('put', '90'),
    P80: option('put', '80'),
    LATE: option('put', '90', { expiresAt: String(NOW + 60 * DAY_MS), markFeed: 'LATE' }),
  },
  risk: {
    X: { optionRule: { ...RULE, ...rule }, volatility: '0.6', shockMax: '0.05', jumpFloor: '1' },
  },
  quotes: {
    'X#a': { price, confidence: volatility === undefined ? null : String(Number(price) * 0.01) },
    ...Object.fromEntries(
      Object.entries({
        'call-105': '2',
        'call-120': '0.5',
        'put-90': '3',
        'put-80': '1',
        LATE: '4',
        ...marks,
      }).map(([feed, mark]) => [
        `${feed}#a`,
        volatility === undefined ? { price: mark } : { impliedVolatility: volatility },
      ]),
    ),
  },
});

const holding = (held: Readonly<Record<string, string>>): AccountRows => ({
  balances: [{ asset: 'USD', amount: '1000' }],
  positions: Object.entries(held).map(([instrument, quantity]) => ({
    ...{ instrument, quantity, entryPrice: '1' },
  })),
});

const required = (held: Readonly<Record<string, string>>, given?: Given) =>
  textOf(assessed(holding(held), snapshotOf(marketOf(given))).maintenanceRequirement);

describe('a short call and a short put of one expiry', () => {
  it.each<[string, Record<string, string>, string]>([
    /** max(20 − 5, 10) + 2 = 17 is more than max(20 − 10, 9) + 3 = 13: 17 + 3. */
    ['require the greater side and the other’s mark', { C105: '-1', P90: '-1' }, '20'],
    /** One pair as above, one call alone: 20 + 17. */
    ['pair as far as both go', { C105: '-2', P90: '-1' }, '37'],
    /** 20 for C105 and P90; the call at 120 alone: max(20 − 20, 10) + 0.5. */
    ['pair the lowest call with the highest put', { C105: '-1', C120: '-1', P90: '-1' }, '30.5'],
    /** C105 and P90: 20. C120 and P80: 10.5 is more than max(0, 8) + 1 = 9: 10.5 + 1. */
    ['pair the rest with the rest', { C105: '-1', C120: '-1', P90: '-1', P80: '-1' }, '31.5'],
    ['do not pair with a long option', { C105: '-1', P90: '1' }, '17'],
    /** 17 and max(20 − 10, 9) + 4. */
    ['do not pair across expiries', { C105: '-1', LATE: '-1' }, '31'],
  ])('%s', (_, held, due) => expect(required(held)).toBe(due));

  /** P80 requires 8 + 3 = 11, C120 10 + 0.5: the put, with the lesser charge, and 0.5. */
  it('compare what they require with their marks', () => {
    expect(required({ C120: '-1', P80: '-1' }, { marks: { 'put-80': '3' } })).toBe('11.5');
    // At 2.5 both require 10.5, and the greater charge counts: 10 + 0.5 + 2.5.
    expect(required({ C120: '-1', P80: '-1' }, { marks: { 'put-80': '2.5' } })).toBe('13');
  });

  it('require the sum where the rule does not pair', () => {
    expect(required({ C105: '-1', P90: '-1' }, { rule: { strangles: 'none' } })).toBe('30');
    expect(required({ C105: '-1', P90: '-1' }, { rule: { strangles: null } })).toBe('30');
  });

  it('count with open sell orders', () => {
    const account = holding({ C105: '-1' });
    const sold = { instrument: 'P90', quantity: '0', openSellQuantity: '1' };
    const found = assessed(
      { ...account, positions: [...(account.positions ?? []), sold] },
      snapshotOf(marketOf()),
    );
    expect(textOf(found.maintenanceRequirement)).toBe('20');
  });

  it('never require more than apart, nor less than either alone', () => {
    const counts = fc.nat(5).map((count) => `-${count}`);
    fc.assert(
      fc.property(counts, counts, counts, counts, (C105, C120, P90, P80) => {
        const held = { C105, C120, P90, P80 };
        const paired = Number(required(held));
        expect(paired).toBeLessThanOrEqual(Number(required(held, { rule: { strangles: 'none' } })));
        expect(paired).toBeGreaterThanOrEqual(Number(required({ C105, C120 })) - 1e-9);
        expect(paired).toBeGreaterThanOrEqual(Number(required({ P90, P80 })) - 1e-9);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the bounds of a pair', () => {
  const counts = fc.nat(5).map((count) => `-${count}`);
  const formula = overMaintenance(ratio('1'));
  const at = (held: Record<string, string>, given: Given) => {
    const snapshot = snapshotOf(marketOf(given));
    return new Figures(bookOf(holding(held), snapshot), snapshot.policy);
  };

  /** The side that requires less may change on the way, and the requirement jumps there. */
  it('hold wherever the price may be', () => {
    fc.assert(
      fc.property(
        counts,
        counts,
        counts,
        counts,
        fc.integer({ min: 85, max: 115 }),
        (C105, C120, P90, P80, price) => {
          const held = { C105, C120, P90, P80 };
          const volatility = '0.8';
          const policy = { latencyBuffer: 'standard', uncertainty: 'standard' };
          const figures = at(held, { price: String(price), volatility, policy });
          const { low, high } = figures.of(formula);
          const off = approximately(figures.factors[0]?.atMark.curve.uncertainty ?? ratio('0'));
          const left = approximately(figures.surplus(formula).point);
          for (const place of [-1, -0.6, -0.2, 0.2, 0.6, 1]) {
            const moved = (by: number) =>
              approximately(
                at(held, { price: String(price * (1 + place * by)), volatility }).of(formula).point,
              );
            if (low === 'unbounded' || high === 'unbounded') throw new Error('nothing is in doubt');
            expect(moved(off)).toBeGreaterThanOrEqual(approximately(low) - 1e-6);
            expect(moved(off)).toBeLessThanOrEqual(approximately(high) + 1e-6);
            expect(moved(0.05)).toBeGreaterThanOrEqual(left - 1e-6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

it('a bad row is one line', () => {
  const optionRule = { ...RULE, strangles: 'yes' };
  const { faults } = readMarket(tableRowsOf({ risk: { X: { volatility: '1', optionRule } } }));
  expect(faults.map(({ detail }) => detail)).toEqual([
    'market risk/X: optionRule.strangles must be one of none, pairs',
  ]);
});
