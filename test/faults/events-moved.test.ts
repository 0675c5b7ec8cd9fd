/** Prices that move by more than half of the shock start checks of all accounts at once. */
import { describe, expect, it } from 'vitest';
import { balance, long, OPENINGS, quote } from './book.ts';
import { at, change, firstCheck, move, openEvents, quoteRecord, ran, tell } from './events.ts';
import { type Call, failing, inject, killAt, unharmed } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { many } from './warm.ts';
import { checkIdOf, type World } from './world.ts';

/** Λ is some 1 %. */
const FALLEN = { 'BTC-USD': '5900' };
const MOVES = ['bankrupt deficit.detected', 'called liquidation.ordered'];

const feedsPages = async (world: World) =>
  (await world.margin()).filter(({ pk }) => pk === 'feeds' || pk === 'scores' || pk === 'check');

describe('a price that falls after a check', () => {
  it('starts a check of all accounts at once, which leaves no memory', async () => {
    const world = await openEvents();
    await firstCheck(world);
    const before = await feedsPages(world);
    expect(await move(world, FALLEN, 5)).toEqual([at(5)]);
    const summary = ran(await world.event(at(5.5)));
    expect(summary).toMatchObject({ feeds: ['BTC-USD'], accounts: 7, errors: [] });
    expect(await saidOf(world)).toEqual([...OPENINGS, ...MOVES].sort());
    expect(await feedsPages(world)).toEqual(before);
    await world.checkAfresh(1, FALLEN);
    expect(await saidOf(world)).toEqual([...OPENINGS, ...MOVES].sort());
    await expectInOrder(world);
  });

  it('starts none again until it moves on', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await move(world, FALLEN, 5);
    ran(await world.event(at(5.5)));
    expect(await move(world, { 'BTC-USD': '5895' }, 7)).toEqual([]);
    expect(await world.event(at(8))).toHaveProperty('skipped');
    expect(await move(world, { 'BTC-USD': '5800' }, 9)).toEqual([at(9)]);
  });

  it('starts none again because the check has failed', async () => {
    const world = await openEvents();
    await firstCheck(world);
    await move(world, FALLEN, 5);
    const isScan = ({ command, target }: Call) => command === 'Scan' && target === 'accounts';
    const broken = failing(isScan, () => new Error('broken off'));
    await expect(world.event(at(5.5), inject(world.services, broken))).rejects.toThrow(
      'broken off',
    );
    expect(await move(world, FALLEN, 7)).toEqual([]);
    await world.checkAfresh(1, FALLEN);
    expect(await saidOf(world)).toEqual([...OPENINGS, ...MOVES].sort());
    await expectInOrder(world);
  });

  it.each([
    ['has moved little', [quote('BTC-USD', '5990', at(5))]],
    ['is new', [quote('ETH-USD', '1', at(5))]],
    ['comes from a new source', [{ ...quote('BTC-USD', '1', at(5)), id: 'BTC-USD#new' }]],
    ['is no number', [quote('BTC-USD', 'much', at(5))]],
    ['is 0', [quote('BTC-USD', '0', at(5))]],
    ['has an attribute too many', [{ ...quote('BTC-USD', '1', at(5)), much: '1' }]],
    ['is of another kind', [{ ...quote('BTC-USD', '1', at(5)), kind: 'asset' }]],
  ])('starts none if it %s', async (_, rows) => {
    const world = await openEvents();
    await firstCheck(world);
    const records = rows.map((row) => quoteRecord(row, at(5)));
    expect(await tell(world, records, at(5))).toEqual([]);
    expect(await world.event(at(6))).toEqual({ skipped: 'nothing waits for a check' });
  });

  it('starts none before a check was complete', async () => {
    const world = await openEvents();
    expect(await move(world, FALLEN, 5)).toEqual([]);
  });

  it('waits with the changed accounts for one check', async () => {
    const world = await openEvents();
    await firstCheck(world);
    expect(await change(world, [balance('healthy', '14000')], 5)).toEqual([at(5)]);
    expect(await move(world, FALLEN, 5.2)).toEqual([]);
    const summary = ran(await world.event(at(5.5)));
    expect(summary).toMatchObject({ feeds: ['BTC-USD'], changed: { accounts: ['healthy'] } });
    expect(await saidOf(world)).toContain('healthy liquidation.ordered');
    await expectInOrder(world);
  });
});

