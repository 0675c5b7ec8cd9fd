import Table from 'cli-table3';
import type { CellResult } from './cell-result.ts';
import type { ClosedForm, Frontier } from './frontier.ts';
import type { Cell } from './grid.ts';
import { totalVolatility } from './price-model.ts';
import type { SimulationResult } from './simulate.ts';

export function simulationTables(result: SimulationResult): string {
  return [
    headOf(result),
    ...result.frontiers.map((frontier) => executionTable(result, frontier)),
    closedFormTable(result),
    ...FOOTNOTES,
  ].join('\n\n');
}

function headOf({
  paths,
  pathsAsked,
  hours,
  stepSeconds,
  seed,
  model,
  book,
  factor,
}: SimulationResult) {
  const { accounts, simulated, indeterminate, leftOut, still, openInterest, exposure } = book;
  const out = [
    leftOut > 0 ? `${leftOut} left out: below their call line before the price moves` : '',
    indeterminate > 0 ? `${indeterminate} left out: indeterminate` : '',
    still.length > 0 ? `prices held constant: ${still.join(', ')}` : '',
  ].filter((each) => each !== '');
  const lines = [
    `${paths === pathsAsked ? paths : `${paths} of ${pathsAsked}`} paths of ${hours} h in steps of ` +
      `${stepSeconds} s, seed ${seed}; ${factor} volatility ${percent(totalVolatility(model))} a year, jumps included`,
    `${simulated} of ${accounts} accounts simulated; open interest ${money(openInterest)} USD, ` +
      `exposure of the surplus to the price ${money(exposure)} USD`,
    ...out,
  ];
  return lines.join('\n');
}

const HEAD = [
  'interval',
  'confidence',
  'bad debt',
  'capital',
  'AWS',
  'total',
  '± s.e.',
  'bad debt bp/day',
  'drawdown mean',
  '95 %',
  '99 %',
  'worst',
  'shortfall',
  'exceeded',
  'liq./day',
  'calls/day',
  'false/day',
  'buffer USD',
];

function executionTable(
  result: SimulationResult,
  { executionSeconds, points, recommended, isAtEdge }: Frontier,
) {
  const table = plainTable(HEAD, 2);
  const isAt = (left: Cell) => (right: Cell) =>
    left.intervalSeconds === right.intervalSeconds && left.confidence === right.confidence;
  for (const cell of result.grid.filter((each) => each.executionSeconds === executionSeconds)) {
    const marks = `${points.some(isAt(cell)) ? ' *' : ''}${isAt(cell)(recommended) ? ' <' : ''}`;
    table.push(rowOf(cell, marks));
  }
  const title = `Orders filled after ${timeText(executionSeconds)}; amounts in USD per 30 days`;
  const best = `Lowest total cost: a check every ${timeText(recommended.intervalSeconds)}, ${buffer(recommended)}`;
  return `${title}\n${table.toString()}\n${best}${isAtEdge ? EDGE : ''}`;
}

const EDGE = ' (at the edge of the grid; the optimum may lie beyond it)';

function rowOf(cell: CellResult, marks: string): string[] {
  const { costPerMonth: cost, fundDrawdown: fund } = cell;
  return [
    `${timeText(cell.intervalSeconds)}${marks}`,
    cell.confidence === null ? 'none' : percent(cell.confidence),
    ...[cost.badDebt, cost.capital, cost.aws, cost.total, cost.totalStandardError].map(money),
    cell.badDebtBasisPoints.mean.toFixed(4),
    ...[fund.mean, fund.p95, fund.p99, fund.worst].map(money),
    share(cell.shortfallProbability),
    share(cell.exceedanceProbability),
    ...[cell.liquidationsPerDay, cell.callsPerDay, cell.falseCallsPerDay].map(tenths),
    money(cell.bufferHeld),
  ];
}

function closedFormTable({ closedForms }: SimulationResult): string {
  const table = plainTable(['confidence', 'best interval', 'USD per 30 days'], 1);
  for (const {
    confidence,
    gapSeconds,
    costPerMonth,
  } of closedForms satisfies readonly ClosedForm[]) {
    table.push([percent(confidence), `${gapSeconds.toFixed(1)} s`, money(costPerMonth)]);
  }
  const title =
    'Closed form: costs of buffer and checks only, orders filled at once, no shock floor';
  return `${title}\n${table.toString()}`;
}

const FOOTNOTES = [
  [
    '* on the frontier: no other setting has both a lower running cost (capital and AWS) and less bad debt.',
    '< lowest total cost.',
    'drawdown: largest fall of the insurance fund below its peak within a path, USD.',
    'shortfall: share of liquidations that left a debt.',
    'exceeded: share of liquidations whose loss was larger than the buffer.',
    'false: calls that a price move cured. Nobody pays a call in a simulation.',
  ].join('\n'),
];

const plainTable = (head: readonly string[], left: number) =>
  new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index < left ? 'left' : 'right')),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    chars: { middle: ' ' },
  });

const buffer = ({ confidence }: Cell): string =>
  confidence === null ? 'no buffer' : `a buffer at ${percent(confidence)}`;

export function timeText(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

const money = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
const percent = (value: number): string => `${Number((100 * value).toPrecision(4))} %`;
const share = (value: number | null): string =>
  value === null ? '—' : `${(100 * value).toFixed(1)} %`;
const tenths = (value: number): string => value.toFixed(1);
