import { describe, expect, it } from 'vitest';
import { FAILURE_KEY } from '../../lambda/check/failure-case.ts';
import { EventError } from '../../lambda/check/scheduled-check.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { OPENINGS } from './book.ts';
import { inject, killAt, unharmed } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { eventAt, openWorld, timeOf, type World } from './world.ts';

/** Everything that a run may change. */
const tracesOf = async (world: World) => ({
  margin: await world.margin(),
  alerts: (await world.alerts()).length,
  orders: (await world.orders()).length,
});

const SKIPPED = 'this check, or a later one, has been run before';

describe('the same event twice', () => {
  it('is skipped, and neither an item nor a message changes', async () => {
    const world = await openWorld();
    await world.check(0);
    const before = await tracesOf(world);
    const again = inject(world.services, unharmed);
    const summary = await world.check(0, again);
    expect(summary).toMatchObject({ skipped: SKIPPED, accounts: 0, published: 0 });
    expect(again.calls.map(({ command }) => command)).toEqual(['Scan', 'GetItem']);
    expect(await tracesOf(world)).toEqual(before);
  });

  it('is skipped even if the market has moved in between', async () => {
    const world = await openWorld();
    await world.check(0);
    const before = await tracesOf(world);
    await world.quoteAt(0, { 'BTC-USD': '4000' });
    expect(await world.check(0)).toMatchObject({ skipped: SKIPPED });
    expect(await tracesOf(world)).toEqual(before);
  });

  it('is skipped even if its first run was killed, and the next check does the rest', async () => {
    const world = await openWorld();
    const killed = world.check(0, inject(world.services, killAt(20, 'after')));
    await expect(killed).rejects.toThrow('killed');
    const before = await tracesOf(world);
    expect(await world.check(0)).toMatchObject({ skipped: SKIPPED });
    expect(await tracesOf(world)).toEqual(before);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('is recognised as the same, whether a rule or the scheduler sent it', async () => {
    const world = await openWorld();
    await world.check(0);
    const event = { ...eventAt(0), source: 'aws.events', time: '2020-03-12T11:00:00Z' };
    expect(await world.handle(event, timeOf(0))).toMatchObject({ skipped: SKIPPED });
  });
});

describe('an older event after a newer one', () => {
  it('is skipped, and neither an item nor a message changes', async () => {
    const world = await openWorld();
    await world.quoteAt(5);
    await world.check(5);
    const before = await tracesOf(world);
    await world.quoteAt(4, { 'BTC-USD': '4000' });
    expect(await world.check(4)).toMatchObject({ skipped: SKIPPED });
    expect(await tracesOf(world)).toEqual(before);
  });

  it('is already older by one millisecond', async () => {
    const world = await openWorld();
    await world.check(0);
    const event = { ...eventAt(0), time: '2020-03-12T10:59:59.999Z' };
    expect(await world.handle(event, timeOf(0))).toMatchObject({ skipped: SKIPPED });
    const newer = { ...eventAt(0), time: '2020-03-12T11:00:00.001Z' };
    expect(await world.handle(newer, timeOf(0))).not.toHaveProperty('skipped');
  });
});

describe('an event in the future', () => {
  it('is refused, and does not block the checks until its time', async () => {
    const world = await openWorld();
    await world.check(0);
    const before = await tracesOf(world);
    const run = world.handle(eventAt(60), timeOf(1));
    await expect(run).rejects.toThrow(EventError);
    expect(await tracesOf(world)).toEqual(before);
    expect(await world.checkAfresh(1)).not.toHaveProperty('skipped');
  });

  it.each([
    ['accepts an event 5 s ahead of the clock', 5_000, false],
    ['refuses an event 5.001 s ahead of the clock', 5_001, true],
  ])('the check %s', async (_, ahead, isRefused) => {
    const world = await openWorld();
    const run = world.handle(eventAt(0), timeOf(0) - ahead);
    if (isRefused)
      await expect(run).rejects.toThrow(/^the event is scheduled for .*, but it is only /);
    else expect(await run).not.toHaveProperty('skipped');
  });
});

describe('an input that is no scheduled event', () => {
  it.each([
    ['a missing event', undefined, 'it'],
    ['a text', 'now', 'it'],
    ['an empty object', {}, 'source'],
    ['an event of another service', { ...eventAt(0), source: 'aws.s3' }, 'source'],
    ['an event of another kind', { ...eventAt(0), 'detail-type': 'Object Created' }, 'detail-type'],
    ['an event without a time', { ...eventAt(0), time: undefined }, 'time'],
    ['an invalid time', { ...eventAt(0), time: 'noon' }, 'time'],
    ['a day that does not exist', { ...eventAt(0), time: '2020-02-30T11:00:00Z' }, 'time'],
    ['a local time', { ...eventAt(0), time: '2020-03-12T11:00:00' }, 'time'],
  ])('%s is refused by name before anything is read', async (_, event, where) => {
    const world = await openWorld();
    const run = inject(world.services, unharmed);
    const refused = world.handle(event, timeOf(0), run);
    await expect(refused).rejects.toThrow(EventError);
    await expect(refused).rejects.toThrow(
      new RegExp(`^not a scheduled event: ${where} (must be |is missing$)`),
    );
    expect(run.calls).toEqual([]);
    expect(await world.margin()).toEqual([]);
  });
});

describe('a check without a valid policy', () => {
  it('at minute 1 keeps what the check at minute 0 wrote, and minute 2 continues', async () => {
    const world = await openWorld();
    await world.check(0);
    const before = await tracesOf(world);
    await world.removeMarket('policy', 'default');
    await expect(world.checkAfresh(1)).rejects.toThrow(PolicyError);
    const { margin, alerts, ...rest } = await tracesOf(world);
    expect({ ...rest, margin: margin.filter(({ pk }) => pk !== FAILURE_KEY.pk) }).toEqual({
      margin: before.margin,
      orders: before.orders,
    });
    expect(alerts).toBe(before.alerts + 1);
    await world.writePolicy({});
    expect(await world.checkAfresh(2)).toMatchObject({ accounts: 7 });
    await expectInOrder(world);
  });
});
