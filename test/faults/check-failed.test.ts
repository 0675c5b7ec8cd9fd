/** A check that fails is an alert by itself: once per outage, and hourly while it lasts. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { FAILURE_KEY } from '../../lambda/check/failure-case.ts';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { type Call, failing, inject } from './injector.ts';
import { checkIdOf, openWorld, type World } from './world.ts';

type Failed = Extract<Message, { readonly type: 'check.failed' }>;

const failedOf = async (world: World): Promise<Failed[]> =>
  (await world.alerts()).filter((message): message is Failed => message.type === 'check.failed');

const isFailing = async (world: World): Promise<boolean> =>
  (await world.openKeys()).includes(`${FAILURE_KEY.pk}/${FAILURE_KEY.sk}`);

describe('a policy that cannot be read', () => {
  it('is one alert in ten checks, which says what is wrong and since when', async () => {
    const world = await openWorld();
    await world.writePolicy({ mode: 'dry-run' });
    for (let minute = 0; minute < 10; minute++) {
      await expect(world.check(minute)).rejects.toThrow(PolicyError);
    }
    const [only, ...others] = await failedOf(world);
    expect(others).toEqual([]);
    expect(messageSchemas['check.failed'].parse(only)).toEqual(only);
    expect(only).toMatchObject({
      id: `check/${checkIdOf(0)}/check.failed`,
      severity: 'critical',
      extent: 'whole',
      since: '2020-03-12T11:00:00.250Z',
      error: 'PolicyError',
    });
    expect(only?.detail).toMatch(/^market policy\/default: mode must be/);
    expect(await world.orders()).toEqual([]);
  });

  it('is told again after an hour, with the same beginning', async () => {
    const world = await openWorld();
    await world.removeMarket('policy', 'default');
    for (const minute of [0, 30, 59, 60, 61, 119, 120]) {
      await expect(world.check(minute)).rejects.toThrow(PolicyError);
    }
    const all = await failedOf(world);
    expect(all.map(({ checkId }) => checkId)).toEqual([0, 60, 120].map(checkIdOf));
    expect(new Set(all.map(({ since }) => since)).size).toBe(1);
  });

  it('ends with the first sound check, and the next outage is told at once', async () => {
    const world = await openWorld();
    await world.removeMarket('policy', 'default');
    await expect(world.check(0)).rejects.toThrow(PolicyError);
    expect(await isFailing(world)).toBe(true);
    await world.writePolicy({});
    await world.checkAfresh(1);
    expect(await isFailing(world)).toBe(false);
    await world.removeMarket('policy', 'default');
    await expect(world.check(2)).rejects.toThrow(PolicyError);
    expect((await failedOf(world)).map(({ checkId }) => checkId)).toEqual([0, 2].map(checkIdOf));
  });

  it('keeps the alert until SNS takes it', async () => {
    const world = await openWorld();
    await world.removeMarket('policy', 'default');
    const isPublish = ({ command }: Call) => command === 'PublishBatch';
    const down = inject(
      world.services,
      failing(isPublish, () => new Error('SNS is away')),
    );
    await expect(world.check(0, down)).rejects.toThrow(PolicyError);
    expect(await failedOf(world)).toEqual([]);
    await expect(world.check(1)).rejects.toThrow(PolicyError);
    expect((await failedOf(world)).map(({ checkId }) => checkId)).toEqual([checkIdOf(0)]);
  });
});

describe('the item of the latest check', () => {
  it('is reported when it cannot be read, although every check needs it', async () => {
    const world = await openWorld();
    await world.check(0);
    const fence = (await world.margin()).find(({ pk, sk }) => `${pk}/${sk}` === 'check/latest');
    const TableName = world.services.config.marginTable;
    const Item = marshall({ ...fence, state: { runId: 'r', prices: 'none' } });
    await world.dynamo.send(new PutItemCommand({ TableName, Item }));
    await world.quoteAt(1);
    await expect(world.check(1)).rejects.toThrow('check/latest cannot be read');
    const [failed] = await failedOf(world);
    expect(failed?.detail).toContain('the item check/latest cannot be read');
  });
});

describe('a check that fails in part', () => {
  const isScan = ({ command, target }: Call) => command === 'Scan' && /accounts/.test(target);

  it('is a warning, once, and the failure of the whole check after it is told at once', async () => {
    const world = await openWorld();
    const broken = inject(
      world.services,
      failing(isScan, () => new Error('no rows')),
    );
    for (const minute of [0, 1]) {
      await world.quoteAt(minute);
      await expect(world.check(minute, broken)).rejects.toThrow(CheckFailedError);
    }
    await world.removeMarket('policy', 'default');
    await expect(world.check(2)).rejects.toThrow(PolicyError);
    await world.writePolicy({});
    await expect(world.check(3, broken)).rejects.toThrow(CheckFailedError);
    const all = await failedOf(world);
    expect(all.map(({ checkId, extent, severity }) => [checkId, extent, severity])).toEqual([
      [checkIdOf(0), 'part', 'warning'],
      [checkIdOf(2), 'whole', 'critical'],
    ]);
    expect(all[0]?.detail).toMatch(/the scan broke off: .*no rows/);
    await world.checkAfresh(4);
    expect(await isFailing(world)).toBe(false);
  });
});
