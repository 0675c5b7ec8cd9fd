#!/usr/bin/env node
/** `npm run fuzz`: random rows through the steps of a check, against an independent reader. */
import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { visible } from '../../lambda/messages/visible.ts';
import { SEED_MAX } from '../analysis/random.ts';
import { whole } from '../cli/arguments.ts';
import { startProgress } from '../cli/progress.ts';
import { type Finding, type FuzzResult, fuzz } from './fuzz.ts';
import { placeOf, shownItem } from './items.ts';

const ROWS_DEFAULT = 5000;
const ROWS_MAX = 100_000_000;

const options = new Command('fuzz')
  .description('Take random rows through the steps of a check, against an independent reader')
  .option('--rows <number>', 'number of rows', whole(0, ROWS_MAX), ROWS_DEFAULT)
  .option(
    '--seed <number>',
    'the same seed gives the same rows; random by default',
    whole(0, SEED_MAX),
  )
  .allowExcessArguments(false)
  .parse()
  .opts<{ readonly rows: number; readonly seed?: number }>();

const { rows, seed = randomInt(SEED_MAX) } = options;
console.error(`seed ${seed}`);
const startedAt = performance.now();
const progress = startProgress({ total: rows, unit: 'rows' });
const result = await fuzz({
  seed,
  rows,
  onRow: (done, { table, kind }) => progress.advance(done, `${table} ${visible(kind)}`),
});
progress.stop();
for (const finding of result.findings) console.log(lineOf(finding));
console.log(summaryOf(result));
if (result.findings.length > 0) process.exitCode = 1;

function lineOf({ row, table, item, fault }: Finding): string {
  return visible(`seed ${seed} row ${row} ${placeOf(table, item)}: ${fault}; ${shownItem(item)}`);
}

function summaryOf({ rows: done, unreadable, kinds, coverage, findings }: FuzzResult): string {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return (
    `seed ${seed}: ${done} rows of ${kinds.size} kinds, ${unreadable} of them unreadable, ` +
    `${coverage.drawn} of ${coverage.all} pairs of attribute and type, ` +
    `in ${seconds} s: ${findings.length} findings`
  );
}
