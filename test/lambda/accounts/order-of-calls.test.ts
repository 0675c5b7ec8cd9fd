import { describe, expect, it } from 'vitest';
import { LARGE_ROWS } from '../../../lambda/accounts/account-decisions.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { type WideKind, wideAccount } from '../../../local/bench/wide-book.ts';
import { MemoryWorld } from './memory-world.ts';

const MARKETS = 8;
const MINUTE_MS = 60_000;

function account(accountId: string, kind: WideKind, rows = 1): AccountRows {
  return { accountId, rows: wideAccount(kind, { accountId, rows, first: 3 }) };
}

const breached = (name: string) => account(name, 'markets');
const called = (name: string) => account(name, 'called');

/** With ten times the balance. */
function healthy(name: string): AccountRows {
  const { accountId, rows } = called(name);
  return {
    accountId,
    rows: rows.map((row) =>
      row.asset === 'USD' ? { ...row, amount: String(10 * Number(row.amount)) } : row,
    ),
  };
}

const many = (count: number, of: (name: string) => AccountRows, prefix: string) =>
  Array.from({ length: count }, (_, index) => of(`${prefix}-${index}`));

const callsWith = (calls: readonly string[], text: string): number[] =>
  calls.flatMap((call, index) => (call.startsWith(text) ? [index] : []));

const lastOf = (indexes: readonly number[]): number => indexes.at(-1) ?? Number.NaN;
const firstOf = (indexes: readonly number[]): number => indexes[0] ?? Number.NaN;

let stormy: ReturnType<typeof newStorm> | undefined;
const storm = () => (stormy ??= newStorm());

/** The accounts had calls a minute ago and have recovered; calls and a breach come last. */
async function newStorm() {
  const world = new MemoryWorld(MARKETS);
  world.accounts = many(600, called, 'recovered');
  await world.check(0);
  world.accounts = [
    ...many(600, healthy, 'recovered'),
    ...many(30, called, 'called'),
    breached('breached'),
  ];
  const summary = await world.check(1);
  return { calls: world.calls, summary };
}

describe('in a storm of recoveries', () => {
  it('the order is within the first hundredth of the publish calls', async () => {
    const { calls, summary } = await storm();
    expect(summary).toMatchObject({ accounts: 631, unreached: 0, isComplete: true, errors: [] });
    const published = calls.filter((call) => call.startsWith('publish '));
    expect(published.length).toBeGreaterThan(60);
    const orders = callsWith(published, 'publish orders');
    expect(orders).toHaveLength(1);
    expect(lastOf(orders)).toBeLessThan(published.length / 100);
  });

  it('calls come before recoveries, and breaches are read before all others', async () => {
    const { calls } = await storm();
    expect(callsWith(calls, 'publish alerts margin-call.issued')).toHaveLength(3);
    expect(lastOf(callsWith(calls, 'publish alerts margin-call.issued'))).toBeLessThan(
      firstOf(callsWith(calls, 'publish alerts margin-call.cured')),
    );
    expect(callsWith(calls, 'read breached')[0]).toBe(firstOf(callsWith(calls, 'read')));
    expect(lastOf(callsWith(calls, 'read called'))).toBeLessThan(
      firstOf(callsWith(calls, 'read recovered')),
    );
  });
});

describe('a lot of liquidations', () => {
  it('is published while the next is decided and written', async () => {
    const world = new MemoryWorld(MARKETS);
    world.accounts = many(200, breached, 'breached');
    const summary = await world.check(0);
    expect(summary).toMatchObject({ levels: { liquidation: 200 }, errors: [] });
    expect(world.topics.orders).toHaveLength(200);
    const writes = callsWith(world.calls, 'put account#').filter((index) =>
      world.calls[index]?.endsWith('/case'),
    );
    // The second lot's first write.
    const next = writes[60] ?? Number.NaN;
    expect(next).toBeLessThan(firstOf(callsWith(world.calls, 'published')));
  });

  it('takes no more calls than writes and batches, but for the fence and the second reads', async () => {
    const world = new MemoryWorld(MARKETS);
    world.accounts = many(300, breached, 'breached');
    await world.check(0);
    const from = firstOf(callsWith(world.calls, 'put account#'));
    const decided = world.calls.slice(from);
    const batches = callsWith(decided, 'publish ').length;
    // A lot is whole batches: 300 orders and 300 alerts.
    expect(batches).toBe(60);
    // The case, its record, and the case without what was published.
    expect(callsWith(decided, 'put ')).toHaveLength(900);
  });
});

