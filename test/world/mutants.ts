/**
 * `npm run simulate:mutants`: plants one fault at a time in a copy of the checker, and simulates
 * histories until one fails. A fault that no history finds is one that the promises do not cover.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command } from 'commander';
import { MUTANTS, type Mutant } from './planted.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = [
  'lambda',
  'lib',
  'local',
  'test/aws',
  'test/world',
  'docs/schemas',
  'package.json',
];

const options = new Command('simulate:mutants')
  .description('Plant one fault at a time, and simulate histories until one of them fails')
  .option('--histories <number>', 'most histories for each fault', '10000')
  .option('--seconds <number>', 'most seconds for each fault', '900')
  .option('--seed <number>', 'of the first history', '1')
  .option('--only <text>', 'faults whose description contains this')
  .allowExcessArguments(false)
  .parse()
  .opts<{ histories: string; seconds: string; seed: string; only?: string }>();

interface Found {
  readonly done: number;
  readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
}

const folder = mkdtempSync(join(tmpdir(), 'margin-mutants-'));
for (const each of FOLDERS) cpSync(join(ROOT, each), join(folder, each), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

const table = new Table({
  head: ['fault', 'found after', 'seed', 'by'],
  style: { head: [], border: [] },
  colWidths: [44, 12, 12, 80],
  wordWrap: true,
});
let missed = 0;
for (const mutant of MUTANTS.filter(({ fault }) => fault.includes(options.only ?? ''))) {
  const found = tryOut(mutant);
  const [failure] = found.failures;
  if (failure === undefined) missed++;
  const line = failure?.violations[0] ?? 'NOT FOUND';
  table.push([mutant.fault, `${found.done}`, `${failure?.seed ?? ''}`, line]);
  console.error(`${mutant.fault}: ${found.done}, ${line}`);
}
console.log(table.toString());
rmSync(folder, { recursive: true });
if (missed > 0) process.exitCode = 1;

function tryOut({ file, from, to }: Mutant): Found {
  const place = join(folder, file);
  const sound = readFileSync(place, 'utf8');
  if (sound.split(from).length !== 2) throw new Error(`${file} does not have this once: ${from}`);
  writeFileSync(
    place,
    sound.replace(from, () => to),
  );
  const { histories, seconds, seed } = options;
  const limits = ['--histories', histories, '--seconds', seconds, '--seed', seed];
  const { stdout } = spawnSync(
    process.execPath,
    ['test/world/main.ts', ...limits, '--until-failure', '--json'],
    { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  writeFileSync(place, sound);
  return JSON.parse(stdout) as Found;
}
