/** A function that stays warm reads what changed and what is in doubt, and nothing else. */
import { describe, expect, it } from 'vitest';
import { ACCOUNTS, balance, long, OPENINGS } from './book.ts';
import { type Call, inject } from './injector.ts';
import { saidOf } from './invariants.ts';
import { failureOf, openWorld, type Row, type World } from './world.ts';

/** 300 healthy accounts beside the book of the fault tests. */
const MANY: readonly Row[] = Array.from({ length: 300 }, (_, index) =>
  long(`account-${index}`, String(20_000 + 10 * index)),
).flat();

const openCertified = (accounts: readonly Row[] = MANY): Promise<World> =>
  openWorld({ accounts, hasCertificates: true });

const throttled = () => Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

/** `<account> <type>` of every message about an account. */
const accountsSaid = async (world: World): Promise<string[]> =>
  (await saidOf(world)).filter((said) => !said.startsWith('DOGE-USD'));

async function certificatesOf(world: World, minute: number) {
  const { accounts, certificates, levels } = await world.checkAfresh(minute);
  if (certificates === undefined) throw new Error('the check ran without certificates');
  return { accounts, healthy: levels.healthy, ...certificates };
}

describe('a warm function', () => {
  it('reads every account once, and then none that is proved healthy', async () => {
    const world = await openCertified();
    const first = await certificatesOf(world, 0);
    expect(first).toMatchObject({ accounts: 300, healthy: 300, certified: 0 });
    expect(first.allRead).toBe('the function has just started to follow the accounts');
    const second = await certificatesOf(world, 1);
    expect(second).toMatchObject({ accounts: 300, healthy: 300, certified: 300, changed: 0 });
    expect(second.allRead).toBeUndefined();
  });

  it('does not read an account that holds nothing', async () => {
    const world = await openCertified([
      ...MANY,
      { accountId: 'empty', item: 'profile' },
      balance('spent', '0'),
    ]);
    await certificatesOf(world, 0);
    expect(await certificatesOf(world, 1)).toMatchObject({ accounts: 302, certified: 302 });
  });

  it('calls an account whose owner has withdrawn', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    await certificatesOf(world, 1);
    await world.writeAccounts([balance('account-7', '14000')]);
    const found = await certificatesOf(world, 2);
    expect(found).toMatchObject({ accounts: 300, healthy: 299, certified: 299, changed: 1 });
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
  });

  it('finds what a falling price endangers', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    await world.quoteAt(1, { 'BTC-USD': '5300' });
    const { certificates, levels, accounts } = await world.check(1);
    expect(certificates?.allRead).toBeUndefined();
    const { healthy = 0 } = levels;
    expect({ accounts, isFallen: healthy < 250 }).toEqual({ accounts: 300, isFallen: true });
    // All but two that it reads have something to be said about them.
    const read = 300 - (certificates?.certified ?? 0);
    expect(read - (await accountsSaid(world)).length).toBeLessThanOrEqual(2);
  });

  it('finds a new account, and forgets one that is gone', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    await world.writeAccounts(long('new', '12000'));
    await world.removeAccount('account-3', ['balance#USD', 'position#BTC-PERP']);
    const found = await certificatesOf(world, 1);
    expect(found).toMatchObject({ accounts: 300, certified: 299, changed: 2 });
    expect(await accountsSaid(world)).toEqual(['new liquidation.ordered']);
    expect(await certificatesOf(world, 2)).toMatchObject({ accounts: 300, certified: 299 });
  });

  it('decides about the same accounts as without certificates', async () => {
    const world = await openCertified([...ACCOUNTS, ...MANY]);
    await world.quoteAt(0);
    await world.check(0);
    expect(await saidOf(world)).toEqual(OPENINGS);
  });
});

