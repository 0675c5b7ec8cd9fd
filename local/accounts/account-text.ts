/** One account as text: what it is, what it holds, what is open. */
import Table from 'cli-table3';
import { explain } from '../cli/assess/explain.ts';
import { figure, money, NONE } from '../cli/assess/format.ts';
import { counted } from '../report/figures.ts';
import type { SubAccountView } from './account-view.ts';
import type { DecisionRow } from './history.ts';

const style = { head: [], border: [], compact: true };

export interface AccountView {
  readonly subAccounts: readonly SubAccountView[];
  /** Newest first. */
  readonly decisions: readonly DecisionRow[];
}

export const accountText = ({ subAccounts, decisions }: AccountView): string =>
  [...subAccounts.map(subAccountText), ...lastDecisions(decisions)].join('\n\n');

const subAccountText = (view: SubAccountView): string =>
  [explain([view.assessment]), ...positionTable(view), caseText(view)].join('\n');

function positionTable({ positions, notional, leverage }: SubAccountView): string[] {
  if (positions.length === 0) return [];
  const table = new Table({
    head: ['position', 'quantity', 'mark', 'open buys', 'open sells'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const each of positions) {
    const { instrument, quantity, mark, openBuyQuantity, openSellQuantity } = each;
    const orders = [openBuyQuantity, openSellQuantity].map((size) => (size ? figure(size) : NONE));
    table.push([instrument, figure(quantity), figure(mark), ...orders]);
  }
  const lever =
    leverage === undefined ? '' : `, ${figure(Number(leverage).toPrecision(3))} times equity`;
  const sum = notional === undefined ? [] : [`notional ${money(notional)}${lever}`];
  return [table.toString(), ...sum];
}

function caseText({ openCase, unpublished }: SubAccountView): string {
  const left = unpublished === 0 ? '' : `; ${counted(unpublished, 'message')} not published yet`;
  if (openCase === undefined) return `no open case${left}`;
  const { open, changingSince, isIndeterminate } = openCase;
  const parts = [
    ...(isIndeterminate ? ['undecided at the last check'] : []),
    ...(changingSince === undefined ? [] : [`its rows are changing since ${time(changingSince)}`]),
    ...(open === undefined ? [] : openParts(open)),
  ];
  return `open case: ${parts.join('; ')}${left}`;
}

type Open = NonNullable<NonNullable<SubAccountView['openCase']>['open']>;

const openParts = ({ level, openedAt, call, plan, waitingSince, isWithheld, deficit }: Open) => [
  `${level} since ${time(openedAt)}`,
  ...(call === undefined
    ? []
    : [
        `${money(String(call.amountDue))} due until ${time(call.deadline)}` +
          (call.isExpired ? ', which has passed' : ''),
      ]),
  ...(plan === undefined
    ? []
    : [`order plan ${plan.generation} (${plan.planId}), until ${time(plan.expiresAt)}`]),
  ...(waitingSince === undefined ? [] : [`waits for market capacity since ${time(waitingSince)}`]),
  ...(isWithheld ? ['liquidation WITHHELD'] : []),
  ...(deficit === undefined ? [] : [`deficit of ${money(String(deficit))}`]),
];

/** `2020-03-12 11:00:00`, UTC */
const time = (ms: unknown): string =>
  new Date(Number(ms)).toISOString().slice(0, 19).replace('T', ' ');

function lastDecisions(decisions: readonly DecisionRow[]): string[] {
  if (decisions.length === 0) return ['nothing was ever said of this account'];
  return [`last said, newest first:\n${decisions.map(decisionLines).join('\n')}`];
}

const PRICES_SHOWN = 4;

/** When, what was decided and said, on which prices, and why. */
export function decisionLines(row: DecisionRow): string {
  const { checkId, position, from, to, said, why, prices, replay, fault } = row;
  const at = checkId.slice(0, 19).replace('T', ' ');
  const whose = position === undefined ? '' : ` ${position}`;
  if (fault !== undefined) return `${at}${whose}  ${fault}`;
  const again = replay === undefined ? '' : `  replay: ${replay}`;
  const shown = prices.slice(0, PRICES_SHOWN).map(({ feed, price }) => `${feed} ${figure(price)}`);
  const more = prices.length > PRICES_SHOWN ? ` and ${prices.length - PRICES_SHOWN} more` : '';
  return [
    `${at}${whose}  ${from} → ${to}${again}`,
    ...said.map((line) => `    ${line}`),
    ...why.map((line) => `    because ${line}`),
    ...(shown.length === 0 ? [] : [`    at ${shown.join(', ')}${more}`]),
  ].join('\n');
}
