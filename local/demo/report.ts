/** A run of the demo as a report for someone who was not there. */
import { bars } from '../report/charts/bars.ts';
import { lines } from '../report/charts/lines.ts';
import { type PathEventKind, pricePath } from '../report/charts/price-path.ts';
import { surplusOverTime } from '../report/charts/surplus-over-time.ts';
import { clockText, count, counted, dollars } from '../report/figures.ts';
import type { Fact, Report, Section, Table } from '../report/report.ts';
import type { Message, MessageType } from '../../lambda/contract/messages.ts';
import { type ToldDay, toldDay } from './day.ts';
import { intervalSection } from './interval-report.ts';
import { type DemoResult, resultOf } from './result.ts';
import type { DemoRun } from './run.ts';

export function reportOf(run: DemoRun): Report {
  const result = resultOf(run);
  const day = toldDay(run);
  return {
    title: 'Margin checks of 12 March 2020',
    lead: leadOf(result),
    facts: factsOf(result),
    sections: [
      pathSection(run, result),
      storiesSection(day),
      intervalSection(day.breaches, run.messages),
      doubtSection(result),
      makingSection(result),
    ],
  };
}

function leadOf({ run, calls, liquidations, deficits }: DemoResult): string {
  const until = run.until.slice(-'00:00'.length);
  return (
    `${count(run.accounts)} accounts, checked once a minute from ${run.from} to ${until} UTC: ` +
    `${counted(calls.issued, 'margin call')}, ${counted(liquidations.plans, 'liquidation plan')} ` +
    `over ${dollars(Number(liquidations.ordered))}, and ${counted(deficits.accounts, 'account')} ` +
    `left ${dollars(Number(deficits.shortfall))} short. BTC is that day’s, hour by hour; all other ` +
    'prices and the accounts are synthetic.'
  );
}

function factsOf({ run, checks, calls, liquidations, deficits, replays }: DemoResult): Fact[] {
  return [
    {
      label: 'Checks',
      value: count(checks.checks),
      note: `of ${count(run.accounts)} accounts each`,
    },
    {
      label: 'Margin calls',
      value: count(calls.issued),
      note: `${count(calls.cured)} cured; largest ${dollars(Number(calls.largest))}`,
    },
    {
      label: 'Accounts liquidated',
      value: count(liquidations.accounts),
      note: `in ${counted(liquidations.plans, 'order plan')}`,
    },
    {
      label: 'Ordered to be closed',
      value: dollars(Number(liquidations.ordered)),
      note: `largest plan ${dollars(Number(liquidations.largestPlan))}`,
    },
    {
      label: 'Accounts in deficit',
      value: count(deficits.accounts),
      note: `shortfall ${dollars(Number(deficits.shortfall))}`,
    },
    {
      label: 'Decisions the same when replayed',
      value: `${count(replays.identical)} of ${count(replays.decisions)}`,
      note: 'each from its own record',
    },
  ];
}

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

function pathSection({ history, messages }: DemoRun, result: DemoResult): Section {
  const prices = history.checks.map(({ asOf, prices: all }) => ({
    timeMs: asOf,
    priceUsd: Number(all['BTC-USD']),
  }));
  return {
    title: 'What happened',
    prose: [
      'Every mark is an alert that went out. An account is called when it falls below its call line, ' +
        'and liquidated when it is below its liquidation line for certain, on fresh prices.',
    ],
    charts: [
      pricePath({ feed: 'BTC-USD', prices, events: pathEvents(messages) }),
      levelChart({ history }),
    ],
    tables: [hoursTable(result)],
  };
}

