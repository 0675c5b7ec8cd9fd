import { lines } from '../../report/charts/lines.ts';
import { clockText, count, dollars, percent } from '../../report/figures.ts';
import type { Chart, Section } from '../../report/report.ts';
import { MINUTE_MS } from '../black-thursday.ts';
import {
  type ComparedRun,
  comparisonMeanings,
  comparisonRows,
  comparisonSentence,
} from '../comparison.ts';

/** Around the largest displacement. */
const BEFORE_MS = 30 * MINUTE_MS;
const AFTER_MS = 90 * MINUTE_MS;

export function cascadeSection(runs: readonly ComparedRun[]): Section {
  const window = windowOf(runs);
  return {
    title: 'Price impact of liquidations, and the effect of throttle and buffer',
    prose: [
      comparisonSentence(runs),
      'Each liquidation trades on an order book of limited depth, which gets thinner as prices move ' +
        'more. It pushes the price that the next check reads, so one liquidation can cause another.',
      'The throttle limits the orders of a check to the capacity of the markets; later checks order ' +
        'the rest. The buffer makes checks act before the interval has used up an account’s margin.',
      'An account that waits for capacity keeps its position. If the price recovers from the impact ' +
        'of liquidations, waiting saves money. If it falls further for other reasons, waiting adds bad ' +
        'debt, and the buffer offsets part of that. The table shows the total effect.',
      'All runs use the same day, accounts and seed. Half of a price impact is gone after ten minutes.',
    ],
    charts: [pathChart(runs, window), notionalChart(runs, window), displacementChart(runs)],
    tables: [
      {
        caption: 'The same hours with and without throttle and buffer',
        head: ['', ...runs.map(({ label }) => label), 'What it is'],
        rows: comparisonRows(runs.map(({ figures }) => figures)).map((row, index) => [
          ...row,
          comparisonMeanings[index] ?? '',
        ]),
        wordColumns: [runs.length + 1],
      },
    ],
  };
}

type Shows = (point: { readonly timeMs: number }) => boolean;

function windowOf(runs: readonly ComparedRun[]): Shows {
  const points = runs.flatMap(({ path }) => path);
  const sizeOf = (point?: { displacement: number }) => Math.abs(point?.displacement ?? 0);
  const worst = points.reduce((most, each) => (sizeOf(each) > sizeOf(most) ? each : most));
  return ({ timeMs }) => timeMs >= worst.timeMs - BEFORE_MS && timeMs <= worst.timeMs + AFTER_MS;
}

function pathChart(runs: readonly ComparedRun[], isShown: Shows): Chart {
  const shown = runs.map(({ label, path }) => ({ label, path: path.filter(isShown) }));
  const lowest = shown.map(({ label, path }) => {
    const low = path.reduce((least, each) => (each.priceUsd < least.priceUsd ? each : least));
    return `${dollars(low.priceUsd)} at ${clockText(low.timeMs)} (${label})`;
  });
  const exogenous = (shown[0]?.path ?? []).map((each) => ({ ...each, value: each.exogenousUsd }));
  return lines({
    title: 'BTC price around the largest impact of liquidations',
    reading: `Lowest price in this period: ${lowest.join('; ')}.`,
    measure: { name: 'Price', unit: 'USD' },
    isFromZero: false,
    lines: [
      ...shown.slice(0, 3).map(({ label, path }) => ({
        label,
        points: path.map((each) => ({ ...each, value: each.priceUsd })),
      })),
      { label: 'without liquidations', points: exogenous },
    ],
  });
}

function notionalChart(runs: readonly ComparedRun[], isShown: Shows): Chart {
  const shown = runs.map(({ label, minutes }) => ({
    label,
    points: minutes.filter(isShown).map(({ timeMs, notionalUsd: value }) => ({ timeMs, value })),
  }));
  const most = shown.map(({ label, points }) => {
    const peak = Math.max(...points.map(({ value }) => value));
    return `${dollars(peak)} (${label})`;
  });
  return lines({
    title: 'Notional liquidated per minute, same period',
    reading: `Most in one minute: ${most.join('; ')}.`,
    measure: { name: 'Filled per minute', unit: 'USD' },
    lines: shown,
    isStepped: true,
  });
}

const PERCENT = 100;

function displacementChart(runs: readonly ComparedRun[]): Chart {
  const worst = runs.map(({ label, figures, minutes }) => {
    const filled = count(minutes.filter(({ notionalUsd }) => notionalUsd > 0).length);
    return `${percent(Number(figures.largestDisplacement))}, with fills in ${filled} minutes (${label})`;
  });
  return lines({
    title: 'Price impact of liquidations on BTC, whole run',
    reading: `Largest impact: ${worst.join('; ')}.`,
    measure: { name: 'Difference from the price without liquidations', unit: '%' },
    lines: runs.map(({ label, path }) => ({
      label,
      points: path.map(({ timeMs, displacement }) => ({
        timeMs,
        value: displacement * PERCENT,
      })),
    })),
  });
}