describe('a whole book is read again', () => {
  it('after a change of the policy, once', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    await world.writePolicy({ callMultiplier: '1.3' });
    expect((await certificatesOf(world, 1)).allRead).toMatch('a tenth of the accounts');
    expect((await certificatesOf(world, 2)).certified).toBe(300);
  });

  it('but not after a halt', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    await world.writePolicy({ halt: true, changedBy: 'risk', changeReason: 'looks wrong' });
    expect((await certificatesOf(world, 1)).certified).toBe(300);
  });

  it('while the stream is late', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    const { stream } = world.services;
    if (stream === undefined) throw new Error('there is no stream');
    stream.delayMs = 3_600_000;
    await world.writeAccounts([balance('account-7', '14000')]);
    const late = await certificatesOf(world, 1);
    expect(late.allRead).toBe('the stream of changes is late');
    expect(late.lagSeconds).toBeGreaterThan(2);
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
    stream.delayMs = 0;
    expect((await certificatesOf(world, 2)).certified).toBe(299);
  });

  it('after a change that is in no record', async () => {
    const world = await openCertified();
    await certificatesOf(world, 0);
    const { stream } = world.services;
    if (stream === undefined) throw new Error('there is no stream');
    const record = stream.record.bind(stream);
    stream.record = () => undefined;
    await world.writeAccounts([balance('account-7', '14000')]);
    stream.record = record;
    // Every account is compared with the table within an hour.
    let minute = 1;
    for (; minute <= 61; minute++) {
      const { changed, missed } = await certificatesOf(world, minute);
      expect(changed).toBe(0);
      if ((await accountsSaid(world)).length > 0) break;
      expect(missed.count).toBe(0);
    }
    expect(minute).toBeLessThanOrEqual(61);
    expect(await accountsSaid(world)).toEqual(['account-7 margin-call.issued']);
    // Its record may be late: the next check but one does not wait for it any more.
    expect((await certificatesOf(world, minute + 1)).missed.count).toBe(0);
    const next = await certificatesOf(world, minute + 2);
    expect(next.missed).toEqual({ count: 1, accounts: ['account-7'] });
    expect(next.allRead).toBe('a change was in no record of the stream');
    expect((await certificatesOf(world, minute + 3)).certified).toBe(299);
  });
});

describe('a scan that breaks off', () => {
  const isOfAccounts = ({ command, target }: Call) => command === 'Scan' && target === 'accounts';

  /** Segments are scanned one after the other: all but the first are throttled. */
  it('goes on at the next check where it ended', async () => {
    const world = await openWorld({ accounts: MANY, hasCertificates: true, scanSegments: 4 });
    let scans = 0;
    let isThrottled = true;
    const client = inject(world.services, (call, proceed) => {
      if (!isOfAccounts(call)) return proceed();
      scans++;
      return isThrottled && call.input.Segment !== 0 ? Promise.reject(throttled()) : proceed();
    });
    const warm = world.warmWith(client);
    const first = await failureOf(warm(0));
    // The accounts of its first segment.
    expect(first).toMatchObject({ isComplete: false, accounts: 73 });
    expect(scans).toBe(4);
    isThrottled = false;
    await world.writeAccounts([balance('account-0', '14000'), balance('account-1', '14000')]);
    const second = await warm(1);
    // Three segments, and the first slice of the comparison.
    expect(scans).toBe(8);
    expect(second).toMatchObject({ isComplete: true, accounts: 300 });
    const { certified = 0, allRead } = second.certificates ?? {};
    expect(allRead).toBe('the scan of all accounts goes on where it ended');
    // Two accounts have changed, of which one or both may be among them.
    expect([71, 72, 73]).toContain(certified);
    expect(await accountsSaid(world)).toEqual([
      'account-0 margin-call.issued',
      'account-1 margin-call.issued',
    ]);
    const third = await warm(2);
    expect(third.certificates).toMatchObject({ certified: 298, changed: 0 });
  });

  it('goes on within a segment, after the last account that it has met', async () => {
    // A page has 2,500 rows, and an account two.
    const accounts = Array.from({ length: 1_300 }, (_, index) => long(`account-${index}`, '40000'));
    const world = await openWorld({ accounts: accounts.flat(), hasCertificates: true });
    const starts: unknown[] = [];
    let isThrottled = true;
    const client = inject(world.services, (call, proceed) => {
      if (!isOfAccounts(call)) return proceed();
      starts.push(call.input.ExclusiveStartKey);
      return isThrottled && starts.length > 1 ? Promise.reject(throttled()) : proceed();
    });
    const warm = world.warmWith(client);
    const first = await failureOf(warm(0));
    expect(first).toMatchObject({ isComplete: false, accounts: 1_249 });
    isThrottled = false;
    starts.length = 0;
    expect(await warm(1)).toMatchObject({ isComplete: true, accounts: 1_300 });
    expect(starts[0]).toMatchObject({ item: { S: 'position#BTC-PERP' } });
    expect((await warm(2)).certificates).toMatchObject({ certified: 1_300 });
  });
});
