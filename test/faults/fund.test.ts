import { describe, expect, it } from 'vitest';
import { balance, MARKET } from './book.ts';
import { expectLedger, FUND_ACCOUNTS, FUND_MARKET, ledgerOf, meter } from './fund-book.ts';
import {
  type Call,
  failing,
  holdAt,
  inject,
  isPublication,
  killAt,
  type Moment,
  turnstile,
  unharmed,
} from './injector.ts';
import { expectInOrder, once, saidOf } from './invariants.ts';
import { CLOCK_LAG_MS, eventAt, failureOf, openWorld, timeOf, World } from './world.ts';

const BOOK = { market: FUND_MARKET, accounts: FUND_ACCOUNTS };
const SAID = [
  'DOGE-USD oracle.rejected',
  'debtor deficit.detected',
  'debtor fund.drawn',
  'mistyped account.indeterminate',
  'other deficit.detected',
  'other fund.drawn',
].sort();

async function callsOf(): Promise<readonly Call[]> {
  const world = await World.start(BOOK);
  try {
    const run = inject(world.services, unharmed);
    await world.check(0, run);
    return run.calls;
  } finally {
    await world.close();
  }
}

const pkOf = ({ input }: Call) => ((input.Item ?? {}) as { pk?: { S: string } }).pk?.S ?? '';
const writesFund = (call: Call) => call.command === 'PutItem' && pkOf(call) === 'fund';

const all = await callsOf();
/** Calls from the first claim on. Earlier kills are tested in killed-run.test.ts. */
const first = all.findIndex((call) => call.command === 'PutItem' && /^account#/.test(pkOf(call)));
const calls = all.slice(first).map(({ index, command, target }) => ({
  index,
  call: `${command} ${target}`,
}));

async function expectPaid(world: World, more: readonly string[] = []): Promise<void> {
  expect(await saidOf(world)).toEqual([...SAID, ...more].sort());
  await expectLedger(world);
  const { state, claims } = await ledgerOf(world);
  expect(state?.balance).toBe('0');
  const total = claims.reduce((sum, { drawn }) => sum + Number(drawn), 0);
  expect(total).toBe(600);
  await expectInOrder(world);
}

it('the fund pays the oldest claim first, then by account, until its balance is 0', async () => {
  const world = await openWorld(BOOK);
  const { fund } = await world.check(0);
  expect(fund).toEqual({
    balance: '0',
    paidIn: '600',
    drawn: '600',
    shared: '0',
    uncovered: '200.24',
  });
  const { claims } = await ledgerOf(world);
  expect(
    claims.map(({ accountId, amount, drawn, uncovered }) => [accountId, amount, drawn, uncovered]),
  ).toEqual([
    ['debtor', '500', '500', '0'],
    ['other', '300.24', '100', '200.24'],
  ]);
  await expectPaid(world);
  const again = await world.checkAfresh(1);
  expect(again.fund).toEqual({
    balance: '0',
    paidIn: '0',
    drawn: '0',
    shared: '0',
    uncovered: '0',
  });
  await expectPaid(world);
});

describe.each<Moment>(['before', 'after'])('a check that is killed %s', (moment) => {
  it.each(calls)(
    'call $index, $call, leaves every claim paid once by the next check',
    async ({ index }) => {
      const world = await openWorld(BOOK);
      await expect(world.check(0, inject(world.services, killAt(index, moment)))).rejects.toThrow(
        /killed/i,
      );
      await world.checkAfresh(1);
      await expectPaid(world);
    },
  );
});

describe('simultaneous runs', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'from neighbouring events book everything once: seed %i',
    async (seed) => {
      const world = await openWorld(BOOK);
      const enter = turnstile(seed);
      const clock = timeOf(0.5) + CLOCK_LAG_MS;
      const minutes = seed % 2 === 0 ? [0, 0.5] : [0.5, 0];
      const runs = minutes.map((minute) =>
        world.handle(eventAt(minute), clock, inject(world.services, enter())),
      );
      await Promise.allSettled(runs);
      await world.checkAfresh(1);
      await expectPaid(world);
    },
  );

  it('book nothing in the older run if it reaches the fund after the newer one', async () => {
    const world = await openWorld(BOOK);
    const held = holdAt(writesFund);
    const old = world.check(0, inject(world.services, held.intercept));
    await held.arrived;
    await world.checkAfresh(1);
    held.letGo();
    const summary = await old;
    expect(summary.fund).toMatchObject({ paidIn: '0', drawn: '0' });
    await expectPaid(world);
  });
});

