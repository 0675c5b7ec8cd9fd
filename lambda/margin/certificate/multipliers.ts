/** Each kind of column has multipliers for its entries at a market, or NaN where it says nothing. */
import type { Move } from '../book/exposures.ts';
import type { Location } from '../market/market.ts';
import { approximately } from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Envelope } from './envelope.ts';
import { optionNow } from './option-column.ts';
import type { PriceNow, PricesNow, References } from './references.ts';

/** They multiply the coefficients of an entry: a fall, a rise, a downward and an upward shock. */
export type Multipliers = readonly [number, number, number, number];

export const NOTHING_SAID: Multipliers = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];

export type Kind =
  /** The screen's own. */
  | { readonly kind: 'own'; readonly feed: '' }
  | { readonly kind: 'factor'; readonly feed: string }
  /** A factor in which an account holds options. */
  | { readonly kind: 'nonLinear'; readonly feed: string }
  /** An option is worth something else than at the reference's volatility and time. */
  | { readonly kind: 'option'; readonly feed: string; readonly instrument: string }
  /** A mark moves apart from its factor's price, or is less certain. */
  | { readonly kind: 'basis'; readonly mark: string; readonly feed: string }
  /** A value that moves with a mark and with another factor's price. */
  | {
      readonly kind: 'cross';
      readonly mark: string;
      readonly feed: string;
      readonly other: string;
    }
  /** Requirements follow the volatility of a factor. */
  | {
      readonly kind: 'scale';
      readonly riskClass: string;
      readonly feed: string;
      /** Of that class and factor. */
      readonly instrument: string;
    }
  /** A balance counts in full while its location is observed. */
  | { readonly kind: 'location'; readonly feed: ''; readonly location: string };

export interface AskedAt {
  readonly opened: Snapshot;
  readonly now: Snapshot;
  /** All prices have moved by this fraction. */
  readonly moved: number;
  readonly envelope: Envelope;
  readonly references: References;
  readonly prices: PricesNow;
}

export function multipliersOf(of: Kind, asked: AskedAt): Multipliers {
  if (of.kind === 'own') return [1, 1, 1, 1];
  if (of.kind === 'location') return ofLocation(of.location, asked);
  const { envelope, prices } = asked;
  const factor = prices.get(of.feed);
  if (factor === undefined || !isWithin(factor, envelope)) return NOTHING_SAID;
  if (of.kind === 'factor') return ofFactor(of.feed, factor, asked);
  if (of.kind === 'nonLinear') return ofNonLinear(factor, envelope);
  if (of.kind === 'option') return ofOption(of.instrument, factor.multiple, asked);
  if (of.kind === 'scale') return [0, raised(of.instrument, factor, asked), 0, 0];
  const mark = prices.get(of.mark);
  if (mark === undefined) return NOTHING_SAID;
  const apart = Math.abs(mark.multiple / factor.multiple - 1);
  if (!(apart <= envelope.basis)) return NOTHING_SAID;
  if (of.kind === 'basis') {
    const lessCertain = Math.max(0, mark.uncertainty - factor.uncertainty);
    return [0, factor.multiple * apart, factor.multiple * lessCertain, 0];
  }
  const other = prices.get(of.other);
  if (other === undefined || !isWithin(other, envelope)) return NOTHING_SAID;
  if (Math.abs(other.multiple - 1) > envelope.settlement) return NOTHING_SAID;
  const uncertainty = Math.max(mark.uncertainty, factor.uncertainty);
  return [0, crossOf({ ...factor, multiple: mark.multiple, uncertainty }, other), 0, 0];
}

function ofFactor(
  feed: string,
  factor: PriceNow,
  { envelope, references, prices }: AskedAt,
): Multipliers {
  const { multiple } = factor;
  let { uncertainty } = factor;
  for (const mark of references.marksOf(feed)) {
    uncertainty = Math.max(uncertainty, prices.get(mark)?.uncertainty ?? 0);
  }
  if (!(uncertainty <= envelope.shock)) return NOTHING_SAID;
  return [
    Math.max(0, 1 - multiple),
    Math.max(0, multiple - 1),
    multiple * (uncertainty + factor.shockDown),
    multiple * (uncertainty + factor.shockUp),
  ];
}

/** Its entries have one slope for both directions, and what a shock that is larger than usual adds. */
function ofNonLinear(price: PriceNow, { nonLinear }: Envelope): Multipliers {
  const { multiple, uncertainty } = price;
  const moved = Math.abs(multiple - 1);
  const shock = shockOf(price);
  // NaN is not within.
  if (!(moved <= nonLinear.move && shock <= nonLinear.shock && uncertainty <= nonLinear.shock)) {
    return NOTHING_SAID;
  }
  const shocked = multiple * (uncertainty + shock);
  const isUsual = Math.max(shock, uncertainty) <= nonLinear.usualShock;
  const beyond = isUsual ? 0 : shocked;
  return [Math.max(0, 1 - multiple), Math.max(0, multiple - 1), shocked, beyond];
}

