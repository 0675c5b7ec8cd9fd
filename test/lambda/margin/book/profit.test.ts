import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import {
  type AccountRows,
  assessed,
  type MarketRows,
  reasonsOf,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};

const marketOf = (profit: RawRow | undefined, price = '10000', more: RawRow = {}): MarketRows => ({
  assets: { BTC: { feed: 'BTC-USD' } },
  instruments: { 'BTC-PERP': { ...perpetual, ...more }, 'BTC-NEXT': perpetual },
  risk: {
    BTC: {
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      volatility: '0.6',
      ...(profit && { profit }),
    },
  },
  quotes: { 'BTC-USD#a': { price } },
});

const long = (quantity: string, entryPrice: string, more: RawRow = {}): RawRow => ({
  instrument: 'BTC-PERP',
  quantity,
  entryPrice,
  ...more,
});
const holding = (...positions: RawRow[]): AccountRows => ({
  balances: [{ asset: 'USD', amount: '1000' }],
  positions,
});

/** Equity, margin balance, initial and maintenance requirement. */
function figures(profit: RawRow | undefined, account: AccountRows, price?: string) {
  const found = assessed(account, snapshotOf(marketOf(profit, price)));
  const { equity, marginBalance, initialRequirement, maintenanceRequirement } = found;
  return [equity.point, marginBalance.point, initialRequirement, maintenanceRequirement].map(
    textOf,
  );
}

/** 1 at 9,100 is worth 900 more at 10,000; requirements of 1,000 and 500. */
const GAINED = holding(long('1', '9100'));

