import { basename } from 'node:path';
import { exceedancesOverTime } from '../report/charts/exceedances-over-time.ts';
import { lines } from '../report/charts/lines.ts';
import { overshootDistribution } from '../report/charts/overshoot-distribution.ts';
import { chance, count, dateText, figure, percent } from '../report/figures.ts';
import type { Chart, Fact, Report, Section, Table } from '../report/report.ts';
import { answerOf, fitOf } from './answer.ts';
import { requirementsSection } from './requirements-table.ts';
import type { BacktestResult, RunResult, SideResult } from './result.ts';
import { SIDES } from './windows.ts';

const BASIS_POINTS = 10_000;
const MS = 1000;

export function backtestReport(result: BacktestResult): Report {
  const { runs, reportFrom, until, requirements } = result;
  const span = `${dateText(reportFrom * MS)} to ${dateText(until * MS)}`;
  return {
    title: 'Does the latency buffer hold?',
    verdict: answerOf(result),
    lead:
      `${count(result.rows)} rows of prices from ${basename(result.file)}, tested from ${span}. Unsafe: the ` +
      'buffer is exceeded more often, or by more in total, than its confidence implies. Dear: less often, so it is ' +
      'wider than it needs to be.',
    facts: runs.map((run) => factOf(run, result.side)),
    sections: [
      summary(result),
      ...runs.map(sectionOf),
      ...(requirements ? [requirementsSection(requirements)] : []),
    ],
  };
}

const settingOf = ({ intervalSeconds, confidence }: RunResult): string =>
  `Check every ${count(intervalSeconds)} s, confidence ${percent(confidence)}`;

/** The last result is both sides together, if both were run. */
const widest = ({ sides }: RunResult): SideResult => sides.at(-1) as SideResult;

const FITS = { holds: 'It fits', unsafe: 'Unsafe', dear: 'Dear' } as const;

function factOf(run: RunResult, side: BacktestResult['side']): Fact {
  const { coverage, shortfall } = widest(run);
  const { exceedances, cases, accepted } = coverage;
  const { coverage: lines } = run.crossings;
  const windows =
    `${count(exceedances)} of ${count(cases)} windows exceeded ` +
    `(accepted: ${count(accepted.fewest)} to ${count(accepted.most)})`;
  const crossings =
    lines === undefined
      ? ''
      : `; ${count(lines.exceedances)} of ${count(lines.cases)} crossings (accepted: up to ${count(lines.accepted.most)})`;
  return {
    label: settingOf(run),
    value: FITS[fitOf(run, side)],
    note: `${windows}, by ${figure(shortfall.basisPoints)} bp in total (accepted: up to ${figure(shortfall.mostBasisPoints)})${crossings}`,
  };
}

function summary({ runs, parameters, findings }: BacktestResult): Section {
  const isOne = new Set(runs.map(({ confidence }) => confidence)).size === 1;
  const rows = runs.flatMap((run) =>
    run.sides.map(({ side, coverage }) => [
      isOne ? `${count(run.intervalSeconds)} s, ${side}` : `${settingOf(run)}, ${side}`,
      count(coverage.cases),
      count(coverage.exceedances),
      `${count(coverage.accepted.fewest)} to ${count(coverage.accepted.most)}`,
      coverage.verdict,
      chance(coverage.kupiec.pValue),
      chance(coverage.christoffersen?.pValue),
      coverage.zone,
    ]),
  );
  const windows: Table = {
    caption: 'Windows of interval + execution time, end to end',
    head: [
      isOne ? 'Interval, side' : 'Setting, side',
      'Windows',
      'Exceeded',
      'Accepted',
      'Verdict',
      'Kupiec p',
      'Independence p',
      'Basel zone',
    ],
    rows,
  };
  return {
    title: 'How often the buffer was exceeded',
    prose: [
      'An exceedance is a window in which the price moved against the side by more than the buffer ' +
        `held at its start. The rule is ${parameters.method}. The best constant is the smallest fixed buffer ` +
        'that would have been exceeded no more often. It is known only in hindsight. The shortfall is the sum of ' +
        'what went beyond the buffer; more than accepted is unsafe, however few windows it took.',
      ...findings.map((finding) => `${finding}.`),
    ],
    charts: runs.slice(0, 1).map(priceChart),
    tables: [windows, sizeTable(runs), ...gapTables(runs), crossingTable(runs)],
  };
}

