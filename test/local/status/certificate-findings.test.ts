import { describe, expect, it } from 'vitest';
import { WHY_OFF } from '../../../lambda/certified/state.ts';
import { readingLine } from '../../../local/status/certificate-findings.ts';
import { readLastCheck } from '../../../local/status/last-check.ts';

const NOW = Date.UTC(2026, 2, 12, 11);

const lastCheckWith = (certificates: object | undefined) =>
  readLastCheck(
    {
      ...{ checkId: new Date(NOW).toISOString(), asOf: new Date(NOW).toISOString() },
      ...{ lateSeconds: 0, accounts: 3, assessed: 3, indeterminate: 0, failed: 0 },
      ...{ levels: { healthy: 3 }, published: 0, publishFailures: 0, errors: [] },
      ...(certificates && { certificates }),
    },
    { now: NOW, intervalSeconds: 60 },
  );

const findingsOf = (certificates: object | undefined) => lastCheckWith(certificates).findings;

describe('a check with certificates', () => {
  it.each([
    ['cannot read the stream', { allRead: 'the stream of changes could not be read: denied' }],
    ['does not see its canaries', { allRead: 'the stream of changes is late', lagSeconds: 2.5 }],
  ])('needs attention if it %s', (_name, found) => {
    expect(findingsOf({ certified: 0, ...found })).toMatchObject([
      {
        ...{ severity: 'ATTENTION', code: 'stream-unread', why: [found.allRead], accounts: 3 },
        next: 'docs/runbook.md#streamlag',
      },
    ]);
  });

  it('needs attention if its certificates cannot be stored', () => {
    const checkpointFailure = 'Access Denied';
    expect(findingsOf({ certified: 3, lagSeconds: 0.4, checkpointFailure })).toMatchObject([
      { severity: 'ATTENTION', code: 'checkpoint-failed', why: [checkpointFailure] },
    ]);
  });

  it.each([
    ['has read what was in doubt', { certified: 3, lagSeconds: 0.4 }],
    ['has just started', { certified: 0, allRead: 'it has just started', lagSeconds: 0.4 }],
    ['has another finding that says more', { certified: 0, allRead: WHY_OFF }],
  ])('needs none for that if it %s', (_name, certificates) => {
    expect(findingsOf(certificates)).toEqual([]);
  });

  it('is not expected', () => {
    expect(findingsOf(undefined)).toEqual([]);
  });
});

describe('the accounts that the last check has read', () => {
  it.each([
    ['of an older version', { certified: 2 }, '1; 2 were proved healthy without being read'],
    [
      'some in a case',
      { certified: 1, remembered: 1 },
      '1; 1 were proved healthy without being read, 1 had nothing new in their cases',
    ],
  ])('are all but those that it need not: %s', (_name, certificates, line) => {
    const { record } = lastCheckWith(certificates);
    expect(record && readingLine(record)).toBe(line);
  });
});
