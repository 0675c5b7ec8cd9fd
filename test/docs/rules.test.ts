/** The page that leads from a venue's words to attributes names all of them, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaFiles } from '../../local/docs/schemas.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8');

/** The second column of a table names attributes, in code. */
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| published as'))
  .map((line) => {
    const [, rule = '', attributes = ''] = line.split('|').map((cell) => cell.trim());
    return { rule, named: [...attributes.matchAll(/`(\w+)`/g)].map(([, name = '']) => name) };
  });
const NAMED = new Set(ROWS.flatMap(({ named }) => named));

const KINDS = ['risk', 'asset', 'instrument', 'policy'] as const;

/** Keys of the table, not of a rule. */
const KEYS = new Set(['kind', 'id']);

function attributesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, child]) => [
    ...(name === 'properties' && child !== null ? Object.keys(child) : []),
    ...attributesIn(child),
  ]);
}

const schemaOf = (kind: string, table = 'market'): object =>
  JSON.parse(schemaFiles().get(`rows/${table}-${kind}.json`) ?? '{}');

/** Rules that an account sets itself. */
const OF_ACCOUNTS = ['profile', 'position'].flatMap((kind) =>
  attributesIn(schemaOf(kind, 'accounts')),
);

/** Kinds of a margin rule are named like attributes. */
function choicesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { const: only } = node as { const?: unknown };
  return [...(typeof only === 'string' ? [only] : []), ...Object.values(node).flatMap(choicesIn)];
}

describe('the page of published rules', () => {
  it.each(KINDS)('names every attribute of a row of kind %s', (kind) => {
    const attributes = attributesIn(schemaOf(kind)).filter((name) => !KEYS.has(name));
    expect(attributes.length).toBeGreaterThan(15);
    expect(attributes.filter((name) => !NAMED.has(name))).toEqual([]);
  });

  it('names nothing else', () => {
    const known = new Set([
      ...KINDS.flatMap((kind) => attributesIn(schemaOf(kind))),
      ...OF_ACCOUNTS,
    ]);
    const choices = new Set(KINDS.flatMap((kind) => choicesIn(schemaOf(kind))));
    expect(
      [...NAMED].filter((name) => !(known.has(name) || choices.has(name) || name === 'oracle')),
    ).toEqual([]);
  });

  it('has the words of a rule in every row', () => {
    expect(ROWS.length).toBeGreaterThan(60);
    for (const { rule, named } of ROWS) {
      expect(rule.length, named.join()).toBeGreaterThan(8);
      expect(named.length, rule).toBeGreaterThan(0);
    }
  });
});
