import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assessment, isSafe } from '../../../../lambda/margin/assess/assess.ts';
import type { Figure } from '../../../../lambda/margin/assess/figures.ts';
import { type Level, verdictOf } from '../../../../lambda/margin/assess/verdict.ts';
import { type CaseState, NO_CASE } from '../../../../lambda/margin/case/case.ts';
import { decide } from '../../../../lambda/margin/case/decide.ts';
import {
  type Amount,
  absolute,
  add,
  amount,
  isAtLeast,
  isNegative,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, assessed, bookOf, bounded, rangeOf, snapshotOf } from '../build.ts';
import { anyBook } from '../random-book.ts';

const rangesOf = ({ equity, marginBalance, surplus }: Assessment): readonly Figure[] => [
  equity,
  marginBalance,
  surplus.liquidation,
  surplus.call,
  surplus.restore,
];

const amountsOf = (assessment: Assessment): readonly Amount[] => [
  ...rangesOf(assessment).flatMap(({ low, point, high }) => [low, point, high].map(bounded)),
  assessment.initialRequirement,
  assessment.maintenanceRequirement,
  assessment.latencyBuffer,
  ...Object.values<Amount>({ ...assessment.lines }),
  ...assessment.factors.flatMap(({ loss }) => [loss.down, loss.up, loss.worst]),
];

const WORSENING: readonly Level[] = ['healthy', 'call', 'liquidation', 'deficit'];
const badnessOf = ({ level }: Assessment): number => WORSENING.indexOf(level);

describe('any assessment', () => {
  it('has 0 ≤ MM ≤ IM and a buffer of at least 0', () => {
    fc.assert(
      fc.property(anyBook(), ({ market, account }) => {
        const { initialRequirement, maintenanceRequirement, latencyBuffer } = assessed(
          account,
          snapshotOf(market),
        );
        expect(isNegative(maintenanceRequirement)).toBe(false);
        expect(isAtLeast(initialRequirement, maintenanceRequirement)).toBe(true);
        expect(isNegative(latencyBuffer)).toBe(false);
      }),
    );
  });

  it('has low ≤ point ≤ high in every range, and equal values without uncertainty', () => {
    fc.assert(
      fc.property(anyBook(), ({ market, account }) => {
        const isExact = market.policy?.uncertainty === 'none';
        for (const { point, ...range } of rangesOf(assessed(account, snapshotOf(market)))) {
          const [low, high] = [range.low, range.high].map(bounded) as [Amount, Amount];
          expect(isAtLeast(point, low)).toBe(true);
          expect(isAtLeast(high, point)).toBe(true);
          if (isExact) expect([textOf(low), textOf(high)]).toEqual([textOf(point), textOf(point)]);
        }
      }),
    );
  });

  it('has each surplus equal to the balance less its line, and ordered lines', () => {
    fc.assert(
      fc.property(anyBook(), ({ market, account }) => {
        const { lines, surplus, marginBalance } = assessed(account, snapshotOf(market));
        for (const line of ['liquidation', 'call', 'restore'] as const) {
          const distance = subtract(marginBalance.point, lines[line]);
          const rounding = absolute(subtract(distance, surplus[line].point));
          expect(isAtLeast(amount('1e-18'), rounding)).toBe(true);
        }
        expect(isAtLeast(lines.call, lines.liquidation)).toBe(true);
        expect(isAtLeast(lines.restore, lines.call)).toBe(true);
      }),
    );
  });

  it('has the same level at both ends of the uncertainty if it is certain', () => {
    const isActedOn = (level: Level) => level === 'liquidation' || level === 'deficit';
    const at = (range: Figure, end: 'low' | 'high'): Figure => rangeOf(textOf(bounded(range[end])));
    fc.assert(
      fc.property(anyBook(), ({ market, account }) => {
        const { certainty, level, surplus, equity } = assessed(account, snapshotOf(market));
        fc.pre(certainty === 'certain');
        for (const end of ['low', 'high'] as const) {
          const standing = verdictOf({
            surplus: {
              liquidation: at(surplus.liquidation, end),
              call: at(surplus.call, end),
            },
            equity: at(equity, end),
            isDust: false,
          });
          if (standing.certainty === 'indeterminate') throw new Error('it is certain');
          // A certain liquidation may be a deficit at its low end.
          if (isActedOn(level)) expect(isActedOn(standing.level)).toBe(true);
          else expect(standing.level).toBe(level);
          if (level === 'deficit') expect(standing.level).toBe('deficit');
        }
      }),
    );
  });
});

