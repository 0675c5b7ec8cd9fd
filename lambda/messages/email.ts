/** E-mail body: headline, what to do, where it comes from, reasons, amounts, figures, references. */

import { EMAIL_LINES_MAX } from '../margin/number/limits.ts';
import { adviceOf, commandOf, runbookLink } from './advice.ts';
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
import { type Origin, UNNAMED_ORIGIN } from './origin.ts';
import { FILLING_LABELS } from './scenario-label.ts';
import { visible } from './visible.ts';

/** @param origin is in no message, so that one decision always has one content */
export function emailOf(message: Message, origin: Origin = UNNAMED_ORIGIN): string {
  const sections: string[][] = [
    [headlineOf(message)],
    [adviceOf(message)],
    originLines(message, origin),
  ];
  if ('reasons' in message) {
    sections.push(
      linesOf(message, 'reasons', { of: message.reasons, as: ({ detail }) => `- ${detail}` }),
    );
  }
  if ('amountDue' in message) sections.push(callLines(message));
  if (message.type === 'liquidation.ordered') sections.push(planLines(message));
  if (message.type === 'fund.drawn') sections.push(drawnLines(message));
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

function originLines(message: Message, { stack, region, mode, runbook }: Origin): string[] {
  const within = region === undefined ? stack : `${stack} in ${region}`;
  return [
    row('sent by', mode === undefined ? within : `${within}, mode ${mode}`),
    row('to see more', commandOf(message, stack)),
    row('runbook', runbookLink(message, runbook)),
  ];
}

function drawnLines(message: MessageOf<'fund.drawn'>): string[] {
  const money = (name: string, amount: string) => row(name, `${amount} ${message.numeraire}`);
  return [
    money('shortfall', message.shortfall),
    money('drawn from the fund', message.drawn),
    money('borne by others', message.socialized),
    money('uncovered', message.uncovered),
    money('left in the fund', message.fundBalance),
  ];
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
    ...linesOf(message, 'plan.swaps', { of: plan.swaps ?? [], as: swapLine }),
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

type Swap = NonNullable<MessageOf<'liquidation.ordered'>['plan']['swaps']>[number];

const swapLine = ({ collateral, seized, loan, repaid, bonus }: Swap): string =>
  `  give ${seized} ${nameOf(collateral)} for ${repaid} ${nameOf(loan)} of the loan, bonus ${bonus}`;

function orderLine({ side, quantity, market, referencePrice, limitPrice, notional, taker }: Order) {
  if (taker !== undefined) {
    const price = limitPrice ?? referencePrice;
    return `  ${side} ${quantity} ${nameOf(market)} to the ${taker} at ${price}, ${notional} in all`;
  }
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
  const { forecastDown, forecastUp } = quoted;
  const isBeyond = forecastDown !== undefined || forecastUp !== undefined;
  const forecast = moves(forecastDown ?? shockDown, forecastUp ?? shockUp);
  const moved =
    `buffer for moves of ${moves(shockDown, shockUp)}` +
    (isBeyond ? `, of ${forecast} forecast` : '');
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
    ...('error' in message ? [row('error', message.error)] : []),
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
