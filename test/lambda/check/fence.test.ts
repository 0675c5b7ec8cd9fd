import { describe, expect, it } from 'vitest';
import {
  completeCheck,
  FENCE_KEY,
  type LatestCheck,
  nextFenceState,
  readLatestCheck,
} from '../../../lambda/check/fence.ts';
import { price, textOf } from '../../../lambda/margin/number/decimal.ts';
import type { CaseStore } from '../../../lambda/outbox/ports.ts';
import type { StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { NOW, snapshotOf } from '../margin/build.ts';

const AT = Date.parse('2020-03-12T11:00:00.000Z');
const checkId = new Date(AT).toISOString();

describe('what the fence remembers', () => {
  const asset = (feed: string) => ({ feed, riskClass: 'BTC' });
  const rows = {
    assets: { BTC: asset('BTC-USD'), ETH: asset('ETH-USD'), NEW: asset('NEW-USD') },
    risk: { BTC: { volatility: '0.9' } },
    quotes: { 'BTC-USD#pyth': { price: '6000.10' } },
  };
  const snapshot = snapshotOf(rows);
  const latest: LatestCheck = {
    runId: 'before',
    completedAsOf: AT - 60_000,
    prices: new Map([
      ['BTC-USD', { price: price('7000') }],
      ['ETH-USD', { price: price('140'), suspect: { price: price('70'), publishedAt: 5 } }],
      ['GONE-USD', { price: price('1') }],
    ]),
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
  const state = nextFenceState(snapshot, { runId: 'now', latest });

  it('is the price of each feed, and of one without a price what was remembered', () => {
    expect(state).toEqual({
      runId: 'now',
      completedAsOf: AT - 60_000,
      prices: {
        'BTC-USD': { price: '6000.1' },
        'ETH-USD': { price: '140', suspect: { price: '70', publishedAt: 5 } },
      },
    });
  });

  it('is the price that was believed, and beside it one that is not yet', () => {
    const jumped = { ...rows, quotes: { 'BTC-USD#pyth': { price: '3000' } } };
    const doubting = snapshotOf({ ...jumped, previousPrices: { 'BTC-USD': '7000' } });
    const { prices } = nextFenceState(doubting, { runId: 'now', latest });
    expect(prices['BTC-USD']).toEqual({
      price: '7000',
      suspect: { price: '3000', publishedAt: NOW },
    });
  });

  it('is nothing of a feed that never had a price', () => {
    const { prices } = nextFenceState(snapshot, { runId: 'now', latest: undefined });
    expect(prices).toEqual({ 'BTC-USD': { price: '6000.1' } });
  });

  it('is read as it was written', () => {
    const read = readLatestCheck(stored(state));
    expect(read).toMatchObject({ runId: 'now', completedAsOf: AT - 60_000 });
    const prices = [...(read?.prices ?? [])].map(([feed, at]) => [feed, textOf(at.price)]);
    expect(prices).toEqual([
      ['BTC-USD', '6000.1'],
      ['ETH-USD', '140'],
    ]);
    expect(read?.prices.get('ETH-USD')?.suspect?.publishedAt).toBe(5);
  });

  /** The item after a complete check, when it stands as given. */
  async function completed(item: StoredCase): Promise<StoredCase | undefined> {
    let written: StoredCase | undefined;
    const store = {
      update: async (_key, decide) => {
        written = await decide(item);
        return { isWritten: written !== undefined, stored: written ?? item };
      },
    } as Pick<CaseStore, 'update'> as CaseStore;
    await completeCheck(store, { checkId, asOf: AT });
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
