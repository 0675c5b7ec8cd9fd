import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../lambda/messages/messages.ts';
import { balance, long, MARKET, position } from './book.ts';
import {
  type Interceptor,
  inject,
  isOfAnAccount,
  isOfOrders,
  killWhen,
  turnstile,
} from './injector.ts';
import { expectInOrder, once, saidOf, unpack } from './invariants.ts';
import { CLOCK_LAG_MS, eventAt, openWorld, type Row, timeOf, type World } from './world.ts';

/** Each is long 60,000 of BTC-PERP; from bad to worse in alphabetical order. */
const BREACHED = [...long('bad', '12600'), ...long('mid', '12000'), ...long('worst', '11000')];

const marketWith = (depth: string, policy: Row = {}): Row[] =>
  MARKET.filter(({ id }) => id !== 'DOGE').map((row) => {
    if (row.kind === 'policy') return { ...row, liquidationCooldownSeconds: 60, ...policy };
    return row.id === 'BTC-PERP' ? { ...row, depth } : row;
  });

const openWith = (depth: string, policy: Row = {}, accounts: readonly Row[] = BREACHED) =>
  openWorld({ market: marketWith(depth, policy), accounts });

type Ordered = Extract<Message, { readonly type: 'liquidation.ordered' }>;

async function plansOf(world: World): Promise<Ordered[]> {
  const said = once(await world.alerts());
  return said.filter((each): each is Ordered => each.type === 'liquidation.ordered');
}

const notionalOf = ({ plan }: Ordered): number =>
  plan.orders.reduce((sum, order) => sum + Number(order.notional), 0);

/** Notional ordered by all plans, for each check. */
function sumsOf(plans: readonly Ordered[]): number[] {
  const sums = Map.groupBy(plans, ({ checkId }) => checkId);
  return [...sums.values()].map((each) => each.reduce((sum, plan) => sum + notionalOf(plan), 0));
}

