/** Shares, fees and bonuses that open with the time since the first order plan of a case. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../lambda/messages/messages.ts';
import { checkSlot } from './at-slots.ts';
import { balance, long, MARKET } from './book.ts';
import { at, change, openEvents, ran } from './events.ts';
import { expectInOrder, once } from './invariants.ts';
import { openWorld, type Row, type World } from './world.ts';

const SHARE = {
  points: [
    { seconds: '0', value: '0.1' },
    { seconds: '10', value: '0.2' },
    { seconds: '30', value: '0.5' },
  ],
};

const FEE = {
  between: 'linear',
  points: [
    { seconds: '0', value: '0.01' },
    { seconds: '100', value: '0.02' },
  ],
};

const marketWith = (policy: Row): Row[] =>
  MARKET.map((row) => {
    if (row.kind === 'policy') return { ...row, liquidationCooldownSeconds: 10, ...policy };
    if (row.kind !== 'risk') return row;
    return { ...row, liquidity: { fee: '0.0005', slippage: '0.001', liquidatorFee: FEE } };
  });

type Ordered = Extract<Message, { readonly type: 'liquidation.ordered' }>;

async function plansOf(world: World, accountId: string): Promise<Ordered[]> {
  const alerts = once(await world.alerts());
  return alerts.filter(
    (each): each is Ordered => each.type === 'liquidation.ordered' && each.accountId === accountId,
  );
}

const shown = (plans: readonly Ordered[]) =>
  plans.map(({ plan }) => [
    plan.opened?.seconds,
    plan.opened?.share,
    plan.orders[0]?.quantity,
    plan.orders[0]?.liquidatorFee,
  ]);

async function checkSlots(world: World, slots: readonly number[]): Promise<void> {
  for (const seconds of slots) {
    await world.quoteAt(seconds / 60);
    await checkSlot(world, seconds);
  }
}

describe('what opens with time', () => {
  it('opens at its second in checks every ten seconds, and replays', async () => {
    const world = await openWorld({
      market: marketWith({ liquidationShare: SHARE }),
      accounts: long('a', '9000'),
    });
    await checkSlots(world, [0, 10, 20, 30]);
    expect(shown(await plansOf(world, 'a'))).toEqual([
      [0, '0.1', '1', '0.01'],
      [10, '0.2', '2', '0.011'],
      [20, '0.2', '2', '0.012'],
      [30, '0.5', '5', '0.013'],
    ]);
    const stored = (await world.caseOf('a')) as Row;
    expect(stored.state).toMatchObject({ open: { plan: { generation: 4, since: at(0.5) } } });
    await expectInOrder(world);
  });

  it('counts from the same check in an event check', async () => {
    const world = await openEvents({
      market: marketWith({ liquidationShare: SHARE }),
      accounts: long('a', '9000'),
    });
    await world.quoteAt(0);
    await world.check(0);
    await change(world, [balance('a', '8999')], 12);
    ran(await world.event(at(12)));
    // The first check began 0.25 s after its time.
    expect(shown(await plansOf(world, 'a'))[1]?.slice(0, 2)).toEqual([11.75, '0.2']);
    await expectInOrder(world);
  });

  it('starts anew with a new case', async () => {
    const world = await openWorld({
      market: marketWith({ liquidationShare: SHARE }),
      accounts: long('a', '9000'),
    });
    await checkSlots(world, [0, 10]);
    await world.writeAccounts([balance('a', '90000')]);
    await checkSlots(world, [20]);
    await world.writeAccounts([balance('a', '9000')]);
    await checkSlots(world, [30, 40]);
    expect(shown(await plansOf(world, 'a')).map(([seconds]) => seconds)).toEqual([0, 10, 0, 10]);
    await expectInOrder(world);
  });

  it('swaps collateral for a loan in the decision, which replays', async () => {
    const loanSwap = {
      bonus: { points: [{ seconds: '0', value: '0.05' }] },
      closeFactor: '0.5',
      amount: 'most',
    };
    const world = await openWorld({
      market: marketWith({ loanSwap }),
      accounts: [balance('a', '1', 'BTC'), balance('a', '-5800')],
    });
    await checkSlots(world, [0]);
    const [message] = await plansOf(world, 'a');
    expect(message?.plan.orders).toEqual([]);
    const price = Number(message?.plan.swaps?.[0]?.collateralPrice);
    expect(message?.plan.swaps).toMatchObject([
      { collateral: 'BTC', loan: 'USD', repaid: '2900', bonus: '0.05', value: '2900.00' },
    ]);
    expect(Number(message?.plan.swaps?.[0]?.seized)).toBeCloseTo((2900 * 1.05) / price, 7);
    await expectInOrder(world);
  });
});
