import { counted } from '../../report/figures.ts';
import type { Diagnosis } from './doctor.ts';

/** A verdict, a line for each finding, and what was not looked at. */
export function diagnosisText({ findings, unchecked, ...counts }: Diagnosis): string {
  const { marketRows, accounts } = counts;
  const read = [
    ...(marketRows === undefined ? [] : [counted(marketRows, 'market row')]),
    ...(accounts === undefined ? [] : [counted(accounts, 'account')]),
  ];
  const critical = findings.filter(({ severity }) => severity === 'critical').length;
  const verdict =
    findings.length === 0
      ? 'ok: no findings'
      : `NOT OK: ${counted(findings.length, 'finding')}, ${critical} of them critical`;
  return [
    read.length === 0 ? verdict : `${verdict}; read ${read.join(' and ')}`,
    ...findings.map(({ severity, what, todo }) => `${severity.padEnd(8)}  ${what}. Do: ${todo}.`),
    ...unchecked.map((each) => `not checked: ${each}`),
  ].join('\n');
}