describe('an outage of SNS', () => {
  it('does not stop the fund from booking, and its messages are published later', async () => {
    const world = await openWorld(BOOK);
    const down = failing(isPublication, () => new Error('SNS is down'));
    const summary = await failureOf(world.check(0, inject(world.services, down)));
    expect(summary.fund).toMatchObject({ drawn: '600', uncovered: '200.24' });
    const entries = (await ledgerOf(world)).entries;
    expect(entries.map(({ kind }) => kind)).toEqual(['paid-in', 'paid-in', 'drawn', 'drawn']);
    expect(await world.alerts()).toEqual([]);
    await world.checkAfresh(1);
    await expectPaid(world);
  });
});

describe('an outage of SNS while hundreds of accounts claim', () => {
  const debtors = Array.from({ length: 450 }, (_, index) => balance(`d${index}`, '-1'));

  it('leaves the claims that do not fit into the item in their cases, and loses none', async () => {
    const world = await openWorld({ market: FUND_MARKET, accounts: debtors });
    const down = failing(isPublication, () => new Error('SNS is down'));
    await failureOf(world.check(0, inject(world.services, down)));
    expect((await ledgerOf(world)).claims).toHaveLength(400);
    await failureOf(world.check(1, inject(world.services, down)));
    expect((await ledgerOf(world)).claims).toHaveLength(400);
    expect((await world.checkAfresh(2)).fund).toMatchObject({ balance: '150', drawn: '50' });
    await expectLedger(world);
  });
});

describe('a lost answer', () => {
  const nth = (isOf: (call: Call) => boolean) => {
    let isHit = false;
    return (call: Call) => {
      if (isHit || !isOf(call)) return false;
      isHit = true;
      return true;
    };
  };

  it('to the booking of claims is recognised as the run’s own write', async () => {
    const world = await openWorld(BOOK);
    let writes = 0;
    const isSecond = nth(({ command, input }) => {
      const { pk, sk } = (input.Item ?? {}) as Record<string, { S: string }>;
      if (command === 'PutItem' && pk?.S === 'fund' && sk?.S === 'balance') writes++;
      return writes === 3;
    });
    const run = inject(world.services, async (call, proceed) => {
      if (!isSecond(call)) return proceed();
      await proceed();
      return proceed();
    });
    const summary = await world.check(0, run);
    expect(summary.fund).toMatchObject({ drawn: '600', uncovered: '200.24' });
    await expectPaid(world);
  });
});

it('a repeated event books nothing in the fund', async () => {
  const world = await openWorld(BOOK);
  await world.check(0);
  const before = await world.margin();
  expect(await world.check(0)).toHaveProperty('skipped');
  expect(await world.margin()).toEqual(before);
  await expectPaid(world);
});

describe('mode observe, or halt', () => {
  it.each([{ mode: 'observe' }, { halt: true }])(
    'claims nothing but still books meters: %o',
    async (policy) => {
      const world = await openWorld(BOOK);
      await world.writePolicy(policy);
      const { fund } = await world.check(0);
      expect(fund).toMatchObject({ balance: '600', paidIn: '600', drawn: '0', uncovered: '0' });
      const { claims } = await ledgerOf(world);
      expect(claims).toEqual([]);
      expect(await saidOf(world)).toContain('debtor liquidation.withheld');
      await expectLedger(world);
    },
  );

  it('keeps what was claimed before a halt waiting until the halt is lifted', async () => {
    const world = await openWorld(BOOK);
    const noFund = failing(writesFund, () => new Error('no write'));
    await failureOf(world.check(0, inject(world.services, noFund)));
    await world.writePolicy({ halt: true });
    expect((await world.checkAfresh(1)).fund).toMatchObject({ paidIn: '600', drawn: '0' });
    await world.writePolicy({});
    await world.checkAfresh(2);
    const withheld = ['debtor liquidation.withheld', 'other liquidation.withheld'];
    const changed = Array<string>(2).fill('policy operator.changed');
    await expectPaid(world, [...withheld, ...changed]);
  });
});

