/** Checks that follow each other within a minute share the capacity of a market. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../lambda/messages/messages.ts';
import type { CheckFailedError } from '../../lambda/run-check.ts';
import { checkSlot } from './at-slots.ts';
import { long, MARKET } from './book.ts';
import { at, changeRecord, firstCheck, openEvents, ran, tell } from './events.ts';
import {
  type Call,
  failing,
  holdAt,
  inject,
  isOfAnAccount,
  killWhen,
  turnstile,
} from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { openWorld, type Row, type World } from './world.ts';

const DEPTH = 30_000;

/** Each needs some 50,000 of BTC-PERP, and asks again ten seconds later. */
const BREACHED = ['a', 'b', 'c', 'd'].flatMap((each) => long(`breached-${each}`, '11000'));

const marketWith = (policy: Row = {}): Row[] =>
  MARKET.filter(({ id }) => id !== 'DOGE').map((row) => {
    if (row.kind === 'policy') return { ...row, liquidationCooldownSeconds: 10, ...policy };
    return row.id === 'BTC-PERP' ? { ...row, depth: String(DEPTH) } : row;
  });

const open = (policy: Row = {}): Promise<World> =>
  openWorld({ market: marketWith(policy), accounts: BREACHED });

type Ordered = Extract<Message, { readonly type: 'liquidation.ordered' }>;

/** Notional that was ordered, by check. */
async function orderedIn(world: World): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const message of once(await world.alerts())) {
    if (message.type !== 'liquidation.ordered') continue;
    const { checkId, plan } = message as Ordered;
    const sum = plan.orders.reduce((all, { notional }) => all + Number(notional), 0);
    sums.set(checkId, (sums.get(checkId) ?? 0) + sum);
  }
  return sums;
}

const total = (sums: ReadonlyMap<string, number>): number =>
  [...sums.values()].reduce((all, each) => all + each, 0);

async function checkSlots(world: World, slots: readonly number[]): Promise<void> {
  for (const seconds of slots) {
    await world.quoteAt(seconds / 60);
    await checkSlot(world, seconds);
  }
}

const isOfCapacity = ({ input }: Call): boolean => {
  const { pk } = (input.Key ?? input.Item ?? {}) as { pk?: { S: string } };
  return pk?.S === 'capacity';
};
const writesCapacity = (call: Call): boolean => call.command === 'PutItem' && isOfCapacity(call);

describe('checks every ten seconds', () => {
  it('order what a market bears at once, and then what comes back', async () => {
    const world = await open();
    await checkSlots(world, [0, 10, 20, 30, 40, 50]);
    const [first = 0, ...later] = [...(await orderedIn(world)).values()];
    expect(first).toBeGreaterThan(0.9 * DEPTH);
    expect(later.length).toBeGreaterThan(1);
    for (const sum of later) expect(sum).toBeLessThanOrEqual(DEPTH / 2);
    expect(total(await orderedIn(world))).toBeLessThanOrEqual(DEPTH * (1 + 50 / 60));
    await expectInOrder(world);
  });

  it('have all of it each where the throttle is off', async () => {
    const world = await open({ liquidationThrottle: 'none' });
    await checkSlots(world, [0, 10]);
    expect(total(await orderedIn(world))).toBeGreaterThan(4 * DEPTH);
    expect((await world.margin()).filter(({ pk }) => pk === 'capacity')).toEqual([]);
  });
});

it('checks a minute apart keep nothing of it', async () => {
  const world = await open();
  for (const minute of [0, 1]) await world.checkAfresh(minute);
  expect((await world.margin()).filter(({ pk }) => pk === 'capacity')).toEqual([]);
  for (const sum of (await orderedIn(world)).values()) expect(sum).toBeGreaterThan(0.9 * DEPTH);
});

