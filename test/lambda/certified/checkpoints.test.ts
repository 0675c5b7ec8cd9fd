import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { CertifiedBook } from '../../../lambda/certified/certified-book.ts';
import { type CheckpointObjects, Checkpoints } from '../../../lambda/certified/checkpoints.ts';

const FOLLOWER = { stream: '', positions: [], ended: [], reaching: [], tried: 0 };

/** Stores a book of many parts. @param hasTime is asked before each part */
function storing(objects: Partial<CheckpointObjects>, hasTime: () => boolean) {
  const book = new CertifiedBook();
  for (let each = 0; each < 50; each++) book.hear(`account-${each}`);
  const get = () => Promise.reject(new Error('not read here'));
  const put = () => Promise.resolve();
  const checkpoints = new Checkpoints({
    ...{ objects: { get, put, ...objects }, code: 'code', partBytes: 100 },
  });
  const margin = { putLater: async () => true } as unknown as MarginTable;
  const asOf = 1_700_000_000_000;
  const of = { book, follower: FOLLOWER, checkId: 'check', asOf, hasTime };
  return checkpoints.write(margin, of);
}

describe('a checkpoint for which no time is left', () => {
  it('leaves no call behind, whose error nobody would catch', async () => {
    let [pending, puts, asked] = [0, 0, 0];
    const put = async () => {
      [pending, puts] = [pending + 1, puts + 1];
      await after(1);
      pending--;
    };
    const stored = storing({ put }, () => ++asked < 3);
    await expect(stored).rejects.toThrow('no time was left');
    expect(pending).toBe(0);
    expect(puts).toBeGreaterThan(0);
  });

  it('has no head', async () => {
    const keys: string[] = [];
    const put = async (key: string) => void keys.push(key);
    // Stored once, to know how many parts there are.
    await storing({ put }, () => true);
    const parts = keys.length - 1;
    keys.length = 0;
    const stored = storing({ put }, () => keys.length < parts);
    await expect(stored).rejects.toThrow('no time was left');
    expect(keys.some((key) => key.endsWith('head'))).toBe(false);
  });
});
