/** The verdict and its findings as lines of at most 100 columns. */
import { toned } from '../cli/colour.ts';
import { COLUMNS, wrapped } from '../cli/table.ts';
import { counted } from '../report/figures.ts';
import type { Finding, Verdict } from './finding.ts';
import type { Status } from './read-status.ts';

type Found = Pick<Status, 'verdict' | 'headline' | 'findings'>;

export function findingsText({ verdict, headline, findings }: Found): string {
  const more = findings.length > 1 ? ` (and ${counted(findings.length - 1, 'other finding')})` : '';
  const title = toneFirst(verdict, indented(`${verdict}: ${headline}${more}`, ''));
  const all = findings.flatMap((finding, index) => findingLines(finding, index + 1));
  return [...title, ...(all.length === 0 ? [] : ['', ...all, ''])].join('\n');
}

const WHY_SHOWN = 5;

function findingLines(finding: Finding, number: number): string[] {
  const { severity, what, why, next } = finding;
  const others = why.length - WHY_SHOWN;
  return [
    ...toneFirst(
      severity,
      indented(`${number}. ${severity}: ${what}${touched(finding)}`, '', '   '),
    ),
    ...why.slice(0, WHY_SHOWN).flatMap((line) => indented(line, '   - ', '     ')),
    ...(others > 0 ? [`     … and ${others} more; --json lists all`] : []),
    ...indented(next, '   → ', '     '),
  ];
}

const TONES = { OK: 'good', ATTENTION: 'caution', CRITICAL: 'bad' } as const;

const toneFirst = (verdict: Verdict, [first = '', ...others]: readonly string[]): string[] => [
  first.replace(verdict, (word) => toned(TONES[verdict], word)),
  ...others,
];

function touched({ money }: Finding): string {
  return money === undefined ? '' : `; ${money.amount} ${money.of}`;
}

/** The other lines are indented by `rest`. */
function indented(text: string, first: string, rest = first): string[] {
  const width = COLUMNS - Math.max(first.length, rest.length);
  const lines = wrapped(text, width).split('\n');
  return lines.map((line, index) => (index === 0 ? first : rest) + line);
}
