/**
 * A function that starts with a checkpoint knows what the one before knew, hears what has changed
 * since, and reads nothing else. Whatever is wrong with the checkpoint, it reads every account.
 */
import { TrimmedDataAccessException } from '@aws-sdk/client-dynamodb-streams';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { voidAll } from '../../lambda/certified/state.ts';
import { CHECKPOINTS } from '../aws/services.ts';
import { balance, long } from './book.ts';
import { type Call, type Interceptor, unharmed } from './injector.ts';
import {
  accountsSaid,
  certificatesOf,
  isSaidOf,
  marginOf,
  memoryOf,
  openCertified,
  openWarm,
  throttled,
  unrecorded,
  Warm,
  withoutCheckpoints,
} from './warm.ts';
import { timeOf, type World } from './world.ts';

const STARTED = 'the function has just started to follow the accounts';

const isPut = ({ command }: Call): boolean => command === 'PutObject';
const isGet = ({ command }: Call): boolean => command === 'GetObject';
const isManifest = ({ command, target, input }: Call): boolean =>
  command === 'PutItem' &&
  target === 'margin' &&
  JSON.stringify(input.Item).includes('"checkpoint"');

const refusing =
  (isHit: (call: Call) => boolean): Interceptor =>
  (call, proceed) =>
    isHit(call) ? Promise.reject(throttled()) : proceed();

/** The bytes of an object, changed. */
async function change(world: World, Key: string, to: (bytes: Uint8Array) => Uint8Array) {
  const { s3 } = world.services;
  const read = await s3?.send(new GetObjectCommand({ Bucket: CHECKPOINTS, Key }));
  const Body = to((await read?.Body?.transformToByteArray()) ?? expect.fail('no bytes'));
  await s3?.send(new PutObjectCommand({ Bucket: CHECKPOINTS, Key, Body }));
}

const flipped = (bytes: Uint8Array): Uint8Array =>
  bytes.with(bytes.length >> 1, 255 - (bytes[bytes.length >> 1] ?? 0));

const shorter = (bytes: Uint8Array): Uint8Array => bytes.slice(1);

const trimmed = () =>
  new TrimmedDataAccessException({ message: 'trimmed', $metadata: { httpStatusCode: 400 } });

const checkIdOf = (minute: number): string => new Date(timeOf(minute)).toISOString();

describe('a function that has just started', () => {
  it('reads what has changed since the checkpoint, and nothing else', async () => {
    const { world } = await openWarm();
    await world.writeAccounts([balance('account-7', '14000'), ...long('new', '40000')]);
    const summary = await new Warm(world).check(2);
    expect(certificatesOf(summary)).toMatchObject({
      ...{ accounts: 301, healthy: 300, certified: 299, changed: 2, allRead: undefined },
    });
    expect(summary.certificates?.restoredFrom).toBe(checkIdOf(0));
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
  });

  it('goes on with the checkpoint of a function that had one itself', async () => {
    const { world } = await openWarm();
    for (const minute of [2, 22, 42]) {
      const started = new Warm(world);
      expect(certificatesOf(await started.check(minute)).certified).toBe(300);
      expect(certificatesOf(await started.check(minute + 11)).certified).toBe(300);
    }
    await world.writeAccounts([balance('account-7', '14000')]);
    const { certificates, levels } = await new Warm(world).check(54);
    expect(certificates?.restoredFrom).toBe(checkIdOf(53));
    expect(levels.call).toBe(1);
  });

  it('hears changes in shards that have split since', async () => {
    const { world } = await openWarm();
    const { stream } = memoryOf(world);
    stream.splitAny('accounts', 0);
    await world.writeAccounts([balance('account-7', '14000')]);
    stream.splitAny('accounts', 1);
    await world.writeAccounts([balance('account-8', '14000')]);
    const found = certificatesOf(await new Warm(world).check(2));
    expect(found).toMatchObject({ certified: 298, allRead: undefined });
    const called = ['account-7 margin-call.issued', 'account-8 margin-call.issued'];
    expect(await accountsSaid(world)).toEqual(called);
  });

  it('finds by comparison what no record has shown', async () => {
    const { world } = await openWarm();
    await unrecorded(world, () => world.writeAccounts([balance('account-7', '14000')]));
    const started = new Warm(world);
    const missed = ({ certificates }: Awaited<ReturnType<Warm['check']>>) =>
      certificates?.missed.count === 1;
    expect(await started.checkUntil(missed, { from: 2, to: 64 })).toBeDefined();
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
  });

  it('compares after a long pause what there is time for, and the next check goes on', async () => {
    const { world } = await openWarm();
    const started = new Warm(world);
    let slices = 0;
    // Each takes two seconds.
    started.timeLeft = () => 60_000 - 2_000 * slices;
    started.intercept = (call, proceed) => {
      if (call.command === 'Scan' && call.input.TotalSegments === 60) slices++;
      return proceed();
    };
    const eleven = 11 * 60;
    const counts: number[] = [];
    for (const minute of [eleven, eleven + 1, eleven + 2, eleven + 3]) {
      slices = 0;
      const summary = await started.check(minute);
      expect(summary).toMatchObject({ isComplete: true, accounts: 300 });
      expect(certificatesOf(summary)).toMatchObject({ certified: 300, allRead: undefined });
      counts.push(slices);
    }
    expect(counts).toEqual([25, 25, 12, 1]);
  });

  it('reads every account without a bucket', async () => {
    const { world } = await openWarm();
    const found = certificatesOf(await new Warm(world, withoutCheckpoints(world)).check(2));
    expect(found).toMatchObject({ certified: 0, allRead: STARTED });
  });
});

