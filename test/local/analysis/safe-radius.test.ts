import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../lambda/margin/assess/assess.ts';
import { overMaintenance } from '../../../lambda/margin/assess/formulas.ts';
import type { SubAccount } from '../../../lambda/margin/book/account.ts';
import type { Market, Quote } from '../../../lambda/margin/market/market.ts';
import { shocksOf } from '../../../lambda/margin/market/shock.ts';
import {
  type Amount,
  add,
  amount,
  approximately,
  isAbove,
  isBelow,
  isNegative,
  isPositive,
  isZero,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  subtract,
  textOf,
  times,
  ZERO,
} from '../../../lambda/margin/number/decimal.ts';
import { SAFE_RADIUS_MAX } from '../../../lambda/margin/number/limits.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { safeRadius } from '../../../local/analysis/safe-radius.ts';
import {
  type AccountRows,
  bookOf,
  bounded,
  crossOf,
  type MarketRows,
  marketOf,
  NOW,
  snapshotOf,
} from '../../lambda/margin/build.ts';
import { anyBook, type RandomBook } from '../../lambda/margin/random-book.ts';

const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const perpetual = { type: 'perpetual', settlementAsset: 'USD' };

/** No buffer and no uncertainty, unless the policy sets them. */
const market: MarketRows = {
  policy: { executionSeconds: '0' },
  gapSeconds: 0,
  instruments: {
    'BTC-PERP': { ...perpetual, underlying: 'BTC-USD', riskClass: 'BTC' },
    'ETH-PERP': { ...perpetual, underlying: 'ETH-USD', riskClass: 'ETH' },
  },
  risk: {
    BTC: { margin: flat, volatility: '0.8', jumpFloor: '0.02' },
    ETH: { margin: flat, volatility: '0.8', jumpFloor: '0.02' },
  },
  quotes: { 'BTC-USD#a': { price: '60000' }, 'ETH-USD#a': { price: '3000' } },
};

