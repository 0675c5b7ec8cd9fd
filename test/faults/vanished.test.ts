import { describe, expect, it } from 'vitest';
import { balance, long, OPENINGS, position } from './book.ts';
import { type Call, failing, inject, isOfAnAccount, isPublication, killWhen } from './injector.ts';
import { expectInOrder, saidIn, saidOf } from './invariants.ts';
import { failureOf, openWorld, type World } from './world.ts';

const ROWS = ['balance#USD', 'position#BTC-PERP'];

const nameOfItem = ({ input }: Call): string | undefined =>
  (input.Item as { pk?: { S: string } } | undefined)?.pk?.S;

async function newsOf(world: World, check: () => Promise<unknown>): Promise<string[]> {
  const before = (await world.alerts()).length;
  await check();
  return saidIn((await world.alerts()).slice(before));
}

describe('an account that vanishes', () => {
  it.each([
    ['called', 'margin-call.cured'],
    ['liquidated', 'liquidation.completed'],
    ['bankrupt', 'liquidation.completed'],
  ])('while %s ends its case with %s, once', async (accountId, type) => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount(accountId, ROWS);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([`${accountId} ${type}`]);
    expect(await newsOf(world, () => world.checkAfresh(2))).toEqual([]);
    expect(await world.caseOf(accountId)).toMatchObject({ isActive: false, pending: [] });
    await expectInOrder(world);
  });

  it('while indeterminate becomes determinate, as empty', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('mistyped', ['balance#USD']);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'mistyped account.determinate',
    ]);
    await expectInOrder(world);
  });

  it('together with its isolated position ends the case of the position', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('isolated', ['balance#USD', 'position#BTC-PERP']);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'isolated#BTC-PERP liquidation.completed',
    ]);
    await expectInOrder(world);
  });

  it('is not counted by the check that ends its case', async () => {
    const world = await openWorld();
    expect(await world.check(0)).toMatchObject({ accounts: 7, assessed: 5 });
    await world.removeAccount('called', ROWS);
    expect(await world.checkAfresh(1)).toMatchObject({ accounts: 6, assessed: 4, failed: 0 });
  });

  it('fails the check but no account that was read, if its case cannot be written', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('called', ROWS);
    await world.quoteAt(1);
    const isItsCase = (call: Call) =>
      call.command === 'PutItem' && isOfAnAccount(call) && nameOfItem(call) === 'account#called';
    const throttled = () => new Error('ProvisionedThroughputExceeded');
    const run = inject(world.services, failing(isItsCase, throttled));
    const summary = await failureOf(world.check(1, run));
    expect(summary).toMatchObject({ accounts: 6, assessed: 4, indeterminate: 2, failed: 0 });
    expect(summary.errors).toEqual(['account#called/case: Error: ProvisionedThroughputExceeded']);
    await world.checkAfresh(2);
    expect(await saidOf(world)).toContain('called margin-call.cured');
    await expectInOrder(world);
  });

  it('opens a new case when it comes back', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('called', ROWS);
    await world.checkAfresh(1);
    await world.writeAccounts(long('called', '14000'));
    expect(await newsOf(world, () => world.checkAfresh(2))).toEqual(['called margin-call.issued']);
    const cases = (await world.alerts()).flatMap((alert) =>
      alert.type === 'margin-call.issued' ? [alert.caseId] : [],
    );
    expect(cases).toEqual(['called@2020-03-12T11:00:00.000Z', 'called@2020-03-12T11:02:00.000Z']);
    await expectInOrder(world);
  });

  it('has its pending alerts published before the end of its case', async () => {
    const world = await openWorld();
    let isWritten = false;
    const killed = world.check(
      0,
      inject(
        world.services,
        killWhen((call) => {
          isWritten ||= nameOfItem(call) === 'account#called';
          return isWritten && isPublication(call);
        }),
      ),
    );
    await expect(killed).rejects.toThrow('killed');
    await world.removeAccount('called', ROWS);
    await world.checkAfresh(1);
    const called = (await world.alerts()).filter(
      (alert) => 'accountId' in alert && alert.accountId === 'called',
    );
    expect(called.map(({ type }) => type)).toEqual(['margin-call.issued', 'margin-call.cured']);
    expect(await saidOf(world)).toEqual([...OPENINGS, 'called margin-call.cured'].sort());
    await expectInOrder(world);
  });

  it('causes no message if it had no case', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('healthy', ROWS);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([]);
    expect(await world.caseOf('healthy')).toBeUndefined();
  });
});

