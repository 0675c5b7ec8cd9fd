import { nameOf } from '../cli/assess/format.ts';
import { count } from '../report/figures.ts';
import type { Report, Section } from '../report/report.ts';
import type { BreachedRow, FactorStressResult, LevelCount } from './factor-result.ts';
import {
  BREACHED_HEAD,
  breachedCells,
  countOf,
  fundText,
  headOf,
  moveCells,
  remarkOf,
  standText,
  totalText,
} from './factor-tables.ts';

export function factorStressReport(result: FactorStressResult): Report {
  const { deficits, liquidations, calls, levels } = result;
  return {
    title: 'Stress test: single prices move',
    ...opening(result),
    facts: levels.map(({ level, after, newly }) => ({
      label: FACT_LABELS[level],
      value: count(after),
      note: `${count(newly)} new`,
    })),
    sections: [
      movesSection(result),
      breachedSection('In deficit', deficits, countOf(result, 'deficit')),
      breachedSection('To be liquidated', liquidations, countOf(result, 'liquidation')),
      breachedSection('Called', calls, countOf(result, 'call')),
      undecidedSection(result),
    ].filter((section) => section !== undefined),
  };
}

/** The counts are the verdict. */
function opening(result: FactorStressResult): Pick<Report, 'verdict' | 'lead'> {
  const [text = '', lead = ''] = headOf(result).split('\n');
  const isHit = (level: LevelCount['level']) => countOf(result, level) > 0;
  const isBad = isHit('deficit') || isHit('liquidation');
  const caution = isHit('call') || isHit('indeterminate') ? 'caution' : 'good';
  return { verdict: { tone: isBad ? 'bad' : caution, text }, lead };
}

const FACT_LABELS = {
  deficit: 'In deficit',
  liquidation: 'To be liquidated',
  call: 'Called',
  healthy: 'Healthy',
  indeterminate: 'Indeterminate',
} as const;

const movesSection = (result: FactorStressResult): Section => ({
  title: 'Moves',
  prose: [
    'Each factor moves by itself, before anybody can act. Every account is assessed as a check ' +
      'would assess it at the moved prices. Implied volatilities do not change.',
    ...standText(result),
    totalText(result),
    ...fundText(result),
  ],
  tables: [
    {
      caption: 'Prices',
      head: ['Factor', 'Move', 'Price', 'Moved price'],
      rows: result.moves.map(moveCells),
    },
  ],
});

function breachedSection(
  title: string,
  rows: readonly BreachedRow[],
  all: number,
): Section | undefined {
  if (all === 0) return undefined;
  const shown = rows.length < all ? `The worst ${count(rows.length)} of ${count(all)}.` : 'All.';
  const head = ['Account', ...BREACHED_HEAD.map(capital), 'Remark'];
  const cells = rows.map((each) => [...breachedCells(each), remarkOf(each)]);
  return {
    title,
    prose: [`${shown} Figures are those after the moves.`],
    tables: [{ caption: title, head, wordColumns: [1, head.length - 1], rows: cells }],
  };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function undecidedSection(result: FactorStressResult): Section | undefined {
  const { indeterminate } = result;
  if (indeterminate.length === 0) return undefined;
  return {
    title: 'Indeterminate, in no total',
    prose: [
      `${count(countOf(result, 'indeterminate'))} cannot be decided at the moved prices; ` +
        `${count(indeterminate.length)} are named.`,
    ],
    tables: [
      {
        caption: 'Indeterminate',
        head: ['Account', 'Before', 'Reason'],
        wordColumns: [1, 2],
        rows: indeterminate.map((each) => [nameOf(each), each.before, each.reasons.join('; ')]),
      },
    ],
  };
}
