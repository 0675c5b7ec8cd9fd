import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canaryNumber } from '../../../lambda/aws/accounts-table.ts';
import { eventCheckId, isEventCheckId, timeOfCheck } from '../../../lambda/outbox/check-id.ts';

const idAt = (ms: number) => new Date(ms).toISOString();
const times = fc.integer({ min: 0, max: 4_102_444_800_000 });

it('an event check sorts between the check before and any later one, and by its time', () => {
  fc.assert(
    fc.property(times, times, fc.integer({ min: 1, max: 10 ** 9 }), (at, asOf, later) => {
      const id = eventCheckId(idAt(at), asOf);
      expect(idAt(at) < id && id < idAt(at + later)).toBe(true);
      expect(id < eventCheckId(idAt(at), asOf + later)).toBe(true);
      expect(timeOfCheck(id)).toBe(asOf);
      expect(timeOfCheck(idAt(at))).toBe(at);
      expect([isEventCheckId(id), isEventCheckId(idAt(at))]).toEqual([true, false]);
    }),
  );
});

it('an event check may name its canaries', () => {
  expect(canaryNumber({ accountId: '~canary-3', item: eventCheckId(idAt(0), 5) })).toBe(3);
});
