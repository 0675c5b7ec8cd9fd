/** Checks every ten seconds, started by messages of a queue. */
import { describe, expect, it } from 'vitest';
import { at, checkSlot } from './at-slots.ts';
import { OPENINGS } from './book.ts';
import { holdAt, inject, isOfAnAccount } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { openWorld, type World, type WorldInput } from './world.ts';

async function slotsWorld(input: WorldInput = {}): Promise<World> {
  const world = await openWorld(input);
  await world.quoteAt(0);
  return world;
}

const REPEATED = 'this check, or a later one, has been run before';
const RUNNING = /^the check before may still be running/;

describe('records of checks every ten seconds', () => {
  const DAY = 86_400;
  const keptDays = async (world: World, seconds: number) => {
    const checkId = new Date(at(seconds)).toISOString();
    const row = (await world.margin()).find(({ pk, sk }) => pk === 'check' && sk === checkId);
    const begunSeconds = Math.floor(at(seconds) / 1000);
    return Math.floor((Number(row?.expiresAtSeconds) - begunSeconds) / DAY);
  };

  it('are kept as decisions are if they say something or begin an hour, else for a day', async () => {
    // A function that has just started says that it reads every account: each of these would.
    const world = await slotsWorld({ hasCertificates: false });
    for (const seconds of [0, 10, 20, 30]) await checkSlot(world, seconds);
    expect(await keptDays(world, 0)).toBe(400);
    expect(await keptDays(world, 20)).toBe(1);
    expect(await keptDays(world, 30)).toBe(1);
    await checkSlot(world, 150);
    expect(await keptDays(world, 150)).toBe(400);
  });
});

describe('messages of slots', () => {
  it('start a check each', async () => {
    const world = await slotsWorld();
    for (const seconds of [0, 10, 20]) {
      expect(await checkSlot(world, seconds)).not.toHaveProperty('skipped');
    }
    expect(await saidOf(world)).toEqual(OPENINGS);
    expect(await checkSlot(world, 30)).toMatchObject({ gapSeconds: 10, lateSeconds: 0.5 });
    await expectInOrder(world);
  });

  it('that come twice start one check', async () => {
    const world = await slotsWorld();
    expect(await checkSlot(world, 0)).not.toHaveProperty('skipped');
    expect(await checkSlot(world, 0)).toMatchObject({ skipped: REPEATED });
  });

  it('that have waited start one check, of the newest slot', async () => {
    const world = await slotsWorld();
    const begun = 31;
    const summary = await checkSlot(world, 0, { begun });
    expect(summary).toMatchObject({ checkId: new Date(at(30)).toISOString(), lateSeconds: 1 });
    for (const seconds of [10, 20, 30]) {
      expect(await checkSlot(world, seconds, { begun })).toMatchObject({ skipped: REPEATED });
    }
  });
});

describe('a check that takes longer than the interval', () => {
  it('is not overtaken: the slots meanwhile are skipped, and the first after it is checked', async () => {
    const world = await slotsWorld();
    const held = holdAt(isOfAnAccount);
    const slow = checkSlot(world, 0, inject(world.services, held.intercept));
    await held.arrived;
    expect((await checkSlot(world, 10)).skipped).toMatch(RUNNING);
    expect((await checkSlot(world, 20)).skipped).toMatch(RUNNING);
    held.letGo();
    expect(await slow).toMatchObject({ isComplete: true, errors: [] });
    expect(await checkSlot(world, 30)).not.toHaveProperty('skipped');
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it.each([
    ['just less than a minute after its slot', 59.999, true],
    ['a minute after its slot, when Lambda has stopped it', 60, false],
  ])('and has died is waited for until %s', async (_, begun, isSkipped) => {
    const world = await slotsWorld();
    const held = holdAt(isOfAnAccount);
    checkSlot(world, 0, inject(world.services, held.intercept)).catch(() => undefined);
    await held.arrived;
    const { skipped } = await checkSlot(world, 50, { begun });
    if (isSkipped) expect(skipped).toMatch(RUNNING);
    else expect(skipped).toBeUndefined();
  });
});
