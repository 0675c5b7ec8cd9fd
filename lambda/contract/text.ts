/** Messages in words: an e-mail's subject and body, and one short line for SMS. */
import type { AccountMessage, Figures, Message } from './messages.ts';

/** SNS refuses a subject of 100 characters or more, and anything but ASCII in it. */
const SUBJECT_LENGTH_MAX = 99;
/** One SMS of the GSM alphabet, with room to spare. */
const SMS_LENGTH_MAX = 140;

export function subjectLineOf(message: Message): string {
  const text = `[${message.severity}] ${headlineOf(message)}`;
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_LENGTH_MAX);
}

export const smsOf = (message: Message): string => {
  const text = `${headlineOf(message)} (${message.asOf.slice(11, 16)} UTC)`;
  return text.slice(0, SMS_LENGTH_MAX);
};

/** What happened, to whom, how much: the line that a person reads first. */
export function headlineOf(message: Message): string {
  switch (message.type) {
    case 'oracle.rejected':
      return `Price of ${message.feed} rejected`;
    case 'oracle.recovered':
      return `Price of ${message.feed} usable again: ${message.price}`;
    case 'check.late':
      return `Margin check late by ${Math.round(message.lateSeconds)} s`;
    default:
      return accountHeadline(message);
  }
}

function accountHeadline(message: AccountMessage): string {
  const who = whoOf(message);
  switch (message.type) {
    case 'margin-call.issued':
      return `Margin call ${who}: ${moneyOf(message, message.amountDue)} due ${clockOf(message.deadline)}`;
    case 'margin-call.updated':
      return `Margin call ${who} grew: ${moneyOf(message, message.amountDue)} due ${clockOf(message.deadline)}`;
    case 'margin-call.expired':
      return `Margin call ${who} expired unpaid: ${moneyOf(message, message.amountDue)}`;
    case 'margin-call.cured':
      return `Margin call ${who} cured`;
    case 'liquidation.ordered': {
      const what = message.isObserved ? 'would be ordered (observe)' : 'ordered';
      return `Liquidation ${who} ${what}, generation ${message.generation}`;
    }
    case 'liquidation.completed':
      return `Liquidation ${who} completed`;
    case 'liquidation.withheld':
      return `Liquidation ${who} withheld: ${message.reasons[0]?.code ?? 'unknown'}`;
    case 'deficit.detected':
      return `Deficit ${who}: ${moneyOf(message, message.shortfall)} short`;
    case 'account.indeterminate':
      return `Margin of ${who} unknown: ${message.reasons[0]?.code ?? 'unknown'}`;
    case 'account.determinate':
      return `Margin of ${who} known again: ${message.figures.level}`;
  }
}

const whoOf = ({ accountId, position }: AccountMessage): string =>
  position === undefined ? accountId : `${accountId} (isolated ${position})`;

const moneyOf = ({ figures }: { readonly figures: Figures }, amount: string): string =>
  `${amount} ${figures.numeraire}`;

/** 2020-03-12 11:12 UTC */
const clockOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

export function emailOf(message: Message): string {
  const lines = [headlineOf(message), ''];
  if ('reasons' in message) lines.push(...message.reasons.map(({ detail }) => `- ${detail}`), '');
  if (message.type === 'liquidation.ordered') lines.push(...planLines(message), '');
  if (message.type === 'margin-call.expired') lines.push(expiryLine(message), '');
  if ('figures' in message) lines.push(...figureLines(message.figures), '');
  if ('certainty' in message) lines.push(`certainty  ${message.certainty}`);
  lines.push(
    `check      ${message.checkId}`,
    `as of      ${message.asOf}`,
    `event      ${message.id}`,
  );
  return lines.join('\n');
}

function planLines(message: Extract<Message, { type: 'liquidation.ordered' }>): string[] {
  const { plan, planId, supersedes, expiresAt } = message;
  return [
    `plan ${planId}, ${plan.scope}: ${plan.why}`,
    ...(supersedes === undefined ? [] : [`supersedes ${supersedes}`]),
    ...plan.cancelOpenOrders.map((instrument) => `cancel open orders in ${instrument}`),
    ...plan.orders.map(({ side, quantity, market, referencePrice }) => {
      return `${side} ${quantity} ${market} (reduce-only, reference ${referencePrice})`;
    }),
    `do not work it after ${clockOf(expiresAt)}`,
  ];
}

const expiryLine = ({
  consequence,
  nextDeadline,
}: Extract<Message, { type: 'margin-call.expired' }>): string =>
  consequence === 'liquidate'
    ? 'The policy liquidates an account whose call has expired.'
    : `The call is renewed until ${clockOf(nextDeadline ?? '')}.`;

function figureLines(figures: Figures): string[] {
  const { numeraire, prices } = figures;
  const row = (name: string, value: string) =>
    `${name.padEnd(24)}${value.padStart(20)} ${numeraire}`;
  return [
    row('equity', figures.equity.point),
    row('margin balance', figures.marginBalance.point),
    row('maintenance requirement', figures.maintenanceRequirement),
    row('latency buffer', figures.latencyBuffer),
    row('liquidation line', figures.liquidationLine),
    row('call line', figures.callLine),
    row('restore line', figures.restoreLine),
    '',
    ...prices.map(({ feed, price, ageSeconds }) => `${feed} ${price}, ${ageSeconds} s old`),
  ];
}