describe('an account of very many rows', () => {
  it('is handled last and named', async () => {
    const world = new MemoryWorld(MARKETS);
    const large = account('large', 'labels', LARGE_ROWS);
    world.accounts = [large, ...many(3, healthy, 'healthy'), called('called'), breached('small')];
    const summary = await world.check(0);
    expect(summary).toMatchObject({ largeAccounts: ['large'], isComplete: true, errors: [] });
    const plans = world.topics.orders.map((message) => 'accountId' in message && message.accountId);
    expect(plans).toEqual(['small', 'large']);
    expect(lastOf(callsWith(world.calls, 'read called'))).toBeLessThan(
      firstOf(callsWith(world.calls, 'read large')),
    );
  });

  it('is not large with one row less', async () => {
    const world = new MemoryWorld(MARKETS);
    const { accountId, rows } = account('large', 'labels', LARGE_ROWS);
    world.accounts = [{ accountId, rows: rows.slice(1) }];
    expect(await world.check(0)).toMatchObject({ accounts: 1, largeAccounts: [] });
  });
});

describe('a function that is about to be stopped', () => {
  /** Time passes with the reads of accounts alone. */
  const timeLeft =
    (world: MemoryWorld, perRead: number): (() => number) =>
    () =>
      MINUTE_MS - perRead * callsWith(world.calls, 'read').length;

  it('begins nothing more, counts what is left, and the next check begins with that', async () => {
    const world = new MemoryWorld(MARKETS);
    world.accounts = many(1_000, called, 'called');
    // 48 of 60 seconds are used up at 400 reads; three batches of 250 run at once.
    const cut = await world.check(0, timeLeft(world, 120));
    expect(cut).toMatchObject({ accounts: 1_000, unreached: 250, isComplete: false });
    expect(cut.unaccounted).toBe(250);
    const left = new Set(
      world.accounts
        .map(({ accountId }) => accountId)
        .filter((accountId) => !world.calls.includes(`read ${accountId}`)),
    );
    expect(left.size).toBe(250);

    world.accounts = [...many(10, called, 'another'), ...world.accounts];
    const next = await world.check(1);
    expect(next).toMatchObject({ unreached: 0, isComplete: true });
    const told = world.topics.alerts.slice(-260);
    const accountIds = told.map((each) => ('accountId' in each ? each.accountId : ''));
    expect(new Set(accountIds.slice(0, 250))).toEqual(left);
    expect((await world.check(2)).unreached).toBe(0);
    expect(world.table.rows('unreached/')).toMatchObject([{ accountIds: [] }]);
  });

  it('still plans for the breaches that it has read', async () => {
    const world = new MemoryWorld(MARKETS);
    world.accounts = [...many(100, breached, 'breached'), ...many(800, called, 'called')];
    const cut = await world.check(0, timeLeft(world, 200));
    expect(world.topics.orders).toHaveLength(100);
    expect(cut.unreached).toBe(50);
  });

  it('stops the scan while there is time for what it has found', async () => {
    const world = new MemoryWorld(MARKETS);
    world.accounts = many(400, breached, 'breached');
    // Half of the time is over at 150 reads, after the second page of 100.
    const cut = await world.check(0, timeLeft(world, 200));
    expect(cut.isComplete).toBe(false);
    expect(cut.errors[0]).toContain('TimeOverError');
    expect(world.topics.orders.length).toBeGreaterThan(0);
  });
});
