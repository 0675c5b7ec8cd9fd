/** The charts of the page. */
import { bars } from '../report/charts/bars.ts';
import { frontier } from '../report/charts/frontier.ts';
import { dollars, percent } from '../report/figures.ts';
import type { Chart } from '../report/report.ts';
import type { CellResult } from './cell-result.ts';
import { isAt } from './frontier.ts';
import type { Cell } from './grid.ts';
import { labelOf } from './report-tables.ts';
import { settingText, timeText } from './sentences.ts';
import type { ExecutionResult } from './simulate.ts';

export const FRONTIER_TITLE = 'Bad debt against cost';
export const INTERVALS_TITLE = 'Total cost by interval';

export function costCharts(
  { grid, frontier: points, advice }: ExecutionResult,
  source: string,
): Chart[] {
  const { best } = advice;
  const sameBuffer = grid.filter(({ confidence }) => confidence === best.confidence);
  const buffer =
    best.confidence === null ? 'without a buffer' : `with a buffer at ${percent(best.confidence)}`;
  const chosen = points.find(isAt(best)) ?? (points[0] as Cell);
  return [
    {
      ...frontier({
        cost: { name: 'Capital and AWS per 30 days', unit: 'USD' },
        badDebt: { name: 'Bad debt per 30 days', unit: 'USD' },
        points: points.map((point) => ({
          label: labelOf(point),
          cost: point.runningCost,
          badDebt: point.badDebt,
        })),
        recommended: labelOf(chosen),
        markedAs: advice.outcome === 'recommended' ? 'recommended' : 'least total cost',
      }),
      title: `${FRONTIER_TITLE}: ${source.toLowerCase()}`,
    },
    bars({
      title: `${INTERVALS_TITLE}, ${buffer}: ${source.toLowerCase()}`,
      reading: `Bad debt, capital and AWS together. The least of all settings is that of ${settingText(best)}.`,
      measure: { name: 'Total cost per 30 days', unit: 'USD' },
      bars: sameBuffer.map((cell) => ({
        label: labelOf(cell),
        value: cell.costPerMonth.total,
        isMarked: isAt(best)(cell),
      })),
    }),
  ];
}

export function capitalCharts({ equalCapital, advice }: ExecutionResult, source: string): Chart[] {
  const buffered = equalCapital.map(({ confidence }) => confidence);
  const confidence = advice.best.confidence ?? buffered[0];
  const cells = equalCapital.filter((cell) => cell.confidence === confidence);
  if (cells.length === 0) return [];
  return [
    bars({
      title: `Bad debt at the same capital: ${source.toLowerCase()}`,
      reading: `Each interval holds ${dollars((cells[0] as CellResult).bufferHeld)} of buffer on average.`,
      measure: { name: 'Bad debt per 30 days', unit: 'USD' },
      bars: cells.map((cell) => ({
        label: timeText(cell.intervalSeconds),
        value: cell.costPerMonth.badDebt,
        isMarked: cell.intervalSeconds === advice.best.intervalSeconds,
      })),
    }),
  ];
}
