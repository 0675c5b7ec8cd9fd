import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  phasedSchedule,
  type Rates,
  requirementOf,
  type Schedule,
  tieredSchedule,
} from '../../../../lambda/margin/market/schedule.ts';
import {
  add,
  amount,
  isAbove,
  isAtLeast,
  isBelow,
  ONE,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { type AccountRows, assessed, NOW, plain, reasonsOf, snapshotOf } from '../build.ts';

const HOUR_MS = 3_600_000;

const RULES: Readonly<Record<string, readonly [before: RawRow, now: RawRow]>> = {
  flat: [
    { type: 'flat', initial: '0.04', maintenance: '0.02' },
    { type: 'flat', initial: '0.1', maintenance: '0.05' },
  ],
  tiered: [
    {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.02', maintenance: '0.01' },
        { floor: '100000', initial: '0.05', maintenance: '0.03' },
      ],
    },
    {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.1', maintenance: '0.04' },
        { floor: '150000', initial: '0.2', maintenance: '0.06' },
        { floor: '400000', initial: '0.5', maintenance: '0.08' },
      ],
    },
  ],
  sizeLadder: [
    {
      type: 'sizeLadder',
      initial: { base: '0.02', slope: '0.001' },
      maintenance: { base: '0.01', slope: '0.001' },
    },
    {
      type: 'sizeLadder',
      initial: { base: '0.1', slope: '0.002' },
      maintenance: { base: '0.05', slope: '0.002' },
    },
  ],
  squareRoot: [
    { type: 'squareRoot', initial: '0.05', maintenance: '0.03', sizeScaling: '0.002' },
    { type: 'squareRoot', initial: '0.1', maintenance: '0.06', sizeScaling: '0.01' },
  ],
  openInterest: [
    { type: 'openInterest', initial: '0.04', maintenance: '0.02', lower: '1e6', upper: '2e6' },
    { type: 'openInterest', initial: '0.1', maintenance: '0.05', lower: '1e6', upper: '9e6' },
  ],
};

const PAIRS = Object.keys(RULES).flatMap((before) =>
  Object.keys(RULES).map((now): [string, string] => [before, now]),
);
const beforeOf = (name: string) => RULES[name]?.[0] as RawRow;
const nowOf = (name: string) => RULES[name]?.[1] as RawRow;

interface Class {
  readonly margin: RawRow;
  readonly phaseIn?: RawRow;
  readonly inverse?: boolean;
  readonly openInterest?: string | undefined;
  readonly risk?: RawRow;
  readonly policy?: RawRow;
}

const snapshotAt = (hours: number, { inverse = false, ...of }: Class) =>
  snapshotOf({
    asOf: NOW + Math.round(hours * HOUR_MS),
    policy: { staleAfterSeconds: '31536000', maxAgeSeconds: '31536000', ...of.policy },
    assets: { BTC: { feed: 'BTC-USD' } },
    instruments: {
      PERP: {
        type: 'perpetual',
        underlying: 'BTC-USD',
        riskClass: 'BTC',
        settlementAsset: inverse ? 'BTC' : 'USD',
        ...(inverse ? { inverse, contractSize: '100' } : {}),
        ...('openInterest' in of && of.openInterest === undefined
          ? {}
          : { openInterest: of.openInterest ?? (inverse ? '40000' : '400') }),
      },
    },
    risk: {
      BTC: {
        volatility: '0.8',
        margin: of.margin,
        ...(of.phaseIn === undefined ? {} : { phaseIn: of.phaseIn }),
        ...of.risk,
      },
    },
    quotes: { 'BTC-USD#pyth': { price: '10000', publishedAt: String(NOW - 2 * HOUR_MS) } },
  });

/** 50 BTC, a notional of 500,000; with open orders for 70. */
const BOOKS: Readonly<Record<string, AccountRows>> = {
  long: {
    balances: [{ asset: 'USD', amount: '500000' }],
    positions: [{ instrument: 'PERP', quantity: '50', entryPrice: '10000' }],
  },
  'short with open orders': {
    balances: [{ asset: 'USD', amount: '500000' }],
    positions: [
      { instrument: 'PERP', quantity: '-50', entryPrice: '10000', openSellQuantity: '20' },
    ],
  },
};
const INVERSE: AccountRows = {
  balances: [{ asset: 'BTC', amount: '50' }],
  positions: [{ instrument: 'PERP', quantity: '-5000', entryPrice: '10000' }],
};

const raise = (before: string, from = 0, hours = '8'): RawRow => ({
  margin: beforeOf(before),
  from: String(NOW + from * HOUR_MS),
  hours,
});

const TINY = amount('1e-20');

