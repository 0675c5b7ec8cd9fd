import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { describeCall } from '../aws/call.ts';
import { clientOf } from '../aws/client.ts';
import { type Fault, memoryWorkers } from '../aws/memory-workers.ts';
import { long, PRICES } from './book.ts';
import { expectInOrder } from './invariants.ts';
import { accountsSaid, certificatesOf, openCertified, throttled, Warm } from './warm.ts';
import type { World } from './world.ts';

/** At this price some of the accounts are called, and some liquidated. */
const CRASH = { ...PRICES, 'BTC-USD': '5800' };

/** From the nearest to its call line to the farthest. */
const BOOK = Array.from({ length: 60 }, (_, each) =>
  long(`account-${each}`, `${14_500 + 150 * each}`),
).flat();

interface Crash {
  readonly fault?: Fault;
  readonly timeLeft?: () => number;
  /** Changes the rows that the worker reads. */
  readonly dynamo?: (world: World) => DynamoDBClient;
  readonly atOnce?: number;
}

/** A book in which prices fall at the third check; workers read what is in doubt. */
async function crashed({ fault, timeLeft, dynamo, atOnce }: Crash = {}) {
  const world = await openCertified(BOOK);
  const workers = memoryWorkers({
    dynamo: dynamo?.(world) ?? world.dynamo,
    table: world.services.config.accountsTable,
    ...{ fault, timeLeft, atOnce },
  });
  const warm = new Warm(world, {}, { workers });
  for (const minute of [0, 1]) await warm.check(minute);
  const summary = await warm.check(2, CRASH);
  return { world, warm, summary };
}

/** The same without workers. */
async function alone() {
  const world = await openCertified(BOOK);
  const warm = new Warm(world);
  for (const minute of [0, 1]) await warm.check(minute);
  const summary = await warm.check(2, CRASH);
  return { summary, said: await accountsSaid(world) };
}

let reference: ReturnType<typeof alone> | undefined;
const asAlone = () => (reference ??= alone());

async function expectAsAlone({ world, summary }: Awaited<ReturnType<typeof crashed>>) {
  const expected = await asAlone();
  expect(
    expected.said.filter((said) => said.includes('liquidation.ordered')).length,
  ).toBeGreaterThan(0);
  expect(await accountsSaid(world)).toEqual(expected.said);
  expect(certificatesOf(summary)).toEqual(certificatesOf(expected.summary));
  expect({ ...summary, workers: undefined }).toMatchObject({
    levels: expected.summary.levels,
    cascade: expected.summary.cascade,
    shock: expected.summary.shock,
    isComplete: true,
    errors: [],
  });
  await expectInOrder(world);
}

describe('a crash that workers read', () => {
  it('is decided as without them, and the check reads nothing twice', async () => {
    const run = await crashed();
    await expectAsAlone(run);
    const { workers } = run.summary;
    expect(workers).toMatchObject({ parts: 3, takenOver: 0 });
    expect(workers?.accounts).toBeGreaterThan(5);
  });

  it.each<[string, Fault]>([
    ['fails', () => Promise.reject(new Error('the worker failed (Unhandled)'))],
    ['answers nothing', async () => null],
    [
      'answers for another part',
      async (question, answer) => ({ ...(await answer()), part: `${question.part}0` }),
    ],
    ['is of another version', async (_, answer) => ({ ...(await answer()), format: 'rows/0' })],
    ['damages its rows', async (_, answer) => ({ ...(await answer()), rows: 'H4sI' })],
  ])('is decided as without them if every worker %s', async (_, fault) => {
    const run = await crashed({ fault });
    await expectAsAlone(run);
    expect(run.summary.workers).toMatchObject({ accounts: 0, takenOver: 3 });
    expect(run.summary.workers?.failure).toBeDefined();
  });

  it('is decided as without them if one worker fails', async () => {
    let asked = 0;
    const run = await crashed({
      fault: (_, answer) => (++asked === 1 ? Promise.reject(new Error('timed out')) : answer()),
    });
    await expectAsAlone(run);
    expect(run.summary.workers).toMatchObject({ takenOver: 1, failure: 'timed out' });
  });

  it('is decided as without them if a worker has too little time, or cannot read an account', async () => {
    let left = 1_100;
    const late = await crashed({ timeLeft: () => (left -= 30) });
    await expectAsAlone(late);
    expect(late.summary.workers?.takenOver).toBeGreaterThan(0);
    const run = await crashed({
      dynamo: ({ dynamo }) =>
        clientOf(DynamoDBClient, async (command) => {
          const call = describeCall(command);
          if (JSON.stringify(call.input).includes('"account-2"')) throw throttled();
          return dynamo.send(command as never);
        }),
    });
    await expectAsAlone(run);
    expect(run.summary.workers).toMatchObject({ takenOver: 1 });
  });

  it('takes an answer once: what an earlier question got is refused', async () => {
    const answers: object[] = [];
    const run = await crashed({
      atOnce: 1,
      fault: async (_, answer) => {
        answers.push(await answer());
        return answers[0];
      },
    });
    await expectAsAlone(run);
    const { warm } = run;
    const next = await warm.check(3, CRASH);
    expect(next.workers).toMatchObject({ accounts: 0, takenOver: 1 });
    expect(next.workers?.failure).toMatch(/instead of/);
    expect(next).toMatchObject({ isComplete: true, errors: [] });
  });

  it('is not decided upon the word of a worker that changes rows: the second read differs', async () => {
    const world = await openCertified(BOOK);
    const lying = clientOf(DynamoDBClient, async (command) => {
      const text = JSON.stringify(await world.dynamo.send(command as never));
      return JSON.parse(text.replaceAll(/"amount":\{"S":"\d+"\}/g, '"amount":{"S":"1"}'));
    });
    const table = world.services.config.accountsTable;
    const warm = new Warm(world, {}, { workers: memoryWorkers({ dynamo: lying, table }) });
    for (const minute of [0, 1]) await warm.check(minute);
    await world.writeAccounts(long('account-0', '14501'));
    await warm.check(2);
    const said = await accountsSaid(world);
    expect(said).toContain('account-0 liquidation.withheld');
    expect(said.filter((each) => each.endsWith('liquidation.ordered'))).toEqual([]);
    expect(await world.orders()).toEqual([]);
  });
});

describe('a check that is about to be stopped', () => {
  it('asks no worker any more, and names what it has not reached', async () => {
    const world = await openCertified(BOOK);
    const table = world.services.config.accountsTable;
    let isLate = false;
    let asked = 0;
    const fault: Fault = (_, answer) => {
      asked++;
      return answer();
    };
    const workers = memoryWorkers({ dynamo: world.dynamo, table, fault });
    const warm = new Warm(world, {}, { workers });
    warm.timeLeft = () => (isLate ? 29_000 : 60_000);
    for (const minute of [0, 1]) await warm.check(minute);
    warm.intercept = (call, proceed) => {
      isLate ||= call.target === 'stream' && call.command === 'GetRecords';
      return proceed();
    };
    const cut = await warm.check(2, CRASH);
    expect(asked).toBe(0);
    expect(cut).toMatchObject({ isComplete: false });
    expect(cut.unreached).toBeGreaterThan(5);
    warm.intercept = (_, proceed) => proceed();
    isLate = false;
    const next = await warm.check(3, CRASH);
    expect(next).toMatchObject({ isComplete: true, unreached: 0 });
    expect(asked).toBeGreaterThan(0);
    expect(await accountsSaid(world)).toEqual((await asAlone()).said);
  });
});
