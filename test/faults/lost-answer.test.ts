/**
 * AWS executes a write or a publication, but its answer is lost, so the SDK sends it again. A
 * conditional write then meets its own effect, and must recognise it.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { OPENINGS } from './book.ts';
import { type Call, inject, isPublication, unharmed } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { openWorld, World } from './world.ts';

/** Loses the answer to the nth call of a client, below the retries of the SDK. */
function loseAnswer(client: Pick<DynamoDBClient, 'middlewareStack'>, nth: number): void {
  let attempts = 0;
  client.middlewareStack.add(
    (next) => async (request) => {
      const isLost = ++attempts === nth;
      const answer = await next(request);
      if (isLost) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      return answer;
    },
    { step: 'deserialize', name: 'loseAnswer', priority: 'low' },
  );
}

async function callsOfACheck(): Promise<readonly Call[]> {
  const world = await World.start({ on: 'dynalite' });
  const run = inject(world.services, unharmed);
  await world.check(0, run);
  await world.close();
  return run.calls;
}

const calls = await callsOfACheck();
/** Calls are counted per service. */
const nthOf = (isOf: (call: Call) => boolean) =>
  calls.filter(isOf).map((call, index) => ({ ...call, nth: index + 1 }));
const writes = nthOf((call) => !isPublication(call)).filter(({ command }) => command === 'PutItem');
const [fence, ...others] = writes;

describe('a lost answer', () => {
  it.each(others)(
    'to the write at call $index doubles no message and loses none',
    async ({ nth }) => {
      const world = await openWorld({ on: 'dynalite' });
      loseAnswer(world.dynamo, nth);
      await world.check(0);
      expect(await world.alerts()).toHaveLength(OPENINGS.length);
      expect(await saidOf(world)).toEqual(OPENINGS);
      await expectInOrder(world);
    },
  );

  it.each(nthOf(isPublication))(
    'to the publication at call $index, $target, doubles no message and loses none',
    async ({ nth }) => {
      const world = await openWorld({ on: 'dynalite' });
      loseAnswer(world.services.sns as never, nth);
      await world.check(0);
      expect(await saidOf(world)).toEqual(OPENINGS);
      expect(await world.orders()).toHaveLength(3);
      await expectInOrder(world);
    },
  );

  it('to the write of the fence does not skip the check', async () => {
    const world = await openWorld({ on: 'dynalite' });
    loseAnswer(world.dynamo, fence?.nth ?? 0);
    const summary = await world.check(0);
    expect(summary).not.toHaveProperty('skipped');
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('to the write of the fence leaves nothing undone after the next check', async () => {
    const world = await openWorld({ on: 'dynalite' });
    loseAnswer(world.dynamo, fence?.nth ?? 0);
    await world.check(0);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });
});
