/** The check after a killed run leaves everything as if no run had been killed. */
import { describe, expect, it } from 'vitest';
import { balance, long, OPENINGS } from './book.ts';
import { type Call, inject, killAt, type Moment, unharmed } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { openWorld, World } from './world.ts';

interface History {
  readonly name: string;
  before(world: World): Promise<void>;
  readonly minute: number;
  readonly prices: Readonly<Record<string, string>>;
  readonly said: readonly string[];
}

const FALLEN = { 'BTC-USD': '5900', 'DOGE-USD': '0.1' };

/** The message of every open case when it is restored, falls further, or is gone. */
const MOVES = [
  'bankrupt liquidation.completed',
  'called liquidation.ordered',
  'DOGE-USD oracle.recovered',
  'isolated#BTC-PERP liquidation.completed',
  'liquidated liquidation.completed',
  'mistyped account.determinate',
  'mistyped margin-call.issued',
  'stale account.determinate',
];

const HISTORIES: readonly History[] = [
  {
    name: 'the first check',
    before: async () => {},
    minute: 0,
    prices: { 'BTC-USD': '6000' },
    said: OPENINGS,
  },
  {
    name: 'a check in which every case moves',
    before: async (world) => {
      await world.check(0);
      await world.quoteAt(1, FALLEN);
      await world.writeAccounts([balance('liquidated', '40000'), ...long('mistyped', '14900')]);
      await world.removeAccount('bankrupt', ['balance#USD', 'position#BTC-PERP']);
      await world.removeAccount('isolated', ['position#BTC-PERP']);
    },
    minute: 1,
    prices: FALLEN,
    said: [...OPENINGS, ...MOVES].sort(),
  },
];

async function callsOf({ before, minute }: History): Promise<readonly Call[]> {
  const world = await World.start({});
  try {
    await before(world);
    const run = inject(world.services, unharmed);
    await world.check(minute, run);
    return run.calls;
  } finally {
    await world.close();
  }
}

const MOMENTS: readonly Moment[] = ['before', 'after'];

const [first, moving] = HISTORIES as [History, History];
const named = (calls: readonly Call[]) =>
  calls.map(({ index, command, target }) => ({ index, call: `${command} ${target}` }));
const firstCalls = named(await callsOf(first));
const movingCalls = named(await callsOf(moving));

async function expectHealed(history: History, kills: readonly [number, Moment][]): Promise<void> {
  const { before, minute, prices, said } = history;
  const world = await openWorld();
  await before(world);
  for (const [nth, [index, moment]] of kills.entries()) {
    await world.quoteAt(minute + nth, prices);
    const run = world.check(minute + nth, inject(world.services, killAt(index, moment)));
    await expect(run).rejects.toThrow(/killed/i);
  }
  await world.checkAfresh(minute + kills.length, prices);
  expect(await saidOf(world)).toEqual(said);
  await expectInOrder(world);
}

it.each(HISTORIES)('$name says everything once if nothing fails', async (history) => {
  await expectHealed(history, []);
});

describe.each(MOMENTS)('the first check, killed %s', (moment) => {
  it.each(firstCalls)(
    'call $index, $call, loses no message and doubles none',
    async ({ index }) => {
      await expectHealed(first, [[index, moment]]);
    },
  );
});

describe('a check in which every case moves, killed after', () => {
  /** Every second call, as calls of one kind come several in a row. */
  it.each(movingCalls.filter(({ index }) => index % 2 === 0))(
    'call $index, $call, loses no message and doubles none',
    async ({ index }) => {
      await expectHealed(moving, [[index, 'after']]);
    },
  );
});

describe('two checks in a row, killed after', () => {
  /** Every fifth call of the first check, each with one call of the second, spread alike. */
  const pairs = firstCalls
    .filter(({ index }) => index % 5 === 0)
    .map(({ index }): [number, number] => [index, ((index * 7) % 17) + 1]);

  it.each(pairs)('call %i, and call %i, lose no message and double none', async (one, other) => {
    await expectHealed(first, [
      [one, 'after'],
      [other, 'after'],
    ]);
  });
});
