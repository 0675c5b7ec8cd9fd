import {
  type BatchResultErrorEntry,
  PublishBatchCommand,
  type PublishBatchCommandInput,
  type PublishBatchCommandOutput,
} from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { CheckFailedError } from '../../lambda/run-check.ts';
import { OPENINGS } from './book.ts';
import {
  type Call,
  failing,
  type Injection,
  type Interceptor,
  inject,
  isPublication,
} from './injector.ts';
import { expectInOrder, once, saidIn, saidOf } from './invariants.ts';
import { checkIdOf, failureOf, openWorld, type World } from './world.ts';

const SIX_HOURS = 360;

const refusalOf = (Id: string | undefined): BatchResultErrorEntry => ({
  Id,
  Code: 'InternalError',
  Message: 'try again',
  SenderFault: false,
});

/** Accepts the even entries of a batch, and refuses the odd ones by name. */
const refuseEverySecond =
  (world: World): Interceptor =>
  async (call, proceed) => {
    if (!isPublication(call)) return proceed();
    const input = call.input as unknown as PublishBatchCommandInput;
    const entries = input.PublishBatchRequestEntries ?? [];
    const taken = entries.filter((_, index) => index % 2 === 0);
    const refused = entries.filter((_, index) => index % 2 === 1);
    const answer: PublishBatchCommandOutput = await world.services.sns.send(
      new PublishBatchCommand({ ...input, PublishBatchRequestEntries: taken }),
    );
    return { ...answer, Failed: refused.map(({ Id }) => refusalOf(Id)) };
  };

const down = (world: World, topic = ''): Injection => {
  const isHit = (call: Call) => isPublication(call) && call.target.includes(topic);
  return inject(
    world.services,
    failing(isHit, () => new Error('connect ECONNREFUSED')),
  );
};

