/** Nothing that a check proves is older than what it has heard, whatever happens while it runs. */
import { describe, expect, it } from 'vitest';
import { balance, long, position } from './book.ts';
import { type Call, holdAt, type Interceptor, isOfAnAccount, unharmed } from './injector.ts';
import {
  accountsSaid,
  certificatesOf,
  isReadOf,
  isSaidOf,
  many,
  memoryOf,
  openCertified,
  openWarm,
  pass,
  throttled,
  Warm,
} from './warm.ts';
import type { Row, World } from './world.ts';

const FEW = [...long('a', '40000'), ...long('victim', '40000'), ...long('b', '40000')];
const ITEMS = ['balance#USD', 'position#BTC-PERP'];

/** More rows than are decided with others: it is read alone, after them. */
const large = (accountId: string, usd: string): readonly Row[] => [
  balance(accountId, usd),
  ...Array.from({ length: 2_001 }, (_, each) =>
    position(accountId, { label: `${each}`, quantity: '0.005', entryPrice: '6000' }),
  ),
];

describe('a read that outlives its check', () => {
  it('is not noted in the next one', async () => {
    const accounts = [...FEW, ...large('called', '9000'), ...large('late', '9000')];
    const { world, warm } = await openWarm(accounts);
    const other = new Warm(world, { certificates: undefined });
    const { stream } = memoryOf(world);
    stream.delayMs = 3_600_000;
    await world.writeAccounts([balance('called', '4000')]);
    const [isCalled, isLate] = [isReadOf('called'), isReadOf('late')];
    const answered = Promise.withResolvers<void>();
    warm.intercept = async (call, proceed) => {
      // Another environment begins the next check, so that this one gives up.
      if (isCalled(call)) await other.check(2.5);
      const answer = await proceed();
      if (isLate(call)) await answered.promise;
      return answer;
    };
    expect((await warm.check(2)).errors[0]).toContain('OvertakenError');
    stream.delayMs = 0;
    await world.writeAccounts([balance('late', '1000')]);
    // The answer comes when the change has been heard.
    warm.intercept = async (call, proceed) => {
      if (call.command === 'DeleteItem' && call.target === 'accounts') {
        answered.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return proceed();
    };
    expect(certificatesOf(await warm.check(3)).allRead).toBeUndefined();
    await answered.promise;
    expect(await isSaidOf(world, 'late')).toBe(true);
  });
});

describe('two checks at once in one environment', () => {
  it('one of them reads every account, and the other is not disturbed', async () => {
    const { world, warm } = await openWarm();
    const held = holdAt(({ command, target }) => command === 'Scan' && target === 'accounts');
    warm.intercept = held.intercept;
    await world.writeAccounts([balance('account-7', '14000')]);
    const early = warm.check(2);
    await held.arrived;
    await world.writeAccounts([balance('account-8', '14000')]);
    warm.intercept = unharmed;
    const late = await warm.check(2.5);
    expect(late).toMatchObject({ accounts: 300, isComplete: true, levels: { healthy: 298 } });
    expect(late.certificates).toBeUndefined();
    held.letGo();
    await early;
    expect(certificatesOf(await warm.check(3))).toMatchObject({ certified: 298, missed: [] });
    expect(await accountsSaid(world)).toHaveLength(2);
  });
});

describe('a check that is overtaken', () => {
  it('leaves certificates that are still true', async () => {
    const { world, warm } = await openWarm();
    const other = new Warm(world);
    await world.writeAccounts([balance('account-7', '14000')]);
    const isLate = isReadOf('account-7');
    warm.intercept = async (call, proceed) => {
      if (isLate(call)) await other.check(2.5);
      return proceed();
    };
    expect((await warm.check(2)).errors[0]).toContain('OvertakenError');
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
    warm.intercept = unharmed;
    await world.writeAccounts([balance('account-8', '14000')]);
    expect(certificatesOf(await warm.check(3))).toMatchObject({ certified: 298, missed: [] });
    expect(certificatesOf(await other.check(4))).toMatchObject({ certified: 298, missed: [] });
    expect(await accountsSaid(world)).toHaveLength(2);
  });
});

/** The change comes before every call of the check, each in a world of its own. */
async function expectFound(
  minute: number,
  change: (world: World) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at++) {
    const world = await openCertified(FEW);
    const warm = new Warm(world);
    for (let earlier = 0; earlier < minute; earlier++) await warm.check(earlier);
    let calls = 0;
    warm.intercept = async (_call, proceed) => {
      if (++calls === at) await change(world);
      return proceed();
    };
    await warm.check(minute);
    if (calls < at) return calls;
    warm.intercept = unharmed;
    for (const after of [1, 2, 3]) {
      const { missed, unsound } = certificatesOf(await warm.check(minute + after));
      const found = { isSaid: await isSaidOf(world, 'victim'), missed, unsound };
      expect(found, `call ${at}`).toEqual({ isSaid: true, missed: [], unsound: [] });
    }
  }
}

