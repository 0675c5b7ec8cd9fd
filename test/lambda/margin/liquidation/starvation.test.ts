import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Assessment } from '../../../../lambda/margin/assess/assess.ts';
import { type CaseState, NO_CASE } from '../../../../lambda/margin/case/case.ts';
import { decide } from '../../../../lambda/margin/case/decide.ts';
import { liquidationDue } from '../../../../lambda/margin/case/liquidation-due.ts';
import { RemainingCapacity } from '../../../../lambda/margin/liquidation/capacity.ts';
import type { Order, Plan } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { type Rank, worstFirst } from '../../../../lambda/margin/liquidation/queue.ts';
import {
  type Amount,
  amount,
  isZero,
  price,
  quantity,
  smaller,
  subtract,
} from '../../../../lambda/margin/number/decimal.ts';
import { NOW, policyOf, rangeOf } from '../build.ts';

const INTERVAL_SECONDS = 60;
const WAIT_SECONDS = 300;
const WAIT_CHECKS = WAIT_SECONDS / INTERVAL_SECONDS;
const CHECKS = 60;
const LINE = amount('100');

interface Breached {
  readonly key: string;
  /** The notional it needs at every check, as if nothing were ever filled. */
  readonly need: Amount;
  readonly surplus: string;
  readonly from: number;
}

const assessmentOf = ({ surplus }: Breached): Assessment => ({
  certainty: 'certain',
  level: 'liquidation',
  isLiquidationWithheld: false,
  reasons: [],
  notes: [],
  equity: rangeOf('1'),
  marginBalance: rangeOf('1'),
  initialRequirement: LINE,
  maintenanceRequirement: LINE,
  latencyBuffer: amount('0'),
  lines: { liquidation: LINE, call: LINE, restore: LINE },
  surplus: { liquidation: rangeOf(surplus), call: rangeOf(surplus), restore: rangeOf(surplus) },
  factors: [],
  prices: [],
  options: [],
});

function planWithin(need: Amount, left: RemainingCapacity): Plan {
  const capacity = left.within(['M']).get('M/sell') ?? need;
  const notional = smaller(need, capacity);
  const rest = subtract(need, notional);
  const order: Order = {
    ...{ kind: 'position', market: 'M', side: 'sell', notional },
    quantity: quantity('1'),
    referencePrice: price('1'),
  };
  return {
    ...{ cancelOpenOrders: [], scope: 'partial', why: 'it is breached' },
    orders: isZero(notional) ? [] : [order],
    carriedOver: isZero(rest) ? [] : [{ market: 'M', side: 'sell', notional: rest }],
  };
}

function serve(all: readonly Breached[], capacity: string, cooldownSeconds: number): string[][] {
  const policy = policyOf({
    mode: 'enforce',
    liquidationWaitSeconds: String(WAIT_SECONDS),
    liquidationCooldownSeconds: String(cooldownSeconds),
  });
  const states = new Map<string, CaseState>();
  return Array.from({ length: CHECKS }, (_, check) => {
    const asOf = NOW + check * INTERVAL_SECONDS * 1000;
    const left = new RemainingCapacity(new Map([['M/sell', amount(capacity)]]));
    const queued = all
      .filter((each) => each.from <= check)
      .map((each) => ({ each, state: states.get(each.key) ?? NO_CASE }))
      .filter(({ each, state }) => liquidationDue(assessmentOf(each), state, { asOf, policy }))
      .map(({ each, state }): Rank & { each: Breached; state: CaseState } => ({
        ...{ each, state, key: each.key, line: LINE, notional: each.need },
        surplus: amount(each.surplus),
        waitingSince: state.open?.waitingSince,
      }));
    return worstFirst(queued, { asOf, policy }).flatMap(({ each, state }) => {
      const plan = planWithin(each.need, left);
      const { next } = decide({
        ...{ subject: each.key, outcome: assessmentOf(each), state, asOf, policy },
        ...{ checkId: `check${check}`, callGraceSeconds: 0, plan },
      });
      left.take(plan);
      states.set(each.key, next);
      return plan.orders.length > 0 ? [each.key] : [];
    });
  });
}

const anyBreached = fc.record({
  need: fc.integer({ min: 1, max: 500 }),
  surplus: fc.integer({ min: -500, max: -1 }),
  from: fc.integer({ min: 0, max: 20 }),
});

it('every account gets capacity within the wait limit plus one turn of each other account', () => {
  fc.assert(
    fc.property(
      fc.array(anyBreached, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 600 }),
      fc.constantFrom(0, 60, 180),
      (breached, capacity, cooldownSeconds) => {
        const all = breached.map(({ need, surplus, from }, index) => ({
          ...{ key: `a${index}`, need: amount(`${need}`), surplus: `${surplus}`, from },
        }));
        const served = serve(all, `${capacity}`, cooldownSeconds);
        const bound = WAIT_CHECKS + 1 + all.length + cooldownSeconds / INTERVAL_SECONDS;
        for (const { key, from } of all) {
          const turns = served.flatMap((keys, check) => (keys.includes(key) ? [check] : []));
          const gaps = turns.map((turn, index) => turn - (turns[index - 1] ?? from));
          expect(Math.max(...gaps, CHECKS - (turns.at(-1) ?? from) - 1)).toBeLessThanOrEqual(bound);
        }
      },
    ),
    { numRuns: 200 },
  );
});

it('without the wait limit the worst account would get all the capacity, so the property can fail', () => {
  const all = [
    { key: 'bad', need: amount('10'), surplus: '-1', from: 0 },
    { key: 'worst', need: amount('10'), surplus: '-99', from: 0 },
  ];
  const served = serve(all, '10', 0);
  expect(served.slice(0, WAIT_CHECKS + 1).flat()).not.toContain('bad');
  expect(served[WAIT_CHECKS + 1]).toEqual(['bad']);
});
