import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { CANARY_PREFIX } from '../lambda/aws/accounts-table.ts';
import { OPEN_CASES_INDEX } from '../lambda/aws/margin-table.ts';
import { readConfig } from '../lambda/config.ts';
import { CODE_VERSION } from '../lambda/version.ts';
import { ENVIRONMENT_NAMES, CANARY_PREFIX as GRANTED_PREFIX, TABLES } from '../lib/names.ts';
import {
  importCycles,
  ROOT,
  readSources,
  roomOf,
  type Source,
} from '../local/docs/import-graph.ts';

const SOURCES = readSources(['bin', 'lib', 'lambda', 'local']);
const below = (folder: string) => SOURCES.filter(({ path }) => path.startsWith(folder));
const LAMBDA = below('lambda/');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Files outside of the allowed places that import a module. */
function importers(module: RegExp, allowed: readonly string[]): string[] {
  return SOURCES.filter(({ imports }) => imports.some((name) => module.test(name)))
    .map(({ path }) => path)
    .filter((path) => !allowed.some((place) => path.startsWith(place)));
}

/** The storeys of the core, lowest first, as lambda/margin/README.md lists them. */
const STOREYS = [...read('lambda/margin/README.md').matchAll(/^\| `(\w+)` \|/gm)].map(
  ([, name = '']) => `margin/${name}`,
);

/** Rooms by room that may import them, as the table in lambda/README.md has it. */
const MAY_IMPORT = new Map(
  [...read('lambda/README.md').matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)].flatMap(
    ([, rooms = '', allowed = '']) => named(rooms).map((room) => [room, named(allowed)] as const),
  ),
);

function named(cell: string): readonly string[] {
  return [...cell.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name);
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const storey = STOREYS.indexOf(from);
  if (storey >= 0) return STOREYS.indexOf(to) >= 0 && STOREYS.indexOf(to) < storey;
  const room = to.startsWith('margin/') ? 'margin' : to;
  return (MAY_IMPORT.get(from) ?? []).includes(room);
}

const forbidden = ({ path, imports }: Source): string[] =>
  imports
    .filter((target) => target.startsWith('lambda/'))
    .filter((target) => !mayImport(roomOf(path), roomOf(target)))
    .map((target) => `${path} imports ${target}`);

describe('the import table', () => {
  it('knows every room of lambda and every storey of the core', () => {
    const rooms = new Set(LAMBDA.map(({ path }) => roomOf(path)));
    const known = [...MAY_IMPORT.keys(), ...STOREYS, 'version.ts', 'config.ts'];
    expect([...rooms].filter((room) => !known.includes(room))).toEqual([]);
    expect(STOREYS).toHaveLength(13);
    expect([...MAY_IMPORT.keys()].filter((room) => room !== 'margin' && !rooms.has(room))).toEqual(
      [],
    );
  });

  it('holds for every import, type imports included', () => {
    expect(LAMBDA.flatMap(forbidden)).toEqual([]);
  });

  it('would notice an import that goes up', () => {
    const [source] = below('lambda/margin/number/decimal.ts');
    if (source === undefined) throw new Error('decimal.ts was not found');
    const upward = { ...source, imports: ['lambda/margin/book/book.ts'] };
    expect(forbidden(upward)).toEqual([
      'lambda/margin/number/decimal.ts imports lambda/margin/book/book.ts',
    ]);
  });
});

test('no files import each other in a circle, type imports included', () => {
  expect(importCycles(LAMBDA)).toEqual([]);
  const [first, second] = LAMBDA as [Source, Source];
  const circle = [
    { ...first, imports: [second.path] },
    { ...second, imports: [first.path] },
  ];
  expect(importCycles(circle)).toEqual([[first.path, second.path]]);
});

test('lambda holds nothing that no function reaches', () => {
  const reached = new Set<string>();
  const bySource = new Map(LAMBDA.map((source) => [source.path, source]));
  const reach = (path: string): void => {
    const source = bySource.get(path);
    if (source === undefined || reached.has(path)) return;
    reached.add(path);
    source.imports.forEach(reach);
  };
  reach('lambda/check.ts');
  reach('lambda/check-certified.ts');
  reach('lambda/forward.ts');
  reach('lambda/slots.ts');
  reach('lambda/events.ts');
  reach('lambda/worker.ts');
  const unreached = LAMBDA.map(({ path }) => path).filter((path) => !reached.has(path));
  expect(unreached).toEqual([]);
});

