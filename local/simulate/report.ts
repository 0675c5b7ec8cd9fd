import { bars } from '../report/charts/bars.ts';
import { frontier } from '../report/charts/frontier.ts';
import { count, dollars, figure, percent, whole } from '../report/figures.ts';
import type { Fact, Report, Section, Table, Verdict } from '../report/report.ts';
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
    title: 'Cost of the check interval',
    verdict: verdictOf(first, best),
    lead:
      `${count(paths)} simulated paths of ${hours} h. The volatility of ${factor} is ` +
      `${percent(totalVolatility(model))} a year. ${count(book.simulated)} accounts have an open interest ` +
      `of ${dollars(book.openInterest)}. All costs are per 30 days.`,
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

/** A standard error above this share of the cost leaves the choice open. */
const UNSURE_SHARE = 0.2;

function verdictOf(first: Frontier | undefined, best: CellResult | undefined): Verdict {
  if (first === undefined || best === undefined)
    return { tone: 'caution', text: 'No setting was tried.' };
  const text =
    `A check every ${timeText(best.intervalSeconds)} with ${bufferText(best)} costs least: ` +
    `${dollars(best.costPerMonth.total)} per 30 days in bad debt, capital and AWS, ` +
    `if orders are filled after ${timeText(first.executionSeconds)}`;
  const { total, totalStandardError } = best.costPerMonth;
  if (totalStandardError > total * UNSURE_SHARE) {
    const error = `its standard error is ${dollars(totalStandardError)}, so only more paths can tell`;
    return { tone: 'caution', text: `${text}; ${error}.` };
  }
  if (!first.isAtEdge) return { tone: 'good', text: `${text}.` };
  return { tone: 'caution', text: `${text}; a setting beyond those tried may cost less.` };
}

const bufferText = ({ confidence }: Cell): string =>
  confidence === null ? 'no buffer' : `a buffer at ${percent(confidence)}`;

function factsOf({ executionSeconds, isAtEdge }: Frontier, best: CellResult): Fact[] {
  const { costPerMonth, fundDrawdown, exceedanceProbability } = best;
  return [
    {
      label: `Lowest total cost, orders filled after ${timeText(executionSeconds)}`,
      value: labelOf(best),
      note: isAtEdge ? 'at the edge of the grid; the optimum may lie beyond it' : undefined,
    },
    {
      label: 'Total cost',
      value: dollars(costPerMonth.total),
      note: `± ${dollars(costPerMonth.totalStandardError)} standard error`,
    },
    { label: 'Bad debt', value: dollars(costPerMonth.badDebt) },
    { label: 'Cost of capital in the buffer', value: dollars(costPerMonth.capital) },
    { label: 'Cost of AWS', value: dollars(costPerMonth.aws) },
    {
      label: 'Insurance fund drawdown, 99th percentile',
      value: dollars(fundDrawdown.p99),
      note: 'largest fall below its peak within a path',
    },
    {
      label: 'Liquidations that exceeded their buffer',
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
  const name =
    (recommended.confidence ?? held) === undefined ? 'without a buffer' : 'with the same buffer';
  return {
    title: `Orders filled after ${timeText(executionSeconds)}`,
    prose: [
      'A setting is on the frontier if no other has both a lower running cost and less bad debt. ' +
        'Running cost is the cost of capital in the buffer plus AWS. All intervals use the same price ' +
        'paths, so differences come from the settings alone.',
    ],
    charts: [
      frontier({
        cost: { name: 'Running cost per 30 days', unit: 'USD' },
        badDebt: { name: 'Bad debt per 30 days', unit: 'USD' },
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
        title: `Total cost by interval, ${name}`,
        reading: `Sum of bad debt, capital and AWS. The lowest of all settings is ${labelOf(recommended)}.`,
        measure: { name: 'Total cost per 30 days', unit: 'USD' },
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
  caption: 'All settings; costs per 30 days',
  head: [
    'Interval, confidence',
    'Bad debt, USD',
    'Capital, USD',
    'AWS, USD',
    'Total, USD',
    'Bad debt, bp per day',
    'Fund drawdown 99 %, USD',
    'Left a debt',
    'Buffer exceeded',
    'Calls per day',
    'False calls per day',
  ],
  rows: cells.map((cell) => [
    labelOf(cell),
    ...[cell.costPerMonth.badDebt, cell.costPerMonth.capital].map(whole),
    figure(cell.costPerMonth.aws),
    whole(cell.costPerMonth.total),
    figure(cell.badDebtBasisPoints.mean),
    whole(cell.fundDrawdown.p99),
    shareText(cell.shortfallProbability),
    shareText(cell.exceedanceProbability),
    figure(cell.callsPerDay),
    figure(cell.falseCallsPerDay),
  ]),
});

const shareText = (share: number | null): string => (share === null ? '–' : percent(share));
