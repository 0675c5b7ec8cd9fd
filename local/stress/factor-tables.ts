import { money, NONE, nameOf } from '../cli/assess/format.ts';
import { tableOf } from '../cli/table.ts';
import { count, counted } from '../report/figures.ts';
import type {
  BreachedRow,
  FactorMove,
  FactorStressResult,
  LevelCount,
  UndecidedRow,
} from './factor-result.ts';
import { moveText } from './moves.ts';

export function factorStressTables(result: FactorStressResult): string {
  const { deficits, liquidations, calls, indeterminate } = result;
  return [
    headOf(result),
    movesTable(result),
    ...standText(result),
    levelTable(result),
    totalText(result),
    ...fundText(result),
    ...breachedTable('in deficit', deficits, countOf(result, 'deficit')),
    ...breachedTable('to be liquidated', liquidations, countOf(result, 'liquidation')),
    ...breachedTable('called', calls, countOf(result, 'call')),
    ...undecidedText(indeterminate, countOf(result, 'indeterminate')),
  ].join('\n');
}

export const countOf = ({ levels }: FactorStressResult, level: LevelCount['level']): number =>
  levels.find((each) => each.level === level)?.after ?? 0;

/** The first line says how bad it is. */
export function headOf(result: FactorStressResult): string {
  const { accounts, asOf, numeraire, day } = result;
  const counts = [
    `${count(countOf(result, 'deficit'))} in deficit`,
    `${count(countOf(result, 'liquidation'))} to be liquidated`,
    `${count(countOf(result, 'call'))} called`,
    `${count(countOf(result, 'indeterminate'))} indeterminate`,
  ].join(', ');
  const of = day === undefined ? '' : `, moves of ${day}`;
  return (
    `After the moves: ${counts}.\n` +
    `${counted(accounts, 'account')} as of ${asOf}${of}. Each isolated position counts as a ` +
    `sub-account. Amounts are in ${numeraire}.`
  );
}

const movesTable = ({ moves }: FactorStressResult): string =>
  tableOf(
    ['factor', 'move', 'price', 'moved price', 'measured'],
    moves.map((each) => [...moveCells(each), each.source ?? NONE]),
  );

export const moveCells = ({ factor, move, price, movedPrice }: FactorMove): string[] => [
  factor,
  moveText(move),
  price ?? NONE,
  movedPrice ?? NONE,
];

export const standText = ({ notMoved }: FactorStressResult): string[] =>
  notMoved.length === 0 ? [] : [`Not moved: ${notMoved.join(', ')}.`];

const levelTable = ({ levels }: FactorStressResult): string =>
  tableOf(
    ['sub-accounts', 'before', 'after', 'new'],
    levels.map(({ level, before, after, newly }) => [
      level,
      ...[before, after, newly].map((each) => count(each)),
    ]),
  );

export const totalText = ({ totals, numeraire }: FactorStressResult): string =>
  `Total shortfall ${money(totals.shortfall)} ${numeraire}, amount due ` +
  `${money(totals.amountDue)}, notional to liquidate ${money(totals.liquidatedNotional)}.`;

export function fundText({ fund, numeraire }: FactorStressResult): string[] {
  if (fund === undefined) return [];
  const name = `A fund of ${money(fund.balance)} ${numeraire}`;
  return fund.beyondFund === '0'
    ? [`${name} covers the shortfall.`]
    : [`${name} DOES NOT COVER the shortfall: ${money(fund.beyondFund)} are missing.`];
}

export const BREACHED_HEAD = [
  'before',
  'equity',
  'liquidation surplus',
  'amount due',
  'shortfall',
] as const;

export const breachedCells = (each: BreachedRow): string[] => [
  nameOf(each),
  each.before,
  money(each.equity),
  money(each.liquidationSurplus),
  money(each.amountDue),
  each.shortfall === '0' ? NONE : money(each.shortfall),
];

function breachedTable(title: string, rows: readonly BreachedRow[], all: number): string[] {
  if (all === 0) return [];
  const hasRemarks = rows.some((each) => remarkOf(each) !== '');
  const remarks = (each: BreachedRow) => (hasRemarks ? [remarkOf(each)] : []);
  const head = [title, ...BREACHED_HEAD, ...(hasRemarks ? ['remark'] : [])];
  const cells = rows.map((each) => [...breachedCells(each), ...remarks(each)]);
  return [tableOf(head, cells, 2), ...moreText(all - rows.length, title)];
}

export function remarkOf({ isLiquidationWithheld, certainty }: BreachedRow): string {
  if (isLiquidationWithheld) return 'liquidation withheld';
  return certainty === 'certain' ? '' : certainty;
}

const moreText = (more: number, title: string): string[] =>
  more === 0 ? [] : [`${counted(more, 'more sub-account')} ${title}; --limit shows more.`];

function undecidedText(rows: readonly UndecidedRow[], all: number): string[] {
  const named = rows.map(
    (each) =>
      `Indeterminate, in no total: ${nameOf(each)} (${each.before} before): ${each.reasons.join('; ')}`,
  );
  return [...named, ...moreText(all - rows.length, 'indeterminate')];
}
