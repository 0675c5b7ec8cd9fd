/** Decides about accounts of `wide-book.ts` as a check does, without AWS. */
import { accountSubject, type CheckContext } from '../../lambda/accounts/account-case.ts';
import { assessAccount, screenAccount } from '../../lambda/accounts/assess-account.ts';
import { MarketCapacity } from '../../lambda/accounts/market-capacity.ts';
import { STOPWATCH } from '../../lambda/aws/stopwatch.ts';
import { UNLIMITED } from '../../lambda/margin/liquidation/capacity.ts';
import { liquidatedByMove } from '../../lambda/margin/liquidation/cascade.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { CaseUpdate } from '../../lambda/outbox/case-subject.ts';
import { MarketRows } from '../../lambda/record/evidence.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { BENCH_START } from './book.ts';
import { type WideKind, wideMarket } from './wide-book.ts';

const GAP_SECONDS = 60;

const NO_DELEVERAGING = { note: () => undefined, decide: () => Promise.resolve(), of: () => [] };

export function wideContext(kind: WideKind, markets: number): CheckContext {
  const rows = wideMarket(kind, markets);
  const { market } = readMarket(rows);
  const input = { market, asOf: BENCH_START, gapSeconds: GAP_SECONDS, previousPrices: new Map() };
  const snapshot = takeSnapshot(input);
  return {
    checkId: new Date(BENCH_START).toISOString(),
    snapshot,
    marketRows: new MarketRows({ ...input, rows, snapshot, volatilities: new Map() }),
    capacity: new MarketCapacity(UNLIMITED),
    deleveraging: NO_DELEVERAGING,
    stopwatch: STOPWATCH,
  };
}

/** Screened, assessed, gauged and decided. @throws Error if one is healthy or unknown */
export function decideAll(accounts: readonly AccountRows[], context: CheckContext): CaseUpdate[] {
  const { snapshot } = context;
  return accounts.flatMap((account) => {
    if (typeof screenAccount(account, snapshot) !== 'string') throw new Error('none is safe');
    return assessAccount(account, snapshot).flatMap((assessed) => {
      if (assessed.book === undefined) throw new Error('all is known');
      liquidatedByMove(assessed.book, snapshot.policy);
      return accountSubject(account, assessed, context).decide(undefined) ?? [];
    });
  });
}
