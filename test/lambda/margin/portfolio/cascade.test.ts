import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import type { Move } from '../../../../lambda/margin/book/exposures.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import {
  isSafeAfterMove,
  liquidatedByMove,
} from '../../../../lambda/margin/liquidation/cascade.ts';
import { approximately, isNegative } from '../../../../lambda/margin/number/decimal.ts';
import { assessedBook, bounded, snapshotOf } from '../build.ts';
import {
  type AccountOf,
  BY_EXPIRY,
  bookIn,
  GRID,
  marketOf,
  nameOf,
  type OptionOf,
  SPOT,
} from './build.ts';

const OPTIONS: OptionOf[] = [0.5, 30].flatMap((days) =>
  [57_000, 63_000].flatMap((strike) =>
    (['call', 'put'] as const).map((type): OptionOf => ({ type, strike, days, volatility: '0.6' })),
  ),
);
const NAMES = [...OPTIONS.map(nameOf), 'BTC-PERP'];

const CASES = {
  'the standard model': { model: 'standard', portfolio: GRID },
  'a grid': { model: 'portfolio', portfolio: GRID },
  'a scenario table with expiries': { model: 'portfolio', portfolio: BY_EXPIRY },
} as const;

const held = fc.array(
  fc.record({
    instrument: fc.constantFrom(...NAMES),
    quantity: fc
      .integer({ min: -30, max: 30 })
      .filter((tenths) => tenths !== 0)
      .map((tenths) => `${tenths}e-1`),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Puts lose when the price rises. */
const hurtBy = (move: Move, of: AccountOf['held']): boolean =>
  of.some(({ instrument, quantity }) => {
    const isLong = !quantity.startsWith('-');
    return (isLong === instrument.endsWith('-P')) === (move === 'rise');
  });

/** A hundredth of a percent of all that is held, the tolerance at the moved price. */
const slackOf = (of: AccountOf['held']): number =>
  1 + of.reduce((sum, { quantity }) => sum + Math.abs(Number(quantity)) * SPOT * 0.0003, 0);

describe.each(Object.entries(CASES))(
  'the cascade gauge of an option book under %s',
  (_, { model, portfolio }) => {
    const marketAt = (multiple: number) => {
      const policy = { latencyBuffer: 'none', uncertainty: 'none' };
      const market = marketOf(OPTIONS, { portfolio, policy });
      const quotes = { ...market.quotes, 'BTC-USD#venue': { price: String(SPOT * multiple) } };
      return snapshotOf({ ...market, quotes });
    };
    const now = marketAt(1);
    const after = { fall: marketAt(0.99), rise: marketAt(1.01) };
    const accountOf = (holdings: AccountOf['held'], usd: number): AccountOf => ({
      model,
      held: holdings,
      balances: { USD: usd.toFixed(6) },
    });
    const surplusIn = (snapshot: typeof now, of: AccountOf) =>
      approximately(assessedBook(bookIn(snapshot, of), snapshot).surplus.liquidation.point);

    it.each<Move>(['fall', 'rise'])(
      'finds an account just below its line after a %s, and none well above',
      (move) => {
        let found = 0;
        fc.assert(
          fc.property(held, (holdings) => {
            const bare = accountOf(holdings, 0);
            const missing = -surplusIn(after[move], bare);
            const [short, enough] = [missing - 1, missing + slackOf(holdings)].map((usd) =>
              accountOf(holdings, usd),
            ) as [AccountOf, AccountOf];
            const movesOf = (of: AccountOf) =>
              liquidatedByMove(bookIn(now, of), now.policy).map((each) => each.move);
            expect(movesOf(enough)).not.toContain(move);
            if (surplusIn(now, short) < 0 || !hurtBy(move, holdings)) return;
            found++;
            expect(movesOf(short)).toContain(move);
          }),
          { numRuns: 60 },
        );
        expect(found).toBeGreaterThan(5);
      },
    );

    it('passes no screen if a move of 1 % would liquidate the account', () => {
      fc.assert(
        fc.property(held, fc.double({ min: 0, max: 3, noNaN: true }), (holdings, share) => {
          const capacity = share * 10 * slackOf(holdings);
          const of = accountOf(holdings, capacity - surplusIn(now, accountOf(holdings, 0)));
          const book = bookIn(now, of);
          const atMarks = book.curves.map(curveAtMark);
          const low = bounded(lowCallSurplus(book, atMarks, now.policy));
          if (isNegative(low) || !isSafeAfterMove(atMarks, low, now.policy)) return;
          for (const snapshot of Object.values(after)) {
            expect(surplusIn(snapshot, of)).toBeGreaterThanOrEqual(0);
          }
          expect(liquidatedByMove(book, now.policy)).toEqual([]);
        }),
        { numRuns: 80 },
      );
    });
  },
);
