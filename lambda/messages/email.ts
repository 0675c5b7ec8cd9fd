/** E-mail body: headline, advice, reasons, amounts, figures, references. */

import { EMAIL_LINES_MAX } from '../margin/number/limits.ts';
import { deskGreeks } from './desk-greeks.ts';
import {
  clockOf,
  headlineOf,
  type MessageOf,
  moneyOf,
  percent,
  policyLine,
  shortened,
  whoOf,
} from './headline.ts';
import type { Figures, Message } from './messages.ts';
import { FILLING_LABELS } from './scenario-label.ts';
import { visible } from './visible.ts';

export function emailOf(message: Message): string {
  const sections: string[][] = [[headlineOf(message)], [adviceOf(message)]];
  if ('reasons' in message) {
    sections.push(
      linesOf(message, 'reasons', { of: message.reasons, as: ({ detail }) => `- ${detail}` }),
    );
  }
  if ('amountDue' in message) sections.push(callLines(message));
  if (message.type === 'liquidation.ordered') sections.push(planLines(message));
  if (message.type === 'loss.socialized') sections.push(lossLines(message));
  if ('depth' in message) sections.push(marketLines(message));
  if (message.type === 'oracle.rejected') sections.push(undecidedLines(message));
  if (message.type === 'operator.changed') sections.push(changeLines(message));
  if ('figures' in message && message.figures !== undefined) {
    sections.push(figureLines(message, message.figures));
  }
  sections.push(referenceLines(message));
  return sections.map((lines) => lines.map(visible).join('\n')).join('\n\n');
}

function adviceOf(message: Message): string {
  switch (message.type) {
    case 'margin-call.updated':
      if (message.previousDeadline !== undefined) {
        return (
          `Checks or prices were missing, so the deadline moved from ` +
          `${clockOf(message.previousDeadline)} by the length of the outage. Paying the amount due ` +
          'ends the call.'
        );
      }
      return 'The account is below its call line. Paying the amount due ends the call.';
    case 'margin-call.issued':
      return 'The account is below its call line. Paying the amount due ends the call.';
    case 'margin-call.expired':
      return message.consequence === 'liquidate'
        ? 'The policy liquidates an account whose call has expired.'
        : `The call is renewed until ${clockOf(message.nextDeadline ?? '')}.`;
    case 'margin-call.cured':
      return 'Nothing to do.';
    case 'liquidation.ordered':
      return message.isObserved
        ? 'The policy is in mode observe: no order plan was sent. Mode enforce would have sent this one.'
        : 'The order plan is on its way to the execution system. It is reduce-only, and it expires.';
    case 'liquidation.completed':
      return 'The account is out of liquidation. The execution system stops the orders of its plans.';
    case 'cascade.warned':
      return (
        'Liquidations after such a move would use up the orders near the price and move it further. ' +
        'Check the largest holders in this market. Then add liquidity, raise its margin, or lower its ' +
        'liquidation limit.'
      );
    case 'cascade.eased':
      return 'Nothing to do.';
    case 'liquidation.withheld':
      if (message.reasons.every(({ code }) => code === 'market-full')) {
        return 'Nothing to do: the next check tries again, and accounts that wait too long go first.';
      }
      if (message.reasons.every(({ code }) => code === 'rows-changing')) {
        return (
          'Nothing to do: the next check looks at the rows again. If this happens often, let the ' +
          'writer of the rows write each change in one transaction.'
        );
      }
      return 'This account should be liquidated but is not. Remove the cause, or act by hand.';
    case 'deficit.detected':
      return (
        'The account owes more than closing everything would bring in. Take it over by hand. In mode ' +
        'enforce its shortfall is claimed from the insurance fund once everything is closed.'
      );
    case 'fund.drawn':
      return 'The collateral of the account is used up. Credit the account with the whole claim, once.';
    case 'loss.socialized':
      return message.method === 'haircut'
        ? 'The insurance fund is used up. Debit each account its share, once.'
        : 'Trade this between the accounts at this price, once. Do not trade it in the market.';
    case 'account.indeterminate':
      return (
        'The account is neither called nor liquidated until this is fixed. Correct the row or the ' +
        'feed that the reason names.'
      );
    case 'account.determinate':
      return 'The account is assessed again. Nothing to do.';
    case 'oracle.rejected':
      return (
        'Accounts whose level depends on where this price lies are neither called nor liquidated. ' +
        'Restore the feed.'
      );
    case 'oracle.recovered':
      return 'Accounts that need this price are decided again. Nothing to do.';
    case 'feed.frozen':
      return (
        'The feed repeats one price with new times. Look whether its source still follows the market; ' +
        'checks believe it until then.'
      );
    case 'check.late':
      return (
        'Breaches in the meantime were found later than the latency buffer allows for. If this happens ' +
        'again, look at the schedule and at how long checks take.'
      );
    case 'operator.changed':
      return `${consequenceOf(message)} If nobody of yours did this, find out who can write the policy.`;
  }
}