describe('a market that cannot absorb all liquidations of a check', () => {
  it('serves the worst account first, the next with what is left, and the last one waits and says so', async () => {
    const needs = await openWith('1000000');
    await needs.check(0);
    const needed = new Map(
      (await plansOf(needs)).map((plan) => [plan.accountId, notionalOf(plan)]),
    );
    const [bad = 0, mid = 0, worst = 0] = ['bad', 'mid', 'worst'].map((id) => needed.get(id));
    const depth = Math.floor(worst + mid / 2);

    const world = await openWith(String(depth));
    const summary = await world.check(0);
    const plans = await plansOf(world);
    expect(plans.map(({ accountId }) => accountId).sort()).toEqual(['mid', 'worst']);
    const [ofMid, ofWorst] = plans.toSorted((l, r) => (l.accountId < r.accountId ? -1 : 1));
    expect(ofWorst?.plan).not.toHaveProperty('carriedOver');
    expect(notionalOf(ofWorst as Ordered)).toBeCloseTo(worst, 2);
    expect(notionalOf(ofMid as Ordered)).toBeCloseTo(depth - worst, 1);
    expect(ofMid?.plan.carriedOver).toMatchObject([{ market: 'BTC-PERP', side: 'sell' }]);
    const withheld = (await world.alerts()).filter(({ type }) => type === 'liquidation.withheld');
    expect(withheld).toMatchObject([
      { accountId: 'bad', reasons: [{ code: 'market-full', subject: 'BTC-PERP' }] },
    ]);
    expect(summary.carriedOver.accounts).toBe(2);
    expect(Number(summary.carriedOver.notional)).toBeCloseTo(worst + mid + bad - depth, 0);
    expect(Object.keys(summary.carriedOver.byMarket)).toEqual(['BTC-PERP']);
    await expectInOrder(world);
  });

  it('retries the waiting account at the next check, and reports once what it waits for', async () => {
    const world = await openWith('20000', { liquidationCooldownSeconds: 600 });
    await world.check(0);
    expect((await plansOf(world)).map(({ accountId }) => accountId)).toEqual(['worst']);
    await world.checkAfresh(1);
    expect((await plansOf(world)).map(({ accountId }) => accountId)).toEqual(['worst', 'mid']);
    await world.checkAfresh(2);
    const plans = await plansOf(world);
    expect(plans.map(({ accountId }) => accountId)).toEqual(['worst', 'mid', 'bad']);
    expect(Math.max(...sumsOf(plans))).toBeLessThanOrEqual(20_000);
    const withheld = (await saidOf(world)).filter((said) => said.endsWith('withheld'));
    expect(withheld).toEqual(['bad liquidation.withheld', 'mid liquidation.withheld']);
    await expectInOrder(world);
  });

  it('serves an account that has waited longer than the policy allows before a worse one', async () => {
    const world = await openWith('20000', { liquidationWaitSeconds: 100 }, [
      ...long('bad', '12600'),
      ...long('worst', '9000'),
    ]);
    const orderedAt: string[][] = [];
    for (let minute = 0; minute < 5; minute++) {
      const before = (await plansOf(world)).length;
      await world.checkAfresh(minute);
      orderedAt.push((await plansOf(world)).slice(before).map(({ accountId }) => accountId));
      if (minute !== 1) continue;
      expect(await world.caseOf('bad')).toMatchObject({
        state: { open: { waitingSince: timeOf(0) + CLOCK_LAG_MS, isWithheld: true } },
      });
    }
    // Nothing is ever filled here: the worst account comes back each time, yet all get their turn.
    expect(orderedAt.map(([first]) => first)).toEqual(['worst', 'worst', 'bad', 'worst', 'bad']);
    await expectInOrder(world);
  });

  it('leads to the same decisions in mode observe', async () => {
    const [enforced, observed] = [
      await openWith('20000'),
      await openWith('20000', { mode: 'observe' }),
    ];
    for (const world of [enforced, observed]) {
      await world.check(0);
      await world.checkAfresh(1);
    }
    const said = async (world: World) =>
      (await plansOf(world)).map(({ accountId, planId, plan }) => ({ accountId, planId, plan }));
    expect(await said(observed)).toEqual(await said(enforced));
    expect(await observed.orders()).toEqual([]);
  });

  it('is not limited without a throttle', async () => {
    const world = await openWith('1', { liquidationThrottle: 'none' });
    const summary = await world.check(0);
    expect(await plansOf(world)).toHaveLength(3);
    expect(summary.carriedOver).toEqual({ accounts: 0, notional: '0.00', byMarket: {} });
  });

  it('keeps in each record the capacity that was left, for the markets of its account only', async () => {
    const world = await openWith('20000');
    await world.check(0);
    const records = (await world.margin()).filter(({ record }) => record !== undefined).map(unpack);
    const capacityIn = (id: string) =>
      records.find(({ accountId }) => accountId === id)?.evidence.room;
    expect(capacityIn('worst')).toEqual({ 'BTC-PERP/buy': '20000', 'BTC-PERP/sell': '20000' });
    const ofMid = capacityIn('mid') as Record<string, string>;
    expect(Object.keys(ofMid).sort()).toEqual(['BTC-PERP/buy', 'BTC-PERP/sell']);
    expect(Number(ofMid['BTC-PERP/sell'])).toBeLessThan(0.001);
    await expectInOrder(world);
  });

  it('records no capacity where a decision needed none', async () => {
    const world = await openWith('20000', {}, long('called', '14000'));
    await world.check(0);
    const [record] = (await world.margin()).filter(({ record: kept }) => kept !== undefined);
    expect(unpack(record as never).evidence).not.toHaveProperty('room');
  });
});

describe('a run that dies', () => {
  it('after writing the cases leaves its plans to the next check, which orders what is left', async () => {
    const world = await openWith('20000', { liquidationCooldownSeconds: 600 });
    const run = world.check(0, inject(world.services, killWhen(isOfOrders)));
    await expect(run).rejects.toThrow('killed');
    for (let minute = 1; minute < 4; minute++) await world.checkAfresh(minute);
    const plans = await plansOf(world);
    expect(plans.map(({ accountId }) => accountId).sort()).toEqual(['bad', 'mid', 'worst']);
    expect(Math.max(...sumsOf(plans))).toBeLessThanOrEqual(20_000);
    await expectInOrder(world);
  });

  it('between reading the cases and deciding leaves everything to the next check', async () => {
    const world = await openWith('20000');
    const isFirstWrite = ({ command, ...call }: Parameters<typeof isOfAnAccount>[0]) =>
      command === 'PutItem' && isOfAnAccount({ command, ...call });
    const run = world.check(0, inject(world.services, killWhen(isFirstWrite)));
    await expect(run).rejects.toThrow('killed');
    await world.checkAfresh(1);
    expect((await plansOf(world)).map(({ accountId }) => accountId)).toEqual(['worst']);
    await expectInOrder(world);
  });
});

