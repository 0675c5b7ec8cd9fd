/** Three charts of docs/runbook.md: cost by accounts, cost by interval, and the time of a check. */
import { type LogAxis, type LogLine, type LogPoint, logLines } from '../report/charts/log-lines.ts';
import { count, dollars, duration, figure } from '../report/figures.ts';
import type { Chart } from '../report/report.ts';
import { type CalmChecks, costAt, figuresAt, type Kind, type Setting } from './cost-curves.ts';

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];
const INTERVALS = [1, 10, 60, 3600];
const STEPS = 120;

const logSteps = (from: number, until: number): number[] =>
  Array.from({ length: STEPS + 1 }, (_, step) => from * (until / from) ** (step / STEPS));

const sizeText = (accounts: number): string =>
  accounts >= 1e6 ? `${accounts / 1e6} million` : count(accounts);

const ACCOUNTS: LogAxis = {
  measure: { name: 'Accounts', unit: '' },
  ticks: SIZES,
  tickText: sizeText,
};

const MONTH: LogAxis = {
  measure: { name: 'A month', unit: 'USD' },
  ticks: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000],
  tickText: count,
};

const INTERVAL_AXIS: LogAxis = {
  measure: { name: 'Time between two checks', unit: '' },
  ticks: [1, 2, 5, 10, 30, 60, 300, 900, 3600],
  tickText: duration,
};

const SECONDS: LogAxis = {
  measure: { name: 'Processor', unit: 's' },
  ticks: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000],
  tickText: (seconds) => String(seconds),
};

const NEXT: Readonly<Record<Kind, string>> = { certified: '', plain: ', all read' };

/** Only points that fit into one function. */
const costs = (measured: readonly CalmChecks[], settings: readonly (Setting & { x: number })[]) =>
  settings.flatMap(({ x, ...setting }): LogPoint[] => {
    const y = costAt(measured, setting)?.total;
    return y === undefined ? [] : [{ x, y }];
  });

export function costBySize(measured: readonly CalmChecks[]): Chart {
  const lineOf = (intervalSeconds: number, kind: Kind): LogLine => ({
    label: `${duration(intervalSeconds)}${NEXT[kind]}`,
    points: costs(
      measured,
      logSteps(1e3, 1e7).map((accounts) => ({ x: accounts, accounts, intervalSeconds, kind })),
    ),
  });
  const at = (accounts: number, intervalSeconds: number): string => {
    const cost = costAt(measured, { accounts, intervalSeconds, kind: 'certified' });
    return cost === undefined ? 'does not fit into a function' : dollars(cost.total);
  };
  return logLines({
    title: 'Cost of a month by number of accounts and interval',
    reading:
      `With certificates a million accounts cost ${at(1e6, 60)} a month at a check a minute and ` +
      `${at(1e6, 10)} at one every 10 s. A line ends where a check takes longer than its interval.`,
    across: ACCOUNTS,
    upright: MONTH,
    lines: [...INTERVALS.map((seconds) => lineOf(seconds, 'certified')), lineOf(60, 'plain')],
    dotLabel: 'measured',
  });
}

export function costByInterval(measured: readonly CalmChecks[]): Chart {
  const lineOf = (accounts: number): LogLine => ({
    label: sizeText(accounts),
    points: costs(
      measured,
      logSteps(1, 3600)
        .toReversed()
        .map((intervalSeconds) => ({
          ...{ x: intervalSeconds, accounts, intervalSeconds },
          kind: 'certified' as const,
        })),
    ).toReversed(),
  });
  return logLines({
    title: 'Cost of a month by interval',
    reading:
      'With certificates; each line is a number of accounts. Metrics, alarms and the dashboard cost the ' +
      'same at any interval, so a small book pays little for seconds.',
    across: INTERVAL_AXIS,
    upright: MONTH,
    lines: SIZES.toReversed().map(lineOf),
    dotLabel: 'measured',
    labelAt: 'first',
  });
}

export function timeOfCheck(measured: readonly CalmChecks[]): Chart {
  const lineOf = (intervalSeconds: number, kind: Kind): LogLine => ({
    label: kind === 'plain' ? 'all read' : duration(intervalSeconds),
    points: logSteps(1e3, 1e7).map((accounts) => ({
      x: accounts,
      y: figuresAt(measured, { accounts, intervalSeconds, kind }).seconds,
    })),
    measured: measured
      .filter((run) => run.intervalSeconds === intervalSeconds)
      .map((run) => ({ x: run.accounts, y: run[kind].seconds })),
  });
  const largest = Math.max(...measured.map(({ accounts }) => accounts));
  const at = (kind: Kind) =>
    figure(figuresAt(measured, { accounts: largest, intervalSeconds: 60, kind }).seconds);
  return logLines({
    title: 'Processor time of a calm check',
    reading:
      `${count(largest)} accounts, the largest book measured here, take ${at('certified')} s with certificates ` +
      `and ${at('plain')} s without. Dots are measured; lines beyond them go on straight.`,
    across: ACCOUNTS,
    upright: SECONDS,
    lines: [lineOf(10, 'certified'), lineOf(60, 'certified'), lineOf(60, 'plain')],
    dotLabel: 'measured',
  });
}
