/**
 * A check between two writes of a venue. The writer writes while the check waits for its second
 * read.
 */
import { describe, expect, it } from 'vitest';
import type { Stopwatch } from '../../lambda/aws/stopwatch.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { balance, long, MARKET, position } from './book.ts';
import { meter } from './fund-book.ts';
import { failing, inject } from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { checkIdOf, failureOf, openWorld, type Row, timeOf, type World } from './world.ts';

const profile = (accountId: string, row: Row = {}): Row => ({
  accountId,
  item: 'profile',
  marginModel: 'standard',
  ...row,
});

interface Waiting extends Stopwatch {
  /** Milliseconds, one entry a wait. */
  readonly waits: readonly number[];
}

/** A stopwatch that stands at 0, unless it waits, while `work` is done. */
function whileWaiting(work: () => Promise<void> = async () => undefined): Waiting {
  const waits: number[] = [];
  const wait = async (milliseconds: number) => {
    waits.push(milliseconds);
    await work();
  };
  return { now: () => waits.reduce((sum, each) => sum + each, 0), wait, waits };
}

const withheldIn = async (world: World) =>
  once(await world.alerts()).filter(({ type }) => type === 'liquidation.withheld');

const planned = (messages: readonly Message[]) =>
  once(messages).flatMap((each) => (each.type === 'liquidation.ordered' ? [each] : []));

/** A swap of 40,000 USD for 10 BTC, in two writes: between them the account has neither. */
const BETWEEN = long('swapping', '10');
const AFTER = balance('swapping', '10', 'BTC');

describe('an account between two writes', () => {
  it('is not liquidated, and is sound at the next check', async () => {
    const world = await openWorld({ accounts: BETWEEN });
    const stopwatch = whileWaiting(() => world.writeAccounts([AFTER]));
    await world.check(0, { stopwatch });
    expect(await world.orders()).toEqual([]);
    expect(await saidOf(world)).toEqual([
      'DOGE-USD oracle.rejected',
      'swapping liquidation.withheld',
    ]);
    const [withheld] = await withheldIn(world);
    expect(withheld).toMatchObject({
      severity: 'warning',
      reasons: [{ code: 'rows-changing', subject: 'swapping' }],
    });
    expect(withheld).not.toHaveProperty('caseId');
    await expectInOrder(world);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toHaveLength(2);
    expect(await world.openKeys()).not.toContain('account#swapping/case');
    await expectInOrder(world);
  });

  it('is liquidated at the next check if it is still short then', async () => {
    const world = await openWorld({ accounts: BETWEEN });
    const stopwatch = whileWaiting(() => world.writeAccounts([balance('swapping', '11')]));
    await world.check(0, { stopwatch });
    await world.checkAfresh(1);
    expect(planned(await world.orders())).toMatchObject([
      { accountId: 'swapping', checkId: checkIdOf(1), generation: 1 },
    ]);
    await expectInOrder(world);
  });

  it.each([
    ['a new row', [AFTER]],
    ['a changed row', [balance('swapping', '11')]],
    ['the mark', [profile('swapping', { changing: true })]],
    ['a changed attribute of a row', [position('swapping', { openSellQuantity: '1' })]],
  ])('is seen by %s', async (_, rows) => {
    const world = await openWorld({ accounts: BETWEEN });
    await world.check(0, { stopwatch: whileWaiting(() => world.writeAccounts(rows)) });
    expect(await saidOf(world)).toContain('swapping liquidation.withheld');
    expect(await world.orders()).toEqual([]);
  });

  it('is seen by a row that is gone', async () => {
    const world = await openWorld({ accounts: [...BETWEEN, balance('swapping', '-1', 'BTC')] });
    const repay = () => world.removeAccount('swapping', ['balance#BTC']);
    await world.check(0, { stopwatch: whileWaiting(repay) });
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world);
  });

  it.each([
    ['the same rows are written again', {}],
    ['a writer stamps its own attribute', { _writtenAt: '17' }],
  ])('is not seen where %s', async (_, stamp) => {
    const world = await openWorld({ accounts: BETWEEN });
    const again = BETWEEN.map((row) => ({ ...row, ...stamp }));
    await world.check(0, { stopwatch: whileWaiting(() => world.writeAccounts(again)) });
    expect(planned(await world.orders())).toHaveLength(1);
    await expectInOrder(world);
  });

  it('is not seen where a balance elsewhere is observed again', async () => {
    const location = { kind: 'location', id: 'chain', finalitySeconds: 900, pendingWeight: '0.5' };
    const at = (observedAt: number): Row => ({
      ...balance('swapping', '1'),
      item: 'balance#USD@chain',
      location: 'chain',
      observedAt,
    });
    const early = timeOf(0) - 9_000;
    const world = await openWorld({
      market: [...MARKET, location],
      accounts: [...BETWEEN, at(early)],
    });
    const observe = () => world.writeAccounts([at(early + 5_000)]);
    await world.check(0, { stopwatch: whileWaiting(observe) });
    expect(planned(await world.orders())).toHaveLength(1);
  });

  it('is seen as an isolated position, too', async () => {
    const isolated = (row: Row) =>
      position('isolated', { quantity: '-4', entryPrice: '5500', isolatedMargin: '2500', ...row });
    const world = await openWorld({ accounts: [balance('isolated', '1'), isolated({})] });
    const add = () => world.writeAccounts([isolated({ isolatedMargin: '9000' })]);
    await world.check(0, { stopwatch: whileWaiting(add) });
    expect(await saidOf(world)).toContain('isolated#BTC-PERP liquidation.withheld');
    await world.checkAfresh(1);
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world);
  });
});

