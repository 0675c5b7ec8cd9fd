import { describe, expect, it } from 'vitest';
import { long, OPENINGS } from './book.ts';
import { failing, inject, isOfOrders, killWhen } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { failureOf, openWorld, type World } from './world.ts';

const ORDERED = [
  'bankrupt liquidation.ordered',
  'isolated#BTC-PERP liquidation.ordered',
  'liquidated liquidation.ordered',
];
const WITHHELD = ORDERED.map((said) => said.replace('ordered', 'withheld'));
const CHANGED = 'policy operator.changed';
const OTHERS = OPENINGS.filter((said) => !ORDERED.includes(said));

/** Every case is written by then, but nothing about accounts is published. */
async function killedBeforePublication(world: World, plans = 3): Promise<void> {
  const run = world.check(0, inject(world.services, killWhen(isOfOrders)));
  await expect(run).rejects.toThrow('killed');
  const pending = (await world.margin()).flatMap((item) => item.pending ?? []);
  const topics = pending.flatMap(({ deliveries }) => deliveries.flatMap(({ to }) => to));
  expect(topics.filter((topic) => topic === 'orders')).toHaveLength(plans);
}

describe('a halt set between the writing of a case and its publication', () => {
  it('holds the order plan back and publishes everything else', async () => {
    const world = await openWorld();
    await killedBeforePublication(world);
    await world.writePolicy({ halt: true });
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual(OPENINGS);
    expect(await world.orders()).toEqual([]);
    await world.checkAfresh(2);
    expect(await world.orders()).toEqual([]);
  });

  it('releases the plan once, unchanged, when the halt is lifted', async () => {
    const world = await openWorld();
    await killedBeforePublication(world);
    await world.writePolicy({ halt: true });
    await world.checkAfresh(1);
    await world.writePolicy({ halt: false });
    await world.checkAfresh(2);
    const plans = await world.orders();
    expect(plans.map(({ checkId }) => checkId)).toEqual(Array(3).fill('2020-03-12T11:00:00.000Z'));
    expect(await saidOf(world)).toEqual([...OPENINGS, CHANGED].sort());
    expect(await world.alerts()).toHaveLength(OPENINGS.length + 1);
    await expectInOrder(world);
    await world.checkAfresh(3);
    expect(await world.orders()).toHaveLength(3);
  });

  it.each([
    ['sends a new generation and not the expired plan if the price is fresh', true, [2]],
    ['sends no plan if the price is stale', false, []],
  ])('after a halt that outlasts the plan, %s', async (_, isFresh, generations) => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await killedBeforePublication(world, 1);
    await world.writePolicy({ halt: true });
    for (let minute = 1; minute <= 10; minute++) await world.checkAfresh(minute);
    await world.writePolicy({ halt: false });
    if (isFresh) await world.quoteAt(16);
    await world.check(16);
    const left = (await world.orders()).map(
      (order) => order.type === 'liquidation.ordered' && order.generation,
    );
    expect(left).toEqual(generations);
    await expectInOrder(world, { withdrawn: 1 });
  });
});

describe('an order plan left pending by a killed run', () => {
  const openKilled = async (): Promise<World> => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    const run = world.check(0, inject(world.services, killWhen(isOfOrders)));
    await expect(run).rejects.toThrow('killed');
    expect(await world.caseOf('liquidated')).toMatchObject({ pending: [{}] });
    return world;
  };
  const plansOf = async (world: World) =>
    (await world.orders()).filter(({ type }) => type === 'liquidation.ordered');

  it('is sent while its account is still to be liquidated', async () => {
    const world = await openKilled();
    await world.checkAfresh(1);
    expect(await plansOf(world)).toHaveLength(1);
  });

  it('is not sent if a new generation has been decided', async () => {
    const world = await openKilled();
    await world.writePolicy({ liquidationCooldownSeconds: 60 });
    await world.checkAfresh(1);
    const plans = await plansOf(world);
    expect(plans.map((plan) => plan.type === 'liquidation.ordered' && plan.generation)).toEqual([
      2,
    ]);
    await expectInOrder(world, { withdrawn: 1 });
  });

  it('is not sent if its account has been restored', async () => {
    const world = await openKilled();
    await world.writeAccounts(long('liquidated', '40000'));
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    expect(await plansOf(world)).toEqual([]);
  });

  it('is not sent if its account was restored during a halt', async () => {
    const world = await openKilled();
    await world.writePolicy({ halt: true });
    await world.writeAccounts(long('liquidated', '40000'));
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    await world.writePolicy({ halt: false });
    await world.checkAfresh(2);
    expect(await plansOf(world)).toEqual([]);
  });
});

