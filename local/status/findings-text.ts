/** The verdict and its findings as lines of at most 100 columns. */
import { counted } from '../report/figures.ts';
import type { Finding } from './finding.ts';
import type { Status } from './read-status.ts';

type Found = Pick<Status, 'verdict' | 'headline' | 'findings'>;

export function findingsText({ verdict, headline, findings }: Found): string {
  const more = findings.length > 1 ? ` (and ${counted(findings.length - 1, 'other finding')})` : '';
  const title = wrapped(`${verdict}: ${headline}${more}`, '');
  const all = findings.flatMap((finding, index) => findingLines(finding, index + 1));
  return [...title, ...(all.length === 0 ? [] : ['', ...all, ''])].join('\n');
}

const WHY_SHOWN = 5;

function findingLines(finding: Finding, number: number): string[] {
  const { severity, what, why, next } = finding;
  const others = why.length - WHY_SHOWN;
  return [
    ...wrapped(`${number}. ${severity}: ${what}${touched(finding)}`, '', '   '),
    ...why.slice(0, WHY_SHOWN).flatMap((line) => wrapped(line, '   - ', '     ')),
    ...(others > 0 ? [`     … and ${others} more; --json lists all`] : []),
    ...wrapped(next, '   → ', '     '),
  ];
}

function touched({ money }: Finding): string {
  return money === undefined ? '' : `; ${money.amount} ${money.of}`;
}

const COLUMNS = 100;

/** At spaces; a longer word stays whole. */
function wrapped(text: string, first: string, rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
