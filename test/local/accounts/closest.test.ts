import { describe, expect, it } from 'vitest';
import { CheckpointBucket } from '../../../lambda/aws/checkpoint-bucket.ts';
import { switchOff, voidAll } from '../../../lambda/certified/state.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { LEVELS, type ListedLevel } from '../../../local/accounts/account-row.ts';
import { closestAccounts } from '../../../local/accounts/closest.ts';
import { rankAccounts } from '../../../local/accounts/rank-accounts.ts';
import { accountsTable } from '../../../local/accounts/tables.ts';
import { deployedBook } from '../../../local/stress/book.ts';
import { CHECKPOINTS } from '../../aws/services.ts';
import { long } from '../../faults/book.ts';
import {
  isReadOf,
  many,
  marginOf,
  openCertified,
  throttled,
  unrecorded,
  Warm,
} from '../../faults/warm.ts';
import { checkIdOf, timeOf, type World } from '../../faults/world.ts';

const [CASH, POSITION] = long('short', '20500');
const SHORT = [{ ...CASH }, { ...POSITION, quantity: '-2' }];

const placeOf = ({ services: { dynamo, config } }: World, minute = 1) => ({
  ...{ dynamo, deployment: config, now: timeOf(minute) },
});

function bucketOf({ services: { s3 } }: World): CheckpointBucket {
  return new CheckpointBucket(s3 ?? expect.fail('no bucket'), CHECKPOINTS);
}

/** The nearest by certificates, and of a reading of all accounts. */
async function bothOf(
  world: World,
  limit: number,
  levels: readonly ListedLevel[] = LEVELS,
  minute = 1,
) {
  const place = placeOf(world, minute);
  const book = await deployedBook(place);
  const snapshot = takeSnapshot(book.market);
  const asked = { snapshot, levels, sort: 'distance', limit } as const;
  const closest = await closestAccounts(place, { ...asked, bucket: bucketOf(world) });
  return { closest, all: await rankAccounts(book.accounts, asked) };
}

describe('the closest accounts', () => {
  it.each([
    ['the first', 5, {}],
    ['more than one lot', 130, {}],
    ['after a fall', 20, { 'BTC-USD': '5600' }],
    ['after a rise', 20, { 'BTC-USD': '6600' }],
  ])('are those of the whole book: %s', async (_name, limit, prices) => {
    const world = await openCertified([...many(600), ...SHORT]);
    await new Warm(world).check(0);
    await world.quoteAt(1, { 'BTC-USD': '6000', 'ETH-USD': '140', 'USDC-USD': '1', ...prices });
    const { closest, all } = await bothOf(world, limit);
    expect(closest.rows).toEqual(all.rows);
    expect(closest.accounts + closest.certificates.proved).toBe(601);
    expect(closest.accounts).toBeLessThan(500);
    expect(accountsTable(closest)).toMatch(/^\d+ accounts read: .*\ncertificates of .* prove \d+/);
  });

  it('are found among those with the levels asked for', async () => {
    const world = await openCertified([...many(300), ...long('called', '14000')]);
    await new Warm(world).check(0);
    const { closest, all } = await bothOf(world, 3, ['healthy']);
    expect(closest.rows).toEqual(all.rows);
    expect(closest.rows.map(({ accountId }) => accountId)).not.toContain('called');
  });

  it('are the poorest when more than a lot are below their lines', async () => {
    const cash = (each: number) => `${9_000 - 10 * each}`;
    const poor = Array.from({ length: 250 }, (_, each) => long(`poor-${each}`, cash(each))).flat();
    const world = await openCertified([...many(300), ...poor]);
    await new Warm(world).check(0);
    await world.quoteAt(1);
    const { closest, all } = await bothOf(world, 5);
    expect(closest.rows).toEqual(all.rows);
  });

  it('are also those that a comparison has met and nobody could read', async () => {
    const world = await openCertified(many(150));
    const warm = new Warm(world, { checkIntervalSeconds: 300 });
    await warm.check(0);
    await unrecorded(world, () => world.writeAccounts(long('new', '9000')));
    const isRead = isReadOf('new');
    warm.intercept = (call, proceed) => (isRead(call) ? Promise.reject(throttled()) : proceed());
    for (let minute = 5; minute <= 80; minute += 5) await warm.check(minute);
    await world.quoteAt(81);
    const { closest, all } = await bothOf(world, 5, LEVELS, 81);
    expect(closest.rows).toEqual(all.rows);
    expect(closest.rows[0]?.accountId).toBe('new');
  });

  it('are not told by void certificates', async () => {
    const world = await openCertified(many(300));
    await new Warm(world).check(0);
    await voidAll(marginOf(world), { checkId: checkIdOf(1), accounts: [] });
    await expect(bothOf(world, 5)).rejects.toThrow('void');
  });

  it('are not told by certificates that are off', async () => {
    const world = await openCertified(many(300));
    await new Warm(world).check(0);
    await switchOff(marginOf(world), { checkId: checkIdOf(1), accounts: [] });
    await expect(bothOf(world, 5)).rejects.toThrow('wrong');
  });

  it('cannot be found without a checkpoint', async () => {
    const world = await openCertified(many(3));
    await expect(bothOf(world, 1)).rejects.toThrow('no check has stored a checkpoint yet');
  });
});
