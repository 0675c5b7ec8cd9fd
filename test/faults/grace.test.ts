/** Grace as policy, through the handler: calls after an outage, and a raise that comes by and by. */
import { describe, expect, it } from 'vitest';
import { long, MARKET } from './book.ts';
import { type Call, failing, inject } from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { CLOCK_LAG_MS, failureOf, openWorld, type Row, timeOf, type World } from './world.ts';

const graced = (policy: Row = {}): Row[] =>
  MARKET.filter(({ id }) => id !== 'DOGE').map((row) =>
    row.kind === 'policy' ? { ...row, outageGrace: 'moved', ...policy } : row,
  );

const called = long('called', '14000');

const open = (policy: Row = {}) => openWorld({ market: graced(policy), accounts: called });

const clockAt = (minute: number) => new Date(timeOf(minute) + CLOCK_LAG_MS).toISOString();

const callsIn = async (world: World) =>
  once(await world.alerts()).flatMap((message) => {
    if (!message.type.startsWith('margin-call.') || !('deadline' in message)) return [];
    const { type, deadline } = message;
    const previous = 'previousDeadline' in message ? message.previousDeadline : undefined;
    return [{ type: type.slice('margin-call.'.length), deadline, previous }];
  });

const ISSUED = { type: 'issued', deadline: clockAt(60), previous: undefined };

describe('a call after an outage of checks', () => {
  it('has its deadline moved once, expires then, and replays', async () => {
    const world = await open();
    for (const minute of [0, 1, 2]) await world.checkAfresh(minute);
    await world.checkAfresh(90);
    await world.checkAfresh(91);
    const moved = { type: 'updated', deadline: clockAt(148), previous: clockAt(60) };
    expect(await callsIn(world)).toEqual([ISSUED, moved]);
    expect(await world.orders()).toEqual([]);
    await world.checkAfresh(148);
    // From 91 to 148 no check was made either.
    const again = { type: 'updated', deadline: clockAt(205), previous: clockAt(148) };
    expect(await callsIn(world)).toEqual([ISSUED, moved, again]);
    await expectInOrder(world);
  });

  it('expires as ever without grace', async () => {
    const world = await open({ outageGrace: 'none' });
    for (const minute of [0, 1, 90]) await world.checkAfresh(minute);
    const expired = { type: 'expired', deadline: clockAt(60), previous: undefined };
    expect(await callsIn(world)).toEqual([ISSUED, expired]);
    await expectInOrder(world);
  });

  it('is moved once, not check after check, while a part of each check fails', async () => {
    const ends: string[] = [];
    for (const failed of [0, 1]) {
      const world = await openWorld({ market: graced(), accounts: called, scanSegments: 2 });
      await world.checkAfresh(0);
      const isFailing = ({ target, input }: Call) =>
        target === 'accounts' && input.Segment === failed;
      const broken = failing(isFailing, () => new Error('down'));
      for (let minute = 1; minute <= 6; minute++) {
        await world.quoteAt(minute);
        await failureOf(world.check(minute, inject(world.services, broken)));
      }
      for (const minute of [7, 8]) await world.checkAfresh(minute);
      const [issued, moved, ...more] = await callsIn(world);
      expect([issued, moved?.type, more]).toEqual([ISSUED, 'updated', []]);
      ends.push(String(moved?.deadline));
      await expectInOrder(world);
    }
    // Seen by every check, it is moved when the gap has become an outage; unseen, when it is over.
    expect(ends.sort()).toEqual([clockAt(63), clockAt(67)]);
  });
});

describe('a call of an account without a price', () => {
  it('has its deadline moved once the price is back', async () => {
    const world = await open();
    for (let minute = 0; minute <= 12; minute += 2) {
      if (minute === 0) await world.quoteAt(0);
      await world.check(minute);
    }
    expect(await saidOf(world)).toContain('called account.indeterminate');
    await world.checkAfresh(13);
    await world.checkAfresh(14);
    // Its quote is too old, above 300 s, from minute 6 on.
    const moved = { type: 'updated', deadline: clockAt(67), previous: clockAt(60) };
    expect(await callsIn(world)).toEqual([ISSUED, moved]);
    await expectInOrder(world);
  });
});

describe('a raised margin', () => {
  const steep = { type: 'flat', initial: '0.2', maintenance: '0.1' };
  const before = { type: 'flat', initial: '0.1', maintenance: '0.05' };
  const raised = (phaseIn: Row | undefined): Row[] =>
    MARKET.filter(({ id }) => id !== 'DOGE').map((row) =>
      row.kind === 'risk' ? { ...row, margin: steep, ...(phaseIn && { phaseIn }) } : row,
    );
  const accounts = long('holder', '15500');

  it('liquidates at once what it would liquidate in the end', async () => {
    const world = await openWorld({ market: raised(undefined), accounts });
    await world.checkAfresh(0);
    expect(await saidOf(world)).toEqual(['holder liquidation.ordered']);
  });

  it('that comes by and by calls first, liquidates in its time, and replays', async () => {
    const market = raised({ margin: before, from: timeOf(0), hours: '1' });
    const world = await openWorld({ market, accounts });
    const said: string[][] = [];
    for (const minute of [0, 20, 40, 60]) {
      await world.checkAfresh(minute);
      said.push(await saidOf(world));
    }
    expect(said[0]).not.toContain('holder liquidation.ordered');
    expect(said[1]).toContain('holder margin-call.issued');
    expect(said[1]).not.toContain('holder liquidation.ordered');
    expect(said[3]).toContain('holder liquidation.ordered');
    await expectInOrder(world);
  });
});
