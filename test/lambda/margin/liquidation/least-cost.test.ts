import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingNotionalWithImpact } from '../../../../lambda/margin/liquidation/closing-notional.ts';
import {
  leastCost,
  netReliefOf,
  type Way,
} from '../../../../lambda/margin/liquidation/least-cost.ts';
import {
  type Amount,
  amount,
  approximately,
  asAmount,
  asRatio,
  ratio,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';

const way = (relief: string, unitCost: string, capacity = '1000000', impact = '0'): Way => ({
  relief: ratio(relief),
  unitCost: ratio(unitCost),
  impact: ratio(impact),
  used: amount('0'),
  capacity: amount(capacity),
});

const closedBy = (ways: readonly Way[], shortfall: string) => {
  const closed = leastCost(ways, amount(shortfall));
  return ways.map((each) => textOf(closed.get(each) ?? amount('0')));
};

describe('ways to close at a linear cost', () => {
  const [cheap, dear] = [way('0.024', '0.001', '10000'), way('0.06', '0.0075', '10000')];

  it('are used in the order of their cost per relief, c ÷ (r − c)', () => {
    expect(closedBy([dear, cheap], '23')).toEqual(['0', '1000']);
    expect(closedBy([dear, cheap], '230')).toEqual(['0', '10000']);
    expect(closedBy([dear, cheap], '282.5')).toEqual(['1000', '10000']);
  });

  it('are all used completely if they do not suffice', () => {
    expect(closedBy([dear, cheap], '9999')).toEqual(['10000', '10000']);
  });

  it('are not used if they cost as much as they relieve, or more', () => {
    expect(closedBy([way('0.01', '0.01'), way('0.01', '0.02')], '5')).toEqual(['0', '0']);
  });

  it('are used by the largest relief first if they cost nothing', () => {
    expect(closedBy([way('0.02', '0'), way('0.05', '0')], '50')).toEqual(['0', '1000']);
  });
});

describe('ways to close with a price impact', () => {
  it('are closed by the closed form if there is only one', () => {
    const only = way('0.06', '0.0005', '10000000', '0.000004');
    const [notional = ''] = closedBy([only], '20000');
    const exact = closingNotionalWithImpact(20_000, { netRelief: 0.0595, impact: 4e-6 });
    expect(Number(notional)).toBeCloseTo(exact ?? Number.NaN, 6);
  });

  it('share the shortfall equally if two are alike', () => {
    const alike = [0, 1].map(() => way('0.06', '0.0005', '10000000', '0.000004'));
    const [one, other] = closedBy(alike, '20000').map(Number);
    expect(one).toBeCloseTo(other ?? Number.NaN, 3);
    expect(one).toBeLessThan(350_058.108 / 2);
  });

  it('are not used beyond the point where the last unit costs what it relieves', () => {
    const impacted = way('0.06', '0.0005', '10000000000', '0.000004');
    const [notional = ''] = closedBy([impacted], '99999999');
    expect(Number(notional) / ((2 * 0.0595) / (3 * 4e-6)) ** 2).toBeCloseTo(1, 9);
  });

  it('give way to a linear way once their last unit costs as much', () => {
    const impacted = way('0.06', '0', '10000000000', '0.0001');
    const straight = way('0.06', '0.006');
    const [nonLinear = 0, line = 0] = closedBy([impacted, straight], '5000').map(Number);
    expect(1.5 * 0.0001 * Math.sqrt(nonLinear)).toBeCloseTo(0.006, 9);
    expect(0.06 * nonLinear - 0.0001 * nonLinear ** 1.5 + 0.054 * line).toBeCloseTo(5000, 6);
  });

  it('continue the impact from what they have been used for already', () => {
    const used = { ...way('0.06', '0', '1000000', '0.0001'), used: amount('10000') };
    const [notional = 0] = closedBy([used], '10').map(Number);
    const moved = (10_000 + notional) ** 1.5 - 10_000 ** 1.5;
    expect(0.06 * notional - 0.0001 * moved).toBeCloseTo(10, 6);
  });
});

const anyWay = fc.record({
  relief: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
  costShare: fc.double({ min: 0, max: 1.2, noNaN: true }),
  impact: fc.option(fc.double({ min: 1e-8, max: 1e-4, noNaN: true }), { nil: 0, freq: 2 }),
  capacity: fc.double({ min: 1, max: 1e6, noNaN: true }),
});

const wayOf = (drawn: {
  relief: number;
  costShare: number;
  impact: number;
  capacity: number;
}): Way => ({
  relief: asRatio(drawn.relief),
  unitCost: asRatio(drawn.relief * drawn.costShare),
  impact: asRatio(drawn.impact),
  used: amount('0'),
  capacity: asAmount(drawn.capacity),
});

const costOf = (each: Way, notional: number): number =>
  approximately(each.unitCost) * notional + approximately(each.impact) * notional ** 1.5;

describe('any set of ways to close', () => {
  const sumOf = <T>(of: ReadonlyMap<Way, Amount>, read: (way: Way, notional: Amount) => T) =>
    [...of].map(([each, notional]) => Number(read(each, notional)));
  const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);
  const reliefOf = (closed: ReadonlyMap<Way, Amount>) =>
    total(sumOf(closed, (each, notional) => approximately(netReliefOf(each, notional))));

  it('relieves the shortfall, or as much as possible, within their capacities', () => {
    fc.assert(
      fc.property(
        fc.array(anyWay, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        (drawn, shortfall) => {
          const ways = drawn.map(wayOf);
          const closed = leastCost(ways, asAmount(shortfall));
          for (const [each, notional] of closed) {
            expect(approximately(notional)).toBeLessThanOrEqual(
              approximately(each.capacity) * (1 + 1e-12),
            );
          }
          const relieved = reliefOf(closed);
          const most = reliefOf(leastCost(ways, amount('1e15')));
          expect(relieved).toBeGreaterThanOrEqual(Math.min(shortfall, most) * (1 - 1e-9) - 1e-9);
          expect(relieved).toBeLessThanOrEqual(Math.min(shortfall, most) * (1 + 1e-9) + 1e-9);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('costs no more together than any one of them alone', () => {
    fc.assert(
      fc.property(
        fc.array(anyWay, { minLength: 2, maxLength: 5 }),
        fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        (drawn, shortfall) => {
          const ways = drawn.map(wayOf);
          const closed = leastCost(ways, asAmount(shortfall));
          const together = total(
            sumOf(closed, (each, notional) => costOf(each, approximately(notional))),
          );
          for (const each of ways) {
            const alone = leastCost([each], asAmount(shortfall));
            if (reliefOf(alone) < shortfall * (1 - 1e-9)) continue;
            const cost = total(
              sumOf(alone, (one, notional) => costOf(one, approximately(notional))),
            );
            expect(together).toBeLessThanOrEqual(cost * (1 + 1e-9) + 1e-9);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