describe('a checkpoint that must not be used', () => {
  const refused: [string, string, (world: World) => Promise<void> | void][] = [
    ['a part is damaged', 'part 1 of', (world) => change(world, `${checkIdOf(0)}/1`, flipped)],
    ['a part is cut off', 'part 1 of', (world) => change(world, `${checkIdOf(0)}/1`, shorter)],
    [
      'the head is damaged',
      'the head of',
      (world) => change(world, `${checkIdOf(0)}/head`, flipped),
    ],
    ['it is 13 hours old', 'is too old', () => undefined],
    [
      'it is void',
      'its checkpoint is void',
      (world) => voidAll(marginOf(world), { checkId: checkIdOf(1), accounts: [] }),
    ],
  ];

  it.each(refused)('because %s', async (name, why, spoil) => {
    const { world } = await openWarm();
    await spoil(world);
    const minute = name.includes('13 hours') ? 13 * 60 : 2;
    await world.writeAccounts([balance('account-7', '14000')]);
    const started = new Warm(world);
    const found = certificatesOf(await started.check(minute));
    expect(found.certified).toBe(0);
    expect(found.allRead).toMatch(STARTED);
    expect(found.allRead).toMatch(why);
    expect(await isSaidOf(world, 'account-7')).toBe(true);
    expect(certificatesOf(await started.check(minute + 1)).certified).toBe(299);
  });

  it('because other code has stored it', async () => {
    const { world } = await openWarm();
    const started = new Warm(world, {}, { code: 'a newer build' });
    expect(certificatesOf(await started.check(2)).allRead).toMatch('stored by other code');
    expect(certificatesOf(await started.check(3)).certified).toBe(300);
  });

  it('because there is no time to read it', async () => {
    const { world } = await openWarm();
    const started = new Warm(world);
    const isOver = { now: false };
    started.timeLeft = () => (isOver.now ? 5_000 : 60_000);
    started.intercept = async (call, proceed) => {
      if (isGet(call)) isOver.now = true;
      return proceed();
    };
    expect(certificatesOf(await started.check(2)).allRead).toMatch('no time was left to read');
    // It goes on without, and is not stopped again and again.
    started.timeLeft = undefined;
    expect(certificatesOf(await started.check(3)).allRead).toBeDefined();
    expect(certificatesOf(await started.check(4)).certified).toBe(300);
  });

  it('because the bucket does not answer', async () => {
    const { world } = await openWarm();
    const started = new Warm(world);
    started.intercept = refusing(isGet);
    expect(certificatesOf(await started.check(2)).allRead).toMatch('could be used: Rate exceeded');
  });

  it('because a position is lost, and looks for no other', async () => {
    const { world } = await openWarm();
    const { stream } = memoryOf(world);
    stream.splitAny('accounts', 0);
    const lost: Interceptor = async (call, proceed) => {
      if (call.input.ShardIteratorType === 'AFTER_SEQUENCE_NUMBER') throw trimmed();
      return proceed();
    };
    const started = new Warm(world);
    started.intercept = lost;
    expect(certificatesOf(await started.check(2)).allRead).toMatch('could not be read');
    expect(certificatesOf(await started.check(3)).allRead).toBe(STARTED);
    started.intercept = unharmed;
    expect(certificatesOf(await started.check(4)).certified).toBe(300);
  });
});

describe('a checkpoint that cannot be stored', () => {
  it.each([
    ['a part', isPut],
    ['the item that names it', isManifest],
  ])('for want of %s loses no decision, and is told', async (_what, isHit) => {
    const world = await openCertified();
    const warm = new Warm(world);
    warm.intercept = refusing(isHit);
    expect((await warm.check(0)).isComplete).toBe(true);
    const { certificates } = await warm.check(1);
    expect(certificates).toMatchObject({ certified: 300, checkpointFailure: 'Rate exceeded' });
    // Another function has nothing to begin with.
    expect(certificatesOf(await new Warm(world).check(2)).allRead).toBe(STARTED);
    warm.intercept = unharmed;
    await warm.check(11);
    expect((await warm.check(12)).certificates?.checkpointFailure).toBeUndefined();
    expect(certificatesOf(await new Warm(world).check(13)).certified).toBe(300);
  });

  it('is not stored with positions that are lost', async () => {
    const { world, warm } = await openWarm();
    const calls: Call[] = [];
    warm.intercept = async (call, proceed) => {
      if (isPut(call)) calls.push(call);
      if (call.command === 'GetRecords') throw trimmed();
      return proceed();
    };
    expect(certificatesOf(await warm.check(11)).allRead).toMatch('could not be read');
    expect(calls).toEqual([]);
    warm.intercept = unharmed;
    expect(certificatesOf(await warm.check(12)).allRead).toBe(STARTED);
    const started = certificatesOf(await new Warm(world).check(13));
    expect(started).toMatchObject({ certified: 300, allRead: undefined });
  });

  it('is not stored while every account is unknown', async () => {
    const world = await openCertified();
    const warm = new Warm(world);
    const calls: Call[] = [];
    warm.intercept = (call, proceed) => {
      if (isPut(call)) calls.push(call);
      return call.command === 'Scan' && call.target === 'accounts'
        ? Promise.reject(throttled())
        : proceed();
    };
    await warm.check(0);
    expect(calls).toEqual([]);
  });
});
