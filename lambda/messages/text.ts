/**
 * Messages in words, for a person who is woken by one: an e-mail's subject and body, and one short
 * line for SMS. What happened and how much comes first; a long id may be cut, never that.
 */
import { deskGreeks } from './desk-greeks.ts';
import type { AccountMessage, Figures, Message } from './messages.ts';
import { FILLING_LABELS } from './scenario-label.ts';

/** SNS refuses a subject of 100 characters or more, and anything but ASCII in it. */
const SUBJECT_LENGTH_MAX = 99;
/** One SMS of the GSM alphabet, with room to spare. */
const SMS_LENGTH_MAX = 140;
const NAME_LENGTH_MAX = 32;

export function subjectLineOf(message: Message): string {
  const text = `[${message.severity}] ${headlineOf(message)}`;
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_LENGTH_MAX);
}

export function smsOf(message: Message): string {
  const time = ` (${clockOf(message.asOf)})`;
  return headlineOf(message).slice(0, SMS_LENGTH_MAX - time.length) + time;
}

/** What happened, how much, to whom, why: the line that a person reads first. */
export function headlineOf(message: Message): string {
  switch (message.type) {
    case 'oracle.rejected':
      return `Price rejected: ${causeOf(message)}`;
    case 'oracle.recovered':
      return `Price of ${message.feed} usable again: ${message.price}`;
    case 'cascade.warned':
      return `Cascade possible in ${cascadeLine(message)}`;
    case 'cascade.eased':
      return `Cascade no longer near in ${cascadeLine(message)}`;
    case 'check.late':
      return lateLine(message);
    case 'fund.drawn':
      return drawnLine(message);
    case 'loss.socialized':
      return socializedLine(message);
    default:
      return accountHeadline(message);
  }
}

function lateLine({ lateSeconds, gapSeconds, intervalSeconds }: MessageOf<'check.late'>): string {
  const gap =
    gapSeconds === undefined ? '' : `, ${Math.round(gapSeconds)} s after the last whole one`;
  return (
    `Margin check late: ${Math.round(lateSeconds)} s behind its schedule${gap} ` +
    `(interval ${intervalSeconds} s)`
  );
}

function drawnLine(message: MessageOf<'fund.drawn'>): string {
  const { drawn, socialized, uncovered, shortfall, numeraire } = message;
  const shared = Number(socialized) === 0 ? '' : `, ${socialized} shared by others`;
  const open = Number(uncovered) === 0 ? '' : `, ${uncovered} UNCOVERED`;
  const paid = `${drawn} of ${shortfall} ${numeraire}`;
  return `Insurance fund pays ${paid}${shared}${open}: ${whoOf(message)}`;
}

function socializedLine(message: MessageOf<'loss.socialized'>): string {
  const { amount, numeraire } = message;
  if (message.method === 'haircut') {
    const { fraction, accounts } = message;
    return `Loss of ${amount} ${numeraire} shared by ${accounts} accounts, ${percent(fraction)} of equity`;
  }
  const { market, quantity, price, counterparties } = message;
  return (
    `Deleveraged ${quantity} ${market} at ${price}, ${counterparties.length} counterparties, ` +
    `${amount} ${numeraire} borne: ${whoOf(message)}`
  );
}

/** "BTC-PERP: a fall of 1 % liquidates 61000.00 USD, 1.2 times its depth" */
function cascadeLine(message: MessageOf<'cascade.warned' | 'cascade.eased'>): string {
  const { market, move, notional, numeraire, ratio } = message;
  const much = `${notional} ${numeraire}, ${ratio} times its depth`;
  return `${short(market)}: a ${move} of 1 % liquidates ${much}`;
}

type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

function accountHeadline(message: AccountMessage): string {
  const who = whoOf(message);
  switch (message.type) {
    case 'margin-call.issued':
      return `Margin call ${dueOf(message)}: ${who}`;
    case 'margin-call.updated':
      return `Margin call grew to ${dueOf(message)}: ${who}`;
    case 'margin-call.expired':
      return `Margin call unpaid at its deadline, ${moneyOf(message, message.amountDue)}: ${who}`;
    case 'margin-call.cured':
      return `Margin call cured: ${who}`;
    case 'liquidation.ordered':
      return `${orderLine(message)}: ${who}`;
    case 'liquidation.completed':
      return `Liquidation completed: ${who}`;
    case 'liquidation.withheld':
      return `Liquidation WITHHELD: ${who}: ${causeOf(message)}`;
    case 'deficit.detected':
      return `Deficit ${moneyOf(message, message.shortfall)}: ${who}`;
    case 'account.indeterminate':
      return `Margin unknown: ${who}: ${causeOf(message)}`;
    case 'account.determinate':
      return `Margin known again, ${message.figures.level}: ${who}`;
  }
}

