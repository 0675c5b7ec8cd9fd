/**
 * `npm run test:package`: packs the package, installs it in an empty folder, and uses it there on the
 * lowest Node that `engines` names and on this one. Every figure must be the clone's.
 */
import assert from 'node:assert/strict';
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as core from '../../local/analysis/core.ts';
import { breachedPlan } from './plan.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const BOOK = join(ROOT, 'docs', 'examples', 'book.json');
const MANIFEST = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const WANTED =
  /^(dist\/(bin|lib|lambda|local)\/.*\.(js|d\.ts)|docs\/.*|package\.json|README\.md|CHANGELOG\.md)$/;

/** Packs, and installs what was packed as a user would. */
async function install(into: string): Promise<void> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', into], {
    cwd: ROOT,
  });
  const [{ filename, size, files }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [Packed];
  const strays = files.filter(({ path }) => !WANTED.test(path));
  assert.deepEqual(strays, [], 'the package holds nothing else');
  await writeFile(join(into, 'package.json'), '{ "type": "module", "private": true }');
  await installed(into, join(into, filename));
  const modules = join(into, 'node_modules');
  for (const name of ['aws-cdk-lib', 'esbuild', '@observablehq', 'dynalite', 'typescript']) {
    assert.ok(!existsSync(join(modules, name)), `${name} is installed, and few need it`);
  }
  const sizes = `${kilobytes(size)} packed, ${kilobytes(await sizeOf(modules))} with dependencies`;
  console.log(`✓ packed ${files.length} files, and installed: ${sizes}`);
}

