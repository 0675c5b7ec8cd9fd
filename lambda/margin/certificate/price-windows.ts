/**
 * Prices at which curves with options are computed, in multiples of the reference, and the slopes that an
 * option may have between them at any volatility and time within the envelope.
 */
import { spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { ZERO } from '../number/decimal.ts';
import { type OptionType, optionValueAndDelta } from '../option/black76.ts';
import type { PricedOption } from '../option/priced-option.ts';
import type { Envelope } from './envelope.ts';
import { rangeOver, type SlopeRange } from './slope-range.ts';

/** Shares of the envelope's move. Closer at the reference, where a certificate is asked most. */
const SHARES = [0.03, 0.1, 0.22, 0.4, 0.6, 0.8, 1];

/** Multiples of the reference. */
interface Window {
  readonly left: number;
  readonly right: number;
}

export class PriceWindows {
  readonly grid: PriceGrid;
  /**
   * Any price within the envelope has a window around it with all prices of usual shocks. A segment of
   * the core lies in one window, and its slopes are no further apart than those of the window.
   */
  readonly windows: readonly Window[];
  /** The last window: of all prices that a shock may reach. */
  readonly whole: number;
  private readonly envelope: Envelope;
  private readonly slopes = new WeakMap<PricedOption, readonly SlopeRange[]>();

  constructor(envelope: Envelope) {
    this.envelope = envelope;
    const { move, shock, usualShock } = envelope.nonLinear;
    const inside = SHARES.flatMap((share) => [1 - move * share, 1 + move * share]);
    const multiples = [1, ...inside].sort((left, right) => left - right);
    const all = { from: 0, to: multiples.length - 1 };
    this.grid = {
      ...{ multiples, now: multiples.indexOf(1), uncertain: all, shocked: all },
      ...{ uncertainty: ZERO, isShared: true },
    };
    const around = (window: Window, by: number): Window => ({
      left: window.left * (1 - by),
      right: window.right * (1 + by),
    });
    const usual = spansOf(this.grid).map((span) => around(span, usualShock));
    this.whole = usual.length;
    this.windows = [...usual, around({ left: 1 - move, right: 1 + move }, shock)];
  }

  /** How far a mark or a forward may be apart from its factor. */
  get basis(): number {
    return this.envelope.basis;
  }

  /** One for each window, in numeraire per unit of underlying and multiple of the reference. */
  slopesOf(option: PricedOption): readonly SlopeRange[] {
    const known = this.slopes.get(option);
    if (known !== undefined) return known;
    const found = this.windows.map((window) => this.slopesOver(option, window));
    this.slopes.set(option, found);
    return found;
  }

  /** The forward may be `basis` apart from its underlying, at each price and at the reference. */
  private slopesOver({ input }: PricedOption, { left, right }: Window): SlopeRange {
    const { forward, volatility, years, rate } = input;
    const { basis, nonLinear } = this.envelope;
    const deviation = volatility * Math.sqrt(years);
    const { low, high } = deltasOver(input, {
      from: forward * left * (1 - basis),
      to: forward * right * (1 + basis),
      least: deviation * (1 - nonLinear.deviation),
      most: deviation * (1 + nonLinear.deviation),
    });
    // A discount goes to 1 as time passes.
    const discounts = [1, Math.exp(-rate * years)];
    const scales = discounts.flatMap((each) => [
      forward * each * (1 - basis),
      forward * each * (1 + basis),
    ]);
    return rangeOver(...scales.flatMap((scale) => [scale * low, scale * high]));
  }
}

interface Box {
  /** Forwards. */
  readonly from: number;
  readonly to: number;
  /** σ√τ */
  readonly least: number;
  readonly most: number;
}

/**
 * Delta rises with the forward. As σ√τ grows, it rises where F < K; where F > K, it falls up to
 * √(2·ln(F/K)) and rises from there.
 */
function deltasOver(
  { type, strike }: { readonly type: OptionType; readonly strike: number },
  { from, to, least, most }: Box,
): SlopeRange {
  const turning = Math.sqrt(2 * Math.max(0, Math.log(from / strike)));
  const lowest = [least, most, Math.min(most, Math.max(least, turning))];
  const deltaAt = (forward: number, volatility: number): number =>
    optionValueAndDelta({ type, strike, yearsToExpiry: 1 }, { forward, volatility, discount: 1 })
      .delta;
  return rangeOver(
    ...lowest.map((deviation) => deltaAt(from, deviation)),
    ...[least, most].map((deviation) => deltaAt(to, deviation)),
  );
}
