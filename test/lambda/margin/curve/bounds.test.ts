import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafe } from '../../../../lambda/margin/assess/assess.ts';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { approximately, isNegative, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { safeRadius } from '../../../../local/analysis/safe-radius.ts';
import { assessedBook, bounded, NOW, snapshotOf } from '../build.ts';
import {
  type AccountOf,
  BY_EXPIRY,
  bookIn,
  GRID,
  marketOf,
  nameOf,
  type OptionOf,
  SPOT,
} from '../portfolio/build.ts';

/**
 * Compares the bounds of a book between two prices with the same book at many prices in between.
 * The market at a price changes only the quote of the underlying. Implied volatilities stay.
 */
const OPTIONS: OptionOf[] = [0.5, 30].flatMap((days) =>
  [57_000, 60_000, 63_000].flatMap((strike) =>
    (['call', 'put'] as const).map((type): OptionOf => ({ type, strike, days, volatility: '0.6' })),
  ),
);
const NAMES = [...OPTIONS.map(nameOf), 'BTC-PERP'];

const CASES = {
  'the standard model': { model: 'standard', portfolio: GRID },
  'a grid': { model: 'portfolio', portfolio: GRID },
  'a scenario table with expiries': { model: 'portfolio', portfolio: BY_EXPIRY },
} as const;

/** A confidence that makes U = 2.12·confidence, and the shocks of an hour’s gap. */
const DOUBTFUL = { latencyBuffer: 'standard', uncertainty: 'standard', executionSeconds: '600' };
const HALF_WIDTH = '150';

function marketAt(multiple: number, portfolio: (typeof CASES)['a grid']['portfolio'], policy = {}) {
  const market = marketOf(OPTIONS, { portfolio, policy });
  const quote = { price: String(SPOT * multiple), confidence: HALF_WIDTH };
  return snapshotOf({
    ...market,
    gapSeconds: 3600,
    quotes: { ...market.quotes, 'BTC-USD#venue': quote },
  });
}

const account = fc.record({
  held: fc.array(
    fc.record({
      instrument: fc.constantFrom(...NAMES),
      quantity: fc.integer({ min: -30, max: 30 }).map((tenths) => `${tenths}e-1`),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  coin: fc.constantFrom('0', '2', '-1'),
});

const BARE = { latencyBuffer: 'none', uncertainty: 'none' };
const CENT = 0.01;

describe.each(Object.entries(CASES))(
  'the bounds of an option book under %s',
  (_, { model, portfolio }) => {
    const now = marketAt(1, portfolio, DOUBTFUL);
    const factor = now.feeds.get('BTC-USD')?.factor;
    if (!factor?.ok) throw new Error('there is no factor');
    const moves = (down: number, up: number) =>
      Array.from({ length: 25 }, (_step, step) => 1 - down + ((down + up) * step) / 24);
    const off = approximately(factor.value.grid?.uncertainty ?? factor.value.radiusScale);
    const [down, up] = [factor.value.shockDown, factor.value.shockUp].map(approximately) as [
      number,
      number,
    ];
    const snapshots = new Map(
      [...moves(off, off), ...moves(down, up)].map((multiple) => [
        multiple,
        marketAt(multiple, portfolio, BARE),
      ]),
    );

    /** B − MM at a multiple of the price, without a buffer. */
    function surplusAt(multiple: number, of: AccountOf): number {
      const snapshot = snapshots.get(multiple);
      if (snapshot === undefined) throw new Error(`no market at ${multiple}`);
      const { surplus } = assessedBook(bookIn(snapshot, of), snapshot);
      return approximately(surplus.liquidation.point);
    }

    it('enclose the surplus at every price within the uncertainty and the shock', () => {
      fc.assert(
        fc.property(account, ({ held, coin }) => {
          const of: AccountOf = { model, held, balances: { USD: '50000', BTC: coin } };
          const { surplus, latencyBuffer } = assessedBook(bookIn(now, of), now);
          const buffer = approximately(latencyBuffer);
          const { low, point, high } = surplus.liquidation;
          const around = moves(off, off).map((multiple) => surplusAt(multiple, of));
          expect(approximately(bounded(low)) + buffer).toBeLessThanOrEqual(
            Math.min(...around) + CENT,
          );
          expect(approximately(bounded(high)) + buffer).toBeGreaterThanOrEqual(
            Math.max(...around) - CENT,
          );
          const shocked = moves(down, up).map((multiple) => surplusAt(multiple, of));
          const lost = approximately(point) + buffer - Math.min(...shocked);
          expect(buffer).toBeGreaterThanOrEqual(lost - CENT);
        }),
        { numRuns: 40 },
      );
    });

    it('give a buffer within 2 % of the actual loss over the shock', () => {
      const of: AccountOf = {
        model,
        held: [
          {
            instrument: nameOf({ type: 'call', strike: 63_000, days: 30, volatility: '' }),
            quantity: '-5',
          },
          {
            instrument: nameOf({ type: 'put', strike: 57_000, days: 30, volatility: '' }),
            quantity: '3',
          },
          { instrument: 'BTC-PERP', quantity: '2' },
        ],
        balances: { USD: '50000' },
      };
      const { surplus, latencyBuffer } = assessedBook(bookIn(now, of), now);
      const shocked = moves(down, up).map((multiple) => surplusAt(multiple, of));
      const lost = approximately(surplus.liquidation.point) + approximately(latencyBuffer);
      expect(approximately(latencyBuffer) / (lost - Math.min(...shocked))).toBeLessThan(1.02);
    });

    it('make isSafe true only where an assessment finds the account healthy for certain', () => {
      fc.assert(
        fc.property(account, fc.integer({ min: 0, max: 60 }), ({ held, coin }, cash) => {
          const of: AccountOf = { model, held, balances: { USD: `${cash}000`, BTC: coin } };
          const book = bookIn(now, of);
          const { level, certainty } = assessedBook(book, now);
          if (isSafe(book, now.policy)) expect([level, certainty]).toEqual(['healthy', 'certain']);
        }),
        { numRuns: 40 },
      );
    });

    it('give a radius within which nothing breaches the account', () => {
      const of: AccountOf = {
        model,
        held: [
          {
            instrument: nameOf({ type: 'call', strike: 63_000, days: 30, volatility: '' }),
            quantity: '-4',
          },
          { instrument: 'BTC-PERP', quantity: '1' },
        ],
        balances: { USD: '60000' },
      };
      const radius = approximately(
        safeRadius(bookIn(now, of), overMaintenance(now.policy.liquidationMultiplier)),
      );
      expect(radius).toBeGreaterThan(0.02);
      const lowAt = (move: number) => {
        const snapshot = marketAt(1 + move, portfolio, DOUBTFUL);
        return bounded(assessedBook(bookIn(snapshot, of), snapshot).surplus.liquidation.low);
      };
      for (const move of [-1, -0.7, -0.3, 0.3, 0.7, 1].map((share) => share * radius)) {
        expect([move, isNegative(lowAt(move))]).toEqual([move, false]);
      }
      // Not far beyond it, the account is breached on one side at least.
      const beyond = [1.25 * radius, -1.25 * radius].map((move) => isNegative(lowAt(move)));
      expect(beyond).toContain(true);
    });
  },
);

it('the markets compared differ only in the price', () => {
  const [one, other] = [marketAt(1, GRID), marketAt(1.01, GRID)];
  expect(one.asOf).toBe(NOW);
  const priceOf = (snapshot: typeof one) => {
    const price = snapshot.feeds.get('BTC-USD')?.price;
    return price?.ok ? textOf(price.value.price) : undefined;
  };
  expect([priceOf(one), priceOf(other)]).toEqual(['60000', '60600']);
});
