import { describe, expect, it } from 'vitest';
import { TimeLimit } from '../../../lambda/outbox/time-limit.ts';

const SECOND = 1_000;

describe('the time limit of a check', () => {
  const limitAt = (wholeSeconds: number) => {
    let left = wholeSeconds * SECOND;
    const limit = new TimeLimit(() => left);
    return (seconds: number) => {
      left = seconds * SECOND;
      return [limit.isScanOver, limit.isOver];
    };
  };

  it.each([
    ['a fifth of a minute', 60, 12],
    ['15 seconds of five minutes', 300, 15],
  ])('keeps %s for what has begun', (_, whole, kept) => {
    const at = limitAt(whole);
    expect(at(kept)).toEqual([true, false]);
    expect(at(kept - 0.001)).toEqual([true, true]);
  });

  it('ends the scan while three tenths more are left for decisions', () => {
    const at = limitAt(60);
    expect(at(30)).toEqual([false, false]);
    expect(at(29.999)).toEqual([true, false]);
  });

  it('is never over without a function that is stopped', () => {
    const limit = new TimeLimit();
    expect([limit.isScanOver, limit.isOver]).toEqual([false, false]);
  });
});
