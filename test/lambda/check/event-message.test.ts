import { expect, it } from 'vitest';
import { isEventMessage } from '../../../lambda/check/event-message.ts';

const recordsOf = (...bodies: readonly unknown[]) => ({
  Records: bodies.map((body) => ({
    eventSource: 'aws:sqs',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })),
});
const EVENT = { event: '2020-03-12T11:00:05.250Z' };

it.each([
  ['a message about what waits', recordsOf(EVENT), true],
  ['a slot', recordsOf({ slot: '2020-03-12T11:00:00.000Z' }), false],
  ['a slot beside it', recordsOf(EVENT, { slot: '2020-03-12T11:00:00.000Z' }), false],
  ['a time that is none', recordsOf({ event: 'now' }), false],
  ['a text', recordsOf('event'), false],
  ['no message', { Records: [] }, false],
  ['an event of another service', { Records: [{ eventSource: 'aws:s3', body: '{}' }] }, false],
  ['a scheduled event', { source: 'aws.scheduler', time: '2020-03-12T11:00:00Z' }, false],
  ['nothing', undefined, false],
])('%s', (_, event, expected) => {
  expect(isEventMessage(event)).toBe(expected);
});
