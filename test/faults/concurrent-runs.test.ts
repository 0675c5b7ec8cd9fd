import { describe, expect, it } from 'vitest';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { balance, long, OPENINGS } from './book.ts';
import {
  type Call,
  holdAt,
  inject,
  isOfAnAccount,
  isOfOrders,
  isPublication,
  turnstile,
} from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { CLOCK_LAG_MS, eventAt, openWorld, timeOf, type World } from './world.ts';

const SEEDS = Array.from({ length: 8 }, (_, seed) => seed + 1);

const FALLEN = { 'BTC-USD': '5900' };

/** A run may fail because a later one has begun, and for no other reason. */
async function orOvertaken(run: Promise<CheckSummary>): Promise<CheckSummary> {
  const summary = await run.catch((error: unknown) => {
    if (error instanceof CheckFailedError) return error.summary;
    throw error;
  });
  for (const error of summary.errors) expect(error).toContain('OvertakenError');
  return summary;
}

/** All runs begin at the time of the latest, and share one turnstile. */
function atOnce(world: World, minutes: readonly number[], seed: number) {
  const enter = turnstile(seed);
  const clock = timeOf(Math.max(...minutes)) + CLOCK_LAG_MS;
  return Promise.all(
    minutes.map((minute) =>
      orOvertaken(world.handle(eventAt(minute), clock, inject(world.services, enter()))),
    ),
  );
}

describe('two simultaneous runs of one event', () => {
  it.each(SEEDS)(
    'open every case once, as only one of them does any work: seed %i',
    async (seed) => {
      const world = await openWorld();
      const summaries = await atOnce(world, [0, 0], seed);
      const working = summaries.filter(({ skipped }) => skipped === undefined);
      expect(working).toHaveLength(1);
      expect(working[0]).toMatchObject({ accounts: 7, superseded: 0 });
      expect(await world.alerts()).toHaveLength(OPENINGS.length);
      expect(await saidOf(world)).toEqual(OPENINGS);
      await expectInOrder(world);
    },
  );

  it.each(SEEDS.slice(0, 4))('move every open case once: seed %i', async (seed) => {
    const world = await openWorld();
    await world.check(0);
    await world.quoteAt(1, FALLEN);
    await atOnce(world, [1, 1], seed);
    const moves = ['bankrupt deficit.detected', 'called liquidation.ordered'];
    expect(await saidOf(world)).toEqual([...OPENINGS, ...moves].sort());
    await expectInOrder(world);
  });
});

