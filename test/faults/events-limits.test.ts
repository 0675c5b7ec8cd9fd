/** Event checks at the limits of items, keys and clocks. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandlers } from '../../lambda/check.ts';
import { keepSeen, readSeen } from '../../lambda/events/seen-prices.ts';
import { price, ratio } from '../../lambda/margin/number/decimal.ts';
import { decisionsOf } from '../../local/accounts/history.ts';
import { memoryServices } from '../aws/services.ts';
import { balance, long, OPENINGS } from './book.ts';
import { at, change, changeRecord, firstCheck, openEvents, ran, tell } from './events.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { checkIdOf } from './world.ts';

describe('an account that changes', () => {
  it.each([
    ['of 2,048 bytes', 'x'.repeat(2048), 'account.indeterminate'],
    ['of control characters', '\u0001'.repeat(2000), 'account.indeterminate'],
    [
      'that looks like that of an event check',
      `a@${checkIdOf(0)}~${checkIdOf(1)}`,
      'liquidation.ordered',
    ],
    ['that begins like a canary', '~canary-wharf', 'liquidation.ordered'],
    ['of a canary', '~canary-1', 'liquidation.ordered'],
  ])('with an id %s is decided about once, and replays', async (_, accountId, type) => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, long(accountId, '12000'), 5);
    ran(await world.event(at(5.5)));
    const told = async () =>
      (await world.alerts()).filter((each) => 'accountId' in each && each.accountId === accountId);
    expect((await told()).map((each) => each.type)).toEqual([type]);
    const { dynamo, services } = world;
    const asked = { dynamo, table: services.config.marginTable, accountId };
    const shown: object[] = [];
    for await (const row of decisionsOf(asked, true)) shown.push(row);
    expect(shown).toMatchObject([{ replay: 'same' }]);
    await world.checkAfresh(1);
    expect(await told()).toHaveLength(1);
  });

  it('with a thousand others of long ids is not lost', async () => {
    const world = await openEvents();
    await firstCheck(world);
    const ids = Array.from({ length: 1000 }, (_, each) => `${each}`.padStart(2000, '\u0001'));
    await world.writeAccounts(long(String(ids[0]), '14000'));
    await tell(
      world,
      ids.map((id) => changeRecord(id, at(5))),
      at(5),
    );
    expect(ran(await world.event(at(5.5)))).toMatchObject({ accounts: 1, published: 1 });
    await world.checkAfresh(1);
    await expectInOrder(world);
  });
});

describe('the clock of an event check', () => {
  it.each([-600, -20, 50, 600])('that is off by %f s loses and doubles nothing', async (off) => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '14000'), balance('called', '12000')], 5);
    await world.event(at(5.5 + off)).catch(() => undefined);
    await world.checkAfresh(1);
    await world.checkAfresh(2);
    const said = [...OPENINGS, 'healthy margin-call.issued', 'called liquidation.ordered'].sort();
    // Quotes from the future are no quotes, and it is said so.
    const isOfDoubt = /^(healthy|called) account\.(in)?determinate$/;
    expect((await saidOf(world)).filter((each) => !isOfDoubt.test(each))).toEqual(said);
    await expectInOrder(world);
  });
});

describe('the prices seen', () => {
  const seenOf = (count: number, nameOf: (each: number) => string) => {
    const names = Array.from({ length: count }, (_, each) => nameOf(each));
    const noise = (each: number) => Math.abs(Math.sin(each * 3 + 1));
    const feeds = new Map(
      names.map((feed, each) => {
        const [down, up] = [noise(each), noise(each + 0.5)].map((of) => ratio(String(of / 2)));
        const value = { shockDown: down, shockUp: up, forecastDown: down, forecastUp: up };
        return [feed, { feed, factor: { ok: true, value } }];
      }),
    );
    const quotes = new Map(
      names.map((feed, each) => [
        feed,
        ['deribit', 'okx'].map((source) => ({ source, price: price(String(1000 * noise(each))) })),
      ]),
    );
    return { checkId: checkIdOf(0), snapshot: { feeds }, market: { quotes } } as never;
  };

  const ofOption = (each: number) => `BTC-27DEC26-MARK-${(each * 7919) % 100_000}`;
  const hashOf = (text: string) => createHash('sha512').update(text).digest('hex');
  const longName = (each: number) =>
    Array.from({ length: 7 }, (_, n) => hashOf(`${each} ${n}`)).join('');

  it.each([
    ['ten thousand feeds with two sources all', 10_000, ofOption, 20_000],
    ['two thousand feeds with long names as far as there is room', 2_000, longName, 1_000],
  ])('of %s fit into an item', async (_, count, nameOf, least) => {
    const { dynamo, config } = memoryServices();
    const margin = new MarginTable({ dynamo, table: config.marginTable });
    await keepSeen(margin, seenOf(count, nameOf));
    expect((await readSeen(margin)).size).toBeGreaterThanOrEqual(least);
  });
});

describe('after a scheduled check', () => {
  it('nothing is begun if the function is about to be stopped, and what waits goes on waiting', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '14000')], 5);
    const handlers = createHandlers({ ...world.services, now: () => at(5.5) });
    const summary = {} as CheckSummary;
    const afterwards = (left: number) =>
      handlers.after(summary, { getRemainingTimeInMillis: () => left });
    expect(await afterwards(14_000)).toEqual({ skipped: 'no time is left after the check' });
    expect(ran(await afterwards(16_000))).toMatchObject({ published: 1 });
  });
});
