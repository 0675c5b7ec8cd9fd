/** Changed accounts start checks at once, beside the scheduled ones. */
import { ThrottlingException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { EventFailedError } from '../../lambda/run-event.ts';
import { decisionsOf } from '../../local/accounts/history.ts';
import { balance, long, MARKET, OPENINGS, PRICES } from './book.ts';
import { at, change, firstCheck, openEvents, ran, tell } from './events.ts';
import {
  type Call,
  failing,
  holdAt,
  inject,
  isOfAnAccount,
  isPublication,
  killAt,
  type Moment,
  turnstile,
  unharmed,
} from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { checkIdOf, nameOf, type World } from './world.ts';

/** Items that scheduled checks alone may write, as they are. */
async function scheduledItems(world: World) {
  const isOfAccountsOrEvents = /^(account#|event|capacity)/;
  return (await world.margin()).filter(({ pk }) => !isOfAccountsOrEvents.test(pk));
}

describe('an account that changes after a check', () => {
  it('is called at once, under the id of that check with a suffix', async () => {
    const world = await openEvents();
    await firstCheck(world);
    expect(await change(world, [balance('healthy', '14000')], 5)).toEqual([at(5)]);
    const before = await scheduledItems(world);
    const summary = ran(await world.event(at(5.5)));
    const checkId = `${checkIdOf(0)}~${new Date(at(5.5)).toISOString()}`;
    expect(summary).toMatchObject({
      checkId,
      changed: { count: 1, accounts: ['healthy'] },
      feeds: [],
      ...{ accounts: 1, assessed: 1, published: 1, errors: [], latencySeconds: 0.5 },
    });
    expect(await saidOf(world)).toEqual([...OPENINGS, 'healthy margin-call.issued'].sort());
    const [message] = (await world.alerts()).filter((each) => each.checkId === checkId);
    expect(message).toMatchObject({ accountId: 'healthy', caseId: `healthy@${checkId}` });
    expect(await scheduledItems(world)).toEqual(before);
    await expectInOrder(world);
  });

  it('has a history that shows the decision, and decides it again', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('called', '12000')], 5);
    const { checkId } = ran(await world.event(at(5.5)));
    const { dynamo, services } = world;
    const asked = { dynamo, table: services.config.marginTable, accountId: 'called' };
    const shown: object[] = [];
    for await (const row of decisionsOf(asked, true)) shown.push(row);
    expect(shown).toMatchObject([
      { checkId, from: 'call', to: 'liquidation', replay: 'same' },
      { checkId: checkIdOf(0), from: 'no case', to: 'call', replay: 'same' },
    ]);
  });

  it('is liquidated at once, and the next check leaves it so', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('called', '12000')], 5);
    ran(await world.event(at(5.5)));
    expect(await saidOf(world)).toContain('called liquidation.ordered');
    const said = await saidOf(world);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual(said);
    await expectInOrder(world);
  });

  it('is restored at once', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('called', '40000')], 5);
    ran(await world.event(at(5.5)));
    expect(await saidOf(world)).toContain('called margin-call.cured');
    await expectInOrder(world);
  });

  it('and is healthy, has no rows, or was never there, needs nothing', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '41000'), balance('gone', '1')], 5);
    await world.removeAccount('gone', ['balance#USD']);
    expect(ran(await world.event(at(5.5)))).toMatchObject({ accounts: 1, published: 0 });
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('and is deleted while its case is open, is closed by the scheduled check', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await world.removeAccount('called', ['balance#USD', 'position#BTC-PERP']);
    await change(world, [balance('healthy', '41000')], 5);
    ran(await world.event(at(5.5)));
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('called margin-call.cured');
    await expectInOrder(world);
  });

  it('is left to the scheduled check if its deficit is shared', async () => {
    const market = MARKET.map((row) =>
      row.kind === 'policy' ? { ...row, lossSharing: 'adl' } : row,
    );
    const world = await openEvents({ market, accounts: long('victim', '40000') });
    await firstCheck(world);
    await change(world, [balance('victim', '9000')], 5);
    expect(ran(await world.event(at(5.5)))).toMatchObject({ accounts: 1, published: 0 });
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('victim deficit.detected');
    await expectInOrder(world);
  });
});

