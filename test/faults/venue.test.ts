import { describe, expect, it } from 'vitest';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { position } from './book.ts';
import { openVenue, positionsIn, QUICK_MARKET, watch, work } from './faulty-venue.ts';
import { failing, inject, isPublication } from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { failureOf, openWorld, type World } from './world.ts';

type Plan = Extract<Message, { type: 'liquidation.ordered' }>;

const openQuickWorld = () => openWorld({ market: QUICK_MARKET });

async function plansOf(world: World, accountId: string): Promise<Plan[]> {
  const orders = once(await world.orders());
  return orders.filter(
    (each) => each.type === 'liquidation.ordered' && each.accountId === accountId,
  ) as Plan[];
}

async function heldBy(world: World, accountId: string): Promise<string> {
  const held = (await positionsIn(world)).get(`${accountId}/position#BTC-PERP`);
  return held === undefined ? '0' : textOf(held);
}

const closedBy = ({ plan }: Plan): string => plan.orders[0]?.quantity ?? '0';

function expectChain(plans: readonly Plan[], held: number): void {
  expect(plans.map(({ generation }) => generation)).toEqual(plans.map((_, index) => index + 1));
  const before = plans.map(({ planId }) => planId);
  expect(plans.slice(1).map(({ supersedes }) => supersedes)).toEqual(before.slice(0, -1));
  for (const plan of plans) expect(Number(closedBy(plan))).toBeLessThanOrEqual(held);
}

describe('a venue that works as documented', () => {
  it('fills each plan once, and then the cases end', async () => {
    const world = await openQuickWorld();
    const venue = openVenue(world);
    const expectWhole = await watch(world, [venue]);
    await world.check(0);
    await work(venue, await world.orders(), 0);
    expect(venue.verdicts).toEqual(['filled', 'filled', 'filled']);
    await expectWhole();
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    expect(await plansOf(world, 'liquidated')).toHaveLength(1);
    await expectInOrder(world);
  });
});

describe('a venue that never fills', () => {
  it('receives one generation after the other, each superseding the one before', async () => {
    const world = await openQuickWorld();
    for (let minute = 0; minute < 5; minute++) await world.checkAfresh(minute);
    const plans = await plansOf(world, 'liquidated');
    expect(plans).toHaveLength(5);
    expectChain(plans, 10);
    // The account is unchanged, and so is the quantity it needs to close.
    expect(new Set(plans.map(closedBy)).size).toBe(1);
    expect(await heldBy(world, 'liquidated')).toBe('10');
    await expectInOrder(world);
  });
});

describe('a venue that fills twice', () => {
  it('closes what is held and no more, and the checks continue from what is left', async () => {
    const world = await openQuickWorld();
    const [venue, again] = [openVenue(world), openVenue(world)];
    const expectWhole = await watch(world, [venue, again]);
    await world.check(0);
    const orders = await world.orders();
    await work(venue, orders, 0);
    await work(again, orders, 0);
    const [plan] = await plansOf(world, 'liquidated');
    const asked = Number(plan && closedBy(plan));
    expect(Number(await heldBy(world, 'liquidated'))).toBeCloseTo(Math.max(0, 10 - 2 * asked), 2);
    await expectWhole();
    await world.checkAfresh(1);
    expect(await plansOf(world, 'liquidated')).toHaveLength(1);
    await expectInOrder(world);
  });
});

describe('a venue that works a plan after its expiry', () => {
  it('fills nothing if it respects the expiry', async () => {
    const world = await openQuickWorld();
    const venue = openVenue(world);
    await world.check(0);
    await work(venue, await world.orders(), 2);
    expect(venue.verdicts).toEqual(['expired', 'expired', 'expired']);
    expect(await heldBy(world, 'liquidated')).toBe('10');
  });

  it('reduces and never flips the position if it fills the expired plan after its successor', async () => {
    const world = await openQuickWorld();
    const [venue, late] = [openVenue(world), openVenue(world)];
    const expectWhole = await watch(world, [venue, late]);
    await world.check(0);
    const first = await plansOf(world, 'liquidated');
    await world.checkAfresh(1);
    const [, second] = await plansOf(world, 'liquidated');
    expect(second?.supersedes).toBe(first[0]?.planId);
    await work(venue, [second as Plan], 1);
    const afterSecond = await heldBy(world, 'liquidated');
    // This venue takes the first plan for fresh, minutes later.
    await work(late, first, 0);
    const afterFirst = await heldBy(world, 'liquidated');
    expect(Number(afterFirst)).toBeLessThan(Number(afterSecond));
    await expectWhole();
    await world.checkAfresh(5);
    expect(await plansOf(world, 'liquidated')).toHaveLength(2);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    await expectInOrder(world);
  });
});

describe('a venue that fills after the owner has changed the position', () => {
  it.each([
    ['to less than the plan asks', '1', '0'],
    ['to the other side', '-3', '-3'],
  ])('closes no more than is left if the position was changed %s', async (_, reduced, left) => {
    const world = await openQuickWorld();
    const venue = openVenue(world);
    await world.check(0);
    const plans = await plansOf(world, 'liquidated');
    await world.writeAccounts([position('liquidated', { quantity: reduced })]);
    const expectWhole = await watch(world, [venue]);
    await work(venue, plans, 0);
    expect(await heldBy(world, 'liquidated')).toBe(left);
    await expectWhole();
    await world.checkAfresh(1);
    await expectInOrder(world);
  });
});

describe('a venue with thin order books', () => {
  it('fills a part of each generation, and the next one asks for what is still needed', async () => {
    const world = await openQuickWorld();
    const venue = openVenue(world, 150);
    const expectWhole = await watch(world, [venue]);
    for (let minute = 0; minute < 4; minute++) {
      const before = (await world.orders()).length;
      await world.checkAfresh(minute);
      await work(venue, (await world.orders()).slice(before), minute);
      await expectWhole();
    }
    const plans = await plansOf(world, 'liquidated');
    expect(plans.length).toBeGreaterThan(2);
    expectChain(plans, 10);
    const held = Number(await heldBy(world, 'liquidated'));
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(10);
    await expectInOrder(world);
  });
});

describe('an outage of SNS for ten checks', () => {
  it('sends only the plan that is due afterwards, once, and the venue fills it', async () => {
    const world = await openQuickWorld();
    const venue = openVenue(world);
    const expectWhole = await watch(world, [venue]);
    const down = () =>
      inject(
        world.services,
        failing(isPublication, () => new Error('connect ECONNREFUSED')),
      );
    for (let minute = 0; minute < 10; minute++) {
      await world.quoteAt(minute);
      await failureOf(world.check(minute, down()));
    }
    expect(await world.orders()).toEqual([]);
    await world.checkAfresh(10);
    const plans = await plansOf(world, 'liquidated');
    expect(plans.map(({ generation }) => generation)).toEqual([11]);
    await work(venue, await world.orders(), 10);
    expect(venue.verdicts).toEqual(['filled', 'filled', 'filled']);
    await expectWhole();
    await world.checkAfresh(11);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    // Of three sub-accounts: generations 1 to 9 were replaced before anything of them was told. The
    // alert about generation 10 was told before the next decision, which withdrew its orders.
    await expectInOrder(world, { withdrawn: 3, replaced: 27 });
  });
});
