/** More liquidations are due than the function has time to decide: lots of the worst leave, check by check. */
import { expect, it } from 'vitest';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { long, MARKET } from './book.ts';
import { type Call, inject, isOfOrders } from './injector.ts';
import { expectInOrder } from './invariants.ts';
import { eventAt, openWorld, timeOf, type World } from './world.ts';

const COUNT = 400;
const CASH = 10_300;
const STEP = 5;
const MINUTE_MS = 60_000;

/** The poorer the worse. Names follow another order. */
const cashOf = (name: string): number => CASH + STEP * ((Number(name.split('-')[1]) * 37) % COUNT);
const NAMES = Array.from({ length: COUNT }, (_, each) => `breached-${each}`);
const WORST_FIRST = NAMES.toSorted((left, right) => cashOf(left) - cashOf(right));

/** The time is over once so many messages of orders have left. */
async function checkUntil(world: World, minute: number, most: number): Promise<CheckSummary> {
  let left = 0;
  const run = inject(world.services, (call: Call, proceed) => {
    const { PublishBatchRequestEntries: entries = [] } = call.input as {
      readonly PublishBatchRequestEntries?: readonly unknown[];
    };
    if (isOfOrders(call)) left += entries.length;
    return proceed();
  });
  await world.quoteAt(minute);
  const now = () => timeOf(minute);
  const handler = createHandler({ ...world.services, ...run, now });
  const context = { getRemainingTimeInMillis: () => (left < most ? MINUTE_MS : 1_000) };
  return handler(eventAt(minute), context).catch((error: unknown) => {
    if (error instanceof CheckFailedError) return error.summary;
    throw error;
  });
}

const ordered = async (world: World): Promise<string[]> =>
  (await world.orders()).flatMap((message) =>
    message.type === 'liquidation.ordered' ? [message.accountId] : [],
  );

it('the worst are ordered first, the next check goes on, and each says how many are left', async () => {
  const market = MARKET.filter(({ id }) => id !== 'DOGE');
  const accounts = NAMES.flatMap((name) => long(name, String(cashOf(name))));
  const world = await openWorld({ market, accounts });
  let before = 0;
  for (const minute of [0, 1]) {
    const summary = await checkUntil(world, minute, 50);
    const names = await ordered(world);
    expect(names.length).toBeGreaterThan(before);
    expect(names.length).toBeLessThan(COUNT);
    expect(names.toSorted()).toEqual(WORST_FIRST.slice(0, names.length).toSorted());
    // Those whose plan runs since the check before have no decision, either.
    const unreached = COUNT - (names.length - before);
    expect(summary).toMatchObject({ unreached, isComplete: false });
    before = names.length;
  }
  const last = await checkUntil(world, 2, Number.POSITIVE_INFINITY);
  expect(last).toMatchObject({ unreached: 0, isComplete: true });
  expect(new Set(await ordered(world))).toEqual(new Set(NAMES));
  await expectInOrder(world);
});