describe('rows that change all the time', () => {
  it('hold a plan back for changingTimeoutSeconds; then it is made for the latest rows', async () => {
    const world = await openWorld({ accounts: long('trader', '12000') });
    let [quantity, entryPrice] = [10, '7000'];
    const trade = async () => {
      quantity -= 0.25;
      entryPrice = '7000';
      await world.writeAccounts([position('trader', { quantity: String(quantity), entryPrice })]);
    };
    await world.check(0, { stopwatch: whileWaiting(trade) });
    expect(await world.orders()).toEqual([]);
    await world.writeAccounts([balance('trader', '100')]);
    await world.quoteAt(1);
    await world.check(1, { stopwatch: whileWaiting(trade) });
    const [plan] = planned(await world.orders());
    expect(quantity).toBe(9.5);
    expect(plan).toMatchObject({ plan: { orders: [{ quantity: '9.5' }] } });
    expect(await withheldIn(world)).toHaveLength(1);
    await expectInOrder(world);
  });

  it('are forgotten where the latest rows need no plan', async () => {
    const world = await openWorld({ accounts: BETWEEN });
    await world.check(0, {
      stopwatch: whileWaiting(() => world.writeAccounts([balance('swapping', '11')])),
    });
    await world.quoteAt(1);
    await world.check(1, { stopwatch: whileWaiting(() => world.writeAccounts([AFTER])) });
    expect(await world.orders()).toEqual([]);
    expect(await world.openKeys()).not.toContain('account#swapping/case');
    await expectInOrder(world);
  });
});

describe('the mark in the profile', () => {
  const marked = [profile('marked', { changing: true }), ...long('marked', '12000')];

  it('holds a plan back without a second read, is said once, and does so for a minute', async () => {
    const world = await openWorld({ accounts: marked });
    const stopwatch = whileWaiting();
    await world.check(0, { stopwatch });
    expect(stopwatch.waits).toEqual([]);
    expect(await world.orders()).toEqual([]);
    await world.checkAfresh(0.5);
    expect(await withheldIn(world)).toHaveLength(1);
    expect(await world.orders()).toEqual([]);
    await world.checkAfresh(1);
    expect(planned(await world.orders())).toHaveLength(1);
    await expectInOrder(world);
  });

  it('that is taken away lets the plan go at the next check', async () => {
    const world = await openWorld({ accounts: marked });
    await world.check(0);
    await world.writeAccounts([profile('marked')]);
    await world.checkAfresh(0.5);
    expect(planned(await world.orders())).toHaveLength(1);
    await expectInOrder(world);
  });

  it('does not keep an account from being called', async () => {
    const world = await openWorld({
      accounts: [profile('called', { changing: true }), ...long('called', '14000')],
    });
    await world.check(0);
    expect(await saidOf(world)).toContain('called margin-call.issued');
  });

  it('that is no truth value makes the account indeterminate', async () => {
    const world = await openWorld({
      accounts: [profile('marked', { changing: 'yes' }), ...long('marked', '12000')],
    });
    await world.check(0);
    expect(await saidOf(world)).toContain('marked account.indeterminate');
  });
});

