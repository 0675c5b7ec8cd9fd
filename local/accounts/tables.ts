import { groupBy } from '../../lambda/margin/number/group-by.ts';
import { figure, NONE, nameOf, percent, signedPercent } from '../cli/assess/format.ts';
import { levelWord } from '../cli/colour.ts';
import { tableOf, wrapped } from '../cli/table.ts';
import { count } from '../report/figures.ts';
import { LEVELS } from './account-row.ts';
import type { ClosestAccounts } from './closest.ts';
import type { ListedAccount, RankedAccounts } from './rank-accounts.ts';

const HEAD = ['account', 'level', 'distance', 'nearest price', 'surplus', 'leverage', 'notional'];

export function accountsTable(ranked: RankedAccounts | ClosestAccounts): string {
  const { accounts, counts, rows, matching } = ranked;
  const levels = LEVELS.map((level) => `${count(counts[level])} ${level}`).join(', ');
  const more = matching - rows.length;
  const moreOf = 'certificates' in ranked ? 'more of those read' : 'more';
  const shown = 'certificates' in ranked ? '' : ', --csv writes all';
  return [
    `${count(accounts)} accounts${'certificates' in ranked ? ' read' : ''}: ${levels}`,
    ...('certificates' in ranked ? [provedLine(ranked)] : []),
    ...(rows.length === 0 ? [] : [tableOf(HEAD, rows.map(cellsOf), 2)]),
    ...(more === 0 ? [] : [`… and ${count(more)} ${moreOf}; --limit shows more${shown}`]),
    ...reasonLines(rows),
  ].join('\n');
}

function provedLine({ certificates: { of, proved, beyond } }: ClosestAccounts): string {
  const others =
    proved === 0
      ? 'no other account to be farther away'
      : `${count(proved)} others to be farther away than ${percent(beyond)}`;
  return `certificates of ${of} prove ${others}; what has changed since then is not known here`;
}

/** Each reason once, however many accounts have it. */
function reasonLines(rows: readonly ListedAccount[]): string[] {
  const byReason = groupBy(rows, ({ reason }) => reason);
  return [...byReason].flatMap(([reason, each]) =>
    reason === undefined ? [] : wrapped(`${each.map(nameOf).join(', ')}: ${reason}`).split('\n'),
  );
}

const cellsOf = (row: ListedAccount): string[] => [
  nameOf(row),
  levelWord(row.level),
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
