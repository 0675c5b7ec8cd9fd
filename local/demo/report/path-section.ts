import type { Message, MessageType } from '../../../lambda/messages/messages.ts';
import { lines } from '../../report/charts/lines.ts';
import { type PathEventKind, pricePath } from '../../report/charts/price-path.ts';
import { clockText, count, whole } from '../../report/figures.ts';
import type { Chart, Section, Table } from '../../report/report.ts';
import type { DemoResult } from '../result.ts';
import type { DemoRun } from '../run.ts';

const EVENTS: Readonly<Partial<Record<MessageType, PathEventKind>>> = {
  'margin-call.issued': 'call',
  'liquidation.ordered': 'liquidation',
  'deficit.detected': 'deficit',
};

function pathEvents(messages: readonly Message[]) {
  return messages.flatMap(({ type, asOf }) => {
    const kind = EVENTS[type];
    return kind === undefined ? [] : [{ timeMs: Date.parse(asOf), kind }];
  });
}

export function pathSection({ history, messages }: DemoRun, result: DemoResult): Section {
  const prices = history.checks.map(({ asOf, prices: all }) => ({
    timeMs: asOf,
    priceUsd: Number(all['BTC-USD']),
  }));
  return {
    title: 'The day as a whole',
    prose: [
      'Each mark is an alert. An account gets a margin call when it falls below its call line. It is ' +
        'liquidated when it is certainly below its liquidation line, at fresh prices.',
    ],
    charts: [
      pricePath({ feed: 'BTC-USD', prices, events: pathEvents(messages) }),
      levelChart({ history }),
    ],
    tables: [hoursTable(result)],
  };
}

function levelChart({ history }: Pick<DemoRun, 'history'>): Chart {
  const lineOf = (label: string, levels: readonly string[]) => ({
    label,
    points: history.checks.map(({ asOf, levels: at }) => ({
      timeMs: asOf,
      value: levels.reduce((total, level) => total + (at[level] ?? 0), 0),
    })),
  });
  const called = lineOf('at the call level', ['call']);
  const breached = lineOf('at the liquidation or deficit level', ['liquidation', 'deficit']);
  const [most, worst] = [called, breached].map(({ points }) =>
    points.reduce((high, each) => (each.value > high.value ? each : high), { timeMs: 0, value: 0 }),
  ) as [Peak, Peak];
  return lines({
    title: 'Accounts that were not healthy, at each check',
    reading: `${peakText('At the call level', most)}; ${peakText('at the liquidation or deficit level', worst)}.`,
    measure: { name: 'Accounts and isolated positions', unit: '' },
    lines: [called, breached],
  });
}

interface Peak {
  readonly timeMs: number;
  readonly value: number;
}

const peakText = (what: string, { timeMs, value }: Peak): string =>
  value === 0
    ? `${what}: none at any check`
    : `${what}: at most ${count(value)}, at ${clockText(timeMs)} UTC`;

const blankIfNone = (value: number): string => (value === 0 ? '–' : count(value));

function hoursTable({ hours }: DemoResult): Table {
  return {
    caption: 'Hour by hour',
    head: [
      'Hour, UTC',
      'BTC low, USD',
      'Calls',
      'Cures',
      'Order plans',
      'Ordered, USD',
      'Withheld',
      'Deficits',
    ],
    rows: hours.map((each) => [
      `${String(each.hour).padStart(2, '0')}:00`,
      whole(each.bitcoinLow),
      ...[each.calls, each.cures, each.plans].map(blankIfNone),
      each.plans === 0 ? '–' : whole(each.ordered),
      ...[each.withheld, each.deficits].map(blankIfNone),
    ]),
  };
}