const cash = (amount: string) => [{ asset: 'USD', amount }];
const longBtc = { instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' };
const shortEth = { instrument: 'ETH-PERP', quantity: '-10', entryPrice: '3000' };
const hedged: AccountRows = { balances: cash('10000'), positions: [longBtc, shortEth] };

function radiusOf(account: AccountRows, rows: MarketRows = market, multiplier = '1'): Ratio {
  const book = bookOf(account, snapshotOf(rows));
  return safeRadius(book, overMaintenance(ratio(multiplier)));
}

/** Surplus ÷ slope to 12 decimal places, and never above it. */
function expectRadius(found: Ratio, surplus: string, slope: string): void {
  const exact = ratioBetween(amount(surplus), amount(slope));
  expect(isAbove(found, exact), `${textOf(found)} is above ${textOf(exact)}`).toBe(false);
  expect(isBelow(found, subtract(exact, ratio('2e-12'))), textOf(found)).toBe(false);
}

describe('the safe radius', () => {
  /** X = 10,000 − 4,500 = 5,500 over slopes of 60,000·0.95 + 30,000·1.05 = 88,500. */
  it('is 6.2146893 % for the published book', () => {
    expect(textOf(radiusOf(hedged))).toMatch(/^0\.0621468926/);
    expectRadius(radiusOf(hedged), '5500', '88500');
  });

  /** 10,000 − 1.25·4,500 over 60,000·0.9375 + 30,000·1.0625. */
  it('is smaller to the call line', () => {
    expectRadius(radiusOf(hedged, market, '1.25'), '4375', '88125');
  });

  /** ETH moves twice as far as BTC: 57,000 + 2·31,500. */
  it('counts how far each risk factor moves in a common move', () => {
    const risk = { ...market.risk, ETH: { ...market.risk?.ETH, radiusScale: '2' } };
    expectRadius(radiusOf(hedged, { ...market, risk }), '5500', '120000');
  });

  /** U = 1 %: 10,000 + 60,000·(x·0.99 − 1) − 3,000·x·0.99 is 6,430 at x = 1, with slope 56,430. */
  it('starts from the low surplus, whose uncertainty moves with the price', () => {
    const policy = { ...market.policy, uncertainty: 'standard', deviation: '0.01' };
    const long = { balances: cash('10000'), positions: [longBtc] };
    expectRadius(radiusOf(long, { ...market, policy }), '6430', '56430');
  });

  /** LB = 57,000·x·2 %: 7,000 − 1,140 over 57,000 − 1,140. */
  it('includes the buffer, which shrinks with the price of a long', () => {
    const policy = { ...market.policy, latencyBuffer: 'standard' };
    const long = { balances: cash('10000'), positions: [longBtc] };
    expectRadius(radiusOf(long, { ...market, policy }), '5860', '55860');
  });

  /** As above; for a short 70,000 − 63,000 − 1,260 over 63,000 + 1,260. */
  it.each([
    ['a long, the fall', '1', ['0.02', '0.5'], '5860', '55860'],
    ['a short, the rise', '-1', ['0.5', '0.02'], '5740', '64260'],
  ])('uses the shock of the losing side for %s', (_, quantity, [down, up], surplus, slope) => {
    const policy = { ...market.policy, latencyBuffer: 'standard' };
    const rows = { balances: cash('10000'), positions: [{ ...longBtc, quantity }] };
    const book = bookOf(rows, snapshotOf({ ...market, policy }));
    const shocks = shocksOf({ down: ratio(down ?? '0'), up: ratio(up ?? '0') });
    const curves = book.curves.map((curve) => ({ ...curve, ...shocks }));
    expectRadius(safeRadius({ ...book, curves }, overMaintenance(ONE)), surplus, slope);
  });

  /** −1 BTC, 5 % to 63,000 and 15 % above: 7,000 − 63,000·5 % to there, then 69,000 per unit. */
  it('follows a requirement into its next tier', () => {
    const tiers = [
      { floor: '0', initial: '0.2', maintenance: '0.05' },
      { floor: '63000', initial: '0.2', maintenance: '0.15' },
    ];
    const risk = {
      ...market.risk,
      BTC: { ...market.risk?.BTC, margin: { type: 'tiered', tiers } },
    };
    const account = { balances: cash('10000'), positions: [{ ...longBtc, quantity: '-1' }] };
    // 0.05 + 3,850 ÷ 69,000 = (3,450 + 3,850) ÷ 69,000.
    expectRadius(radiusOf(account, { ...market, risk }), '7300', '69000');
  });

  it.each([
    ['at the liquidation line', '4500'],
    ['below the liquidation line', '4499'],
  ])('is 0 for an account %s', (_, held) => {
    expect(textOf(radiusOf({ ...hedged, balances: cash(held) }))).toBe('0');
  });

  it('is above 0 for an account a cent above the liquidation line', () => {
    expectRadius(radiusOf({ ...hedged, balances: cash('4500.01') }), '0.01', '88500');
  });

  it('is the cap for an account that no price moves', () => {
    expect(textOf(radiusOf({ balances: cash('1') }))).toBe(String(SAFE_RADIUS_MAX));
  });

  it('is the cap for a fully covered long, which cannot lose more than everything', () => {
    const account = { balances: cash('60001'), positions: [longBtc] };
    expect(textOf(radiusOf(account))).toBe(String(SAFE_RADIUS_MAX));
    const barely = { balances: cash('59999'), positions: [longBtc] };
    expectRadius(radiusOf(barely), '56999', '57000');
  });

  it('is the cap for an empty account, which nothing can liquidate', () => {
    expect(textOf(radiusOf({}))).toBe(String(SAFE_RADIUS_MAX));
  });
});

/**
 * The market with the prices of each risk factor moved. Confidences move with them, so that U
 * stays.
 */
function moved(of: Market, moves: ReadonlyMap<string, Ratio>): Market {
  const quotes = [...of.quotes].map(([feed, rows]): [string, Quote[]] => {
    const by = moves.get(feed.split('-')[0] ?? '') ?? ONE;
    const movedQuote = (quote: Quote): Quote => ({
      ...quote,
      price: times(quote.price, by),
      confidence: quote.confidence && times(quote.confidence, by),
    });
    return [feed, rows.map(movedQuote)];
  });
  return { ...of, quotes: new Map(quotes) };
}

class Case {
  readonly market: Market;
  readonly subAccount: SubAccount;
  readonly radius: Ratio;
  /** By name: how far each risk factor moves in a common move of 1. */
  readonly scales: ReadonlyMap<string, Ratio>;
  /** By name: price multiples at which a notional crosses a tier. */
  readonly kinks: ReadonlyMap<string, readonly Ratio[]>;

  constructor({ market: rows, account }: RandomBook) {
    this.market = marketOf(rows);
    this.subAccount = crossOf(account);
    const book = bookOf(account, snapshotOf(rows));
    const { liquidationMultiplier } = this.market.policy;
    this.radius = safeRadius(book, overMaintenance(liquidationMultiplier));
    const name = (factor: string) => factor.split('-')[0] ?? '';
    this.scales = new Map(book.curves.map((curve) => [name(curve.factor), curve.radiusScale]));
    this.kinks = new Map(
      book.curves.map((curve) => {
        const floors = curve.margined.flatMap(({ notional, schedule }) =>
          isZero(notional)
            ? []
            : schedule.slice(1).map((tier) => ratioBetween(tier.floor, notional)),
        );
        return [name(curve.factor), floors];
      }),
    );
  }

  /** The low surplus over the liquidation line at the moved prices. */
  lowAt(moves: ReadonlyMap<string, Ratio>): Amount {
    const snapshot = takeSnapshot({
      market: moved(this.market, moves),
      asOf: NOW,
      gapSeconds: 60,
      previousPrices: new Map(),
    });
    const outcome = assess(this.subAccount, snapshot);
    if (outcome.certainty === 'indeterminate') throw new Error('the moved market is known');
    return bounded(outcome.surplus.liquidation.low);
  }
}

/** Never a price of 0 or below. */
const multiple = (move: Ratio): Ratio => {
  const at = add(ONE, move);
  return isPositive(at) ? at : ratio('1e-12');
};

/** Shares of the radius, mostly close to 1, where an error would show first. */
const share = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('0.999999', '-0.999999') },
  { weight: 2, arbitrary: fc.integer({ min: -999, max: 999 }).map((n) => `${n}e-3`) },
);
const direction = fc.tuple(share, share, share);

