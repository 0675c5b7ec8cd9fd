/** The verdict over every ordering of its numbers. */
import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../../lambda/margin/assess/figures.ts';
import { type Verdict, verdictOf } from '../../../../lambda/margin/assess/verdict.ts';
import type { Bound } from '../../../../lambda/margin/curve/figure.ts';
import { amount } from '../../../../lambda/margin/number/decimal.ts';

const SIGNS = ['-1', '0', '1'] as const;
type Sign = (typeof SIGNS)[number];
type End = Sign | 'unbounded';

interface Signs {
  readonly low: End;
  readonly least: End;
  readonly most: End;
  readonly high: End;
  readonly agedHigh: End;
  readonly mostLow: End;
}

const LOW_ENDS: readonly End[] = ['unbounded', ...SIGNS];
const HIGH_ENDS: readonly End[] = [...SIGNS, 'unbounded'];

const heightOf = (end: End, unbounded: number): number =>
  end === 'unbounded' ? unbounded : Number(end);
const low = (end: End): number => heightOf(end, Number.NEGATIVE_INFINITY);
const high = (end: End): number => heightOf(end, Number.POSITIVE_INFINITY);

/** low ≤ least ≤ most ≤ high ≤ agedHigh, and low ≤ mostLow ≤ most. */
const ORDERINGS: readonly Signs[] = LOW_ENDS.flatMap((least) =>
  LOW_ENDS.filter((each) => low(each) <= low(least)).flatMap((lowest) =>
    HIGH_ENDS.filter((most) => high(most) >= low(least)).flatMap((most) =>
      HIGH_ENDS.filter((each) => high(each) >= high(most)).flatMap((highest) =>
        HIGH_ENDS.filter((each) => high(each) >= high(highest)).flatMap((agedHigh) =>
          HIGH_ENDS.filter((each) => high(each) <= high(most) && high(each) >= low(lowest)).map(
            (mostLow) => ({ low: lowest, least, most, high: highest, agedHigh, mostLow }),
          ),
        ),
      ),
    ),
  ),
);

const bound = (end: End): Bound => (end === 'unbounded' ? end : amount(end));
const figureOf = (signs: Signs): Figure => ({
  low: bound(signs.low),
  least: bound(signs.least),
  point: amount('0'),
  most: bound(signs.most),
  high: bound(signs.high),
  agedHigh: bound(signs.agedHigh),
  mostLow: bound(signs.mostLow),
});

interface Case {
  readonly liquidation: Signs;
  readonly call: Signs;
  readonly equityHigh: End;
}

/** A call line is never below the liquidation line, so its surplus is never above the other. */
const isPossible = ({ liquidation, call }: Pick<Case, 'liquidation' | 'call'>): boolean =>
  low(call.low) <= low(liquidation.low) &&
  low(call.least) <= low(liquidation.least) &&
  high(call.most) <= high(liquidation.most) &&
  high(call.high) <= high(liquidation.high) &&
  high(call.agedHigh) <= high(liquidation.agedHigh) &&
  high(call.mostLow) <= high(liquidation.mostLow);

const isBelow = (end: End): boolean => high(end) < 0;
const isNotBelow = (end: End): boolean => low(end) >= 0;

/** The rows of the table in docs/doubt.md, in words of this test. */
const ROWS: readonly {
  readonly row: number;
  readonly holds: (given: Case) => boolean;
  readonly gives: (given: Case) => Verdict;
}[] = [
  {
    row: 1,
    holds: ({ liquidation }) => isBelow(liquidation.agedHigh),
    gives: ({ equityHigh }) => ({
      level: isBelow(equityHigh) ? 'deficit' : 'liquidation',
      certainty: 'certain',
      isLiquidationWithheld: false,
    }),
  },
  {
    row: 3,
    holds: ({ call }) => isNotBelow(call.low),
    gives: () => ({ level: 'healthy', certainty: 'certain', isLiquidationWithheld: false }),
  },
  {
    row: 4,
    holds: ({ call, liquidation }) => isNotBelow(call.least) && isNotBelow(liquidation.low),
    gives: () => ({ level: 'healthy', certainty: 'uncertain', isLiquidationWithheld: false }),
  },
  {
    row: 5,
    holds: ({ call, liquidation }) => isBelow(call.most) || isBelow(liquidation.mostLow),
    gives: ({ call, liquidation }) => ({
      level: 'call',
      certainty: isBelow(call.high) && isNotBelow(liquidation.low) ? 'certain' : 'uncertain',
      isLiquidationWithheld: !isNotBelow(liquidation.least),
    }),
  },
  { row: 6, holds: () => true, gives: () => ({ certainty: 'indeterminate' }) },
];

