import { type Cell as TableCell, tableOf, wrapped } from '../cli/table.ts';
import { counted, figure, percent, whole } from '../report/figures.ts';
import type { CellResult } from './cell-result.ts';
import { eventsTable } from './events-table.ts';
import { isAt } from './frontier.ts';
import {
  answerText,
  confidenceText,
  drawnText,
  equalCapitalText,
  fitText,
  meanText,
  sizesTable,
  sourceText,
  sureText,
  timeText,
} from './sentences.ts';
import type { ExecutionResult, SimulationResult, SimulationRun } from './simulate.ts';

export function simulationTables(result: SimulationResult): string {
  const executions = executionsOf(result);
  return [
    ...executions.map((seconds) => answersOf(result, seconds)),
    headOf(result),
    ...sizesOf(result),
    ...executions.flatMap((seconds) => executionTables(result, seconds)),
    FOOTNOTES,
  ].join('\n\n');
}

export const executionsOf = ({ runs }: SimulationResult): number[] =>
  (runs[0] as SimulationRun).executions.map(({ executionSeconds }) => executionSeconds);

export interface ToldRun {
  readonly run: SimulationRun;
  readonly told: ExecutionResult;
}

/** The runs that have this execution time. */
export const runsAt = ({ runs }: SimulationResult, seconds: number): ToldRun[] =>
  runs.flatMap((run) => {
    const told = run.executions.find(({ executionSeconds }) => executionSeconds === seconds);
    return told === undefined ? [] : [{ run, told }];
  });

function answersOf(result: SimulationResult, seconds: number): string {
  const answers = runsAt(result, seconds).map(({ run, told: { advice, equalCapital } }) => {
    const why = equalCapitalText(equalCapital, advice) ?? '';
    return wrapped(
      `${sourceText(run)}: ${answerText(advice)} ${sureText(advice)} ${why}`.trimEnd(),
    );
  });
  return [`Orders filled after ${timeText(seconds)}:`, ...answers].join('\n');
}

function headOf(result: SimulationResult): string {
  const { runs, hours, seed, factor, book, shockMax, fit, model, isStopped, pathsAsked } = result;
  const { accounts, simulated, indeterminate, leftOut, still, openInterest, exposure } = book;
  const lines = [
    ...runs.map(
      (run) =>
        `${sourceText(run)}: ${run.paths} paths of ${hours} h in steps of ${run.stepSeconds} s` +
        (run.source === 'replay' ? `, ${counted(run.crashes, 'crash', 'crashes')} kept whole` : ''),
    ),
    isStopped ? `Stopped before all ${pathsAsked} paths were done.` : '',
    fit === undefined ? '' : `Fit: ${fitText(fit, model.tickSeconds / fit.rowsAReturn)}.`,
    ...runs.map(notReplayedText),
    ...runs.map(drawnText),
    `${simulated} of ${accounts} accounts simulated; open interest ${whole(openInterest)} USD, ` +
      `exposure of the surplus to ${factor} ${whole(exposure)} USD; seed ${seed}; ` +
      `Λ at most ${percent(shockMax)} (--shock-max)`,
    leftOut > 0 ? `${leftOut} left out: below their call line before the price moves` : '',
    indeterminate > 0 ? `${indeterminate} left out: indeterminate` : '',
    still.length > 0 ? `Prices held constant: ${still.join(', ')}` : '',
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => wrapped(line))
    .join('\n');
}

function sizesOf({ fit }: SimulationResult): string[] {
  if (fit === undefined) return [];
  const { head, rows } = sizesTable(fit.sizes);
  return [`Absolute moves of the fitted model and of the file\n${tableOf(head, rows)}`];
}

export function notReplayedText({ notReplayed }: SimulationRun): string {
  const { intervals, executions } = notReplayed;
  const all = [
    ...intervals.map((seconds) => `a check every ${timeText(seconds)}`),
    ...executions.map((seconds) => `orders filled after ${timeText(seconds)}`),
  ];
  return all.length === 0 ? '' : `Not replayed, as the prices are too coarse: ${all.join(', ')}.`;
}

function executionTables(result: SimulationResult, seconds: number): string[] {
  const told = runsAt(result, seconds);
  const title = `Orders filled after ${timeText(seconds)}`;
  return [
    `${title}: each setting at its confidence. USD per 30 days\n${costTable(told)}`,
    `${title}: every interval with the capital of the shortest. USD per 30 days\n${capitalTable(told)}`,
    `${title}: risk\n${told.map(riskTable).join('\n')}`,
    ...told.flatMap((each) => eventsText(title, each)),
  ];
}

const isReplay = ({ run }: ToldRun): boolean => run.source === 'replay';
const named = (told: ToldRun, name: string): string => (isReplay(told) ? `real ${name}` : name);

