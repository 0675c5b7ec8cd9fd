/** Accounts in a case are not read while they need no decision, and are decided as if they were. */
import { describe, expect, it } from 'vitest';
import { metricsOf } from '../../lambda/check/metrics.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { type RandomStream, randomStream } from '../../local/analysis/random.ts';
import { balance, long, MARKET, position, quote } from './book.ts';
import type { Call } from './injector.ts';
import { once } from './invariants.ts';
import {
  accountsSaid,
  certificatesOf,
  isReadOf,
  many,
  marginOf,
  openCertified,
  unrecorded,
  Warm,
} from './warm.ts';
import { openWorld, type Row, timeOf, type World } from './world.ts';

const isCaseReadOf =
  (accountId: string) =>
  ({ command, input }: Call): boolean =>
    command === 'GetItem' && JSON.stringify(input).includes(`"account#${accountId}"`);

/** How often the check of this minute reads the account, and its case. */
async function readsOf(
  accountId: string,
  { warm, minute, prices }: { warm: Warm; minute: number; prices?: Record<string, string> },
) {
  let [rows, cases] = [0, 0];
  warm.intercept = (call, proceed) => {
    rows += Number(isReadOf(accountId)(call));
    cases += Number(isCaseReadOf(accountId)(call));
    return proceed();
  };
  const summary = await warm.check(minute, prices);
  return { rows, cases, summary };
}

/** An account in a call, which the checks of minutes 0 to 2 have read; the last had nothing to say. */
async function openCalled(
  accounts: readonly Row[] = many(),
): Promise<{ world: World; warm: Warm }> {
  const world = await openCertified([...long('called', '14000'), ...accounts]);
  const warm = new Warm(world);
  for (const minute of [0, 1, 2]) await warm.check(minute);
  expect(await accountsSaid(world)).toContain('called margin-call.issued');
  return { world, warm };
}

const NOT_READ = { rows: 0, cases: 0 };
const READ = { rows: 1, cases: 1 };

describe('an account in a call', () => {
  it('is not read while it has nothing new to say, and counts as if it were', async () => {
    const { world, warm } = await openCalled();
    const { summary, ...reads } = await readsOf('called', { warm, minute: 3 });
    expect(reads).toEqual(NOT_READ);
    expect(summary).toMatchObject({ accounts: 301, assessed: 301, levels: { call: 1 } });
    expect(certificatesOf(summary)).toMatchObject({ certified: 300, remembered: 1, healthy: 300 });
    const metrics = metricsOf(summary, { durationSeconds: 1, intervalSeconds: 60 });
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'ReadAccounts', value: 0 }));
    expect(await accountsSaid(world)).toEqual(['called margin-call.issued']);
  });

  it.each([
    ['falls', '5950', 'called margin-call.updated'],
    ['falls far', '5750', 'called liquidation.ordered'],
    ['rises', '6300', 'called margin-call.cured'],
  ])('is read as soon as something has to be said: the price %s', async (_, price, said) => {
    const { world, warm } = await openCalled();
    const prices = { 'BTC-USD': price };
    const { rows, cases } = await readsOf('called', { warm, minute: 3, prices });
    expect({ isRead: rows > 0, isCaseRead: cases > 0 }).toEqual({ isRead: true, isCaseRead: true });
    expect(await accountsSaid(world)).toContain(said);
  });

  it('is read when its deadline has passed', async () => {
    const { world, warm } = await openCalled();
    expect(await readsOf('called', { warm, minute: 59 })).toMatchObject(NOT_READ);
    await warm.check(60);
    expect(await accountsSaid(world)).toContain('called margin-call.expired');
  });

  it('is read when one of its rows has changed', async () => {
    const { world, warm } = await openCalled();
    await world.writeAccounts([balance('called', '30000')]);
    await warm.check(3);
    expect(await accountsSaid(world)).toContain('called margin-call.cured');
  });

  it('is read after an outage, which may move its deadline', async () => {
    const { world, warm } = await openCalled();
    await world.writePolicy({ outageGrace: 'moved' });
    await warm.check(3);
    expect((await readsOf('called', { warm, minute: 10 })).rows).toBeGreaterThan(0);
    expect(await accountsSaid(world)).toContain('called margin-call.updated');
  });

  it('is read while a message of its case is pending', async () => {
    const world = await openCertified([...long('called', '14000'), ...many()]);
    const warm = new Warm(world);
    warm.intercept = (call, proceed) =>
      call.command === 'PublishBatch' ? Promise.reject(new Error('down')) : proceed();
    for (const minute of [0, 1, 2]) await warm.check(minute);
    warm.intercept = (_call, proceed) => proceed();
    expect(await accountsSaid(world)).toEqual([]);
    await warm.check(3);
    expect(await accountsSaid(world)).toEqual(['called margin-call.issued']);
  });

  it('is read by a function that has just started', async () => {
    const { world } = await openCalled();
    const other = new Warm(world);
    expect(await readsOf('called', { warm: other, minute: 3 })).toMatchObject(READ);
    expect(await readsOf('called', { warm: other, minute: 4 })).toMatchObject(NOT_READ);
  });

  it('is read again, with its case, once an hour', async () => {
    // The call must not expire meanwhile.
    const profile = { accountId: 'called', item: 'profile', callGraceSeconds: 100_000 };
    const { warm } = await openCalled([profile, ...many()]);
    const counts = { rows: 0, cases: 0 };
    for (let minute = 3; minute < 63; minute++) {
      const { rows, cases } = await readsOf('called', { warm, minute });
      counts.rows += rows;
      counts.cases += cases;
    }
    expect(counts).toEqual(READ);
  });

  it('is compared with the table: a change without a record is found', async () => {
    const { world, warm } = await openCalled();
    await unrecorded(world, () => world.writeAccounts([balance('called', '11000')]));
    const found = await warm.checkUntil(
      async ({ accounts, assessed }) => {
        expect({ accounts, assessed }).toEqual({ accounts: 301, assessed: 301 });
        return (await accountsSaid(world)).includes('called liquidation.ordered');
      },
      { from: 3, to: 59 },
    );
    expect(found).toBeDefined();
    const missed = await warm.checkUntil((each) => certificatesOf(each).missed.length > 0, {
      from: (found ?? 0) + 1,
      to: (found ?? 0) + 3,
    });
    expect(missed).toBeDefined();
  });
});

