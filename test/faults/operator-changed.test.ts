import { describe, expect, it } from 'vitest';
import type { Message } from '../../lambda/messages/messages.ts';
import { long } from './book.ts';
import { failing, inject, isPublication } from './injector.ts';
import { expectInOrder, once } from './invariants.ts';
import { checkIdOf, failureOf, openWorld, type Row, type World } from './world.ts';

const NOTES = {
  changedBy: 'alice@desk',
  changedAt: '2020-03-12T11:00:30.000Z',
  changeReason: 'the feed looks wrong',
};

const quietWorld = () => openWorld({ accounts: long('healthy', '40000') });

const isChange = (message: Message) => message.type === 'operator.changed';

async function changesOf(world: World) {
  return once(await world.alerts()).filter(isChange);
}

async function changesAfter(world: World, minute: number, policy: Row) {
  const before = (await changesOf(world)).length;
  await world.writePolicy(policy);
  await world.checkAfresh(minute);
  return (await changesOf(world)).slice(before);
}

describe('a change of mode or halt', () => {
  it('is said by nobody at the first sight of a policy', async () => {
    const world = await quietWorld();
    expect(await changesAfter(world, 0, { halt: true, ...NOTES })).toEqual([]);
    expect(await changesAfter(world, 1, { halt: true, ...NOTES })).toEqual([]);
  });

  it('is said once, with who, when and why', async () => {
    const world = await quietWorld();
    await world.check(0);
    expect(await changesAfter(world, 1, { halt: true, ...NOTES })).toEqual([
      expect.objectContaining({
        id: `policy/${checkIdOf(1)}/operator.changed`,
        severity: 'warning',
        mode: 'enforce',
        halt: true,
        previous: { mode: 'enforce', halt: false },
        ...NOTES,
      }),
    ]);
    await world.checkAfresh(2);
    expect(await changesOf(world)).toHaveLength(1);
    await expectInOrder(world);
  });

  it('is said without a name if the row was written by hand, beside the notes of before', async () => {
    const world = await quietWorld();
    await world.check(0);
    await changesAfter(world, 1, { halt: true, ...NOTES });
    const [change, ...more] = await changesAfter(world, 2, { halt: false, ...NOTES });
    expect(more).toEqual([]);
    expect(change).toMatchObject({ halt: false, previous: { halt: true } });
    expect(change).not.toHaveProperty('changedBy');
    expect(change).not.toHaveProperty('changeReason');
  });

  it('is said if it was made and taken back between two checks', async () => {
    const world = await quietWorld();
    await world.check(0);
    const same = { mode: 'enforce', halt: false };
    expect(await changesAfter(world, 1, { ...same, ...NOTES })).toEqual([
      expect.objectContaining({ ...same, previous: same, ...NOTES }),
    ]);
  });

  it('is not said if only the notes are gone', async () => {
    const world = await quietWorld();
    await world.check(0);
    await changesAfter(world, 1, { halt: true, ...NOTES });
    expect(await changesAfter(world, 2, { halt: true })).toEqual([]);
  });

  it('is said by a later check, once, if SNS does not take it', async () => {
    const world = await quietWorld();
    await world.check(0);
    await world.writePolicy({ mode: 'observe' });
    await world.quoteAt(1);
    const failed = world.check(
      1,
      inject(
        world.services,
        failing(isPublication, () => new Error('SNS is away')),
      ),
    );
    await failureOf(failed);
    expect(await changesOf(world)).toEqual([]);
    for (const minute of [2, 3]) await world.checkAfresh(minute);
    expect(await changesOf(world)).toEqual([
      expect.objectContaining({ id: `policy/${checkIdOf(1)}/operator.changed`, mode: 'observe' }),
    ]);
    await expectInOrder(world);
  });

  it('stops no check, whatever the notes are', async () => {
    const world = await quietWorld();
    await world.check(0);
    const odd = { changedBy: ['a'], changedAt: { at: 1 }, changeReason: 7 };
    expect(await changesAfter(world, 1, { halt: true, ...odd })).toEqual([
      expect.objectContaining({ changeReason: '7' }),
    ]);
    const long = { changeReason: '𝟘'.repeat(90_000) };
    const [change] = await changesAfter(world, 2, { halt: false, ...long });
    expect(change).toMatchObject({ changeReason: '𝟘'.repeat(500) });
  });
});
