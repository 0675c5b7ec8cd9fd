import Table from 'cli-table3';
import { figure, NONE, percent, signedPercent } from '../cli/assess/format.ts';
import { count } from '../report/figures.ts';
import { LEVELS } from './account-row.ts';
import type { ListedAccount, RankedAccounts } from './rank-accounts.ts';

const style = { head: [], border: [], compact: true };

export function accountsTable(ranked: RankedAccounts): string {
  const { accounts, counts, rows, matching } = ranked;
  const levels = LEVELS.map((level) => `${count(counts[level])} ${level}`).join(', ');
  const table = new Table({
    head: ['account', 'level', 'distance', 'nearest price', 'surplus', 'leverage', 'notional'],
    colWidths: [15, 13, 9, 26, 12, 5, 12],
    wordWrap: true,
    wrapOnWordBoundary: false,
    colAligns: ['left', 'left', 'right', 'left', 'right', 'right', 'right'],
    style,
  });
  for (const row of rows) table.push(cellsOf(row));
  const more = matching - rows.length;
  return [
    `${count(accounts)} accounts: ${levels}`,
    ...(rows.length === 0 ? [] : [table.toString()]),
    ...(more === 0 ? [] : [`… and ${count(more)} more; --limit shows more, --csv writes all`]),
    ...rows.flatMap(({ reason, ...row }) =>
      reason === undefined ? [] : [`${nameOf(row)}: ${reason}`],
    ),
  ].join('\n');
}

const cellsOf = (row: ListedAccount): string[] => [
  nameOf(row),
  row.level,
  row.level === 'undecided' ? NONE : distanceText(row.distance),
  nearestText(row),
  row.surplus === undefined ? NONE : figure(row.surplus),
  row.leverage === undefined ? NONE : `${figure(Number(row.leverage).toPrecision(2))}×`,
  row.notional === undefined ? NONE : figure(row.notional),
];

/** The radius ends at 1,000 %: nothing liquidates the account. */
const distanceText = (distance: string): string =>
  Number(distance) >= 10 ? 'any' : percent(distance);

function nearestText({ nearest }: ListedAccount): string {
  if (nearest === undefined) return NONE;
  const { factor, price, move } = nearest;
  return `${factor} ${price === undefined ? '' : figure(price)} ${signedPercent(move)}`;
}

export const nameOf = ({ accountId, position }: Pick<ListedAccount, 'accountId' | 'position'>) =>
  position === undefined ? accountId : `${accountId} ${position}`;
