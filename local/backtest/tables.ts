import { toned } from '../cli/colour.ts';
import { tableOf } from '../cli/table.ts';
import { chance, counted } from '../report/figures.ts';
import { answerOf } from './answer.ts';
import { bookTable } from './book-table.ts';
import { REQUIREMENTS_TITLE, requirementsTable } from './requirements-table.ts';
import type { BacktestResult, RunResult, SideResult } from './result.ts';

export function backtestTables(result: BacktestResult): string {
  const { books, findings, runs, requirements } = result;
  const answer = answerOf(result);
  const executions = [...new Set(runs.map(({ executionSeconds }) => executionSeconds))].join(', ');
  return [
    headline(result),
    '',
    `Windows of interval + execution time (${executions} s), end to end: largest adverse move against the buffer`,
    coverageTable(runs),
    'What the buffer costs, how far moves went beyond it, and how much it moves itself',
    sizeTable(runs),
    'Crossings of liquidation lines: overshoot when a check finds them, and move until the fill',
    lineTable(runs),
    '÷ theory and 99 %: overshoot in units of theory, which says 1 and 2.18. lag: from the crossing to the check.',
    ...(runs.some(({ acrossGaps }) => acrossGaps !== undefined)
      ? ['Moves across gaps in the file, against the buffer held before', gapTable(runs)]
      : []),
    ...(requirements ? [REQUIREMENTS_TITLE, requirementsTable(requirements)] : []),
    ...(books.length === 0 ? [] : ['The book over the price history', bookTable(books)]),
    ...findings.map((finding) => `${finding}.`),
    toned(answer.tone, answer.text),
  ].join('\n');
}

function headline(result: BacktestResult): string {
  const { file, rows, kind, samplingSeconds, from, until, gaps, gapSeconds, reportFrom } = result;
  const { method, jumpFloor, slippage } = result.parameters;
  const holes =
    gaps === 0 ? 'no gaps' : `${counted(gaps, 'gap')}, ${Math.round(gapSeconds)} s in total`;
  return [
    `${file}: ${rows} ${kind} every ${samplingSeconds} s, ${day(from)} to ${day(until)}, ${holes}`,
    `report from ${day(reportFrom)}; rule ${method}; jump floor ${basisPoints(jumpFloor)} bp, ` +
      `slippage ${basisPoints(slippage)} bp`,
  ].join('\n');
}

const COVERAGE_HEAD = [
  'interval s',
  'side',
  'windows',
  'exceeded',
  'accepted',
  'verdict',
  'Kupiec p',
  'indep. p',
  'joint p',
  'Basel zone',
];

function coverageTable(runs: readonly RunResult[]): string {
  return tableOf(
    COVERAGE_HEAD,
    runs.flatMap((run) => run.sides.map((side) => coverageRow(run, side))),
    0,
  );
}

function coverageRow(run: RunResult, { side, coverage }: SideResult) {
  const { cases, exceedances, accepted, verdict, kupiec, christoffersen, conditional } = coverage;
  return [
    run.intervalSeconds,
    side,
    cases,
    exceedances,
    `${accepted.fewest}–${accepted.most}`,
    verdict,
    chance(kupiec.pValue),
    chance(christoffersen?.pValue),
    chance(conditional?.pValue),
    coverage.zone,
  ];
}

const SIZE_HEAD = [
  'interval s',
  'side',
  'z',
  'buffer bp',
  'constant bp',
  'quantile loss bp',
  'shortfall bp',
  'accepted',
  'peak ÷ trough',
  'largest rise bp',
];

function sizeTable(runs: readonly RunResult[]): string {
  return tableOf(
    SIZE_HEAD,
    runs.flatMap((run) => run.sides.map((side) => sizeRow(run, side))),
    0,
  );
}

function sizeRow({ intervalSeconds }: RunResult, result: SideResult) {
  const { side, cost, quantile, shortfall, procyclicality } = result;
  return [
    intervalSeconds,
    side,
    quantile === undefined ? '' : quantile.last.toFixed(2),
    basisPoints(cost.meanBuffer),
    basisPoints(cost.constantBuffer),
    fixed(result.quantileLossBasisPoints, 3),
    fixed(shortfall.basisPoints, 0),
    `up to ${fixed(shortfall.mostBasisPoints, 0)}`,
    procyclicality === undefined ? '' : fixed(procyclicality.peakToTrough, 1),
    procyclicality === undefined ? '' : basisPoints(procyclicality.largestRise),
  ];
}

const GAP_HEAD = [
  'interval s',
  'side',
  'gaps',
  'exceeded',
  'shortfall bp',
  'largest move bp',
  'mean length s',
];

function gapTable(runs: readonly RunResult[]): string {
  const rows = runs.flatMap(({ intervalSeconds, acrossGaps = [] }) =>
    acrossGaps.map((moves) => [
      intervalSeconds,
      moves.side,
      moves.gaps,
      moves.exceedances,
      fixed(moves.shortfallBasisPoints, 0),
      basisPoints(moves.largest),
      fixed(moves.meanSeconds, 0),
    ]),
  );
  return tableOf(GAP_HEAD, rows, 0);
}

const LINE_HEAD = [
  'interval s',
  'crossings',
  'exceeded of tested',
  'verdict',
  'overshoot bp',
  '÷ theory',
  '99 %',
  'buffer bp',
  'shortfall bp',
  'bad debt bp of OI',
  'false calls',
  'lag s',
];

function lineTable(runs: readonly RunResult[]): string {
  const rows = runs.map(({ intervalSeconds, crossings: lines }) => {
    const { coverage } = lines;
    return [
      intervalSeconds,
      lines.crossings,
      coverage === undefined ? NONE : `${coverage.exceedances} of ${coverage.cases}`,
      coverage?.verdict ?? NONE,
      basisPoints(lines.meanOvershoot),
      fixed(lines.meanToTheory, 2),
      fixed(lines.quantile99, 2),
      basisPoints(lines.meanBuffer),
      basisPoints(lines.shortfallPerLiquidation),
      fixed(lines.badDebtBasisPoints, 1),
      lines.falseCalls,
      fixed(lines.meanLagSeconds, 0),
    ];
  });
  return tableOf(LINE_HEAD, rows, 0);
}

const NONE = '—';

export const fixed = (value: number, places: number): string =>
  Number.isFinite(value) ? value.toFixed(places) : NONE;

export const basisPoints = (fraction: number): string => fixed(fraction * 1e4, 2);

const day = (time: number): string =>
  new Date(time * 1000).toISOString().replace('T', ' ').slice(0, 16);
