import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HORIZON_SECONDS, slotsAhead } from '../../../lambda/check/slots-ahead.ts';

const AT = Date.parse('2020-03-12T11:00:00Z');
const INTERVALS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

const ahead = (now: number, last?: number, intervalSeconds = 10) =>
  slotsAhead({ now, intervalSeconds, last });

interface Start {
  readonly waitMs: number;
  /** False: the function was stopped before it could. */
  readonly isRemembered: boolean;
}

/** Every slot that is put, also twice. The first start may be any time after `from`. */
function putBy(
  starts: readonly Start[],
  run: { readonly from: number; readonly interval: number },
) {
  const put: number[] = [];
  let now = run.from;
  let last: number | undefined;
  for (const { waitMs, isRemembered } of starts) {
    now += waitMs;
    const slots = ahead(now, last, run.interval);
    expect(slots.length).toBeLessThanOrEqual(Math.ceil(HORIZON_SECONDS / run.interval));
    expect(slots[0] ?? now + 1).toBeGreaterThan(now);
    expect(slots.at(-1) ?? now).toBeLessThanOrEqual(now + HORIZON_SECONDS * 1000);
    put.push(...slots);
    if (isRemembered) last = slots.at(-1) ?? last;
  }
  return { put, begun: run.from + (starts[0]?.waitMs ?? 0), ended: now };
}

describe('slots ahead', () => {
  it('are those after now, up to the horizon, if none was put', () => {
    const slots = ahead(AT + 250);
    expect(slots).toHaveLength(HORIZON_SECONDS / 10);
    expect([slots[0], slots.at(-1)]).toEqual([AT + 10_000, AT + 210_000]);
  });

  it('begin after the last that was put', () => {
    expect(ahead(AT + 60_000, AT + 210_000)[0]).toBe(AT + 220_000);
    expect(ahead(AT + 60_000, AT + 270_000)).toEqual([]);
  });

  it('do not begin in the past after a pause, nor with the slot of now', () => {
    expect(ahead(AT + 3_600_000, AT)[0]).toBe(AT + 3_610_000);
    expect(ahead(AT, AT - 60_000)[0]).toBe(AT + 10_000);
  });

  it.each([
    ['as far ahead as a clock with the greatest skew can have put it', 5_000, false],
    ['further ahead', 5_001, true],
  ])('take a last slot %s', (_, beyond, isIgnored) => {
    const last = AT + HORIZON_SECONDS * 1000 + beyond;
    expect(ahead(AT, last)).toHaveLength(isIgnored ? HORIZON_SECONDS / 10 : 0);
  });

  it('are each put at least once and none for the past, whatever starts come', () => {
    const starts = fc.array(
      fc.record({
        // Doubled, in time, late, or after one that was lost.
        waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200_000 })),
        isRemembered: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    );
    const seconds = fc.constantFrom(...INTERVALS);
    const property = fc.property(starts, seconds, fc.nat(86_400_000), (all, interval, offset) => {
      const { put, begun, ended } = putBy(all, { from: AT + offset, interval });
      const intervalMs = interval * 1000;
      const first = (Math.floor(begun / intervalMs) + 1) * intervalMs;
      for (let slot = first; slot <= ended; slot += intervalMs) expect(put).toContain(slot);
      if (all.every(({ isRemembered }) => isRemembered)) {
        expect(new Set(put).size).toBe(put.length);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('start from now after a pause that is longer than the horizon', () => {
    const paused = fc.integer({ min: HORIZON_SECONDS * 1000, max: 86_400_000 });
    const property = fc.property(paused, fc.constantFrom(...INTERVALS), (pause, seconds) => {
      const last = ahead(AT, undefined, seconds).at(-1);
      const now = AT + pause;
      const intervalMs = seconds * 1000;
      const [first = 0] = ahead(now, last, seconds);
      expect(first - now).toBeGreaterThan(0);
      expect(first - now).toBeLessThanOrEqual(intervalMs);
    });
    fc.assert(property, { numRuns: 100 });
  });
});
