import { expect, it } from 'vitest';
import { createHandler } from '../../lambda/check.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { eventAt, openWorld, timeOf } from './world.ts';

it('a function that is about to be stopped begins no scan, says so and fails', async () => {
  const { services } = await openWorld();
  const handler = createHandler({ ...services, now: () => timeOf(0) });
  let asked = 0;
  const context = { getRemainingTimeInMillis: () => (asked++ === 0 ? 60_000 : 1_000) };
  const error = await handler(eventAt(0), context).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckFailedError);
  const { summary } = error as CheckFailedError;
  expect(summary).toMatchObject({ accounts: 0, isComplete: false, published: 1 });
  expect(summary.errors.join()).toContain('about to be stopped');
});
