/** What the certificates of a deployment have been found wanting in. */
import type { CertificatesState } from '../../lambda/certified/state.ts';
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
  if (voided === undefined || now - Date.parse(voided.checkId) > TOLD_MS) return [];
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

/** The accounts that the last check read, of all; empty without certificates. */
export function readingLine({ accounts, certificates }: CheckRecord): string | undefined {
  if (certificates === undefined) return undefined;
  const { certified, allRead } = certificates;
  const read = accounts - certified;
  if (allRead !== undefined) return `all ${read}, because ${allRead}`;
  return `${read}; ${certified} were proved healthy without being read`;
}
