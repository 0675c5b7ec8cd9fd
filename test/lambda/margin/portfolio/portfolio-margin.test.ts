import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookFigures } from '../../../../lambda/margin/assess/assess.ts';
import { ROUNDING } from '../../../../lambda/margin/curve/segment.ts';
import {
  add,
  amount,
  approximately,
  asAmount,
  isAbove,
  NO_AMOUNT,
  ratio,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import { optionValue } from '../../../../lambda/margin/option/black76.ts';
import { shockOn } from '../../../../lambda/margin/portfolio/cells.ts';
import type { OptionTerms } from '../../../../lambda/margin/snapshot/instrument-terms.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { snapshotOf } from '../build.ts';
import {
  type AccountOf,
  BY_EXPIRY,
  bookIn,
  GRID,
  type Holding,
  marketOf,
  nameOf,
  type OptionOf,
  optionIn,
  SPOT,
  snapshotOfOptions,
} from './build.ts';

const OPTIONS: OptionOf[] = [0.25, 7, 30, 90].flatMap((days) =>
  [42_000, 54_000, 60_000, 66_000, 90_000].flatMap((strike) =>
    (['call', 'put'] as const).map((type): OptionOf => {
      return { type, strike, days, volatility: strike < SPOT ? '0.7' : '0.55' };
    }),
  ),
);
const NAMES = [...OPTIONS.map(nameOf), 'BTC-PERP'];

const plain = snapshotOfOptions(OPTIONS);
const byExpiry = snapshotOfOptions(OPTIONS, { portfolio: BY_EXPIRY, rate: '0.04' });

function required(snapshot: Snapshot, account: AccountOf) {
  const { initialRequirement, maintenanceRequirement } = bookFigures(
    bookIn(snapshot, account),
    snapshot.policy,
  );
  return { initial: initialRequirement, maintenance: maintenanceRequirement };
}

const size = fc
  .tuple(fc.integer({ min: -400, max: 400 }), fc.constantFrom(0, 1, 2))
  .filter(([digits]) => digits !== 0)
  .map(([digits, places]) => `${digits}e-${places}`);
const holding = fc.record({ instrument: fc.constantFrom(...NAMES), quantity: size });
const holdings = fc.array(holding, { minLength: 1, maxLength: 8 });

describe('portfolio margin', () => {
  it('is zero for an empty account', () => {
    const due = required(plain, { held: [] });
    expect([textOf(due.initial), textOf(due.maintenance)]).toEqual(['0', '0']);
  });

  /**
   * A long loses 66 % in the tail, of which 21 % count: 8,316. In the grid it loses 15 % of 60,000:
   * 9,000.
   */
  it('takes the worst weighted price of a perpetual, plus its charge', () => {
    const long = required(plain, { held: [{ instrument: 'BTC-PERP', quantity: '1' }] });
    expect(textOf(long.initial)).toBe('11400');
    expect(textOf(long.maintenance)).toBe('9000');
  });

  /**
   * A short loses 200 % of 60,000 at three times the price, of which 6.93 % count: 8,316, less than
   * 9,000.
   */
  it('takes the opposite tail for a short perpetual', () => {
    const short = required(plain, { held: [{ instrument: 'BTC-PERP', quantity: '-1' }] });
    expect(textOf(short.initial)).toBe('11400');
  });

  /**
   * A long call, a short put and a short perpetual at one strike: no price moves the book. One put
   * is paired.
   */
  it('consists only of charges for a perfectly hedged book', () => {
    const [call, put] = (['call', 'put'] as const).map((type) =>
      nameOf({ type, strike: 60_000, days: 30, volatility: '' }),
    ) as [string, string];
    const held = [
      { instrument: call, quantity: '2' },
      { instrument: put, quantity: '-2' },
      { instrument: 'BTC-PERP', quantity: '-2' },
    ];
    const due = required(plain, { held });
    expect(Number(textOf(due.maintenance))).toBeCloseTo(2 * SPOT * 0.03, 6);
    expect(Number(textOf(due.initial))).toBeCloseTo(2 * SPOT * 0.04, 6);
  });

  it('includes coin in the scan as far as it offsets the delta', () => {
    const held = [{ instrument: 'BTC-PERP', quantity: '-2' }];
    const covered = required(plain, { held, balances: { BTC: '5' } });
    expect(textOf(covered.maintenance)).toBe(String(2 * SPOT * 0.03));
    const half = required(plain, { held, balances: { BTC: '1' } });
    expect(textOf(half.maintenance)).toBe(String(0.8 * 9000 + 2 * SPOT * 0.03));
    const wrong = required(plain, { held, balances: { BTC: '-5' } });
    expect(textOf(wrong.maintenance)).toBe(String(0.8 * 18_000 + 2 * SPOT * 0.03));
  });

  /** 2 BTC lose 15 % of 60,000 each: 0.8·18,000, with or without a position. */
  it('includes all coin in the scan if the class says so', () => {
    const all = snapshotOfOptions(OPTIONS, { portfolio: { ...GRID, collateral: 'all' } });
    const balances = { BTC: '2' };
    expect(textOf(required(all, { held: [], balances }).maintenance)).toBe('14400');
    const held = [{ instrument: 'BTC-PERP', quantity: '-2' }];
    expect(textOf(required(all, { held, balances }).maintenance)).toBe(String(2 * SPOT * 0.03));
    expect(textOf(required(plain, { held: [], balances }).maintenance)).toBe('0');
  });

  for (const [name, snapshot] of Object.entries({ plain, 'by expiry': byExpiry })) {
    it(`is never above the sum over single positions: ${name}`, () => {
      fc.assert(
        fc.property(holdings, fc.constantFrom('0', '3', '-2'), (held, coin) => {
          const balances: Record<string, string> = coin === '0' ? {} : { BTC: coin };
          const whole = required(snapshot, { held, balances });
          const parts = netted(held).map((each) => required(snapshot, { held: [each] }));
          for (const kind of ['initial', 'maintenance'] as const) {
            const sum = parts.map((part) => part[kind]).reduce(add, NO_AMOUNT);
            // Where both are equal, the rounding of float64 decides which sum is larger.
            expect(isAbove(whole[kind], add(sum, amount('0.0000001')))).toBe(false);
          }
        }),
        { numRuns: 150 },
      );
    });

    it(`grows in proportion to the size of the book: ${name}`, () => {
      fc.assert(
        fc.property(holdings, fc.integer({ min: 2, max: 9 }), (held, factor) => {
          const larger = held.map(({ instrument, quantity }) => {
            return { instrument, quantity: textOf(times(amount(quantity), ratio(`${factor}`))) };
          });
          const [once, often] = [
            required(snapshot, { held }),
            required(snapshot, { held: larger }),
          ];
          const expected = Number(textOf(once.initial)) * factor;
          expect(Number(textOf(often.initial))).toBeCloseTo(expected, 5);
          expect(isAbove(once.maintenance, often.maintenance)).toBe(false);
        }),
        { numRuns: 60 },
      );
    });

    it(`from vectors equals direct revaluation, bit for bit: ${name}`, () => {
      for (const option of OPTIONS) expectDirect(optionIn(snapshot, nameOf(option)));
    });
  }

  it('finds the worst of its scenarios exactly', () => {
    fc.assert(
      fc.property(holdings, (held) => {
        const book = bookIn(plain, { held });
        const { factors, initialRequirement } = bookFigures(book, plain.policy);
        const [scan] = factors.flatMap(({ scans }) => scans);
        if (scan === undefined) throw new Error('nothing was scanned');
        const losses = scan.scenarios().map(({ profit }) => -Number(textOf(profit)));
        const charges = chargesOf(held);
        const expected = Math.max(0, ...losses) + charges.initial;
        expect(Number(textOf(initialRequirement))).toBeCloseTo(expected, 5);
        const near = scan.nearRequirement();
        const off = scan.magnitude * ROUNDING;
        expect(Math.abs(near.initial - Number(textOf(initialRequirement)))).toBeLessThan(off);
      }),
      { numRuns: 100 },
    );
  });

  const atTheMoney = { type: 'call', strike: SPOT, days: 73, volatility: '0.6' } as const;
  const scanOfShort = (rate: string, rules: RawRow): number => {
    const portfolio = { scenarios: [{ priceMultiplier: '1' }], ...rules };
    const snapshot = snapshotOfOptions([atTheMoney], { portfolio, rate });
    const name = nameOf(atTheMoney);
    const { initial } = required(snapshot, { held: [{ instrument: name, quantity: '-1' }] });
    const { option } = optionIn(snapshot, name);
    return approximately(initial) / approximately(option.mark);
  };

  /** A discount of 0.9 is a gain of a tenth for whoever is short; in a skew row it is a loss. */
  it('discounts a skew row like the others, before it takes the absolute change', () => {
    const lossDiscount = { base: '0.9' };
    expect(scanOfShort('0', { lossDiscount })).toBe(0);
    const scenarios = [{ priceMultiplier: '1' }, { priceMultiplier: '1', skew: { slope: '0' } }];
    expect(scanOfShort('0', { lossDiscount, scenarios })).toBeCloseTo(0.1, 12);
  });

  /** e^{rT} with r = 10 % and T = 0.2. */
  it.each([
    ['0', { base: '1.5' }, 0],
    ['0.1', { base: '1.5' }, Math.exp(0.02) - 1],
    ['0.1', { rateMultiplier: '3' }, Math.exp(0.02) - 1],
    ['0.1', { rateMultiplier: '0.5' }, Math.exp(0.01) - 1],
  ])('grows a loss to at most its undiscounted value: rate %s, %j', (rate, lossDiscount, share) => {
    expect(scanOfShort(rate, { lossDiscount })).toBeCloseTo(share, 12);
  });

  it('revalues coin in the class that scans all of it, whatever class a position has', () => {
    const bare = { scenarios: [{ priceMultiplier: '1' }], collateral: 'none' };
    const whole = { scenarios: [{ priceMultiplier: '1' }, { priceMultiplier: '0.8' }] };
    const market = marketOf([], { portfolio: { ...whole, collateral: 'all' } });
    const snapshot = snapshotOf({
      ...market,
      risk: { ...market.risk, OTHER: { volatility: '0.6', portfolio: bare } },
      instruments: {
        'BTC-PERP': {
          type: 'perpetual',
          underlying: 'BTC-USD',
          settlementAsset: 'USD',
          riskClass: 'OTHER',
        },
      },
    });
    const held = [{ instrument: 'BTC-PERP', quantity: '1' }];
    const { maintenance } = required(snapshot, { balances: { BTC: '1' }, held });
    expect(textOf(maintenance)).toBe('12000');
  });

  it('is unknown without the price of the underlying, whatever the marks of the positions', () => {
    const { instruments, ...rest } = marketOf([]);
    const marked = { ...instruments?.['BTC-PERP'], markFeed: 'BTC-MARK' };
    const snapshot = snapshotOf({
      ...rest,
      instruments: { 'BTC-PERP': marked },
      quotes: { 'BTC-MARK#venue': { price: String(SPOT) } },
    });
    const held = [{ instrument: 'BTC-PERP', quantity: '1' }];
    expect(() => bookIn(snapshot, { held })).toThrow('BTC-USD: no usable quote');
    expect(textOf(required(snapshot, { held, model: 'standard' }).maintenance)).toBe('3900');
  });

  it('applies only to accounts that are on it, and others keep the standard rules', () => {
    const held = [{ instrument: 'BTC-PERP', quantity: '1' }];
    const standard = required(plain, { held, model: 'standard' });
    expect(textOf(standard.maintenance)).toBe('3900');
  });
});

/** Compares every value of the vector with a direct valuation of the option in that cell. */
function expectDirect({ scan, ofClass, option, quoted }: OptionTerms): void {
  const { portfolio } = ofClass;
  const { grid } = quoted.factor;
  if (scan === undefined || portfolio === undefined || grid === undefined) {
    throw new Error('there is no table');
  }
  const { type, strike, forward, rate } = option.input;
  const { values } = scan.vectorOver(grid);
  for (const [cell, shape] of portfolio.cells.entries()) {
    const shock = shockOn(option.input, shape, portfolio.rules);
    const direct = grid.multiples.map((multiple) =>
      optionValue(
        { type, strike, yearsToExpiry: shock.years },
        {
          forward: forward * shock.multiple * multiple,
          volatility: shock.volatility,
          discount: Math.exp(-rate * shock.years),
        },
      ),
    );
    const held = direct.map((_, node) => values[node * portfolio.cells.length + cell]);
    expect(held).toEqual(direct);
    expect(textOf(scan.exactly(cell))).toBe(textOf(asAmount(direct[grid.now] as number)));
  }
}

/** One holding per instrument, as single positions would net. */
function netted(held: readonly Holding[]): Holding[] {
  const sums = new Map<string, string>();
  for (const { instrument, quantity } of held) {
    const before = amount(sums.get(instrument) ?? '0');
    sums.set(instrument, textOf(add(before, amount(quantity))));
  }
  return [...sums].map(([instrument, quantity]) => ({ instrument, quantity }));
}

/** The charges of perpetuals and naked shorts, calculated independently in floating point. */
function chargesOf(held: readonly Holding[]): { readonly initial: number } {
  let perpetual = 0;
  const byStrike = new Map<string, number>();
  for (const { instrument, quantity } of netted(held)) {
    if (instrument === 'BTC-PERP') perpetual += Number(quantity);
    else {
      const strike = instrument.slice(0, -2);
      byStrike.set(strike, (byStrike.get(strike) ?? 0) + Number(quantity));
    }
  }
  const naked = [...byStrike.values()].reduce((sum, net) => sum + Math.max(0, -net), 0);
  return { initial: SPOT * (Math.abs(perpetual) * 0.04 + naked * 0.005) };
}
