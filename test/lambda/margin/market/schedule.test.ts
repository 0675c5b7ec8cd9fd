import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flatSchedule,
  requirementOf,
  type Schedule,
  ScheduleError,
  tieredSchedule,
  tierOf,
} from '../../../../lambda/margin/market/schedule.ts';
import {
  add,
  amount,
  isAtLeast,
  isNegative,
  NO_AMOUNT,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import { plain, scheduleOf } from '../build.ts';

const requirement = (schedule: Schedule, notional: string) =>
  plain({ ...requirementOf(schedule, amount(notional)) });

describe('a flat schedule', () => {
  const schedule = flatSchedule(ratio('0.1'), ratio('0.05'));

  it('is an exact fraction of the notional', () => {
    expect(requirement(schedule, '60000')).toEqual({ initial: '6000', maintenance: '3000' });
    expect(requirement(schedule, '0.00000001')).toEqual({
      initial: '0.000000001',
      maintenance: '0.0000000005',
    });
  });

  it('requires nothing for a notional of 0', () => {
    expect(requirement(schedule, '0')).toEqual({ initial: '0', maintenance: '0' });
  });

  it('may have a maintenance rate equal to the initial rate', () => {
    const both = flatSchedule(ratio('0.05'), ratio('0.05'));
    expect(requirement(both, '100')).toEqual({ initial: '5', maintenance: '5' });
  });
});

/**
 * BTC on Hyperliquid: 40× to 150M of notional, 20× above. Maintenance is half of initial.
 * Deductions: 150M · (5 % − 2.5 %) = 3.75M and 150M · (2.5 % − 1.25 %) = 1.875M.
 */
describe('a schedule of two tiers: 40× to 150M, 20× above', () => {
  const schedule = scheduleOf(['0', '0.025', '0.0125'], ['150e6', '0.05', '0.025']);

  it.each([
    ['a notional in the first tier', '1000000', '25000', '12500'],
    ['a cent below the floor', '149999999.99', '3749999.99975', '1874999.999875'],
    ['the floor', '150000000', '3750000', '1875000'],
    ['a cent above the floor', '150000000.01', '3750000.0005', '1875000.00025'],
    ['200M', '200000000', '6250000', '3125000'],
  ])('has the marginal requirement at %s', (_, notional, initial, maintenance) => {
    expect(requirement(schedule, notional)).toEqual({ initial, maintenance });
  });

  it('has deductions that make it continuous', () => {
    expect(schedule.map((tier) => textOf(tier.initialDeduction))).toEqual(['0', '3750000']);
    expect(schedule.map((tier) => textOf(tier.maintenanceDeduction))).toEqual(['0', '1875000']);
  });

  it('enters a tier exactly at its floor', () => {
    expect(tierOf(schedule, amount('149999999.99'))).toBe(schedule[0]);
    expect(tierOf(schedule, amount('150000000'))).toBe(schedule[1]);
    expect(tierOf(schedule, amount('1e15'))).toBe(schedule[1]);
    expect(tierOf(schedule, NO_AMOUNT)).toBe(schedule[0]);
  });
});

/**
 * 2 %/1 % to 100k, 5 %/2.5 % to 1M, 10 %/5 % above. Deductions of initial: 100k · 3 % = 3,000, then
 * + 1M · 5 % = 53,000. Deductions of maintenance: 100k · 1.5 % = 1,500, then + 1M · 2.5 % = 26,500.
 */
describe('a schedule of three tiers', () => {
  const schedule = scheduleOf(
    ['0', '0.02', '0.01'],
    ['100000', '0.05', '0.025'],
    ['1000000', '0.10', '0.05'],
  );

  it.each([
    ['100000', '2000', '1000'],
    ['500000', '22000', '11000'],
    ['1000000', '47000', '23500'],
    ['2000000', '147000', '73500'],
  ])('requires at %s the sum of its marginal parts', (notional, initial, maintenance) => {
    expect(requirement(schedule, notional)).toEqual({ initial, maintenance });
  });
});

describe('a schedule', () => {
  it.each([
    ['it has no tier', [], 'needs at least one tier'],
    ['the first floor is not 0', [['1', '0.1', '0.05']], 'must have floor 0 in tier 0'],
    [
      'two floors are equal',
      [
        ['0', '0.1', '0.05'],
        ['100', '0.2', '0.1'],
        ['100', '0.3', '0.1'],
      ],
      'must have a higher floor in tier 2 than in tier 1',
    ],
    [
      'a floor falls',
      [
        ['0', '0.1', '0.05'],
        ['100', '0.2', '0.1'],
        ['99.99', '0.3', '0.1'],
      ],
      'must have a higher floor in tier 2 than in tier 1',
    ],
    [
      'initial falls from tier to tier',
      [
        ['0', '0.1', '0.05'],
        ['100', '0.0999', '0.05'],
      ],
      'must not have a lower rate in tier 1 than in tier 0',
    ],
    [
      'maintenance falls from tier to tier',
      [
        ['0', '0.1', '0.05'],
        ['100', '0.1', '0.0499'],
      ],
      'must not have a lower rate in tier 1 than in tier 0',
    ],
    [
      'maintenance is above initial in the first tier',
      [['0', '0.05', '0.0500001']],
      'must not have initial below maintenance in tier 0',
    ],
    [
      'maintenance is above initial in a later tier',
      [
        ['0', '0.05', '0.05'],
        ['100', '0.06', '0.0600001'],
      ],
      'must not have initial below maintenance in tier 1',
    ],
  ] as [string, [string, string, string][], string][])('is refused if %s', (_, tiers, message) => {
    expect(() => scheduleOf(...tiers)).toThrow(ScheduleError);
    expect(() => scheduleOf(...tiers)).toThrow(message);
  });

  it('is accepted if rates stay the same from tier to tier', () => {
    const schedule = scheduleOf(['0', '0.1', '0.05'], ['100', '0.1', '0.05']);
    expect(requirement(schedule, '1000')).toEqual({ initial: '100', maintenance: '50' });
  });
});

const basisPoints = (max: number) => fc.integer({ min: 0, max });
const bp = (points: number) => ratio(`${points}e-4`);

/** One to five tiers. Floors rise by at least 0.01, no rate falls, maintenance ≤ initial. */
const anySchedule = fc
  .array(
    fc.record({
      width: fc.integer({ min: 1, max: 10_000_000 }),
      maintenanceStep: basisPoints(500),
      initialStep: basisPoints(500),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((steps) => {
    let [floor, initial, maintenance] = [0, 0, 0];
    return tieredSchedule(
      steps.map((step, index) => {
        if (index > 0) floor += step.width;
        maintenance += step.maintenanceStep;
        initial = Math.max(initial, maintenance) + step.initialStep;
        return {
          floor: amount(`${floor}e-2`),
          initial: bp(initial),
          maintenance: bp(maintenance),
        };
      }),
    );
  });

const cents = fc.integer({ min: 0, max: 60_000_000 }).map((count) => amount(`${count}e-2`));

describe('any schedule', () => {
  it('requires 0 ≤ maintenance ≤ initial for every notional', () => {
    fc.assert(
      fc.property(anySchedule, cents, (schedule, notional) => {
        const { initial, maintenance } = requirementOf(schedule, notional);
        expect(isNegative(maintenance)).toBe(false);
        expect(isAtLeast(initial, maintenance)).toBe(true);
      }),
    );
  });

  it('charges the part in each tier at the rate of that tier', () => {
    fc.assert(
      fc.property(anySchedule, cents, (schedule, notional) => {
        let [initial, maintenance] = [NO_AMOUNT, NO_AMOUNT];
        for (const [index, tier] of schedule.entries()) {
          if (!isAtLeast(notional, tier.floor)) continue;
          const next = schedule[index + 1]?.floor;
          const top = next === undefined || isAtLeast(next, notional) ? notional : next;
          initial = add(initial, times(subtract(top, tier.floor), tier.initial));
          maintenance = add(maintenance, times(subtract(top, tier.floor), tier.maintenance));
        }
        expect(plain({ ...requirementOf(schedule, notional) })).toEqual(
          plain({ initial, maintenance }),
        );
      }),
    );
  });

  it('is continuous at every floor', () => {
    fc.assert(
      fc.property(anySchedule, (schedule) => {
        for (const [index, tier] of schedule.entries()) {
          const below = schedule[index - 1];
          if (below === undefined) continue;
          const { initial, maintenance } = requirementOf(schedule, tier.floor);
          const fromBelow = {
            initial: subtract(times(tier.floor, below.initial), below.initialDeduction),
            maintenance: subtract(times(tier.floor, below.maintenance), below.maintenanceDeduction),
          };
          expect(plain({ initial, maintenance })).toEqual(plain(fromBelow));
        }
      }),
    );
  });

  it('never falls as the notional grows', () => {
    fc.assert(
      fc.property(anySchedule, cents, cents, (schedule, notional, more) => {
        const small = requirementOf(schedule, notional);
        const large = requirementOf(schedule, add(notional, more));
        expect(isAtLeast(large.initial, small.initial)).toBe(true);
        expect(isAtLeast(large.maintenance, small.maintenance)).toBe(true);
      }),
    );
  });

  it('is convex: the middle of two notionals requires at most the mean', () => {
    fc.assert(
      fc.property(anySchedule, cents, cents, (schedule, left, right) => {
        const half = ratio('0.5');
        const middle = requirementOf(schedule, times(add(left, right), half));
        const ends = [requirementOf(schedule, left), requirementOf(schedule, right)] as const;
        for (const kind of ['initial', 'maintenance'] as const) {
          const mean = times(add(ends[0][kind], ends[1][kind]), half);
          expect(isAtLeast(mean, middle[kind])).toBe(true);
        }
      }),
    );
  });
});
