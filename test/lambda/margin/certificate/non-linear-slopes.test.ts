/** Slopes that certificates rest on, against those that the core computes at another market. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callFormulas, overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { Columns } from '../../../../lambda/margin/certificate/columns.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import { nonLinearFactor } from '../../../../lambda/margin/certificate/non-linear-factor.ts';
import { PriceWindows } from '../../../../lambda/margin/certificate/price-windows.ts';
import type { Curve } from '../../../../lambda/margin/curve/curve.ts';
import { SegmentBounds } from '../../../../lambda/margin/curve/segment-bounds.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import { PricedOption } from '../../../../lambda/margin/option/priced-option.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, bookOf, snapshotOf } from '../build.ts';
import { movedOptions, optionMoves, withOptions } from './option-family.ts';

const BOOKS = Number(process.env.CERTIFICATE_BOOKS ?? 300);
const { basis, nonLinear } = ENVELOPE;
const NEAR = 1 + 1e-9;

const called = fc.constantFrom<RawRow>({}, { callAt: 'initial' });

describe('the slope of an option', () => {
  const windows = new PriceWindows(ENVELOPE);
  const from = (share: number) =>
    fc.oneof(fc.constantFrom(-share, share), fc.double({ min: -share, max: share, noNaN: true }));

  it('lies in the range of its window, whatever the envelope allows', () => {
    const input = fc.record({
      type: fc.constantFrom('call' as const, 'put' as const),
      strike: fc.double({ min: 3000, max: 12_000, noNaN: true }),
      forward: fc.constant(6000),
      volatility: fc.double({ min: 0.05, max: 2, noNaN: true }),
      years: fc.constantFrom(0.001, 0.02, 0.1, 0.5),
      rate: fc.constantFrom(0, 0.05, -0.05),
      expiresAt: fc.constant(0),
    });
    const moved = fc.record({
      window: fc.integer({ min: 0, max: windows.whole }),
      share: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      apart: from(basis),
      deviation: from(nonLinear.deviation),
      passed: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(input, moved, (option, { window, share, apart, deviation, passed }) => {
        const { left, right } = windows.windows[window] as { left: number; right: number };
        const range = windows.slopesOf(new PricedOption(option))[window];
        const multiple = left + share * (right - left);
        const years = option.years * (1 - 0.3 * passed);
        const volatility = (option.volatility * (1 + deviation)) / Math.sqrt(years / option.years);
        const shock = { multiple: 1 + apart, volatility, years };
        const { slope } = new PricedOption(option).at(multiple, shock);
        expect(slope).toBeLessThanOrEqual((range?.high as number) + 1e-6);
        expect(slope).toBeGreaterThanOrEqual((range?.low as number) - 1e-6);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the slope of a surplus', () => {
  /** Without marks, which have a column of their own, and without loans, which grow. */
  const plain = ({ balances = [], positions = [] }: AccountRows): AccountRows => ({
    balances: balances.filter(({ amount, asset }) => asset === 'USD' || Number(amount) > 0),
    positions: positions.filter(({ instrument }) => !String(instrument).includes('MARKED')),
  });

  const curvesOf = (account: AccountRows, snapshot: Snapshot) =>
    bookOf(account, snapshot).curves.filter((curve) => curve.nonLinear !== undefined);

  const priceOf = (feed: string, { feeds }: Snapshot): number => {
    const price = feeds.get(feed)?.price;
    return price?.ok ? approximately(price.value.price) : Number.NaN;
  };

  /** What a certificate says of a factor, or undefined where it says nothing. */
  function most(account: AccountRows, curve: Curve, [opened, now]: readonly [Snapshot, Snapshot]) {
    const columns = new Columns(opened, ENVELOPE);
    const [name] = curve.factor.split('-');
    for (const { instrument } of account.positions ?? []) {
      const id = String(instrument);
      if (id.startsWith(`${name}-OPTION`)) columns.option(id, curve.factor);
    }
    const column = columns.nonLinear(curve.factor);
    const { multipliers } = columns.at(now);
    if (multipliers.some(Number.isNaN)) return undefined;
    const { slope } = nonLinearFactor(curve, opened.policy, columns.priceWindows);
    const isUsual = multipliers[4 * column + 3] === 0;
    return isUsual ? slope.usual : slope.usual + slope.beyond;
  }

  /** The steepest of any segment, per multiple of its price. */
  function steepest(curve: Curve, { policy }: Snapshot): number {
    const bounds = new SegmentBounds(curve);
    const segments = (curve.nonLinear?.grid.multiples ?? []).slice(1);
    const formulas = [...callFormulas(policy), overMaintenance(policy.liquidationMultiplier)];
    const slopes = formulas.flatMap((formula) =>
      segments.map((_, at) => {
        const { low, high } = bounds.segmentOf(formula, at);
        return Math.max(-low, high);
      }),
    );
    return Math.max(0, ...slopes);
  }

  it('is in no segment of the core steeper than a certificate says', () => {
    let checked = 0;
    fc.assert(
      fc.property(withOptions, optionMoves, called, ({ market, account }, move, policy) => {
        const ruled = { ...market, policy: { ...market.policy, ...policy } };
        const both = [undefined, move].map((to) => snapshotOf(movedOptions(ruled, to)));
        const [opened, now] = both as [Snapshot, Snapshot];
        const held = plain(account);
        const after = new Map(curvesOf(held, now).map((curve) => [curve.factor, curve]));
        for (const curve of curvesOf(held, opened)) {
          const said = most(held, curve, [opened, now]);
          const moved = after.get(curve.factor);
          if (said === undefined || moved === undefined) continue;
          const multiple = priceOf(curve.factor, now) / priceOf(curve.factor, opened);
          // The ends of a narrow segment are rounded.
          expect(steepest(moved, now) / multiple).toBeLessThanOrEqual(said * NEAR + 1e-3);
          checked++;
        }
      }),
      { numRuns: BOOKS },
    );
    expect(checked).toBeGreaterThan(BOOKS / 2);
  });
});
