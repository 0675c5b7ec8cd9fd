import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianBars, gaussianPrices, START } from '../backtest/histories.ts';
import { runMargin } from './margin.ts';

let prices: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtest-'));
  prices = join(folder, 'prices.csv');
  const rows = gaussianPrices(6_000, 0.8).map((price, index) => `${START + 60 * index},${price}`);
  await writeFile(prices, `time,price\n${rows.join('\n')}\n`);
});

const run = (...words: readonly string[]) => runMargin(undefined, 'backtest', ...words);

describe('margin backtest', () => {
  it('ends with 0 if every result is within its accepted range', async () => {
    const minutes = join(folder, 'minutes.csv');
    const rows = gaussianBars(6_000, 0.8).map((bar) => Object.values(bar).join());
    await writeFile(minutes, `time,open,high,low,close\n${rows.join('\n')}\n`);
    const { code, out, err } = await run('--prices', minutes, '--intervals', '60,300');
    expect(code).toBe(0);
    expect(out).toMatch(/\nYes: the buffer holds at 60 s and 300 s\.\n$/);
    expect(err).toBe('interval 60 s  1 of 2 runs\ninterval 300 s  2 of 2 runs\n');
  });

  it('reports a finding, and ends with 1', async () => {
    const words = ['--intervals', '60', '--method', 'fixed', '--quantile', '1', '--json'];
    const { code, out } = await run('--prices', prices, ...words);
    expect(code).toBe(1);
    const { findings, runs } = JSON.parse(out);
    expect(findings[0]).toMatch(
      /^Interval 60 s, confidence 0.99, both sides: unsafe, \d+ exceedances in 2249 windows, too many/,
    );
    expect(runs[0]).not.toHaveProperty('series');
  });

  it('tells unsafe from dear at the same exit code', async () => {
    const wide = ['--intervals', '60', '--method', 'fixed', '--quantile', '9'];
    const { code, out } = await run('--prices', prices, ...wide);
    expect(code).toBe(1);
    expect(out).toMatch(/\nYes, but it is dear: at 60 s [^\n]*\n$/);
  });

  it('lays the rules side by side over several histories', async () => {
    const both = ['--prices', prices, '--prices', prices, '--intervals', '300'];
    const { code, out } = await run(...both, '--peers', '--json');
    expect(code).toBe(0);
    const { files, comparisons } = JSON.parse(out);
    expect(files).toEqual([prices, prices]);
    const [{ rules }] = comparisons;
    expect(rules.map(({ method }: { method: string }) => method)).toEqual([
      'tracked',
      'november',
      'fixed-volatility',
      'ewma-normal',
      'historical',
      'filtered',
      'garch',
    ]);
    expect(rules[0]).toMatchObject({ cells: 4, bufferRatio: 1, shortfallRatio: 1 });
  });

  it('includes every window and crossing with --series', async () => {
    const { out } = await run('--prices', prices, '--intervals', '60', '--json', '--series');
    const { series, sides, crossings } = JSON.parse(out).runs[0];
    expect(series.times).toHaveLength(sides[0].coverage.cases);
    expect(series.checks.times).toHaveLength(5_999);
    expect(series.overshoots.units).toHaveLength(crossings.crossings);
  });

  it('tests only the intervals that the file can show', async () => {
    const hours = join(folder, 'hours.csv');
    const rows = gaussianPrices(600, 0.8).map((price, index) => `${START + 3600 * index},${price}`);
    await writeFile(hours, `time,price\n${rows.join('\n')}\n`);
    const { out, err } = await run('--prices', hours, '--json');
    expect(err).toContain(
      'margin: rows are 3600 s apart, so only intervals of 3600 s are tested\n',
    );
    expect(JSON.parse(out).runs).toHaveLength(1);
  });

  it.each([
    [['--prices', 'none.csv'], 'margin: none.csv: no such file or directory\n'],
    [
      ['--prices', 'docs/examples/book/accounts.csv'],
      'margin: docs/examples/book/accounts.csv line 1: no time column; ' +
        'name one column time, timestamp, date or open_time\n',
    ],
    [
      ['--prices', 'x', '--confidence', '99'],
      "error: option '--confidence <list>' argument '99' is invalid. It must be numbers between 0 and 1, separated by commas.\n",
    ],
    [['--prices', 'x', '--degrees', '2'], 'margin: --degrees: must be above 2\n'],
    [
      ['--prices', 'x', '--half-life', '60'],
      'margin: --half-life: only the methods november and fixed use it\n',
    ],
    [
      ['--prices', 'x', '--prices', 'y'],
      'margin: --prices: several histories are only compared with --peers\n',
    ],
    [
      ['--prices', 'x', '--peers', '--gaps'],
      'margin: --gaps: not with --peers, which compares rules\n',
    ],
    [['--prices', 'x', '--cap', '0.01'], 'margin: --cap: must not be below --floor\n'],
    [[], "error: required option '--prices <file>' not specified\n"],
  ])('refuses %j as bad input', async (words, told) => {
    const { code, err } = await run(...words);
    expect({ code, err }).toEqual({ code: 2, err: told });
  });
});
