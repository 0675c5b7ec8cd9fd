/**
 * Each column is one thing that certificates depend on: a risk factor, the basis of a mark, or two
 * prices that move one value. A column remembers the market at which it was opened. At another market it
 * gives the multipliers of its entries, or NaN where it says nothing: then every certificate that
 * names it is worth NaN, which is not above zero, and its account is read.
 */
import type { Move } from '../book/exposures.ts';
import type { FeedState } from '../curve/risk-factor.ts';
import { approximately, type Ratio } from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Envelope } from './envelope.ts';
import { rulesOf, rulesOfAll, type Subject } from './rules.ts';

/** They multiply the coefficients of an entry: a fall, a rise, a downward and an upward shock. */
export type Multipliers = readonly [number, number, number, number];

const NOTHING_SAID: Multipliers = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];

/** What the certificates are asked at one market. */
export interface ColumnsNow {
  /** Four numbers a column. */
  readonly multipliers: Float64Array;
  /**
   * No price is a larger multiple of its reference, with its uncertainty and its shock: what accrues
   * is due on the price of now. At least 1.
   */
  readonly accruedAt: number;
}

/** A price as it was when a column was opened. */
interface Reference {
  readonly price: number;
  readonly fundingRate: number | undefined;
}

interface PriceNow {
  /** price ÷ reference. */
  readonly multiple: number;
  readonly uncertainty: number;
  readonly shockDown: number;
  readonly shockUp: number;
  readonly forecastDown: number;
  readonly forecastUp: number;
}

/** A risk factor's price, as a multiple of the reference, and its shocks. */
export type FactorNow = Pick<PriceNow, 'multiple' | 'shockDown' | 'shockUp'>;

type Kind =
  | { readonly kind: 'own'; readonly feed: '' }
  | { readonly kind: 'factor'; readonly feed: string }
  | { readonly kind: 'basis'; readonly mark: string; readonly feed: string }
  | {
      readonly kind: 'cross';
      readonly mark: string;
      readonly feed: string;
      readonly other: string;
    };

const NO_PRICE = { multiple: Number.NaN, forecastDown: Number.NaN, forecastUp: Number.NaN };

export class Columns {
  readonly envelope: Envelope;
  private readonly rulesOfAll: string;
  private readonly kinds: Kind[] = [];
  private readonly places = new Map<string, number>();
  private readonly references = new Map<string, Reference>();
  /** Prices by the factor that moves them. */
  private readonly marks = new Map<string, Set<string>>();
  /** Rules as they were, by factor and by what they are about. */
  private readonly rules = new Map<string, Map<Subject, string>>();
  private readonly opened: Snapshot;

  /** @param opened the market that every reference is taken from */
  constructor(opened: Snapshot, envelope: Envelope) {
    this.opened = opened;
    this.envelope = envelope;
    this.rulesOfAll = rulesOfAll(opened);
    // Column 0 is the screen's own.
    this.place(['own'], { kind: 'own', feed: '' });
  }

  /** Certificates of one market have one reference. */
  isOpenedAt(snapshot: Snapshot): boolean {
    return snapshot === this.opened;
  }

  factor(feed: string): number {
    this.refer(feed, feed);
    return this.place(['factor', feed], { kind: 'factor', feed });
  }

  basis(mark: string, feed: string): number {
    this.refer(mark, feed);
    return this.place(['basis', mark, feed], { kind: 'basis', mark, feed });
  }

  /** A value that moves with a mark and with another factor's price. */
  cross(mark: string, feed: string, other: string): number {
    this.refer(mark, feed);
    this.refer(other, other);
    return this.place(['cross', mark, feed, other], { kind: 'cross', mark, feed, other });
  }

  /** Holdings of a factor follow the rules of an instrument or asset. */
  ruledBy(feed: string, subject: Subject): void {
    const known = this.rules.get(feed) ?? new Map<Subject, string>();
    this.rules.set(feed, known);
    if (!known.has(subject)) known.set(subject, rulesOf(subject, this.opened) ?? '');
  }

  /** When the references were taken, in milliseconds since 1970. */
  get epoch(): number {
    return this.opened.asOf;
  }

  /** False if no certificate holds, whatever it rests on. */
  isRuledAt(snapshot: Snapshot): boolean {
    return rulesOfAll(snapshot) === this.rulesOfAll;
  }

  /** Holds only where the rules of all are the same. */
  at(snapshot: Snapshot): ColumnsNow {
    const prices = this.pricesAt(snapshot);
    const multiples = [...prices.values()].map((price) => price?.multiple ?? 1);
    const largest = multiples.reduce((left, right) => Math.max(left, right), 1);
    return {
      multipliers: this.multipliersOf(snapshot, prices),
      accruedAt: largest * (1 + 2 * this.envelope.shock),
    };
  }

  /** By column; undefined for one that is no factor, and where its price cannot be relied on. */
  factorsAt(snapshot: Snapshot): (FactorNow | undefined)[] {
    const prices = this.pricesAt(snapshot);
    return this.kinds.map(({ kind, feed }) => (kind === 'factor' ? prices.get(feed) : undefined));
  }

  /**
   * By column: what multiplies an equity's slope once every price has made its forecast move. NaN
   * where a price cannot be relied on.
   */
  forecastAt(snapshot: Snapshot, move: Move): Float64Array {
    const prices = this.pricesAt(snapshot);
    const movedTo = (feed: string): number => {
      const { multiple, forecastDown, forecastUp } = prices.get(feed) ?? NO_PRICE;
      return multiple * (move === 'fall' ? 1 - forecastDown : 1 + forecastUp);
    };
    return Float64Array.from(this.kinds, (of) => {
      if (of.kind === 'own') return 0;
      const moved = movedTo(of.feed);
      if (of.kind === 'factor') return moved - 1;
      const { multiple } = prices.get(of.feed) ?? NO_PRICE;
      const marked = (moved * (prices.get(of.mark) ?? NO_PRICE).multiple) / multiple;
      if (of.kind === 'basis') return Math.abs(marked - moved);
      return Math.abs(marked - 1) * Math.abs(movedTo(of.other) - 1);
    });
  }

