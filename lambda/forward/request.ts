/** Slack, Teams and PagerDuty take an HTTPS request: this is its address and body. */
import { isForPagerDuty, pagerDutyEvent } from '../formats/pagerduty.ts';
import { slackMessage } from '../formats/slack.ts';
import { teamsMessage } from '../formats/teams.ts';
import type { Message } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';

export type PostedFormat = 'slack' | 'pagerduty' | 'teams';

export interface PostedRequest {
  readonly url: string;
  readonly body: object;
}

/** Thrown when a secret holds no address or key. The text of a secret is in no error. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/**
 * @param secret the webhook's address; for PagerDuty the integration key, or JSON with `routingKey`
 *   and `url` for its European service
 * @returns undefined for what the receiver need not know
 * @throws SecretError
 */
export function requestOf(
  format: PostedFormat,
  secret: string,
  { message, origin }: { readonly message: Message; readonly origin: Origin },
): PostedRequest | undefined {
  switch (format) {
    case 'slack':
      return { url: addressIn(secret), body: slackMessage(message, origin) };
    case 'teams':
      return { url: addressIn(secret), body: teamsMessage(message, origin) };
    case 'pagerduty': {
      if (!isForPagerDuty(message)) return undefined;
      const { routingKey, url } = pagerDutySecret(secret);
      return { url, body: pagerDutyEvent(message, origin, routingKey) };
    }
  }
}

function addressIn(secret: string): string {
  const address = secret.trim();
  if (/^https:\/\/\S+$/.test(address)) return address;
  throw new SecretError(
    'the secret must be the address of the webhook, which begins with https://',
  );
}

function pagerDutySecret(secret: string): { readonly routingKey: string; readonly url: string } {
  const text = secret.trim();
  const { routingKey = text, url = PAGERDUTY_URL } = text.startsWith('{') ? fieldsOf(text) : {};
  if (/^[A-Za-z0-9]{32}$/.test(routingKey)) return { routingKey, url: addressIn(url) };
  throw new SecretError(
    'the secret must hold an integration key of PagerDuty: 32 letters and digits',
  );
}

function fieldsOf(json: string): { readonly routingKey?: string; readonly url?: string } {
  try {
    return JSON.parse(json);
  } catch {
    throw new SecretError('the secret begins like JSON and is none');
  }
}
