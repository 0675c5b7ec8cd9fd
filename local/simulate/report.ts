import { bars } from '../report/charts/bars.ts';
import { frontier } from '../report/charts/frontier.ts';
import { count, dollars, figure, percent } from '../report/figures.ts';
import type { Fact, Report, Section, Table } from '../report/report.ts';
import type { CellResult } from './cell-result.ts';
import type { Frontier } from './frontier.ts';
import type { Cell } from './grid.ts';
import { totalVolatility } from './price-model.ts';
import type { SimulationResult } from './simulate.ts';
import { timeText } from './tables.ts';

export function simulationReport(result: SimulationResult): Report {
  const { paths, hours, factor, model, book, frontiers } = result;
  const [first] = frontiers;
  const best = first && cellAt(result, first.recommended);
  return {
    title: 'What the check interval costs',
    lead:
      `${count(paths)} simulated paths of ${hours} h, ${factor} at ${percent(totalVolatility(model))} a ` +
      `year, ${count(book.simulated)} accounts with ${dollars(book.openInterest)} of open interest. ` +
      'All money is for 30 days.',
    facts: first === undefined || best === undefined ? [] : factsOf(first, best),
    sections: frontiers.map((each) => sectionOf(each, result)),
  };
}

const labelOf = ({ intervalSeconds, confidence }: Cell): string =>
  `${timeText(intervalSeconds)}, ${confidence === null ? 'no buffer' : percent(confidence)}`;

const isAt =
  (left: Cell) =>
  (right: Cell): boolean =>
    left.intervalSeconds === right.intervalSeconds &&
    left.confidence === right.confidence &&
    left.executionSeconds === right.executionSeconds;

const cellAt = ({ grid }: SimulationResult, cell: Cell): CellResult | undefined =>
  grid.find(isAt(cell));

function factsOf({ executionSeconds, isAtEdge }: Frontier, best: CellResult): Fact[] {
  const { costPerMonth, fundDrawdown, exceedanceProbability } = best;
  return [
    {
      label: `Least total cost, orders filled after ${timeText(executionSeconds)}`,
      value: labelOf(best),
      note: isAtEdge ? 'at the edge of the grid: better may lie beyond it' : undefined,
    },
    {
      label: 'Together',
      value: dollars(costPerMonth.total),
      note: `± ${dollars(costPerMonth.totalStandardError)} standard error`,
    },
    { label: 'Bad debt', value: dollars(costPerMonth.badDebt) },
    { label: 'Capital in the buffer', value: dollars(costPerMonth.capital) },
    { label: 'AWS', value: dollars(costPerMonth.aws) },
    {
      label: 'Insurance fund, 99 % of days',
      value: dollars(fundDrawdown.p99),
      note: 'that it falls by at most',
    },
    {
      label: 'Liquidations beyond their buffer',
      value: exceedanceProbability === null ? '–' : percent(exceedanceProbability),
    },
  ];
}

export function sectionOf(
  { executionSeconds, points, recommended }: Frontier,
  result: SimulationResult,
) {
  const cells = result.grid.filter((cell) => cell.executionSeconds === executionSeconds);
  const [held] = cells.map(({ confidence }) => confidence).filter((each) => each !== null);
  const sameBuffer = cells.filter(
    ({ confidence }) => confidence === (recommended.confidence ?? held ?? null),
  );
  const name = (recommended.confidence ?? held) === undefined ? 'no buffer' : 'the same buffer';
  return {
    title: `Orders filled after ${timeText(executionSeconds)}`,
    prose: [
      'On the frontier nothing leaves less bad debt for less running cost, which is the capital held ' +
        'in the buffer and AWS. Every interval watches the same paths, so that differences are the ' +
        'interval’s own.',
    ],
    charts: [
      frontier({
        cost: { name: 'Running cost in 30 days', unit: 'USD' },
        badDebt: { name: 'Bad debt in 30 days', unit: 'USD' },
        points: points.map((point) => ({
          label: labelOf(point),
          cost: point.runningCost,
          badDebt: point.badDebt,
        })),
        recommended: points.some(isAt(recommended))
          ? labelOf(recommended)
          : labelOf(points[0] as Cell),
      }),
      bars({
        title: `Total cost by interval, at ${name}`,
        reading: `Bad debt, capital and AWS together; the least of the whole grid is ${labelOf(recommended)}.`,
        measure: { name: 'In 30 days', unit: 'USD' },
        bars: sameBuffer.map((cell) => ({
          label: labelOf(cell),
          value: cell.costPerMonth.total,
          isMarked: isAt(recommended)(cell),
        })),
      }),
    ],
    tables: [gridTable(cells)],
  } satisfies Section;
}

const gridTable = (cells: readonly CellResult[]): Table => ({
  caption: 'Every setting, for 30 days',
  head: [
    'Interval, confidence',
    'Bad debt, USD',
    'Capital, USD',
    'AWS, USD',
    'Together, USD',
    'Bad debt, bp a day',
    'Fund, 99 %, USD',
    'Shortfall',
    'Exceeded',
    'Calls a day',
    'False a day',
  ],
  rows: cells.map((cell) => [
    labelOf(cell),
    ...[cell.costPerMonth.badDebt, cell.costPerMonth.capital].map((each) =>
      count(Math.round(each)),
    ),
    figure(cell.costPerMonth.aws),
    count(Math.round(cell.costPerMonth.total)),
    figure(cell.badDebtBasisPoints.mean),
    count(Math.round(cell.fundDrawdown.p99)),
    shareText(cell.shortfallProbability),
    shareText(cell.exceedanceProbability),
    figure(cell.callsPerDay),
    figure(cell.falseCallsPerDay),
  ]),
});

const shareText = (share: number | null): string => (share === null ? '–' : percent(share));