function withCash({ balances = [], ...rows }: AccountRows, more: Amount): AccountRows {
  const paid = balances.map((row) =>
    row.asset === 'USD' ? { ...row, amount: textOf(add(amount(String(row.amount)), more)) } : row,
  );
  return { ...rows, balances: paid };
}

describe('the screen for safe accounts', () => {
  it('passes only certainly healthy accounts, and all of them if φ is 0', () => {
    const seen = { passed: 0, kept: 0 };
    fc.assert(
      fc.property(anyBook({ shares: [-50, 200] }), ({ market, account }) => {
        const snapshot = snapshotOf(market);
        const { level, certainty } = assessed(account, snapshot);
        const isCertainlyHealthy = level === 'healthy' && certainty === 'certain';
        const passes = isSafe(bookOf(account, snapshot), snapshot.policy);
        seen[passes ? 'passed' : 'kept'] += 1;
        if (passes) expect(isCertainlyHealthy).toBe(true);
        if (market.policy?.jointShockWeight === '0') expect(passes).toBe(isCertainlyHealthy);
      }),
      { numRuns: 300 },
    );
    expect(seen.passed).toBeGreaterThan(30);
    expect(seen.kept).toBeGreaterThan(30);
  });
});

describe('adding cash to an account', () => {
  it('never worsens the level, and raises every surplus by the same amount', () => {
    fc.assert(
      fc.property(anyBook(), fc.integer({ min: 1, max: 600_000 }), (book, more) => {
        const snapshot = snapshotOf(book.market);
        const before = assessed(book.account, snapshot);
        const after = assessed(withCash(book.account, amount(`${more}`)), snapshot);
        expect(badnessOf(after)).toBeLessThanOrEqual(badnessOf(before));
        expect(textOf(after.latencyBuffer)).toBe(textOf(before.latencyBuffer));
        for (const [index, range] of rangesOf(before).entries()) {
          const raised = rangesOf(after)[index] ?? range;
          for (const end of ['low', 'point', 'high'] as const) {
            expect(textOf(subtract(bounded(raised[end]), bounded(range[end])))).toBe(String(more));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('paying the amount of a margin call', () => {
  it('cures the call, to the cent', () => {
    let called = 0;
    fc.assert(
      fc.property(anyBook({ shares: [0, 100] }), ({ market, account }) => {
        const snapshot = snapshotOf(market);
        const decideOn = (rows: AccountRows, state: CaseState) =>
          decide({
            subject: 'acc',
            outcome: assessed(rows, snapshot),
            state,
            asOf: snapshot.asOf,
            checkId: 'check',
            policy: snapshot.policy,
            callGraceSeconds: 3600,
          });
        const { events, next } = decideOn(account, NO_CASE);
        const [event] = events;
        if (event?.type !== 'margin-call.issued') return;
        called += 1;
        const paid = decideOn(withCash(account, event.amountDue), next);
        expect(paid.events.map(({ type }) => type)).toEqual(['margin-call.cured']);
      }),
      { numRuns: 300 },
    );
    expect(called).toBeGreaterThan(30);
  });
});

describe('an account that is k times as large', () => {
  const QUANTITIES = ['amount', 'quantity', 'openBuyQuantity', 'openSellQuantity'];
  const scaledRow = (row: RawRow, k: string): RawRow =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        QUANTITIES.includes(name) ? textOf(times(ratio(String(value)), ratio(k))) : value,
      ]),
    );

  it('has every amount exactly k times as large and the same level, on flat schedules', () => {
    fc.assert(
      fc.property(anyBook({ isFlat: true }), fc.constantFrom('3', '0.5', '7'), (book, k) => {
        const { balances = [], positions = [] } = book.account;
        const account = {
          balances: balances.map((row) => scaledRow(row, k)),
          positions: positions.map((row) => scaledRow(row, k)),
        };
        const snapshot = snapshotOf(book.market);
        const before = assessed(book.account, snapshot);
        const after = assessed(account, snapshot);
        expect(amountsOf(after).map(textOf)).toEqual(
          amountsOf(before).map((before) => textOf(times(before, ratio(k)))),
        );
        expect(after.level).toBe(before.level);
        expect(after.certainty).toBe(before.certainty);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the random books of these tests', () => {
  it('cover every level, certain and uncertain', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyBook(), ({ market, account }) => {
        const { level, certainty } = assessed(account, snapshotOf(market));
        seen.add(`${level} ${certainty}`);
      }),
      { numRuns: 400, seed: 7 },
    );
    expect([...seen].sort()).toEqual([
      'call certain',
      'call uncertain',
      'deficit certain',
      'healthy certain',
      'healthy uncertain',
      'liquidation certain',
    ]);
  });
});
