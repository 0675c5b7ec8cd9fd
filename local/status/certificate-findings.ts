/** Findings about the certificates of a deployment, and the accounts that a check has read. */
import { type CertificatesState, WHY_OFF } from '../../lambda/certified/state.ts';
import { timeOfCheck } from '../../lambda/outbox/check-id.ts';
import type { Finding } from './finding.ts';
import type { CheckRecord } from './last-check.ts';

/** A change that was missed is told for so long. */
const TOLD_MS = 86_400_000;

export function certificateFindings({ voided, off }: CertificatesState, now: number): Finding[] {
  if (off !== undefined) {
    return [
      {
        severity: 'ATTENTION',
        code: 'certificates-off',
        what: 'a certificate promised more than was true, so every check reads all accounts',
        why: off.accounts,
        next: 'docs/runbook.md#unsoundcertificates',
      },
    ];
  }
  if (voided === undefined || now - timeOfCheck(voided.checkId) > TOLD_MS) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'change-missed',
      what: `the check ${voided.checkId} found changes of accounts that the stream had not shown`,
      why: voided.accounts,
      next: 'docs/runbook.md#missedchanges',
    },
  ];
}

/** A check that waits longer for its canaries trusts no certificate. */
const LAG_SECONDS_MAX = 2;

/** About the stream of the accounts table, and about the checkpoint, at the last check. */
export const memoryFindings = (record: CheckRecord): Finding[] => [
  ...streamFindings(record),
  ...checkpointFindings(record),
];

/** It could not be read to its end. */
function streamFindings({ accounts, certificates }: CheckRecord): Finding[] {
  const { allRead, lagSeconds } = certificates ?? {};
  const isRead = lagSeconds !== undefined && lagSeconds <= LAG_SECONDS_MAX;
  // Certificates that are off have a finding of their own.
  if (allRead === undefined || allRead === WHY_OFF || isRead) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'stream-unread',
      what: 'the last check could use no certificate and read every account',
      why: [allRead],
      accounts,
      next: 'docs/runbook.md#streamlag',
    },
  ];
}

function checkpointFindings({ certificates }: CheckRecord): Finding[] {
  const { checkpointFailure } = certificates ?? {};
  if (checkpointFailure === undefined) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'checkpoint-failed',
      what: 'certificates cannot be stored, so a function that starts has to read every account',
      why: [checkpointFailure],
      next: 'docs/certificates.md#when-a-function-starts',
    },
  ];
}

/** The accounts that the last check read, of all; undefined without certificates. */
export function readingLine({ accounts, certificates }: CheckRecord): string | undefined {
  if (certificates === undefined) return undefined;
  const { certified, remembered, allRead, restoredFrom } = certificates;
  const read = accounts - certified - remembered;
  if (allRead !== undefined) return `all ${read}, because ${allRead}`;
  const begun = restoredFrom === undefined ? '' : `, from the checkpoint of ${restoredFrom}`;
  const unread = `${certified} were proved healthy without being read`;
  const unchanged = remembered === 0 ? '' : `, ${remembered} had nothing new in their cases`;
  return `${read}; ${unread}${unchanged}${begun}`;
}
