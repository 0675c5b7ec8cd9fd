import { beforeEach, expect, it, vi } from 'vitest';
import { buildBook } from '../../../lambda/margin/book/build-book.ts';
import { planLiquidation } from '../../../lambda/margin/liquidation/plan.ts';
import { readAccountParts } from '../../../lambda/rows/read-account.ts';
import { ACCOUNTS } from '../../faults/book.ts';
import { openWorld } from '../../faults/world.ts';

vi.mock('../../../lambda/rows/read-account.ts', async (original) => {
  const { readAccountParts: real, ...rest } =
    await original<typeof import('../../../lambda/rows/read-account.ts')>();
  return { ...rest, readAccountParts: vi.fn(real) };
});
vi.mock('../../../lambda/margin/book/build-book.ts', async (original) => {
  const { buildBook: real } =
    await original<typeof import('../../../lambda/margin/book/build-book.ts')>();
  return { buildBook: vi.fn(real) };
});
/** The planner's trials would build books of their own. */
vi.mock('../../../lambda/margin/liquidation/plan.ts', async (original) => ({
  ...(await original<typeof import('../../../lambda/margin/liquidation/plan.ts')>()),
  planLiquidation: vi.fn(() => ({
    scope: 'whole',
    why: 'all',
    orders: [],
    cancelOpenOrders: ['BTC-PERP'],
    carriedOver: [],
  })),
}));

beforeEach(() => vi.clearAllMocks());

const countBy = (names: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

it('reads and builds a doubtful account twice: to screen it, and to decide about it', async () => {
  const world = await openWorld();
  await world.check(0);
  const reads = countBy(vi.mocked(readAccountParts).mock.calls.map(([accountId]) => accountId));
  const ids = [...new Set(ACCOUNTS.map(({ accountId }) => String(accountId)))];
  expect([...reads.keys()].sort()).toEqual(ids.sort());
  expect(Math.max(...reads.values())).toBe(2);

  expect(vi.mocked(planLiquidation)).toHaveBeenCalled();
  const books = countBy(
    vi
      .mocked(buildBook)
      .mock.calls.map(([{ account, isolated }]) => `${account.accountId}#${isolated ?? ''}`),
  );
  expect(books.size).toBeGreaterThan(3);
  expect(Math.max(...books.values())).toBe(2);
});
