import { describe, expect, it } from 'vitest';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import type { Attributes } from '../../../local/aws/rows.ts';
import { demoAccountRows } from '../../../local/demo/accounts.ts';
import { minuteTime } from '../../../local/demo/black-thursday.ts';
import { type Prices, pricesOfDay } from '../../../local/demo/feeds.ts';
import { ACCOUNT_KINDS, ACCOUNTS_MIN, kindOf } from '../../../local/demo/kinds.ts';
import { demoMarketRows } from '../../../local/demo/market.ts';
import { quoteWriter } from '../../../local/demo/quotes.ts';

const prices = pricesOfDay(1)[0] as Prices;
const bookOf = (seed: number, accounts = 500) => demoAccountRows({ seed, accounts, prices });
const idsOf = (rows: readonly { accountId: string }[]) => new Set(rows.map((row) => row.accountId));

const stored = (row: Attributes) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      return [name, typeof value === 'number' ? new Numeral(String(value)) : value];
    }),
  );

describe('the accounts of the demo', () => {
  it('are determined by the seed', () => {
    expect(bookOf(1)).toEqual(bookOf(1));
    expect(bookOf(1)).not.toEqual(bookOf(2));
  });

  it.each([ACCOUNTS_MIN, 50, 500, 777])(
    'include every kind if %i accounts are asked for',
    (count) => {
      const ids = [...idsOf(bookOf(1, count))];
      expect(ids).toHaveLength(count);
      expect(new Set(ids.map(kindOf))).toEqual(new Set(ACCOUNT_KINDS));
    },
  );

  it('have no row twice', () => {
    const keys = bookOf(1).map(({ accountId, item }) => `${accountId}/${item}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('can all be read, except the one with a malformed row', () => {
    const byAccount = Map.groupBy(bookOf(1), ({ accountId }) => accountId);
    const unread = [...byAccount].flatMap(([accountId, rows]) => {
      const reading = readAccount(accountId, rows);
      return reading.ok
        ? []
        : [{ accountId, details: reading.reasons.map(({ detail }) => detail) }];
    });
    expect(unread).toEqual([
      { accountId: 'malformed-001', details: [expect.stringContaining('not "12,5"')] },
    ]);
  });
});

describe('the market of the demo', () => {
  const rows = [...demoMarketRows(), ...quoteWriter(1)({ timeMs: minuteTime(0), prices })].map(
    stored,
  );
  const { market, faults } = readMarket(rows);

  it('can be read without a fault', () => {
    expect(faults).toEqual([]);
  });

  it('lets every account start healthy, as a venue requires the initial margin', () => {
    const previousPrices = new Map();
    const asOf = minuteTime(0);
    const snapshot = takeSnapshot({ market, asOf, gapSeconds: 60, previousPrices });
    const byAccount = Map.groupBy(bookOf(1), ({ accountId }) => accountId);
    const levels = [...byAccount].flatMap(([accountId, held]) =>
      assessAccount({ accountId, rows: held }, snapshot).map(({ outcome }) =>
        outcome.certainty === 'indeterminate' ? outcome.certainty : outcome.level,
      ),
    );
    expect(levels.filter((level) => level === 'indeterminate')).toHaveLength(1);
    expect(levels.filter((level) => level !== 'healthy' && level !== 'indeterminate')).toEqual([]);
  });
});