  private pricesAt(snapshot: Snapshot): Map<string, PriceNow | undefined> {
    const feeds = [...this.references.keys()];
    return new Map(feeds.map((feed) => [feed, this.priceAt(feed, snapshot)]));
  }

  private multipliersOf(
    snapshot: Snapshot,
    prices: ReadonlyMap<string, PriceNow | undefined>,
  ): Float64Array {
    const weights = new Float64Array(4 * this.kinds.length);
    const isSame = new Map(
      [...this.rules].map(([feed, known]) => [feed, sameRules(known, snapshot)]),
    );
    for (const [place, kind] of this.kinds.entries()) {
      const isRuled = isSame.get(kind.feed) ?? true;
      weights.set(isRuled ? this.multipliers(kind, prices) : NOTHING_SAID, 4 * place);
    }
    return weights;
  }

  private multipliers(of: Kind, prices: ReadonlyMap<string, PriceNow | undefined>): Multipliers {
    if (of.kind === 'own') return [1, 1, 1, 1];
    const { basis } = this.envelope;
    const factor = prices.get(of.feed);
    if (factor === undefined || !this.isWithin(factor)) return NOTHING_SAID;
    if (of.kind === 'factor') return this.ofFactor(of.feed, factor, prices);
    const mark = prices.get(of.mark);
    if (mark === undefined) return NOTHING_SAID;
    const apart = Math.abs(mark.multiple / factor.multiple - 1);
    if (!(apart <= basis)) return NOTHING_SAID;
    if (of.kind === 'basis') return [0, factor.multiple * apart, 0, 0];
    const uncertainty = Math.max(mark.uncertainty, factor.uncertainty);
    const other = prices.get(of.other);
    if (other === undefined || !this.isWithin(other)) return NOTHING_SAID;
    if (Math.abs(other.multiple - 1) > this.envelope.settlement) return NOTHING_SAID;
    return [0, crossOf({ ...factor, multiple: mark.multiple, uncertainty }, other), 0, 0];
  }

  private ofFactor(
    feed: string,
    factor: PriceNow,
    prices: ReadonlyMap<string, PriceNow | undefined>,
  ): Multipliers {
    const { multiple } = factor;
    let { uncertainty } = factor;
    for (const mark of this.marks.get(feed) ?? []) {
      uncertainty = Math.max(uncertainty, prices.get(mark)?.uncertainty ?? 0);
    }
    if (!(uncertainty <= this.envelope.shock)) return NOTHING_SAID;
    return [
      Math.max(0, 1 - multiple),
      Math.max(0, multiple - 1),
      multiple * (uncertainty + factor.shockDown),
      multiple * (uncertainty + factor.shockUp),
    ];
  }

  private isWithin(price: PriceNow): boolean {
    const { fall, rise, shock } = this.envelope;
    const { multiple } = price;
    return multiple >= 1 - fall && multiple <= 1 + rise && shockOf(price) <= shock;
  }

  /** Undefined if it is not known, in doubt, or funded at another rate. */
  private priceAt(feed: string, { feeds }: Snapshot): PriceNow | undefined {
    const [reference, state] = [this.references.get(feed), feeds.get(feed)];
    if (reference === undefined || state === undefined) return undefined;
    const { price, factor } = state;
    if (!price.ok || !factor.ok || price.value.doubt !== undefined) return undefined;
    if (!isFundedAlike(reference.fundingRate, rateOf(state), this.envelope)) return undefined;
    const { shockDown, shockUp, forecastDown, forecastUp } = factor.value;
    return {
      multiple: approximately(price.value.price) / reference.price,
      uncertainty: upOf(price.value.uncertainty),
      shockDown: upOf(shockDown),
      shockUp: upOf(shockUp),
      forecastDown: upOf(forecastDown),
      forecastUp: upOf(forecastUp),
    };
  }

  private refer(feed: string, factor: string): void {
    const marks = this.marks.get(factor) ?? new Set<string>();
    this.marks.set(factor, marks.add(feed));
    if (this.references.has(feed)) return;
    const state = this.opened.feeds.get(feed);
    const price = state?.price.ok ? approximately(state.price.value.price) : Number.NaN;
    this.references.set(feed, { price, fundingRate: state && rateOf(state) });
  }

  private place(parts: readonly string[], kind: Kind): number {
    const name = parts.join('\n');
    const found = this.places.get(name);
    if (found !== undefined) return found;
    this.places.set(name, this.kinds.length);
    return this.kinds.push(kind) - 1;
  }
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

function sameRules(known: ReadonlyMap<Subject, string>, snapshot: Snapshot): boolean {
  return [...known].every(([subject, text]) => rulesOf(subject, snapshot) === text);
}

function rateOf({ price }: FeedState): number | undefined {
  const rate = price.ok ? price.value.fundingRatePerHour : undefined;
  return rate && approximately(rate);
}

function isFundedAlike(
  before: number | undefined,
  now: number | undefined,
  { fundingRate }: Envelope,
): boolean {
  if (before === undefined || now === undefined) return before === now;
  return Math.abs(now - before) <= fundingRate;
}

/** No less than the exact one. */
const upOf = (exact: Ratio): number => approximately(exact) * (1 + Number.EPSILON);
