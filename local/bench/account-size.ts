/**
 * `npm run bench:account-size`: decisions about one account of many rows against many accounts of
 * one row, in one process: read, screen, assess, plan, and write the message and its record. All
 * are below their liquidation line. The ratios are 1 if an account costs in proportion to its rows.
 */

import Table from 'cli-table3';
import { accountSubject, type CheckContext } from '../../lambda/accounts/account-case.ts';
import { assessAccount, screenAccount } from '../../lambda/accounts/assess-account.ts';
import { MarketCapacity } from '../../lambda/accounts/market-capacity.ts';
import { UNLIMITED } from '../../lambda/margin/liquidation/capacity.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { MarketRows } from '../../lambda/record/evidence.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { STANDING } from '../aws/standing.ts';
import { BENCH_START } from './book.ts';
import { median } from './median.ts';
import { WIDE_KINDS, type WideKind, wideAccount, wideMarket } from './wide-book.ts';

const RUNS = 3;
const WARM_UP = 100;
const GAP_SECONDS = 60;

const NO_DELEVERAGING = { note: () => undefined, decide: () => Promise.resolve(), of: () => [] };

function contextOf(kind: WideKind, markets: number): CheckContext {
  const rows = wideMarket(kind, markets);
  const { market } = readMarket(rows);
  const previousPrices = new Map();
  const input = { market, asOf: BENCH_START, gapSeconds: GAP_SECONDS, previousPrices };
  const snapshot = takeSnapshot(input);
  return {
    checkId: new Date(BENCH_START).toISOString(),
    snapshot,
    marketRows: new MarketRows({ ...input, rows, snapshot, volatilities: new Map() }),
    capacity: new MarketCapacity(UNLIMITED),
    deleveraging: NO_DELEVERAGING,
    stopwatch: STANDING,
  };
}

/** @returns seconds */
function decide(accounts: readonly AccountRows[], context: CheckContext): number {
  const started = performance.now();
  for (const account of accounts) {
    if (screenAccount(account, context.snapshot) !== undefined) throw new Error('none is safe');
    for (const assessed of assessAccount(account, context.snapshot)) {
      if (assessed.outcome.certainty === 'indeterminate') throw new Error('all is known');
      accountSubject(account, assessed, context).decide(undefined);
    }
  }
  return (performance.now() - started) / 1000;
}

interface Row {
  readonly kind: WideKind;
  readonly one: number;
  readonly many: number;
  readonly megabytes: number;
}

function measured(kind: WideKind, size: number): Row {
  const named = (accountId: string, rows: number, first: number) => ({
    accountId,
    rows: wideAccount(kind, { accountId, rows, first }),
  });
  const context = contextOf(kind, kind === 'labels' ? 1 : size);
  const wide = [named('wide', size, 0)];
  const narrow = Array.from({ length: size }, (_, index) => named(`narrow-${index}`, 1, index));
  decide(narrow.slice(0, WARM_UP), context);
  const runs = Array.from({ length: RUNS }, () => ({
    one: decide(wide, context),
    many: decide(narrow, context),
  }));
  const megabytes = process.resourceUsage().maxRSS / 1024;
  return {
    kind,
    one: median(runs.map(({ one }) => one)),
    many: median(runs.map(({ many }) => many)),
    megabytes,
  };
}

const sizes = (process.argv[2] ?? '500,2000').split(',').map(Number);
const kinds = (process.argv[3]?.split(',') ?? WIDE_KINDS) as readonly WideKind[];
const head = ['rows', 'kind', 'one account s', 'as many accounts s', 'ratio', 'peak MB'];
const table = new Table({ head, style: { head: [], border: [] } });
for (const size of sizes) {
  for (const kind of kinds) {
    const { one, many, megabytes } = measured(kind, size);
    const ratio = (one / many).toFixed(2);
    table.push([size, kind, one.toFixed(2), many.toFixed(2), ratio, megabytes.toFixed(0)]);
  }
}
console.log(table.toString());