/** A fall of its value, a rise, the uncertainty of its quote, its forward apart. */
function ofOption(instrument: string, multiple: number, asked: AskedAt): Multipliers {
  // Its value at a moved price is another one than its quote's.
  if (asked.moved !== 0) return NOTHING_SAID;
  const found = optionNow(instrument, multiple, asked);
  if (found === undefined) return NOTHING_SAID;
  const { gained, uncertainty, apart } = found;
  return [Math.max(0, -gained), Math.max(0, gained), uncertainty, apart];
}

function isWithin(price: PriceNow, { fall, rise, shock }: Envelope): boolean {
  const { multiple } = price;
  return multiple >= 1 - fall && multiple <= 1 + rise && shockOf(price) <= shock;
}

/**
 * The product of both moves, of both uncertainties, of both shocks; and where the one price is
 * higher than at the reference, the line of the other is steeper.
 */
function crossOf(one: PriceNow, other: PriceNow): number {
  const [moved, moves] = [Math.abs(one.multiple - 1), Math.abs(other.multiple - 1)];
  const [shock, shocks] = [shockOf(one), shockOf(other)];
  const both = one.uncertainty * other.uncertainty + shock * shocks;
  return (
    moved * moves +
    one.multiple * other.multiple * both +
    moves * one.multiple * (one.uncertainty + shock) +
    moved * other.multiple * (other.uncertainty + shocks)
  );
}

const shockOf = ({ shockDown, shockUp }: PriceNow): number => Math.max(shockDown, shockUp);

/** By what share requirements are larger than at the reference, on the largest price. */
function raised(
  instrument: string,
  { multiple }: PriceNow,
  { opened, now, envelope: { basis, shock } }: AskedAt,
): number {
  const [before, after] = [opened, now].map((snapshot) => scaleOf(instrument, snapshot));
  if (before === undefined || after === undefined) return Number.NaN;
  const raise = (which: 'initial' | 'maintenance') =>
    approximately(after[which]) / approximately(before[which]) - 1;
  const most = Math.max(0, raise('initial'), raise('maintenance'));
  return most * multiple * (1 + basis) * (1 + 2 * shock) * (1 + Number.EPSILON);
}

function scaleOf(instrument: string, { instruments }: Snapshot) {
  const found = instruments.get(instrument);
  return found?.ok && found.value.kind === 'linear' ? found.value.ofClass.scale : undefined;
}

function ofLocation(location: string, { opened, now }: AskedAt): Multipliers {
  const [before, after] = [opened, now].map(({ locations }) => locations.get(location));
  if (!before?.ok || !after?.ok || !isObserved(after.value, now.asOf)) return NOTHING_SAID;
  return rulesIn(before.value) === rulesIn(after.value) ? [0, 0, 0, 0] : NOTHING_SAID;
}

const isObserved = ({ observedAt, staleAfterSeconds }: Location, asOf: number): boolean =>
  observedAt === undefined ||
  staleAfterSeconds === undefined ||
  asOf - observedAt <= staleAfterSeconds * 1000;

const rulesIn = ({ observedAt: _, ...rules }: Location): string => JSON.stringify(rules);

/** Multiplies an equity's slope, once every price has made its forecast move. */
export function afterForecast(of: Kind, asked: AskedAt, move: Move): number {
  const { prices } = asked;
  if (of.kind === 'own' || of.kind === 'location' || of.kind === 'scale') return 0;
  if (of.kind === 'option') {
    const { multiple } = prices.get(of.feed) ?? NO_PRICE;
    return optionNow(of.instrument, multiple, asked)?.gained ?? Number.NaN;
  }
  const movedTo = (feed: string): number => {
    const { multiple, forecastDown, forecastUp } = prices.get(feed) ?? NO_PRICE;
    return multiple * (move === 'fall' ? 1 - forecastDown : 1 + forecastUp);
  };
  const moved = movedTo(of.feed);
  if (of.kind === 'factor') return moved - 1;
  const { multiple } = prices.get(of.feed) ?? NO_PRICE;
  if (of.kind === 'nonLinear') return Math.abs(multiple - 1) + Math.abs(moved - multiple);
  const marked = (moved * (prices.get(of.mark) ?? NO_PRICE).multiple) / multiple;
  if (of.kind === 'basis') return Math.abs(marked - moved);
  return Math.abs(marked - 1) * Math.abs(movedTo(of.other) - 1);
}

const NO_PRICE = { multiple: Number.NaN, forecastDown: Number.NaN, forecastUp: Number.NaN };
