import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMargin } from './margin.ts';

let folder: string;
let prices: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'margin-reports-'));
  prices = join(folder, 'prices.csv');
  await writeFile(prices, wavesOf(3_000));
});
afterAll(() => rm(folder, { recursive: true }));

/** One price per minute that oscillates and drifts, always the same. */
function wavesOf(rows: number): string {
  const lines = Array.from({ length: rows }, (_, minute) => {
    const swing = Math.sin(minute / 7) * 40 + Math.sin(minute / 311) * 300 + (minute % 13) * 3;
    return `${minute * 60},${(20_000 + swing).toFixed(2)}`;
  });
  return ['time,price', ...lines, ''].join('\n');
}

const simulation = ['simulate', '--paths', '4', '--accounts', '30', '--hours', '2'];
const commands = {
  backtest: () => ['backtest', '--prices', prices, '--intervals', '60,300'],
  stress: () => ['stress', 'docs/examples/book.json', '--fund', '50000'],
  simulate: () => [...simulation, '--intervals', '1m,5m', '--workers', '1'],
};

describe.each(Object.entries(commands))('margin %s --report', (name, words) => {
  it('writes one file without network requests, with charts and without NaN or undefined', async () => {
    const file = join(folder, `${name}.html`);
    const { err } = await runMargin(undefined, ...words(), '--report', file);
    const page = await readFile(file, 'utf8').catch(() => err);
    expect(page).toMatch(/^<!doctype html>/);
    expect(page.match(/<svg/g)?.length).toBeGreaterThan(3);
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('refuses at the start a path that cannot be written', async () => {
    const { code, err } = await runMargin(undefined, ...words(), '--report', '/nowhere/x.html');
    expect(code).toBe(2);
    expect(err).toContain('the report cannot be written to /nowhere/x.html (ENOENT)');
  });
});
