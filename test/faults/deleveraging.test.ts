/**
 * The counterparties take over the share of a deficit that the fund cannot pay, before any of it is
 * traded in the market.
 */
import { describe, expect, it } from 'vitest';
import {
  add,
  amount,
  negate,
  price,
  quantity,
  subtract,
  textOf,
  worth,
} from '../../lambda/margin/number/decimal.ts';
import { COUNTERPARTIES_MAX } from '../../lambda/margin/number/limits.ts';
import type { DeleveragingMessage, Message } from '../../lambda/messages/messages.ts';
import { balance, long, MARKET, PRICES, position } from './book.ts';
import { expectLedger, meter } from './fund-book.ts';
import { type Call, inject, killAt, turnstile, unharmed } from './injector.ts';
import { expectInOrder, once, unpack } from './invariants.ts';
import { CLOCK_LAG_MS, eventAt, failureOf, openWorld, type Row, timeOf, World } from './world.ts';

const short = (accountId: string, usd: string, entryPrice: string, row: Row = {}) => [
  balance(accountId, usd),
  position(accountId, { quantity: '-4', entryPrice, ...row }),
];

/** Owes 1,000 at 6,000: 10 BTC-PERP bought at 7,000, with 9,000 paid in. */
const BANKRUPT = long('bankrupt', '9000');
/** In profit by 4,000 and by 2,000, so the first ranks before the second. */
const SHORTS = [...short('ahead', '10000', '7000'), ...short('behind', '10000', '6500')];

const marketWith = (fund: string, policy: Row = {}, instrument: Row = {}): Row[] => [
  ...MARKET.filter(({ id }) => id !== 'DOGE').map((row) => {
    if (row.kind === 'policy') {
      return { ...row, lossSharing: 'adl', uncertainty: 'none', ...policy };
    }
    return row.kind === 'instrument' ? { ...row, ...instrument } : row;
  }),
  meter('seed', fund),
];

const openWith = (fund: string, accounts: readonly Row[], policy: Row = {}, instrument: Row = {}) =>
  openWorld({ market: marketWith(fund, policy, instrument), accounts });

const BOOK = [...BANKRUPT, ...SHORTS];

type Ordered = Extract<Message, { readonly type: 'liquidation.ordered' }>;

const deleveragingsIn = (messages: readonly Message[]): DeleveragingMessage[] =>
  once(messages).filter(
    (message): message is DeleveragingMessage =>
      message.type === 'loss.socialized' && message.method === 'adl',
  );
const plansIn = (messages: readonly Message[]): Ordered[] =>
  once(messages).filter((message): message is Ordered => message.type === 'liquidation.ordered');

const takenBy = ({ counterparties }: DeleveragingMessage) =>
  counterparties.map(({ accountId, quantity: taken }) => [accountId, taken]);

