import { describe, expect, it } from 'vitest';
import { recordedAmount, sumOf, textOf } from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { balance, long, MARKET } from './book.ts';
import { expectLedger, ledgerOf, meter } from './fund-book.ts';
import { type Call, inject, killAt, unharmed } from './injector.ts';
import { expectInOrder, once } from './invariants.ts';
import { failureOf, openWorld, type Row, World } from './world.ts';

const SHARING = MARKET.map((row) =>
  row.kind === 'policy' ? { ...row, lossSharing: 'haircut' } : row,
);
const BOOK = {
  market: [...SHARING, meter('seed', '100')],
  accounts: [
    balance('debtor', '-150'),
    balance('other', '-50.01'),
    balance('a', '100'),
    balance('b', '100'),
    balance('c', '100.009'),
    balance('mistyped', '25,000'),
    balance('stale', '1000', 'DOGE'),
  ],
};

const socialized = (messages: readonly Message[]) =>
  once(messages).flatMap((message) =>
    message.type === 'loss.socialized' && message.method === 'haircut' ? [message] : [],
  );

const total = (amounts: readonly string[]) => textOf(sumOf(amounts.map(recordedAmount)));

it('a shared loss is borne pro rata to equity, after the fund has paid', async () => {
  const world = await openWorld(BOOK);
  const { fund } = await world.check(0);
  expect(fund).toEqual({
    balance: '0',
    paidIn: '100',
    drawn: '100',
    shared: '100.01',
    uncovered: '0',
  });
  const [loss, ...more] = socialized(await world.alerts());
  expect(more).toEqual([]);
  expect(loss).toMatchObject({
    amount: '100.01',
    accounts: 4,
    excluded: 1,
    fraction: '0.286176209689',
    losses: [
      { accountId: 'debtor', amount: '50.00' },
      { accountId: 'other', amount: '50.01' },
    ],
    shares: [
      { accountId: 'a', amount: '28.61' },
      { accountId: 'b', amount: '28.62' },
      { accountId: 'c', amount: '28.62' },
      // Of half the believed price: as low as a stale price may have gone.
      { accountId: 'stale', amount: '14.16' },
    ],
  });
  expect(total(loss?.shares?.map(({ amount }) => amount) ?? [])).toBe('100.01');
  expect(socialized(await world.orders())).toEqual([loss]);
  const { claims, state } = await ledgerOf(world);
  expect(claims.map(({ socialized: shared, lossId }) => [shared, lossId])).toEqual([
    ['50', loss?.lossId],
    ['50.01', loss?.lossId],
  ]);
  expect(state?.losses).toBe(1);
  await expectLedger(world);
  await expectInOrder(world);
});

it('a loss is also shared under adl, once everything is closed', async () => {
  const world = await openWorld(BOOK);
  await world.writePolicy({ lossSharing: 'adl' });
  expect((await world.check(0)).fund).toMatchObject({ shared: '100.01', uncovered: '0' });
});

it('a loss stays with the venue if no account has equity', async () => {
  const world = await openWorld({ ...BOOK, accounts: [balance('debtor', '-150')] });
  expect((await world.check(0)).fund).toMatchObject({ drawn: '100', shared: '0', uncovered: '50' });
  expect(socialized(await world.alerts())).toEqual([]);
  await expectLedger(world);
});

it('a loss above all equity takes all of it, and the rest stays with the venue', async () => {
  const accounts = [balance('debtor', '-150'), balance('other', '-50.01'), balance('a', '60')];
  const world = await openWorld({ ...BOOK, accounts });
  expect((await world.check(0)).fund).toMatchObject({ shared: '60', uncovered: '40.01' });
  const { claims } = await ledgerOf(world);
  expect(claims.map(({ socialized: shared, uncovered }) => [shared, uncovered])).toEqual([
    ['50', '0'],
    ['10', '40.01'],
  ]);
  await expectLedger(world);
});

