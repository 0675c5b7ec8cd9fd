import { describe, expect, it } from 'vitest';
import type { DecisionRecord } from '../../../lambda/record/decision-record.ts';
import { rowsBehind } from '../../../lambda/record/evidence.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { replay } from '../../../local/analysis/replay.ts';
import { decideAll, wideContext } from '../../../local/bench/decide-all.ts';
import { wideAccount } from '../../../local/bench/wide-book.ts';

const account = (rows: number): AccountRows => ({
  accountId: 'wide',
  rows: [
    { accountId: 'wide', item: 'profile', marginModel: 'standard', callGraceSeconds: '7' },
    ...wideAccount('isolated', { accountId: 'wide', rows, first: 0 }),
  ],
});

describe('the rows of a sub-account', () => {
  it('are the profile and its own row for an isolated position', () => {
    const items = rowsBehind(account(3), 'C1-PERP').rows.map(({ item }) => item);
    expect(items).toEqual(['position#C1-PERP', 'profile']);
  });

  it('are the profile alone once the position has gone', () => {
    expect(rowsBehind(account(3), 'C9-PERP').rows.map(({ item }) => item)).toEqual(['profile']);
  });

  it('are all rows for the cross book', () => {
    expect(rowsBehind(account(3), undefined).rows).toHaveLength(4);
  });
});

describe('the record of an isolated position', () => {
  const records = (count: number) => {
    const context = wideContext('isolated', count);
    return decideAll([account(count)], context).map((update) => update.record ?? '');
  };

  it('is as long in an account of 40 of them as in an account of two', () => {
    const [few, many] = [records(2), records(40)];
    expect(many).toHaveLength(40);
    expect(Math.max(...many.map(({ length }) => length))).toBeLessThan(
      1.02 * Math.max(...few.map(({ length }) => length)),
    );
  });

  it('replays to the decision that it records', () => {
    for (const record of records(3))
      expect(replay(parseExactJson(record) as DecisionRecord).matches).toBe(true);
  });
});
