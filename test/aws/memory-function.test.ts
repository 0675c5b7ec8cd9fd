import { expect, it } from 'vitest';
import { type Handler, MemoryFunction } from './memory-function.ts';
import { Process } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

function opened(handler: (process: Process) => Handler) {
  const time = new VirtualTime(0);
  const started: Process[] = [];
  const service = { answer: () => ({}) };
  const fateOf = () => ({ requestMs: 1 });
  const start = () => {
    const process = new Process({ task: 'a check', time, dynamo: service, sns: service, fateOf });
    started.push(process);
    return { process, handler: handler(process) };
  };
  return { time, started, check: new MemoryFunction({ time, timeoutMs: 60_000, start }) };
}

it('keeps an environment warm, and starts another for an event that finds none free', async () => {
  const { time, started, check } = opened((process) => () => process.wait(10));
  const both = Promise.all([check.invoke({}), check.invoke({})]);
  await time.runUntil(100);
  await both;
  const third = check.invoke({});
  await time.runUntil(200);
  expect((await third).how).toBe('returned');
  expect(started).toHaveLength(2);
  check.forgetEnvironments();
  void check.invoke({});
  expect(started).toHaveLength(3);
});

it('stops a run whose time is over, and starts cold after it', async () => {
  const { time, started, check } = opened((process) => () => process.wait(90_000));
  const ending = check.invoke({});
  expect(check.running).toBe(1);
  await time.runUntil(60_000);
  expect(await ending).toEqual({ how: 'timed out' });
  expect(started[0]?.isDead).toBe(true);
  expect(check.running).toBe(0);
  void check.invoke({});
  expect(started).toHaveLength(2);
});

it('tells a run how much time is left, and what it threw or returned', async () => {
  const { time, check } = opened((process) => async (event, context) => {
    await process.wait(1_000);
    if (event === 'bad') throw new Error('bad');
    return context.getRemainingTimeInMillis();
  });
  const [good, bad] = [check.invoke('good'), check.invoke('bad')];
  await time.runUntil(2_000);
  expect(await good).toEqual({ how: 'returned', result: 59_000 });
  expect(await bad).toEqual({ how: 'threw', error: new Error('bad') });
});

it('ends a run that is killed', async () => {
  const { time, started, check } = opened((process) => () => process.wait(1_000));
  const ending = check.invoke({});
  time.at(500, () => started[0]?.kill());
  await time.runUntil(5_000);
  expect(await ending).toEqual({ how: 'killed' });
});