describe('an event check', () => {
  it('does nothing before a check was complete', async () => {
    const world = await openEvents();
    await change(world, [balance('healthy', '14000')], 5);
    expect(await world.event(at(5.5))).toEqual({ skipped: 'no check has been complete yet' });
    expect(await saidOf(world)).toEqual([]);
  });

  it('takes what waits once, however often its message comes', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '14000')], 5);
    ran(await world.event(at(5.5)));
    expect(await world.event(at(5.6))).toEqual({ skipped: 'nothing waits for a check' });
    expect(await saidOf(world)).toEqual([...OPENINGS, 'healthy margin-call.issued'].sort());
  });

  it('says the same once more and nothing new when one change is told twice', async () => {
    const world = await openEvents();
    await firstCheck(world);
    for (const seconds of [5, 7]) {
      await change(world, [balance('healthy', '14000')], seconds);
      ran(await world.event(at(seconds + 0.5)));
    }
    expect(await saidOf(world)).toEqual([...OPENINGS, 'healthy margin-call.issued'].sort());
    await expectInOrder(world);
  });

  it.each([
    ['the same', 5.5],
    ['half a second earlier', 5],
    ['before the last check', -3],
  ])(
    'is left to the scheduled check if the clock of a second event check says %s',
    async (_, seconds) => {
      const world = await openEvents();
      await firstCheck(world);
      await change(world, [balance('healthy', '14000')], 5);
      ran(await world.event(at(5.5)));
      await change(world, [balance('healthy', '12000')], 10);
      const summary = ran(await world.event(at(seconds)));
      expect(summary).toMatchObject({ ...{ accounts: 1, published: 0, errors: [] } });
      await world.checkAfresh(1);
      const said = ['healthy margin-call.issued', 'healthy liquidation.ordered'];
      expect(await saidOf(world)).toEqual([...OPENINGS, ...said].sort());
      await expectInOrder(world);
    },
  );

  it('leaves a running check alone, and what waits is taken after it', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await world.quoteAt(1);
    const held = holdAt(isOfAnAccount);
    const running = world.check(1, inject(world.services, held.intercept));
    await held.arrived;
    await change(world, [balance('healthy', '14000')], 61);
    expect(await world.event(at(61.5))).toEqual({
      skipped: 'a scheduled check is running, or has died',
    });
    held.letGo();
    await running;
    expect(await world.event(at(63))).toEqual({ skipped: 'nothing waits for a check' });
    const [event] = (await world.margin()).filter(({ pk }) => pk === 'event');
    expect(event).toMatchObject({ changed: { accounts: ['healthy'] }, published: 1 });
    const said = (await saidOf(world)).filter((each) => each.startsWith('healthy'));
    expect(said).toEqual(['healthy margin-call.issued']);
    await expectInOrder(world);
  });

  it('stops when the next scheduled check begins, which decides', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '12000')], 55);
    const held = holdAt(({ target, command }) => target === 'accounts' && command === 'Query');
    const event = world.event(at(59), inject(world.services, held.intercept));
    await held.arrived;
    await world.checkAfresh(1);
    held.letGo();
    expect(ran(await event)).toMatchObject({ isOvertaken: true, published: 0 });
    const said = (await saidOf(world)).filter((each) => each.startsWith('healthy'));
    expect(said).toEqual(['healthy liquidation.ordered']);
    await expectInOrder(world);
  });

  it('whose messages SNS refuses fails, and the next check publishes them', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '14000')], 5);
    const error = () => new Error('SNS is away');
    const run = world.event(at(5.5), inject(world.services, failing(isPublication, error)));
    await expect(run).rejects.toThrow(EventFailedError);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([...OPENINGS, 'healthy margin-call.issued'].sort());
    await expectInOrder(world);
  });

  it('knows how old a message is that an event check could not publish', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '14000')], 5);
    const away = failing(isPublication, () => new Error('SNS is away'));
    await expect(world.event(at(5), inject(world.services, away))).rejects.toThrow('SNS');
    await world.quoteAt(1);
    const run = world.check(1, inject(world.services, away));
    const failed = await run.catch((error: unknown) => error as CheckFailedError);
    expect(failed).toBeInstanceOf(CheckFailedError);
    expect((failed as CheckFailedError).summary.unpublishedSeconds).toBeCloseTo(55.25, 5);
  });

  it('that is throttled fails, and the next check does the rest', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, [balance('healthy', '14000')], 5);
    const error = () => new ThrottlingException({ message: 'slow down', $metadata: {} });
    const isRead = ({ target, command }: Call) => target === 'accounts' && command === 'Query';
    const run = world.event(at(5.5), inject(world.services, failing(isRead, error)));
    await expect(run).rejects.toThrow(EventFailedError);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([...OPENINGS, 'healthy margin-call.issued'].sort());
    await expectInOrder(world);
  });
});

const CHANGES = [balance('healthy', '14000'), balance('called', '12000')];
const CHANGED = [...OPENINGS, 'healthy margin-call.issued', 'called liquidation.ordered'].sort();

describe.each<Moment>(['before', 'after'])('an event check that is killed %s a call', (moment) => {
  it('leaves everything to the next check, whichever call it was', async () => {
    const whole = await openEvents();
    await firstCheck(whole);
    await change(whole, CHANGES, 5);
    const { calls, ...through } = inject(whole.services, unharmed);
    ran(await whole.event(at(5.5), through));
    expect(calls.length).toBeGreaterThan(15);
    for (let index = 1; index <= calls.length; index++) {
      const world = await openEvents();
      await firstCheck(world);
      await change(world, CHANGES, 5);
      const through = inject(world.services, killAt(index, moment));
      await world.event(at(5.5), through).catch(() => undefined);
      await world.checkAfresh(1);
      expect(await saidOf(world), `call ${index}`).toEqual(CHANGED);
      await expectInOrder(world);
    }
  });
});

describe('two runs at once', () => {
  it.each([1, 2, 3, 4, 5, 6])('of events say everything once: seed %i', async (seed) => {
    const world = await openEvents();
    await firstCheck(world);
    const enter = turnstile(seed);
    const [first, second] = [inject(world.services, enter()), inject(world.services, enter())];
    await change(world, CHANGES, 5);
    const one = world.event(at(5.5), first);
    await tell(world, [], at(6));
    await change(world, CHANGES, 10);
    const other = world.event(at(5.6), second);
    await Promise.allSettled([one, other]);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual(CHANGED);
    await expectInOrder(world);
  });

  it.each([1, 2, 3, 4, 5, 6])('of an event and a check, too: seed %i', async (seed) => {
    const world = await openEvents();
    await firstCheck(world);
    await change(world, CHANGES, 59);
    await world.quoteAt(1, PRICES);
    const enter = turnstile(seed);
    const runs = [
      () => world.event(at(60.25), inject(world.services, enter())),
      () => world.check(1, inject(world.services, enter())),
    ];
    await Promise.all((seed % 2 === 0 ? runs : runs.toReversed()).map((run) => run()));
    await world.checkAfresh(2);
    expect(await saidOf(world)).toEqual(CHANGED);
    const fence = (await world.margin()).find((item) => nameOf(item) === 'check/latest');
    expect(fence?.checkId).toBe(checkIdOf(2));
    await expectInOrder(world);
  });
});
