import { describe, expect, it } from 'vitest';
import {
  type AccountWorkers,
  FanOut,
  type SharedSegment,
} from '../../../lambda/accounts/account-workers.ts';
import type { ScannedPart } from '../../../lambda/accounts/scan-answer.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';

const rowsOf = (accountId: string): AccountRows => ({ accountId, rows: [{ accountId }] });
const ids = (count: number) => Array.from({ length: count }, (_, each) => `a${each}`);

type Read = AccountWorkers['read'];

function started(read: Read, { atOnce = 4, accountsMin = 1, hasTime = (): boolean => true } = {}) {
  const parts: (readonly string[])[] = [];
  const used: string[] = [];
  const workers: AccountWorkers = {
    ...{ atOnce, accountsMin },
    read: (part, name) => {
      parts.push(part);
      return read(part, name);
    },
    scan: () => Promise.reject(new Error('not asked for')),
  };
  const fanOut = new FanOut({ workers, checkId: 'check', market: () => '' });
  const use = async (accounts: readonly AccountRows[]) => {
    used.push(...accounts.map(({ accountId }) => accountId));
  };
  return {
    fanOut,
    parts,
    used,
    of: (accounts: readonly string[]) => fanOut.read(accounts, { hasTime, use }),
  };
}

const good: Read = async (part) => part.map(rowsOf);

describe('accounts that workers read', () => {
  it('are used once, each, and nothing is left', async () => {
    const { fanOut, parts, used, of } = started(good);
    expect(await of(ids(10))).toEqual([]);
    expect(parts.map(({ length }) => length)).toEqual([3, 3, 3, 1]);
    expect(used).toEqual(ids(10));
    expect(fanOut.summary()).toEqual({ accounts: 10, parts: 4, takenOver: 0 });
  });

  it('come in parts of 1,000 at most, the worst first, and so many at once', async () => {
    let [now, most] = [0, 0];
    const { parts, of } = started(async (part) => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 1));
      now--;
      return part.map(rowsOf);
    });
    await of(ids(9_500));
    expect(parts.map(({ length }) => length)).toEqual([...Array(9).fill(1_000), 500]);
    expect(parts[0]?.[0]).toBe('a0');
    expect(most).toBe(4);
  });

  it('are left to the check if they are few', async () => {
    const { fanOut, parts, of } = started(good, { accountsMin: 11 });
    expect(await of(ids(10))).toEqual(ids(10));
    expect(parts).toEqual([]);
    expect(fanOut.summary()).toBeUndefined();
  });

  it('are left to the check if no time is left', async () => {
    const { parts, of } = started(good, { hasTime: () => false });
    expect(await of(ids(10))).toEqual(ids(10));
    expect(parts).toEqual([]);
  });

  it('are left to the check if no time is left once they come', async () => {
    let asked = 0;
    const { fanOut, parts, used, of } = started(good, { hasTime: () => ++asked <= 6 });
    // Four parts are asked for and two are used; then the time is over.
    expect(await of(ids(12))).toEqual(ids(12).slice(6));
    expect(parts).toHaveLength(4);
    expect(used).toEqual(ids(6));
    expect(fanOut.summary()).toEqual({ accounts: 6, parts: 4, takenOver: 0 });
  });

  it('are used three parts at once, whatever comes', async () => {
    let [now, most] = [0, 0];
    const { fanOut } = started(good, { atOnce: 9 });
    const use = async () => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 1));
      now--;
    };
    await fanOut.read(ids(90), { hasTime: () => true, use });
    expect(most).toBe(3);
  });

  it('are left to the check where a worker fails, does not read all, or finds nothing', async () => {
    const { fanOut, used, of } = started(async (part, name) => {
      if (name === 'check/1') throw new Error('timed out');
      if (name === 'check/2') return part.slice(1).map(rowsOf);
      if (name === 'check/3') return part.map((accountId) => ({ accountId, rows: [] }));
      return part.map(rowsOf);
    });
    expect(await of(ids(10))).toEqual([...ids(4), 'a6', 'a7', 'a8']);
    expect(used).toEqual(['a4', 'a5', 'a9']);
    expect(fanOut.summary()).toEqual({ accounts: 3, parts: 4, takenOver: 2, failure: 'timed out' });
  });

  it('are asked for no more after three failures in a row', async () => {
    const { parts, of } = started(async () => Promise.reject(new Error('away')), { atOnce: 1 });
    expect(await of(ids(9_000))).toHaveLength(9_000);
    expect(parts).toHaveLength(3);
  });

  it('end with the error of the check itself', async () => {
    const { fanOut } = started(good);
    const use = () => Promise.reject(new Error('overtaken'));
    const reading = fanOut.read(ids(10), { hasTime: () => true, use });
    await expect(reading).rejects.toThrow('overtaken');
  });
});

describe('segments that workers scan', () => {
  const SEGMENTS = [0, 1, 2, 3].map((segment) => ({ segment, of: 4, isCertified: false }));
  const scanned: ScannedPart = { safe: [], suspects: [], position: 'whole' };

  const fanOutOf = (market = () => '') => {
    const workers = { atOnce: 4, accountsMin: 1, read: good, scan: async () => scanned };
    return new FanOut({ workers, checkId: 'check', market });
  };

  it('are left to the check if its market cannot be sent', async () => {
    const fanOut = fanOutOf(() => {
      throw new Error('too large');
    });
    await fanOut.scan(SEGMENTS, { hasTime: () => true, prepare: () => async () => undefined });
    expect(fanOut.summary()).toMatchObject({ accounts: 0, takenOver: 3, failure: 'too large' });
  });

  it('are left to the check if no time is left once their answers come', async () => {
    const used: number[] = [];
    const prepare =
      (_: ScannedPart, { segment }: SharedSegment) =>
      async () => {
        await new Promise((done) => setTimeout(done, 1));
        used.push(segment);
      };
    let asked = 0;
    // All four are asked for, and three are used at once; then the time is over.
    const fanOut = fanOutOf();
    await fanOut.scan(SEGMENTS, { hasTime: () => ++asked <= 7, prepare });
    expect(used).toEqual([0, 1, 2]);
    expect(fanOut.summary()).toEqual({ accounts: 0, parts: 4, takenOver: 0 });
  });
});
