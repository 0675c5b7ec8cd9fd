/**
 * `npm run test:package`: installs the package as a user would, with the example app on top. The
 * app is synthesised from the build and not from the sources, and its function is bundled.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

/** Unpacks the package, and links the packages that it needs to those of this project. */
async function install(into: string): Promise<void> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', into], {
    cwd: ROOT,
  });
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [Packed];
  const strays = files.filter(({ path }) => !WANTED.test(path));
  assert.deepEqual(strays, [], 'the package holds what is of use, and nothing else');
  await run('tar', ['-xzf', join(into, filename), '-C', into]);
  const modules = join(into, 'node_modules');
  await mkdir(modules);
  await cp(join(into, 'package'), join(modules, 'margin-checker'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(into, 'package.json'), '{ "type": "module" }');
  await cp(join(ROOT, 'docs', 'examples', 'app', 'app.ts'), join(into, 'app.ts'));
  console.log(`✓ packed ${files.length} files, and installed`);
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const WANTED =
  /^(dist\/(lib|lambda)\/.*\.(js|d\.ts)|docs\/.*|package\.json|README\.md|CHANGELOG\.md|bin\/margin\.ts)$/;

async function synthesize(folder: string): Promise<void> {
  const out = join(folder, 'cdk.out');
  await run(process.execPath, ['app.ts'], {
    cwd: folder,
    env: { ...process.env, CDK_OUTDIR: out },
  });
  const template = await readFile(join(out, 'DerivativesDesk.template.json'), 'utf8');
  for (const type of ['AWS::Lambda::Function', 'AWS::Scheduler::Schedule', 'AWS::KMS::Key']) {
    assert.ok(template.includes(type), `the example app has no ${type}`);
  }
  const assets = (await readdir(out)).filter((name) => name.startsWith('asset.'));
  const code = await readFile(join(out, assets[0] ?? '', 'index.js'), 'utf8');
  assert.ok(code.includes('runCheck'), 'the function is bundled');
  console.log('✓ the example app is synthesised from the package');
}

/** Uses the core as a library, from JavaScript without TypeScript. */
async function assess(folder: string): Promise<void> {
  const script = `
    import { readFileSync } from 'node:fs';
    import { assess } from 'margin-checker/assess';
    import { price, textOf } from 'margin-checker/margin/decimal';
    const book = readFileSync('node_modules/margin-checker/docs/examples/book.json', 'utf8');
    const { assessments } = assess(book);
    console.log(JSON.stringify([assessments.map(({ level }) => level), textOf(price('0.1'))]));`;
  await writeFile(join(folder, 'assess.js'), script);
  const { stdout } = await run(process.execPath, ['assess.js'], { cwd: folder });
  const [levels, text] = JSON.parse(stdout) as [string[], string];
  assert.ok(levels.includes('call') && levels.includes('deficit'), stdout);
  assert.equal(text, '0.1');
  console.log('✓ the core assesses a book as a library');
}

const app = await mkdtemp(join(tmpdir(), 'margin-package-'));
try {
  await install(app);
  await synthesize(app);
  await assess(app);
} finally {
  await rm(app, { recursive: true, force: true });
}
