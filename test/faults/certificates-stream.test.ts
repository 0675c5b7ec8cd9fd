/** Every change is heard, or every account is read, whatever the stream does. */
import type { DescribeStreamOutput } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, it } from 'vitest';
import { balance } from './book.ts';
import { type Call, type Interceptor, unharmed } from './injector.ts';
import {
  accountsSaid,
  certificatesOf,
  failingFirst,
  isSaidOf,
  memoryOf,
  openCertified,
  openWarm,
  pass,
  Warm,
} from './warm.ts';

const LATE = 'the stream of changes is late';

const isDescription = ({ command }: Call) => command === 'DescribeStream';
const isScan = ({ command, target }: Call) => command === 'Scan' && target === 'accounts';

/** The first lists of shards lack those that are new. */
function listedLate(times: number): Interceptor {
  let known: ReadonlySet<string | undefined> | undefined;
  let left = times;
  return async (call, proceed) => {
    const answer = await proceed();
    if (!isDescription(call)) return answer;
    const { StreamDescription } = answer as DescribeStreamOutput;
    const { Shards = [] } = StreamDescription ?? {};
    known ??= new Set(Shards.map(({ ShardId }) => ShardId));
    if (left-- <= 0) return answer;
    const listed = Shards.filter(({ ShardId }) => known?.has(ShardId));
    return { ...(answer as object), StreamDescription: { ...StreamDescription, Shards: listed } };
  };
}

const withdrawals = (count: number) =>
  Array.from({ length: count }, (_, each) => balance(`account-${each}`, '14000'));

const callsOf = (count: number) =>
  Array.from({ length: count }, (_, each) => `account-${each} margin-call.issued`).sort();

describe('a function that could not open the stream', () => {
  it('opens it at the next check, and reads every account once more', async () => {
    const warm = new Warm(await openCertified());
    warm.intercept = failingFirst(1, isDescription);
    expect(certificatesOf(await warm.check(0)).allRead).toMatch('could not be read: Rate exceeded');
    const found = certificatesOf(await warm.check(1));
    expect(found).toMatchObject({ certified: 0, changed: 0 });
    expect(found.allRead).toMatch('just started');
    expect(certificatesOf(await warm.check(2)).certified).toBe(300);
  });

  it('finds a withdrawal between its first reading and the opening', async () => {
    const world = await openCertified();
    const warm = new Warm(world);
    warm.intercept = failingFirst(1, isDescription);
    expect(certificatesOf(await warm.check(0)).allRead).toMatch('could not be read: Rate exceeded');
    await world.writeAccounts([balance('account-7', '14000')]);
    // The stream is opened, and the reading of all accounts breaks off.
    warm.intercept = failingFirst(1, isScan);
    expect((await warm.check(1)).isComplete).toBe(false);
    expect(await accountsSaid(world)).toEqual([]);
    expect(certificatesOf(await warm.check(2)).allRead).toBeDefined();
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
    expect(certificatesOf(await warm.check(3)).certified).toBe(299);
  });

  it('takes no earlier change for one that was lost', async () => {
    const world = await openCertified();
    const warm = new Warm(world);
    warm.intercept = failingFirst(1, isDescription);
    await warm.check(0);
    await world.writeAccounts([balance('account-7', '21000')]);
    for (const minute of [1, 2, 3, 4]) {
      const { missed, certified } = certificatesOf(await warm.check(minute));
      expect(missed).toEqual([]);
      if (minute > 1) expect(certified).toBe(300);
    }
  });
});

describe('a call to the stream that fails', () => {
  it.each(['DescribeStream', 'GetRecords'])('%s: every account is read, once', async (command) => {
    const { world, warm } = await openWarm();
    await world.writeAccounts([balance('account-7', '14000')]);
    warm.intercept = failingFirst(1, (call) => call.command === command);
    expect(certificatesOf(await warm.check(2)).allRead).toMatch('could not be read: Rate exceeded');
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
    expect(certificatesOf(await warm.check(3))).toMatchObject({ certified: 299, missed: [] });
  });

  it('a canary that cannot be written: every account is read, once', async () => {
    const { warm } = await openWarm();
    const isCanary = ({ command, target }: Call) => command === 'PutItem' && target === 'accounts';
    warm.intercept = failingFirst(1, isCanary);
    expect(certificatesOf(await warm.check(2)).allRead).toMatch('could not be read: Rate exceeded');
    expect(certificatesOf(await warm.check(3)).certified).toBe(300);
  });
});