/** "Liquidation ordered, 3 orders, 24360.10 USD" */
function orderLine(message: MessageOf<'liquidation.ordered'>): string {
  const { plan, generation, isObserved } = message;
  const notional = plan.orders.reduce((sum, order) => sum + Number(order.notional), 0);
  const count = `${plan.orders.length} order${plan.orders.length === 1 ? '' : 's'}`;
  const size =
    plan.orders.length === 0
      ? 'open orders cancelled'
      : `${count}, about ${notional.toFixed(0)} ${message.figures.numeraire}`;
  const again = generation === 1 ? '' : `, plan ${generation}`;
  return `Liquidation ${isObserved ? 'not ordered (mode observe)' : 'ordered'}${again}: ${size}`;
}

const whoOf = ({ accountId, position }: Who): string =>
  position === undefined ? short(accountId) : `${short(accountId)}, isolated ${short(position)}`;

interface Who {
  readonly accountId: string;
  readonly position?: string | undefined;
}

const short = (name: string): string =>
  name.length <= NAME_LENGTH_MAX ? name : `${name.slice(0, NAME_LENGTH_MAX - 3)}...`;

const causeOf = ({ reasons }: { readonly reasons: readonly { readonly detail: string }[] }) =>
  reasons[0]?.detail ?? 'no reason was given';

const moneyOf = ({ figures }: { readonly figures: Figures }, amount: string): string =>
  `${amount} ${figures.numeraire}`;

const dueOf = (message: MessageOf<'margin-call.issued' | 'margin-call.updated'>): string =>
  `${moneyOf(message, message.amountDue)} by ${clockOf(message.deadline)}`;

/** 2020-03-12 11:12 UTC */
const clockOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

export function emailOf(message: Message): string {
  const sections: string[][] = [[headlineOf(message)], [adviceOf(message)]];
  if ('reasons' in message) sections.push(message.reasons.map(({ detail }) => `- ${detail}`));
  if ('amountDue' in message) sections.push(callLines(message));
  if (message.type === 'liquidation.ordered') sections.push(planLines(message));
  if (message.type === 'loss.socialized') sections.push(lossLines(message));
  if ('depth' in message) sections.push(marketLines(message));
  if ('figures' in message) sections.push(figureLines(message.figures));
  sections.push(referenceLines(message));
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

/** What it means for the person who reads it. */
function adviceOf(message: Message): string {
  switch (message.type) {
    case 'margin-call.issued':
    case 'margin-call.updated':
      return 'The account is below its call line. Paying the amount below ends the call.';
    case 'margin-call.expired':
      return message.consequence === 'liquidate'
        ? 'The policy liquidates an account whose call has expired.'
        : `The call is renewed until ${clockOf(message.nextDeadline ?? '')}.`;
    case 'margin-call.cured':
      return 'Nothing is left to do.';
    case 'liquidation.ordered':
      return message.isObserved
        ? 'Mode observe: no order plan was sent. In mode enforce this one would have been.'
        : 'The plan is on its way to the execution system; it is reduce-only and expires.';
    case 'liquidation.completed':
      return 'The account is out of liquidation. Orders of its plans are to be stopped.';
    case 'cascade.warned':
      return (
        'Liquidations after such a move would use up the orders near the price and move it further. ' +
        'Look who holds most there; deepen the market, raise its margin, or lower its room.'
      );
    case 'cascade.eased':
      return 'Nothing is left to do.';
    case 'liquidation.withheld':
      if (message.reasons.every(({ code }) => code === 'market-full')) {
        return 'The next check tries again; whoever waits too long for a market goes before all others.';
      }
      return 'It should be liquidated and is not. Remove the cause, or act by hand.';
    case 'deficit.detected':
      return 'Closing everything no longer covers what the account owes.';
    case 'fund.drawn':
      return 'Its collateral is used up. Credit the account with the whole claim, once.';
    case 'loss.socialized':
      return message.method === 'haircut'
        ? 'The insurance fund is empty. Debit each account its share, once.'
        : 'Trade this between the accounts at this price, once, and not in the market.';
    case 'account.indeterminate':
      return 'It is neither called nor liquidated until this is mended.';
    case 'account.determinate':
      return 'It is assessed again.';
    case 'oracle.rejected':
      return 'Accounts that need this price are neither called nor liquidated.';
    case 'oracle.recovered':
      return 'Accounts that need this price are assessed again.';
    case 'check.late':
      return 'Breaches in between were found later than the latency buffer reckons with.';
  }
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
      ...counterparties.map((each) =>
        row(whoOf(each), `${each.quantity} contracts (rank score ${each.score})`),
      ),
    ];
  }
  const { losses, shares = [], sharesAt, excluded, numeraire } = message;
  return [
    ...losses.map((loss) => row('lost by', `${whoOf(loss)}, ${loss.amount} ${numeraire}`)),
    ...shares.map(({ accountId, amount }) =>
      row('share of', `${accountId}, ${amount} ${numeraire}`),
    ),
    row('all shares', `margin table ${sharesAt.pk}, ${sharesAt.pages} pages`),
    ...(excluded === 0 ? [] : [row('not known', `${excluded} accounts bear nothing`)]),
  ];
}

