import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS_MAX, type Found, noted, type Waiting } from '../../../lambda/events/waiting.ts';

const found = (accountIds: readonly string[], feeds: readonly string[] = []): Found => ({
  accountIds,
  feeds,
  newestAt: 5,
});

const waiting = (of: Partial<Waiting>): Waiting => ({
  ...{ accountIds: ['a'], feeds: [], newestAt: 1, wakeAt: 100_000, isTaken: false },
  ...of,
});

describe('what is found', () => {
  it('wakes a check at once, where none waits', () => {
    expect(noted(undefined, found(['b']), 7_000)).toEqual({
      waiting: { ...found(['b']), wakeAt: 7_000, isTaken: false },
      isWoken: true,
    });
  });

  it('joins what waits for a message on its way, each account once', () => {
    const { waiting: next, isWoken } = noted(waiting({}), found(['b', 'a'], ['BTC-USD']), 99_500);
    expect(isWoken).toBe(false);
    expect(next).toEqual(waiting({ accountIds: ['a', 'b'], feeds: ['BTC-USD'], newestAt: 5 }));
  });

  it('wakes a check a second after the last, once that has taken what waited', () => {
    const { waiting: next, isWoken } = noted(waiting({ isTaken: true }), found(['b']), 100_300);
    expect({ isWoken, next }).toEqual({
      isWoken: true,
      next: { ...found(['b']), wakeAt: 101_000, isTaken: false },
    });
  });

  it.each([
    ['takes with it what a lost message has left', 104_000, ['a', 'b']],
    ['leaves what has waited for a minute to scheduled checks', 160_000, ['b']],
  ])('%s', (_, now, accountIds) => {
    expect(noted(waiting({}), found(['b']), now)).toMatchObject({
      isWoken: true,
      waiting: { accountIds, wakeAt: now },
    });
  });

  it('is not silenced by a clock that was far ahead', () => {
    const { waiting: next } = noted(waiting({ wakeAt: 1e12 }), found(['b']), 5_000);
    expect(next).toMatchObject({ wakeAt: 5_000, accountIds: ['b'] });
  });

  it('beyond what one check decides about at once is left to scheduled checks', () => {
    const many = Array.from({ length: ACCOUNTS_MAX + 10 }, (_, each) => `account-${each}`);
    const { waiting: next } = noted(waiting({}), found(many), 99_500);
    expect(next.accountIds).toHaveLength(ACCOUNTS_MAX);
    expect(next.accountIds[0]).toBe('a');
    const long = many.map((id) => id.padEnd(1_000, 'x'));
    expect(JSON.stringify(noted(undefined, found(long), 0)).length).toBeLessThan(200_000);
  });
});

const steps = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 3_000 }),
    name: fc.constantFrom('a', 'b', 'c'),
    /** Whether a check takes what waits, once its message is due. */
    isTaken: fc.boolean(),
  }),
  { maxLength: 50 },
);

const isDue = ({ isTaken, wakeAt }: Waiting, now: number) => !isTaken && wakeAt <= now;

it('messages are a second apart, and nothing is forgotten within a minute', () => {
  fc.assert(
    fc.property(steps, (all) => {
      let now = 1_000_000;
      let item: Waiting | undefined;
      const due: number[] = [];
      const unseen = new Set<string>();
      for (const { after, name, isTaken } of all) {
        now += after;
        if (isTaken && item !== undefined && isDue(item, now)) {
          expect(item.accountIds).toEqual(expect.arrayContaining([...unseen]));
          unseen.clear();
          item = { ...item, isTaken: true };
        }
        unseen.add(name);
        const { waiting: next, isWoken } = noted(item, { ...found([name]), newestAt: now }, now);
        item = next;
        if (isWoken) due.push(next.wakeAt);
        expect(item.accountIds).toEqual(expect.arrayContaining([...unseen]));
      }
      for (const [index, each] of due.slice(1).entries()) {
        expect(each - (due[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
      }
    }),
  );
});
