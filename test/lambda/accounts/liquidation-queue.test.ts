import { expect, it } from 'vitest';
import { accountSubject, type CheckContext } from '../../../lambda/accounts/account-case.ts';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { LiquidationQueue } from '../../../lambda/accounts/liquidation-queue.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
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
const context = { checkId: '2026-01-01T00:00:00Z', snapshot } as CheckContext;

/** Every third account holds its position in isolation. */
function rowsOf(index: number): RawRow[] {
  if (index % 3 !== 0) return breachedAccount(index);
  return breachedAccount(index).map((row) =>
    'quantity' in row ? { ...row, isolatedMargin: '1' } : row,
  );
}

function queued(keptMax: number) {
  const queue = new LiquidationQueue(context, keptMax);
  for (let index = 0; index < 200; index++) {
    const account = { accountId: `account-${index}`, rows: rowsOf(index) };
    for (const assessed of assessAccount(account, snapshot)) {
      queue.offer({ ...accountSubject(account, assessed, context), stored: undefined });
    }
  }
  return [...queue.lots()].flat().map(({ key, accountId, assessed }) => {
    return { key, accountId, assessed: { ...assessed, book: undefined } };
  });
}

it('gives the same accounts in the same order, whether their assessments were kept or not', () => {
  const kept = queued(1_000);
  expect(kept.length).toBeGreaterThanOrEqual(200);
  expect(kept.some(({ assessed }) => assessed.position !== undefined)).toBe(true);
  expect(queued(0)).toEqual(kept);
  expect(queued(70)).toEqual(kept);
});
