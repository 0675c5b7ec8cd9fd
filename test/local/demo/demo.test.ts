import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoResult } from '../../../local/demo/result.ts';

const ENTRY = join(import.meta.dirname, '..', '..', '..', 'local', 'demo', 'main.ts');

async function demo(...words: string[]) {
  const run = promisify(execFile)(process.execPath, [ENTRY, ...words]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
      return { code, stdout, stderr };
    },
  );
}

/** The hour in which the market breaks and one feed stops. */
const WORST_HOUR = ['--hours', '10-11', '--accounts', '80', '--seed', '5'];

/** Several runs of the whole program on a busy machine. */
const RUNS_MS = 300_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'margin-demo-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the demo', () => {
  it(
    'gives the same document and the same report for the same seed',
    async () => {
      const [one, other] = [join(folder, 'one.html'), join(folder, 'other.html')];
      const [first, second] = [
        await demo(...WORST_HOUR, '--json', '--report', one),
        await demo(...WORST_HOUR, '--json', '--report', other),
      ];
      expect(first.code).toBe(0);
      expect(first.stderr).toMatch(new RegExp(`report: ${one}\n$`));
      expect(second.stdout).toBe(first.stdout);
      const report = await readFile(one, 'utf8');
      expect(await readFile(other, 'utf8')).toBe(report);
      expectReport(report);
      const result = JSON.parse(first.stdout) as DemoResult;
      expectWholeStory(result);
    },
    RUNS_MS,
  );

  it(
    'compares the same day without throttle and buffer, side by side',
    async () => {
      const file = join(folder, 'compared.html');
      const words = [
        '--hours',
        '10-11',
        '--accounts',
        '12',
        '--compare',
        '--json',
        '--report',
        file,
      ];
      const { code, stdout, stderr } = await demo(...words);
      expect(code).toBe(0);
      // The run itself is one of the three.
      expect(stderr.match(/^Comparison run: throttle .*$/gm)).toEqual([
        'Comparison run: throttle none, buffer none',
        'Comparison run: throttle standard, buffer none',
      ]);
      const { comparison, impact } = JSON.parse(stdout) as DemoResult;
      expect(comparison.map(({ label }) => label)).toEqual([
        'no throttle, no buffer',
        'throttle only',
        'throttle and buffer',
      ]);
      expect(comparison[2]).toMatchObject(impact);
      expect(await readFile(file, 'utf8')).toContain(
        'Price impact of liquidations, and the effect of throttle and buffer',
      );
      expect(await readFile(file, 'utf8')).toMatch(/The bad debt is .* with “throttle and buffer”/);
    },
    RUNS_MS,
  );

  it(
    'lays the same hours at a minute beside another interval',
    async () => {
      const file = join(folder, 'intervals.html');
      const words = ['--hours', '1', '--accounts', '8', '--interval', '5m', '--report', file];
      const { code, stdout, stderr } = await demo(...words, '--json');
      expect(code).toBe(0);
      expect(stderr).toContain('a check every 5 min by the real');
      expect(stderr).toContain('The same hours, once a minute');
      const { intervals, checks } = JSON.parse(stdout) as DemoResult;
      expect(checks.checks).toBe(12);
      expect(intervals.map(({ label, checks: run }) => [label, run])).toEqual([
        ['5 min', 12],
        ['1 min', 60],
      ]);
      expect(await readFile(file, 'utf8')).toContain('The same hours at another interval');
    },
    RUNS_MS,
  );

  it('prints tables, and first says what it will do', async () => {
    const { code, stdout, stderr } = await demo('--hours', '1', '--accounts', '20', '--no-report');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^You will see 20 synthetic accounts live through 2020-03-12 00:00 to 01:00 UTC, when/,
    );
    for (const title of ['Hour,', 'Alerts', 'Margin calls', 'Liquidations', 'Deficits']) {
      expect(stdout).toMatch(new RegExp(`│ ?${title} *│`));
    }
    expect(stdout).toMatch(
      /\n\nOf 20 accounts, .*\n\nThe liquidations .*\n\n(No account|This is) .*records\.\n$/s,
    );
    for (const title of ['Withheld', 'Indeterminate', 'Checks', 'Gap between checks']) {
      expect(stdout).toContain(`│ ${title}`);
    }
  });

  it('says at the start that a report cannot be written', async () => {
    const { code, stdout, stderr } = await demo('--report', join(folder, 'none', 'out.html'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^the report cannot be written to .*ENOENT.*\n$/);
  });

  it('refuses a bad option in one line, with exit code 2', async () => {
    const { code, stdout, stderr } = await demo('--hours', '25');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error: option '--hours <hours>' argument '25' is invalid\. Give .*\n$/,
    );
  });
});

const HEADINGS = [
  'The day as a whole',
  'Individual accounts, check by check',
  'Cost of the check interval',
  'The insurance fund',
  'Withheld liquidations and indeterminate accounts',
  'How this report was made',
];

function expectReport(report: string) {
  const headings = [...report.matchAll(/<h2 [^>]+>([^<]+)/g)].map(([, heading]) => heading);
  expect(headings).toEqual(HEADINGS);
  for (const story of ['healthy throughout', 'called, then liquidated']) {
    expect(report).toMatch(new RegExp(`<h3 [^>]+>[^<]+: ${story}`));
  }
}

function expectWholeStory(result: DemoResult) {
  const { checks, calls, liquidations, indeterminate, alerts, replays } = result;
  expect(replays.decisions).toBeGreaterThan(20);
  expect(replays.identical).toBe(replays.decisions);
  expect(checks).toMatchObject({ checks: 60, skipped: 1, accounts: 60 * 80, failed: 0 });
  expect(checks.accounts).toBe(checks.assessed + checks.indeterminate + checks.failed);
  expect(calls.issued).toBeGreaterThan(0);
  expect(liquidations.plans).toBeGreaterThan(0);
  const verdicts: Record<string, number> = liquidations.verdicts;
  expect(Object.keys(verdicts)).not.toContain('repeated');
  expect(Object.values(verdicts).reduce((sum, each) => sum + each, 0)).toBe(liquidations.plans);
  expect(verdicts.filled).toBeGreaterThan(liquidations.plans / 2);
  expect(result.comparison).toEqual([]);
  expect(result.impact).toMatchObject({ plans: liquidations.plans, unbalanced: [] });
  expect(Number(result.impact.largestDisplacement)).toBeLessThan(0);
  expect(Number(result.impact.impactCost)).toBeGreaterThan(0);
  expect(indeterminate).toEqual({
    'price-stale': 1,
    'price-suspect': 1,
    'row-malformed': 1,
  });
  for (const byKind of Object.values(alerts)) expect(byKind).not.toHaveProperty('lender');
}
