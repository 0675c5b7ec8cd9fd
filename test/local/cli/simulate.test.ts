import { once } from 'node:events';
import { expect, it } from 'vitest';
import { startMargin } from './margin.ts';

const SMALL = ['--paths', '6', '--hours', '2', '--accounts', '40', '--intervals', '1m,5m'];

async function run(...words: readonly string[]) {
  const { ending } = await startMargin(undefined, 'simulate', ...words);
  return ending;
}

it('margin simulate prints tables with units and a recommendation', async () => {
  const { code, out, err } = await run(...SMALL, '--executions', '30s');
  expect(code).toBe(0);
  expect(out).toContain('Orders filled after 30 s; amounts in USD per 30 days');
  expect(out).toContain('Lowest total cost: a check every');
  expect(err).toContain('6 of 6 paths');
});

it('margin simulate --json has the grid, the frontiers and the closed forms', async () => {
  const { code, out } = await run(...SMALL, '--json', '--workers', '1');
  expect(code).toBe(0);
  const result = JSON.parse(out);
  expect(result).toMatchObject({ paths: 6, hours: 2, stepSeconds: 30 });
  expect(result.grid).toHaveLength(2 * 5 * 3);
  expect(result.frontiers).toHaveLength(3);
});

it('margin simulate --book simulates a user’s document, with its other factors constant', async () => {
  const words = ['--book', 'docs/examples/book.json', '--factor', 'BTC-USD', '--json'];
  const { code, out } = await run(...SMALL, ...words);
  expect(code).toBe(0);
  expect(JSON.parse(out).book).toMatchObject({ still: ['USDC-USD'] });
});

it('margin simulate reports the finished paths on Ctrl-C, and ends with 130', async () => {
  const words = ['--paths', '3000', '--hours', '2', '--accounts', '40', '--json'];
  const running = await startMargin(undefined, 'simulate', ...words);
  // A twelfth of all paths is done when the first line is printed.
  await once(running.process.stderr, 'data');
  running.process.kill('SIGINT');
  const { code, out } = await running.ending;
  expect(code).toBe(130);
  const { paths, pathsAsked } = JSON.parse(out);
  expect(pathsAsked).toBe(3000);
  expect(paths).toBeGreaterThanOrEqual(250);
  expect(paths).toBeLessThan(3000);
});

it.each([
  [['--intervals', '10s,10s'], 'It must not contain a value twice'],
  [['--intervals', '1d'], 'such as 30s, 5m or 1h'],
  [['--intervals', '3h', '--hours', '2'], 'margin: --intervals: each must be'],
  [['--confidences', '99'], 'none, or between 0.5 and 1'],
  [['--step', '7s'], 'margin: a step of 7 s does not divide 10 s'],
  [['--degrees', '2'], 'margin: degrees must be above 2'],
  [['--book', 'nowhere.json'], 'margin: nowhere.json: '],
  [['--book', 'docs/examples/book.json', '--factor', 'DOGE-USD'], 'no account holds DOGE-USD'],
  [['--prices', 'package.json'], 'margin: package.json'],
])('margin simulate refuses bad input in one line, with exit code 2: %j', async (words, fault) => {
  const { code, out, err } = await run('--paths', '2', ...words);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(fault);
  expect(err.trim().split('\n')).toHaveLength(1);
});
