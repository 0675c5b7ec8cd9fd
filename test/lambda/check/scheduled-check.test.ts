import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventError, readScheduledCheck } from '../../../lambda/check/scheduled-check.ts';

const AT = Date.parse('2020-03-12T11:00:00Z');

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