describe('a profit that counts less', () => {
  it.each<[string, RawRow | undefined, string[]]>([
    ['all of it without a rule', undefined, ['1900', '1900', '1000', '500']],
    ['all of it by an empty rule', {}, ['1900', '1900', '1000', '500']],
    /** 900·0.8 = 720 of it counts. */
    ['a share in both', { weight: '0.8' }, ['1900', '1720', '1000', '500']],
    /** 720 in the balance, 450 initially: 270 more is required. */
    [
      'a smaller share initially',
      { weight: '0.8', initialWeight: '0.5' },
      ['1900', '1720', '1270', '500'],
    ],
    ['nothing initially', { initialWeight: '0' }, ['1900', '1900', '1900', '500']],
    ['at most an amount', { initialCap: '100' }, ['1900', '1900', '1800', '500']],
    ['a cap above the profit', { initialCap: '900' }, ['1900', '1900', '1000', '500']],
    /** √900 = 30: 1.1/(1 + 0.01·30) = 0.84615…, cut to 0.8461: 761.49, so 138.51 more. */
    [
      'less the larger it is',
      { initialScaling: '0.01', weightPlaces: '4' },
      ['1900', '1900', '1138.51', '500'],
    ],
    /** The weight of 0.7 is less than 0.8461. */
    [
      'the lesser of weight and scaling',
      { initialWeight: '0.7', initialScaling: '0.01', weightPlaces: '4' },
      ['1900', '1900', '1270', '500'],
    ],
    /** 1.1/(1 + 0.003·30) = 1.00917…: it is never more than the weight. */
    ['scaling that is not reached', { initialScaling: '0.003' }, ['1900', '1900', '1000', '500']],
    [
      'the cap after the weight',
      { initialWeight: '0.5', initialCap: '400' },
      ['1900', '1900', '1500', '500'],
    ],
  ])('%s', (_, rule, expected) => expect(figures(rule, GAINED)).toEqual(expected));

  describe('while the profits of all are large', () => {
    const of = (netProfit: string, more: RawRow = {}, account = GAINED) => {
      const rule = { initialWeight: '0.8', imbalanceStart: '1000000', weightPlaces: '4', ...more };
      const found = assessed(account, snapshotOf(marketOf(rule, undefined, { netProfit })));
      const { marginBalance, initialRequirement, maintenanceRequirement } = found;
      return [marginBalance.point, initialRequirement, maintenanceRequirement].map(textOf);
    };

    it.each<[string, string, RawRow, string]>([
      /** 0.8·900 = 720 counts: 180 more than the margin of 1,000 is required. */
      ['nothing changes up to the start', '1000000', {}, '1180'],
      ['nothing changes for a net loss', '-5000000', {}, '1180'],
      /** 0.8·10⁶/(3·10⁶) = 0.26666…, cut to 0.2666: 239.94 counts. */
      ['beyond it the weight falls, cut down', '3000000', {}, '1660.06'],
      /** 0.8·10⁶/1,000,001 = 0.7999992, cut to 0.7999: 719.91. */
      ['just beyond it, too', '1000001', {}, '1180.09'],
      /** min(0.4, 1.1/(1 + 0.1·30) = 0.275): 247.5. */
      ['the lesser of this and the size counts', '2000000', { initialScaling: '0.1' }, '1652.5'],
      ['the cap comes last', '2000000', { initialCap: '100' }, '1800'],
    ])('%s', (_, netProfit, more, initial) => {
      expect(of(netProfit, more)).toEqual(['1900', initial, '500']);
    });

    it('a loss counts in full', () => {
      expect(of('9000000', {}, holding(long('1', '10900')))).toEqual(['100', '1000', '500']);
    });

    it('never counts more, the more the others have', () => {
      fc.assert(
        fc.property(fc.nat(10 ** 8), fc.nat(10 ** 7), (net, more) => {
          const initial = (of: string[]) => Number(of[1]);
          expect(initial(of(String(net + more)))).toBeGreaterThanOrEqual(initial(of(String(net))));
        }),
        { numRuns: 30 },
      );
    });

    it('an instrument without netProfit is refused by name', () => {
      const snapshot = snapshotOf(marketOf({ imbalanceStart: '1' }));
      expect(reasonsOf(GAINED, snapshot)).toEqual(['settlement-unsuited BTC-PERP']);
    });
  });

  const RULE = { weight: '0.8', initialWeight: '0.5', initialScaling: '0.01', initialCap: '100' };

  it('leaves a loss and a profit of 0 alone', () => {
    for (const entry of ['10000', '10900']) {
      const account = holding(long('1', entry));
      expect(figures(RULE, account)).toEqual(figures(undefined, account));
    }
  });

  it('is of an instrument, over all of its rows', () => {
    const account = holding(long('1', '9100', { label: 'a' }), long('1', '10900', { label: 'b' }), {
      instrument: 'BTC-NEXT',
      quantity: '1',
      entryPrice: '9800',
    });
    // 900 − 900 in the one, 200 in the other: 0.8·200 counts.
    expect(figures({ weight: '0.8' }, account)[1]).toBe('1160');
  });

  it('is of a short as well, at any price', () => {
    const account = holding(long('-1', '10000'));
    expect(figures({ weight: '0.5' }, account, '9000')[1]).toBe('1500');
    expect(figures({ weight: '0.5' }, account, '10500')[1]).toBe('500');
  });

  it('never counts more than the profit, nor less for a higher weight, a higher cap or a lower k', () => {
    const share = fc.nat(100).map((hundredths) => hundredths / 100);
    const rules = fc.record({ w: share, more: share, k: fc.nat(200), cap: fc.nat(2000) });
    fc.assert(
      fc.property(rules, fc.nat(20_000), ({ w, more, k, cap }, entry) => {
        const account = holding(long('1', String(entry + 1)));
        const initial = (rule: RawRow | undefined) => Number(figures(rule, account)[2]);
        const ruleOf = (weight: number, scaling: number, most: number): RawRow => ({
          initialWeight: String(weight),
          initialScaling: String(scaling / 1000),
          initialCap: String(most),
        });
        const due = initial(ruleOf(w, k, cap));
        expect(due).toBeGreaterThanOrEqual(initial(undefined));
        expect(initial(ruleOf(Math.min(1, w + more), k, cap))).toBeLessThanOrEqual(due);
        expect(initial(ruleOf(w, k, cap + 100))).toBeLessThanOrEqual(due);
        expect(initial(ruleOf(w, k + 10, cap))).toBeGreaterThanOrEqual(due);
      }),
      { numRuns: 50 },
    );
  });
});

it('instruments that settle in another asset are refused by name', () => {
  const snapshot = snapshotOf(
    marketOf({ weight: '0.5' }, '10000', { inverse: true, settlementAsset: 'BTC' }),
  );
  expect(reasonsOf(GAINED, snapshot)).toEqual(['settlement-unsuited BTC-PERP']);
});

it.each([
  [{ weight: '1.1' }, 'profit.weight must lie between 0 and 1, not 1.1'],
  [{ weight: '0.5', initialWeight: '0.6' }, 'profit.initialWeight must not exceed weight'],
  [{ initialCap: '-1' }, 'profit.initialCap must not be negative, not -1'],
  [{ initialScaling: '-1' }, 'profit.initialScaling must not be negative, not -1'],
  [{ cap: '1' }, 'unknown attribute profit.cap'],
])('a bad row is one line: %s', (profit, fault) => {
  const { faults } = readMarket(tableRowsOf({ risk: { BTC: { volatility: '1', profit } } }));
  expect(faults.map(({ detail }) => detail)).toEqual([`market risk/BTC: ${fault}`]);
});
