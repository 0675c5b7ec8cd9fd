/**
 * `npm run bench:day`: the demo's day at a minute and at ten seconds, each by the schedule alone and by
 * events too, on the same seed and the same prices. The tables and topics are those of `test/aws`,
 * which are faster than the embedded ones.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import Table from 'cli-table3';
import pMap from 'p-map';
import { type IntervalRun, intervalRows } from '../../local/demo/intervals.ts';
import { parseDemoOptions } from '../../local/demo/options.ts';

/** More are no faster on two cores. */
const AT_ONCE = 2;

const given = process.argv.slice(2);
const RUNS = [
  ['--interval', '1m'],
  ['--interval', '10s'],
  ['--interval', '1m', '--events'],
  ['--interval', '10s', '--events'],
];

async function runOf(words: readonly string[]): Promise<IntervalRun> {
  // All see the seconds between minutes.
  const workerData = { ...parseDemoOptions([...given, ...words]), isRefined: true };
  const worker = new Worker(new URL('./demo-day-run.ts', import.meta.url), { workerData });
  const [run] = (await once(worker, 'message')) as [IntervalRun];
  await worker.terminate();
  return run;
}

const started = performance.now();
const runs = await pMap(RUNS, runOf, { concurrency: AT_ONCE });
const table = new Table({
  head: ['', ...runs.map(({ label }) => label)],
  colAligns: ['left', ...runs.map(() => 'right' as const)],
  style: { head: [], border: [] },
});
table.push(...intervalRows(runs.map(({ figures }) => figures)));
const replayed = runs.map(({ replays }) => `${replays.identical} of ${replays.decisions}`);
table.push(['Decisions that replay the same', ...replayed]);
console.log(table.toString());
console.error(`done in ${((performance.now() - started) / 1000).toFixed(0)} s`);
const isSound = runs.every(
  ({ replays, figures }) =>
    replays.identical === replays.decisions && figures.unbalanced.length === 0,
);
if (!isSound) process.exitCode = 1;
