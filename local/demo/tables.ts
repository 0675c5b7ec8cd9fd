import Table from 'cli-table3';
import { comparisonRows } from './comparison.ts';
import { ACCOUNT_KINDS } from './kinds.ts';
import type { DemoResult } from './result.ts';
import type { Counts, Whose } from './tally.ts';

type Row = readonly [name: string, figure: string];

export function tablesOf(result: DemoResult): string {
  return [
    hoursTable(result),
    alertsTable(result),
    beside([pairs('Margin calls', callRows(result)), pairs('Liquidations', planRows(result))]),
    beside([pairs('Deficits', deficitRows(result)), pairs('In the market', impactRows(result))]),
    ...(result.comparison.length === 0 ? [] : [comparisonTable(result)]),
    beside([
      pairs('Withheld, because of', named(result.withheld)),
      pairs('Indeterminate, because of', named(result.indeterminate)),
    ]),
    beside([pairs('Checks', checkRows(result)), pairs('Gap between checks', gapRows(result))]),
  ].join('\n\n');
}

const callRows = ({ calls }: DemoResult): Row[] => [
  ['issued', count(calls.issued)],
  ['updated: the amount grew', count(calls.updated)],
  ['cured', count(calls.cured)],
  ['expired', count(calls.expired)],
  ['called, USD', money(calls.called)],
  ['largest call, USD', money(calls.largest)],
  ['payments by owners', count(calls.payments)],
  ['paid by owners, USD', money(calls.paid)],
];

const planRows = ({ liquidations }: DemoResult): Row[] => [
  ['accounts', count(liquidations.accounts)],
  ['order plans', count(liquidations.plans)],
  ...named(liquidations.verdicts, '  '),
  ['most plans for one case', count(liquidations.generations)],
  ['completed', count(liquidations.completed)],
  ['ordered, USD', money(liquidations.ordered)],
  ['largest plan, USD', money(liquidations.largestPlan)],
  ['closed by the venue, USD', money(liquidations.closed)],
];

const deficitRows = ({ deficits }: DemoResult): Row[] => [
  ['accounts', count(deficits.accounts)],
  ['shortfall, USD', money(deficits.shortfall)],
  ['largest, USD', money(deficits.largest)],
  ['claims on the fund', count(deficits.claims)],
  ['fees into the fund, USD', money(deficits.fundPaidIn)],
  ['paid by the fund, USD', money(deficits.paidByFund)],
  ['shared by others, USD', money(deficits.sharedByOthers)],
  ['borne by the venue, USD', money(deficits.borneByVenue)],
];

const impactRows = ({ impact }: DemoResult): Row[] => [
  ['BTC pushed by, at most', percent(impact.largestDisplacement, 2)],
  ['lowest BTC, USD', money(impact.lowestBitcoin ?? '0')],
  ['fills cost, USD', money(impact.impactCost)],
  ['bad debt at the end, USD', money(impact.badDebt)],
  ['sums that do not add up', count(impact.unbalanced.length)],
];

function comparisonTable({ comparison }: DemoResult): string {
  const table = tableOf(['The same day with', ...comparison.map(({ label }) => label)]);
  table.push(...comparisonRows(comparison));
  return table.toString();
}

const checkRows = ({ checks, replays }: DemoResult): Row[] => [
  ['run', count(checks.checks)],
  ['skipped: the event came again', count(checks.skipped)],
  ['accounts read', count(checks.accounts)],
  ['  assessed', count(checks.assessed)],
  ['  indeterminate', count(checks.indeterminate)],
  ['  failed', count(checks.failed)],
  ['decisions kept', count(replays.decisions)],
  ['  the same when replayed', count(replays.identical)],
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
    'BTC low',
    'BTC σ',
    'buffer',
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
    ['gaps', count(gap.gaps ?? 0)],
    ['shortest, s', seconds(gap.minSeconds)],
    ['median, s', seconds(gap.medianSeconds)],
    ['99 % at most, s', seconds(gap.p99Seconds)],
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

/** Whole dollars of a decimal text, rounded towards zero. */
export function money(text: string): string {
  const [whole = '0'] = text.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}
