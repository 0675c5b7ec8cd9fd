#!/usr/bin/env node
/** `npm start`: replays a day of 2020 through the real handler, on this machine only. */
import { resolve } from 'node:path';
import { CommanderError } from 'commander';
import { type Services, startServices } from '../aws/services.ts';
import { startProgress } from '../cli/progress.ts';
import { assertWritable, ReportError } from '../report/writable.ts';
import { writeReport } from '../report/write-report.ts';
import { type ComparedRun, compared, inOrder, otherRuns } from './comparison.ts';
import { everyText, laidBeside, otherIntervals } from './intervals.ts';
import { type DemoOptions, exitCodeOf, parseDemoOptions } from './options.ts';
import type { Replays } from './replays.ts';
import { toldDay } from './report/day.ts';
import { reportOf } from './report/demo-report.ts';
import { intervalFigures } from './report/interval-figures.ts';
import { type DemoResult, resultOf } from './result.ts';
import { checksIn, type DemoRun, runDemo } from './run.ts';
import { closingSentences, openingSentence } from './sentences.ts';
import { tablesOf } from './tables.ts';

async function demo(options: DemoOptions): Promise<void> {
  const startedAt = performance.now();
  if (options.report !== false) await assertWritable(options.report);
  console.error(openingSentence(options));
  const services = await startServices();
  try {
    const run = await watched(services, options);
    const runs = options.compare ? await allRuns(run) : [];
    const intervals = laidBeside([run, ...(await runsBeside(run))]);
    const result = resultOf(run, { others: runs, intervals });
    const day = toldDay(run);
    console.log(
      options.json
        ? JSON.stringify({ ...result, interval: intervalFigures(run, day) }, undefined, 2)
        : `${tablesOf(result)}\n\n${closingSentences(result, day)}`,
    );
    judge(result, [...runs, ...intervals]);
    const told = { day, runs, intervals };
    if (options.report !== false) await writeReport(options.report, reportOf(run, told));
  } finally {
    await services.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.error(`done in ${seconds.toFixed(0)} s`);
  if (options.report !== false) console.error(`report: ${resolve(options.report)}`);
}

/** Exit code 1 for violated invariants. */
function judge(result: DemoResult, runs: readonly { readonly replays: Replays }[]): void {
  const { replays, impact, comparison, intervals } = result;
  const all = runs.length === 0 ? [replays] : runs.map((run) => run.replays);
  const differing = all.reduce((sum, each) => sum + each.decisions - each.identical, 0);
  const sums = [impact, ...comparison, ...intervals].flatMap(({ unbalanced }) => unbalanced);
  if (differing > 0) console.error(`${differing} decisions gave a different result when replayed`);
  if (sums.length > 0) console.error(`bookings do not balance: ${sums.join(', ')}`);
  if (differing > 0 || sums.length > 0) process.exitCode = 1;
}

async function allRuns(run: DemoRun): Promise<ComparedRun[]> {
  const runs = [compared(run)];
  for (const options of otherRuns(run.options)) {
    console.error(`Comparison run: throttle ${options.throttle}, buffer ${options.buffer}`);
    runs.push(compared(await runApart(options)));
  }
  return inOrder(runs);
}

async function runsBeside(run: DemoRun): Promise<DemoRun[]> {
  const runs: DemoRun[] = [];
  for (const options of otherIntervals(run.options)) {
    console.error(`The same hours, ${everyText(options.intervalSeconds, options.hasEvents)}`);
    runs.push(await runApart(options));
  }
  return runs;
}

/** Each run has its own services. */
async function runApart(options: DemoOptions): Promise<DemoRun> {
  const services = await startServices();
  try {
    return await watched(services, options);
  } finally {
    await services.close();
  }
}

async function watched(services: Services, options: DemoOptions): Promise<DemoRun> {
  const progress = startProgress({ total: checksIn(options), unit: 'checks' });
  try {
    return await runDemo({ services, options }, progress.advance);
  } finally {
    progress.stop();
  }
}

try {
  await demo(parseDemoOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof ReportError) console.error(error.message);
  else if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error instanceof CommanderError ? exitCodeOf(error) : 2;
}