describe('a jump', () => {
  const JUMPED = { 'BTC-USD': '1500' };
  const saidOfVictim = async (world: World) =>
    (await saidOf(world)).filter((said) => said.startsWith('victim'));

  const open = () => openEvents({ accounts: long('victim', '40000') });

  it('that nothing has confirmed says no more at events than at a scheduled check', async () => {
    const scheduled = await open();
    await firstCheck(scheduled);
    await scheduled.checkAfresh(1, JUMPED);
    const world = await open();
    await firstCheck(world);
    await move(world, JUMPED, 5);
    ran(await world.event(at(5.5)));
    expect(await saidOfVictim(world)).toEqual(await saidOfVictim(scheduled));
    // A newer quote confirms it at a scheduled check alone, because that remembers the first.
    for (const [seconds, price] of [6, 8, 10].map(
      (each) => [each, `${1490 - each * 40}`] as const,
    )) {
      await move(world, { 'BTC-USD': price }, seconds);
      ran(await world.event(at(seconds + 0.5)));
    }
    expect(await saidOfVictim(world)).toEqual(['victim account.indeterminate']);
    await expectInOrder(world);
  });

  it('that a second source confirms liquidates at once', async () => {
    const world = await open();
    await world.writeMarket([{ ...quote('BTC-USD', '6000', at(0)), id: 'BTC-USD#other' }]);
    await firstCheck(world);
    await world.writeMarket([{ ...quote('BTC-USD', '1500', at(5)), id: 'BTC-USD#other' }]);
    await move(world, JUMPED, 5);
    ran(await world.event(at(5.5)));
    expect(await saidOfVictim(world)).toContain('victim liquidation.ordered');
    await expectInOrder(world);
  });
});

describe('an event check of all accounts that is killed before a call', () => {
  it('leaves everything to the next check, whichever call it was', async () => {
    const whole = await openEvents();
    await firstCheck(whole);
    await move(whole, FALLEN, 5);
    const { calls, ...through } = inject(whole.services, unharmed);
    ran(await whole.event(at(5.5), through));
    for (let index = 1; index <= calls.length; index++) {
      const world = await openEvents();
      await firstCheck(world);
      await move(world, FALLEN, 5);
      const dying = inject(world.services, killAt(index, 'before'));
      await world.event(at(5.5), dying).catch(() => undefined);
      await world.checkAfresh(1, FALLEN);
      expect(await saidOf(world), `call ${index}`).toEqual([...OPENINGS, ...MOVES].sort());
      await expectInOrder(world);
    }
  });
});

describe('with certificates', () => {
  const open = () => openEvents({ accounts: many(), hasCertificates: true });

  it('only suspects are read, and the memory of the function stays true', async () => {
    const world = await open();
    await firstCheck(world);
    await world.checkAfresh(1);
    await world.writeAccounts([balance('account-7', '14000')]);
    await move(world, { 'BTC-USD': '5950' }, 65);
    const { certificates, accounts } = ran(await world.event(at(65.5)));
    expect(accounts).toBe(300);
    expect(certificates).toMatchObject({ certified: 299, changed: 1, missed: { count: 0 } });
    expect(await saidOf(world)).toContain('account-7 liquidation.ordered');
    await world.writeAccounts([balance('account-8', '14000')]);
    const next = await world.checkAfresh(2);
    expect(next.certificates).toMatchObject({ certified: 298, changed: 1, missed: { count: 0 } });
    expect(next.certificates?.allRead).toBeUndefined();
    expect(await saidOf(world)).toContain('account-8 margin-call.issued');
    await expectInOrder(world);
  });

  it('a check of changed accounts leaves the memory alone, and the next check reads them', async () => {
    const world = await open();
    await firstCheck(world);
    await world.checkAfresh(1);
    await change(world, [balance('account-7', '14000')], 65);
    const summary = ran(await world.event(at(65.5)));
    expect(summary).toMatchObject({ accounts: 1, published: 1 });
    expect(summary.certificates).toBeUndefined();
    const next = await world.checkAfresh(2);
    expect(next.certificates).toMatchObject({ changed: 1, missed: { count: 0 } });
    expect((await saidOf(world)).filter((said) => said.startsWith('account-7'))).toHaveLength(1);
    await expectInOrder(world);
  });

  it('a function that has just started reads the checkpoint, and goes on from there', async () => {
    const world = await open();
    await firstCheck(world);
    world.coldStart();
    await move(world, { 'BTC-USD': '5950' }, 5);
    const { certificates } = ran(await world.event(at(5.5)));
    expect(certificates).toMatchObject({ certified: 300, restoredFrom: checkIdOf(0) });
    const next = await world.checkAfresh(1);
    expect(next.certificates?.allRead).toBeUndefined();
    expect(next.certificates).toMatchObject({ certified: 300 });
    await expectInOrder(world);
  });
});
