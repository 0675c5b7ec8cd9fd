/**
 * `npm run bench:cold-start`: time until the check function is ready in a new process, against one
 * that only imports the same SDK clients. Both are as in the stack. Runs alternate; medians, and
 * the ratio run by run. On a busy machine compare the CPU times: they vary least.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import { NODE_OPTIONS } from '../../lib/names.ts';
import { bundle, CHECK_ENTRY } from './bundle.ts';
import { median } from './median.ts';

const RUNS = 31;
const run = promisify(execFile);

const FUNCTIONS = {
  'SDK clients only': join(import.meta.dirname, 'sdk-only.ts'),
  'check function': CHECK_ENTRY,
};

interface Start {
  /** Includes Node's own start, as in Lambda. */
  readonly processMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly loadMs: number;
}

const TIMES = ['cpuMs', 'processMs', 'loadMs'] as const satisfies (keyof Start)[];

async function startOnce(file: string): Promise<Start> {
  // Opens stdout first, as Lambda does before it loads a function.
  const script = `const { stdout } = process;
    const begun = performance.now();
    require(${JSON.stringify(file)});
    const loadMs = performance.now() - begun;
    const { user, system } = process.cpuUsage();
    stdout.write(JSON.stringify({ loadMs, cpuMs: (user + system) / 1000 }));
    process.exit();`;
  const begun = performance.now();
  const { stdout } = await run(process.execPath, [...NODE_OPTIONS, '--eval', script]);
  return { processMs: performance.now() - begun, ...JSON.parse(stdout) };
}

const folder = await mkdtemp(join(tmpdir(), 'margin-cold-start-'));
try {
  const [names, files, sizes] = [Object.keys(FUNCTIONS), [] as string[], [] as number[]];
  for (const [name, entry] of Object.entries(FUNCTIONS)) {
    const file = join(folder, `${name.replaceAll(' ', '-')}.js`);
    sizes.push(await bundle(entry, file));
    files.push(file);
  }
  const starts: Start[][] = files.map(() => []);
  for (let turn = 0; turn < RUNS; turn++) {
    for (const [index, file] of files.entries()) starts[index]?.push(await startOnce(file));
  }
  const medianOf = (index: number, key: keyof Start) =>
    median((starts[index] ?? []).map((start) => start[key]));
  const ratioOf = (key: keyof Start) =>
    median(starts[1]?.map((start, turn) => start[key] / (starts[0]?.[turn]?.[key] ?? 0)) ?? []);
  const table = new Table({
    head: ['', 'bytes', 'CPU ms', 'process ms', 'load ms'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const [index, name] of names.entries()) {
    table.push([name, sizes[index] ?? 0, ...TIMES.map((key) => medianOf(index, key).toFixed(0))]);
  }
  table.push(['ratio', '', ...TIMES.map((key) => ratioOf(key).toFixed(2))]);
  process.stdout.write(`${table.toString()}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
