import Table from 'cli-table3';
import { comparisonRows } from './comparison.ts';
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
  ['total called, USD', money(calls.called)],
  ['largest call, USD', money(calls.largest)],
  ['payments by owners', count(calls.payments)],
  ['paid by owners, USD', money(calls.paid)],
];

const planRows = ({ liquidations }: DemoResult): Row[] => [
  ['accounts liquidated', count(liquidations.accounts)],
  ['order plans', count(liquidations.plans)],
  ...named(verdictsOf(liquidations), '  '),
  ['most plans for one case', count(liquidations.generations)],
  ['liquidations completed', count(liquidations.completed)],
  ['notional ordered, USD', money(liquidations.ordered)],
  ['largest plan, USD', money(liquidations.largestPlan)],
  ['notional closed, USD', money(liquidations.closed)],
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
  ['total shortfall, USD', money(deficits.shortfall)],
  ['largest shortfall, USD', money(deficits.largest)],
  ['claims on the fund', count(deficits.claims)],
  ['fees paid into the fund, USD', money(deficits.fundPaidIn)],
  ['paid by the fund, USD', money(deficits.paidByFund)],
  ['paid by other accounts, USD', money(deficits.sharedByOthers)],
  ['borne by the venue, USD', money(deficits.borneByVenue)],
];

const impactRows = ({ impact }: DemoResult): Row[] => [
  ['largest price impact on BTC', percent(impact.largestDisplacement, 2)],
  ['lowest BTC price, USD', money(impact.lowestBitcoin ?? '0')],
  ['cost of price impact, USD', money(impact.impactCost)],
  ['bad debt at the end, USD', money(impact.badDebt)],
  ['totals out of balance', count(impact.unbalanced.length)],
];

function comparisonTable({ comparison }: DemoResult): string {
  const table = tableOf(['Same day with', ...comparison.map(({ label }) => label)]);
  table.push(...comparisonRows(comparison));
  return table.toString();
}

const checkRows = ({ checks, replays }: DemoResult): Row[] => [
  ['checks run', count(checks.checks)],
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
  const table = tableOf(['Alerts', ...whose, 'all']);
  for (const [type, byKind] of Object.entries(alerts)) {
    const counts = whose.map((each) => byKind[each] ?? 0);
    const all = counts.reduce((sum, each) => sum + each, 0);
    table.push([type, ...[...counts, all].map(countOrBlank)]);
  }
  return table.toString();
}

function hoursTable({ hours }: DemoResult): string {
  const table = tableOf([
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
  ]);
  for (const { hour, bitcoinLow, bitcoinVolatility, bitcoinShock, ordered, ...counts } of hours) {
    const { calls, cures, plans, withheld, deficits } = counts;
    table.push([
      `${String(hour).padStart(2, '0')}:00`,
      money(String(bitcoinLow)),
      percent(bitcoinVolatility, 0),
      percent(bitcoinShock, 2),
      ...[calls, cures, plans].map(countOrBlank),
      plans === 0 ? '' : money(ordered),
      ...[withheld, deficits].map(countOrBlank),
    ]);
  }
  return table.toString();
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

function pairs(title: string, rows: readonly Row[]): string {
  const table = tableOf([title, '']);
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

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

const tableOf = (head: readonly string[]) =>
  new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });

const count = (value: number): string => value.toLocaleString('en-US');

const countOrBlank = (value: number): string => (value === 0 ? '' : count(value));

const percent = (fraction: string | null, places: number): string =>
  fraction === null ? '' : `${(Number(fraction) * 100).toFixed(places)} %`;

/** Whole dollars, rounded towards zero. */
export function money(text: string): string {
  const [whole = '0'] = text.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}
