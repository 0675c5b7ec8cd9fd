import { describe, expect, it } from 'vitest';
import type { AccountsTable, Slice } from '../../../lambda/aws/accounts-table.ts';
import { CertifiedBook } from '../../../lambda/certified/certified-book.ts';
import { compareDue } from '../../../lambda/certified/comparison.ts';
import { bookOf, crossOf, NOW } from '../margin/build.ts';
import { referenceOf } from './reference.ts';

const HOUR_MS = 3_600_000;

/** A book that was compared some hours ago, and a check a minute that goes on with it. */
function goingOn(hours: number, scan: (slice: Slice) => AsyncGenerator<never[] | object[]>) {
  const book = new CertifiedBook();
  book.open(referenceOf({ asOf: NOW - hours * HOUR_MS }));
  book.comparedAt = NOW - hours * HOUR_MS;
  const slices: number[] = [];
  const scanSlice = (slice: Slice) => {
    slices.push(slice.segment);
    return scan(slice);
  };
  const accounts = { scanSlice } as unknown as AccountsTable;
  const compareAt = (asOf: number, hasTime: () => boolean) =>
    compareDue({
      ...{ book, accounts, intervalSeconds: 60, hasTime, isRead: () => false },
      market: referenceOf({ asOf }),
    });
  return { book, slices, compareAt };
}

async function* nothing() {}

describe('a comparison after a long pause', () => {
  it('ends with the time of its check, and the next check goes on', async () => {
    const { slices, compareAt } = goingOn(11, nothing);
    let left = 7;
    await compareAt(NOW, () => left-- > 1);
    expect(slices).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await compareAt(NOW + 60_000, () => true);
    expect(slices).toEqual([...Array.from({ length: 60 }, (_, each) => each), 0]);
    await compareAt(NOW + 120_000, () => true);
    expect(slices.length).toBe(62);
  });

  it('compares one slice, however little time is left', async () => {
    const { slices, compareAt } = goingOn(2, nothing);
    await compareAt(NOW, () => false);
    await compareAt(NOW + 60_000, () => false);
    expect(slices).toEqual([0, 1]);
  });

  it('tells what it has found before a slice that cannot be read', async () => {
    const { compareAt, book } = goingOn(1, async function* ({ segment }: Slice) {
      if (segment === 1) throw new Error('Rate exceeded');
      yield [{ accountId: 'one', rows: [{ accountId: 'one', item: 'balance#USD' }] }];
    });
    const reference = book.latest?.market ?? expect.fail('no edition');
    const account = { accountId: 'one', rows: [{ accountId: 'one', item: 'balance#USD' }] };
    const cash = { balances: [{ asset: 'USD', amount: '100' }] };
    const parts = [{ subAccount: crossOf(cash), book: bookOf(cash, reference.snapshot) }];
    book.note(account, parts, reference.snapshot);
    // The row cannot be read, so that no certificate should hold.
    const found = await compareAt(NOW, () => true);
    expect(found.unsound).toEqual(['one']);
  });
});
