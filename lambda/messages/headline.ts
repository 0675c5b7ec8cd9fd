import type { AccountMessage, Figures, Message } from './messages.ts';
import { firstOf, visible } from './visible.ts';

/** SNS refuses a subject of 100 characters or more, and anything but ASCII in it. */
const SUBJECT_LENGTH_MAX = 99;
/** Fits into one SMS of the GSM alphabet. */
const SMS_LENGTH_MAX = 140;
const NAME_LENGTH_MAX = 32;

export function subjectLineOf(message: Message): string {
  const text = `[${message.severity}] ${headlineOf(message)}`;
  return endingAtWord(text.replace(/[^\x20-\x7e]/g, '?'), SUBJECT_LENGTH_MAX);
}

const ELLIPSIS = '...';

/** A word that is cut can read as another: "BTC-USD: 600" of "BTC-USD: 6000 s old". */
export function endingAtWord(text: string, length: number): string {
  if (text.length <= length) return text;
  const start = firstOf(text, length - ELLIPSIS.length).slice(0, length - ELLIPSIS.length);
  const end = start.lastIndexOf(' ');
  const isWhole = text[start.length] === ' ';
  const kept = isWhole ? start : start.slice(0, end);
  // A single word that fills the line is an id: better a part of it than nothing.
  const words = end > length / 2 || isWhole ? kept : start;
  return `${words.replace(/[\s,;:]+$/, '')}${ELLIPSIS}`;
}

export function smsOf(message: Message): string {
  const time = ` (${clockOf(message.asOf)})`;
  const text = `[${message.severity}] ${headlineOf(message)}`;
  return endingAtWord(text, SMS_LENGTH_MAX - time.length) + time;
}

/** The first line a person reads: what happened, how much, to whom, and why. */
export const headlineOf = (message: Message): string => visible(headlineFrom(message));

function headlineFrom(message: Message): string {
  switch (message.type) {
    case 'oracle.rejected':
      return `Price in doubt${leavesOpen(message)}: ${causeOf(message)}`;
    case 'oracle.recovered':
      return `Price of ${message.feed} usable again${message.price ? `: ${message.price}` : ''}`;
    case 'feed.frozen':
      return `Price of ${message.feed} unchanged at ${message.price} since ${clockOf(message.since)}`;
    case 'cascade.warned':
      return `Cascade possible in ${cascadeLine(message)}`;
    case 'cascade.eased':
      return `Cascade no longer likely in ${cascadeLine(message)}`;
    case 'check.late':
      return lateLine(message);
    case 'operator.changed':
      return changedLine(message);
    case 'check.failed':
      return failedLine(message);
    case 'fund.drawn':
      return drawnLine(message);
    case 'loss.socialized':
      return socializedLine(message);
    default:
      return accountHeadline(message);
  }
}

function leavesOpen({ accounts }: MessageOf<'oracle.rejected'>): string {
  if (accounts === 0) return '';
  return accounts === 1 ? ', 1 account undecided' : `, ${accounts} accounts undecided`;
}

function lateLine({ lateSeconds, gapSeconds, intervalSeconds }: MessageOf<'check.late'>): string {
  const gap =
    gapSeconds === undefined ? '' : `, ${Math.round(gapSeconds)} s after the last complete one`;
  return (
    `Margin check late: ${Math.round(lateSeconds)} s behind its schedule${gap} ` +
    `(interval ${intervalSeconds} s)`
  );
}

/** "Order plans halted by alice@desk: feed looks wrong" */
function changedLine(message: MessageOf<'operator.changed'>): string {
  const { mode, halt, previous, changedBy, changeReason } = message;
  const changes = [
    ...(halt === previous.halt ? [] : [halt ? 'Order plans halted' : 'Order plans resumed']),
    ...(mode === previous.mode ? [] : [`mode ${mode} set`]),
  ];
  const left = `Policy left at ${policyLine(message)}`;
  const what = changes.length === 0 ? left : changes.join(' and ').replace(/^m/, 'M');
  const who = changedBy === undefined ? ', no name given' : ` by ${short(changedBy)}`;
  return `${what}${who}${changeReason === undefined ? '' : `: ${changeReason}`}`;
}

