import { tableOf } from '../cli/table.ts';
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

const COST_HEAD = [
  'interval',
  'confidence',
  'bad debt',
  'capital',
  'AWS',
  'total',
  '± s.e.',
  'bad debt, bp a day',
  'buffer held, USD',
];

const RISK_HEAD = [
  'interval',
  'confidence',
  'drawdown mean',
  '95 %',
  '99 %',
  'worst',
  'shortfall',
  'exceeded',
  'liquidations a day',
  'calls a day',
  'false a day',
];

function executionTable(
  result: SimulationResult,
  { executionSeconds, points, recommended, isAtEdge }: Frontier,
) {
  const isAt = (left: Cell) => (right: Cell) =>
    left.intervalSeconds === right.intervalSeconds && left.confidence === right.confidence;
  const cells = result.grid.filter((each) => each.executionSeconds === executionSeconds);
  const nameOf = (cell: CellResult) => {
    const marks = `${points.some(isAt(cell)) ? ' *' : ''}${isAt(cell)(recommended) ? ' <' : ''}`;
    return [
      `${timeText(cell.intervalSeconds)}${marks}`,
      cell.confidence === null ? 'none' : percent(cell.confidence),
    ];
  };
  const rowsOf = (figures: (cell: CellResult) => string[]) =>
    cells.map((cell) => [...nameOf(cell), ...figures(cell)]);
  const costs = tableOf(COST_HEAD, rowsOf(costsOf), 2);
  const risks = tableOf(RISK_HEAD, rowsOf(risksOf), 2);
  const title = `Orders filled after ${timeText(executionSeconds)}; amounts in USD per 30 days`;
  const best = `Lowest total cost: a check every ${timeText(recommended.intervalSeconds)}, ${buffer(recommended)}`;
  return `${title}\n${costs}\n${risks}\n${best}${isAtEdge ? EDGE : ''}`;
}

const EDGE = ' (at the edge of the grid; the optimum may lie beyond it)';

const costsOf = ({ costPerMonth: cost, badDebtBasisPoints, bufferHeld }: CellResult): string[] => [
  ...[cost.badDebt, cost.capital, cost.aws, cost.total, cost.totalStandardError].map(money),
  badDebtBasisPoints.mean.toFixed(4),
  money(bufferHeld),
];

function risksOf(cell: CellResult): string[] {
  const { fundDrawdown: fund } = cell;
  return [
    ...[fund.mean, fund.p95, fund.p99, fund.worst].map(money),
    share(cell.shortfallProbability),
    share(cell.exceedanceProbability),
    ...[cell.liquidationsPerDay, cell.callsPerDay, cell.falseCallsPerDay].map(tenths),
  ];
}

function closedFormTable({ closedForms }: SimulationResult): string {
  const rows = closedForms.map(({ confidence, gapSeconds, costPerMonth }: ClosedForm) => [
    percent(confidence),
    `${gapSeconds.toFixed(1)} s`,
    money(costPerMonth),
  ]);
  const table = tableOf(['confidence', 'best interval', 'USD per 30 days'], rows);
  const title =
    'Closed form: costs of buffer and checks only, orders filled at once, no shock floor';
  return `${title}\n${table}`;
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
