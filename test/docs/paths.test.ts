/** Pages name files of the project and link to each other: both have to exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const ROOMS = ['docs', 'lambda', 'local', 'lib'];

const pages = [
  join(ROOT, 'README.md'),
  ...ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(ROOT, room, name)),
  ),
];

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

describe.each(pages.map((page) => [relative(ROOT, page), page]))('%s', (_, page) => {
  const text = readFileSync(page, 'utf8');

  it('names only files that exist', () => {
    const named = all(text, /`((?:lambda|lib|local|test|bin|docs)\/[\w/.-]*)`/g);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = all(text, /\]\(([^)#\s:]+)(?:#[^)]*)?\)/g);
    expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([]);
  });
});