describe('many accounts in a call', () => {
  it('are no reason to scan the book, once they are remembered', async () => {
    const called = Array.from({ length: 150 }, (_, each) => long(`called-${each}`, '14000'));
    const { warm } = await openCalled([...called.flat(), ...many(150)]);
    const summary = await warm.check(3);
    const { remembered, ...counts } = certificatesOf(summary);
    expect(counts).toMatchObject({ certified: 150, allRead: undefined, healthy: 150 });
    // The rest was compared with the table just now.
    expect(remembered).toBeGreaterThan(140);
    expect(summary).toMatchObject({ accounts: 301, levels: { call: 151 } });
  });
});

describe('a case that another function has written', () => {
  /** 1,000 DOGE cover a debt of 30, or not, while their price is in doubt. */
  const DOGE = [balance('doubtful', '1000', 'DOGE'), balance('doubtful', '-30')];
  const fresh = (minute: number) => quote('DOGE-USD', '0.1', timeOf(minute) - 3_000);

  it('is read again', async () => {
    const world = await openCertified([...DOGE, ...many()]);
    const [one, other] = [new Warm(world), new Warm(world)];
    for (const minute of [0, 1, 2]) {
      await world.writeMarket([fresh(minute)]);
      await one.check(minute);
    }
    // Its price is stale now.
    for (const minute of [10, 11, 12]) await one.check(minute);
    expect(certificatesOf(await one.check(13))).toMatchObject({ remembered: 1 });
    await world.writeMarket([fresh(14)]);
    await other.check(14);
    expect(await accountsSaid(world)).toContain('doubtful account.determinate');
    // The state that the first remembers says that it is indeterminate, as it is again.
    await one.check(30);
    const said = (await accountsSaid(world)).filter((each) => each.includes('indeterminate'));
    expect(said).toHaveLength(2);
  });

  it('is listed in the index with the version of its last write', async () => {
    const { world } = await openCalled();
    const key = { pk: 'account#called', sk: 'case' };
    const stored = await marginOf(world).read(key);
    expect(stored?.version).toBeGreaterThan(1);
    expect(await marginOf(world).openKeys()).toContainEqual({ ...key, version: stored?.version });
  });
});

describe('an account without a price', () => {
  it('is read and reported once, and not read until the price is back', async () => {
    const world = await openCertified([
      ...many(),
      ...[balance('stale', '1000', 'DOGE'), balance('stale', '-30')],
    ]);
    const warm = new Warm(world);
    for (const minute of [0, 1, 2]) await warm.check(minute);
    const { summary, ...reads } = await readsOf('stale', { warm, minute: 3 });
    expect(reads).toEqual(NOT_READ);
    expect(summary).toMatchObject({ accounts: 301, indeterminate: 1, assessed: 300 });
    await world.writeMarket([quote('DOGE-USD', '0.1', timeOf(4) - 3_000)]);
    expect((await readsOf('stale', { warm, minute: 4 })).rows).toBeGreaterThan(0);
    expect(await accountsSaid(world)).toEqual([
      'stale account.determinate',
      'stale account.indeterminate',
    ]);
  });
});

