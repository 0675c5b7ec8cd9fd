/**
 * A message for an incoming webhook of Slack. All that others wrote goes into plain text, where
 * nothing but the three escapes has a meaning: an id can neither mention a channel nor make a link.
 */
import { lotsOf } from '../margin/number/lots-of.ts';
import type { Message } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import { firstOf } from '../messages/visible.ts';
import { isAddress, noticeOf } from './notice.ts';

export interface SlackMessage {
  /** Shown in notifications and by screen readers. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

type PlainText = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
type Markdown = { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };

type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText | Markdown }
  | { readonly type: 'section'; readonly fields: readonly PlainText[] }
  | { readonly type: 'context'; readonly elements: readonly (PlainText | Markdown)[] };

const HEADER_LENGTH_MAX = 150;
const TEXT_LENGTH_MAX = 3000;
const FIELD_LENGTH_MAX = 2000;
const FIELDS_MAX = 10;

export function slackMessage(message: Message, origin: Origin): SlackMessage {
  const { severity, title, advice, facts, command, runbook, sender } = noticeOf(message, origin);
  const fields = facts.map(([name, value]) => plain(`${name}\n${value}`, FIELD_LENGTH_MAX));
  const link: Markdown = { type: 'mrkdwn', text: `<${runbook}|runbook>`, verbatim: true };
  return {
    text: escaped(`[${severity}] ${title}`, TEXT_LENGTH_MAX),
    blocks: [
      { type: 'header', text: plain(`[${severity}] ${title}`, HEADER_LENGTH_MAX) },
      { type: 'section', text: plain(advice, TEXT_LENGTH_MAX) },
      ...lotsOf(fields, FIELDS_MAX).map((some) => ({ type: 'section', fields: some }) as const),
      { type: 'section', text: plain(command, TEXT_LENGTH_MAX) },
      {
        type: 'context',
        elements: [
          plain(`${sender}, check ${message.checkId}`, FIELD_LENGTH_MAX),
          isAddress(runbook) ? link : plain(runbook, FIELD_LENGTH_MAX),
        ],
      },
    ],
  };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escaped before it is cut, so that the limit holds, and never cut within an escape. */
export function escaped(text: string, length: number): string {
  let result = '';
  for (const character of text) {
    const next = ESCAPES[character] ?? character;
    if (result.length + next.length > length) break;
    result += next;
  }
  return result;
}

const plain = (text: string, length: number): PlainText => ({
  type: 'plain_text',
  text: escaped(firstOf(text, length), length),
  emoji: false,
});
