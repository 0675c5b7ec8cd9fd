import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import {
  debtOfLines,
  liquidatedLines,
  roughDebtors,
} from '../../../../lambda/margin/certificate/gauges.ts';
import type { Screen } from '../../../../lambda/margin/certificate/screen.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import { liquidatedByMove } from '../../../../lambda/margin/liquidation/cascade.ts';
import { shockDebtOfSafe } from '../../../../lambda/margin/liquidation/shock-debt.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import { type AccountRows, bookOf, type MarketRows, snapshotOf } from '../build.ts';
import { FAMILIES } from './families.ts';
import { screenOf } from './screen-of.ts';

const everybody = () => true;

const expectRead = (screen: Screen, snapshot: Snapshot, isRead: boolean): void =>
  expect([...roughDebtors(screen, snapshot)]).toEqual(isRead ? [7] : []);

const hasOptions = (account: AccountRows, snapshot: Snapshot): boolean =>
  bookOf(account, snapshot).curves.some(({ nonLinear }) => nonLinear !== undefined);

/** Slopes of the equity are float32, and prices move up to ten times what they were. */
const roundingOf = ({ lines: { ofEntries } }: Screen): number =>
  1e-6 * ofEntries.equitySlope.reduce((sum, slope) => sum + Math.abs(slope), 0);

/** Only of what is proved healthy: the others are read, and gauged exactly. */
const isProved = (screen: Screen, snapshot: Snapshot): boolean =>
  (screen.boundsAt(snapshot)[1] ?? Number.NaN) > 0;

/** With so little cash that its low surplus is a hundredth of what it was. */
function nearItsLine(account: AccountRows, snapshot: Snapshot): AccountRows {
  const book = bookOf(account, snapshot);
  const low = lowCallSurplus(book, book.curves.map(curveAtMark), snapshot.policy);
  if (low === 'unbounded') throw new Error(JSON.stringify(book.doubt));
  const { balances = [] } = account;
  const cash = balances.find(({ asset }) => asset === 'USD');
  const amount = Number(cash?.amount ?? 0) - 0.99 * approximately(low);
  const others = balances.filter((each) => each !== cash);
  return { ...account, balances: [...others, { asset: 'USD', amount: amount.toFixed(2) }] };
}

/** A shock that is cut far below its forecast. */
const cut = (market: MarketRows): MarketRows => ({
  ...market,
  risk: Object.fromEntries(
    Object.entries(market.risk ?? {}).map(([id, row]) => [
      id,
      { ...row, shockMax: '0.001', jumpFloor: '0.2' },
    ]),
  ),
});

const LONG: AccountRows = {
  balances: [{ asset: 'USD', amount: '700' }],
  positions: [{ instrument: 'BTC-PERP', quantity: '1', entryPrice: '6000' }],
};

const market = (price: string): MarketRows => ({
  policy: { latencyBuffer: 'none', uncertainty: 'none', callMultiplier: '1' },
  instruments: {
    'BTC-PERP': {
      ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC', settlementAsset: 'USD' },
    },
  },
  risk: {
    BTC: {
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      volatility: '0.8',
    },
  },
  quotes: { 'BTC-USD#a': { price } },
});

describe('the notional that a move of 1 % would liquidate', () => {
  const screen = screenOf(LONG, snapshotOf(market('6000')));

  it.each([
    // After 1 % less, the equity 700 + 5573.7 − 6000 is below 5 % of 5573.7.
    ['5630', { fall: 5630 }],
    // 700 + 5583.6 − 6000 = 283.6 is above 279.2.
    ['5640', undefined],
    ['6000', undefined],
  ])('at %s', (price, expected) => {
    const found = liquidatedLines(screen, snapshotOf(market(price)), everybody);
    expect(found.get('BTC-PERP')?.fall).toEqual(expected && expect.closeTo(expected.fall, 3));
    expect(found.get('BTC-PERP')?.rise ?? 0).toBe(0);
  });

  it('leaves out what is read', () => {
    const snapshot = snapshotOf(market('5630'));
    expect(liquidatedLines(screen, snapshot, () => false).size).toBe(0);
  });
});

describe.each(FAMILIES)('%s', (_name, family) => {
  it('finds every market and side that the exact gauge finds', () => {
    const seen = { exact: 0, gauged: 0 };
    fc.assert(
      fc.property(family(1), ({ account: far, at, moved: [to] }) => {
        const account = nearItsLine(far, snapshotOf(at()));
        const screen = screenOf(account, snapshotOf(at()));
        const snapshot = snapshotOf(to?.() ?? at());
        if (!isProved(screen, snapshot)) return;
        const found = liquidatedLines(screen, snapshot, everybody);
        const exact = liquidatedByMove(bookOf(account, snapshot), snapshot.policy);
        for (const { market, move, notional } of exact) {
          seen.exact++;
          const gauged = found.get(market)?.[move] ?? 0;
          expect(gauged, `${market} ${move}`).toBeGreaterThanOrEqual(
            0.97 * approximately(notional),
          );
        }
        if (found.size > 0) seen.gauged++;
      }),
      { numRuns: 300 },
    );
    expect(seen.exact).toBeGreaterThan(0);
    // It errs high, and not by much.
    expect(seen.gauged).toBeGreaterThan(0);
  });

  it('owes no less than the exact debt after the forecast move', () => {
    let owing = 0;
    fc.assert(
      fc.property(family(1), ({ account: far, at, moved: [to] }) => {
        const account = nearItsLine(far, snapshotOf(at()));
        const screen = screenOf(account, snapshotOf(at(cut)));
        const snapshot = snapshotOf(to?.(cut) ?? at(cut));
        if (!isProved(screen, snapshot)) return;
        const debt = debtOfLines(screen, snapshot, everybody);
        expectRead(screen, snapshot, hasOptions(account, snapshot) && debt.fall + debt.rise > 0);
        // As for healthy accounts that are read.
        const exact = shockDebtOfSafe(bookOf(account, snapshot));
        for (const side of ['fall', 'rise'] as const) {
          const owed = approximately(exact[side]);
          if (owed > 0) owing++;
          expect(debt[side]).toBeGreaterThanOrEqual(owed * (1 - 1e-6) - roundingOf(screen));
        }
      }),
      { numRuns: 400 },
    );
    expect(owing).toBeGreaterThan(0);
  });
});