describe('the second read', () => {
  const books = (count: number) =>
    Array.from({ length: count }, (_, index) => long(`account-${index}`, '12000')).flat();

  it('waits once for all accounts of a lot, and not at all once a second has passed', async () => {
    const world = await openWorld({ accounts: books(70) });
    const stopwatch = whileWaiting();
    await world.check(0, { stopwatch });
    expect(stopwatch.waits, '70 accounts are two lots').toEqual([1000]);
    expect(planned(await world.orders())).toHaveLength(70);
  });

  it('waits for what is left of a second', async () => {
    const world = await openWorld({ accounts: books(1) });
    const stopwatch = whileWaiting();
    let time = 0;
    const now = () => {
      time += 300;
      return time;
    };
    await world.check(0, { stopwatch: { ...stopwatch, now } });
    expect(stopwatch.waits).toEqual([700]);
  });

  it('is not made where no plan is due', async () => {
    const world = await openWorld({ accounts: [...long('called', '14000')] });
    const through = inject(world.services, (_call, proceed) => proceed());
    const stopwatch = whileWaiting();
    await world.check(0, { ...through, stopwatch });
    expect(stopwatch.waits).toEqual([]);
    const reads = through.calls.filter(({ target, command }) => {
      return target === 'accounts' && command === 'Query';
    });
    expect(reads).toHaveLength(1);
  });

  it('that fails leaves its account for the next check, and no other', async () => {
    const world = await openWorld({ accounts: books(3) });
    let reads = 0;
    const isSecond = ({ input }: { readonly input: Readonly<Record<string, unknown>> }) =>
      JSON.stringify(input.ExpressionAttributeValues ?? '').includes('account-1') && ++reads === 2;
    const throttled = failing(isSecond, () => new Error('throttled'));
    const summary = await failureOf(world.check(0, inject(world.services, throttled)));
    expect(summary).toMatchObject({ accounts: 3, failed: 1 });
    expect(summary.errors).toEqual(['account#account-1/case: Error: throttled']);
    const orders = planned(await world.orders());
    expect(orders.map(({ accountId }) => accountId).sort()).toEqual(['account-0', 'account-2']);
    await world.checkAfresh(1);
    expect(planned(await world.orders())).toHaveLength(3);
    await expectInOrder(world);
  });
});

describe('the deleveraging of an account', () => {
  const market = [
    ...MARKET.filter(({ id }) => id !== 'DOGE').map((row) =>
      row.kind === 'policy' ? { ...row, lossSharing: 'adl' } : row,
    ),
    meter('seed', '400'),
  ];
  const accounts = [
    ...long('bankrupt', '9000'),
    balance('ahead', '10000'),
    position('ahead', { quantity: '-10', entryPrice: '7000' }),
  ];
  const deleveraged = async (world: World) =>
    once(await world.alerts()).filter(({ type }) => type === 'loss.socialized');

  it('waits with its plan when two reads differ, and goes with the plan that no longer waits', async () => {
    const world = await openWorld({ accounts, market });
    let usd = 9000;
    const pay = () => world.writeAccounts([balance('bankrupt', String(++usd))]);
    await world.check(0, { stopwatch: whileWaiting(pay) });
    expect(await deleveraged(world)).toEqual([]);
    await world.checkAfresh(1);
    expect(await deleveraged(world)).toHaveLength(1);
    await expectInOrder(world);
  });

  it('is not decided on rows that have changed since, though the plan is', async () => {
    const world = await openWorld({ accounts, market });
    let usd = 9000;
    const pay = () => world.writeAccounts([balance('bankrupt', String(++usd))]);
    await world.check(0, { stopwatch: whileWaiting(pay) });
    await world.quoteAt(1);
    await world.check(1, { stopwatch: whileWaiting(pay) });
    expect(await deleveraged(world)).toEqual([]);
    expect(planned(await world.orders())).toMatchObject([
      { plan: { orders: [{ quantity: '10' }] } },
    ]);
    await expectInOrder(world);
  });

  it('waits for a mark', async () => {
    const world = await openWorld({
      accounts: [...accounts, profile('bankrupt', { changing: true })],
      market,
    });
    await world.check(0);
    expect(await deleveraged(world)).toEqual([]);
    expect(await saidOf(world)).toEqual(['bankrupt liquidation.withheld']);
    await world.checkAfresh(1);
    expect(await deleveraged(world)).toHaveLength(1);
    await expectInOrder(world);
  });
});