function planLines(message: MessageOf<'liquidation.ordered'>): string[] {
  const { plan, planId, supersedes, expiresAt } = message;
  return [
    row('plan', planId),
    ...(supersedes === undefined ? [] : [row('supersedes', supersedes)]),
    row('scope', `${plan.scope}: ${plan.why}`),
    row('expires', clockOf(expiresAt)),
    ...plan.cancelOpenOrders.map((instrument) => `  cancel open orders in ${instrument}`),
    ...plan.orders.map(({ side, quantity, market, referencePrice, limitPrice, notional }) => {
      const limit = limitPrice === undefined ? '' : `, no worse than ${limitPrice}`;
      return `  ${side} ${quantity} ${market} at about ${referencePrice}${limit}, ${notional} in all`;
    }),
    ...(plan.carriedOver ?? []).map(({ side, market, notional }) => {
      return `  carried over: a ${side} of ${notional} more in ${market}, which has no room for it now`;
    }),
  ];
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

function figureLines(figures: Figures): string[] {
  const { numeraire, prices } = figures;
  const money = (name: string, amount: string) => row(name, `${amount} ${numeraire}`);
  const span = (name: string, { low, point, high }: Figures['equity']) =>
    row(name, `${point} ${numeraire} (${low} to ${high})`);
  return [
    row('level', figures.level),
    span('equity', figures.equity),
    span('margin balance', figures.marginBalance),
    money('maintenance', figures.maintenanceRequirement),
    money('latency buffer', figures.latencyBuffer),
    money('liquidation line', figures.liquidationLine),
    money('call line', figures.callLine),
    money('restore line', figures.restoreLine),
    span('above liquidation', figures.liquidationSurplus),
    span('above call', figures.callSurplus),
    ...prices.flatMap(({ feed, price, ageSeconds, sources, volatility, shockDown, shockUp }) => [
      row(feed, `${price}, ${ageSeconds} s old, ${sources} source${sources === 1 ? '' : 's'}`),
      row(
        '',
        `volatility ${percent(volatility)} a year, buffered for ${moves(shockDown, shockUp)}`,
      ),
    ]),
    ...greekLines(figures),
    ...scenarioLines(figures),
    ...(figures.notes ?? []).map(({ detail }) => row('note', detail)),
  ];
}

function greekLines({ greeks = [], prices }: Figures): string[] {
  return greeks.map(({ factor, ...texts }) => {
    const price = prices.find(({ feed }) => feed === factor)?.price;
    const { delta, gamma, vega, theta } = deskGreeks(texts, price);
    const bend = gamma === undefined ? '' : `gamma ${sixDigits(gamma)} per 1 %, `;
    const rest = `vega ${vega.toFixed(2)} per point, theta ${theta.toFixed(2)} a day`;
    return row('Greeks', `${factor}: delta ${sixDigits(delta)}, ${bend}${rest}`);
  });
}

function scenarioLines({ worstScenarios = [], numeraire }: Figures): string[] {
  return worstScenarios.map(({ factor, riskClass, scenario, profit, filling = 'none' }) => {
    const filled = filling === 'none' ? '' : `, ${FILLING_LABELS[filling]}`;
    return row(
      'worst scenario',
      `${factor} ${riskClass}: ${profit} ${numeraire} (${scenario}${filled})`,
    );
  });
}

/** Six digits that count, and no exponent. */
const sixDigits = (value: number): string =>
  value.toLocaleString('en-US', { maximumSignificantDigits: 6, useGrouping: false });

/** For the eye; the JSON has every digit. */
const percent = (fraction: string): string => `${(Number(fraction) * 100).toFixed(2)} %`;

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

const row = (name: string, value: string): string => `${name.padEnd(20)}${value}`;