/** "mode enforce, halt true" */
export const policyLine = ({
  mode,
  halt,
}: Pick<MessageOf<'operator.changed'>, 'mode' | 'halt'>): string => `mode ${mode}, halt ${halt}`;

function failedLine({ extent, since, detail }: MessageOf<'check.failed'>): string {
  const what = extent === 'whole' ? 'NOTHING IS CHECKED' : 'Some accounts are not checked';
  return `${what} since ${clockOf(since)}: ${detail}`;
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
    const bearers = `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;
    return `Loss of ${amount} ${numeraire} shared by ${bearers}, ${percent(fraction)} of equity`;
  }
  const { market, quantity, price, counterparties } = message;
  const count = counterparties.length;
  return (
    `Deleveraged ${quantity} ${market} at ${price}, ${amount} ${numeraire} borne by ` +
    `${count} ${count === 1 ? 'counterparty' : 'counterparties'}: ${whoOf(message)}`
  );
}

/** "BTC-PERP: a fall of 1 % would liquidate 61000.00 USD, 1.2 times its depth" */
function cascadeLine(message: MessageOf<'cascade.warned' | 'cascade.eased'>): string {
  const { market, move, notional, numeraire, ratio } = message;
  const much = `${notional} ${numeraire}, ${ratio} times its depth`;
  return `${short(market)}: a ${move} of 1 % would liquidate ${much}`;
}

export type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

function accountHeadline(message: AccountMessage): string {
  const who = whoOf(message);
  switch (message.type) {
    case 'margin-call.issued':
      return `Margin call ${dueOf(message)}: ${who}`;
    case 'margin-call.updated':
      return message.previousDeadline === undefined
        ? `Margin call grew to ${dueOf(message)}: ${who}`
        : `Margin call has a later deadline, ${dueOf(message)}: ${who}`;
    case 'margin-call.expired':
      return `Margin call unpaid at its deadline, ${moneyOf(message, message.amountDue)}: ${who}`;
    case 'margin-call.cured':
      return `Margin call cured: ${who}`;
    case 'liquidation.ordered':
      return `${orderLine(message)}: ${who}`;
    case 'liquidation.completed':
      return `Liquidation completed: ${who}`;
    case 'liquidation.withheld':
      return message.reasons.every(({ code }) => code === 'nothing-to-close')
        ? `Nothing left to close: ${who} is still below its liquidation line`
        : `Liquidation WITHHELD: ${who}: ${causeOf(message)}`;
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
  const { orders, swaps = [] } = plan;
  const notional =
    orders.reduce((sum, order) => sum + Number(order.notional), 0) +
    swaps.reduce((sum, { value }) => sum + Number(value), 0);
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  const count = [
    ...(orders.length === 0 ? [] : [counted(orders.length, 'order')]),
    ...(swaps.length === 0 ? [] : [counted(swaps.length, 'swap')]),
  ].join(' and ');
  const size =
    count === ''
      ? 'open orders cancelled'
      : `${count}, about ${notional.toFixed(0)} ${message.figures.numeraire}`;
  const again = generation === 1 ? '' : `, plan ${generation}`;
  return `Liquidation ${isObserved ? 'not ordered (mode observe)' : 'ordered'}${again}: ${size}`;
}

export const whoOf = ({ accountId, position }: Who): string =>
  position === undefined ? short(accountId) : `${short(accountId)}, isolated ${short(position)}`;

interface Who {
  readonly accountId: string;
  readonly position?: string | undefined;
}

const short = (name: string): string => shortened(name, NAME_LENGTH_MAX);

/** Cuts no character in two. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${firstOf(text, length - 3)}...`;

export const causeOf = ({
  reasons,
}: {
  readonly reasons: readonly { readonly detail: string }[];
}) => reasons[0]?.detail ?? 'no reason was given';

export const moneyOf = ({ figures }: { readonly figures: Figures }, amount: string): string =>
  `${amount} ${figures.numeraire}`;

const dueOf = (message: MessageOf<'margin-call.issued' | 'margin-call.updated'>): string =>
  `${moneyOf(message, message.amountDue)} by ${clockOf(message.deadline)}`;

/** 2020-03-12 11:12 UTC */
export const clockOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

/** Rounded; the JSON has every digit. */
export const percent = (fraction: string): string => `${(Number(fraction) * 100).toFixed(2)} %`;