describe('a deficit of 1,000 and a fund of 400', () => {
  it('deleverages six tenths at the bankruptcy price, by rank, and orders the rest', async () => {
    const world = await openWith('400', BOOK);
    await world.check(0);
    const [deleveraging, ...more] = deleveragingsIn(await world.alerts());
    const [plan, ...others] = plansIn(await world.alerts());
    expect([more, others]).toEqual([[], []]);
    expect(deleveraging).toMatchObject({
      severity: 'critical',
      amount: '600.00',
      accountId: 'bankrupt',
      planId: plan?.planId,
      lossId: `${plan?.planId}/BTC-PERP`,
      expiresAt: plan?.expiresAt,
      market: 'BTC-PERP',
      side: 'sell',
      price: '6100',
      quantity: '6',
      counterparties: [
        { accountId: 'ahead', quantity: '4', score: '0.244897959183' },
        { accountId: 'behind', quantity: '2', score: '0.153846153846' },
      ],
    });
    expect(plan?.plan.orders).toMatchObject([{ market: 'BTC-PERP', side: 'sell', quantity: '4' }]);
    expect(plan?.plan).toMatchObject({ scope: 'whole' });
    expect(plan?.plan.why).toContain('goes to counterparties');
    const orders = await world.orders();
    expect(orders.map(({ type }) => type)).toEqual(['loss.socialized', 'liquidation.ordered']);
    expect(orders).toEqual([deleveraging, plan]);
    await expectInOrder(world);
  });

  it('is no larger than what is owed at every price within the uncertainty', async () => {
    const amountOf = async (uncertainty: string) => {
      const world = await openWith('400', BOOK, { uncertainty });
      await world.check(0);
      return Number(deleveragingsIn(await world.alerts())[0]?.amount);
    };
    const [surely, atPoint] = [await amountOf('standard'), await amountOf('none')];
    expect(surely).toBeGreaterThan(0);
    expect(surely).toBeLessThan(atPoint);
  });

  it('leaves a debt equal to the fund, and the counterparties give up the rest', async () => {
    const world = await openWith('400', BOOK);
    await world.check(0);
    const [deleveraging] = deleveragingsIn(await world.alerts());
    if (deleveraging === undefined) throw new Error('nothing was deleveraged');
    const at = price(deleveraging.price);
    const gain = (held: string, from: string, to = at) =>
      worth(quantity(held), subtract(to, price(from)));
    const market = gain('4', '7000', price('6000'));
    const left = add(amount('9000'), add(gain(deleveraging.quantity, '7000'), market));
    expect(textOf(left)).toBe('-400');
    const given = deleveraging.counterparties.map(({ quantity: taken }) => gain(taken, '6000'));
    expect(given.map(textOf)).toEqual(['400', '200']);

    await world.removeAccount('bankrupt', ['position#BTC-PERP']);
    await world.removeAccount('ahead', ['position#BTC-PERP']);
    await world.writeAccounts([
      balance('bankrupt', textOf(left)),
      balance('ahead', textOf(add(amount('10000'), negate(gain('4', '7000'))))),
      balance('behind', textOf(add(amount('10000'), negate(gain('2', '6500'))))),
      position('behind', { quantity: '-2', entryPrice: '6500' }),
    ]);
    const { fund } = await world.checkAfresh(11);
    expect(fund).toMatchObject({ balance: '0', drawn: '400', shared: '0', uncovered: '0' });
    expect(deleveragingsIn(await world.alerts())).toHaveLength(1);
    await expectLedger(world);
  });

  it('keeps the deleveraging in the record, and replays from it', async () => {
    const world = await openWith('400', BOOK);
    await world.check(0);
    const [record] = (await world.margin()).filter(({ record: kept }) => kept !== undefined);
    const { evidence } = unpack(record as never);
    expect(evidence.handovers).toMatchObject([
      { market: 'BTC-PERP', price: '6100', amount: '600' },
    ]);
    expect(JSON.stringify(evidence.accounts)).not.toContain('ahead');
    await expectInOrder(world);
  });

  it('is deleveraged again only when a plan is due again, and then replaces the first', async () => {
    const world = await openWith('400', BOOK);
    for (const minute of [0, 1, 9]) await world.checkAfresh(minute);
    expect(deleveragingsIn(await world.alerts())).toHaveLength(1);
    await world.checkAfresh(11);
    const [first, second] = deleveragingsIn(await world.alerts());
    const [, plan] = plansIn(await world.alerts());
    expect(second?.planId).toBe(plan?.planId);
    expect(plan?.supersedes).toBe(first?.planId);
    expect(takenBy(second as DeleveragingMessage)).toEqual(takenBy(first as DeleveragingMessage));
    await expectInOrder(world);
  });
});