describe('a batch of which half fails', () => {
  it('publishes only the refused messages again at the next check', async () => {
    const world = await openWorld();
    const run = inject(world.services, refuseEverySecond(world));
    const summary = await failureOf(world.check(0, run));
    const half = await world.alerts();
    const entries = run.calls
      .filter(isPublication)
      .map(({ input }) => (input as unknown as PublishBatchCommandInput).PublishBatchRequestEntries)
      .map((each) => each?.length ?? 0);
    const refused = entries.reduce((sum, length) => sum + Math.floor(length / 2), 0);
    expect(refused).toBeGreaterThan(3);
    expect(summary.publishFailures).toBe(refused);
    expect(summary.published).toBe(entries.reduce((sum, length) => sum + length, 0) - refused);
    expect(summary.failed).toBe(0);
    expect(summary.errors).toHaveLength(refused);
    for (const error of summary.errors) {
      expect(error).toMatch(/^publish: (alerts|orders) \S+: InternalError try again$/);
    }
    expect(half.length).toBeLessThan(OPENINGS.length);

    const healed = await world.checkAfresh(1);
    expect(healed.published).toBe(refused);
    expect(await world.alerts()).toHaveLength(OPENINGS.length);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('publishes everything once in the end, though half is refused again and again', async () => {
    const world = await openWorld();
    let checks = 0;
    for (; checks < 6; checks++) {
      await world.quoteAt(checks);
      const isWhole = await world
        .check(checks, inject(world.services, refuseEverySecond(world)))
        .then(
          () => true,
          () => false,
        );
      if (isWhole) break;
    }
    expect(checks).toBeGreaterThan(0);
    expect(checks).toBeLessThan(6);
    expect(await world.alerts()).toHaveLength(OPENINGS.length);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });
});

describe('an outage of SNS', () => {
  it('for five checks in which cases open and escalate publishes everything afterwards', async () => {
    const world = await openWorld();
    const prices = ['6000', '6000', '5900', '5900', '5900'];
    for (const [minute, price] of prices.entries()) {
      await world.quoteAt(minute, { 'BTC-USD': price });
      const summary = await failureOf(world.check(minute, down(world)));
      expect(summary).toMatchObject({ accounts: 7, failed: 0, published: 0 });
      expect(summary.errors[0]).toContain('ECONNREFUSED');
      // The age of the oldest, from the first check, however often it was retried.
      expect(Math.floor(summary.unpublishedSeconds)).toBe(minute * 60);
    }
    expect(await world.alerts()).toEqual([]);
    expect(await world.openKeys()).toHaveLength(7);

    const done = await world.checkAfresh(5, { 'BTC-USD': '5900' });
    expect(done.unpublishedSeconds).toBe(0);
    // The larger deficit replaces the one that reached nobody.
    const deficits = (await world.alerts()).filter(({ type }) => type === 'deficit.detected');
    expect(deficits.map(({ checkId }) => checkId)).toEqual([checkIdOf(2)]);
    expect(await saidOf(world)).toEqual([...OPENINGS, 'called liquidation.ordered'].sort());
    await expectInOrder(world, { replaced: 1 });
  });

  it('publishes each decision with the check that made it, in order', async () => {
    const world = await openWorld();
    await failureOf(world.check(0, down(world)));
    await world.quoteAt(1, { 'BTC-USD': '5900' });
    await failureOf(world.check(1, down(world)));
    await world.checkAfresh(2, { 'BTC-USD': '5900' });
    const called = (await world.alerts()).filter(
      (alert) => 'accountId' in alert && alert.accountId === 'called',
    );
    expect(called.map(({ type, checkId }) => `${checkId} ${type}`)).toEqual([
      '2020-03-12T11:00:00.000Z margin-call.issued',
      '2020-03-12T11:01:00.000Z liquidation.ordered',
    ]);
  });

  it('keeps only order plans pending if only the orders topic is down', async () => {
    const world = await openWorld();
    const summary = await failureOf(world.check(0, down(world, 'orders')));
    expect(summary.publishFailures).toBe(3);
    expect(await saidOf(world)).toEqual(OPENINGS);
    expect(await world.orders()).toEqual([]);
    const waiting = (await world.margin()).flatMap(({ pending = [] }) => pending);
    expect(waiting.flatMap(({ deliveries }) => deliveries.map(({ to }) => to))).toEqual([
      ['orders'],
      ['orders'],
      ['orders'],
    ]);

    await world.checkAfresh(1);
    expect(await world.alerts()).toHaveLength(OPENINGS.length);
    expect(await world.orders()).toHaveLength(3);
    await expectInOrder(world);
  });

  it('sends an order plan without its alerts if only the alerts topic is down', async () => {
    const world = await openWorld();
    await failureOf(world.check(0, down(world, 'alerts')));
    expect(saidIn(await world.orders())).toHaveLength(3);
    await world.checkAfresh(1);
    expect(once(await world.orders())).toHaveLength(3);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('of six hours over a swinging price leaves nothing unsaid', async () => {
    const world = await openWorld();
    const config = { ...world.services.config, checkIntervalSeconds: 180 };
    for (let minute = 0; minute < SIX_HOURS; minute += 3) {
      const price = 5950 + 250 * Math.sin(minute / 7);
      await world.quoteAt(minute, { 'BTC-USD': price.toFixed(2) });
      const summary = await world
        .check(minute, { ...down(world), config })
        .catch(({ summary }: CheckFailedError) => summary);
      expect(summary).toMatchObject({ accounts: 7, failed: 0, published: 0 });
    }
    const done = await world.checkAfresh(SIX_HOURS);
    expect(done).toMatchObject({ failed: 0, publishFailures: 0, unpublishedSeconds: 0 });
    const alerts = await world.alerts();
    for (const message of alerts) messageSchemas[message.type].parse(message);
    expect(once(alerts)).toHaveLength(alerts.length);
    expect((await world.margin()).filter(({ pending = [] }) => pending.length > 0)).toEqual([]);
    // The executors get no plan that a later one replaced meanwhile.
    const plans = (await world.orders()).flatMap((order) =>
      order.type === 'liquidation.ordered' ? [order.accountId] : [],
    );
    expect(plans.toSorted()).toEqual([...new Set(plans)].toSorted());
    expect(plans.length).toBeGreaterThan(0);
  }, 300_000);
});
