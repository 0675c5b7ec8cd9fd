import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { OPEN_CASES_INDEX } from '../lambda/aws/margin-table.ts';
import { readConfig } from '../lambda/config.ts';
import { CODE_VERSION } from '../lambda/version.ts';
import { ENVIRONMENT_NAMES, TABLES } from '../lib/names.ts';

const ROOT = join(import.meta.dirname, '..');

interface Source {
  readonly path: string;
  readonly text: string;
  /** Imported modules. Relative ones are paths from the root. */
  readonly imports: readonly string[];
}

const SOURCES: readonly Source[] = ['bin', 'lib', 'lambda', 'local'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => sourceOf(join(entry.parentPath, entry.name))),
);

function sourceOf(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const modules = [...text.matchAll(/(?:from|import) '([^']+)'/g)].map(([, name]) => name ?? '');
  const imports = modules.map((name) =>
    name.startsWith('.') ? relative(ROOT, join(file, '..', name)) : name,
  );
  return { path: relative(ROOT, file), text, imports };
}

const below = (folder: string) => SOURCES.filter(({ path }) => path.startsWith(folder));

/** Files outside of the allowed ones that import a module. */
function importers(module: RegExp, allowed: readonly string[]): string[] {
  return SOURCES.filter(({ imports }) => imports.some((name) => module.test(name)))
    .map(({ path }) => path)
    .filter((path) => !allowed.some((place) => path.startsWith(place)));
}

test('the sources were found', () => {
  expect(below('lambda/margin/').length).toBeGreaterThan(10);
  expect(importers(/^decimal\.js$/, [])).toEqual(['lambda/margin/number/decimal.ts']);
});

test('the core imports only itself, decimal.js and special functions', () => {
  const known = /^lambda\/margin\/|^decimal\.js$|^@stdlib\//;
  const foreign = below('lambda/margin/').flatMap(({ path, imports }) =>
    imports.filter((name) => !known.test(name)).map((name) => `${path} imports ${name}`),
  );
  expect(foreign).toEqual([]);
});

test('only overshoot and option import special functions, and only local imports random numbers', () => {
  const special = /^@stdlib\/(?!random-)/;
  expect(importers(special, ['lambda/margin/overshoot/', 'lambda/margin/option/'])).toEqual([]);
  expect(importers(special, [])).toContain('lambda/margin/overshoot/normal.ts');
  expect(importers(/^@stdlib\/random-/, ['local/'])).toEqual([]);
});

test('the core has no clock, no environment, no randomness and nothing asynchronous', () => {
  const impure = /\basync\b|\bawait\b|\bPromise\b|Date\.now|new Date\(\)|process\.|Math\.random/;
  const found = below('lambda/margin/').filter(({ text }) => impure.test(text));
  expect(found.map(({ path }) => path)).toEqual([]);
});

test('the AWS SDK is imported in lambda/aws and local only', () => {
  expect(importers(/^@aws-sdk\//, ['lambda/aws/', 'local/'])).toEqual([]);
});

test('commands are sent to AWS in lambda/aws and local only', () => {
  const senders = SOURCES.filter(({ text }) => /\.send\(|Command\(\s*\{/.test(text));
  const outside = senders.filter(({ path }) => !/^(lambda\/aws|local)\//.test(path));
  expect(outside.map(({ path }) => path)).toEqual([]);
});

test('the stack does not import the function, and the function does not import the stack', () => {
  expect(
    below('lib/').filter(({ imports }) => imports.some((n) => n.startsWith('lambda/'))),
  ).toEqual([]);
  expect(
    below('lambda/').filter(({ imports }) => imports.some((n) => /^(lib|local)\//.test(n))),
  ).toEqual([]);
});

test('the environment is read in config.ts and bin only', () => {
  const readers = SOURCES.filter(({ text }) => text.includes('process.env'));
  const outside = readers.filter(
    ({ path }) => !/^(lambda\/config\.ts|bin\/|local\/emulator\/)/.test(path),
  );
  expect(outside.map(({ path }) => path)).toEqual([]);
});

test('function and stack agree on the environment and on the index', () => {
  const environment = Object.fromEntries(ENVIRONMENT_NAMES.map((name) => [name, '60']));
  expect(readConfig(environment)).toBeDefined();
  for (const name of ENVIRONMENT_NAMES) {
    expect(() => readConfig({ ...environment, [name]: undefined })).toThrow(name);
  }
  expect(OPEN_CASES_INDEX).toBe(TABLES.margin.sparseIndex.indexName);
});

test('the version in decision records is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(CODE_VERSION).toBe(version);
});
