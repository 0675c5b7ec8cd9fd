import { expect, it } from 'vitest';
import { VirtualTime } from './virtual-time.ts';

it('does the work of one time in the order in which it was set, and jumps between times', async () => {
  const time = new VirtualTime(1_000);
  const done: string[] = [];
  time.after(50, () => done.push(`late at ${time.now}`));
  time.after(10, () => done.push(`first at ${time.now}`));
  time.after(10, () => done.push(`second at ${time.now}`));
  time.at(0, () => done.push(`passed at ${time.now}`));
  await time.runUntil(2_000);
  expect(done).toEqual(['passed at 1000', 'first at 1010', 'second at 1010', 'late at 1050']);
  expect(time.now).toBe(2_000);
});

it('lets everything go on that need not wait before the next event', async () => {
  const time = new VirtualTime(0);
  const done: number[] = [];
  const work = async () => {
    for (let step = 0; step < 3; step++) {
      await time.wait(10);
      await Promise.resolve();
      done.push(time.now);
    }
  };
  void work();
  time.at(15, () => done.push(-15));
  await time.runUntil(25);
  expect(done).toEqual([10, -15, 20]);
  await time.runUntil(30);
  expect(done).toEqual([10, -15, 20, 30]);
});
