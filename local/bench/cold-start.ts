/**
 * `npm run bench:cold-start`: time until the check function is ready in a new process, against one
 * that only imports the same SDK clients. Both are as in the stack. Runs alternate; medians, and
 * the ratio run by run.
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

const RUNS = 21;
const run = promisify(execFile);

const FUNCTIONS = {
  'SDK clients only': join(import.meta.dirname, 'sdk-only.ts'),
  'check function': CHECK_ENTRY,
};

interface Start {
  /** Includes Node's own start, as in Lambda. */
  readonly processMs: number;
  readonly loadMs: number;
}

async function startOnce(file: string): Promise<Start> {
  const script = `const t = performance.now(); require(${JSON.stringify(file)});
    process.stdout.write(String(performance.now() - t)); process.exit();`;
  const begun = performance.now();
  const { stdout } = await run(process.execPath, [...NODE_OPTIONS, '--eval', script]);
  return { processMs: performance.now() - begun, loadMs: Number(stdout) };
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
    head: ['', 'bytes', 'process ms', 'load ms'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const [index, name] of names.entries()) {
    const [processMs, loadMs] = [medianOf(index, 'processMs'), medianOf(index, 'loadMs')];
    table.push([name, sizes[index] ?? 0, processMs.toFixed(0), loadMs.toFixed(0)]);
  }
  table.push(['ratio', '', ratioOf('processMs').toFixed(2), ratioOf('loadMs').toFixed(2)]);
  process.stdout.write(`${table.toString()}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