describe('inside the safe radius', () => {
  const MOVES = 15;
  const RUNS = 700;

  const named = `no price breaches the line, in ${MOVES * RUNS} random moves of ${RUNS} random books`;
  it(named, { timeout: 300_000 }, () => {
    let inside = 0;
    let proper = 0;
    fc.assert(
      fc.property(
        anyBook({ shares: [-20, 400] }),
        fc.array(direction, { minLength: MOVES, maxLength: MOVES }),
        (book, directions) => {
          const of = new Case(book);
          if (!isPositive(of.radius)) return;
          if (isBelow(of.radius, ratio('10'))) proper += 1;
          const names = [...of.scales.keys()];
          for (const shares of directions) {
            const moves = names.map((name, index): [string, Ratio] => {
              const reach = times(of.radius, of.scales.get(name) ?? ONE);
              return [name, multiple(times(reach, ratio(shares[index % 3] ?? '0')))];
            });
            inside += 1;
            expect(isNegative(of.lowAt(new Map(moves)))).toBe(false);
          }
        },
      ),
      { numRuns: RUNS },
    );
    // Not all books are breached from the start, and not all survive any move.
    expect(inside).toBeGreaterThan((MOVES * RUNS) / 2);
    expect(proper).toBeGreaterThan(RUNS / 3);
  });
});

describe('slightly outside the safe radius', () => {
  /**
   * The worst multiple of one risk factor within reach: at an end, or where a notional crosses a
   * tier.
   */
  function worstOf(of: Case, name: string, radius: Ratio): Ratio {
    const reach = times(radius, of.scales.get(name) ?? ONE);
    const ends = [multiple(subtract(ZERO, reach)), multiple(reach)];
    const kinks = (of.kinks.get(name) ?? []).filter((kink) =>
      ends.every((end, index) => (index === 0 ? isBelow(end, kink) : isBelow(kink, end))),
    );
    const lowest = (at: Ratio) => of.lowAt(new Map([[name, at]]));
    return [...ends, ...kinks].reduce((worst, at) =>
      isBelow(lowest(at), lowest(worst)) ? at : worst,
    );
  }

  it('some combination of extreme prices breaches the liquidation line', () => {
    let tried = 0;
    fc.assert(
      fc.property(anyBook({ shares: [1, 300] }), (book) => {
        // With φ > 0 the radius errs on the safe side.
        const policy = { ...book.market.policy, jointShockWeight: '0' };
        const of = new Case({ ...book, market: { ...book.market, policy } });
        if (!isBelow(of.radius, ratio('9.9'))) return;
        tried += 1;
        const beyond = add(times(of.radius, ratio('1.000001')), ratio('1e-11'));
        const names = [...of.scales.keys()];
        const corner = new Map(names.map((name) => [name, worstOf(of, name, beyond)]));
        const low = of.lowAt(corner);
        expect(isPositive(low), `${approximately(low)} at ${textOf(beyond)}`).toBe(false);
      }),
      { numRuns: 300 },
    );
    expect(tried).toBeGreaterThan(100);
  });
});