describe('deleveraging', () => {
  it('takes nothing if the fund has enough', async () => {
    const world = await openWith('1000', BOOK);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())).toEqual([]);
    const [plan] = plansIn(await world.alerts());
    expect(plan?.plan.orders).toMatchObject([{ quantity: '10' }]);
    expect(plan?.plan.why).not.toContain('counterparties');
    await expectInOrder(world);
  });

  it.each([
    ['haircut', { lossSharing: 'haircut' }],
    ['none', { lossSharing: 'none' }],
    ['mode observe', { mode: 'observe' }],
    ['halt', { halt: true }],
  ])('takes nothing under %s', async (_, policy) => {
    const world = await openWith('400', BOOK, policy);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())).toEqual([]);
    await expectInOrder(world);
  });

  it('takes everything if the fund is empty: the plan has no orders, and nothing is claimed', async () => {
    const shorts = [...SHORTS, ...short('last', '10000', '6100')];
    const world = await openWith('0', [...BANKRUPT, ...shorts]);
    await world.check(0);
    const [deleveraging] = deleveragingsIn(await world.alerts());
    expect(deleveraging).toMatchObject({ price: '6100', quantity: '10', amount: '1000.00' });
    const [plan] = plansIn(await world.alerts());
    expect(plan?.plan).toMatchObject({ scope: 'whole', orders: [] });
    expect((await world.alerts()).map(({ type }) => type)).not.toContain('fund.drawn');
    await expectInOrder(world);
  });

  it('takes nothing if nobody holds the other side; the debt is claimed and shared', async () => {
    const world = await openWith('400', [...BANKRUPT, ...long('same', '40000')]);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())).toEqual([]);
    expect(plansIn(await world.alerts())[0]?.plan.orders).toMatchObject([{ quantity: '10' }]);
    await world.removeAccount('bankrupt', ['position#BTC-PERP']);
    await world.writeAccounts([balance('bankrupt', '-1000')]);
    const { fund } = await world.checkAfresh(11);
    expect(fund).toMatchObject({ drawn: '400', shared: '600' });
    await expectInOrder(world);
  });

  it('takes no more than the counterparties hold', async () => {
    const world = await openWith('400', [...BANKRUPT, ...short('only', '10000', '6500')]);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())[0]).toMatchObject({
      quantity: '4',
      amount: '400.00',
    });
    expect(plansIn(await world.alerts())[0]?.plan.orders).toMatchObject([{ quantity: '6' }]);
    await expectInOrder(world);
  });

  it('takes whole lots, or rounds to the last decimal place without a lot size', async () => {
    const lots = await openWith('450', BOOK, {}, { lotSize: '2' });
    await lots.check(0);
    expect(deleveragingsIn(await lots.alerts())[0]).toMatchObject({ quantity: '4' });
    expect(plansIn(await lots.alerts())[0]?.plan.orders).toMatchObject([{ quantity: '6' }]);
    const places = await openWith('333.33', BOOK);
    await places.check(0);
    const [deleveraging] = deleveragingsIn(await places.alerts());
    expect(deleveraging).toMatchObject({ quantity: '6.6667', amount: '666.67' });
    await expectInOrder(lots);
    await expectInOrder(places);
  });

  it('never goes to an account below the liquidation line, bankrupt or indeterminate', async () => {
    const world = await openWith('400', [
      ...BANKRUPT,
      ...short('breached', '1000', '6000'),
      ...short('owing', '-7000', '7500'),
      ...[balance('unknown', '1000', 'ETH'), ...short('unknown', '10000', '7000').slice(1)],
      ...short('sound', '10000', '6000'),
    ]);
    await world.check(0);
    const [deleveraging] = deleveragingsIn(await world.alerts()).filter(
      ({ accountId }) => accountId === 'bankrupt',
    );
    expect(takenBy(deleveraging as DeleveragingMessage)).toEqual([['sound', '4']]);
  });

  it('goes to no more counterparties than a message names, and the rest is traded', async () => {
    const shorts = Array.from({ length: COUNTERPARTIES_MAX + 50 }, (_, index) =>
      short(`s${index}`, '1000', '6500', { quantity: '-0.02' }),
    );
    const world = await openWith('0', [...BANKRUPT, ...shorts.flat()]);
    await world.check(0);
    const [deleveraging] = deleveragingsIn(await world.alerts());
    expect(deleveraging?.counterparties).toHaveLength(COUNTERPARTIES_MAX);
    expect(deleveraging).toMatchObject({ quantity: '4', amount: '400.00' });
    expect(plansIn(await world.alerts())[0]?.plan.orders).toMatchObject([{ quantity: '6' }]);
    await expectInOrder(world);
  });

  it('may take an isolated position, and may go to one', async () => {
    const isolated = { isolatedMargin: '9000', label: 'x' };
    const world = await openWith('400', [
      ...[balance('bankrupt', '50000'), position('bankrupt', isolated)],
      position('ahead', { quantity: '-8', entryPrice: '7000', isolatedMargin: '10000' }),
    ]);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())).toMatchObject([
      {
        position: 'BTC-PERP#x',
        quantity: '6',
        counterparties: [{ accountId: 'ahead', position: 'BTC-PERP', quantity: '6' }],
      },
    ]);
    await expectInOrder(world);
  });
});

