/**
 * A custom notification for Amazon Q Developer in chat applications (once AWS Chatbot), which takes
 * it from an SNS topic of its own. It renders the texts in the Markdown of the chat.
 */
import type { Message, MessageType } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import { matterOf, noticeOf } from './notice.ts';
import { escaped } from './slack.ts';

export interface ChatbotNotification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: MessageType;
    readonly relatedResources: readonly string[];
  };
}

/** Below what the service takes. */
const LENGTHS_MAX = { title: 250, description: 4000, step: 900, word: 75, id: 200 };

export function chatbotNotification(message: Message, origin: Origin): ChatbotNotification {
  const { severity, title, advice, facts, command, runbook, sender } = noticeOf(message, origin);
  const heading = `[${severity}] ${title}`;
  const lines = [...facts.map(([name, value]) => `${name}: ${value}`), sender];
  const subjects = facts.filter(([name]) => ['account', 'feed', 'market'].includes(name));
  return {
    version: '1.0',
    source: 'custom',
    id: plain(message.id, LENGTHS_MAX.id),
    content: {
      textType: 'client-markdown',
      title: plain(heading, LENGTHS_MAX.title),
      description: plain(lines.join('\n'), LENGTHS_MAX.description),
      nextSteps: [advice, command, runbook].map((step) => plain(step, LENGTHS_MAX.step)),
      keywords: [message.type, severity].map((word) => plain(word, LENGTHS_MAX.word)),
    },
    metadata: {
      threadId: plain(`${origin.stack}/${matterOf(message)}`, LENGTHS_MAX.id),
      summary: plain(heading, LENGTHS_MAX.title),
      eventType: message.type,
      relatedResources: subjects.map(([, value]) => plain(value, LENGTHS_MAX.id)),
    },
  };
}

/**
 * The service turns `@name` into a mention, and Teams `[text](address)` into a link. Their wide
 * forms read the same and do neither. Marks that only format are left, so that ids can be copied.
 */
const plain = (text: string, length: number): string =>
  escaped(
    text.replace(/[@[\]]/g, (mark) => WIDE[mark] ?? mark),
    length,
  );

const WIDE: Readonly<Record<string, string>> = { '@': '＠', '[': '［', ']': '］' };