/** The requirements at an hour, with those of the rules before and of now by themselves. */
function requirementsAt(hours: number, of: { before: string; now: string; book: AccountRows }) {
  const { before, now, book } = of;
  const inverse = book === INVERSE;
  const margin = nowOf(now);
  const by = (each: Class) => {
    const figures = assessed(book, snapshotAt(hours, { inverse, ...each }));
    const { initialRequirement: initial, maintenanceRequirement: maintenance } = figures;
    return { initial, maintenance };
  };
  return {
    phased: by({ margin, phaseIn: raise(before) }),
    before: by({ margin: beforeOf(before) }),
    now: by({ margin }),
  };
}

describe.each([...Object.entries(BOOKS), ['inverse', INVERSE] as const])(
  'a raise over eight hours, for an account that is %s',
  (_, book) => {
    it.each(PAIRS)('from %s to %s: initial at once, maintenance in proportion', (before, now) => {
      for (const [hours, share] of [
        [-1, '0'],
        [0, '0'],
        [2, '0.25'],
        [4, '0.5'],
        [6, '0.75'],
        [8, '1'],
        [9, '1'],
      ] as const) {
        const found = requirementsAt(hours, { before, now, book });
        expect(textOf(found.phased.initial), `${hours} h`).toBe(textOf(found.now.initial));
        const passed = ratio(share);
        const expected = add(
          times(found.before.maintenance, subtract(ONE, passed)),
          times(found.now.maintenance, passed),
        );
        const off = subtract(found.phased.maintenance, expected);
        expect(isBelow(off, TINY) && isAbove(add(off, TINY), amount('0')), `${hours} h`).toBe(true);
      }
    });

    it.each(PAIRS)('from %s to %s: never rounded down, never above initial', (before, now) => {
      for (const hours of [8 / 3, 1 / 7, 7.999]) {
        const { phased, ...rules } = requirementsAt(hours, { before, now, book });
        const passed = Math.round(hours * HOUR_MS);
        const whole = amount(String(8 * HOUR_MS));
        const parts = [
          times(rules.before.maintenance, ratio(String(8 * HOUR_MS - passed))),
          times(rules.now.maintenance, ratio(String(passed))),
        ] as const;
        // Both sides times the length of the raise, so that nothing is divided.
        const found = times(phased.maintenance, ratio(textOf(whole)));
        expect(isAtLeast(add(found, TINY), add(...parts)), `${hours} h`).toBe(true);
        const above = subtract(found, add(...parts));
        expect(isBelow(above, amount('100')), 'a few millionths of a dollar').toBe(true);
        expect(isAtLeast(phased.initial, phased.maintenance)).toBe(true);
      }
    });
  },
);

describe('a raise', () => {
  const margin = nowOf('flat');
  const [, book] = Object.entries(BOOKS)[0] as [string, AccountRows];

  it('liquidates by and by: 5 % and not 2 % from the last hour on', () => {
    const poor = { ...book, balances: [{ asset: 'USD', amount: '15000' }] };
    const levels = [0, 4, 5.33, 5.34, 8].map((hours) => {
      const snapshot = snapshotAt(hours, {
        margin: { type: 'flat', initial: '0.1', maintenance: '0.035' },
        phaseIn: raise('flat'),
        policy: { callMultiplier: '1' },
      });
      return assessed(poor, snapshot).level;
    });
    expect(levels).toEqual(['healthy', 'healthy', 'healthy', 'liquidation', 'liquidation']);
  });

  it('that begins later has the initial requirement of now and the maintenance of before', () => {
    const snapshot = snapshotAt(0, { margin, phaseIn: raise('flat', 1) });
    const { initialRequirement, maintenanceRequirement } = assessed(book, snapshot);
    expect(plain({ initialRequirement, maintenanceRequirement })).toEqual({
      initialRequirement: '50000',
      maintenanceRequirement: '10000',
    });
  });

  it('of a few minutes counts them', () => {
    const snapshot = snapshotAt(0.125, { margin, phaseIn: raise('flat', 0, '0.5') });
    expect(textOf(assessed(book, snapshot).maintenanceRequirement)).toBe('13750');
  });

  it('does not slow the shock, the uncertainty or the volatility of a feed', () => {
    const policy = { latencyBuffer: 'standard', uncertainty: 'standard' };
    const of = (phaseIn: RawRow | undefined) =>
      snapshotAt(2, { margin, policy, ...(phaseIn === undefined ? {} : { phaseIn }) });
    expect(of(raise('flat')).feeds).toEqual(of(undefined).feeds);
  });

  it('is multiplied as a whole by a dynamic class, and rounded as a whole', () => {
    const dynamic = { referenceVolatility: '0.4', floor: '1', cap: '3' };
    const whole = snapshotAt(2, {
      margin,
      phaseIn: raise('flat'),
      risk: { dynamic, requirementPlaces: '0' },
    });
    const { initialRequirement, maintenanceRequirement } = assessed(book, whole);
    expect(plain({ initialRequirement, maintenanceRequirement })).toEqual({
      initialRequirement: '100000',
      maintenanceRequirement: '27500',
    });
  });

  it('needs an open interest only for the rule of now', () => {
    const none = { openInterest: undefined };
    const toFlat = snapshotAt(2, { ...none, margin, phaseIn: raise('openInterest') });
    expect(textOf(assessed(book, toFlat).maintenanceRequirement)).toBe('13750');
    const from = { ...none, margin: nowOf('openInterest'), phaseIn: raise('sizeLadder') };
    expect(reasonsOf(book, snapshotAt(2, from))).toEqual(['open-interest-unknown PERP']);
  });

  it('from a maintenance above the new initial requirement is capped by it', () => {
    const snapshot = snapshotAt(0, {
      margin: { type: 'flat', initial: '0.01', maintenance: '0.005' },
      phaseIn: raise('flat'),
    });
    const { initialRequirement, maintenanceRequirement } = assessed(book, snapshot);
    expect(plain({ initialRequirement, maintenanceRequirement })).toEqual({
      initialRequirement: '5000',
      maintenanceRequirement: '5000',
    });
  });
});