function consequenceOf({ mode, halt }: MessageOf<'operator.changed'>): string {
  if (halt) return 'No order plan leaves until the halt is lifted. Calls and alerts go on.';
  return mode === 'enforce'
    ? 'Order plans go to the execution system.'
    : 'Order plans go out as alerts only; the execution system gets none.';
}

interface Lines<T> {
  readonly of: readonly T[];
  readonly as: (entry: T) => string | readonly string[];
}

/** The first entries of a list; the last line counts the rest, with those that were omitted. */
function linesOf<T>({ omitted = {} }: Message, path: string, { of: list, as }: Lines<T>): string[] {
  const rest = list.length - EMAIL_LINES_MAX;
  const left = Math.max(0, rest) + (omitted[path] ?? 0);
  const lines = list.slice(0, EMAIL_LINES_MAX).flatMap(as);
  return left === 0 ? lines : [...lines, row('', `and ${left} more`)];
}

function callLines(message: Extract<Message, { readonly amountDue: string }>): string[] {
  return [
    row('amount due', moneyOf(message, message.amountDue)),
    row('deadline', clockOf(message.deadline)),
  ];
}

function lossLines(message: MessageOf<'loss.socialized'>): string[] {
  if (message.method === 'adl') {
    const { planId, expiresAt, counterparties } = message;
    return [
      row('plan', planId),
      row('expires', clockOf(expiresAt)),
      ...linesOf(message, 'counterparties', {
        of: counterparties,
        as: (each) => row(whoOf(each), `${each.quantity} contracts (rank score ${each.score})`),
      }),
    ];
  }
  const { losses, shares = [], sharesAt, excluded, numeraire } = message;
  return [
    ...linesOf(message, 'losses', {
      of: losses,
      as: (loss) => row('loss of', `${whoOf(loss)}, ${loss.amount} ${numeraire}`),
    }),
    ...linesOf(message, 'shares', {
      of: shares,
      as: ({ accountId, amount }) =>
        row('share of', `${nameOf(accountId)}, ${amount} ${numeraire}`),
    }),
    row('all shares', `margin table ${sharesAt.pk}, ${sharesAt.pages} pages`),
    ...(excluded === 0
      ? []
      : [row('excluded', `${excluded} accounts with unknown equity bear nothing`)]),
  ];
}

function planLines(message: MessageOf<'liquidation.ordered'>): string[] {
  const { plan, planId, supersedes, expiresAt } = message;
  return [
    row('plan', planId),
    ...(supersedes === undefined ? [] : [row('supersedes', supersedes)]),
    row('scope', `${plan.scope}: ${plan.why}`),
    row('expires', clockOf(expiresAt)),
    ...linesOf(message, 'plan.cancelOpenOrders', {
      of: plan.cancelOpenOrders,
      as: (instrument) => `  cancel open orders in ${nameOf(instrument)}`,
    }),
    ...linesOf(message, 'plan.orders', { of: plan.orders, as: orderLine }),
    ...linesOf(message, 'plan.carriedOver', {
      of: plan.carriedOver ?? [],
      as: ({ side, market, notional }) =>
        `  carried over to the next check: ${side} ${notional} more in ${nameOf(market)}, ` +
        'which has no capacity left',
    }),
  ];
}

type Order = MessageOf<'liquidation.ordered'>['plan']['orders'][number];

function orderLine({ side, quantity, market, referencePrice, limitPrice, notional }: Order) {
  const limit = limitPrice === undefined ? '' : `, no worse than ${limitPrice}`;
  const at = `at about ${referencePrice}${limit}`;
  return `  ${side} ${quantity} ${nameOf(market)} ${at}, ${notional} in all`;
}

function marketLines(message: MessageOf<'cascade.warned' | 'cascade.eased'>): string[] {
  const { market, move, side, ratio, notional, depth, numeraire } = message;
  return [
    row('market', market),
    row('after', `a ${move} of 1 %`),
    row(`to ${side}`, `${notional} ${numeraire}`),
    row('depth', `${depth} ${numeraire}`),
    row('ratio', ratio),
  ];
}

function undecidedLines({ accounts, largest = [] }: MessageOf<'oracle.rejected'>): string[] {
  return [
    row('undecided', accounts === 1 ? '1 account' : `${accounts} accounts`),
    ...largest.map((name) => row('largest', nameOf(name))),
  ];
}

function changeLines(message: MessageOf<'operator.changed'>): string[] {
  const { previous, changedBy, changedAt, changeReason } = message;
  const notes = { by: changedBy, at: changedAt, reason: changeReason };
  return [
    row('policy', policyLine(message)),
    row('before', policyLine(previous)),
    ...Object.entries(notes).flatMap(([name, text]) => (text === undefined ? [] : row(name, text))),
  ];
}

