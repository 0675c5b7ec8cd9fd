import Table from 'cli-table3';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import { accountsLine } from '../cli/output.ts';
import { count, counted, duration } from '../report/figures.ts';
import { readingLine } from './certificate-findings.ts';
import { type EventsSince, eventsLine } from './events-since.ts';
import { findingsText } from './findings-text.ts';
import { agoText, type CheckRecord, type LastCheck } from './last-check.ts';
import type { MoveRow, ScaleRow } from './moves.ts';
import type { CaseRow } from './open-cases.ts';
import type { PriceRow, Prices } from './prices.ts';
import type { Status } from './read-status.ts';

/** @param isVerbose with volatilities, quantiles and the moves assumed of each feed */
export function statusTables(status: Status, isVerbose = false): string {
  const { lastCheck, events, openCases, fundBalance, prices } = status;
  return [
    findingsText(status),
    ...checkTable(lastCheck, events),
    ...cascadeTable(lastCheck),
    ...(openCases.length === 0
      ? ['no open cases']
      : [caseCounts(openCases), caseTable(openCases, lastCheck)]),
    ...(fundBalance === undefined
      ? []
      : [`insurance fund ${fundBalance}; run \`margin fund\` for details`]),
    ...priceTable(prices),
    ...status.replaced,
    ...(isVerbose ? moveTable(prices) : []),
  ].join('\n');
}

const style = { head: [], border: [], compact: true };
const NONE = '—';
const ROWS_SHOWN = 20;
const left = (shown: number, all: number): string[] =>
  all > shown ? [`… and ${count(all - shown)} more; --json lists all`] : [];

function checkTable(
  { record, ageSeconds = 0, intervalSeconds }: LastCheck,
  events?: EventsSince,
): string[] {
  if (record === undefined) return [];
  const { levels } = record;
  const table = new Table({ style, colWidths: [14, 83], wordWrap: true });
  const { gapSeconds } = record;
  const ago = (time: number) => agoText(time, intervalSeconds);
  const gap = gapSeconds === undefined ? '' : `, ${ago(gapSeconds)} after the previous check`;
  table.push(
    { 'last check': `${record.checkId}, ${ago(ageSeconds)} ago` },
    { timing: `${seconds(record.lateSeconds)} late${gap}; due every ${duration(intervalSeconds)}` },
    {
      accounts: accountsLine(record),
    },
    ...readLines(record),
    { levels: listOf(levels) },
    { messages: `${record.published} published, ${record.publishFailures} not published` },
    ...carriedOverLines(record),
    ...shockLines(record),
    ...singleSourceLines(record),
    ...(events === undefined ? [] : [{ 'since then': eventsLine(events) }]),
  );
  return [table.toString()];
}

function readLines(record: CheckRecord) {
  const read = readingLine(record);
  return read === undefined ? [] : [{ read }];
}

function carriedOverLines({ carriedOver }: CheckRecord) {
  if (carriedOver === undefined || carriedOver.accounts === 0) return [];
  const { accounts, notional, byMarket } = carriedOver;
  const markets = Object.entries(byMarket).map(([market, part]) => `${part} in ${market}`);
  return [
    {
      'carried over': `${notional} notional of ${counted(accounts, 'account')}: ${markets.join(', ')}`,
    },
  ];
}

/** The buffer does not pay for this debt; the fund beside it could. */
function shockLines({ shock, fund }: CheckRecord) {
  if (shock === undefined) return [];
  const { badDebtAtShock, liquidatedByBuffer } = shock;
  const beside = `insurance fund ${fund?.balance ?? '0'}`;
  const byBuffer =
    liquidatedByBuffer === 0 ? '' : `; ${liquidatedByBuffer} liquidated by the buffer alone`;
  return [
    {
      'debt at shock': `${badDebtAtShock} if every price made its forecast move; ${beside}${byBuffer}`,
    },
  ];
}

const FEEDS_SHOWN = 10;

function singleSourceLines({ prices }: CheckRecord) {
  const alone = prices?.singleSource;
  if (alone === undefined) return [];
  const shown = alone.feeds.slice(0, FEEDS_SHOWN);
  const others = alone.count - shown.length;
  const more = others === 0 ? '' : ` and ${counted(others, 'other')}`;
  const which = `${counted(alone.count, 'feed')} ${alone.count === 1 ? 'liquidates' : 'liquidate'}`;
  return [{ 'one source': `${which} on a single source: ${shown.join(', ')}${more}` }];
}