const sizeTable = (runs: readonly RunResult[]): Table => ({
  caption: 'What the buffer costs, how far moves went beyond it, and how much it moves itself',
  head: [
    'Interval, side',
    'Buffer, bp',
    'Best constant, bp',
    'Quantile loss, bp',
    'Shortfall, bp',
    'Accepted up to, bp',
    'Peak ÷ trough',
    'Largest rise in 15 minutes, bp',
  ],
  rows: runs.flatMap((run) =>
    run.sides.map(({ side, cost, shortfall, quantileLossBasisPoints, procyclicality }) => [
      `${count(run.intervalSeconds)} s, ${percent(run.confidence)}, ${side}`,
      figure(cost.meanBuffer * BASIS_POINTS),
      figure(cost.constantBuffer * BASIS_POINTS),
      figure(quantileLossBasisPoints),
      figure(shortfall.basisPoints),
      figure(shortfall.mostBasisPoints),
      procyclicality === undefined ? '–' : figure(procyclicality.peakToTrough),
      procyclicality === undefined ? '–' : figure(procyclicality.largestRise * BASIS_POINTS),
    ]),
  ),
});

const gapTables = (runs: readonly RunResult[]): Table[] =>
  runs.every(({ acrossGaps }) => acrossGaps === undefined)
    ? []
    : [
        {
          caption: 'Moves across gaps in the file, against the buffer held before',
          head: ['Interval, side', 'Gaps', 'Exceeded', 'Shortfall, bp', 'Largest move, bp'],
          rows: runs.flatMap(({ intervalSeconds, acrossGaps = [] }) =>
            acrossGaps.map((moves) => [
              `${count(intervalSeconds)} s, ${moves.side}`,
              count(moves.gaps),
              count(moves.exceedances),
              figure(moves.shortfallBasisPoints),
              figure(moves.largest * BASIS_POINTS),
            ]),
          ),
        },
      ];

function priceChart({ series }: RunResult): Chart {
  const { times, prices } = series;
  const known = prices.filter(Number.isFinite);
  const range = [Math.min(...known), Math.max(...known)].map(figure).join(' to ');
  return lines({
    title: 'Price',
    reading: `The price ranges from ${range}.`,
    measure: { name: 'Price', unit: '' },
    isFromZero: false,
    lines: [
      {
        label: 'price',
        points: times.map((time, index) => {
          return { timeMs: time * MS, value: prices[index] ?? Number.NaN };
        }),
      },
    ],
  });
}

const crossingTable = (runs: readonly RunResult[]): Table => ({
  caption:
    'Crossings of liquidation lines: overshoot when a check finds them, and move until the fill',
  head: [
    'Interval',
    'Crossings',
    'Buffer exceeded',
    'Overshoot, bp',
    'Overshoot ÷ theory',
    'Buffer, bp',
    'Shortfall, bp',
    'Bad debt, bp of open interest',
    'False calls',
    'Found after, s',
  ],
  rows: runs.map(({ intervalSeconds, crossings }) => [
    `${count(intervalSeconds)} s`,
    count(crossings.crossings),
    count(crossings.exceedances),
    figure(crossings.meanOvershoot * BASIS_POINTS),
    figure(crossings.meanToTheory),
    figure(crossings.meanBuffer * BASIS_POINTS),
    figure(crossings.shortfallPerLiquidation * BASIS_POINTS),
    figure(crossings.badDebtBasisPoints),
    count(crossings.falseCalls),
    figure(crossings.meanLagSeconds),
  ]),
});

function sectionOf(run: RunResult): Section {
  const { series, confidence } = run;
  const timesMs = series.times.map((time) => time * MS);
  const held = SIDES.filter((side) => run.sides.some((each) => each.side === side));
  const losses = held.flatMap((side) =>
    timesMs.map((timeMs, index) => ({
      timeMs,
      lossBasisPoints: (series.losses[side][index] ?? 0) * BASIS_POINTS,
      bufferBasisPoints: (series.buffers[side][index] ?? 0) * BASIS_POINTS,
    })),
  );
  return {
    title: settingOf(run),
    prose: [],
    charts: [
      exceedancesOverTime({ losses, confidence }),
      lines({
        title: 'Buffer held, by side',
        reading: `On average ${held.map((side) => meanText(run, side)).join(' and ')}.`,
        measure: { name: 'Share of the notional', unit: 'bp' },
        isStepped: true,
        lines: held.map((side) => ({
          label: side,
          points: timesMs.map((timeMs, index) => {
            return { timeMs, value: (series.buffers[side][index] ?? Number.NaN) * BASIS_POINTS };
          }),
        })),
      }),
      overshootDistribution({
        noun: 'breach',
        overshootsDeviations: series.overshoots.units,
      }),
    ],
  };
}

function meanText({ sides }: RunResult, side: SideResult['side']): string {
  const found = sides.find((each) => each.side === side);
  return `${figure((found?.cost.meanBuffer ?? 0) * BASIS_POINTS)} bp for the ${side} side`;
}
