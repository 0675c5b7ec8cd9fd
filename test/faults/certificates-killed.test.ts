/**
 * A check is killed before or after each of its calls, and its environment with it; or only that call
 * fails, and the environment lives on. What the next checks decide is what a function decides that
 * reads every account and that nothing kills.
 */
import { describe, expect, it } from 'vitest';
import { balance, long } from './book.ts';
import { type Call, type Interceptor, killAt, type Moment, unharmed } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { certificatesOf, throttled, Warm } from './warm.ts';
import { World } from './world.ts';

const BOOK = ['safe', 'withdraws', 'leaves', 'falls'].flatMap((id) => long(id, '40000'));
const ACCOUNTS = [...BOOK, ...long('pays', '14000')];
const ITEMS = ['balance#USD', 'position#BTC-PERP'];

async function changeBefore(world: World): Promise<void> {
  await world.writeAccounts([balance('withdraws', '14000'), balance('pays', '40000')]);
}

async function changeAfter(world: World): Promise<void> {
  await world.writeAccounts([balance('falls', '9000'), ...long('new', '12000')]);
  await world.removeAccount('leaves', ITEMS);
}

const SAID = [
  'DOGE-USD oracle.rejected',
  'falls deficit.detected',
  'falls liquidation.ordered',
  'new liquidation.ordered',
  'pays margin-call.cured',
  'pays margin-call.issued',
  'withdraws margin-call.issued',
];

interface Killing {
  readonly intercept: Interceptor;
  /** The environment, too: the next check begins in another. */
  readonly isDead: boolean;
}

/** @param minute of the check that is killed */
async function liveOn(minute: number, { intercept, isDead }: Killing): Promise<World> {
  const world = await World.start({ accounts: ACCOUNTS, hasCertificates: true });
  let warm = new Warm(world);
  let next = 0;
  while (next < minute) await warm.check(next++);
  if (minute > 0) await changeBefore(world);
  await world.quoteAt(next);
  warm.intercept = intercept;
  await warm.run(next++).catch(() => undefined);
  warm.intercept = unharmed;
  if (isDead) warm = new Warm(world);
  if (minute === 0) {
    // Nobody pays who was not called.
    await warm.check(next++);
    await changeBefore(world);
  }
  await changeAfter(world);
  for (let check = 0; check < 3; check++) {
    const { certified, missed, unsound } = certificatesOf(await warm.check(next++));
    expect([...missed, ...unsound]).toEqual([]);
    if (check === 2) expect(certified).toBe(2);
  }
  return world;
}

/** The calls of the check of this minute. */
async function callsOf(minute: number) {
  const calls: Call[] = [];
  const intercept: Interceptor = (call, proceed) => {
    calls.push(call);
    return proceed();
  };
  await liveOn(minute, { intercept, isDead: false });
  return calls.map(({ index, command, target }) => ({ index, call: `${command} ${target}` }));
}

/** Only this call fails. */
const failAt =
  (index: number, moment: Moment): Interceptor =>
  async (call, proceed) => {
    const isHit = call.index === index;
    if (isHit && moment === 'before') throw throttled();
    const answer = await proceed();
    if (isHit) throw throttled();
    return answer;
  };

const KINDS = [
  { name: 'killed before', isDead: true, intercept: (index: number) => killAt(index, 'before') },
  { name: 'killed after', isDead: true, intercept: (index: number) => killAt(index, 'after') },
  { name: 'failed before', isDead: false, intercept: (index: number) => failAt(index, 'before') },
  { name: 'failed after', isDead: false, intercept: (index: number) => failAt(index, 'after') },
];

const firstCalls = await callsOf(0);
const warmCalls = await callsOf(2);

describe.each(KINDS)('$name', ({ isDead, intercept }) => {
  const expectSaid = async (minute: number, index: number) => {
    const world = await liveOn(minute, { isDead, intercept: intercept(index) });
    // Without what is remembered of feeds, a check decides nothing.
    const said = (await saidOf(world)).filter((each) => !/determinate|BTC-USD/.test(each));
    expect(said).toEqual(SAID);
    await expectInOrder(world);
  };

  /** Every third call, as calls of one kind come several in a row. */
  const some = firstCalls.filter(({ index }) => index % 3 === 0);
  it.each(some)('call $index of the first check, $call', ({ index }) => expectSaid(0, index));

  it.each(warmCalls)('call $index, of a warm check, $call', ({ index }) => expectSaid(2, index));
});

it('a function without certificates says the same', async () => {
  const world = await World.start({ accounts: ACCOUNTS });
  for (const minute of [0, 1]) await world.checkAfresh(minute);
  await changeBefore(world);
  await world.checkAfresh(2);
  await changeAfter(world);
  await world.checkAfresh(3);
  expect(await saidOf(world)).toEqual(SAID);
});