describe('two simultaneous runs', () => {
  it.each([1, 2, 3, 4])('order no more than the capacity in a check: seed %i', async (seed) => {
    const world = await openWith('20000');
    const enter = turnstile(seed);
    const clock = timeOf(0.5) + CLOCK_LAG_MS;
    const runs = (seed % 2 === 0 ? [0, 0.5] : [0.5, 0]).map((minute) =>
      world
        .handle(eventAt(minute), clock, inject(world.services, enter()))
        .catch((error: Error) => expect(error.message).toContain('Overtaken')),
    );
    await Promise.all(runs);
    await world.checkAfresh(1);
    await world.checkAfresh(2);
    const plans = await plansOf(world);
    expect(plans.length).toBeGreaterThan(0);
    expect(Math.max(...sumsOf(plans))).toBeLessThanOrEqual(20_000);
    await expectInOrder(world);
  });
});

function overtakeCase(world: World, accountId: string): Interceptor {
  let isDone = false;
  return async ({ command, input }, proceed) => {
    const { pk } = (input.Item ?? {}) as { pk?: { S: string } };
    if (isDone || command !== 'PutItem' || pk?.S !== `account#${accountId}`) return proceed();
    isDone = true;
    const other = {
      ...{
        pk: `account#${accountId}`,
        sk: 'case',
        version: 1,
        checkId: '2020-03-12T10:00:00.000Z',
      },
      ...{ state: { isIndeterminate: false }, isActive: false, pending: [] },
      forgetAfterSeconds: 9_999_999_999,
    };
    const TableName = world.services.config.marginTable;
    await world.dynamo.send(new PutItemCommand({ TableName, Item: marshall(other) }));
    return proceed();
  };
}

describe('a case that another run has changed', () => {
  it('is decided again with the capacity that its first decision had reserved', async () => {
    const alone = await openWith('20000');
    await alone.check(0);
    const world = await openWith('20000');
    await world.check(0, inject(world.services, overtakeCase(world, 'worst')));
    const said = async (of: World) =>
      (await plansOf(of)).map(({ accountId, plan }) => ({ accountId, plan }));
    expect(await said(world)).toEqual(await said(alone));
    await expectInOrder(world);
  });
});

describe('an account scan that breaks off', () => {
  it('still liquidates the accounts found so far, worst first', async () => {
    const accounts = ['bad', 'mid', 'worst'].flatMap((name, index) =>
      long(name, String(12_600 - index * 700)),
    );
    const world = await openWith('1000000', {}, [
      ...accounts,
      ...Array.from({ length: 40 }, (_, index) => balance(`desk-${index}`, '1')),
    ]);
    let pages = 0;
    const run = inject(world.services, (call, proceed) => {
      if (call.command !== 'Scan' || call.target !== 'accounts') return proceed();
      Object.assign(call.input, { Limit: 20 });
      return ++pages === 3 ? Promise.reject(new Error('broken off')) : proceed();
    });
    await expect(world.check(0, run)).rejects.toThrow('broken off');
    const found = (await plansOf(world)).map(({ accountId }) => accountId);
    await world.checkAfresh(1);
    const all = (await plansOf(world)).map(({ accountId }) => accountId);
    expect(all.filter((id, index) => all.indexOf(id) === index).sort()).toEqual([
      'bad',
      'mid',
      'worst',
    ]);
    expect(found.length).toBeGreaterThan(0);
    await expectInOrder(world);
  });
});

describe('an isolated position', () => {
  it('waits for market capacity independently of the cross book of its account', async () => {
    const world = await openWith('20000', {}, [
      ...long('both', '11000'),
      position('both', { label: 'x', isolatedMargin: '11200', quantity: '10', entryPrice: '7000' }),
    ]);
    const summary = await world.check(0);
    expect(summary.carriedOver.accounts).toBeGreaterThan(0);
    expect(await saidOf(world)).toEqual(
      expect.arrayContaining(['both liquidation.ordered', 'both#BTC-PERP#x liquidation.withheld']),
    );
    await expectInOrder(world);
  });
});
