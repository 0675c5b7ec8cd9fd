import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subject } from '../../../lambda/accounts/assess-account.ts';
import { checkSummary } from '../../../lambda/check/summary.ts';
import type { Matter } from '../../../lambda/outbox/case-subject.ts';
import { Tally } from '../../../lambda/outbox/check-counters.ts';
import type { OutboxResult } from '../../../lambda/outbox/outbox.ts';

const REST = {
  isComplete: true,
  carriedOver: { accounts: 0, notional: '0', byMarket: {} },
  cascade: {},
  prices: { usable: 0, rejected: 0 },
  marketFaults: [],
};
const HEADER = { checkId: 'c', asOf: '2020-03-12T11:00:00.000Z', lateSeconds: 0 };

const subject = (accountId: string, level: string, position?: string): Subject =>
  ({
    key: accountId,
    accountId,
    position,
    outcome: level === 'unknown' ? { certainty: 'indeterminate', reasons: [] } : { level },
  }) as unknown as Subject;

const matterOf = (accountId?: string): Matter => ({
  key: { pk: `account#${accountId}`, sk: 'case' },
  accountId,
  decide: () => undefined,
});

const settled = (result: Partial<OutboxResult>): OutboxResult => ({
  failures: [],
  publishFailures: [],
  published: 0,
  superseded: 0,
  withdrawn: 0,
  ...result,
});

const failureOf = (accountId?: string) => ({
  matter: matterOf(accountId),
  error: new TypeError('broken'),
});

describe('a tally', () => {
  it('of nothing is nothing', () => {
    const tally = new Tally();
    expect(tally.hasFailures).toBe(false);
    expect(checkSummary(HEADER, tally, REST)).toEqual({
      ...HEADER,
      isComplete: true,
      accounts: 0,
      assessed: 0,
      indeterminate: 0,
      failed: 0,
      unaccounted: 0,
      levels: { healthy: 0, call: 0, liquidation: 0, deficit: 0 },
      published: 0,
      publishFailures: 0,
      unpublishedSeconds: 0,
      superseded: 0,
      withdrawn: 0,
      carriedOver: REST.carriedOver,
      cascade: {},
      prices: { usable: 0, rejected: 0 },
      marketFaults: [],
      errors: [],
    });
  });

  it('counts an account once, and each of its sub-accounts at its level', () => {
    const tally = new Tally();
    tally.countRead(1);
    tally.countAccount('a', [subject('a', 'healthy'), subject('a', 'call', 'BTC-PERP')]);
    expect(checkSummary(HEADER, tally, REST)).toMatchObject({
      accounts: 1,
      assessed: 1,
      levels: { healthy: 1, call: 1 },
    });
  });

  it('counts an account as indeterminate when any of its sub-accounts is', () => {
    const tally = new Tally();
    tally.countRead(1);
    tally.countAccount('a', [subject('a', 'healthy'), subject('a', 'unknown', 'BTC-PERP')]);
    expect(checkSummary(HEADER, tally, REST)).toMatchObject({
      accounts: 1,
      assessed: 0,
      indeterminate: 1,
    });
  });

  it('counts an account that failed as failed only', () => {
    const tally = new Tally();
    tally.countRead(1);
    tally.countAccount('a', [subject('a', 'unknown')]);
    tally.countSettled(settled({ failures: [failureOf('a'), failureOf('a')] }));
    expect(checkSummary(HEADER, tally, REST)).toMatchObject({
      accounts: 1,
      assessed: 0,
      indeterminate: 0,
      failed: 1,
    });
  });

  it('counts no account for a feed or leftover that failed, and fails the check', () => {
    const tally = new Tally();
    tally.countSettled(settled({ failures: [failureOf(undefined)] }));
    expect(checkSummary(HEADER, tally, REST)).toMatchObject({ accounts: 0, failed: 0 });
    expect(tally.hasFailures).toBe(true);
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
    const tally = new Tally();
    for (const unpublishedSince of checkIds) tally.countSettled(settled({ unpublishedSince }));
    expect(checkSummary(HEADER, tally, REST).unpublishedSeconds).toBe(age);
  });

  it('names what failed, and why', () => {
    const tally = new Tally();
    tally.countFailedAccount('a', new RangeError('too large'));
    tally.countSettled(settled({ failures: [failureOf('b')], publishFailures: ['alerts x: no'] }));
    tally.fail('scan', 'a text');
    expect(checkSummary(HEADER, tally, REST).errors).toEqual([
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
    const tally = new Tally();
    tally.countRead(failures);
    for (let index = 0; index < failures; index++) tally.countFailedAccount(`a${index}`, 'broken');
    const summary = checkSummary(HEADER, tally, REST);
    expect(summary).toMatchObject({ accounts: failures, failed: failures });
    expect(summary.errors).toHaveLength(named);
  });

  it('adds up, whatever happens to whom', () => {
    const account = fc.record({
      levels: fc.array(fc.constantFrom('healthy', 'call', 'deficit', 'unknown'), { minLength: 1 }),
      isThrown: fc.boolean(),
      failures: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(account), fc.nat({ max: 2 }), (accounts, left) => {
        const tally = new Tally();
        tally.countRead(accounts.length + left);
        for (const [index, { levels, isThrown, failures }] of accounts.entries()) {
          const id = `a${index}`;
          if (isThrown) tally.countFailedAccount(id, 'thrown');
          else
            tally.countAccount(
              id,
              levels.map((level) => subject(id, level)),
            );
          tally.countSettled(settled({ failures: Array(failures).fill(failureOf(id)) }));
        }
        const summary = checkSummary(HEADER, tally, REST);
        const { assessed, indeterminate, failed, unaccounted } = summary;
        expect(unaccounted).toBe(left);
        expect(assessed + indeterminate + failed + left).toBe(summary.accounts);
        expect(Math.min(assessed, indeterminate, failed)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
