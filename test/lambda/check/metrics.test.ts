import { describe, expect, it } from 'vitest';
import { MARKET_DIMENSION, METRIC_NAMESPACE, metricsOf } from '../../../lambda/check/metrics.ts';
import { type CheckSummary, NO_PRICES } from '../../../lambda/check/summary.ts';
import * as names from '../../../lib/names.ts';

const SUMMARY: CheckSummary = {
  checkId: 'c',
  asOf: '2020-03-12T11:00:00.000Z',
  lateSeconds: 2,
  gapSeconds: 61,
  isComplete: true,
  accounts: 40,
  assessed: 29,
  indeterminate: 10,
  failed: 1,
  unaccounted: 0,
  unreached: 3,
  largeAccounts: ['wide'],
  levels: { healthy: 20, call: 5, liquidation: 3, deficit: 1 },
  published: 7,
  publishFailures: 2,
  unpublishedSeconds: 90,
  superseded: 1,
  withdrawn: 4,
  carriedOver: { accounts: 2, notional: '1500.5', byMarket: { 'BTC-PERP': '1500.5' } },
  cascade: {
    'BTC-PERP': { notional1PctDown: '600', notional1PctUp: '0', depth: '1000', ratio: '0.6' },
    'ETH-PERP': { notional1PctDown: '0', notional1PctUp: '90', depth: '100', ratio: '0.9' },
    'DOGE-PERP': { notional1PctDown: '7', notional1PctUp: '0' },
  },
  prices: { usable: 2, unconfirmed: 1, rejected: 1, oldest: { feed: 'BTC-USD', ageSeconds: 12 } },
  doubtfulNotional: '250.5',
  shock: {
    badDebtAtShock: '1000.5',
    badDebtAtFall: '1000.5',
    badDebtAtRise: '3',
    beyondFund: '100.25',
    liquidatedByBuffer: 2,
    uncovered: { 'BTC-USD': '0.03', 'ETH-USD': '0.01' },
  },
  fund: { balance: '900.25', paidIn: '-3', drawn: '99.75', shared: '7', uncovered: '0.5' },
  marketFaults: ['one'],
  errors: ['an error'],
};

const TIMES = { durationSeconds: 3.5, intervalSeconds: 60 };

const valuesOf = (summary: CheckSummary) =>
  Object.fromEntries(
    metricsOf(summary, TIMES)
      .filter(({ market, feed }) => market === undefined && feed === undefined)
      .map(({ name, value }) => [name, value]),
  );

describe('a check reports', () => {
  it('every figure of its summary', () => {
    expect(valuesOf(SUMMARY)).toEqual({
      CompleteChecks: 1,
      CheckDuration: 3.5,
      CheckLateness: 2,
      CheckGap: 61,
      Accounts: 40,
      AssessedAccounts: 29,
      IndeterminateAccounts: 10,
      IndeterminateShare: 25,
      FailedAccounts: 1,
      UnaccountedAccounts: 0,
      UnreachedAccounts: 3,
      LargeAccounts: 1,
      HealthyBooks: 20,
      CalledBooks: 5,
      LiquidatedBooks: 3,
      DeficitBooks: 1,
      PublishedMessages: 7,
      PublishFailures: 2,
      UnpublishedAge: 90,
      SupersededCases: 1,
      WithdrawnPlans: 4,
      CarriedOverAccounts: 2,
      CarriedOverNotional: 1500.5,
      DoubtfulNotional: 250.5,
      CascadeRatio: 0.9,
      BadDebtAtShock: 1000.5,
      BadDebtBeyondFund: 100.25,
      LiquidatedByBuffer: 2,
      UncoveredShock: 0.03,
      OldestPriceAge: 12,
      RejectedFeeds: 1,
      MarketRowFaults: 1,
      FundBalance: 900.25,
      FundDrawn: 99.75,
      UncoveredLoss: 0.5,
    });
  });

  it('what it had to read in the place of workers, if it has asked any', () => {
    expect(valuesOf(SUMMARY)).not.toHaveProperty('WorkerTakeovers');
    const workers = { accounts: 10, parts: 4, takenOver: 3, failure: 'Rate Exceeded.' };
    expect(valuesOf({ ...SUMMARY, workers })).toMatchObject({ WorkerTakeovers: 3 });
  });

  it('the cascade ratio of each market that has a depth, the largest first', () => {
    const ofMarkets = metricsOf(SUMMARY, TIMES).filter(({ market }) => market !== undefined);
    expect(ofMarkets).toEqual([
      { name: 'CascadeRatio', unit: 'NoUnit', market: 'ETH-PERP', value: 0.9 },
      { name: 'CascadeRatio', unit: 'NoUnit', market: 'BTC-PERP', value: 0.6 },
    ]);
  });

  it('the uncovered shock of each feed', () => {
    const ofFeeds = metricsOf(SUMMARY, TIMES).filter(({ feed }) => feed !== undefined);
    expect(ofFeeds).toEqual([
      { name: 'UncoveredShock', unit: 'NoUnit', feed: 'BTC-USD', value: 0.03 },
      { name: 'UncoveredShock', unit: 'NoUnit', feed: 'ETH-USD', value: 0.01 },
    ]);
  });

  it('the cascade ratios of twenty markets at most', () => {
    const one = { notional1PctDown: '6', notional1PctUp: '0', depth: '10', ratio: '0.6' };
    const cascade = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`M${at}`, one]));
    const ofMarkets = metricsOf({ ...SUMMARY, cascade }, TIMES).filter(({ market }) => market);
    expect(ofMarkets).toHaveLength(20);
  });

  it('no heartbeat when it did not meet every account', () => {
    expect(valuesOf({ ...SUMMARY, isComplete: false }).CompleteChecks).toBe(0);
  });

  it('no gap before the second check, no age without a price, no share of nothing', () => {
    const { gapSeconds: _, ...first } = SUMMARY;
    const empty = { ...first, accounts: 0, indeterminate: 0, prices: NO_PRICES };
    const values = valuesOf(empty);
    expect(values).not.toHaveProperty('CheckGap');
    expect(values).not.toHaveProperty('OldestPriceAge');
    expect(values.IndeterminateShare).toBe(0);
  });

  it('no figure of the insurance fund when it could not be read', () => {
    const values = valuesOf({ ...SUMMARY, fund: undefined });
    expect(Object.keys(values).filter((name) => /^Fund|Loss/.test(name))).toEqual([]);
  });

  it('that it was complete, for each second if the interval is below a minute', () => {
    const precise = (intervalSeconds: number) =>
      metricsOf(SUMMARY, { ...TIMES, intervalSeconds })
        .filter(({ isHighResolution }) => isHighResolution)
        .map(({ name }) => name);
    expect(precise(60)).toEqual([]);
    expect(precise(30)).toEqual(['CompleteChecks']);
  });

  it('nothing but that it was skipped, when it was', () => {
    expect(valuesOf({ ...SUMMARY, skipped: 'again' })).toEqual({ SkippedChecks: 1 });
  });

  it('under the names that the alarms of the stack look for', () => {
    const reported = [...Object.keys(valuesOf(SUMMARY)), 'SkippedChecks'].sort();
    expect(reported).toEqual(Object.keys(names.METRICS).sort());
    expect(METRIC_NAMESPACE).toBe(names.METRIC_NAMESPACE);
    expect(MARKET_DIMENSION).toBe(names.MARKET_DIMENSION);
  });
});