test('the handlers, the run, the settings and the version are the only flat files', () => {
  const flat = (folder: string) =>
    readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.ts'));
  expect(flat('lambda')).toEqual([
    'check-certified.ts',
    'check.ts',
    'config.ts',
    'events.ts',
    'forward.ts',
    'run-check.ts',
    'run-event.ts',
    'slots.ts',
    'version.ts',
    'worker.ts',
  ]);
  expect(flat('lambda/margin')).toEqual([]);
  expect(flat('local')).toEqual([]);
});

test('no file of the sources has more than 350 lines, and no class more than 200', () => {
  const linesOf = (text: string) => text.split('\n').length - 1;
  const long = SOURCES.filter(({ text }) => linesOf(text) > 350);
  expect(long.map(({ path }) => path)).toEqual([]);
  const classes = SOURCES.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:export )?class (\w+).*?^}$/gms)].map(([body, name]) => ({
      name: `${path} ${name}`,
      lines: linesOf(body) + 1,
    })),
  );
  expect(classes.length).toBeGreaterThan(20);
  expect(classes.filter(({ lines }) => lines > 200)).toEqual([]);
});

test('each room has a README of at most 25 lines', () => {
  const folders = ['lambda', 'local'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .map((name) => join(folder, name))
      .filter((path) => folder === 'lambda' && statSync(join(ROOT, path)).isDirectory()),
  );
  for (const folder of ['lambda', 'local', ...folders]) {
    const lines = read(join(folder, 'README.md')).trimEnd().split('\n');
    expect(lines.length, folder).toBeLessThanOrEqual(25);
  }
});

test('the core imports nothing but itself, decimal.js and special functions', () => {
  expect(importers(/^decimal\.js$/, [])).toEqual(['lambda/margin/number/decimal.ts']);
  const known = /^lambda\/margin\/|^decimal\.js$|^@stdlib\//;
  const foreign = below('lambda/margin/').flatMap(({ path, imports }) =>
    imports.filter((name) => !known.test(name)).map((name) => `${path} imports ${name}`),
  );
  expect(foreign).toEqual([]);
});

test('special functions are imported by options and the overshoot statistics only', () => {
  const special = /^@stdlib\/(?!random-)/;
  const places = [
    'local/analysis/overshoot/',
    'lambda/margin/option/',
    'lambda/margin/statistics/',
  ];
  expect(importers(special, places)).toEqual([]);
  expect(importers(special, [])).toContain('local/analysis/overshoot/normal.ts');
  expect(importers(/^@stdlib\/random-/, ['local/'])).toEqual([]);
});

test('the core has no clock, no environment, no randomness and nothing asynchronous', () => {
  const impure = /\basync\b|\bawait\b|\bPromise\b|Date\.now|new Date\(\)|process\.|Math\.random/;
  const pure = ['margin', 'rows', 'messages', 'formats'].flatMap((room) =>
    below(`lambda/${room}/`),
  );
  const found = [...pure, ...below('lambda/record/')].filter(({ text }) => impure.test(text));
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

test('the stack does not import the function, nor the function the stack', () => {
  const imports = (folder: string, other: RegExp) =>
    below(folder).filter((source) => source.imports.some((name) => other.test(name)));
  expect(imports('lib/', /^lambda\//)).toEqual([]);
  expect(imports('lambda/', /^(lib|local)\//)).toEqual([]);
});

test('the environment is read in config.ts and bin only', () => {
  const readers = SOURCES.filter(({ text }) => text.includes('process.env'));
  const outside = readers.filter(
    ({ path }) => !/^(lambda\/config\.ts|bin\/|local\/aws\/emulator\/)/.test(path),
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
  expect(CANARY_PREFIX).toBe(GRANTED_PREFIX);
});

test('the version in decision records is the version of the package', () => {
  const { version } = JSON.parse(read('package.json'));
  expect(CODE_VERSION).toBe(version);
});
