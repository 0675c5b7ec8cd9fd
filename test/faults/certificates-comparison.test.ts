/** The whole table is compared with what is known of it within an hour. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { CANARY_PREFIX } from '../../lambda/aws/accounts-table.ts';
import { balance, long, MARKET } from './book.ts';
import { unharmed } from './injector.ts';
import {
  accountsSaid,
  certificatesOf,
  failingFirst,
  isReadOf,
  isSaidOf,
  many,
  openCertified,
  openWarm,
  throttled,
  unrecorded,
  Warm,
} from './warm.ts';
import { openWorld, type World } from './world.ts';

const ITEMS = ['balance#USD', 'position#BTC-PERP'];
/** Twelve checks an hour. */
const FIVE_MINUTES = { checkIntervalSeconds: 300 };

const LOST = [
  {
    kind: 'an INSERT',
    change: (world: World) => world.writeAccounts(long('new', '9000')),
    ...{ accountId: 'new', accounts: 301, checks: 12 },
  },
  {
    kind: 'a MODIFY',
    change: (world: World) => world.writeAccounts([balance('account-3', '9000')]),
    ...{ accountId: 'account-3', accounts: 300, checks: 12 },
  },
  {
    kind: 'a REMOVE, once a whole cycle has not met the account,',
    change: (world: World) => world.removeAccount('account-3', ITEMS),
    ...{ accountId: 'account-3', accounts: 299, checks: 25 },
  },
];

describe('a change that is in no record', () => {
  it.each(LOST)('$kind is found within the hour, and counted once', async (lost) => {
    const world = await openCertified();
    const warm = new Warm(world, FIVE_MINUTES);
    for (const minute of [0, 5]) await warm.check(minute);
    await unrecorded(world, () => lost.change(world));
    const missed: string[] = [];
    let found = { accounts: 0 };
    for (let check = 2; check < 2 + lost.checks; check++) {
      const certificates = certificatesOf(await warm.check(5 * check));
      missed.push(...certificates.missed);
      found = certificates;
    }
    // Two readings of the stream have to leave it unsaid.
    for (const check of [0, 1]) {
      missed.push(...certificatesOf(await warm.check(5 * (2 + lost.checks + check))).missed);
    }
    expect(found.accounts).toBe(lost.accounts);
    expect(missed).toEqual([lost.accountId]);
  });

  it('is decided by the next check if the read that it asks for fails', async () => {
    const { world, warm } = await openWarm();
    await unrecorded(world, () => world.writeAccounts([balance('account-7', '9000')]));
    warm.intercept = failingFirst(1, isReadOf('account-7'));
    const failed = await warm.checkUntil((summary) => summary.failed > 0, { from: 2, to: 62 });
    expect(failed).toBeDefined();
    expect(await accountsSaid(world)).toEqual([]);
    await warm.check((failed ?? 0) + 1);
    expect(await isSaidOf(world, 'account-7')).toBe(true);
  });

  it('is found within the hour by two environments in turn', async () => {
    for (const victim of [0, 60, 120, 180, 240]) {
      const world = await openCertified();
      const environments = [new Warm(world, FIVE_MINUTES), new Warm(world, FIVE_MINUTES)];
      const check = (number: number) => environments[number % 2]?.check(5 * number);
      for (const number of [0, 1, 2, 3]) await check(number);
      await unrecorded(world, () => world.writeAccounts([balance(`account-${victim}`, '9000')]));
      let number = 4;
      for (; number < 30 && !(await isSaidOf(world, `account-${victim}`)); number++) {
        await check(number);
      }
      expect(number - 4).toBeLessThanOrEqual(13);
    }
  });
});

async function canariesLeft({ dynamo }: World): Promise<number> {
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'accounts' }));
  return Items.filter(({ accountId }) => accountId?.S?.startsWith(CANARY_PREFIX)).length;
}

describe('canaries that could not be removed', () => {
  it('are removed within two hours', async () => {
    const world = await openCertified(many(20));
    const warm = new Warm(world, FIVE_MINUTES);
    warm.intercept = (call, proceed) =>
      call.command === 'DeleteItem' && call.target === 'accounts'
        ? Promise.reject(throttled())
        : proceed();
    for (let check = 0; check < 4; check++) await warm.check(5 * check);
    expect(await canariesLeft(world)).toBeGreaterThan(3);
    warm.intercept = unharmed;
    for (let check = 4; check < 4 + 24; check++) {
      const { accounts, missed } = certificatesOf(await warm.check(5 * check));
      expect({ accounts, missed }).toEqual({ accounts: 20, missed: [] });
    }
    expect(await canariesLeft(world)).toBe(0);
  });

  it('are removed at once although another could not be written', async () => {
    const { world, warm } = await openWarm(many(20));
    let puts = 0;
    warm.intercept = async (call, proceed) => {
      if (call.command !== 'PutItem' || call.target !== 'accounts') return proceed();
      if (++puts === 1) throw throttled();
      // They are written after the first has failed.
      await new Promise((resolve) => setImmediate(resolve));
      return proceed();
    };
    // No canary is known to reach a new shard, so that many are tried.
    world.services.stream?.splitAny('accounts', 0);
    await warm.check(2);
    expect(puts).toBeGreaterThan(0);
    expect(await canariesLeft(world)).toBe(0);
  });
});

describe('an account that is compared', () => {
  it('counts once in the gauges, and once in the accounts', async () => {
    // Calls at the liquidation line, so that an account near to it is healthy.
    const market = MARKET.filter(({ id }) => id !== 'DOGE').map((row) => {
      if (row.kind === 'policy') return { ...row, callMultiplier: '1.0001' };
      return row.id === 'BTC-PERP' ? { ...row, depth: '1000000' } : row;
    });
    const accounts = [...long('near', '13900'), ...many(20)];
    const world = await openWorld({ accounts, market, hasCertificates: true });
    const warm = new Warm(world, FIVE_MINUTES);
    const sums = new Set<string | undefined>();
    for (let check = 0; check < 16; check++) {
      if (check === 2) {
        await unrecorded(world, () => world.writeAccounts([balance('near', '13905')]));
      }
      const summary = await warm.check(5 * check);
      expect(summary).toMatchObject({ accounts: 21, levels: { healthy: 21 } });
      sums.add(summary.cascade['BTC-PERP']?.notional1PctDown);
    }
    expect([...sums]).toEqual(['60000.00']);
  });
});
