import { type Command, InvalidArgumentError } from 'commander';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import { type DocumentPlans, type PlannedAccount, plansOf } from '../analysis/plan.ts';
import { counted } from '../report/figures.ts';
import { isAssessed, money, NONE, nameOf, percent } from './assess/format.ts';
import { InputError, placeOf, readJson } from './input.ts';
import { note, print, printJson } from './output.ts';
import { tableOf } from './table.ts';
import { takenOn } from './venues.ts';

interface PlanOptions {
  readonly account?: readonly string[];
  readonly venue?: string;
  readonly after?: number;
  readonly json?: boolean;
}

export function declarePlan(program: Command): void {
  program
    .command('plan')
    .summary('show the liquidation plans for the accounts in a JSON document')
    .description(
      'Show the liquidation plans that a check would make for the accounts in a JSON document ' +
        '(docs/assessing.md), worst account first and within the capacity of the markets: orders ' +
        'with prices, why these, and what is left after them. None of the accounts counts as having ' +
        'a case, so each plan is a first one, unless --after says how long ago it was.',
    )
    .argument('[file]', 'the document; - reads standard input', '-')
    .option('--account <id>', 'show only this account; can be repeated', listed)
    .option('--venue <name>', 'use the rules of this venue for every class (see `margin venues`)')
    .option(
      '--after <seconds>',
      'as if each account had been ordered its first plan so long ago: for fees, shares and bonuses ' +
        'that open with time',
      seconds,
    )
    .option('--json', 'print JSON with every digit (docs/schemas/liquidation-plans.json)')
    .action(printPlans);
}

const SECONDS_MAX = 31_536_000;

function seconds(text: string): number {
  const value = /^\d{1,8}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= SECONDS_MAX) return value;
  throw new InvalidArgumentError(
    `It must be a number of seconds from 0 to ${SECONDS_MAX} with at most 3 decimal places.`,
  );
}

const listed = (id: string, before: readonly string[] = []): string[] => [...before, id];

async function printPlans(file: string, options: PlanOptions): Promise<void> {
  const { faults, ...plans } = shownOf(await plansIn(file, options), options, file);
  for (const fault of faults) note(fault);
  if (options.json) printJson(plans);
  else print(plans, planText);
}

