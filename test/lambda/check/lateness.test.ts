import { describe, expect, it } from 'vitest';
import type { LatestCheck } from '../../../lambda/check/fence.ts';
import { bufferGapSeconds, lateMessages, timingOf } from '../../../lambda/check/lateness.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';

const AT = Date.parse('2020-03-12T11:00:00.000Z');
const checkId = new Date(AT).toISOString();
const check = { checkId, scheduledAt: AT };

interface Given {
  readonly late?: number;
  readonly gap?: number;
  readonly interval?: number;
}

/** A check that begins `late` seconds after its time, and `gap` seconds after the last complete one. */
const timing = ({ late = 0, gap, interval: intervalSeconds = 60 }: Given) => {
  const asOf = AT + late * 1000;
  const completedAsOf = gap === undefined ? undefined : asOf - gap * 1000;
  const latest: LatestCheck = { runId: 'r', completedAsOf, prices: new Map() };
  return timingOf({ check, asOf, latest, intervalSeconds });
};

describe('timing', () => {
  it('has no gap before the first complete check', () => {
    expect(timing({ late: 1.5 })).toMatchObject({ lateSeconds: 1.5, gapSeconds: undefined });
    const first = timingOf({ check, asOf: AT, latest: undefined, intervalSeconds: 60 });
    expect(first).toMatchObject({ lateSeconds: 0, gapSeconds: undefined });
  });

  it('measures the gap from when the last complete check ran, not from when it was due', () => {
    expect(timing({ late: 2, gap: 61.25 })).toMatchObject({ lateSeconds: 2, gapSeconds: 61.25 });
  });

  it('never goes back, whatever clocks do', () => {
    expect(timing({ late: -3, gap: -10 })).toMatchObject({ lateSeconds: 0, gapSeconds: 0 });
  });
});

describe('the gap of the latency buffer', () => {
  it.each([
    ['the interval at the first check', undefined, 60],
    ['the interval when less has passed', 1, 60],
    ['the interval when just less has passed', 59.999, 60],
    ['the interval', 60, 60],
    ['just less than two intervals', 119, 119],
    ['two intervals', 120, 120],
    ['two intervals when just more has passed', 121, 120],
    ['two intervals after an outage of an hour', 3_600, 120],
  ])('is %s', (_, gap, counted) => {
    expect(bufferGapSeconds(timing(gap === undefined ? {} : { gap }))).toBe(counted);
  });

  it('is measured below a minute, too', () => {
    expect(bufferGapSeconds(timing({ gap: 11.5, interval: 10 }))).toBe(11.5);
    expect(bufferGapSeconds(timing({ gap: 45, interval: 10 }))).toBe(20);
  });

  it('is at least the time that has passed, up to two intervals', () => {
    for (const gap of [60.001, 60.137, 90.5, 119.999]) {
      expect(bufferGapSeconds(timing({ gap }))).toBeGreaterThanOrEqual(gap);
    }
  });
});

describe('a check is late', () => {
  it.each([
    ['the first one, in time', {}, false],
    ['an interval behind its schedule', { late: 60 }, false],
    ['just more than an interval behind its schedule', { late: 60.001 }, true],
    ['two intervals after the one before', { gap: 120 }, false],
    ['just more than two intervals after the one before', { gap: 120.001 }, true],
    ['both', { late: 90, gap: 500 }, true],
  ])('%s: %o', (_, given, isLate) => {
    expect(lateMessages(timing(given), checkId, undefined)).toHaveLength(isLate ? 1 : 0);
  });

  it.each([
    ['a minute after the one before', { gap: 60, interval: 10 }, false],
    ['just more than a minute after the one before', { gap: 60.001, interval: 10 }, true],
    ['just more than two intervals after it, but no minute', { gap: 20.001, interval: 10 }, false],
    ['just more than two intervals of half a minute', { gap: 60.001, interval: 30 }, true],
    ['a minute behind its slot', { late: 60, interval: 1 }, false],
    ['just more than a minute behind its slot', { late: 60.001, interval: 1 }, true],
  ])('at an interval below a minute, %s: %o', (_, given, isLate) => {
    expect(lateMessages(timing(given), checkId, undefined)).toHaveLength(isLate ? 1 : 0);
  });

  it('and says so to the alerts, in a message of the contract', () => {
    const [pending] = lateMessages(timing({ late: 90, gap: 500 }), checkId, undefined);
    expect(pending?.to).toEqual(['alerts']);
    const message = messageSchemas['check.late'].parse(pending?.message);
    expect(message).toMatchObject({
      id: `check/${checkId}/check.late`,
      lateSeconds: 90,
      gapSeconds: 500,
      intervalSeconds: 60,
    });
    expect(pending?.message).toEqual(message);
  });
});

describe('a gap that lasts', () => {
  const told = (gap: number, previousGap: number | undefined) => {
    const previous =
      previousGap === undefined
        ? undefined
        : new Date(AT - (gap - previousGap) * 1000).toISOString();
    return lateMessages(timing({ gap }), checkId, previous).length > 0;
  };

  it('is told by the first check after it', () => {
    expect(told(300, 0)).toBe(true);
    expect(told(300, 120)).toBe(true);
    expect(told(300, undefined)).toBe(true);
  });

  it('is told again only once an hour while checks stay incomplete', () => {
    expect(told(300, 240)).toBe(false);
    expect(told(3_599, 3_539)).toBe(false);
    expect(told(3_600, 3_540)).toBe(true);
    expect(told(3_660, 3_600)).toBe(false);
    expect(told(7_200, 7_140)).toBe(true);
  });
});
