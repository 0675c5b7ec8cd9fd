/** Event checks of all accounts that workers read for. */
import { expect, it } from 'vitest';
import { createHandlers } from '../../lambda/check.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { type Fault, memoryWorkers } from '../aws/memory-workers.ts';
import { long, PRICES } from './book.ts';
import { at, move, openEvents, ran } from './events.ts';
import { expectInOrder } from './invariants.ts';
import { accountsSaid, memoryOf } from './warm.ts';
import { eventAt } from './world.ts';

const BOOK = Array.from({ length: 60 }, (_, each) =>
  long(`account-${each}`, `${14_500 + 150 * each}`),
).flat();

async function moved(fault?: Fault | 'no workers') {
  const world = await openEvents({ accounts: BOOK, hasCertificates: true });
  const { services, dynamo } = world;
  const { time } = memoryOf(world);
  const table = services.config.accountsTable;
  const workers = fault === 'no workers' ? undefined : memoryWorkers({ dynamo, table, fault });
  const stopwatch = { now: () => time.now, wait: (ms: number) => time.runUntil(time.now + ms) };
  const resources = { ...services, stopwatch };
  let clock = at(0.25);
  const handlers = createHandlers({
    ...{ ...resources, workers, certified: certifiedMemory(resources), now: () => clock },
  });
  for (const minute of [0, 1]) {
    await world.quoteAt(minute, PRICES);
    clock = at(minute * 60 + 0.25);
    await handlers.check(eventAt(minute));
  }
  await move(world, { 'BTC-USD': '5800' }, 65);
  clock = at(65.5);
  const summary = ran(await handlers.event());
  return { world, summary, said: await accountsSaid(world) };
}

it.each<[string, Fault | undefined, object]>([
  ['work', undefined, { takenOver: 0 }],
  ['fail', () => Promise.reject(new Error('the worker failed')), { accounts: 0, takenOver: 3 }],
])(
  'an event check whose workers %s decides as without them, and counts all',
  async (_, fault, workers) => {
    const alone = await moved('no workers');
    const { world, summary, said } = await moved(fault);
    expect(said.filter((each) => each.includes('liquidation.ordered')).length).toBeGreaterThan(0);
    expect(said).toEqual(alone.said);
    const counted = { accounts: 60, assessed: 60, unaccounted: 0, failed: 0, errors: [] };
    expect(summary).toMatchObject({ ...counted, levels: alone.summary.levels, workers });
    expect(alone.summary.workers).toBeUndefined();
    await expectInOrder(world);
  },
);
