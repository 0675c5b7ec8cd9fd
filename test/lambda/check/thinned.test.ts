import { describe, expect, it } from 'vitest';
import { metricsOf } from '../../../lambda/check/metrics.ts';
import type { CheckSummary } from '../../../lambda/check/summary.ts';
import {
  isLogged,
  isQuiet,
  recordExpiresAt,
  thinnedMetrics,
} from '../../../lambda/check/thinned.ts';

const NONE = { count: 0, accounts: [] };

/** Ten seconds after the check before, in the middle of a minute. */
const QUIET: CheckSummary = {
  checkId: '2020-03-12T11:10:20.000Z',
  asOf: '2020-03-12T11:10:21.000Z',
  lateSeconds: 1,
  gapSeconds: 10,
  isComplete: true,
  accounts: 40,
  assessed: 40,
  indeterminate: 0,
  failed: 0,
  unaccounted: 0,
  unreached: 0,
  largeAccounts: [],
  levels: { healthy: 36, call: 4, liquidation: 0, deficit: 0 },
  published: 0,
  publishFailures: 0,
  unpublishedSeconds: 0,
  superseded: 0,
  withdrawn: 0,
  carriedOver: { accounts: 0, notional: '0', byMarket: {} },
  cascade: {
    'BTC-PERP': { notional1PctDown: '600', notional1PctUp: '0', depth: '1000', ratio: '0.6' },
  },
  prices: { usable: 2, unconfirmed: 0, rejected: 0 },
  doubtfulNotional: '0',
  shock: {
    badDebtAtShock: '10',
    badDebtAtFall: '10',
    badDebtAtRise: '0',
    beyondFund: '0',
    liquidatedByBuffer: 0,
    uncovered: { 'BTC-USD': '0.03' },
  },
  fund: { balance: '900', paidIn: '0', drawn: '0', shared: '0', uncovered: '0' },
  marketFaults: [],
  errors: [],
};

const CERTIFICATES = {
  remembered: 0,
  certified: 30,
  changed: 1,
  missed: NONE,
  unsound: NONE,
  uncertified: {},
};

const LOUD: Readonly<Record<string, Partial<CheckSummary>>> = {
  published: { published: 1 },
  'a message that SNS refused': { publishFailures: 1 },
  'a message that waits': { unpublishedSeconds: 10 },
  'a case of a later check': { superseded: 1 },
  'a plan withdrawn': { withdrawn: 1 },
  'a failed account': { failed: 1 },
  'an account unaccounted for': { unaccounted: 1 },
  'an account not reached': { unreached: 1 },
  'a liquidation by the buffer': { shock: { ...QUIET.shock, liquidatedByBuffer: 1 } },
  'orders carried over': { carriedOver: { accounts: 1, notional: '1', byMarket: {} } },
  'a claim on the fund': { fund: { ...(QUIET.fund as object), drawn: '1' } as never },
  'a loss of the venue': { fund: { ...(QUIET.fund as object), uncovered: '1' } as never },
  'parts that workers have not read': { workers: { accounts: 9, parts: 2, takenOver: 1 } },
  'an error': { errors: ['one'] },
  'a scan that broke off': { isComplete: false },
  'a late start': { lateSeconds: 61 },
  'a long gap': { gapSeconds: 61 },
  'a skipped check': { skipped: 'it has run' },
  'a full read': { certificates: { ...CERTIFICATES, allRead: 'the market has changed' } },
  'a new function': { certificates: { ...CERTIFICATES, restoredFrom: 'c' } },
  'no checkpoint': { certificates: { ...CERTIFICATES, checkpointFailure: 'refused' } },
  'a missed change': { certificates: { ...CERTIFICATES, missed: { ...NONE, count: 1 } } },
  'an unsound certificate': { certificates: { ...CERTIFICATES, unsound: { ...NONE, count: 1 } } },
};

const FOREVER = 4_000_000_000;
const AS_OF = Date.parse(QUIET.asOf) / 1000;
const expiry = (summary: CheckSummary, intervalSeconds = 10) =>
  recordExpiresAt(summary, { intervalSeconds, expiresAtSeconds: FOREVER });

describe('a check that says nothing', () => {
  it('is quiet, and its record is kept for a day', () => {
    expect(isQuiet(QUIET)).toBe(true);
    expect(isQuiet({ ...QUIET, certificates: CERTIFICATES })).toBe(true);
    expect(isQuiet({ ...QUIET, workers: { accounts: 9, parts: 2, takenOver: 0 } })).toBe(true);
    expect(expiry(QUIET)).toBe(AS_OF + 86_400);
    expect(isLogged(QUIET, 10)).toBe(false);
  });

  it.each(Object.entries(LOUD))('is none with %s, and its record is kept', (_, changed) => {
    const summary = { ...QUIET, ...changed };
    expect(isQuiet(summary)).toBe(false);
    expect(expiry(summary)).toBe(FOREVER);
    expect(isLogged(summary, 10)).toBe(true);
  });

  it('has its record kept from a minute on, and as the first of an hour', () => {
    expect(expiry(QUIET, 60)).toBe(FOREVER);
    expect(expiry({ ...QUIET, asOf: '2020-03-12T11:00:09.999Z' })).toBe(FOREVER);
    expect(expiry({ ...QUIET, asOf: '2020-03-12T11:00:10.000Z' })).toBeLessThan(FOREVER);
    const { gapSeconds: _, ...first } = QUIET;
    expect(expiry(first)).toBe(FOREVER);
  });

  it('keeps no record longer than decisions', () => {
    const expiresAtSeconds = AS_OF + 100;
    expect(recordExpiresAt(QUIET, { intervalSeconds: 10, expiresAtSeconds })).toBe(AS_OF + 100);
  });

  it('is in the log once a minute', () => {
    expect(isLogged({ ...QUIET, asOf: '2020-03-12T11:10:09.000Z' }, 10)).toBe(true);
    expect(isLogged(QUIET, 60)).toBe(true);
  });
});

describe('the metrics of a check below a minute', () => {
  const namesOf = (summary: CheckSummary, intervalSeconds = 10) => {
    const metrics = metricsOf(summary, { durationSeconds: 1, intervalSeconds });
    return thinnedMetrics(metrics, summary, intervalSeconds).map(
      ({ name, market, feed }) => market ?? feed ?? name,
    );
  };

  it('are what alarms read, but for zeros that are added up', () => {
    expect(namesOf(QUIET)).toEqual([
      'CompleteChecks',
      'CheckDuration',
      'CheckLateness',
      'CheckGap',
      'IndeterminateShare',
      'UnpublishedAge',
      'CascadeRatio',
      'BadDebtBeyondFund',
    ]);
    expect(namesOf({ ...QUIET, failed: 1, published: 2 })).toEqual(
      expect.arrayContaining(['FailedAccounts', 'PublishedMessages']),
    );
  });

  it('are all of them at the first check of a minute, and from a minute on', () => {
    const all = metricsOf(QUIET, { durationSeconds: 1, intervalSeconds: 10 }).length;
    expect(namesOf({ ...QUIET, asOf: '2020-03-12T11:10:09.000Z' })).toHaveLength(all);
    expect(namesOf(QUIET, 60)).toHaveLength(all);
    expect(namesOf(QUIET, 60)).toEqual(expect.arrayContaining(['BTC-PERP', 'BTC-USD']));
  });

  it('say that a check was skipped', () => {
    expect(namesOf({ ...QUIET, skipped: 'it has run' })).toEqual(['SkippedChecks']);
  });
});
