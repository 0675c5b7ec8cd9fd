import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { chatbotNotification } from '../../../lambda/formats/chatbot.ts';
import {
  isForPagerDuty,
  pagerDutyAcknowledgement,
  pagerDutyEvent,
} from '../../../lambda/formats/pagerduty.ts';
import { escaped, slackMessage } from '../../../lambda/formats/slack.ts';
import { teamsMessage } from '../../../lambda/formats/teams.ts';
import { fitted } from '../../../lambda/messages/fitted.ts';
import type { Message, MessageType } from '../../../lambda/messages/messages.ts';
import type { Origin } from '../../../lambda/messages/origin.ts';
import { HUGE_TYPES, hugeMessages, type Sizes } from '../messages/huge-message.ts';
import chatbotSchema from './chatbot.schema.json' with { type: 'json' };
import pagerDutySchema from './pagerduty.schema.json' with { type: 'json' };
import slackSchema from './slack.schema.json' with { type: 'json' };
import teamsSchema from './teams.schema.json' with { type: 'json' };

const ORIGIN: Origin = {
  stack: 'MarginChecker',
  region: 'eu-west-1',
  mode: 'enforce',
  runbook: 'https://wiki.example.com/runbook.md',
};
const KEY = '0123456789abcdef0123456789abcdef';

const schemas = new Ajv({ strictTypes: false, formats: { uri: true, 'date-time': true } });

const FORMATS = {
  slack: { of: slackMessage, schema: slackSchema, bytesMax: 100_000 },
  pagerduty: {
    of: (message: Message, origin: Origin) => pagerDutyEvent(message, origin, KEY),
    schema: pagerDutySchema,
    bytesMax: 512 * 1024,
  },
  teams: { of: teamsMessage, schema: teamsSchema, bytesMax: 28 * 1024 },
  chatbot: { of: chatbotNotification, schema: chatbotSchema, bytesMax: 256 * 1024 },
} as const;

const most = { orders: 180, swaps: 4, counterparties: 200, shares: 200, cancelOpenOrders: 50 };

/** All types and forms: few and short texts, many and long ones of four bytes, and escapes. */
const SIZES: readonly [string, Sizes][] = [
  ['small', { letter: 'x', nameLength: 8, entries: 1, most: {} }],
  ['large', { letter: '𝟘', nameLength: 128, entries: 30, most }],
  ['of ampersands', { letter: '&', nameLength: 128, entries: 30, most }],
  ['of quotes', { letter: "'", nameLength: 128, entries: 30, most }],
];
const MESSAGES = HUGE_TYPES.flatMap((type) =>
  SIZES.flatMap(([size, sizes]) =>
    hugeMessages(type, sizes).map((message) => [type, size, fitted(message)] as const),
  ),
);