describe('two simultaneous runs of neighbouring events', () => {
  it.each(SEEDS)('open every case once: seed %i', async (seed) => {
    const world = await openWorld();
    await atOnce(world, seed % 2 === 0 ? [0, 0.5] : [0.5, 0], seed);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it.each(SEEDS)('move every open case once, though both events are due: seed %i', async (seed) => {
    const world = await openWorld();
    await world.check(0);
    await world.quoteAt(1, FALLEN);
    await world.writeAccounts([balance('liquidated', '40000'), ...long('mistyped', '14900')]);
    await world.removeAccount('isolated', ['position#BTC-PERP']);
    await atOnce(world, seed % 2 === 0 ? [1, 1.5] : [1.5, 1], seed);
    const moves = [
      'bankrupt deficit.detected',
      'called liquidation.ordered',
      'isolated#BTC-PERP liquidation.completed',
      'liquidated liquidation.completed',
      'mistyped account.determinate',
      'mistyped margin-call.issued',
    ];
    expect(await saidOf(world)).toEqual([...OPENINGS, ...moves].sort());
    await world.checkAfresh(2, FALLEN);
    expect(await saidOf(world)).toEqual([...OPENINGS, ...moves].sort());
    await expectInOrder(world);
  });
});

describe('three simultaneous runs', () => {
  it.each(SEEDS.slice(0, 3))(
    'open every case once, whichever event is newest: seed %i',
    async (seed) => {
      const world = await openWorld();
      await atOnce(world, [0.2, 0, 0.4], seed);
      expect(await saidOf(world)).toEqual(OPENINGS);
      await world.checkAfresh(1);
      expect(await saidOf(world)).toEqual(OPENINGS);
      await expectInOrder(world);
    },
  );
});

/** Run 0 has read the market and is held. Run 1 begins and ends. Then run 0 continues. */
async function overtaken(world: World, isFirst: (call: Call) => boolean, prices = FALLEN) {
  const held = holdAt(isFirst);
  const old = world.check(0, inject(world.services, held.intercept));
  await held.arrived;
  await world.checkAfresh(1, prices);
  held.letGo();
  return orOvertaken(old);
}

const readsACase = (call: Call) => call.command === 'GetItem' && isOfAnAccount(call);
const writesACase = (call: Call) => call.command === 'PutItem' && isOfAnAccount(call);
const readsAccounts = ({ target }: Call) => target === 'accounts';

describe('a run that is overtaken by a newer one', () => {
  it('is skipped if it is overtaken at the fence', async () => {
    const world = await openWorld();
    const summary = await overtaken(world, ({ command }) => command === 'PutItem');
    expect(summary).toHaveProperty('skipped');
    expect(await saidOf(world)).toContain('called liquidation.ordered');
    await expectInOrder(world);
  });

  it('changes no case that the newer run has decided', async () => {
    const world = await openWorld();
    const summary = await overtaken(world, readsACase);
    expect(summary.superseded).toBeGreaterThan(0);
    expect(await saidOf(world)).toContain('called liquidation.ordered');
    expect(await saidOf(world)).not.toContain('called margin-call.issued');
    await expectInOrder(world);
  });

  it('decides nothing if it is overtaken before it reads accounts, and says why it fails', async () => {
    const world = await openWorld();
    const summary = await overtaken(world, readsAccounts);
    expect(summary.published).toBe(0);
    expect(summary.errors[0]).toMatch(
      /OvertakenError: check 2020-03-12T11:01:00.000Z began before/,
    );
    const checks = (await world.alerts()).map(({ checkId }) => checkId.slice(0, 16));
    expect(new Set(checks)).toEqual(new Set(['2020-03-12T11:01']));
    await expectInOrder(world);
  });

  it('does not call an account that the newer run found healthy', async () => {
    const world = await openWorld({ accounts: long('called', '14000') });
    await overtaken(world, readsAccounts, { 'BTC-USD': '6500' });
    expect(await saidOf(world)).not.toContain('called margin-call.issued');
    await expectInOrder(world);
  });

  it('does not liquidate an account that the newer run found healthy', async () => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await overtaken(world, readsAccounts, { 'BTC-USD': '6500' });
    expect((await world.orders()).map(({ id }) => id)).toEqual([]);
    await expectInOrder(world);
  });

  it('leaves the publication of a case that it has written to the newer run', async () => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    let hasWritten = false;
    const looksAtTheFenceAgain = (call: Call) => {
      hasWritten ||= writesACase(call);
      return hasWritten && call.command === 'GetItem';
    };
    const summary = await overtaken(world, looksAtTheFenceAgain, { 'BTC-USD': '6500' });
    expect(summary.errors[0]).toContain('OvertakenError');
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    const plans = (await world.orders()).filter(({ type }) => type === 'liquidation.ordered');
    expect(plans.map(({ id }) => id)).toEqual([]);
    await expectInOrder(world, { withdrawn: 1 });
  });

  it('may send its plan after the newer run has reported the case completed', async () => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await overtaken(world, isOfOrders, { 'BTC-USD': '6500' });
    await world.checkAfresh(2, { 'BTC-USD': '6500' });
    expect((await world.orders()).map(({ type }) => type)).toEqual([
      'liquidation.completed',
      'liquidation.ordered',
    ]);
  });
});

describe('an older run that writes a case', () => {
  const moves = ['bankrupt deficit.detected', 'called liquidation.ordered'];

  /** Run 1 is held where it starts to read cases, run 1.5 where it starts to write them. */
  async function between(world: World) {
    const clock = timeOf(1.5) + CLOCK_LAG_MS;
    const reading = holdAt(readsACase);
    const old = world.handle(eventAt(1), clock, inject(world.services, reading.intercept));
    await reading.arrived;
    const writing = holdAt(writesACase);
    const newer = world.handle(eventAt(1.5), clock, inject(world.services, writing.intercept));
    await writing.arrived;
    reading.letGo();
    await orOvertaken(old);
    writing.letGo();
    return newer;
  }

  it('is seen by a newer run between its reading and writing, where a case opens', async () => {
    const world = await openWorld({ accounts: [] });
    await world.check(0);
    await world.writeAccounts(long('called', '14000'));
    await world.quoteAt(1);
    await between(world);
    expect(await saidOf(world)).toEqual(['DOGE-USD oracle.rejected', 'called margin-call.issued']);
    await expectInOrder(world);
  });

  it('is seen by a newer run between its reading and writing, where a case moves', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.quoteAt(1, FALLEN);
    await between(world);
    expect(await saidOf(world)).toEqual([...OPENINGS, ...moves].sort());
    await expectInOrder(world);
  });

  it('does not clear what a newer run has written when it clears its own case late', async () => {
    const world = await openWorld();
    let isOrdered = false;
    let publications = 0;
    const clearing = holdAt((call) => {
      isOrdered ||= isOfOrders(call);
      if (isOrdered && isPublication(call)) publications++;
      return publications > 1 && writesACase(call);
    });
    const old = world.check(0, inject(world.services, clearing.intercept));
    await clearing.arrived;
    await world.checkAfresh(1, FALLEN);
    clearing.letGo();
    await orOvertaken(old);
    await world.checkAfresh(2, FALLEN);
    // Orders leave first: the old run was held before its calls.
    const opened = OPENINGS.filter((said) => said !== 'called margin-call.issued');
    expect(await saidOf(world)).toEqual([...opened, ...moves].sort());
    await expectInOrder(world);
  });
});