describe('an event check and a scheduled check', () => {
  const changed = (world: World, seconds: number) =>
    tell(
      world,
      BREACHED.map(({ accountId }) => changeRecord(String(accountId), at(seconds))),
      at(seconds),
    );

  async function opened(): Promise<World> {
    const world = await openEvents({ market: marketWith(), accounts: [] });
    await firstCheck(world);
    await world.writeAccounts(BREACHED);
    await world.quoteAt(1);
    return world;
  }

  it('share it, one after the other, also at an interval of a minute', async () => {
    const world = await opened();
    await world.quoteAt(0.75);
    await changed(world, 45);
    ran(await world.event(at(45.25)));
    expect(total(await orderedIn(world))).toBeGreaterThan(0.9 * DEPTH);
    await world.check(1);
    const [, later = 0] = [...(await orderedIn(world)).values()];
    expect(later).toBeGreaterThan(0);
    expect(later).toBeLessThanOrEqual(DEPTH / 4);
    await expectInOrder(world);
  });

  it.each([1, 2, 3, 4])('order no more than there is, both at once: seed %i', async (seed) => {
    const world = await opened();
    await changed(world, 60);
    const enter = turnstile(seed);
    const runs = [
      () => world.event(at(60.25), inject(world.services, enter())),
      () => world.check(1, inject(world.services, enter())),
    ];
    await Promise.allSettled((seed % 2 === 0 ? runs : runs.toReversed()).map((run) => run()));
    const ordered = total(await orderedIn(world));
    expect(ordered).toBeGreaterThan(0.9 * DEPTH);
    expect(ordered).toBeLessThanOrEqual(DEPTH);
    await world.checkAfresh(2);
    await expectInOrder(world);
  });
});

describe('an event check and a scheduled check of many lots, both at once', () => {
  it.each([1, 2, 3])('order no more than there is, and most of it: seed %i', async (seed) => {
    const accounts = Array.from({ length: 200 }, (_, each) => long(`breached-${each}`, '11000'));
    const depth = 2_000_000;
    const market = marketWith({ liquidationDepthShare: '1' }).map((row) =>
      row.id === 'BTC-PERP' ? { ...row, depth: String(depth) } : row,
    );
    const world = await openEvents({ market, accounts: [] });
    await firstCheck(world);
    await world.writeAccounts(accounts.flat());
    await world.quoteAt(1);
    const records = accounts.map(([row]) => changeRecord(String(row?.accountId), at(60)));
    await tell(world, records, at(60));
    const enter = turnstile(seed);
    const runs = [
      () => world.event(at(60.25), inject(world.services, enter())),
      () => world.check(1, inject(world.services, enter())),
    ];
    await Promise.allSettled((seed % 2 === 0 ? runs : runs.toReversed()).map((run) => run()));
    const ordered = total(await orderedIn(world));
    expect(ordered).toBeGreaterThan(0.5 * depth);
    expect(ordered).toBeLessThanOrEqual(depth);
    await world.checkAfresh(2);
    await expectInOrder(world);
  });
});

describe('two event checks at once', () => {
  it('never take it twice: who comes second decides again, with what is left', async () => {
    const world = await openEvents({ market: marketWith(), accounts: [] });
    await firstCheck(world);
    const say = async (each: string, seconds: number) => {
      await world.writeAccounts(long(`breached-${each}`, '11000'));
      await tell(world, [changeRecord(`breached-${each}`, at(seconds))], at(seconds));
    };
    await say('a', 5);
    const held = holdAt(writesCapacity);
    const first = world.event(at(5.25), inject(world.services, held.intercept));
    await held.arrived;
    await say('b', 7);
    ran(await world.event(at(7.25)));
    expect(total(await orderedIn(world))).toBeGreaterThan(0.9 * DEPTH);
    held.letGo();
    expect(ran(await first).carriedOver.accounts).toBe(1);
    expect(total(await orderedIn(world))).toBeLessThanOrEqual(DEPTH);
    expect(await saidOf(world)).toEqual([
      'breached-a liquidation.withheld',
      'breached-b liquidation.ordered',
    ]);
    await expectInOrder(world);
  });
});