it('deleveraging never goes to another book of its owner, which may serve others', async () => {
  const isolated = { isolatedMargin: '9000', label: 'x' };
  const own = position('bankrupt', { quantity: '-4', entryPrice: '7500' });
  const world = await openWith('400', [
    ...[balance('bankrupt', '50000'), position('bankrupt', isolated), own],
    ...short('ahead', '10000', '7000', { quantity: '-8' }),
  ]);
  await world.check(0);
  const [only, ...more] = deleveragingsIn(await world.alerts());
  expect(more).toEqual([]);
  expect(only).toMatchObject({ position: 'BTC-PERP#x', quantity: '6' });
  expect(only && takenBy(only)).toEqual([['ahead', '6']]);

  const both = await openWith('400', [
    ...[balance('bankrupt', '50000'), position('bankrupt', isolated), own],
    ...long('larger', '8500'),
  ]);
  await both.check(0);
  const deleveragings = deleveragingsIn(await both.alerts());
  expect(deleveragings.map((each) => [each.accountId, takenBy(each)])).toEqual([
    ['larger', [['bankrupt', '4']]],
  ]);
  await expectInOrder(both);
});

it('deleveraging ignores a debt that the fund has paid and the venue has not credited yet', async () => {
  const world = await openWith('400', [balance('bankrupt', '-1000'), ...SHORTS]);
  expect((await world.check(0)).fund).toMatchObject({ drawn: '400', shared: '600' });
  await world.writeMarket([meter('seed', '800')]);
  await world.writeAccounts(long('bankrupt', '8000'));
  await world.checkAfresh(1);
  expect(deleveragingsIn(await world.alerts())).toMatchObject([
    { quantity: '6', price: '6100', amount: '600.00' },
  ]);
  await expectInOrder(world);
});

describe('several bankrupt accounts', () => {
  const LARGER = long('larger', '8500');
  const MANY = [...BANKRUPT, ...LARGER, ...SHORTS, ...short('last', '10000', '6100')];

  it('draw on the fund with the largest deficit first, and no quantity is taken twice', async () => {
    const world = await openWith('1500', MANY);
    await world.check(0);
    const deleveragings = deleveragingsIn(await world.alerts());
    expect(deleveragings).toMatchObject([{ accountId: 'bankrupt', quantity: '10', price: '6100' }]);

    const poorer = await openWith('750', MANY);
    await poorer.check(0);
    const both = deleveragingsIn(await poorer.alerts());
    const taken = new Map(both.map((each) => [each.accountId, takenBy(each)]));
    expect(taken.get('larger')).toEqual([
      ['ahead', '4'],
      ['behind', '1'],
    ]);
    expect(taken.get('bankrupt')).toEqual([
      ['behind', '3'],
      ['last', '4'],
    ]);
    await expectInOrder(poorer);
  });

  it('use up the fund while their plans are under way, as if they were due', async () => {
    const world = await openWith('1500', [...LARGER, ...SHORTS]);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())).toEqual([]);
    await world.writeAccounts(BANKRUPT);
    await world.checkAfresh(1);
    expect(deleveragingsIn(await world.alerts())).toMatchObject([{ accountId: 'bankrupt' }]);
    await expectInOrder(world);
  });

  it('are not paid first for a debt that still has collateral to be sold', async () => {
    const debtor = [balance('debtor', '-6300'), balance('debtor', '1', 'BTC')];
    const world = await openWith('400', [...BOOK, ...debtor]);
    await world.check(0);
    expect(deleveragingsIn(await world.alerts())).toMatchObject([{ quantity: '6' }]);
    await expectInOrder(world);
  });

  it('are paid first if they have nothing left to close', async () => {
    const world = await openWith('400', [...BOOK, balance('debtor', '-400')]);
    const { fund } = await world.check(0);
    expect(fund).toMatchObject({ drawn: '400', balance: '0' });
    expect(deleveragingsIn(await world.alerts())).toMatchObject([{ quantity: '8' }]);
    await expectInOrder(world);
  });
});