function costTable(told: readonly ToldRun[]): string {
  const head = [
    'interval',
    'confidence',
    ...told.flatMap((each) =>
      ['Λ held', 'bad debt', 'capital', 'total', '± s.e.'].map((name) => named(each, name)),
    ),
  ];
  const cells = (told[0] as ToldRun).told.grid;
  const rows = cells.map((cell) => [
    `${timeText(cell.intervalSeconds)}${marksOf(cell, told)}`,
    confidenceText(cell.confidence),
    ...told.flatMap(({ told: { grid } }) => costsOf(grid.find(isAt(cell)))),
  ]);
  return tableOf(head, rows, 2);
}

/** `<`: least cost of the model; `≪`: of the replay. */
const marksOf = (cell: CellResult, told: readonly ToldRun[]): string =>
  told
    .filter(({ told: { advice } }) => isAt(cell)(advice.best))
    .map((each) => (isReplay(each) ? ' ≪' : ' <'))
    .join('');

function costsOf(cell: CellResult | undefined): TableCell[] {
  if (cell === undefined) return ['–', '–', '–', '–', '–'];
  const { costPerMonth: cost, shockHeld } = cell;
  const { badDebt, capital, total, totalStandardError } = cost;
  return [percent(shockHeld.mean), ...[badDebt, capital, total, totalStandardError].map(whole)];
}

function capitalTable(told: readonly ToldRun[]): string {
  const head = [
    'interval',
    'capital of',
    ...told.flatMap((each) =>
      ['buffer held', 'part of Λ*', 'bad debt', 'more than at the shortest'].map((name) =>
        named(each, name),
      ),
    ),
  ];
  const cells = (told[0] as ToldRun).told.equalCapital;
  if (cells.length === 0) return 'No setting has a buffer.';
  const rows = cells.map((cell) => [
    timeText(cell.intervalSeconds),
    confidenceText(cell.confidence),
    ...told.flatMap(({ told: { equalCapital } }) => capitalOf(equalCapital.find(isAt(cell)))),
  ]);
  return tableOf(head, rows, 2);
}

function capitalOf(cell: CellResult | undefined): TableCell[] {
  if (cell === undefined) return ['–', '–', '–', '–'];
  const { bufferHeld, scale, costPerMonth, badDebtMore } = cell;
  return [whole(bufferHeld), figure(scale), whole(costPerMonth.badDebt), meanText(badDebtMore)];
}

const RISK_HEAD = [
  'interval',
  'confidence',
  'Λ*',
  'Λ at its bound',
  'drawdown 99 %',
  'left a debt',
  'exceeded',
  'by the buffer',
  'liquidations a day',
  'calls a day',
  'false a day',
];

function riskTable({ run, told }: ToldRun): string {
  const rows = told.grid.map((cell) => [
    timeText(cell.intervalSeconds),
    confidenceText(cell.confidence),
    cell.confidence === null ? '–' : percent(cell.shockForecast),
    cell.confidence === null ? '–' : share(cell.boundedShare),
    whole(cell.fundDrawdown.p99),
    shortfallText(cell),
    share(cell.exceedanceProbability),
    share(cell.byBufferProbability),
    ...[cell.liquidationsPerDay, cell.callsPerDay, cell.falseCallsPerDay].map(tenths),
  ]);
  return `${sourceText(run)}\n${tableOf(RISK_HEAD, rows, 2)}`;
}

function eventsText(title: string, { run, told }: ToldRun): string[] {
  if (told.events.length === 0) return [];
  const { head, rows } = eventsTable(told);
  return [
    `${title}: checks at once when the price has moved by half of Λ (--events). USD per 30 days\n` +
      `${sourceText(run)}\n${tableOf(head, rows)}`,
  ];
}

/** Without a debt seen, the bound of the rule of three. */
export function shortfallText({ shortfalls, liquidations, shortfallProbability }: CellResult) {
  if (liquidations === 0) return '–';
  return shortfalls === 0
    ? `< ${percent(Math.min(1, 3 / liquidations))}`
    : share(shortfallProbability);
}

const FOOTNOTES = [
  '<, ≪: least total cost (bad debt, capital and AWS) of the simulated and of the real prices. AWS is the ' +
    'same everywhere but for a few USD.',
  'Λ*: forecast move between a breach and its close-out; Λ held: as far as the policy charges for it.',
  'part of Λ*: how much of its own forecast an interval holds if its mean buffer is to be that of the ' +
    'shortest interval.',
  'left a debt: share of liquidations; where none was seen, below 3/n. exceeded: the loss was larger than ' +
    'the buffer. by the buffer: the account was above its line with Λ of the check before.',
  'drawdown: largest fall of the insurance fund below its peak within a path, USD. false: calls that a ' +
    'price move cured. Nobody pays a call in a simulation.',
]
  .map((line) => wrapped(line))
  .join('\n');

const share = (value: number | null): string =>
  value === null ? '–' : `${(100 * value).toFixed(1)} %`;
const tenths = (value: number): string => value.toFixed(1);
