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
  expect(out).toMatch(/^Orders filled after 30 s:\nSimulated prices: /);
  expect(out).toContain('each setting at its confidence. USD per 30 days');
  expect(out).toContain('every interval with the capital of the shortest. USD per 30 days');
  expect(err).toContain('6 of 6 paths');
});

it('margin simulate --json has the settings of each run', async () => {
  const { code, out } = await run(...SMALL, '--executions', '0s,30s', '--json', '--workers', '1');
  expect(code).toBe(0);
  const result = JSON.parse(out);
  expect(result).toMatchObject({ pathsAsked: 6, hours: 2, isStopped: false });
  // (i − m)/(1 + m) of 3 % and 2 %.
  expect(result.shockMax).toBeCloseTo(0.01 / 1.02, 9);
  expect(result.runs).toHaveLength(1);
  expect(result.runs[0]).toMatchObject({ source: 'model', paths: 6, stepSeconds: 30 });
  const [first, second] = result.runs[0].executions;
  expect([first.executionSeconds, second.executionSeconds]).toEqual([0, 30]);
  expect(first.grid).toHaveLength(2 * 4);
  expect(first.equalCapital).toHaveLength(2 * 3);
  expect(first.advice).toHaveProperty('outcome');
});

it('margin simulate --prices fits a model, replays the file, and says what it used', async () => {
  const words = ['--prices', 'docs/examples/prices.csv', '--shock-max', '0.1'];
  const { code, out, err } = await run(...SMALL, ...words);
  expect(code).toBe(0);
  expect(out).toContain('Real prices, replayed: 6 paths of 2 h in steps of 60 s');
  expect(out).toContain('Λ at most 10 % (--shock-max)');
  expect(err).toContain('20,160 rows; the model is fitted to 20,160 returns of 1 min');
  expect(err).toContain('12 of 12 paths');
});

it('margin simulate replays minutes at ten seconds, and says that it draws what lies between', async () => {
  const words = ['--prices', 'docs/examples/prices.csv', '--confidences', '0.99'];
  const { code, out } = await run(...SMALL, ...words, '--intervals', '10s,1m', '--events');
  expect(code).toBe(0);
  expect(out).toContain('Real prices, replayed: 6 paths of 2 h in steps of 1 s');
  expect(out).toContain('The file has a price every 1 min. What lies between them is drawn');
  expect(out).not.toContain('Not replayed');
  expect(out.match(/checks at once when the price has moved by half of Λ/g)).toHaveLength(2);
});

it('margin simulate --book simulates a user’s document, with its other factors constant', async () => {
  const words = ['--book', 'docs/examples/book.json', '--factor', 'BTC-USD', '--json'];
  const { code, out } = await run(...SMALL, ...words);
  expect(code).toBe(0);
  expect(JSON.parse(out).book).toMatchObject({ still: ['USDC-USD'] });
});

it('margin simulate reports the finished paths on Ctrl-C, and ends with 130', async () => {
  const words = ['--paths', '3000', '--hours', '2', '--accounts', '20', '--json'];
  const running = await startMargin(undefined, 'simulate', ...words, '--intervals', '5m');
  // A twelfth of all paths is done when the first line is printed.
  await once(running.process.stderr, 'data');
  running.process.kill('SIGINT');
  const { code, out } = await running.ending;
  expect(code).toBe(130);
  const { runs, pathsAsked } = JSON.parse(out);
  expect(pathsAsked).toBe(3000);
  expect(runs[0].paths).toBeGreaterThanOrEqual(250);
  expect(runs[0].paths).toBeLessThan(3000);
});

it.each([
  [['--intervals', '10s,10s'], 'It must not contain a value twice'],
  [['--intervals', '1w'], 'No deployment can have it'],
  [['--intervals', '7s'], 'No deployment can have it'],
  [['--intervals', '90s'], 'slots have to divide a minute'],
  [['--executions', '1w'], 'such as 30s, 5m or 1h'],
  [['--shock-max', '1'], 'between 0 and 0.95'],
  [['--intervals', '3h', '--hours', '2'], 'margin: --intervals: each must be'],
  [['--confidences', '99'], 'none, or between 0.5 and 1'],
  [['--step', '7s'], 'margin: a step of 7 s does not divide 60 s'],
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
