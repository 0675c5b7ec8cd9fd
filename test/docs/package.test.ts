import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as core from '../../local/analysis/core.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const CORE = 'local/analysis/core.ts';
const PAGE = textOf('docs/package.md');

/** Names that core.ts exports, and the files that define them. */
const EXPORTS = [...textOf(CORE).matchAll(/^export (?:type )?\{(.*?)\} from '(.*?)';$/gms)].flatMap(
  ([, names = '', path = '']) =>
    names
      .split(',')
      .map((name) => name.replace('type ', '').trim())
      .filter((name) => name !== '')
      .map((name) => [name, join(CORE, '..', path)] as const),
);

describe('margin-checker/core', () => {
  it('has a few dozen functions', () => {
    const names = EXPORTS.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(core)));
    expect(Object.keys(core).length).toBeLessThanOrEqual(40);
  });

  it('is listed in docs/package.md', () => {
    const [, ...tables] = PAGE.split(/^\| [a-z ]+ \| \|$/m);
    const named = [...tables.join('').matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    const listed = new Set(named);
    expect(listed).toEqual(new Set(EXPORTS.map(([name]) => name)));
  });

  it.each(EXPORTS)('documents %s at its definition in %s', (name, path) => {
    const definition = `export (?:declare )?(?:const|function|class|interface|type) ${name}\\b`;
    expect(textOf(path)).toMatch(new RegExp(`\\*/\\n${definition}`));
  });
});