const installed = (folder: string, ...packages: readonly string[]) =>
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], {
    cwd: folder,
  });

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000).toLocaleString('en')} kB`;

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface Node {
  readonly version: string;
  readonly path: string;
}

/** One of the lowest major version that `engines` names, if the machine has one, and this one. */
async function nodes(): Promise<Node[]> {
  const [lowest] = /\d+/.exec(MANIFEST.engines.node) ?? [];
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const path of folders.map((folder) => join(folder, 'node')).filter(existsSync)) {
    const { stdout } = await run(path, ['--version']);
    const version = stdout.trim();
    if (version.startsWith(`v${lowest}.`)) return [{ version, path }, CURRENT];
  }
  console.log(`- skipped on Node ${lowest}: there is none on this machine`);
  return [CURRENT];
}

const CURRENT: Node = { version: process.version, path: process.execPath };

/** Runs a command in the folder, with this Node first in the path. */
async function runOn({ path }: Node, folder: string, [command, ...words]: readonly string[]) {
  const PATH = [dirname(path), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH, CDK_OUTDIR: join(folder, 'cdk.out') };
  return run(command as string, words, { cwd: folder, env });
}

/** The installed command. */
const margin = (node: Node, folder: string, ...words: readonly string[]) =>
  runOn(node, folder, ['npx', '--no-install', 'margin', ...words]);

async function useCommand(node: Node, folder: string): Promise<void> {
  const help = await margin(node, folder, '--help');
  assert.match(help.stdout, /^Usage: margin /);
  const clone = await run(CURRENT.path, ['bin/margin.ts', 'assess', BOOK, '--json'], { cwd: ROOT });
  const compiled = await run('npx', ['margin', 'assess', BOOK, '--json'], { cwd: ROOT });
  assert.equal(compiled.stdout, clone.stdout);
  const { stdout } = await margin(node, folder, 'assess', 'book.json', '--json');
  assert.equal(stdout, clone.stdout);
  const simulated = await margin(node, folder, 'simulate', '--paths', '4', '--json');
  assert.equal(JSON.parse(simulated.stdout).runs[0].paths, 4);
  await refuses(node, folder, [
    ['stress', 'book.json', '--report', 'stress.html'],
    'margin: --report draws charts: npm install @observablehq/plot linkedom\n',
  ]);
  await refuses(node, folder, [
    ['invoke', 'event.json', '--book', 'book.json'],
    'margin: invoke runs on embedded services in a clone of the repository only; ' +
      'with --aws it runs on a deployed stack\n',
  ]);
  console.log(`✓ ${node.version}: npx margin assesses, simulates, and says what it lacks`);
}

async function refuses(
  node: Node,
  folder: string,
  [words, message]: readonly [words: readonly string[], message: string],
): Promise<void> {
  await assert.rejects(margin(node, folder, ...words), (failure: ExecFileException) => {
    assert.deepEqual([failure.code, failure.stderr], [2, message]);
    return true;
  });
}

/** At the versions of this project. */
const installPeers = (folder: string, ...names: readonly string[]) =>
  installed(folder, ...names.map((name) => `${name}@${MANIFEST.devDependencies[name]}`));

/** The example app needs what docs/package.md names, and neither TypeScript nor this clone. */
async function synthesize(node: Node, folder: string): Promise<void> {
  const out = join(folder, 'cdk.out');
  await rm(out, { recursive: true, force: true });
  await runOn(node, folder, ['node', 'app.js']);
  const template = await readFile(join(out, 'DerivativesDesk.template.json'), 'utf8');
  for (const type of ['AWS::Lambda::Function', 'AWS::Scheduler::Schedule', 'AWS::KMS::Key']) {
    assert.ok(template.includes(type), `the example app has no ${type}`);
  }
  const assets = (await readdir(out)).filter((name) => name.startsWith('asset.'));
  const bundles = await Promise.all(
    assets.map((asset) => readFile(join(out, asset, 'index.js'), 'utf8').catch(() => '')),
  );
  assert.ok(
    bundles.some((code) => code.includes('runCheck')),
    `the function is bundled, in one of ${assets.join(', ')}`,
  );
  console.log(`✓ ${node.version}: the example app is synthesised from the package`);
}

/** Checks the declarations themselves, too. */
async function checkTypes(folder: string): Promise<void> {
  const script = `
    import { type Amount, amount, type Plan, planLiquidation, price } from 'margin-checker/core';
    import { assess } from 'margin-checker/assess';
    export const level: string | null | undefined = assess('{}').assessments[0]?.level;
    export const plan: (...given: Parameters<typeof planLiquidation>) => Plan = planLiquidation;
    export const due: Amount = amount('1');
    // @ts-expect-error: a price is no amount
    export const wrong: Amount = price('1');`;
  await writeFile(join(folder, 'types.ts'), script);
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
  await run(tsc, [...options, '--types', '', 'types.ts'], { cwd: folder });
  await run(tsc, [...options, '--types', '', '--skipLibCheck', 'app.ts'], { cwd: folder });
  console.log('✓ the types of the package are found');
}

/** Installs what the construct needs, as docs/package.md says. */
async function addConstruct(folder: string): Promise<void> {
  const app = join(ROOT, 'docs', 'examples', 'app', 'app.ts');
  await copyFile(app, join(folder, 'app.ts'));
  await copyFile(app, join(folder, 'app.js'));
  await installPeers(folder, 'aws-cdk-lib', 'constructs');
  const message = 'MarginChecker bundles its function with esbuild: npm install esbuild';
  await assert.rejects(runOn(CURRENT, folder, ['node', 'app.js']), ({ stderr }) =>
    stderr.includes(message),
  );
  await installPeers(folder, 'esbuild');
}

/** The core as a library, from JavaScript that knows nothing of TypeScript. */
async function useLibrary(node: Node, folder: string): Promise<void> {
  const script = `
    import { readFileSync } from 'node:fs';
    import { assess } from 'margin-checker/assess';
    import * as core from 'margin-checker/core';
    import schema from 'margin-checker/schemas/assess-document.json' with { type: 'json' };
    const breachedPlan = ${breachedPlan};
    const { assessments } = assess(readFileSync('book.json', 'utf8'));
    const names = Object.keys(core);
    const plan = breachedPlan(core);
    console.log(JSON.stringify({ assessments, plan, names, title: schema.title }));`;
  await writeFile(join(folder, 'library.js'), script);
  const { stdout } = await runOn(node, folder, ['node', '--no-warnings', 'library.js']);
  const { assessments, plan, names, title } = JSON.parse(stdout);
  const clone = await run(CURRENT.path, ['bin/margin.ts', 'assess', BOOK, '--json'], { cwd: ROOT });
  assert.deepEqual(assessments, JSON.parse(clone.stdout));
  assert.deepEqual(plan, breachedPlan(core));
  assert.equal(plan[0]?.orders.length, 1, 'the breached book needs an order');
  assert.deepEqual(names, Object.keys(core));
  assert.equal(typeof title, 'string');
  console.log(`✓ ${node.version}: the figures and the plan are those of the clone`);
}

/** The examples in docs/package.md, as they are. */
async function runExamples(node: Node, folder: string): Promise<void> {
  const page = await readFile(join(ROOT, 'docs', 'package.md'), 'utf8');
  const said = [];
  for (const [, script = ''] of page.matchAll(/^```js\n(.*?)^```$/gms)) {
    await writeFile(join(folder, 'example.js'), script);
    said.push((await runOn(node, folder, ['node', 'example.js'])).stdout);
  }
  const all = said.join('\n');
  assert.match(all, /^called-long call [1-9]/m);
  assert.match(all, /^liquidated-long sell [0-9.]+ BTC-PERP$/m);
  console.log(`✓ ${node.version}: the examples in docs/package.md run`);
}

const folder = await mkdtemp(join(tmpdir(), 'margin-package-'));
try {
  const all = await nodes();
  await install(folder);
  await copyFile(BOOK, join(folder, 'book.json'));
  await copyFile(join(ROOT, 'test', 'events', 'scheduler.json'), join(folder, 'event.json'));
  for (const node of all) await useCommand(node, folder);
  await addConstruct(folder);
  await checkTypes(folder);
  for (const node of all) await synthesize(node, folder);
  for (const node of all) await runExamples(node, folder);
  for (const node of all) await useLibrary(node, folder);
  console.log('✓ the core assesses a book as a library');
} finally {
  await rm(folder, { recursive: true, force: true });
}
