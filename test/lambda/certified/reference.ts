import { inputOf, type MarketRows, snapshotOf, tableRowsOf } from '../margin/build.ts';

/** The market of a check, as a certified book takes it. */
export function referenceOf(market: MarketRows) {
  const { market: _, asOf: __, ...taken } = inputOf(market);
  return { ...taken, rows: tableRowsOf(market), snapshot: snapshotOf(market) };
}
