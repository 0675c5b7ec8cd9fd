/** Ids that no key and no topic can take as they are, through the embedded services. */
import { describe, expect, it } from 'vitest';
import { accountOfKey, caseKey } from '../../lambda/accounts/account-case.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { Topics } from '../../lambda/aws/topics.ts';
import { FENCE_KEY } from '../../lambda/check/fence.ts';
import { FUND } from '../../lambda/fund/fund-item.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { Outbox } from '../../lambda/outbox/outbox.ts';
import { pendingMessage } from '../../lambda/outbox/stored-case.ts';
import { CLAIM, claimKey } from '../../lambda/record/fund-state.ts';
import { ACCOUNTS, balance, long } from './book.ts';
import { saidIn, saidOf } from './invariants.ts';
import { checkIdOf, openWorld, timeOf, type World } from './world.ts';

/** The longest names that rows of the accounts table can have, each character of four bytes. */
const ACCOUNT = '𐌀'.repeat(128);
const POSITION = `${'𐌁'.repeat(126)}#${'𐌂'.repeat(126)}`;

describe('an order plan for the longest names', () => {
  const planId = `${ACCOUNT}#${POSITION}@${checkIdOf(0)}#1`;
  const header = {
    ...{ version: 1, severity: 'critical', checkId: checkIdOf(0), asOf: checkIdOf(0) },
    ...{ accountId: ACCOUNT, position: POSITION },
  };
  const plan = {
    ...{ ...header, type: 'liquidation.ordered', id: `${planId}/liquidation.ordered` },
    ...{ planId, generation: 1, isObserved: false, certainty: 'certain', plan: { orders: [] } },
    expiresAt: checkIdOf(60),
  } as unknown as Message;
  const alert = {
    ...{ ...header, type: 'account.indeterminate', id: `${ACCOUNT}/account.indeterminate` },
    ...{ certainty: 'indeterminate', reasons: [] },
  } as unknown as Message;

  function outboxIn({ services }: World): Outbox {
    const { alertsTopicArn: alerts, ordersTopicArn: orders, marginTable } = services.config;
    return new Outbox({
      margin: new MarginTable({ dynamo: services.dynamo, table: marginTable }),
      topics: new Topics({ sns: services.sns, arns: { alerts, orders } }),
      ...{ checkId: checkIdOf(0), fenceKey: FENCE_KEY, asOf: timeOf(0), historyDays: 1 },
      ...{ isHalted: false, isObserving: false },
    });
  }

  it('is stored, published and recorded', async () => {
    const world = await openWorld({ accounts: [] });
    const key = caseKey(ACCOUNT, POSITION);
    expect(accountOfKey(key)).toEqual({ accountId: ACCOUNT, position: POSITION });
    const messages = [pendingMessage(alert, ['alerts']), pendingMessage(plan, ['orders'])];
    const update = { state: {}, isActive: true, keepsPlans: true, messages, record: '{}' };
    const result = await outboxIn(world).process([{ key, decide: () => update }]);
    expect(result).toMatchObject({ failures: [], publishFailures: [], published: 2 });
    expect(await world.orders()).toMatchObject([{ accountId: ACCOUNT, planId }]);
    expect(await world.alerts()).toMatchObject([{ accountId: ACCOUNT, position: POSITION }]);
    const keys = (await world.margin()).map(({ sk }) => sk);
    expect(keys).toContain(key.sk);
    expect(keys).toContainEqual(expect.stringMatching(/^decision#2020.*#sha256:[0-9a-f]{64}$/));
  });

  it('has a claim that is found by its id, and among the claims', async () => {
    const { services } = await openWorld({ accounts: [] });
    const margin = new MarginTable({ dynamo: services.dynamo, table: 'margin' });
    const claimId = `${ACCOUNT}#${POSITION}@${checkIdOf(0)}/claim#1`;
    await margin.putRow({ pk: FUND, sk: claimKey(claimId) }, { claimId });
    expect(await margin.readRow({ pk: FUND, sk: claimKey(claimId) })).toMatchObject({ claimId });
    const found: unknown[] = [];
    for await (const row of margin.rowsUnder({ pk: FUND, sk: CLAIM })) found.push(row.claimId);
    expect(found).toEqual([claimId]);
  });
});

describe('an account whose id no key can take', () => {
  const idsOf = (messages: readonly Message[]) =>
    messages.flatMap((each) => ('accountId' in each ? [each.accountId] : []));

  it.each([
    ['of 2,048 bytes', 'x'.repeat(2048)],
    ['of 2,047 bytes in another script', `y${'ж'.repeat(1023)}`],
    ['that looks like a hashed one', `${'z'.repeat(200)}#sha256:${'0'.repeat(64)}`],
  ])('%s is refused by name, once, and fails no check', async (_, accountId) => {
    const accounts = [...ACCOUNTS, balance(accountId, '1')];
    const world = await openWorld({ accounts });
    const first = await world.check(0);
    expect([first.failed, first.errors]).toEqual([0, []]);
    const named = (await world.alerts()).filter((each) => idsOf([each])[0] === accountId);
    expect(named).toMatchObject([
      { type: 'account.indeterminate', reasons: [{ code: 'row-malformed' }] },
    ]);
    const before = (await world.alerts()).length;
    expect((await world.checkAfresh(1)).errors).toEqual([]);
    expect(idsOf((await world.alerts()).slice(before))).not.toContain(accountId);
    await world.removeAccount(accountId, ['balance#USD']);
    expect((await world.checkAfresh(2)).errors).toEqual([]);
    const closed = (await world.openKeys()).filter((key) => /#sha256:|xxx|жжж/.test(key));
    expect(closed).toEqual([]);
  });

  it('leaves the other accounts as they are', async () => {
    const world = await openWorld({
      accounts: [...long('liquidated', '12000'), balance('x'.repeat(2048), '1')],
    });
    await world.check(0);
    expect(await saidOf(world)).toContain('liquidated liquidation.ordered');
    expect(saidIn(await world.orders())).toEqual(['liquidated liquidation.ordered']);
  });
});
