import { tableOf, wrapped } from '../cli/table.ts';
import { count, whole } from '../report/figures.ts';
import { comparisonMeanings, comparisonRows, comparisonSentence } from './comparison.ts';
import { intervalRows, notesOf } from './intervals.ts';
import { ACCOUNT_KINDS } from './kinds.ts';
import type { Counts, Whose } from './message-counts.ts';
import type { DemoResult } from './result.ts';
import type { Verdict } from './working.ts';

type Row = readonly [name: string, figure: string];

export function tablesOf(result: DemoResult): string {
  return [
    hoursTable(result),
    alertsTable(result),
    beside([pairs('Margin calls', callRows(result)), pairs('Liquidations', planRows(result))]),
    beside([pairs('Deficits', deficitRows(result)), pairs('Market impact', impactRows(result))]),
    ...(result.comparison.length === 0 ? [] : [comparisonTable(result)]),
    ...(result.intervals.length === 0 ? [] : [intervalsTable(result)]),
    beside([
      pairs('Withheld liquidations, by reason', named(result.withheld)),
      pairs('Indeterminate accounts, by reason', named(result.indeterminate)),
    ]),
    beside([pairs('Checks', checkRows(result)), pairs('Gap between checks', gapRows(result))]),
  ].join('\n\n');
}

const callRows = ({ calls }: DemoResult): Row[] => [
  ['issued', count(calls.issued)],
  ['updated (amount grew)', count(calls.updated)],
  ['cured', count(calls.cured)],
  ['expired', count(calls.expired)],
  ['total called, USD', whole(calls.called)],
  ['largest call, USD', whole(calls.largest)],
  ['payments by owners', count(calls.payments)],
  ['paid by owners, USD', whole(calls.paid)],
];

const planRows = ({ liquidations }: DemoResult): Row[] => [
  ['accounts liquidated', count(liquidations.accounts)],
  ['order plans', count(liquidations.plans)],
  ...named(verdictsOf(liquidations), '  '),
  ['most plans for one case', count(liquidations.generations)],
  ['liquidations completed', count(liquidations.completed)],
  ['notional ordered, USD', whole(liquidations.ordered)],
  ['largest plan, USD', whole(liquidations.largestPlan)],
  ['notional closed, USD', whole(liquidations.closed)],
];

const VERDICTS: Readonly<Record<Verdict, string>> = {
  working: 'still working',
  filled: 'filled',
  part: 'partly filled',
  nothing: 'not filled',
  refused: 'refused by the venue',
  expired: 'expired on arrival',
  repeated: 'repeated message',
  superseded: 'superseded by a later plan',
  over: 'case already closed',
  observed: 'observe mode, not worked',
};

const verdictsOf = ({ verdicts }: DemoResult['liquidations']): Counts =>
  Object.fromEntries(
    Object.entries(verdicts).map(([verdict, each]) => [VERDICTS[verdict as Verdict], each]),
  );

const deficitRows = ({ deficits }: DemoResult): Row[] => [
  ['accounts in deficit', count(deficits.accounts)],
  ['total shortfall, USD', whole(deficits.shortfall)],
  ['largest shortfall, USD', whole(deficits.largest)],
  ['claims on the fund', count(deficits.claims)],
  ['fees paid into the fund, USD', whole(deficits.fundPaidIn)],
  ['paid by the fund, USD', whole(deficits.paidByFund)],
  ['paid by other accounts, USD', whole(deficits.sharedByOthers)],
  ['borne by the venue, USD', whole(deficits.borneByVenue)],
];

const impactRows = ({ impact }: DemoResult): Row[] => [
  ['largest price impact on BTC', percent(impact.largestDisplacement, 2)],
  ['lowest BTC price, USD', whole(impact.lowestBitcoin ?? '0')],
  ['cost of price impact, USD', whole(impact.impactCost)],
  ['bad debt at the end, USD', whole(impact.badDebt)],
  ['totals out of balance', count(impact.unbalanced.length)],
];