it('deleveraging waits for a check that can read all accounts; the plan does not wait', async () => {
  const world = await openWith('400', BOOK);
  let scans = 0;
  const noSecondScan = inject(world.services, (call, proceed) => {
    const isScan = call.command === 'Scan' && call.target === 'accounts';
    if (isScan && ++scans > 1) return Promise.reject(new Error('throttled'));
    return proceed();
  });
  const summary = await failureOf(world.check(0, noSecondScan));
  expect(summary.errors[0]).toContain('auto-deleveraging');
  expect(deleveragingsIn(await world.alerts())).toEqual([]);
  expect(plansIn(await world.alerts())[0]?.plan.orders).toMatchObject([{ quantity: '10' }]);
  await expectInOrder(world);
});

it('neither the fund nor the accounts are read again if nothing is in deficit', async () => {
  const world = await openWith('400', [...SHORTS, ...long('liquidated', '12000')]);
  const run = inject(world.services, unharmed);
  await world.check(0, run);
  expect(
    run.calls.filter(({ command, target }) => command === 'Scan' && target === 'accounts'),
  ).toHaveLength(1);
});

it('an expired deleveraging is withdrawn with its plan and never sent', async () => {
  const world = await openWith('400', BOOK, { planExpirySeconds: 60 });
  const noOrders = inject(world.services, (call, proceed) =>
    call.target === 'liquidation-orders.fifo' ? Promise.reject(new Error('down')) : proceed(),
  );
  await failureOf(world.check(0, noOrders));
  await world.writeMarket(marketWith('5000', { planExpirySeconds: 60 }));
  await world.checkAfresh(2);
  expect(deleveragingsIn(await world.alerts())).toHaveLength(1);
  expect(deleveragingsIn(await world.orders())).toEqual([]);
  await expectInOrder(world, { withdrawn: 1 });
});

describe('two simultaneous runs', () => {
  it.each([1, 2, 3, 4])('deleverage once: seed %i', async (seed) => {
    const world = await openWith('400', BOOK);
    const enter = turnstile(seed);
    const clock = timeOf(0.5) + CLOCK_LAG_MS;
    const runs = (seed % 2 === 0 ? [0, 0.5] : [0.5, 0]).map((minute) =>
      world
        .handle(eventAt(minute), clock, inject(world.services, enter()))
        .catch((error: Error) => expect(error.message).toContain('Overtaken')),
    );
    await Promise.all(runs);
    await world.checkAfresh(1);
    const deleveragings = deleveragingsIn(await world.orders());
    expect(deleveragings).toMatchObject([{ quantity: '6', price: '6100' }]);
    expect(plansIn(await world.orders())).toMatchObject([{ planId: deleveragings[0]?.planId }]);
    await expectInOrder(world);
  });
});

describe('a check that is killed after', async () => {
  const world = await World.start({ market: marketWith('400'), accounts: BOOK });
  const run = inject(world.services, unharmed);
  await world.check(0, run);
  await world.close();
  const isLasting = ({ command }: Call) => command === 'PutItem' || command === 'PublishBatch';
  const calls = run.calls.filter(isLasting).map(({ index, command }) => ({ index, command }));

  it.each(calls)('call $index, $command, deleverages once', async ({ index }) => {
    const killed = await openWith('400', BOOK);
    const dying = killed.check(0, inject(killed.services, killAt(index, 'after')));
    await expect(dying).rejects.toThrow(/killed/i);
    await killed.checkAfresh(1, PRICES);
    const [deleveraging, ...more] = deleveragingsIn(await killed.orders());
    expect(more).toEqual([]);
    expect(deleveraging).toMatchObject({ quantity: '6', price: '6100', amount: '600.00' });
    expect(deleveragingsIn(await killed.alerts())).toEqual([deleveraging]);
    await expectInOrder(killed);
  });
});