describe('with and without certificates', () => {
  const CHECKS = 40;
  const SEEDS = Array.from(
    { length: Number(process.env.REMEMBERED_SEEDS ?? 3) },
    (_, each) => each,
  );

  const bookOf = (draw: RandomStream): Row[] => [
    ...Array.from({ length: 24 }, (_, each) =>
      long(`long-${each}`, `${12_500 + 125 * each + draw.wholeBetween(0, 100)}`),
    ).flat(),
    ...Array.from({ length: 6 }, (_, each) => [
      balance(`short-${each}`, `${400 * each + draw.wholeBetween(0, 300)}`),
      position(`short-${each}`, {
        quantity: '-5',
        entryPrice: '6100',
        isolatedMargin: `${1500 + 150 * each}`,
      }),
    ]).flat(),
    ...Array.from({ length: 6 }, (_, each) => [
      balance(`coin-${each}`, '1000', 'DOGE'),
      balance(`coin-${each}`, `-${10 + 8 * each}`),
    ]).flat(),
    ...long('mistyped', '25,000'),
  ];

  /** Makes happen, in every world alike, what comes before the check of a minute. */
  function step(draw: RandomStream, minute: number) {
    const accounts: Row[] = [];
    const market: Row[] = [];
    let policy: Row | undefined;
    if (draw.uniform() < 0.3) {
      accounts.push(
        balance(`long-${draw.wholeBetween(0, 23)}`, `${draw.wholeBetween(12_000, 17_000)}`),
      );
    }
    if (draw.uniform() < 0.1) {
      const accountId = `long-${draw.wholeBetween(0, 23)}`;
      accounts.push({ accountId, item: 'profile', changing: draw.uniform() < 0.7 });
    }
    // Sometimes a price is missing for some minutes.
    if (draw.uniform() < 0.5) market.push(quote('DOGE-USD', '0.1', timeOf(minute) - 3_000));
    if (draw.uniform() < 0.1) {
      policy = {
        halt: draw.uniform() < 0.3,
        ...(draw.uniform() < 0.5 ? { onCallExpiry: 'remind' } : {}),
        ...{ callGraceSeconds: 600, outageGrace: draw.uniform() < 0.5 ? 'moved' : 'none' },
      };
    }
    return { accounts, market, policy };
  }

  /** Items that a check writes, but those about the certificates. */
  const itemsOf = async (world: World) =>
    (await world.margin()).flatMap((item): readonly Row[] => {
      // The fence has a name that each run draws.
      if (item.pk === 'certificates' || item.sk === 'latest') return [];
      if (item.pk !== 'check' || !item.sk.startsWith('2')) return [item];
      const { accounts, assessed, indeterminate, levels, errors, published } = item;
      return [{ accounts, assessed, indeterminate, levels, errors, published }];
    });

  const saidBy = async (world: World) => {
    const { compare } = new Intl.Collator('en');
    const sorted = (messages: readonly Message[]) =>
      once(messages).sort((left, right) => compare(left.id, right.id));
    return { alerts: sorted(await world.alerts()), orders: sorted(await world.orders()) };
  };

  async function change(worlds: readonly World[], draw: RandomStream, minute: number) {
    const { accounts, market, policy } = step(draw, minute);
    for (const world of worlds) {
      await world.writeAccounts(accounts);
      await world.writeMarket(market);
      if (policy !== undefined) await world.writePolicy(policy);
    }
  }

  it.each(SEEDS)('everything that is said and stored is the same: seed %i', async (seed) => {
    const draw = randomStream(seed, 'remembered');
    const market = MARKET.map((row) =>
      row.kind === 'policy' ? { ...row, callGraceSeconds: 600, outageGrace: 'moved' } : row,
    );
    const input = { market, accounts: bookOf(draw), hasCertificates: true };
    const [world, shadow] = [await openWorld(input), await openWorld(input)];
    const plain = new Warm(shadow, { certificates: undefined });
    const [one, other] = [new Warm(world), new Warm(world)];
    let [minute, price, passedOver] = [0, 6000, 0];
    for (let check = 0; check < CHECKS; check++) {
      minute += draw.uniform() < 0.1 ? draw.wholeBetween(2, 6) : 1;
      price *= 1 + 0.004 * draw.normal();
      const prices = { 'BTC-USD': price.toFixed(2) };
      await change([world, shadow], draw, minute);
      const own = await (draw.uniform() < 0.8 ? one : other).check(minute, prices);
      const exact = await plain.check(minute, prices);
      passedOver += own.certificates?.remembered ?? 0;
      expect(own.levels, `check ${check}`).toEqual(exact.levels);
    }
    expect(await itemsOf(world)).toEqual(await itemsOf(shadow));
    expect(await saidBy(world)).toEqual(await saidBy(shadow));
    expect(passedOver).toBeGreaterThan(CHECKS);
  });
});
