import { expect, it } from 'vitest';
import { accountSubject, type CheckContext } from '../../../lambda/accounts/account-case.ts';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { LiquidationQueue } from '../../../lambda/accounts/liquidation-queue.ts';
import { MarketCapacity } from '../../../lambda/accounts/market-capacity.ts';
import { UNLIMITED } from '../../../lambda/margin/liquidation/capacity.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { MarketRows } from '../../../lambda/record/evidence.ts';
import type { AccountRows, RawRow } from '../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { BENCH_START } from '../../../local/bench/book.ts';
import { breachedAccount, breachedMarket } from '../../../local/bench/breached-book.ts';

const { market } = readMarket(breachedMarket());
const snapshot = takeSnapshot({
  market,
  asOf: BENCH_START,
  gapSeconds: 60,
  previousPrices: new Map(),
});
const rows = breachedMarket();
const newContext = (): CheckContext => ({
  checkId: '2026-01-01T00:00:00Z',
  snapshot,
  marketRows: new MarketRows({
    rows,
    previousPrices: new Map(),
    volatilities: new Map(),
    gapSeconds: 60,
    snapshot,
  }),
  capacity: new MarketCapacity(UNLIMITED),
  deleveraging: { note: () => undefined, decide: async () => undefined, of: () => [] },
  stopwatch: { now: () => 0, wait: async () => undefined },
});

/** Every third account holds its position in isolation. */
function accountOf(index: number): AccountRows {
  const cross = breachedAccount(index);
  const isolated = (row: RawRow) => ('quantity' in row ? { ...row, isolatedMargin: '1' } : row);
  return {
    accountId: `account-${index}`,
    rows: index % 3 === 0 ? cross.map(isolated) : cross,
  };
}

function queueOf(keptMax: number, accounts: readonly AccountRows[]) {
  const context = newContext();
  const queue = new LiquidationQueue(context, undefined, keptMax);
  for (const account of accounts) {
    for (const assessed of assessAccount(account, snapshot)) {
      queue.offer({ ...accountSubject(account, assessed, context), stored: undefined });
    }
  }
  return queue;
}

function decided(keptMax: number) {
  const accounts = Array.from({ length: 200 }, (_, index) => accountOf(index));
  const lots = [...queueOf(keptMax, accounts).lots()];
  return lots.flat().map(({ key, accountId, decide }) => {
    return { key, accountId, update: decide(undefined) };
  });
}

it('decides the same in the same order, whether the assessments were kept or not', () => {
  const kept = decided(1_000);
  expect(kept.length).toBeGreaterThanOrEqual(200);
  expect(kept.every(({ update }) => update?.record !== undefined)).toBe(true);
  expect(kept.some(({ key }) => key.sk.includes('#'))).toBe(true);
  expect(decided(0)).toEqual(kept);
  expect(decided(70)).toEqual(kept);
});

it('lets an account that fails at its turn fail alone', () => {
  const { accountId, rows: isolated } = accountOf(0);
  const broken = [...isolated];
  const queue = queueOf(0, [{ accountId, rows: broken }, accountOf(1)]);
  broken.push({ accountId, item: 'profile', marginModel: 'nonsense' });
  const waiting = [...queue.lots()].flat();
  const failing = waiting.filter(({ key }) => key.sk.includes('#'));
  expect(failing).toHaveLength(1);
  expect(() => failing[0]?.decide(undefined)).toThrow('no sub-account');
  const other = waiting.find(({ accountId: id }) => id === 'account-1');
  expect(other?.decide(undefined)?.record).toBeDefined();
});
