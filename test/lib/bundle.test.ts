import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, CHECK_ENTRY } from '../../local/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'margin-bundle-'));
const file = join(folder, 'index.js');
let bytes = 0;

beforeAll(async () => {
  bytes = await bundle(CHECK_ENTRY, file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundled function', () => {
  it('is one file of less than 1.5 MB', () => {
    expect(readdirSync(folder)).toEqual(['index.js']);
    expect(bytes).toBeGreaterThan(300_000);
    expect(bytes).toBeLessThan(1_500_000);
  });

  it('runs as it is, and fails with the names of the sources in its stack', async () => {
    const { handler } = createRequire(import.meta.url)(file);
    const failure = await handler({}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ConfigError' });
    expect(failure.stack).toContain('readConfig');
  });

  it('holds no message schema: a cold start would build them all', () => {
    const code = readFileSync(file, 'utf8');
    expect(code).toContain('What the deadline of a call brings.');
    expect(code).not.toContain('the same event always has the same id');
    expect(code).not.toContain('The same event always has the same id');
  });
});