describe('fund meters', () => {
  it('are booked by their change: up, down, removed, restored, and malformed', async () => {
    const world = await openWorld({ market: FUND_MARKET, accounts: [] });
    const paidIn = async (minute: number) => (await world.checkAfresh(minute)).fund;
    expect(await paidIn(0)).toMatchObject({ balance: '600', paidIn: '600' });
    await world.writeMarket([meter('seed', '650.005')]);
    expect(await paidIn(1)).toMatchObject({ balance: '750', paidIn: '150' });
    await world.writeMarket([meter('seed', '150.005')]);
    expect(await paidIn(2)).toMatchObject({ balance: '250', paidIn: '-500' });
    await world.removeMarket('fund', 'seed');
    expect(await paidIn(3)).toMatchObject({ balance: '250', paidIn: '0' });
    await world.writeMarket([meter('seed', '1,000')]);
    const summary = await world.checkAfresh(4);
    expect(summary.fund).toMatchObject({ balance: '250', paidIn: '0' });
    expect(summary.marketFaults[0]).toContain('market fund/seed: total must be a decimal');
    await world.writeMarket([meter('seed', '150.005')]);
    expect(await paidIn(5)).toMatchObject({ balance: '250', paidIn: '0' });
    await expectLedger(world);
  });

  it('are refused if they fall by more than the fund holds, until they are corrected', async () => {
    const world = await openWorld({ market: FUND_MARKET, accounts: [] });
    await world.check(0);
    await world.writeMarket([meter('seed', '-100')]);
    const refused = await world.checkAfresh(1);
    expect(refused.fund).toMatchObject({ balance: '600', paidIn: '0' });
    expect(refused.marketFaults).toEqual([
      'market fund/seed: its total fell by more than the insurance fund holds. The fall is not booked ' +
        'until the total is raised again, or the missing amount is paid into the fund',
    ]);
    await world.writeMarket([meter('seed', '-99.995')]);
    expect((await world.checkAfresh(2)).fund).toMatchObject({ balance: '0', paidIn: '-600' });
    await expectLedger(world);
  });

  it('can move money from one source to another within one check', async () => {
    const world = await openWorld({ market: FUND_MARKET, accounts: [] });
    await world.check(0);
    await world.writeMarket([meter('liquidation-fees', '0'), meter('vault', '99.995')]);
    expect((await world.checkAfresh(1)).fund).toMatchObject({ balance: '600', paidIn: '0' });
    expect((await ledgerOf(world)).entries.slice(2).map(({ amount }) => amount)).toEqual([
      '99.995',
      '-99.995',
    ]);
    await expectLedger(world);
  });

  it('are booked in several batches if there are many sources', async () => {
    const many = Array.from({ length: 230 }, (_, index) => meter(`source-${index}`, '0.01'));
    const world = await openWorld({ market: [...FUND_MARKET, ...many], accounts: [] });
    expect((await world.check(0)).fund).toMatchObject({ balance: '602.3', paidIn: '602.3' });
    expect((await ledgerOf(world)).entries).toHaveLength(232);
    await expectLedger(world);
  });
});

describe('a claim on the fund', () => {
  const rich = meter('seed', '10000');
  const open = () =>
    openWorld({ market: [...MARKET, rich], accounts: [balance('debtor', '-500')] });
  const drawnOf = async (world: World) =>
    once(await world.alerts()).flatMap((message) =>
      message.type === 'fund.drawn' ? [[message.claimId.split('#')[1], message.drawn]] : [],
    );

  it('is made once, however late the venue credits it, and then the case ends', async () => {
    const world = await open();
    await world.check(0);
    await world.checkAfresh(1);
    await world.checkAfresh(2);
    expect(await drawnOf(world)).toEqual([['1', '500.00']]);
    await world.writeAccounts([balance('debtor', '0')]);
    await world.checkAfresh(3);
    expect(await saidOf(world)).toContain('debtor liquidation.completed');
    await expectLedger(world);
    await expectInOrder(world);
  });

  it('grows by a later loss, under a second number', async () => {
    const world = await open();
    await world.check(0);
    await world.writeAccounts([balance('debtor', '-500.011')]);
    await world.checkAfresh(1);
    expect(await drawnOf(world)).toEqual([
      ['1', '500.00'],
      ['2', '0.01'],
    ]);
    await expectLedger(world);
    await expectInOrder(world);
  });

  it('is made again for a loss that comes after the venue has credited a part', async () => {
    const world = await open();
    await world.check(0);
    await world.writeAccounts([balance('debtor', '-100')]);
    await world.checkAfresh(1);
    await world.writeAccounts([balance('debtor', '-130')]);
    await world.checkAfresh(2);
    expect(await drawnOf(world)).toEqual([
      ['1', '500.00'],
      ['2', '30.00'],
    ]);
    await expectLedger(world);
    await expectInOrder(world);
  });

  it('is paid in batches if hundreds of accounts claim', async () => {
    const debtors = Array.from({ length: 205 }, (_, index) => balance(`d${index}`, '-1'));
    const world = await openWorld({ market: FUND_MARKET, accounts: debtors });
    const { fund } = await world.check(0);
    expect(fund).toMatchObject({ balance: '395', drawn: '205', uncovered: '0' });
    expect((await ledgerOf(world)).claims).toHaveLength(205);
    await expectLedger(world);
  });
});