describe('an isolated position that vanishes', () => {
  it('ends its case, and leaves the cross book alone', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('isolated', ['position#BTC-PERP']);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'isolated#BTC-PERP liquidation.completed',
    ]);
    expect(await newsOf(world, () => world.checkAfresh(2))).toEqual([]);
    expect(await world.caseOf('isolated')).toBeUndefined();
    await expectInOrder(world);
  });

  it('into the cross book ends its case, and the cross book opens one', async () => {
    const world = await openWorld();
    await world.check(0);
    // 5,000 less the loss of 2,000 on the short leaves 3,000, above a requirement of 1,200.
    await world.writeAccounts([
      position('isolated', { quantity: '-4', entryPrice: '5500' }),
      balance('isolated', '3000'),
    ]);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'isolated liquidation.ordered',
      'isolated#BTC-PERP liquidation.completed',
    ]);
    await expectInOrder(world);
  });

  it('ends only its own case if another position of the instrument remains', async () => {
    const short = { quantity: '-4', entryPrice: '5500', isolatedMargin: '2500' };
    const lot = (label: string) => position('lots', { ...short, label });
    const world = await openWorld({ accounts: [lot('a'), lot('b')] });
    await world.check(0);
    expect(await saidOf(world)).toEqual([
      'DOGE-USD oracle.rejected',
      'lots#BTC-PERP#a liquidation.ordered',
      'lots#BTC-PERP#b liquidation.ordered',
    ]);
    await world.removeAccount('lots', ['position#BTC-PERP#a']);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'lots#BTC-PERP#a liquidation.completed',
    ]);
    await expectInOrder(world);
  });

  it('ends its case though a row of the cross book is malformed', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('isolated', ['position#BTC-PERP']);
    await world.writeAccounts([balance('isolated', 'much')]);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'isolated account.indeterminate',
      'isolated#BTC-PERP liquidation.completed',
    ]);
    await expectInOrder(world);
  });

  it('keeps its case while a row is malformed that may belong to any part of its account', async () => {
    const world = await openWorld();
    await world.check(0);
    await world.removeAccount('isolated', ['position#BTC-PERP']);
    await world.writeAccounts([{ accountId: 'isolated', item: 'holding#BTC-PERP' }]);
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'isolated account.indeterminate',
    ]);
    expect(await world.caseOf('isolated', 'case#BTC-PERP')).toMatchObject({ isActive: true });
    await world.removeAccount('isolated', ['holding#BTC-PERP']);
    expect(await newsOf(world, () => world.checkAfresh(2))).toEqual([
      'isolated account.determinate',
      'isolated#BTC-PERP liquidation.completed',
    ]);
    await expectInOrder(world);
  });
});

describe('a market row that vanishes', () => {
  it('makes its holders indeterminate if it is an instrument, and they keep their cases', async () => {
    const world = await openWorld({ accounts: long('called', '14000') });
    await world.check(0);
    await world.removeMarket('instrument', 'BTC-PERP');
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([
      'called account.indeterminate',
    ]);
    const open = (await world.caseOf('called'))?.state;
    expect(open).toMatchObject({ isIndeterminate: true, open: { level: 'call' } });
    await expectInOrder(world);
  });

  it('ends the case of a rejected feed without a message if it was the last to name the feed', async () => {
    const world = await openWorld({ accounts: [] });
    await world.check(0);
    expect(await world.openKeys()).toEqual(['feed#DOGE-USD/case']);
    await world.removeMarket('asset', 'DOGE');
    expect(await newsOf(world, () => world.checkAfresh(1))).toEqual([]);
    expect(await world.openKeys()).toEqual([]);
    await expectInOrder(world);
  });

  it('rejects its feed once if it is a quote, and recovers it once', async () => {
    const world = await openWorld({ accounts: [] });
    await world.check(0);
    await world.removeMarket('quote', 'BTC-USD#pyth');
    expect(await newsOf(world, () => world.check(1))).toEqual(['BTC-USD oracle.rejected']);
    expect(await newsOf(world, () => world.check(2))).toEqual([]);
    expect(await newsOf(world, () => world.checkAfresh(3))).toEqual(['BTC-USD oracle.recovered']);
    await expectInOrder(world);
  });
});