describe.each(Object.entries(FORMATS))('the format for %s', (_, { of, schema, bytesMax }) => {
  const validate: ValidateFunction = schemas.compile(schema);

  it.each(MESSAGES)('holds a %s, %s, within its schema and its limits', (_type, _size, message) => {
    for (const origin of [ORIGIN, { stack: 'D'.repeat(128), runbook: 'docs/runbook.md' }]) {
      const formatted = of(message, origin);
      expect(validate(formatted), JSON.stringify(validate.errors)).toBe(true);
      const text = JSON.stringify(formatted);
      expect(Buffer.byteLength(text)).toBeLessThan(bytesMax);
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toMatch(/undefined|\[object|NaN/);
    }
  });

  it('refuses what its schema does not know, so that the schema is no formality', () => {
    const [, , message] = MESSAGES[0] ?? [];
    if (message === undefined) throw new Error('no message');
    expect(validate({ ...of(message, ORIGIN), unknown: true })).toBe(false);
    expect(validate({})).toBe(false);
  });
});

it('every type of message is formatted', () => {
  expect(new Set(MESSAGES.map(([type]) => type)).size).toBe(HUGE_TYPES.length);
});

const HEADER = {
  id: 'm',
  version: 1,
  severity: 'critical',
  checkId: '2020-03-12T11:00:00.000Z',
  asOf: '2020-03-12T11:00:01.250Z',
} as const;
const range = { low: '1.00', point: '2.00', high: '3.00' };
const FIGURES = {
  numeraire: 'USD',
  level: 'liquidation',
  equity: range,
  marginBalance: range,
  initialRequirement: '6.00',
  maintenanceRequirement: '3.00',
  latencyBuffer: '0.50',
  liquidationLine: '3.50',
  callLine: '4.00',
  restoreLine: '6.50',
  liquidationSurplus: range,
  callSurplus: range,
  prices: [],
} as const;

const withheld = (accountId: string, detail: string): Message => ({
  type: 'liquidation.withheld',
  ...HEADER,
  accountId,
  caseId: `${accountId}@c`,
  certainty: 'uncertain',
  figures: { ...FIGURES, prices: [] },
  reasons: [{ code: 'price-stale', subject: 'BTC-USD', detail }],
});

describe('texts that others wrote', () => {
  const FORGED = [
    '<!channel>',
    '<!here|all>',
    '<@U024BE7LH>',
    '<https://evil.example|log in>',
    '@channel',
    '@here',
    '*bold*_it_~x~`code`',
    '[log in](https://evil.example)',
    '<at>Everyone</at>',
    '{{DATE(2020-03-12T11:00:00Z, SHORT)}}',
  ];

  it.each(FORGED)('%s mentions nobody and links nowhere in Slack', (text) => {
    const message = slackMessage(withheld(text, text), ORIGIN);
    const texts = message.blocks.flatMap((block) => {
      if ('fields' in block) return block.fields;
      return 'elements' in block ? block.elements : [block.text];
    });
    const plain = texts.filter(({ type }) => type === 'plain_text').map((each) => each.text);
    expect(plain.join('').replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
    const links = texts.filter(({ type }) => type === 'mrkdwn').map((each) => each.text);
    expect(links).toEqual(['<https://wiki.example.com/runbook.md#liquidationwithheld|runbook>']);
    expect(message.text).not.toMatch(/[<>]/);
  });

  it.each(FORGED)('%s stands in Teams where nothing formats it', (text) => {
    const [{ content }] = teamsMessage(withheld(text, text), ORIGIN).attachments;
    const runs = content.body.flatMap(({ inlines }) => inlines);
    expect(new Set(runs.map(({ type }) => type))).toEqual(new Set(['TextRun']));
    expect(runs.some((run) => run.text.includes(text))).toBe(true);
    expect(content.msteams).toEqual({ width: 'Full' });
  });

  it.each(FORGED)('%s mentions nobody and links nowhere in a custom notification', (text) => {
    const { content, metadata } = chatbotNotification(withheld(text, text), ORIGIN);
    const texts = [content.title, content.description, ...content.nextSteps, metadata.summary];
    expect(texts.join('')).not.toMatch(/[<>@]|\]\(/);
  });

  it('are escaped before they are cut, and never cut within an escape', () => {
    expect(escaped('a<b', 100)).toBe('a&lt;b');
    expect(escaped('a<b', 4)).toBe('a');
    expect(escaped('a<b', 5)).toBe('a&lt;');
    expect(escaped('𝟘𝟘', 3)).toBe('𝟘');
  });
});

describe('an event for PagerDuty', () => {
  const keyOf = (message: Message) => pagerDutyEvent(message, ORIGIN, KEY).dedup_key;
  const messageOf = (type: MessageType): Message => {
    const sizes: Sizes = { letter: 'x', nameLength: 8, entries: 1, most: {} };
    const [message] = hugeMessages(type, sizes);
    if (message === undefined) throw new Error(type);
    return message;
  };

  it.each([
    ['margin-call.issued', 'margin-call.cured'],
    ['margin-call.updated', 'margin-call.cured'],
    ['margin-call.expired', 'liquidation.completed'],
    ['liquidation.ordered', 'liquidation.completed'],
    ['deficit.detected', 'liquidation.completed'],
    ['account.indeterminate', 'account.determinate'],
    ['oracle.rejected', 'oracle.recovered'],
    ['cascade.warned', 'cascade.eased'],
  ] as const)('%s is triggered, and %s resolves it under the same key', (opened, ended) => {
    const trigger = pagerDutyEvent(messageOf(opened), ORIGIN, KEY);
    const resolve = pagerDutyEvent(messageOf(ended), ORIGIN, KEY);
    expect([trigger.event_action, resolve.event_action]).toEqual(['trigger', 'resolve']);
    expect(resolve.dedup_key).toBe(trigger.dedup_key);
    expect(isForPagerDuty({ ...messageOf(ended), severity: 'info' })).toBe(true);
  });

  it('has another key for another outage, and the same one while an outage lasts', () => {
    const failed = messageOf('check.failed') as Extract<Message, { type: 'check.failed' }>;
    const later = '2020-03-12T12:00:00.000Z';
    expect(keyOf({ ...failed, checkId: later })).toBe(keyOf(failed));
    expect(keyOf({ ...failed, since: later })).not.toBe(keyOf(failed));
    const late = messageOf('check.late');
    expect(keyOf({ ...late, checkId: later })).not.toBe(keyOf(late));
  });

  it('has the severity of the message', () => {
    for (const severity of ['info', 'warning', 'critical'] as const) {
      const event = pagerDutyEvent({ ...withheld('a', 'b'), severity }, ORIGIN, KEY);
      expect(event).toMatchObject({ payload: { severity } });
    }
  });

  it('has another key for another deployment', () => {
    const message = withheld('alice', 'old');
    expect(keyOf(message)).toBe('MarginChecker/eu-west-1/case/alice@c');
    const other = pagerDutyEvent(message, { ...ORIGIN, region: 'us-east-1' }, KEY);
    expect(other.dedup_key).not.toBe(keyOf(message));
  });

  it('pages nobody for what only informs, nor for rows in the middle of a change', () => {
    const info = { ...messageOf('account.indeterminate'), severity: 'info' } as const;
    expect(isForPagerDuty(info)).toBe(false);
    const { caseId: _, ...waiting } = withheld('a', 'b') as Extract<
      Message,
      { type: 'liquidation.withheld' }
    >;
    expect(isForPagerDuty(waiting)).toBe(false);
    expect(isForPagerDuty(withheld('a', 'b'))).toBe(true);
  });

  it('can be acknowledged by the system that takes the matter up', () => {
    const message = withheld('alice', 'old');
    const event = pagerDutyAcknowledgement(message, ORIGIN, KEY);
    expect(schemas.compile(pagerDutySchema)(event)).toBe(true);
    expect(event).toEqual({
      routing_key: KEY,
      event_action: 'acknowledge',
      dedup_key: keyOf(message),
    });
  });

  it('numbers the reasons, and keeps each of them', () => {
    const message = withheld('alice', 'one') as Extract<Message, { type: 'liquidation.withheld' }>;
    const [reason] = message.reasons;
    const reasons = ['one', 'two', 'three'].map((detail) => ({ ...reason, detail }));
    const event = pagerDutyEvent({ ...message, reasons } as Message, ORIGIN, KEY);
    expect(event).toMatchObject({
      payload: { custom_details: { reason: 'one', 'reason 2': 'two', 'reason 3': 'three' } },
    });
  });
});
