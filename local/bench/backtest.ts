/**
 * `npm run bench:backtest -- <folder>`: the research behind the defaults of `margin backtest`.
 * Compares settings on the first ten days of the minute bars, which gave the defaults, and methods
 * on the next eleven days and on hourly bars.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import { backtest } from '../backtest/backtest.ts';
import { meanOf } from '../backtest/coverage.ts';
import {
  DEFAULTS,
  INTERVALS_DEFAULT,
  type Method,
  type Parameters,
} from '../backtest/parameters.ts';
import type { RunResult, SideResult } from '../backtest/result.ts';
import { basisPoints, fixed } from '../backtest/tables.ts';
import { tableOf } from '../cli/table.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';

const TRAIN_DAYS = 10;
const DAY_SECONDS = 86_400;

const program = new Command('bench:backtest').argument('<folder>').parse();
const [folder = '.'] = program.args;
const minutes = await readHistory(join(folder, 'btc-usdt-1m-2023-03.csv'));
const hours = await readHistory(join(folder, 'btc-usd-1h-2020.csv'));

const print = (text: string) => process.stdout.write(`${text}\n`);
print(`Settings on the first ${TRAIN_DAYS} days (trained on the first 2.5)`);
print(settingsTable(firstDays(minutes, TRAIN_DAYS), 'windows'));
print('The same settings, with the quantile tracked as in the check');
print(settingsTable(firstDays(minutes, TRAIN_DAYS), 'tracked'));
print(`Methods on the days after the first ${TRAIN_DAYS}`);
print(methodTable(minutes, INTERVALS_DEFAULT));
print('Methods on the other file (hourly bars)');
print(methodTable(hours, [3600]));

/** The history must have no gaps. */
function firstDays(history: PriceHistory, days: number): PriceHistory {
  const until = at(history.spans.start, 0) + days * DAY_SECONDS;
  const count = history.spans.start.findIndex((start) => start >= until);
  const cut = (column: Float64Array) => column.subarray(0, count);
  const { start, end, open, high, low, close } = history.spans;
  const spans = {
    start: cut(start),
    end: cut(end),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
  };
  return { ...history, segments: [{ from: 0, until: count }], spans };
}

/** Pinball loss of both sides, in bp per √(interval in minutes). */
function pinball({ series, confidence, intervalSeconds }: RunResult): number {
  const loss = (side: 'long' | 'short') =>
    meanOf(
      series.losses[side].map((each, index) => {
        const beyond = each - (series.buffers[side][index] as number);
        return beyond > 0 ? beyond * confidence : -beyond * (1 - confidence);
      }),
    );
  return ((loss('long') + loss('short')) * 1e4) / Math.sqrt(intervalSeconds / 60);
}

function settingsTable(history: PriceHistory, method: Method): string {
  const head = ['half-life at least', 'stress weight', 'γ', 'quantile loss', 'inside (of 8 sides)'];
  const rows: (string | number)[][] = [];
  for (const shortest of [900, 1800, 3600, 7200]) {
    for (const stressWeight of [0, 0.25, 0.5]) {
      for (const trackingStep of [0.05, 0.1, 0.2]) {
        const runs = INTERVALS_DEFAULT.flatMap((interval) => {
          const halfLifeSeconds = Math.max(shortest, 12 * interval);
          const settings = { halfLifeSeconds, stressWeight, trackingStep, trainDays: 2.5 };
          const own = { ...DEFAULTS, method, ...settings };
          return runsOf(history, own, [interval]);
        });
        const loss = runs.reduce((sum, run) => sum + pinball(run), 0);
        const inside = runs.flatMap(({ sides }) => sides).filter(isInside).length;
        rows.push([shortest, stressWeight, trackingStep, fixed(loss, 3), inside]);
      }
    }
  }
  return tableOf(head, rows, 0);
}

function isInside({ side, coverage }: SideResult): boolean {
  return side !== 'both' && coverage.verdict === 'inside';
}

function runsOf(history: PriceHistory, parameters: Parameters, intervals: readonly number[]) {
  return backtest({ history, parameters, intervals, confidences: [0.99], side: 'both' }).runs;
}

function methodTable(history: PriceHistory, intervals: readonly number[]): string {
  const methods: readonly [string, Partial<Parameters>][] = [
    ['normal, fixed, no stress', { method: 'fixed', quantile: 2.32635, stressWeight: 0 }],
    ['Student-t, fixed, no stress', { method: 'fixed', stressWeight: 0 }],
    ['Student-t, fixed', { method: 'fixed' }],
    ['Student-t, ν = 3, fixed', { method: 'fixed', degrees: 3 }],
    ['trained residuals, Pareto tail', { method: 'trained' }],
    ['tracked on windows, no stress', { method: 'windows', stressWeight: 0 }],
    ['tracked on windows', { method: 'windows' }],
    ['tracked on lines', { method: 'lines' }],
    ['tracked as in the check, no stress', { stressWeight: 0 }],
    ['tracked as in the check (the default)', {}],
  ];
  const head = ['method', 'Δ s', 'long', 'short', 'accepted', 'both', 'accepted'];
  const more = ['indep. p', 'buffer bp', 'at lines', 'up to', '÷ β·s', '99 % R'];
  const rows: (string | number)[][] = [];
  for (const [name, own] of methods) {
    const parameters = { ...DEFAULTS, ...own, trainDays: TRAIN_DAYS };
    for (const run of runsOf(history, parameters, intervals)) rows.push([name, ...rowOf(run)]);
  }
  return tableOf([...head, ...more], rows);
}

function rowOf({ intervalSeconds, sides, crossings }: RunResult): (string | number)[] {
  const [long, short, both] = sides as readonly [SideResult, SideResult, SideResult];
  const region = ({ coverage: { accepted } }: SideResult) => `${accepted.fewest}–${accepted.most}`;
  const marked = ({ coverage: { exceedances, verdict } }: SideResult) =>
    verdict === 'inside' ? exceedances : `${exceedances} !`;
  const { coverage } = crossings;
  return [
    intervalSeconds,
    marked(long),
    marked(short),
    `${region(long)} of ${long.coverage.cases}`,
    marked(both),
    region(both),
    fixed(both.coverage.christoffersen?.pValue ?? Number.NaN, 3),
    basisPoints(both.cost.meanBuffer),
    `${coverage?.exceedances ?? 0} of ${coverage?.cases ?? 0}`,
    coverage?.accepted.most ?? 0,
    fixed(crossings.meanToTheory, 2),
    fixed(crossings.quantile99, 2),
  ];
}