/** Notional that a move of 1 % would liquidate; markets with none have no row. */
function cascadeTable({ record }: LastCheck): string[] {
  const markets = Object.entries(record?.cascade ?? {}).filter(
    ([, { notional1PctDown: fall, notional1PctUp: rise }]) => Number(fall) > 0 || Number(rise) > 0,
  );
  if (markets.length === 0) return [];
  const table = new Table({
    head: ['cascade', 'liquidated at −1 %', 'liquidated at +1 %', 'depth', 'ratio'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const [market, { notional1PctDown, notional1PctUp, depth, ratio }] of markets) {
    table.push([market, notional1PctDown, notional1PctUp, depth ?? NONE, ratio ?? NONE]);
  }
  return [table.toString()];
}

const listOf = (levels: Readonly<Record<string, number>>): string =>
  Object.entries(levels)
    .map(([level, count]) => `${count} ${level}`)
    .join(', ');

const caseCounts = (cases: readonly CaseRow[]): string =>
  `open cases: ${[...groupBy(cases, ({ kind }) => kind)]
    .map(([kind, { length }]) => `${length} ${kind}`)
    .join(', ')}`;

function caseTable(cases: readonly CaseRow[], { intervalSeconds }: LastCheck): string {
  const hasSeconds = intervalSeconds < 60;
  const timeText = timeOf(hasSeconds);
  const table = new Table({
    head: ['open case', 'kind', 'since', 'amount due', 'deadline', 'remark'],
    colWidths: hasSeconds ? [17, 15, 16, 12, 16, 17] : [19, 15, 13, 12, 13, 21],
    colAligns: ['left', 'left', 'left', 'right', 'left', 'left'],
    style,
    wordWrap: true,
  });
  for (const each of cases.slice(0, ROWS_SHOWN)) {
    table.push([
      nameOf(each),
      each.kind,
      timeText(each.since),
      each.amountDue ?? NONE,
      timeText(each.deadline),
      remarkOf(each, timeText),
    ]);
  }
  return [table.toString(), ...left(ROWS_SHOWN, cases.length)].join('\n');
}

type TimeText = (time: string | undefined) => string;

/** `03-12 11:00`, UTC, or `03-12 11:00:20` if checks are more frequent than minutes. */
function timeOf(hasSeconds: boolean): TimeText {
  const until = hasSeconds ? 'MM-DDTHH:MM:SS'.length : 'MM-DDTHH:MM'.length;
  return (time) => (time === undefined ? NONE : time.slice(5, 5 + until).replace('T', ' '));
}

function nameOf({ accountId, position, feed, market, isFund }: CaseRow): string {
  if (isFund) return 'insurance fund';
  if (market !== undefined) return `market ${market}`;
  if (accountId === undefined) return feed === undefined ? 'the checks' : `feed ${feed}`;
  return position === undefined ? accountId : `${accountId} ${position}`;
}

function remarkOf(row: CaseRow, timeText: TimeText): string {
  const { isWithheld, isExpired, isIndeterminate, waitingSince, claimed, fault, kind } = row;
  const { planGeneration, pending = 0 } = row;
  const remarks = [
    ...(isWithheld ? ['liquidation WITHHELD'] : []),
    ...(planGeneration === undefined ? [] : [`plan ${planGeneration}`]),
    ...(waitingSince === undefined
      ? []
      : [`waits for market capacity since ${timeText(waitingSince)}`]),
    ...(pending === 0 ? [] : [`${pending} unpublished`]),
    ...(isExpired ? ['deadline passed unpaid'] : []),
    ...(isIndeterminate && kind !== 'indeterminate' ? ['indeterminate now'] : []),
    ...(claimed === undefined ? [] : [`${claimed} claimed from the insurance fund`]),
    ...(fault === undefined ? [] : [fault]),
  ];
  return remarks.join('; ');
}

function priceTable({ feeds }: Prices): string[] {
  if (feeds.length === 0) return [];
  const table = new Table({
    head: ['feed', 'price', 'age', 'sources', 'usable for'],
    colWidths: [23, 15, 11, 9, 36],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style,
    wordWrap: true,
  });
  for (const each of feeds.slice(0, ROWS_SHOWN)) table.push(priceCells(each));
  return [table.toString(), ...left(ROWS_SHOWN, feeds.length)];
}

const priceCells = ({ feed, price, ageSeconds, sources, use, reason }: PriceRow) => [
  feed,
  price ?? NONE,
  ageSeconds === undefined ? NONE : duration(ageSeconds),
  sources ?? NONE,
  reason === undefined ? use : `${use}: ${reason}`,
];

/** Annual σ; z in standard deviations; Λ relative to the price. */
function moveTable({ moves }: Prices): string[] {
  if (moves.length === 0) return [];
  const table = new Table({
    head: ['moves of', 'volatility σ', 'quantile z down, up', 'shock Λ down, up', 'requirements'],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style,
  });
  for (const each of moves) table.push(moveCells(each));
  return [table.toString()];
}

const moveCells = (move: MoveRow) => [
  move.feed,
  percent(move.volatility),
  move.quantileDown === undefined ? NONE : pair(plain, move.quantileDown, move.quantileUp),
  pair(percent, move.shockDown, move.shockUp),
  move.scales.length === 0 ? NONE : scalesOf(move),
];

function scalesOf({ scales, initialVolatility }: MoveRow): string {
  const texts = scales.map(scaleText).join('; ');
  if (initialVolatility === undefined) return texts;
  return `${texts}; the initial requirement still uses σ ${percent(initialVolatility)}`;
}

const scaleText = ({ riskClass, initial, maintenance }: ScaleRow): string =>
  `${riskClass} initial ×${plain(initial)}, maintenance ×${plain(maintenance)}`;

const pair = (format: (text: string) => string, down: string, up = NONE): string =>
  `${format(down)}, ${format(up)}`;

/** Rounded; `--json` has every digit. */
const plain = (text: string): string => Number(text).toFixed(3);

const percent = (text: string): string => `${(Number(text) * 100).toFixed(2)} %`;

const seconds = (count: number): string => `${Math.round(count)} s`;
