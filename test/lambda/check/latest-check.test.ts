import { describe, expect, it } from 'vitest';
import {
  bufferGapSeconds,
  completedFence,
  FENCE_KEY,
  fenceStateOf,
  type LastCheck,
  lateDeliveries,
  readFence,
  timingOf,
} from '../../../lambda/check/latest-check.ts';
import { price, textOf } from '../../../lambda/margin/number/decimal.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import type { StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { NOW, snapshotOf } from '../margin/build.ts';

const AT = Date.parse('2020-03-12T11:00:00.000Z');
const checkId = new Date(AT).toISOString();
const check = { checkId, scheduledAt: AT };

/** A check that begins so many seconds after its time, and after the last whole check. */
const timing = ({ late = 0, gap }: { late?: number; gap?: number }) => {
  const asOf = AT + late * 1000;
  const completedAsOf = gap === undefined ? undefined : asOf - gap * 1000;
  const last: LastCheck = { runId: 'r', completedAsOf, prices: new Map() };
  return timingOf({ check, asOf, last, intervalSeconds: 60 });
};

describe('timing', () => {
  it('has no gap before the first whole check', () => {
    expect(timing({ late: 1.5 })).toMatchObject({ lateSeconds: 1.5, gapSeconds: undefined });
    const first = timingOf({ check, asOf: AT, last: undefined, intervalSeconds: 60 });
    expect(first).toMatchObject({ lateSeconds: 0, gapSeconds: undefined });
  });

  it('measures the gap from when the last whole check looked, not from when it was due', () => {
    expect(timing({ late: 2, gap: 61.25 })).toMatchObject({ lateSeconds: 2, gapSeconds: 61.25 });
  });

  it('never goes back, whatever clocks do', () => {
    expect(timing({ late: -3, gap: -10 })).toMatchObject({ lateSeconds: 0, gapSeconds: 0 });
  });
});

describe('the gap that the buffer counts', () => {
  it.each([
    ['the interval at the first check', undefined, 60],
    ['the interval when less has passed', 1, 60],
    ['the interval when just less has passed', 59.999, 60],
    ['the interval', 60, 60],
    ['just less than two intervals', 119, 119],
    ['two intervals', 120, 120],
    ['two intervals when just more has passed', 121, 120],
    ['two intervals after an outage of an hour', 3_600, 120],
  ])('is %s', (_, gap, counted) => {
    expect(bufferGapSeconds(timing(gap === undefined ? {} : { gap }))).toBe(counted);
  });

  it('is not less than what has passed, up to two intervals', () => {
    for (const gap of [60.001, 60.137, 90.5, 119.999]) {
      expect(bufferGapSeconds(timing({ gap }))).toBeGreaterThanOrEqual(gap);
    }
  });
});

describe('a check is late', () => {
  it.each([
    ['the first one, in time', {}, false],
    ['an interval behind its schedule', { late: 60 }, false],
    ['just more than an interval behind its schedule', { late: 60.001 }, true],
    ['two intervals after the one before', { gap: 120 }, false],
    ['just more than two intervals after the one before', { gap: 120.001 }, true],
    ['both', { late: 90, gap: 500 }, true],
  ])('%s: %o', (_, given, isLate) => {
    expect(lateDeliveries(timing(given), checkId)).toHaveLength(isLate ? 1 : 0);
  });

  it('and says so to the alerts, in a message of the contract', () => {
    const [delivery] = lateDeliveries(timing({ late: 90, gap: 500 }), checkId);
    expect(delivery?.to).toEqual(['alerts']);
    const message = messageSchemas['check.late'].parse(JSON.parse(delivery?.message ?? ''));
    expect(message).toMatchObject({
      id: `check/${checkId}/check.late`,
      lateSeconds: 90,
      gapSeconds: 500,
      intervalSeconds: 60,
    });
    expect(delivery?.messageId).toBe(message.id);
  });
});

describe('what the fence remembers', () => {
  const asset = (feed: string) => ({ feed, riskClass: 'BTC' });
  const rows = {
    assets: { BTC: asset('BTC-USD'), ETH: asset('ETH-USD'), NEW: asset('NEW-USD') },
    risk: { BTC: { volatility: '0.9' } },
    quotes: { 'BTC-USD#pyth': { price: '6000.10' } },
  };
  const snapshot = snapshotOf(rows);
  const last: LastCheck = {
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
  const state = fenceStateOf(snapshot, { runId: 'now', last });

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
    const { prices } = fenceStateOf(doubting, { runId: 'now', last });
    expect(prices['BTC-USD']).toEqual({
      price: '7000',
      suspect: { price: '3000', publishedAt: NOW },
    });
  });

  it('is nothing of a feed that never had a price', () => {
    const { prices } = fenceStateOf(snapshot, { runId: 'now', last: undefined });
    expect(prices).toEqual({ 'BTC-USD': { price: '6000.1' } });
  });

  it('is read as it was written', () => {
    const read = readFence(stored(state));
    expect(read).toMatchObject({ runId: 'now', completedAsOf: AT - 60_000 });
    const prices = [...(read?.prices ?? [])].map(([feed, at]) => [feed, textOf(at.price)]);
    expect(prices).toEqual([
      ['BTC-USD', '6000.1'],
      ['ETH-USD', '140'],
    ]);
    expect(read?.prices.get('ETH-USD')?.suspect?.publishedAt).toBe(5);
  });

  it('is when a check has met every account, and all else as it was', () => {
    const done = completedFence(stored(state), AT);
    expect(done).toEqual(stored({ ...state, completedAsOf: AT }));
    expect(readFence(done)?.completedAsOf).toBe(AT);
  });

  it('is nothing before the first check', () => {
    expect(readFence(undefined)).toBeUndefined();
  });

  it.each([
    ['no run', { ...state, runId: undefined }],
    ['a time of words', { ...state, completedAsOf: 'noon' }],
    ['a price that is none', { ...state, prices: { 'BTC-USD': { price: 'NaN' } } }],
    ['anything else', { ...state, mood: 'fine' }],
  ])('is refused with %s: it is not what a check wrote', (_, broken) => {
    expect(() => readFence(stored(broken))).toThrow();
  });
});
