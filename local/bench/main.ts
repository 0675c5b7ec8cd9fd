/**
 * `npm run bench`: the cost of a check against the unavoidable account scan. The database has its
 * own process, so that peak memory is the check's. Medians; scan and check alternate and the ratio
 * is taken run by run, as a busy machine slows both. Read units are as DynamoDB bills them; the
 * month has a check a minute.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import Table from 'cli-table3';
import { Command } from 'commander';
import { NODE_OPTIONS } from '../../lib/names.ts';
import { monthlyCost } from '../analysis/cost.ts';
import type { BenchReport } from './runs.ts';

const SIZES = [10_000, 100_000];

const program = new Command('bench')
  .option('--accounts <sizes>', 'numbers of accounts, separated by commas', SIZES.join(','))
  .option('--runs <count>', 'runs per size', '5')
  .option('--json', 'print JSON')
  .parse();
const options = program.opts<{ accounts: string; runs: string; json?: boolean }>();

const reports: BenchReport[] = [];
for (const accounts of options.accounts.split(',')) {
  process.stderr.write(`${accounts} accounts: seeding and measuring …\n`);
  const database = fork(new URL('./database.ts', import.meta.url), [accounts], {
    stdio: 'inherit',
  });
  const [endpoints] = await once(database, 'message');
  const runs = fork(
    new URL('./runs.ts', import.meta.url),
    [accounts, options.runs, JSON.stringify(endpoints)],
    { stdio: 'inherit', execArgv: [...NODE_OPTIONS] },
  );
  const [report] = (await once(runs, 'message')) as [BenchReport];
  await once(runs, 'exit');
  database.kill();
  reports.push(report);
}

if (options.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
else process.stdout.write(`${tableOf(reports)}\n`);

function tableOf(all: readonly BenchReport[]): string {
  const table = new Table({
    head: [
      'accounts',
      'rows',
      'scan s',
      'check s',
      'check ÷ scan',
      'core accounts/s',
      'peak MB',
      'read units',
      'USD per month',
    ],
    colAligns: Array(9).fill('right'),
    style: { head: [], border: [] },
  });
  for (const each of all) {
    table.push([
      each.accounts,
      each.rows,
      each.scanSeconds.toFixed(2),
      each.checkSeconds.toFixed(2),
      each.checkToScan.toFixed(2),
      Math.round(each.coreAccountsPerSecond),
      Math.round(each.peakMegabytes),
      each.requests.readUnits,
      monthlyCost({
        ...each.requests,
        durationSeconds: each.checkSeconds,
        publications: 0,
        intervalSeconds: 60,
      }).total.toFixed(2),
    ]);
  }
  return table.toString();
}
