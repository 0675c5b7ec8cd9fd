import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { type Fate, type FateOf, Process } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

const READ = new GetItemCommand({ TableName: 'market', Key: { kind: { S: 'policy' } } });

function opened(fateOf: FateOf) {
  const time = new VirtualTime(0);
  const reached: number[] = [];
  const dynamo = {
    answer: () => {
      reached.push(time.now);
      return { Item: { at: { N: String(time.now) } } };
    },
  };
  const process = new Process({ task: 'a test', time, dynamo, sns: dynamo, fateOf });
  let said: string | undefined;
  process.dynamo.send(READ).then(
    ({ Item }) => {
      said = `answered at ${time.now} with ${Item?.at?.N}`;
    },
    (error: Error) => {
      said = `refused at ${time.now}: ${error.name}`;
    },
  );
  return { time, process, reached, said: () => said };
}

const first =
  (fault: Fate['fault'], attempts: number): FateOf =>
  (_call, attempt) => ({
    requestMs: 10,
    ...(attempt <= attempts && { fault }),
  });

it.each([
  ['nothing is wrong', undefined, 0, [10], 'answered at 10 with 10'],
  ['a request is lost', 'unsent', 1, [2120], 'answered at 2120 with 2120'],
  ['an answer is lost', 'unanswered', 1, [10, 2120], 'answered at 2120 with 2120'],
  ['one attempt is throttled', 'throttled', 1, [120], 'answered at 120 with 120'],
  ['all attempts are throttled', 'throttled', 5, [], 'refused at 1550: ThrottlingException'],
  [
    'no answer ever comes',
    'unanswered',
    5,
    [10, 2120, 4330, 6740, 9550],
    'refused at 11550: TimeoutError',
  ],
] as const)('%s', async (_what, fault, attempts, reached, said) => {
  const world = opened(first(fault, attempts));
  await world.time.runUntil(60_000);
  expect(world.reached).toEqual(reached);
  expect(world.said()).toBe(said);
});

it.each([
  ['killed before', []],
  ['killed after', [10]],
] as const)(
  'hears nothing any more once it is %s its request took effect',
  async (fault, reached) => {
    const world = opened(first(fault, 1));
    let deaths = 0;
    world.process.onDeath = () => deaths++;
    await world.time.runUntil(60_000);
    expect(world.reached).toEqual(reached);
    expect(world.said()).toBeUndefined();
    expect(deaths).toBe(1);
  },
);

it('gets its answer once it is awake again', async () => {
  const world = opened(() => ({ requestMs: 10, pauseMs: 30_000 }));
  await world.time.runUntil(60_000);
  expect(world.reached).toEqual([10]);
  expect(world.said()).toBe('answered at 30010 with 10');
});

it('names each call and counts it from the beginning of a task', async () => {
  const calls: string[] = [];
  const time = new VirtualTime(0);
  const dynamo = { answer: () => ({}) };
  const process = new Process({
    task: 'one',
    time,
    dynamo,
    sns: dynamo,
    fateOf: ({ task, index, command, target }) => {
      calls.push(`${task} ${index} ${command} ${target}`);
      return { requestMs: 1 };
    },
  });
  void process.dynamo.send(READ);
  void process.dynamo.send(READ);
  await time.runUntil(10);
  process.begin('another');
  void process.dynamo.send(READ);
  await time.runUntil(20);
  expect(calls).toEqual([
    'one 1 GetItem market',
    'one 2 GetItem market',
    'another 1 GetItem market',
  ]);
});
