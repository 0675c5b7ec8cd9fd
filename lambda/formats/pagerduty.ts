/** An event for version 2 of PagerDuty's Events API. */
import { keyWithin } from '../messages/hashed-id.ts';
import type { Message, MessageType, Severity } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import { firstOf } from '../messages/visible.ts';
import { isAddress, matterOf, type Notice, noticeOf } from './notice.ts';

interface Keyed {
  /** The integration key of a service. */
  readonly routing_key: string;
  readonly dedup_key: string;
}

export type PagerDutyEvent =
  | (Keyed & { readonly event_action: 'acknowledge' | 'resolve' })
  | (Keyed & {
      readonly event_action: 'trigger';
      readonly client: string;
      readonly links?: readonly { readonly href: string; readonly text: string }[];
      readonly payload: {
        readonly summary: string;
        readonly source: string;
        readonly severity: Severity;
        readonly timestamp: string;
        readonly component: string;
        readonly group: string;
        readonly class: MessageType;
        readonly custom_details: Readonly<Record<string, string>>;
      };
    });

/** Messages that end what another has opened. */
const ENDS: readonly MessageType[] = [
  'margin-call.cured',
  'liquidation.completed',
  'account.determinate',
  'oracle.recovered',
  'cascade.eased',
];

const SUMMARY_LENGTH_MAX = 1024;
const KEY_BYTES_MAX = 255;

/** @param routingKey the integration key of the service */
export function pagerDutyEvent(
  message: Message,
  origin: Origin,
  routingKey: string,
): PagerDutyEvent {
  const keyed = { routing_key: routingKey, dedup_key: dedupKeyOf(message, origin) };
  if (ENDS.includes(message.type)) return { ...keyed, event_action: 'resolve' };
  const notice = noticeOf(message, origin);
  const { title, runbook, sender, severity } = notice;
  const links = isAddress(runbook) ? { links: [{ href: runbook, text: 'runbook' }] } : {};
  return {
    ...keyed,
    event_action: 'trigger',
    client: sender,
    ...links,
    payload: {
      summary: firstOf(title, SUMMARY_LENGTH_MAX),
      source: sender,
      severity,
      timestamp: message.asOf,
      component: matterOf(message),
      group: origin.stack,
      class: message.type,
      custom_details: detailsOf(message, notice),
    },
  };
}

/**
 * For a system that takes up what a message is about, such as one that executes a plan. The checker
 * itself acknowledges nothing: that would silence a page that nobody has seen.
 */
export const pagerDutyAcknowledgement = (
  message: Message,
  origin: Origin,
  routingKey: string,
): PagerDutyEvent => ({
  routing_key: routingKey,
  dedup_key: dedupKeyOf(message, origin),
  event_action: 'acknowledge',
});

/**
 * Whether somebody has to be paged, or a page ends. Any other `info` is for the record; and a
 * liquidation withheld without a case waits for rows at rest, which nothing would end.
 */
export function isForPagerDuty(message: Message): boolean {
  if (message.type === 'liquidation.withheld') return message.caseId !== undefined;
  return message.severity !== 'info' || ENDS.includes(message.type);
}

/** Two deployments may have an account of one name. */
const dedupKeyOf = (message: Message, { stack, region = '' }: Origin): string =>
  keyWithin(`${stack}/${region}/${matterOf(message)}`, KEY_BYTES_MAX);

/** A name that repeats, such as that of an order, gets a number. */
function detailsOf(message: Message, notice: Notice): Record<string, string> {
  const details: Record<string, string> = {
    'what to do': notice.advice,
    'to see more': notice.command,
    runbook: notice.runbook,
  };
  for (const [name, value] of notice.facts) {
    const same = Object.keys(details).filter((each) => each.replace(/ \d+$/, '') === name).length;
    details[same === 0 ? name : `${name} ${same + 1}`] = value;
  }
  return { ...details, check: message.checkId, message: firstOf(message.id, 1000) };
}