describe('a position in the stream', () => {
  it('that was trimmed: every account is read, and nothing is taken for lost', async () => {
    const { world, warm } = await openWarm();
    await world.writeAccounts([balance('account-3', '14000')]);
    await pass(world, 30 * 60);
    expect(certificatesOf(await warm.check(2)).allRead).toMatch('could not be read');
    expect(await accountsSaid(world)).toEqual(['account-3 margin-call.issued']);
    await world.writeAccounts([balance('account-7', '21000')]);
    for (const minute of [3, 4, 5, 6]) {
      const { missed, certified } = certificatesOf(await warm.check(minute));
      expect(missed).toEqual([]);
      if (minute > 3) expect(certified).toBe(299);
    }
  });

  it('whose iterator expires before each check goes on after its last record', async () => {
    const world = await openCertified();
    const warm = new Warm(world, { checkIntervalSeconds: 900 });
    await warm.check(0);
    for (const minute of [15, 30, 45]) {
      await pass(world, 15);
      await world.writeAccounts([balance(`account-${minute}`, '14000')]);
      const { certified, changed, missed } = certificatesOf(await warm.check(minute));
      expect({ certified, changed, missed }).toEqual({
        certified: 300 - minute / 15,
        ...{ changed: 1, missed: [] },
      });
      expect(await isSaidOf(world, `account-${minute}`)).toBe(true);
    }
  });
});

describe('a shard that ends', () => {
  it('is followed to a shard that is listed late', async () => {
    const { world, warm } = await openWarm();
    warm.intercept = listedLate(1 + 30);
    await warm.check(2);
    // A shard lives four hours.
    await pass(world, 5 * 60);
    await world.writeAccounts([balance('account-7', '14000')]);
    expect(certificatesOf(await warm.check(3)).allRead).toBe(LATE);
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
    warm.intercept = unharmed;
    await world.writeAccounts([balance('account-8', '14000')]);
    expect(certificatesOf(await warm.check(4))).toMatchObject({ certified: 298, missed: [] });
    expect(await accountsSaid(world)).toContain('account-8 margin-call.issued');
  });

  it('is not forgotten because another goes on', async () => {
    const world = await openCertified();
    const { stream } = memoryOf(world);
    stream.splitAny('accounts', 0);
    const warm = new Warm(world);
    for (const minute of [0, 1, 2]) await warm.check(minute);
    warm.intercept = listedLate(60);
    await warm.check(3);
    stream.splitAny('accounts', 0);
    await world.writeAccounts(withdrawals(40));
    // The other shard shows its canary.
    expect(certificatesOf(await warm.check(4)).allRead).toBe(LATE);
    expect(await accountsSaid(world)).toEqual(callsOf(40));
    warm.intercept = unharmed;
    await world.writeAccounts([balance('account-50', '14000')]);
    expect(certificatesOf(await warm.check(5))).toMatchObject({ certified: 259, missed: [] });
    expect(await accountsSaid(world)).toContain('account-50 margin-call.issued');
  });

  it('is followed to both of its halves, however often it is split', async () => {
    const { world, warm } = await openWarm();
    const { stream } = memoryOf(world);
    for (let minute = 2; minute < 10; minute++) {
      await world.writeAccounts([balance(`account-${minute}`, '14000')]);
      stream.splitAny('accounts', minute);
      await world.writeAccounts([balance(`account-${minute + 100}`, '14000')]);
      // Half of its writers are not heard before it has ended.
      stream.emptyPages = minute % 3;
      await warm.check(minute);
      expect(await accountsSaid(world)).toHaveLength(2 * (minute - 1));
    }
    stream.emptyPages = 0;
    for (let minute = 10; minute < 14; minute++) {
      expect(certificatesOf(await warm.check(minute)).missed).toEqual([]);
    }
    expect(certificatesOf(await warm.check(14)).certified).toBe(284);
  });
});

describe('a canary', () => {
  it('of another check proves nothing', async () => {
    const { world, warm } = await openWarm();
    const { stream } = memoryOf(world);
    stream.delayMs = 10 * 60_000;
    expect(certificatesOf(await warm.check(2)).allRead).toBe(LATE);
    // By now the canaries of that check can be seen, and nothing later.
    await pass(world, 11);
    await world.writeAccounts([balance('account-7', '14000')]);
    expect(certificatesOf(await warm.check(3)).allRead).toBe(LATE);
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
  });
});
