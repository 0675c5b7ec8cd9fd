import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  EventError,
  readScheduledCheck as readAt,
  type ScheduledCheck,
} from '../../../lambda/check/scheduled-check.ts';

const AT = Date.parse('2020-03-12T11:00:00Z');

const readScheduledCheck = (event: unknown, now: number, intervalSeconds = 60): ScheduledCheck =>
  readAt(event, { now, intervalSeconds });

const sample = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'events', name), 'utf8'));

describe.each(['scheduler.json', 'events-rule.json'])('the sample event %s', (name) => {
  it('asks for the check of its time', () => {
    expect(readScheduledCheck(sample(name), AT)).toEqual({
      checkId: '2020-03-12T11:00:00.000Z',
      scheduledAt: AT,
    });
  });

  it.each([
    ['at its time', 0, true],
    ['a day later', 86_400_000, true],
    ['5 s before, as a clock may lag', -5_000, true],
    ['just more than that before', -5_001, false],
  ])('read %s', (_, after, isTaken) => {
    const read = () => readScheduledCheck(sample(name), AT + after);
    if (isTaken) expect(read().scheduledAt).toBe(AT);
    else expect(read).toThrow(EventError);
  });
});

describe('an event', () => {
  const event = sample('scheduler.json');

  it.each([
    ['whole seconds', '2020-03-12T11:00:00Z', '2020-03-12T11:00:00.000Z'],
    ['milliseconds', '2020-03-12T11:00:00.5Z', '2020-03-12T11:00:00.500Z'],
    ['microseconds', '2020-03-12T11:00:00.123456Z', '2020-03-12T11:00:00.123Z'],
  ])('with a time in %s has an id of milliseconds, so that ids sort as times do', (_, time, id) => {
    expect(readScheduledCheck({ ...event, time }, AT + 1_000).checkId).toBe(id);
  });

  it('whose time an emulator has not filled in is of the clock', () => {
    const unfilled = { ...event, time: '<aws.scheduler.scheduled-time>' };
    expect(readScheduledCheck(unfilled, AT + 250)).toEqual({
      checkId: '2020-03-12T11:00:00.250Z',
      scheduledAt: AT + 250,
    });
    expect(() => readScheduledCheck({ ...event, time: '<aws.scheduler.other>' }, AT)).toThrow(
      /^not a scheduled event: time must be a time such as 2020/,
    );
  });

  it('may have attributes that are not known', () => {
    expect(readScheduledCheck({ ...event, 'trace-header': 'x' }, AT).scheduledAt).toBe(AT);
  });

  it.each([
    ['null', null, /^not a scheduled event: it must be a map, not /],
    ['a list', [event], /^not a scheduled event: it must be a map, not /],
    [
      'another source',
      { ...event, source: 'aws.ec2' },
      /^not a scheduled event: source must be one of aws.scheduler, aws.events$/,
    ],
    [
      'no time',
      { ...event, time: undefined },
      /^not a scheduled event: time must be a time such as 2020/,
    ],
    [
      'a number as time',
      { ...event, time: AT },
      /^not a scheduled event: time must be a time such as 2020/,
    ],
    [
      'an offset',
      { ...event, time: '2020-03-12T12:00:00+01:00' },
      /^not a scheduled event: time must be a time such as 2020/,
    ],
    [
      'a later time',
      { ...event, time: '2020-03-12T12:00:00Z' },
      /^the event is scheduled for .*, but it is only 2020/,
    ],
  ])('%s is refused in one line', (_, refused, message) => {
    const read = () => readScheduledCheck(refused, AT);
    expect(read).toThrow(EventError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/\n/);
  });
});

const slotEvent = (...slots: readonly string[]) => ({
  Records: slots.map((slot) => ({ eventSource: 'aws:sqs', body: JSON.stringify({ slot }) })),
});

describe('a slot from the queue', () => {
  const read = (slot: string, now: number, intervalSeconds = 10) =>
    readScheduledCheck(slotEvent(slot), now, intervalSeconds).checkId;

  it.each([
    ['when it is due', 0, '2020-03-12T11:00:00.000Z'],
    ['just before the next one', 9_999, '2020-03-12T11:00:00.000Z'],
    ['when the next one is due, as the next', 10_000, '2020-03-12T11:00:10.000Z'],
    ['after a check of half a minute, as the newest', 34_567, '2020-03-12T11:00:30.000Z'],
    ['5 s before, as a clock may lag', -5_000, '2020-03-12T11:00:00.000Z'],
  ])('is checked %s', (_, after, checkId) => {
    expect(read('2020-03-12T11:00:00.000Z', AT + after)).toBe(checkId);
  });

  it('is refused just more than 5 s before', () => {
    expect(() => read('2020-03-12T11:00:00.000Z', AT - 5_001)).toThrow(
      /^the event is scheduled for 2020-03-12T11:00:00.000Z, but it is only 2020-03-12T10:59:54/,
    );
  });

  it('asks for the same check as every other that waited with it', () => {
    const waiting = [0, 10, 20].map((second) => `2020-03-12T11:00:${second || '00'}.000Z`);
    const ids = waiting.map((slot) => read(slot, AT + 25_000));
    expect(new Set(ids)).toEqual(new Set(['2020-03-12T11:00:20.000Z']));
  });

  it('is the newest of several in one event', () => {
    const event = slotEvent('2020-03-12T11:00:10.000Z', '2020-03-12T11:00:00.000Z');
    const { scheduledAt } = readScheduledCheck(event, AT + 10_000, 10);
    expect(scheduledAt).toBe(AT + 10_000);
  });

  it.each([
    ['no records', { Records: [] }, /^not an event of a queue: Records /],
    [
      'records of a stream',
      { Records: [{ eventSource: 'aws:dynamodb' }] },
      /^not an event of a queue: Records.0.eventSource must be aws:sqs$/,
    ],
    [
      'a body that is not JSON',
      { Records: [{ eventSource: 'aws:sqs', body: 'now' }] },
      /^not a slot: it must be a map/,
    ],
    ['no time', slotEvent('soon'), /^not a slot: slot must be a time such as 2020/],
  ])('with %s is refused in one line', (_, refused, message) => {
    const refusal = () => readScheduledCheck(refused, AT, 10);
    expect(refusal).toThrow(EventError);
    expect(refusal).toThrow(message);
    expect(refusal).not.toThrow(/\n/);
  });
});
