import { expect, it } from 'vitest';
import { minuteTime, secondTime } from '../../../local/demo/black-thursday.ts';
import { gapStatistics } from '../../../local/demo/gaps.ts';
import { clockOf } from '../../../local/demo/timetable.ts';

it('a run of one check has no gap statistics', () => {
  expect(gapStatistics([])).toBeUndefined();
});

it('a single gap is every statistic', () => {
  const statistics = gapStatistics([61]);
  expect(Object.values(statistics ?? {})).toEqual([1, 61, 61, 61, 61]);
});

it('the 99 % gap is not exceeded by 99 of 100 gaps', () => {
  const gaps = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(gapStatistics(gaps)).toEqual({
    gaps: 100,
    minSeconds: 1,
    medianSeconds: 50,
    p99Seconds: 99,
    maxSeconds: 100,
  });
});

it('a check runs after its scheduled time and before the next is due', () => {
  const clockAt = clockOf(1, { intervalSeconds: 60, isRefined: false });
  const lateSeconds = Array.from({ length: 1440 }, (_, minute) => {
    return (clockAt(minuteTime(minute)) - minuteTime(minute)) / 1000;
  });
  expect(Math.min(...lateSeconds)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...lateSeconds)).toBeGreaterThan(20);
  expect(Math.max(...lateSeconds)).toBeLessThanOrEqual(40);
  const prompt = lateSeconds.filter((seconds) => seconds <= 3).length;
  expect(prompt).toBeGreaterThan(1440 * 0.94);
});

it('a slot comes a second or two late, and starts are as often slow as at a minute', () => {
  const clockAt = clockOf(1, { intervalSeconds: 10, isRefined: true });
  const lateSeconds = Array.from({ length: 8640 }, (_, slot) => {
    return (clockAt(secondTime(10 * slot)) - secondTime(10 * slot)) / 1000;
  });
  const prompt = lateSeconds.filter((seconds) => seconds <= 1.6);
  expect(Math.min(...lateSeconds)).toBeGreaterThanOrEqual(0.9);
  const slowAnHour = (8640 - prompt.length) / 24;
  expect(slowAnHour).toBeGreaterThan(1.5);
  expect(slowAnHour).toBeLessThan(3);
});
