import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Equity, equityAt, equityOf } from '../../../../lambda/margin/book/equity.ts';
import {
  amount,
  approximately,
  asRatio,
  ratio,
  ZERO,
} from '../../../../lambda/margin/number/decimal.ts';
import { CommonMove } from '../../../../local/analysis/stress/common-move.ts';
import { MoveSegment } from '../../../../local/analysis/stress/move-segment.ts';
import { snapshotOf } from '../../../lambda/margin/build.ts';
import { bookIn, marketOf, nameOf, type OptionOf } from '../../../lambda/margin/portfolio/build.ts';

const anyOption: fc.Arbitrary<OptionOf> = fc.record({
  type: fc.constantFrom('call', 'put'),
  strike: fc.integer({ min: 20, max: 120 }).map((thousands) => thousands * 1000),
  days: fc.constantFrom(0.01, 1, 30, 300),
  volatility: fc.constantFrom('0.3', '0.6', '1.5'),
});

const STABLE = {
  assets: { BTC: { feed: 'BTC-USD' }, USDC: { feed: 'USDC-USD' } },
  quotes: { 'USDC-USD#a': { price: '0.99' } },
};

/** Options and a perpetual settled in dollars, or in a stablecoin whose price moves as well. */
const anyEquity: fc.Arbitrary<Equity> = fc
  .record({
    options: fc.uniqueArray(anyOption, { minLength: 1, maxLength: 4, selector: nameOf }),
    sizes: fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 5, maxLength: 5 }),
    scales: fc.tuple(fc.constantFrom('0.5', '1', '3'), fc.constantFrom('0.1', '1', '2')),
    isInStablecoin: fc.boolean(),
  })
  .map(({ options, sizes, scales: [radiusScale, stableScale], isInStablecoin }) => {
    const market = marketOf(options);
    const settlementAsset = isInStablecoin ? 'USDC' : 'USD';
    const instruments = Object.fromEntries(
      Object.entries(market.instruments ?? {}).map(([name, row]) => [
        name,
        { ...row, settlementAsset },
      ]),
    );
    const stable = { volatility: '0.03', radiusScale: stableScale };
    const snapshot = snapshotOf({
      ...market,
      instruments,
      assets: STABLE.assets,
      risk: { BTC: { ...market.risk?.BTC, radiusScale }, USDC: stable },
      quotes: { ...market.quotes, ...STABLE.quotes },
    });
    const held = [...options.map(nameOf), 'BTC-PERP'].map((instrument, index) => ({
      instrument,
      quantity: `${sizes[index] || 1}e-1`,
    }));
    return equityOf(bookIn(snapshot, { model: 'standard', held }));
  });

const heightAt = (equity: Equity, move: number): number =>
  approximately(equityAt(equity, new CommonMove(asRatio(move))));

describe('the lower bound of the equity between two moves', () => {
  it('is never above the equity at any move between them', () => {
    fc.assert(
      fc.property(
        anyEquity,
        fc.constantFrom(1, -1),
        fc.integer({ min: 0, max: 950 }),
        fc.integer({ min: 1, max: 400 }),
        (equity, sign, start, thousandths) => {
          const from = start / 1000;
          const to = sign < 0 ? Math.min(1, from + thousandths / 1000) : from + thousandths / 100;
          const lowest = new MoveSegment({ from, to, sign }).lowestOf(equity);
          for (let step = 0; step <= 40; step++) {
            const distance = from + ((to - from) * step) / 40;
            expect(lowest).toBeLessThanOrEqual(heightAt(equity, sign * distance));
          }
        },
      ),
    );
  });

  it('converges: over a millionth it is less than a cent below the lower end', () => {
    fc.assert(
      fc.property(anyEquity, fc.integer({ min: -900, max: 900 }), (equity, thousandths) => {
        const at = thousandths / 1000;
        const span = { from: Math.abs(at), to: Math.abs(at) + 1e-6, sign: Math.sign(at) || 1 };
        const lowest = new MoveSegment(span).lowestOf(equity);
        const ends = [span.from, span.to].map((each) => heightAt(equity, span.sign * each));
        expect(Math.min(...ends) - lowest).toBeLessThan(0.01);
      }),
    );
  });

  it('includes a price that reaches 0, and is exact for a straight line', () => {
    const line = (radiusScale: string): Equity => ({
      constant: amount('10'),
      lines: [
        {
          slope: amount('100'),
          factor: { radiusScale: ratio(radiusScale), forecastDown: ZERO, forecastUp: ZERO },
        },
      ],
      options: [],
      crosses: [],
    });
    const lowest = (radiusScale: string) =>
      new MoveSegment({ from: 0.25, to: 0.75, sign: -1 }).lowestOf(line(radiusScale));
    expect(lowest('1')).toBeCloseTo(35, 8);
    expect(lowest('2')).toBeCloseTo(10, 8);
  });
});
