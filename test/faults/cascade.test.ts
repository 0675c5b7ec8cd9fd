import { describe, expect, it } from 'vitest';
import type { Message } from '../../lambda/messages/messages.ts';
import { long, MARKET } from './book.ts';
import { inject } from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { openWorld, type Row, type World } from './world.ts';

/**
 * Some 60,000 of BTC-PERP, above its liquidation line by less than the 570 that a move of 1 %
 * costs.
 */
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
  it('reports the notional that a fall of 1 % would liquidate in a market, and its ratio to the depth', async () => {
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

  it('reports only the notional of a market without a depth, and does not warn about it', async () => {
    const world = await openWith(undefined);
    const { cascade } = await world.check(0);
    expect(cascade['BTC-PERP']).toEqual({ notional1PctDown: '60000.00', notional1PctUp: '0.00' });
    expect(await cascadesOf(world)).toEqual([]);
  });

  it('reports a ratio of 0 for a market with a depth where no account would be liquidated', async () => {
    const world = await openWith('40000', {}, [...FAR]);
    expect((await world.check(0)).cascade['BTC-PERP']).toMatchObject({ ratio: '0' });
  });

  it.each([
    ['does not warn just below the policy’s ratio', '60001', []],
    ['warns exactly at the policy’s ratio', '60000', ['cascade.warned']],
  ])('the check %s', async (_, depth, said) => {
    const world = await openWith(depth);
    await world.check(0);
    expect(await typesOf(world)).toEqual(said);
  });

  it('warns once, eases once below 80 % of the ratio, and may then warn again', async () => {
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

  it('does not report easing after a check that did not read every account', async () => {
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

  it('does not report easing while the price of the market is unknown', async () => {
    const world = await openWith('60000');
    await world.check(0);
    await world.check(6);
    expect(await saidOf(world)).toContain('BTC-USD oracle.rejected');
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    await world.checkAfresh(7);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
  });

  it('closes its warning without a message once the market no longer states a depth', async () => {
    const world = await openWith('60000');
    await world.check(0);
    expect(await world.openKeys()).toContain('market#BTC-PERP/case');
    await setDepth(world, undefined);
    await world.checkAfresh(1);
    expect(await typesOf(world)).toEqual(['cascade.warned']);
    expect(await world.openKeys()).not.toContain('market#BTC-PERP/case');
  });

  it('counts no account that is already below the liquidation line or cannot be assessed', async () => {
    const world = await openWith('60000', {}, [
      ...long('liquidated', '12000'),
      ...long('mistyped', '25,000'),
    ]);
    expect((await world.check(0)).cascade['BTC-PERP']).toMatchObject({ notional1PctDown: '0.00' });
  });
});