describe('a run that is killed', () => {
  const dying = (world: World, isLast: (call: Call) => boolean, moment: 'before' | 'after') =>
    checkSlot(world, 0, inject(world.services, killWhen(isLast, moment)));
  const writesACase = (call: Call) => call.command === 'PutItem' && isOfAnAccount(call);

  it.each([
    ['before it has taken capacity', writesCapacity, 'before'],
    ['when it has taken capacity, and written no plan', writesCapacity, 'after'],
    ['before the first plan', writesACase, 'before'],
  ] as const)('%s leaves no more to the others', async (_, isLast, moment) => {
    const world = await open();
    await expect(dying(world, isLast, moment)).rejects.toThrow('killed');
    await world.quoteAt(1);
    await checkSlot(world, 60);
    const ordered = total(await orderedIn(world));
    expect(ordered).toBeGreaterThan(0.9 * DEPTH);
    await checkSlots(world, [70]);
    expect(total(await orderedIn(world))).toBeLessThanOrEqual(DEPTH * (1 + 10 / 60));
    await expectInOrder(world);
  });

  it('has spent what it took until it has come back', async () => {
    const world = await open();
    await expect(dying(world, writesCapacity, 'after')).rejects.toThrow('killed');
    // Its slot is over; the next check does not wait for it.
    await world.quoteAt(20 / 60);
    await checkSlot(world, 20, { begun: 60.4 });
    const ordered = total(await orderedIn(world));
    expect(ordered).toBeGreaterThan(0.9 * DEPTH);
    expect(ordered).toBeLessThanOrEqual((DEPTH * 59.9) / 60);
    await expectInOrder(world);
  });
});

describe('the item of what is spent', () => {
  it('that cannot be read makes the check fail in part, and is replaced', async () => {
    const world = await open();
    const Item = marshall({
      ...{ pk: 'capacity', sk: 'spent', version: 1, checkId: '2020', isActive: false },
      ...{ state: { spent: { 'BTC-PERP/sell': 'much' } }, pending: [] },
    });
    const TableName = world.services.config.marginTable;
    await world.dynamo.send(new PutItemCommand({ TableName, Item }));
    await expect(checkSlot(world, 0)).rejects.toThrow('margin capacity/spent');
    expect(total(await orderedIn(world))).toBeGreaterThan(0.9 * DEPTH);
    await checkSlots(world, [10]);
    await expectInOrder(world);
  });

  it('that cannot be written for a moment leaves one lot to the next check, and no other', async () => {
    const accounts = Array.from({ length: 130 }, (_, each) => long(`breached-${each}`, '11000'));
    const market = marketWith({ liquidationDepthShare: '1' }).map((row) =>
      row.id === 'BTC-PERP' ? { ...row, depth: '100000000' } : row,
    );
    const world = await openWorld({ market, accounts: accounts.flat() });
    let refusals = 1;
    const isRefused = (call: Call) => writesCapacity(call) && refusals-- > 0;
    const error = () => new Error('the table is away');
    const run = checkSlot(world, 0, inject(world.services, failing(isRefused, error)));
    const failed = await run.catch((thrown: unknown) => thrown as CheckFailedError);
    expect((failed as CheckFailedError).summary).toMatchObject({ accounts: 130, failed: 60 });
    const ordered = async () =>
      new Set((await saidOf(world)).filter((each) => each.endsWith('ordered')));
    expect((await ordered()).size).toBe(70);
    await checkSlots(world, [10]);
    expect((await ordered()).size).toBe(130);
    await expectInOrder(world);
  });

  it('that cannot be written leaves the plans to the next check', async () => {
    const world = await open();
    const error = () => new Error('the table is away');
    const run = checkSlot(world, 0, inject(world.services, failing(writesCapacity, error)));
    await expect(run).rejects.toThrow('the table is away');
    expect(total(await orderedIn(world))).toBe(0);
    await checkSlots(world, [10]);
    expect(total(await orderedIn(world))).toBeGreaterThan(0.9 * DEPTH);
    await expectInOrder(world);
  });
});
