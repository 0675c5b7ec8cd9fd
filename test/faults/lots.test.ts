/** Several lots of liquidations, of which one meets a fault. */
import { expect, it } from 'vitest';
import { long, MARKET } from './book.ts';
import { type Call, failing, inject, isOfOrders } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { failureOf, openWorld } from './world.ts';

const BREACHED = Array.from({ length: 400 }, (_, each) => long(`breached-${each}`, '11000'));

it('accounts that had no decision after a fault count as not reached, and are first at the next check', async () => {
  const market = MARKET.filter(({ id }) => id !== 'DOGE');
  const world = await openWorld({ market, accounts: BREACHED.flat() });
  let [isPublishing, faults] = [false, 1];
  const isHit = (call: Call) => {
    isPublishing ||= isOfOrders(call);
    const { pk } = (call.input.Key ?? {}) as { pk?: { S: string } };
    return isPublishing && call.command === 'GetItem' && pk?.S === 'check' && faults-- > 0;
  };
  const broken = failing(isHit, () => new Error('no answer'));
  const summary = await failureOf(world.check(0, inject(world.services, broken)));
  const ordered = async () =>
    new Set((await saidOf(world)).filter((each) => each.endsWith('liquidation.ordered'))).size;
  const before = await ordered();
  expect(before).toBeLessThan(400);
  expect(summary.unreached).toBeGreaterThanOrEqual(400 - before);
  expect(summary.isComplete).toBe(false);
  await world.checkAfresh(1);
  expect(await ordered()).toBe(400);
  await expectInOrder(world);
});
