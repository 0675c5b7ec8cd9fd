import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssessedSubAccount } from '../../../lambda/accounts/assess-account.ts';
import { NO_SHOCK_SUMMARY } from '../../../lambda/accounts/shock-gauge.ts';
import { checkSummary, NO_PRICES } from '../../../lambda/check/summary.ts';
import { CheckCounters } from '../../../lambda/outbox/check-counters.ts';
import type { OutboxResult } from '../../../lambda/outbox/outbox.ts';

const REST = {
  isComplete: true,
  carriedOver: { accounts: 0, notional: '0', byMarket: {} },
  cascade: {},
  doubtfulNotional: '0',
  shock: NO_SHOCK_SUMMARY,
  prices: NO_PRICES,
  marketFaults: [],
};
const HEADER = { checkId: 'c', asOf: '2020-03-12T11:00:00.000Z', lateSeconds: 0 };

const assessed = (accountId: string, level: string, position?: string): AssessedSubAccount =>
  ({
    name: accountId,
    accountId,
    position,
    outcome: level === 'unknown' ? { certainty: 'indeterminate', reasons: [] } : { level },
  }) as unknown as AssessedSubAccount;

const processed = (result: Partial<OutboxResult>): OutboxResult => ({
  failures: [],
  publishFailures: [],
  published: 0,
  superseded: 0,
  withdrawn: 0,
  ...result,
});

const failureOf = (accountId?: string) => ({
  key: { pk: `account#${accountId}`, sk: 'case' },
  accountId,
  error: new TypeError('broken'),
});

describe('the counters of a check', () => {
  it('of nothing is nothing', () => {
    const counters = new CheckCounters();
    expect(counters.hasFailures).toBe(false);
    expect(checkSummary(HEADER, counters, REST)).toEqual({
      ...HEADER,
      isComplete: true,
      accounts: 0,
      assessed: 0,
      indeterminate: 0,
      failed: 0,
      unaccounted: 0,
      unreached: 0,
      largeAccounts: [],
      levels: { healthy: 0, call: 0, liquidation: 0, deficit: 0 },
      published: 0,
      publishFailures: 0,
      unpublishedSeconds: 0,
      superseded: 0,
      withdrawn: 0,
      carriedOver: REST.carriedOver,
      cascade: {},
      doubtfulNotional: '0',
      shock: NO_SHOCK_SUMMARY,
      prices: NO_PRICES,
      marketFaults: [],
      errors: [],
    });
  });

  it('counts an account once, and each of its sub-accounts at its level', () => {
    const counters = new CheckCounters();
    counters.countRead(1);
    counters.countAccount('a', [assessed('a', 'healthy'), assessed('a', 'call', 'BTC-PERP')]);
    expect(checkSummary(HEADER, counters, REST)).toMatchObject({
      accounts: 1,
      assessed: 1,
      levels: { healthy: 1, call: 1 },
    });
  });

  it('counts an account as indeterminate when any of its sub-accounts is', () => {
    const counters = new CheckCounters();
    counters.countRead(1);
    counters.countAccount('a', [assessed('a', 'healthy'), assessed('a', 'unknown', 'BTC-PERP')]);
    expect(checkSummary(HEADER, counters, REST)).toMatchObject({
      accounts: 1,
      assessed: 0,
      indeterminate: 1,
    });
  });

  it('counts an account that failed as failed only', () => {
    const counters = new CheckCounters();
    counters.countRead(1);
    counters.countAccount('a', [assessed('a', 'unknown')]);
    counters.countProcessed(processed({ failures: [failureOf('a'), failureOf('a')] }));
    expect(checkSummary(HEADER, counters, REST)).toMatchObject({
      accounts: 1,
      assessed: 0,
      indeterminate: 0,
      failed: 1,
    });
  });

  it('counts no account for a feed or leftover that failed, and fails the check', () => {
    const counters = new CheckCounters();
    counters.countProcessed(processed({ failures: [failureOf(undefined)] }));
    expect(checkSummary(HEADER, counters, REST)).toMatchObject({ accounts: 0, failed: 0 });
    expect(counters.hasFailures).toBe(true);
  });

  it.each([
    ['of everything published is 0', [undefined], 0],
    [
      'is that of the oldest decision',
      ['2020-03-12T10:59:00.000Z', '2020-03-12T10:58:30.000Z'],
      90,
    ],
    ['is found among what was published', ['2020-03-12T10:59:00.000Z', undefined], 60],
    ['is at least 0', ['2020-03-12T11:00:01.000Z'], 0],
  ])('whose age of what is unpublished %s', (_, checkIds, age) => {
    const counters = new CheckCounters();
    for (const unpublishedSince of checkIds)
      counters.countProcessed(processed({ unpublishedSince }));
    expect(checkSummary(HEADER, counters, REST).unpublishedSeconds).toBe(age);
  });

  it('names what failed, and why', () => {
    const counters = new CheckCounters();
    counters.countFailedAccount('a', new RangeError('too large'));
    counters.countProcessed(
      processed({ failures: [failureOf('b')], publishFailures: ['alerts x: no'] }),
    );
    counters.fail('scan', 'a text');
    expect(checkSummary(HEADER, counters, REST).errors).toEqual([
      'account a: RangeError: too large',
      'publish: alerts x: no',
      'account#b/case: TypeError: broken',
      'scan: a text',
    ]);
  });

  it.each([
    [49, 49],
    [50, 50],
    [51, 50],
    [5_000, 50],
  ])('of %i failures names %i, and counts them all', (failures, named) => {
    const counters = new CheckCounters();
    counters.countRead(failures);
    for (let index = 0; index < failures; index++)
      counters.countFailedAccount(`a${index}`, 'broken');
    const summary = checkSummary(HEADER, counters, REST);
    expect(summary).toMatchObject({ accounts: failures, failed: failures });
    expect(summary.errors).toHaveLength(named);
  });

  it('fits into its item and a log line, whatever its faults quote', () => {
    const counters = new CheckCounters();
    const long = '𝔄'.repeat(100_000);
    const marketFaults = Array.from({ length: 5000 }, () => {
      return { code: 'row-malformed' as const, subject: 'x', detail: long };
    });
    for (const { detail } of marketFaults) counters.countFailedAccount(detail, detail);
    const summary = checkSummary(HEADER, counters, { ...REST, marketFaults });
    expect(Buffer.byteLength(JSON.stringify(summary))).toBeLessThan(250_000);
    expect(summary.marketFaults[0]).toMatch(/^𝔄+\.\.\.$/u);
  });

  it('adds up, whatever happens to whom', () => {
    const account = fc.record({
      levels: fc.array(fc.constantFrom('healthy', 'call', 'deficit', 'unknown'), { minLength: 1 }),
      isThrown: fc.boolean(),
      failures: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(account), fc.nat({ max: 2 }), (accounts, left) => {
        const counters = new CheckCounters();
        counters.countRead(accounts.length + left);
        for (const [index, { levels, isThrown, failures }] of accounts.entries()) {
          const id = `a${index}`;
          if (isThrown) counters.countFailedAccount(id, 'thrown');
          else
            counters.countAccount(
              id,
              levels.map((level) => assessed(id, level)),
            );
          counters.countProcessed(processed({ failures: Array(failures).fill(failureOf(id)) }));
        }
        const summary = checkSummary(HEADER, counters, REST);
        const { indeterminate, failed, unaccounted } = summary;
        expect(unaccounted).toBe(left);
        expect(summary.assessed + indeterminate + failed + left).toBe(summary.accounts);
        expect(Math.min(summary.assessed, indeterminate, failed)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
