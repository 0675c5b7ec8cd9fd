import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approximately, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { assessed, bounded, type MarketRows, NOW, snapshotOf, tableRowsOf } from '../build.ts';

const DAY_MS = 86_400_000;
const CHARGES = {
  initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
  maintenance: { rate: '0.032' },
};

const option = (optionType: string, more: RawRow = {}): RawRow => ({
  ...{ type: 'option', optionType, strike: '31000', expiresAt: String(NOW + 30 * DAY_MS) },
  ...{ underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' },
  ...more,
});

interface Given {
  readonly mark?: string;
  readonly spot?: string;
  readonly rule?: RawRow;
  readonly policy?: RawRow;
}

const marketAt = ({ mark = '300', spot = '30000', rule = {}, policy = {} }: Given): MarketRows => ({
  policy,
  assets: { BTC: { feed: 'BTC-USD' } },
  instruments: {
    CALL: option('call', { markFeed: 'CALL' }),
    COIN: option('call', { markFeed: 'COIN', inverse: true, settlementAsset: 'BTC' }),
  },
  risk: {
    BTC: {
      volatility: '0.6',
      optionRule: { shortCall: CHARGES, balanceValue: 'none', initialMark: 'entry', ...rule },
    },
  },
  quotes: {
    'BTC-USD#a': { price: spot },
    'CALL#a': { price: mark, impliedVolatility: '0.5' },
    'COIN#a': { price: '0.01', impliedVolatility: '0.5' },
  },
});

const short = (quantity: string, entryPrice: string, more: RawRow = {}): RawRow => ({
  ...{ instrument: 'CALL', quantity, entryPrice },
  ...more,
});

const holding = (...positions: RawRow[]) => ({
  balances: [{ asset: 'USD', amount: '10000' }],
  positions,
});

const required = (positions: RawRow[], given: Given = {}) => {
  const found = assessed(holding(...positions), snapshotOf(marketAt(given)));
  return [textOf(found.initialRequirement), textOf(found.maintenanceRequirement)];
};

describe('an average entry price above the mark', () => {
  it.each<[string, RawRow[], string[]]>([
    /** max(0.15·30,000 − 1,000, 0.1·30,000) = 3,500, and 500 of the entry. MM 960 + 300. */
    ['replaces it initially', [short('-1', '500')], ['4000', '1260']],
    ['at the mark', [short('-1', '300')], ['3800', '1260']],
    ['below it does not', [short('-1', '200')], ['3800', '1260']],
    /** 1 at 200 and 3 at 600: 500 each. */
    [
      'over all rows',
      [short('-1', '200', { label: 'a' }), short('-3', '600', { label: 'b' })],
      ['16000', '5040'],
    ],
    /** No row was filled. */
    ['not of orders', [{ instrument: 'CALL', openSellQuantity: '1' }], ['3800', '1260']],
    ['of a long neither', [short('1', '500')], ['0', '0']],
    /** In coin: 3,500 + 0.02·30,000, and 960 + 0.01·30,000. */
    ['in coin', [{ ...short('-1', '0.02'), instrument: 'COIN' }], ['4100', '1260']],
  ])('%s', (_, positions, expected) => {
    expect(required(positions)).toEqual(expected);
  });

  it('never makes the initial requirement less than maintenance', () => {
    const rule = { shortCall: { initial: { rate: '0.032' }, maintenance: { rate: '0.032' } } };
    expect(required([short('-1', '100')], { rule })).toEqual(['1260', '1260']);
  });

  it('changes nothing where the mark counts, nor where it is not above it', () => {
    const price = fc.integer({ min: 1, max: 900 });
    fc.assert(
      fc.property(price, price, (entry, mark) => {
        const row = [short('-2', String(entry))];
        const [plain, floored] = ['mark', 'entry'].map((initialMark) =>
          required(row, { mark: String(mark), rule: { initialMark } }),
        ) as [string[], string[]];
        expect(floored[1]).toBe(plain[1]);
        const over = 2 * Math.max(0, entry - mark);
        expect(Number(floored[0])).toBeCloseTo(Number(plain[0]) + over, 8);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the bounds of the initial requirement at prices that are off', () => {
    const unsure = { uncertainty: 'standard', deviation: '0.02', latencyBuffer: 'none' };
    const marked = { rule: {}, policy: { ...unsure, callAt: 'initial' } };
    const exact = { policy: { latencyBuffer: 'none', uncertainty: 'none', callAt: 'initial' } };
    const unmarked = (given: Given): MarketRows => {
      const market = marketAt(given);
      const quotes = { ...market.quotes, 'CALL#a': { impliedVolatility: '0.5' } };
      return { ...market, quotes };
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2500 }), (entry) => {
        const account = holding(short('-1', String(entry)));
        const { low, high } = assessed(account, snapshotOf(unmarked(marked))).surplus.restore;
        for (const spot of ['29400', '29700', '30000', '30300', '30600']) {
          const { point } = assessed(account, snapshotOf(unmarked({ ...exact, spot }))).surplus
            .restore;
          expect(approximately(point)).toBeGreaterThanOrEqual(approximately(bounded(low)) - 1e-4);
          expect(approximately(point)).toBeLessThanOrEqual(approximately(bounded(high)) + 1e-4);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is refused by another name', () => {
    const rows = tableRowsOf(marketAt({ rule: { initialMark: 'trade' } }));
    const found = readMarket(rows).market.riskClasses.get('BTC');
    expect(found?.ok === false && found.reason.detail).toContain('optionRule.initialMark');
  });
});
