/** Markets in which a move of 1 % would liquidate as much as the orders near the price can take. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../lambda/messages/messages.ts';
import { long, MARKET } from './book.ts';
import { inject } from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { openWorld, type Row, type World } from './world.ts';

/** Some 60,000 of BTC-PERP, above its liquidation line by less than the 570 that 1 % takes. */
const NEAR = long('near', '13900');
const FAR = long('far', '40000');

const marketWith = (depth: string | undefined, policy: Row = {}): Row[] =>
  MARKET.filter(({ id }) => id !== 'DOGE').map((row) => {
    if (row.kind === 'policy') return { ...row, ...policy };
    if (row.id !== 'BTC-PERP' || depth === undefined) return row;
    return { ...row, depth };
  });

const openWith = (depth: string | undefined, policy: Row = {}, accounts = [...NEAR, ...FAR]) =>
  openWorld({ market: marketWith(depth, policy), accounts });

const cascadesOf = async (world: World): Promise<Message[]> =>
  once(await world.alerts()).filter(({ type }) => type.startsWith('cascade.'));

const typesOf = async (world: World) => (await cascadesOf(world)).map(({ type }) => type);

const setDepth = (world: World, depth: string | undefined) =>
  world.writeMarket(marketWith(depth).filter(({ id }) => id === 'BTC-PERP'));

describe('the cascade gauge of a check', () => {
  it('says what a fall would liquidate in a market, and of how much of its depth that is', async () => {
    const world = await openWith('40000');
    const summary = await world.check(0);
    expect(summary.cascade).toEqual({
      'BTC-PERP': {
        notional1PctDown: '60000.00',
        notional1PctUp: '0.00',
        depth: '40000',
        ratio: '1.5',
      },
    });
    expect(await cascadesOf(world)).toMatchObject([
      {
        ...{ type: 'cascade.warned', severity: 'warning', market: 'BTC-PERP', move: 'fall' },
        ...{ side: 'sell', ratio: '1.5', notional: '60000.00', depth: '40000' },
      },
    ]);
    await expectInOrder(world);
  });

  it('has a market without a depth with its notional, and warns of none', async () => {
    const world = await openWith(undefined);
    const { cascade } = await world.check(0);
    expect(cascade['BTC-PERP']).toEqual({ notional1PctDown: '60000.00', notional1PctUp: '0.00' });
    expect(await cascadesOf(world)).toEqual([]);
  });

  it('has a market with a depth in which nothing is in danger at nought', async () => {
    const world = await openWith('40000', {}, [...FAR]);
    expect((await world.check(0)).cascade['BTC-PERP']).toMatchObject({ ratio: '0' });
  });

  it.each([
    ['just below the ratio of the policy nothing is said', '60001', []],
    ['exactly at it is', '60000', ['cascade.warned']],
  ])('%s', async (_, depth, said) => {
    const world = await openWith(depth);
    await world.check(0);
    expect(await typesOf(world)).toEqual(said);
  });

  it('is warned of once, and eased below 80 % of the ratio, once; then it may be warned of again', async () => {
    const world = await openWith('60000');
    await world.check(0);
    await world.checkAfresh(1);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    await setDepth(world, '75000');
    await world.checkAfresh(2);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    await setDepth(world, '75001');
    await world.checkAfresh(3);
    await world.checkAfresh(4);
    expect(await typesOf(world)).toEqual(['cascade.warned', 'cascade.eased']);
    await setDepth(world, '61000');
    await world.checkAfresh(5);
    expect(await typesOf(world)).toHaveLength(2);
    await setDepth(world, '60000');
    await world.checkAfresh(6);
    expect(await typesOf(world)).toEqual(['cascade.warned', 'cascade.eased', 'cascade.warned']);
    await expectInOrder(world);
  });

  it('is not said to have eased by a check that did not meet every account', async () => {
    const world = await openWith('60000');
    await world.check(0);
    await world.quoteAt(1);
    const broken = inject(world.services, ({ command, target }, proceed) =>
      command === 'Scan' && target === 'accounts'
        ? Promise.reject(new Error('broken off'))
        : proceed(),
    );
    await expect(world.check(1, broken)).rejects.toThrow('broken off');
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    await world.checkAfresh(2);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
  });

  it('is not said to have eased while the price of the market is not known', async () => {
    const world = await openWith('60000');
    await world.check(0);
    await world.check(6);
    expect(await saidOf(world)).toContain('BTC-USD oracle.rejected');
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    await world.checkAfresh(7);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
  });

  it('of a market that does not say its depth any more ends without a word', async () => {
    const world = await openWith('60000');
    await world.check(0);
    expect(await world.openKeys()).toContain('market#BTC-PERP/case');
    await setDepth(world, undefined);
    await world.checkAfresh(1);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    expect(await world.openKeys()).not.toContain('market#BTC-PERP/case');
  });

  it('counts nobody who is below the liquidation line already, or cannot be assessed', async () => {
    const world = await openWith('60000', {}, [
      ...long('liquidated', '12000'),
      ...long('mistyped', '25,000'),
    ]);
    expect((await world.check(0)).cascade['BTC-PERP']).toMatchObject({ notional1PctDown: '0.00' });
  });
});