/** An account that is left undecided has figures, but no level. */
type KnownFigures = Omit<Figures, 'level'> & Partial<Pick<Figures, 'level'>>;

function figureLines(message: Message, figures: KnownFigures): string[] {
  const { numeraire, prices } = figures;
  const money = (name: string, amount: string) => row(name, `${amount} ${numeraire}`);
  const span = (name: string, { low, point, high }: Figures['equity']) =>
    row(name, `${point} ${numeraire} (${low} to ${high})`);
  return [
    row('level', figures.level ?? 'undecided'),
    span('equity', figures.equity),
    span('margin balance', figures.marginBalance),
    money('maintenance', figures.maintenanceRequirement),
    money('latency buffer', figures.latencyBuffer),
    money('liquidation line', figures.liquidationLine),
    money('call line', figures.callLine),
    money('restore line', figures.restoreLine),
    span('liquidation surplus', figures.liquidationSurplus),
    span('call surplus', figures.callSurplus),
    ...linesOf(message, 'figures.prices', { of: prices, as: priceLines }),
    ...linesOf(message, 'figures.greeks', { of: figures.greeks ?? [], as: greekLine(prices) }),
    ...linesOf(message, 'figures.worstScenarios', {
      of: figures.worstScenarios ?? [],
      as: scenarioLine(numeraire),
    }),
    ...linesOf(message, 'figures.notes', {
      of: figures.notes ?? [],
      as: ({ detail }) => row('note', detail),
    }),
  ];
}

function priceLines(quoted: Figures['prices'][number]): string[] {
  const { feed, price, ageSeconds, sources, volatility, shockDown, shockUp } = quoted;
  const counted = `${sources} source${sources === 1 ? '' : 's'}`;
  const moved = `buffer for moves of ${moves(shockDown, shockUp)}`;
  const { standing, doubt } = quoted;
  const where =
    doubt === undefined ? '' : `: it may be anywhere from ${doubt.low} to ${doubt.high}`;
  return [
    row(nameOf(feed), `${price}, ${ageSeconds} s old, ${counted}`),
    ...(standing === undefined ? [] : [row('', `${standing}${where}`)]),
    row('', `volatility ${percent(volatility)} a year; ${moved}`),
  ];
}

const greekLine =
  (prices: Figures['prices']) =>
  ({ factor, ...texts }: NonNullable<Figures['greeks']>[number]): string => {
    const price = prices.find(({ feed }) => feed === factor)?.price;
    const { delta, gamma, vega, theta } = deskGreeks(texts, price);
    const convexity = gamma === undefined ? '' : `gamma ${sixDigits(gamma)} per 1 %, `;
    const rest = `vega ${vega.toFixed(2)} per point, theta ${theta.toFixed(2)} a day`;
    const of = nameOf(factor);
    return row('Greeks', `${of}: delta ${sixDigits(delta)}, ${convexity}${rest}`);
  };

const scenarioLine =
  (numeraire: string) =>
  (worst: NonNullable<Figures['worstScenarios']>[number]): string => {
    const { factor, riskClass, scenario, profit, filling = 'none' } = worst;
    const filled = filling === 'none' ? '' : `, ${FILLING_LABELS[filling]}`;
    const of = `${nameOf(factor)} ${nameOf(riskClass)}`;
    return row('worst scenario', `${of}: ${profit} ${numeraire} (${scenario}${filled})`);
  };

/** Made on first use, and once: it takes as long as the rest of an e-mail. */
let sixDigitFormat: Intl.NumberFormat | undefined;

/** Six significant digits, without an exponent. */
function sixDigits(value: number): string {
  sixDigitFormat ??= new Intl.NumberFormat('en-US', {
    maximumSignificantDigits: 6,
    useGrouping: false,
  });
  return sixDigitFormat.format(value);
}

const moves = (down: string, up: string): string =>
  down === up ? percent(down) : `${percent(down)} down, ${percent(up)} up`;

function referenceLines(message: Message): string[] {
  return [
    ...('accountId' in message ? [row('account', message.accountId)] : []),
    ...('position' in message && message.position !== undefined
      ? [row('isolated position', message.position)]
      : []),
    ...('claimId' in message ? [row('claim', message.claimId)] : []),
    ...('lossId' in message && message.lossId !== undefined ? [row('loss', message.lossId)] : []),
    ...('caseId' in message && message.caseId !== undefined ? [row('case', message.caseId)] : []),
    ...('certainty' in message ? [row('certainty', message.certainty)] : []),
    row('check', message.checkId),
    row('as of', message.asOf),
    row('message', message.id),
  ];
}

/** Whole for every name that a person would give. */
const NAME_LENGTH_MAX = 64;
const nameOf = (name: string): string => shortened(name, NAME_LENGTH_MAX);

/** A long name must not run into its value. */
const row = (name: string, value: string): string => `${name.padEnd(19)} ${value}`;
