import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, bookOf, type MarketRows, snapshotOf } from '../build.ts';
import { FAMILIES } from './families.ts';
import { screenOf } from './screen-of.ts';

const BOOKS = Number(process.env.CERTIFICATE_BOOKS ?? 150);
const MARKETS = 5;

function exactAt(account: AccountRows, snapshot: Snapshot): number {
  const book = bookOf(account, snapshot);
  const low = lowCallSurplus(book, book.curves.map(curveAtMark), snapshot.policy);
  if (low === 'unbounded') throw new Error(JSON.stringify(book.doubt));
  return approximately(low);
}

const called = fc.constantFrom<RawRow>({}, { callAt: 'initial' });

interface Tally {
  safe: number;
  certified: number;
  nothing: number;
}

/** NaN says nothing: the account is read. */
function hold(bound: number, exact: number, tally: Tally): void {
  if (Number.isNaN(bound)) tally.nothing++;
  else expect(bound).toBeLessThanOrEqual(exact + 1e-9 * Math.abs(exact));
  if (exact > 0) tally.safe++;
  if (bound > 0) tally.certified++;
}

describe('a certificate', () => {
  it.each(FAMILIES)('is never above the low call surplus: %s', (_name, family) => {
    const tally = { safe: 0, certified: 0, nothing: 0 };
    fc.assert(
      fc.property(family(MARKETS), called, ({ account, at, moved }, policy) => {
        const ruled = (market: MarketRows): MarketRows => ({
          ...market,
          policy: { ...market.policy, ...policy },
        });
        const screen = screenOf(account, snapshotOf(at(ruled)));
        for (const to of moved) {
          const snapshot = snapshotOf(to(ruled));
          const [, bound = Number.NaN] = screen.boundsAt(snapshot);
          hold(bound, exactAt(account, snapshot), tally);
        }
      }),
      { numRuns: BOOKS },
    );
    if (process.env.CERTIFICATE_BOOKS !== undefined) console.log(tally);
    expect(tally.certified / tally.safe).toBeGreaterThan(0.5);
  });
});