function levelChart({ history }: Pick<DemoRun, 'history'>) {
  const lineOf = (label: string, levels: readonly string[]) => ({
    label,
    points: history.checks.map(({ asOf, levels: at }) => ({
      timeMs: asOf,
      value: levels.reduce((total, level) => total + (at[level] ?? 0), 0),
    })),
  });
  const called = lineOf('at the call level', ['call']);
  const breached = lineOf('to be liquidated, or in deficit', ['liquidation', 'deficit']);
  const [most, worst] = [called, breached].map(({ points }) =>
    points.reduce((high, each) => (each.value > high.value ? each : high), { timeMs: 0, value: 0 }),
  ) as [Peak, Peak];
  return lines({
    title: 'Accounts that were not healthy, check by check',
    reading: `${peakText(most, 'at the call level')}; ${peakText(worst, 'to be liquidated or in deficit')}.`,
    measure: { name: 'Accounts and isolated positions', unit: '' },
    lines: [called, breached],
  });
}

interface Peak {
  readonly timeMs: number;
  readonly value: number;
}

const peakText = ({ timeMs, value }: Peak, what: string): string =>
  value === 0 ? `none was ${what}` : `at most ${count(value)} ${what} (${clockText(timeMs)} UTC)`;

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
      count(each.bitcoinLow),
      ...[each.calls, each.cures, each.plans].map(blankIfNone),
      blankIfNone(Math.round(Number(each.ordered))),
      ...[each.withheld, each.deficits].map(blankIfNone),
    ]),
  };
}

const storiesSection = ({ stories }: ToldDay): Section => ({
  title:
    stories.length === 1
      ? 'One account, check by check'
      : `${stories.length} accounts, check by check`,
  prose: [
    'What an account has above its liquidation line. The band is how far that may be off because the ' +
      'prices are: a liquidation waits until all of it is below the line, a call does not.',
  ],
  charts: stories.map(({ name, story, points, events }) =>
    surplusOverTime({ accountId: name, story, points, events }),
  ),
});

function doubtSection({ withheld, indeterminate }: DemoResult): Section {
  const reasons = Object.entries(withheld).map(([label, value = 0]) => ({ label, value }));
  const total = reasons.reduce((sum, { value }) => sum + value, 0);
  return {
    title: 'What it did not act on',
    prose: [
      'A price that is old, suspect or not known well enough never liquidates, and what is missing ' +
        'or malformed never reads as healthy.',
    ],
    charts: [
      bars({
        title: 'Liquidations withheld, by reason',
        reading: `${counted(total, 'liquidation')} withheld: ${reasonsText(reasons)}.`,
        measure: { name: 'Withheld', unit: '' },
        bars: reasons,
      }),
    ],
    tables: [
      {
        caption: 'Accounts that were indeterminate, by reason',
        head: ['Reason', 'Alerts'],
        rows: Object.entries(indeterminate).map(([reason, alerts = 0]) => [reason, count(alerts)]),
      },
    ],
  };
}

const reasonsText = (
  reasons: readonly { readonly label: string; readonly value: number }[],
): string =>
  reasons.length === 0
    ? 'none'
    : reasons.map(({ label, value }) => `${count(value)} ${label}`).join(', ');

function makingSection({ run, checks, gap, replays }: DemoResult): Section {
  const seconds = (value: number | undefined) => (value === undefined ? 'none' : value.toFixed(1));
  return {
    title: 'How it was made',
    prose: [
      `By the handler that is deployed, against DynamoDB, SNS and SQS embedded in one process; seed ${run.seed}. ` +
        'The same seed gives the same report. Accounts read are assessed, indeterminate or failed, and nothing else.',
    ],
    tables: [
      {
        caption: 'Checks',
        head: ['', 'Number'],
        rows: [
          ['Run', count(checks.checks)],
          ['Skipped: the event came again', count(checks.skipped)],
          ['Accounts read', count(checks.accounts)],
          ['Assessed', count(checks.assessed)],
          ['Indeterminate', count(checks.indeterminate)],
          ['Failed', count(checks.failed)],
          ['Decisions kept', count(replays.decisions)],
          ['The same when replayed', count(replays.identical)],
          ['Shortest gap between checks, s', seconds(gap.minSeconds)],
          ['Median gap, s', seconds(gap.medianSeconds)],
          ['Longest gap, s', seconds(gap.maxSeconds)],
        ],
      },
    ],
  };
}
