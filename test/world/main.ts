#!/usr/bin/env node
/** `npm run simulate:world`: histories of a whole margin checker, each from a seed. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import Table from 'cli-table3';
import { Command } from 'commander';
import { SEED_MAX } from '../../local/analysis/random.ts';
import { whole } from '../../local/cli/arguments.ts';
import { startProgress } from '../../local/cli/progress.ts';
import { Coverage } from './coverage.ts';
import { shrink, type Trial } from './trial.ts';
import { CALM_MINUTES } from './world.ts';

const HISTORIES_MAX = 100_000_000;
const MINUTES_MAX = 1_440;
/** Enough to see whether they are of one kind. */
const FAILURES_MAX = 10;

interface Options {
  readonly histories: number;
  readonly seed?: number;
  readonly minutes: number;
  readonly replay?: number;
  readonly seconds: number;
  readonly untilFailure?: boolean;
  readonly json?: boolean;
}

const options = new Command('simulate:world')
  .description(
    'Live through random histories of a margin checker, and hold each against its promises',
  )
  .option('--histories <number>', 'number of histories', whole(1, HISTORIES_MAX), 1000)
  .option('--seed <number>', 'of the first history; random by default', whole(0, SEED_MAX))
  .option(
    '--minutes <number>',
    `checks of each history, the last ${CALM_MINUTES} without faults`,
    whole(CALM_MINUTES + 1, MINUTES_MAX),
    8,
  )
  .option(
    '--replay <seed>',
    'shrink a failing history, and tell it step by step',
    whole(0, SEED_MAX),
  )
  .option('--seconds <number>', 'begin no other history after so long', whole(1, 86_400), 86_400)
  .option('--until-failure', 'stop at the first history that fails')
  .option('--json', 'print JSON')
  .allowExcessArguments(false)
  .parse()
  .opts<Options>();

const minutes = options.minutes - CALM_MINUTES;
if (options.replay !== undefined) await retell(options.replay);
else await simulate();

async function retell(seed: number): Promise<void> {
  const shrunk = await shrink(seed, minutes);
  if (shrunk === undefined) {
    console.log(`seed ${seed}: everything held`);
    return;
  }
  const { history, steps, lived } = shrunk;
  console.log(`seed ${seed}, shrunk in ${steps} steps:\n`);
  console.log(lived.story.join('\n'));
  console.log(`\n${lived.violations.map((each) => `VIOLATED: ${each}`).join('\n')}`);
  console.log(`\n${JSON.stringify(history)}`);
  process.exitCode = 1;
}

async function simulate(): Promise<void> {
  const { histories, seed: first = randomInt(SEED_MAX - histories) } = options;
  console.error(`seed ${first}`);
  const startedAt = performance.now();
  const progress = startProgress({ total: histories, unit: 'histories' });
  const coverage = new Coverage();
  const failures: Trial[] = [];
  let done = 0;
  await inWorkers(first, histories, (trial) => {
    done++;
    coverage.add(trial.counts);
    progress.advance(done, `${failures.length} failures`);
    if (trial.violations.length === 0) return true;
    failures.push(trial);
    console.error(lineOf(trial));
    return options.untilFailure !== true && failures.length < FAILURES_MAX;
  });
  progress.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  if (options.json) {
    console.log(
      JSON.stringify({ seed: first, done, seconds, failures, coverage: coverage.counts }),
    );
  } else {
    console.log(tableOf(coverage));
    const rate = (done / seconds).toFixed(1);
    console.log(
      `seeds ${first} to ${first + done - 1}: ${done} histories in ${seconds.toFixed(0)} s ` +
        `(${rate} a second), ${failures.length} failures`,
    );
  }
  if (failures.length > 0) process.exitCode = 1;
}

function lineOf({ seed, violations }: Trial): string {
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  return `seed ${seed}: ${violations[0]}${more}; npm run simulate:world -- --replay ${seed}`;
}

/**
 * Seeds are begun in their order, and every one that was begun is heard of.
 * @param hear of each trial as it ends; false begins no other
 */
async function inWorkers(
  first: number,
  count: number,
  hear: (trial: Trial) => boolean,
): Promise<void> {
  const end = performance.now() + options.seconds * 1000;
  let next = first;
  let goesOn = true;
  const onThread = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { minutes } });
    try {
      while (goesOn && next < first + count && performance.now() < end) {
        worker.postMessage(next++);
        const [trial] = (await once(worker, 'message')) as [Trial];
        if (!hear(trial)) goesOn = false;
      }
    } finally {
      await worker.terminate();
    }
  };
  const threads = Math.min(availableParallelism(), count);
  await Promise.all(Array.from({ length: threads }, onThread));
}

function tableOf({ counts }: Coverage): string {
  const table = new Table({
    head: ['what', 'how often'],
    style: { head: [], border: [] },
    colWidths: [14, 90],
    wordWrap: true,
  });
  for (const [kind, names] of Object.entries(counts)) {
    const listed = Object.entries(names)
      .sort(([, left], [, right]) => right - left)
      .map(([name, times]) => `${name} ${times.toLocaleString('en-US')}`);
    table.push([kind, listed.join(', ')]);
  }
  return table.toString();
}
