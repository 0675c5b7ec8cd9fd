import { lines } from '../../report/charts/lines.ts';
import { clockText, count, dollars, percent } from '../../report/figures.ts';
import type { Chart, Section } from '../../report/report.ts';
import { MINUTE_MS } from '../black-thursday.ts';
import { type ComparedRun, comparisonRows } from '../comparison.ts';

/** Shown before and after the minute of the largest displacement. */
const BEFORE_MS = 30 * MINUTE_MS;
const AFTER_MS = 90 * MINUTE_MS;

export function cascadeSection(runs: readonly ComparedRun[]): Section {
  const window = windowOf(runs);
  return {
    title: 'What liquidations do to the price, and what throttle and buffer change',
    prose: [
      'Every liquidation trades on a book of limited depth, which is thinner the more the price moves, ' +
        'and pushes the price that the next check reads; so one liquidation may cause another. The ' +
        'throttle lets a check order no more than the markets bear, and what does not fit follows; ' +
        'the buffer finds accounts before the interval has used up their margin.',
      'Whoever waits for room stays in the market meanwhile. Where the price comes back, as it does from ' +
        'what liquidations pushed it by, waiting saves money; where it goes on falling for reasons of ' +
        'its own, waiting costs bad debt, of which the buffer takes a part back. The table has both sides.',
      'The same day, accounts and seed each time. Half of what the price is pushed by is gone ten ' +
        'minutes later.',
    ],
    charts: [pathChart(runs, window), notionalChart(runs, window), displacementChart(runs)],
    tables: [
      {
        caption: 'The same day with and without what holds a cascade back',
        head: ['', ...runs.map(({ label }) => label)],
        rows: comparisonRows(runs.map(({ figures }) => figures)),
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
    title: 'BTC, where liquidations pushed it furthest',
    reading: `The lowest price of these two hours was ${lowest.join(', ')}.`,
    measure: { name: 'Price', unit: 'USD' },
    isFromZero: false,
    lines: [
      ...shown.slice(0, 3).map(({ label, path }) => ({
        label,
        points: path.map((each) => ({ ...each, value: each.priceUsd })),
      })),
      { label: 'without any liquidation', points: exogenous },
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
    title: 'What was liquidated in each of those minutes',
    reading: `The most in one minute was ${most.join(', ')}.`,
    measure: { name: 'Filled in a minute', unit: 'USD' },
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
    title: 'How far liquidations pushed BTC, over the whole run',
    reading: `At most ${worst.join('; ')}.`,
    measure: { name: 'Off the price without liquidations', unit: '%' },
    lines: runs.map(({ label, path }) => ({
      label,
      points: path.map(({ timeMs, displacement }) => ({
        timeMs,
        value: displacement * PERCENT,
      })),
    })),
  });
}
