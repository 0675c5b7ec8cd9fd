import { expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { eventsLine, readEventsSince } from '../../../local/status/events-since.ts';
import { balance } from '../../faults/book.ts';
import { at, change, firstCheck, move, openEvents, ran } from '../../faults/events.ts';
import { checkIdOf } from '../../faults/world.ts';

it('the event checks since the last scheduled one are counted, and older ones are not', async () => {
  const world = await openEvents();
  await firstCheck(world);
  const { dynamo, services } = world;
  const margin = new MarginTable({ dynamo, table: services.config.marginTable });
  expect(await readEventsSince(margin, checkIdOf(0))).toBeUndefined();
  await change(world, [balance('healthy', '14000')], 5);
  ran(await world.event(at(5.5)));
  await move(world, { 'BTC-USD': '5900' }, 8);
  ran(await world.event(at(8.5)));
  const since = await readEventsSince(margin, checkIdOf(0));
  expect(since).toMatchObject({ checks: 2, changed: 1, feeds: ['BTC-USD'], latencySeconds: 0.5 });
  expect(since && eventsLine(since)).toMatch(
    /^2 event checks: 1 account changed, BTC-USD moved; \d published$/,
  );
  await world.checkAfresh(1, { 'BTC-USD': '5900' });
  expect(await readEventsSince(margin, checkIdOf(1))).toBeUndefined();
});
