/**
 * `npm run bench:liquidation`: ranks and plans ten thousand accounts below their liquidation line,
 * worst first in one process, with unlimited capacity and with that of the markets. Rows are read
 * beforehand; nothing is written.
 */
import Table from 'cli-table3';
import { assess } from '../../lambda/margin/assess/assess.ts';
import { type SubAccount, subAccounts } from '../../lambda/margin/book/account.ts';
import {
  type Capacity,
  capacityOf,
  RemainingCapacity,
  UNLIMITED,
} from '../../lambda/margin/liquidation/capacity.ts';
import { planLiquidation } from '../../lambda/margin/liquidation/plan.ts';
import { positionsNotional, type Rank, worstFirst } from '../../lambda/margin/liquidation/queue.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { BENCH_START } from './book.ts';
import { breachedAccount, breachedMarket } from './breached-book.ts';

const ACCOUNTS = 10_000;
function subAccountOf(index: number): SubAccount {
  const read = readAccount(`account-${index}`, breachedAccount(index));
  if (!read.ok) throw new Error(read.reasons[0]?.detail);
  return subAccounts(read.account)[0] as SubAccount;
}

function snapshot(): Snapshot {
  const { market } = readMarket(breachedMarket());
  return takeSnapshot({ market, asOf: BENCH_START, gapSeconds: 60, previousPrices: new Map() });
}

const GAP_SECONDS = 60;

interface Breached extends Rank {
  readonly subAccount: SubAccount;
}

/** With the values that rank it; empty above the line. */
function breachedOf(subAccount: SubAccount, now: Snapshot): Breached[] {
  const outcome = assess(subAccount, now);
  if (outcome.certainty === 'indeterminate') throw new Error('every price is known');
  const { level, surplus, lines } = outcome;
  if (level !== 'liquidation' && level !== 'deficit') return [];
  const key = subAccount.account.accountId;
  const notional = positionsNotional(subAccount, now);
  return [
    { key, surplus: surplus.liquidation.point, line: lines.liquidation, notional, subAccount },
  ];
}

function plannedBy(
  ranked: readonly Breached[],
  { now, capacity }: { now: Snapshot; capacity: Capacity },
) {
  const left = new RemainingCapacity(capacity);
  return ranked.map(({ subAccount }) => {
    const markets = [...subAccount.positions.map(({ instrument }) => instrument), 'BTC', 'USDC'];
    const limits = { generation: 1, capacity: left.within(markets) };
    const plan = planLiquidation(subAccount, now, limits);
    left.take(plan);
    return plan;
  });
}

const now = snapshot();
const held = Array.from({ length: ACCOUNTS }, (_, index) => subAccountOf(index));
const rows: string[][] = [];
for (const [name, capacity] of [
  ['unlimited', UNLIMITED],
  ['the throttle', capacityOf(now, GAP_SECONDS)],
] as const) {
  const started = performance.now();
  const breached = held.flatMap((subAccount) => breachedOf(subAccount, now));
  const assessed = performance.now();
  const ranked = worstFirst(breached, now);
  const plans = plannedBy(ranked, { now, capacity });
  const done = performance.now();
  const count = (scope: string) => plans.filter((plan) => plan.scope === scope).length;
  rows.push([
    name,
    String(breached.length),
    ((assessed - started) / 1000).toFixed(2),
    ((done - assessed) / 1000).toFixed(2),
    String(count('partial')),
    String(count('whole')),
    String(plans.filter(({ carriedOver }) => carriedOver.length > 0).length),
    String(Math.round(process.memoryUsage().rss / 2 ** 20)),
  ]);
}
const head = [
  'capacity',
  'breached',
  'assessed s',
  'ranked and planned s',
  'partial',
  'whole',
  'carried over',
  'MB',
];
const table = new Table({ head, style: { head: [], border: [] } });
table.push(...rows);
console.log(table.toString());