it('a share counts all equity of an account, including isolated positions', async () => {
  const isolated = { instrument: 'BTC-PERP', quantity: '1', entryPrice: '6000' };
  const accounts = [
    balance('debtor', '-200'),
    ...[balance('a', '100'), balance('b', '100')],
    { accountId: 'b', item: 'position#BTC-PERP', ...isolated, isolatedMargin: '3000' },
    ...long('z', '9000'),
  ];
  const world = await openWorld({ ...BOOK, accounts });
  await world.check(0);
  const [loss] = socialized(await world.alerts());
  expect(loss?.shares).toEqual([
    { accountId: 'a', amount: '3.12' },
    { accountId: 'b', amount: '96.88' },
  ]);
});

describe('a loss shared by thousands of accounts', () => {
  const accounts = Array.from({ length: 1050 }, (_, index) =>
    balance(`a${String(index).padStart(4, '0')}`, '1'),
  );

  it('is listed in pages of 500 shares, and not in the message', async () => {
    const world = await openWorld({ ...BOOK, accounts: [...accounts, balance('debtor', '-625')] });
    await world.check(0);
    const [loss] = socialized(await world.alerts());
    expect(loss).toMatchObject({ amount: '525.00', accounts: 1050, fraction: '0.5' });
    expect(loss).not.toHaveProperty('shares');
    const pages = (await world.margin()).filter(({ pk }) => pk === loss?.sharesAt.pk);
    expect(pages.map(({ sk }) => sk)).toEqual(['shares#000001', 'shares#000002', 'shares#000003']);
    expect(loss?.sharesAt.pages).toBe(3);
    const shares = pages.flatMap(({ shares: page }) => page as { amount: string }[]);
    expect(shares).toHaveLength(1050);
    expect(total(shares.map(({ amount }) => amount))).toBe('525');
    expect(pages.every(({ expiresAtSeconds }) => Number(expiresAtSeconds) > 0)).toBe(true);
  });
});

describe('a check that is killed after', async () => {
  const world = await World.start(BOOK);
  const run = inject(world.services, unharmed);
  await world.check(0, run);
  await world.close();
  const isOfTheFund = ({ input }: Call) => {
    const { pk } = (input.Item ?? input.Key ?? {}) as { pk?: { S: string } };
    return /^(fund|loss#)/.test(pk?.S ?? '');
  };
  const from = run.calls.findIndex(isOfTheFund);
  const calls = run.calls
    .slice(from)
    .filter(({ command }) => command !== 'GetItem')
    .map(({ index, command }) => ({ index, command }));

  it.each(calls)('call $index, $command, shares the loss once', async ({ index }) => {
    const killed = await openWorld(BOOK);
    const dying = killed.check(0, inject(killed.services, killAt(index, 'after')));
    await expect(dying).rejects.toThrow(/killed/i);
    await killed.checkAfresh(1);
    const [loss, ...more] = socialized(await killed.alerts());
    expect(more).toEqual([]);
    expect(loss?.amount).toBe('100.01');
    const named = (await killed.margin()).filter(({ pk }) => pk === loss?.sharesAt.pk);
    expect(named).toHaveLength(1);
    await expectLedger(killed);
    await expectInOrder(killed);
  });
});

it('a loss waits for a check that can read all accounts', async () => {
  const world = await openWorld(BOOK);
  let scans = 0;
  const noSecondScan = inject(world.services, (call, proceed) => {
    const isScan = call.command === 'Scan' && call.target === 'accounts';
    if (isScan && ++scans > 1) return Promise.reject(new Error('throttled'));
    return proceed();
  });
  const summary = await failureOf(world.check(0, noSecondScan));
  expect(summary.fund).toMatchObject({ balance: '100', drawn: '0', shared: '0' });
  expect(summary.errors[0]).toContain('the insurance fund: claims');
  expect((await world.checkAfresh(1)).fund).toMatchObject({ drawn: '100', shared: '100.01' });
  const rows: Row[] = await world.margin();
  expect(rows.filter(({ pk }) => String(pk).startsWith('loss#'))).toHaveLength(1);
  await expectLedger(world);
  await expectInOrder(world);
});
