/** What the certificates of a deployment have been found wanting in. */
import { type CertificatesState, isOff } from '../../lambda/certified/state.ts';
import type { Finding } from './finding.ts';
import type { CheckRecord } from './last-check.ts';

/** A change that was missed is told for so long. */
const TOLD_SECONDS = 86_400;

export function certificateFindings(state: CertificatesState, now: number): Finding[] {
  const { voidBy, accounts } = state;
  if (isOff(state)) {
    return [
      {
        severity: 'ATTENTION',
        code: 'certificates-off',
        what: 'a certificate promised more than was true, so every check reads all accounts',
        why: accounts,
        next: 'docs/runbook.md#unsoundcertificates',
      },
    ];
  }
  const ageSeconds =
    voidBy === undefined ? Number.POSITIVE_INFINITY : (now - Date.parse(voidBy)) / 1000;
  if (!(ageSeconds < TOLD_SECONDS)) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'change-missed',
      what: `the check ${voidBy} found accounts whose change it had not been told of`,
      why: accounts,
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
