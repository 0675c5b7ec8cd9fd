import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaFiles } from '../../../local/docs/schemas.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/schemas');

const filesOnDisk = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1));

test('every schema is checked in, and no other file', () => {
  expect(filesOnDisk.sort()).toEqual([...schemaFiles().keys()].sort());
});

test.each([...schemaFiles()])(
  'the schema %s is current; npm run schemas writes it',
  (path, text) => {
    expect(readFileSync(join(FOLDER, path), 'utf8')).toBe(text);
  },
);
