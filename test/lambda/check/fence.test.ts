import { describe, expect, it } from 'vitest';
import {
  completeCheck,
  FENCE_KEY,
  nextFenceState,
  readLatestCheck,
} from '../../../lambda/check/fence.ts';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import type { CaseStore } from '../../../lambda/outbox/ports.ts';
import type { StoredCase } from '../../../lambda/outbox/stored-case.ts';

const AT = Date.parse('2020-03-12T11:00:00.000Z');
const checkId = new Date(AT).toISOString();

describe('what the fence remembers', () => {
  const prices = {
    'BTC-USD': { price: '6000.1' },
    'ETH-USD': { price: '140', suspect: { price: '70', publishedAt: 5 } },
  };
  const stored = (state: unknown): StoredCase => ({
    key: FENCE_KEY,
    version: 1,
    checkId,
    state,
    isActive: false,
    pending: [],
    expiresAtSeconds: 0,
  });
  const state = { runId: 'before', completedAsOf: AT - 60_000, prices: {} };

  it('is the time of the last complete check, and the run', () => {
    expect(nextFenceState(stored(state), 'now')).toEqual({ ...state, runId: 'now' });
    expect(nextFenceState(undefined, 'now')).toEqual({ runId: 'now', prices: {} });
  });

  it('is also the prices of an earlier version, until they are on pages', async () => {
    const old = { ...state, prices };
    expect(nextFenceState(stored(old), 'now')).toEqual({ ...old, runId: 'now' });
    expect((await completed(stored(old), false))?.state).toMatchObject({ prices });
    expect((await completed(stored(old), true))?.state).toMatchObject({ prices: {} });
  });

  it('is read as it was written', () => {
    const read = readLatestCheck(stored({ ...state, prices }));
    expect(read).toMatchObject({ runId: 'before', completedAsOf: AT - 60_000 });
    expect([...(read?.prices ?? [])].map(([feed, at]) => [feed, textOf(at.price)])).toEqual([
      ['BTC-USD', '6000.1'],
      ['ETH-USD', '140'],
    ]);
    expect(read?.prices.get('ETH-USD')?.suspect?.publishedAt).toBe(5);
  });

  /** The item after a complete check, when it stands as given. */
  async function completed(item: StoredCase, isCarriedOver = true) {
    let written: StoredCase | undefined;
    const store = {
      update: async (_key, decide) => {
        written = await decide(item);
        return { isWritten: written !== undefined, stored: written ?? item };
      },
    } as Pick<CaseStore, 'update'> as CaseStore;
    await completeCheck(store, { checkId, asOf: AT, isCarriedOver });
    return written;
  }

  it('is the time of a complete check; the rest stays as it was', async () => {
    const done = await completed(stored(state));
    expect(done).toEqual(stored({ ...state, completedAsOf: AT }));
    expect(readLatestCheck(done)?.completedAsOf).toBe(AT);
  });

  it('is left to a later check that has begun meanwhile', async () => {
    const later = '2020-03-12T11:01:00.000Z';
    expect(await completed({ ...stored(state), checkId: later })).toBeUndefined();
  });

  it('is nothing before the first check', () => {
    expect(readLatestCheck(undefined)).toBeUndefined();
  });

  it('says in one line which of its prices was damaged', () => {
    const damaged = { runId: 'r', prices: { 'BTC-USD': { price: 'much' } } };
    expect(() => readLatestCheck(stored(damaged))).toThrow(
      'the item check/latest cannot be read: prices.BTC-USD.price must be a price, not much',
    );
  });

  it.each([
    ['no run', { ...state, runId: undefined }],
    ['a time of words', { ...state, completedAsOf: 'noon' }],
    ['a price that is none', { ...state, prices: { 'BTC-USD': { price: 'NaN' } } }],
    ['anything else', { ...state, mood: 'fine' }],
  ])('is refused with %s: it is not what a check wrote', (_, broken) => {
    expect(() => readLatestCheck(stored(broken))).toThrow();
  });
});
