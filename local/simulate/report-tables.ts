/** The tables of the page. */
import { figure, percent, whole } from '../report/figures.ts';
import type { Table } from '../report/report.ts';
import { isAt } from './frontier.ts';
import type { Cell } from './grid.ts';
import { confidenceText, meanText, sourceText, timeText } from './sentences.ts';
import { shortfallText, type ToldRun } from './tables.ts';

export const labelOf = ({ intervalSeconds, confidence }: Cell): string =>
  `${timeText(intervalSeconds)}, ${confidence === null ? 'no buffer' : percent(confidence)}`;

export const costTable = ({ run, told: { grid, advice } }: ToldRun): Table => ({
  caption: `${sourceText(run)}: cost of each setting, USD per 30 days`,
  head: ['Interval, confidence', 'Λ held', 'Bad debt', 'Capital', 'AWS', 'Total', '± s.e.'],
  rows: grid.map((cell) => [
    `${labelOf(cell)}${isAt(cell)(advice.best) ? ' ◀ least' : ''}`,
    percent(cell.shockHeld.mean),
    ...[cell.costPerMonth.badDebt, cell.costPerMonth.capital].map(whole),
    figure(cell.costPerMonth.aws),
    ...[cell.costPerMonth.total, cell.costPerMonth.totalStandardError].map(whole),
  ]),
});

export const capitalTable = ({ run, told: { equalCapital } }: ToldRun): Table => ({
  caption: `${sourceText(run)}: every interval with the capital of the shortest`,
  head: [
    'Interval',
    'Capital of',
    'Buffer held, USD',
    'Part of its Λ*',
    'Bad debt, USD',
    'More than at the shortest, USD',
  ],
  rows: equalCapital.map((cell) => [
    timeText(cell.intervalSeconds),
    confidenceText(cell.confidence),
    whole(cell.bufferHeld),
    figure(cell.scale),
    whole(cell.costPerMonth.badDebt),
    meanText(cell.badDebtMore),
  ]),
});

export const riskTable = ({ run, told: { grid } }: ToldRun): Table => ({
  caption: `${sourceText(run)}: risk of each setting`,
  head: [
    'Interval, confidence',
    'Forecast Λ*',
    'At the bound',
    'Left a debt',
    'Buffer exceeded',
    'By the buffer',
    'Fund drawdown 99 %, USD',
    'Liquidations per day',
    'False calls per day',
  ],
  rows: grid.map((cell) => [
    labelOf(cell),
    cell.confidence === null ? '–' : percent(cell.shockForecast),
    cell.confidence === null ? '–' : percent(cell.boundedShare),
    shortfallText(cell),
    shareText(cell.exceedanceProbability),
    shareText(cell.byBufferProbability),
    whole(cell.fundDrawdown.p99),
    figure(cell.liquidationsPerDay),
    figure(cell.falseCallsPerDay),
  ]),
});

const shareText = (share: number | null): string => (share === null ? '–' : percent(share));