function comparisonTable({ comparison }: DemoResult): string {
  const runs = comparison.map(({ label, ...figures }) => ({ label, figures }));
  const head = ['The same hours with', ...runs.map(({ label }) => label)];
  const rows = comparisonRows(runs.map(({ figures }) => figures));
  const notes = rows.map(([name = ''], index) => `${name}: ${comparisonMeanings[index]}.`);
  return [tableOf(head, rows), ...notes, wrapped(comparisonSentence(runs))].join('\n');
}

function intervalsTable({ intervals, run }: DemoResult): string {
  const head = ['The same hours, a check', ...intervals.map(({ label }) => `every ${label}`)];
  return [
    tableOf(head, intervalRows(intervals)),
    ...notesOf(run).map((note) => wrapped(note)),
  ].join('\n');
}

const checkRows = ({ checks, replays }: DemoResult): Row[] => [
  ['checks run', count(checks.checks)],
  ...(checks.eventChecks === 0 ? [] : [['event checks', count(checks.eventChecks)] satisfies Row]),
  ['skipped (repeated or late event)', count(checks.skipped)],
  ['accounts read', count(checks.accounts)],
  ['  assessed', count(checks.assessed)],
  ['  indeterminate', count(checks.indeterminate)],
  ['  failed', count(checks.failed)],
  ['decisions recorded', count(replays.decisions)],
  ['  identical when replayed', count(replays.identical)],
];

function alertsTable({ alerts }: DemoResult): string {
  const whose: readonly Whose[] = [...ACCOUNT_KINDS, 'market'];
  const rows = Object.entries(alerts).map(([type, byKind]) => {
    const counts = whose.map((each) => byKind[each] ?? 0);
    const all = counts.reduce((sum, each) => sum + each, 0);
    return [type, ...[...counts, all].map(countOrBlank)];
  });
  return tableOf(['Alerts', ...whose, 'all'], rows);
}

function hoursTable({ hours }: DemoResult): string {
  const head = [
    'Hour, UTC',
    'BTC low, USD',
    'BTC volatility',
    'BTC buffer',
    'calls',
    'cures',
    'order plans',
    'ordered, USD',
    'withheld',
    'deficits',
  ];
  const rows = hours.map((each) => {
    const { hour, bitcoinLow, bitcoinVolatility, bitcoinShock, ordered, ...counts } = each;
    const { calls, cures, plans, withheld, deficits } = counts;
    return [
      `${String(hour).padStart(2, '0')}:00`,
      whole(String(bitcoinLow)),
      percent(bitcoinVolatility, 0),
      percent(bitcoinShock, 2),
      ...[calls, cures, plans].map(countOrBlank),
      plans === 0 ? '' : whole(ordered),
      ...[withheld, deficits].map(countOrBlank),
    ];
  });
  return tableOf(head, rows);
}

function gapRows({ gap }: DemoResult): Row[] {
  const seconds = (value: number | undefined) => (value === undefined ? 'none' : value.toFixed(1));
  return [
    ['number of gaps', count(gap.gaps ?? 0)],
    ['shortest, s', seconds(gap.minSeconds)],
    ['median, s', seconds(gap.medianSeconds)],
    ['99th percentile, s', seconds(gap.p99Seconds)],
    ['longest, s', seconds(gap.maxSeconds)],
    ['late checks', count(gap.late)],
  ];
}

function named(counts: Counts, indent = ''): Row[] {
  const rows = Object.entries(counts).map(([name, each = 0]): Row => {
    return [`${indent}${name}`, count(each)];
  });
  return rows.length > 0 ? rows : [[`${indent}none`, count(0)]];
}

const pairs = (title: string, rows: readonly Row[]): string => tableOf([title, ''], rows);

function beside(tables: readonly string[]): string {
  const blocks = tables.map((table) => table.split('\n'));
  const height = Math.max(...blocks.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    blocks
      .map((lines) => (lines[line] ?? '').padEnd(lines[0]?.length ?? 0))
      .join('  ')
      .trimEnd(),
  ).join('\n');
}

const countOrBlank = (value: number): string => (value === 0 ? '' : count(value));

const percent = (fraction: string | null, places: number): string =>
  fraction === null ? '' : `${(Number(fraction) * 100).toFixed(places).replace('-', '−')} %`;