describe.each([
  { minute: 0, name: 'that fills the memory' },
  { minute: 2, name: 'that reads little' },
])('during a check $name', ({ minute }) => {
  it('a withdrawal is found, by the next check at the latest', async () => {
    const calls = await expectFound(minute, (world) =>
      world.writeAccounts([balance('victim', '14000')]),
    );
    expect(calls).toBeGreaterThan(20);
  });

  it('an account that is deleted and created again is found, too', async () => {
    const calls = await expectFound(minute, async (world) => {
      await world.removeAccount('victim', ITEMS);
      await world.writeAccounts(long('victim', '9000'));
    });
    expect(calls).toBeGreaterThan(20);
  });
});

it('the scan that fills the memory sees every write before it', async () => {
  const warm = new Warm(await openCertified(FEW));
  const scans: unknown[] = [];
  warm.intercept = ({ command, target, input }, proceed) => {
    if (command === 'Scan' && target === 'accounts') scans.push(input.ConsistentRead);
    return proceed();
  };
  await warm.check(0);
  expect(scans).toEqual([true]);
});

describe('a case', () => {
  it('that another environment has opened is closed, though its account is certified', async () => {
    const { world, warm } = await openWarm([...long('near', '18000'), ...many(20)]);
    const other = new Warm(world);
    await other.check(2, { 'BTC-USD': '5600' });
    expect(await accountsSaid(world)).toEqual(['near margin-call.issued']);
    const { allRead } = certificatesOf(await warm.check(3));
    expect(allRead).toBeUndefined();
    expect(await accountsSaid(world)).toContain('near margin-call.cured');
  });

  it('that could not be written is decided again, though its account has been read', async () => {
    const { world, warm } = await openWarm(many(20));
    await world.writeAccounts([balance('account-7', '14000')]);
    warm.intercept = (call, proceed) =>
      call.command === 'PutItem' && isOfAnAccount(call) ? Promise.reject(throttled()) : proceed();
    expect((await warm.check(2)).levels.call).toBe(1);
    expect(await accountsSaid(world)).toEqual([]);
    warm.intercept = unharmed;
    expect(certificatesOf(await warm.check(3)).certified).toBe(19);
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
  });
});

const readsOf = (warm: Warm, accountId: string): (() => number) => {
  let count = 0;
  const isRead = isReadOf(accountId);
  const counting: Interceptor = (call: Call, proceed) => {
    if (isRead(call)) count++;
    return proceed();
  };
  warm.intercept = counting;
  return () => count;
};

describe('an account that changes', () => {
  it('and changes back is read once', async () => {
    const { world, warm } = await openWarm();
    await world.writeAccounts([balance('account-7', '9000')]);
    await world.writeAccounts([balance('account-7', '20070')]);
    const count = readsOf(warm, 'account-7');
    for (const minute of [2, 3, 4]) {
      const { certified, missed } = certificatesOf(await warm.check(minute));
      expect({ certified, missed }).toEqual({ certified: minute === 2 ? 299 : 300, missed: [] });
    }
    expect(count()).toBe(1);
    expect(await accountsSaid(world)).toEqual([]);
  });

  it('and has changed back when its record comes is not taken for missed', async () => {
    const { world, warm } = await openWarm();
    const { stream } = memoryOf(world);
    stream.delayMs = 3_600_000;
    await world.writeAccounts([balance('account-7', '30000')]);
    await warm.check(2);
    await world.writeAccounts([balance('account-7', '20070')]);
    await warm.check(3);
    stream.delayMs = 0;
    await pass(world, 1);
    for (const minute of [4, 5, 6]) {
      expect(certificatesOf(await warm.check(minute)).missed).toEqual([]);
    }
  });

  it('by being deleted and created again is known by its new rows', async () => {
    const { world, warm } = await openWarm();
    await world.removeAccount('account-7', ITEMS);
    expect(certificatesOf(await warm.check(2))).toMatchObject({ accounts: 299, certified: 299 });
    await world.writeAccounts(long('account-7', '14000'));
    await world.removeAccount('account-8', ITEMS);
    await world.writeAccounts(long('account-8', '14000'));
    const found = certificatesOf(await warm.check(3));
    expect(found).toMatchObject({ accounts: 300, healthy: 298, certified: 298 });
    const called = ['account-7 margin-call.issued', 'account-8 margin-call.issued'];
    expect(await accountsSaid(world)).toEqual(called);
    // Another account takes the number that one has left.
    await world.removeAccount('account-9', ITEMS);
    await warm.check(4);
    await world.writeAccounts(long('new', '40000'));
    await warm.check(5);
    await world.writeAccounts(long('account-9', '9000'));
    const last = certificatesOf(await warm.check(6));
    expect(last).toMatchObject({ accounts: 301, certified: 298, missed: [] });
    expect(await isSaidOf(world, 'account-9')).toBe(true);
    expect(await isSaidOf(world, 'new')).toBe(false);
  });
});