describe('the row of a raise', () => {
  const faultOf = (row: RawRow) =>
    readMarket([
      { kind: 'policy', id: 'default' },
      { kind: 'risk', id: 'BTC', volatility: '0.8', ...row },
    ]).faults.map(({ detail }) => detail);

  it.each([
    ['no margin that it leads to', { phaseIn: raise('flat') }, 'phaseIn needs margin, the rule'],
    ['no time', { hours: '0' }, 'phaseIn.hours must be above 0, not 0'],
    ['no beginning', { from: undefined }, 'phaseIn.from is missing'],
    ['no rule', { margin: { type: 'steep' } }, 'phaseIn.margin.type'],
    ['more', { until: '9' }, 'phaseIn'],
  ])('with %s is refused', (_, row, fault) => {
    const whole = 'phaseIn' in row ? row : { margin: nowOf('flat') };
    const faults = faultOf({ phaseIn: { ...raise('flat'), ...row }, ...whole });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('market risk/BTC');
    expect(faults[0]).toContain(fault);
  });

  it('may take the rule that it leads to from a venue', () => {
    expect(faultOf({ venue: 'hyperliquid-10x', phaseIn: raise('flat') })).toEqual([]);
    expect(faultOf({ venue: 'aave-like', phaseIn: raise('flat') })).not.toEqual([]);
  });
});

const rates = fc.array(fc.tuple(fc.nat(999), fc.nat(499), fc.nat(500)), {
  minLength: 1,
  maxLength: 4,
});

/** Floors and rates that rise, with maintenance at most initial. */
function randomSchedule(steps: readonly (readonly [number, number, number])[]): Schedule {
  let [floor, maintenance, gap] = [0, 0, 0];
  const tiers = steps.map(([wide, up, over], index): Rates => {
    floor = index === 0 ? 0 : floor + wide + 1;
    maintenance += up;
    gap += over;
    return {
      floor: amount(String(floor)),
      initial: ratio(String((maintenance + gap) / 10_000)),
      maintenance: ratio(String(maintenance / 10_000)),
    };
  });
  return tieredSchedule(tiers);
}

it('interpolates any two schedules: convex, at most initial, and linear where it is not capped', () => {
  fc.assert(
    fc.property(rates, rates, fc.nat(100), fc.nat(5_000), (nowSteps, beforeSteps, percent, x) => {
      const now = randomSchedule(nowSteps);
      const before = randomSchedule(beforeSteps);
      const passed = ratio(String(percent / 100));
      const left = subtract(ONE, passed);
      const phased = phasedSchedule(now, before, { passed, left });
      const notional = amount(String(x));
      const found = requirementOf(phased, notional);
      const [from, to] = [requirementOf(before, notional), requirementOf(now, notional)];
      expect(textOf(found.initial)).toBe(textOf(to.initial));
      expect(isAtLeast(found.initial, found.maintenance)).toBe(true);
      const mixed = add(times(from.maintenance, left), times(to.maintenance, passed));
      expect(isAtLeast(mixed, found.maintenance)).toBe(true);
      const isCapped = phased.some(({ initial, maintenance }) => initial === maintenance);
      if (!isCapped) expect(textOf(found.maintenance)).toBe(textOf(mixed));
    }),
  );
});