describe('a halt set from the start', () => {
  it('reports once that each liquidation is withheld, and orders nothing', async () => {
    const world = await openWorld();
    await world.writePolicy({ halt: true });
    await world.check(0);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([...OTHERS, ...WITHHELD].sort());
    const reasons = (await world.alerts()).flatMap((alert) =>
      alert.type === 'liquidation.withheld' ? alert.reasons.map(({ code }) => code) : [],
    );
    expect(reasons).toEqual(['halted', 'halted', 'halted']);
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world);
  });

  it('is followed by generation 1 at the first check after it is lifted', async () => {
    const world = await openWorld();
    await world.writePolicy({ halt: true });
    await world.check(0);
    await world.writePolicy({ halt: false });
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([...OTHERS, ...WITHHELD, ...ORDERED, CHANGED].sort());
    const generations = (await world.orders()).map(
      (order) => order.type === 'liquidation.ordered' && order.generation,
    );
    expect(generations).toEqual([1, 1, 1]);
    await expectInOrder(world);
  });
});

describe('mode observe', () => {
  it('publishes the plan as an alert and sends nothing to the orders topic', async () => {
    const world = await openWorld();
    await world.writePolicy({ mode: 'observe' });
    expect(await world.check(0)).toMatchObject({ published: OPENINGS.length, withdrawn: 0 });
    expect(await saidOf(world)).toEqual(OPENINGS);
    const observed = (await world.alerts()).flatMap((alert) =>
      alert.type === 'liquidation.ordered' ? [alert.isObserved] : [],
    );
    expect(observed).toEqual([true, true, true]);
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world);
  });

  it('is the default mode of a policy', async () => {
    const world = await openWorld();
    await world.writeMarket([{ kind: 'policy', id: 'default' }]);
    await world.check(0);
    expect(await saidOf(world)).toEqual(OPENINGS);
    expect(await world.orders()).toEqual([]);
  });

  it('withdraws an order plan that was decided earlier and has not been sent yet', async () => {
    const world = await openWorld();
    await killedBeforePublication(world);
    await world.writePolicy({ mode: 'observe' });
    expect(await world.checkAfresh(1)).toMatchObject({ withdrawn: 3 });
    await world.writePolicy({ mode: 'enforce' });
    await world.checkAfresh(2);
    expect(await saidOf(world)).toEqual([...OPENINGS, CHANGED].sort());
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world, { withdrawn: 3 });
  });
});

describe('the message that a liquidation is completed', () => {
  const restored = long('liquidated', '40000');
  const typesOf = async (world: World) => (await world.orders()).map(({ type }) => type);

  async function openLiquidated(): Promise<World> {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await world.check(0);
    return world;
  }

  it('follows the plan to the execution system', async () => {
    const world = await openLiquidated();
    await world.writeAccounts(restored);
    await world.checkAfresh(1);
    expect(await typesOf(world)).toEqual(['liquidation.ordered', 'liquidation.completed']);
    await expectInOrder(world);
  });

  it('is sent during a halt, which stops orders and not the message that ends them', async () => {
    const world = await openLiquidated();
    await world.writePolicy({ halt: true });
    await world.writeAccounts(restored);
    await world.checkAfresh(1);
    expect(await typesOf(world)).toEqual(['liquidation.ordered', 'liquidation.completed']);
    await expectInOrder(world);
  });

  it('is not withdrawn if it is late and a new case has a plan', async () => {
    const world = await openLiquidated();
    await world.writeAccounts(restored);
    await world.quoteAt(1);
    const refused = failing(isOfOrders, () => new Error('connect ECONNREFUSED'));
    await failureOf(world.check(1, inject(world.services, refused)));
    await world.writeAccounts(long('liquidated', '12000'));
    await world.checkAfresh(2);
    expect(await typesOf(world)).toEqual([
      'liquidation.ordered',
      'liquidation.completed',
      'liquidation.ordered',
    ]);
    await expectInOrder(world);
  });

  it('is not sent if a halt held every plan back', async () => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await world.writePolicy({ halt: true });
    await world.check(0);
    await world.writeAccounts(restored);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    expect(await typesOf(world)).toEqual([]);
    await expectInOrder(world);
  });

  it('is not sent in mode observe, where no plan was sent', async () => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await world.writePolicy({ mode: 'observe' });
    await world.check(0);
    await world.writeAccounts(restored);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('liquidated liquidation.completed');
    expect(await typesOf(world)).toEqual([]);
  });
});
