/**
 * `npm run bench:simulate`: times the default simulation with half the paths and with all. Time
 * should be proportional; 1,000 paths should take under 5 minutes on 2 cores.
 */
import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import { simulateBy } from '../cli/simulate.ts';
import { type SimulateOptions, withSimulateOptions } from '../simulate/options.ts';

const program = withSimulateOptions(new Command('bench:simulate')).parse();
const options = program.opts<SimulateOptions>();

const table = new Table({
  head: ['paths', 'threads', 'seconds', 'ms per path', 'checks per second'],
  colAligns: Array(5).fill('right'),
  style: { head: [], border: [] },
});
const times: number[] = [];
for (const paths of [Math.ceil(options.paths / 2), options.paths]) {
  const start = performance.now();
  const { runs, hours } = await simulateBy({ ...options, paths });
  const seconds = (performance.now() - start) / 1000;
  const cells = runs.flatMap(({ executions }) => executions).flatMap(({ grid }) => grid);
  const checksAPath = cells.reduce(
    (sum, { intervalSeconds }) => sum + (hours * 3600) / intervalSeconds,
    0,
  );
  times.push(seconds);
  table.push([
    paths,
    Math.min(options.workers, availableParallelism()),
    seconds.toFixed(1),
    ((1000 * seconds) / paths).toFixed(1),
    Math.round((checksAPath * paths) / seconds).toLocaleString('en-US'),
  ]);
}
const [half = Number.NaN, whole = Number.NaN] = times;
process.stdout.write(
  `${table.toString()}\ntwice the paths take ${(whole / half).toFixed(2)} times as long\n`,
);