const verdictFor = ({ liquidation, call, equityHigh }: Case): Verdict =>
  verdictOf({
    surplus: { liquidation: figureOf(liquidation), call: figureOf(call) },
    equity: { ...figureOf(liquidation), agedHigh: bound(equityHigh) },
    isDust: false,
  });

function* allCases(): Generator<Case> {
  for (const liquidation of ORDERINGS) {
    for (const call of ORDERINGS) {
      if (!isPossible({ liquidation, call })) continue;
      for (const equityHigh of ['-1', '1'] as const) yield { liquidation, call, equityHigh };
    }
  }
}

describe('The verdict', () => {
  it('is the first row of the table that holds, for every ordering of its numbers', () => {
    const counts = new Map<number, number>();
    for (const given of allCases()) {
      const row = ROWS.find(({ holds }) => holds(given));
      if (row === undefined) throw new Error('the last row always holds');
      counts.set(row.row, (counts.get(row.row) ?? 0) + 1);
      const verdict = verdictFor(given);
      if (JSON.stringify(verdict) === JSON.stringify(row.gives(given))) continue;
      expect({ given, verdict }).toEqual({ given, verdict: row.gives(given) });
    }
    expect([...counts.keys()].sort()).toEqual([1, 3, 4, 5, 6]);
  });

  it('never holds a liquidation and a healthy account at once', () => {
    for (const given of allCases()) {
      const [first, third] = ROWS;
      if (first?.holds(given) && third?.holds(given)) expect(given).toBe('impossible');
    }
  });

  it('is healthy if nothing is held but dust of a debt', () => {
    const breached = figureOf({
      low: '-1',
      least: '-1',
      most: '-1',
      high: '-1',
      agedHigh: '-1',
      mostLow: '-1',
    });
    const surplus = { liquidation: breached, call: breached };
    expect(verdictOf({ surplus, equity: breached, isDust: true })).toEqual({
      level: 'healthy',
      certainty: 'certain',
      isLiquidationWithheld: false,
    });
  });
});

/** The rule before prices had a doubt. */
function formerLevel(liquidation: Signs, call: Signs, equityHigh: End): Verdict {
  if (isBelow(liquidation.high)) {
    const level = isBelow(equityHigh) ? 'deficit' : 'liquidation';
    return { level, certainty: 'certain', isLiquidationWithheld: false };
  }
  if (isBelow(liquidation.least)) {
    return { level: 'call', certainty: 'uncertain', isLiquidationWithheld: true };
  }
  if (isBelow(call.least) || !isNotBelow(liquidation.low)) {
    const certainty = isBelow(call.high) && isNotBelow(liquidation.low) ? 'certain' : 'uncertain';
    return { level: 'call', certainty, isLiquidationWithheld: false };
  }
  const certainty = isNotBelow(call.low) ? 'certain' : 'uncertain';
  return { level: 'healthy', certainty, isLiquidationWithheld: false };
}

describe('Without doubt', () => {
  it('every level is what it was before prices had a doubt', () => {
    const known = ORDERINGS.filter(
      ({ least, most, high: highest, agedHigh, low: lowest, mostLow }) =>
        least === most && highest === agedHigh && lowest === mostLow && least !== 'unbounded',
    );
    let compared = 0;
    for (const liquidation of known) {
      for (const call of known.filter((each) => isPossible({ liquidation, call: each }))) {
        for (const equityHigh of ['-1', '1'] as const) {
          compared++;
          expect(verdictFor({ liquidation, call, equityHigh })).toEqual(
            formerLevel(liquidation, call, equityHigh),
          );
        }
      }
    }
    expect(compared).toBeGreaterThan(50);
  });
});
