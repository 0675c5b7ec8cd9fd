import { describe, expect, it } from 'vitest';
import { RememberedAccounts } from '../../../lambda/certified/remembered-accounts.ts';

const of = (accountId: string, rows: number) => ({
  account: {
    accountId,
    rows: Array.from({ length: rows }, (_, each) => ({ accountId, item: `balance#${each}` })),
  },
  cases: new Map(),
});

describe('accounts that are remembered', () => {
  it('are as many as there is room for their rows', () => {
    const remembered = new RememberedAccounts(10);
    for (const account of [of('a', 6), of('b', 5), of('c', 4)]) remembered.add(account);
    expect(['a', 'b', 'c'].filter((each) => remembered.has(each))).toEqual(['a', 'c']);
  });

  it('make room when they are forgotten, or remembered anew', () => {
    const remembered = new RememberedAccounts(10);
    remembered.add(of('a', 6));
    remembered.add(of('a', 5));
    remembered.add(of('b', 5));
    expect(remembered.get('b')?.account.rows).toHaveLength(5);
    expect(remembered.delete('a')).toBe(true);
    expect(remembered.delete('a')).toBe(false);
    remembered.add(of('c', 5));
    expect(remembered.has('c')).toBe(true);
    remembered.clear();
    remembered.add(of('d', 10));
    expect(remembered.has('d')).toBe(true);
    expect(remembered.has('b')).toBe(false);
  });

  it('are not large: a check handles those last, and names them', () => {
    const remembered = new RememberedAccounts();
    for (const account of [of('a', 2_000), of('b', 2_001)]) remembered.add(account);
    expect(['a', 'b'].map((each) => remembered.has(each))).toEqual([true, false]);
  });

  it('have rows: one without any has vanished', () => {
    const remembered = new RememberedAccounts();
    remembered.add(of('a', 0));
    expect(remembered.has('a')).toBe(false);
  });
});