/** @throws InputError naming file and fault */
async function plansIn(path: string, { venue, after }: PlanOptions): Promise<DocumentPlans> {
  const document = await readJson(path);
  try {
    return plansOf(takenOn(venue, readDocument(document)), after);
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${placeOf(path)}: ${error.message}`);
  }
}

const NAMED_MAX = 10;

/** All accounts take capacity, shown or not. @throws InputError for an account that is not there */
function shownOf(plans: DocumentPlans, { account: ids }: PlanOptions, file: string): DocumentPlans {
  if (ids === undefined) return plans;
  const known = [...new Set([...plans.plans, ...plans.others].map(({ accountId }) => accountId))];
  const missing = ids.find((id) => !known.includes(id));
  if (missing !== undefined) {
    const more = known.length > NAMED_MAX ? ', …' : '';
    throw new InputError(
      `${placeOf(file)}: there is no account ${missing}; it has ${known.slice(0, NAMED_MAX).join(', ')}${more}`,
    );
  }
  const isShown = ({ accountId }: { readonly accountId: string }) => ids.includes(accountId);
  return {
    ...plans,
    plans: plans.plans.filter(isShown),
    others: plans.others.filter(isShown),
  };
}

type Shown = Omit<DocumentPlans, 'faults'>;

export function planText(shown: Shown): string {
  const { plans, others, asOf, numeraire } = shown;
  const ordered = plans.filter(({ plan }) => plan !== undefined);
  const head =
    `${counted(ordered.length, 'liquidation plan')} as of ${asOf}, the worst account first. ` +
    `Amounts are in ${numeraire}.`;
  const rest = others.map(
    (each) =>
      `${nameOf(each)}: ${each.level ?? each.certainty}; no plan${reasonText(each.reasons)}`,
  );
  return [head, ...plans.map(accountText), ...(rest.length === 0 ? [] : [rest.join('\n')])].join(
    '\n\n',
  );
}

const reasonText = (reasons: readonly { readonly detail: string }[]): string =>
  reasons.length === 0 ? '' : `: ${reasons.map(({ detail }) => detail).join('; ')}`;

function accountText(each: PlannedAccount): string {
  const { before, aim, plan, isObserved, withheld } = each;
  const title = `${nameOf(each)}: ${before.level ?? before.certainty}`;
  if (plan === undefined) return `${title}; WITHHELD: ${withheld.join('; ')}`;
  const observed = isObserved ? ' (mode observe: it is not sent to the execution system)' : '';
  return [
    `${title}; ${SCOPES[plan.scope]}: ${plan.why}${observed}`,
    `It aims at a margin balance of ${money(aim.target)}, ${money(aim.shortfall)} more than there is ` +
      'once open orders are cancelled.',
    ...(plan.cancelOpenOrders.length === 0
      ? []
      : [`Cancel the open orders in ${plan.cancelOpenOrders.join(', ')}.`]),
    ...openedText(plan.opened),
    ...(plan.swaps === undefined ? [] : [swapTable(plan.swaps)]),
    ...(plan.orders.length === 0 ? [] : [orderTable(plan.orders)]),
    ...(plan.carriedOver ?? []).map(
      ({ market, side, notional }) =>
        `Carried over, beyond what the market bears at a check: ${side} ${market}, notional ${money(notional)}.`,
    ),
    afterText(each),
  ].join('\n');
}

const SCOPES = {
  cancel: 'cancel open orders',
  partial: 'close a part',
  whole: 'close everything',
} as const;

type ShownPlan = NonNullable<PlannedAccount['plan']>;

function openedText(opened: ShownPlan['opened']): string[] {
  if (opened === undefined) return [];
  const { seconds: passed, since, share, of } = opened;
  const held = share === undefined ? '' : `; at most ${percent(share)} of ${OF[of ?? 'holding']}`;
  return [`It goes by ${passed} s since the first order plan, at ${since}${held}.`];
}

const OF = { holding: 'each holding', shortage: 'the shortage' } as const;

const swapTable = (swaps: NonNullable<ShownPlan['swaps']>): string =>
  tableOf(
    ['swap', 'seized', 'at', 'repaid', 'at', 'value', 'bonus'],
    swaps.map((swap) => [
      `${swap.collateral} for ${swap.loan}`,
      swap.seized,
      swap.collateralPrice,
      swap.repaid,
      swap.loanPrice,
      money(swap.value),
      percent(swap.bonus),
    ]),
  );

type Orders = ShownPlan['orders'];

function noteOf({ kind, taker }: Orders[number]): string {
  if (taker !== undefined) return ` (${taker})`;
  return kind === 'position' ? '' : ` (${kind})`;
}

const orderTable = (orders: Orders): string =>
  tableOf(
    ['order', 'quantity', 'reference', 'limit', 'bankruptcy', 'notional', 'fee', 'liquidator'],
    orders.map((order) => [
      `${order.side} ${order.market}${noteOf(order)}`,
      order.quantity,
      order.referencePrice,
      order.limitPrice ?? NONE,
      order.bankruptcyPrice ?? NONE,
      money(order.notional),
      percent(order.liquidationFee),
      percent(order.liquidatorFee),
    ]),
  );

function afterText({ before, after, left }: PlannedAccount): string {
  if (after === undefined || left === undefined) return '';
  const held = [
    ...left.positions.map(({ instrument, quantity }) => `${quantity} ${instrument}`),
    ...left.balances.map(({ asset, amount }) => `${amount} ${asset}`),
  ];
  const figures =
    isAssessed(before) && isAssessed(after)
      ? `; liquidation surplus ${money(before.surplus.liquidation.point)} before, ` +
        `${money(after.surplus.liquidation.point)} after; equity ${money(after.equity)}`
      : '';
  return (
    `After fills at the reference prices, before costs: ${after.level ?? after.certainty}${figures}.\n` +
    `What is left: ${held.length === 0 ? 'nothing' : held.join(', ')}.`
  );
}
