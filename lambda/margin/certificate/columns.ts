/**
 * Each column is one thing that certificates depend on: a risk factor, the value of an option, the basis
 * of a mark, two prices that move one value, the scale of a requirement, a location. A column remembers the market at which
 * it was opened. At another market it gives the multipliers of its entries, or NaN where it says
 * nothing: then every certificate that names it is worth NaN, which proves nothing, and its
 * account is read.
 */
import type { Move } from '../book/exposures.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Envelope } from './envelope.ts';
import {
  type AskedAt,
  afterForecast,
  type Kind,
  multipliersOf,
  NOTHING_SAID,
} from './multipliers.ts';
import { PriceWindows } from './price-windows.ts';
import { type PriceNow, References } from './references.ts';
import { chargesOf, rulesOf, rulesOfAll, type Subject } from './rules.ts';

/** The multipliers of all certificates at one market. */
export interface ColumnsNow {
  /** Four numbers a column. */
  readonly multipliers: Float64Array;
  /**
   * No price is a larger multiple of its reference, with its uncertainty and its shock: what accrues
   * is due on the price of now. At least 1.
   */
  readonly accruedAt: number;
}

/** A risk factor's price, as a multiple of the reference, and its shocks. */
export interface FactorNow extends Pick<PriceNow, 'multiple' | 'shockDown' | 'shockUp'> {
  /** Its entries have one slope for both directions. */
  readonly isNonLinear: boolean;
}

/** Columns as data: at the market that they were opened at they can be made again. */
export interface StoredColumns {
  readonly kinds: readonly Kind[];
  /** By factor: what its holdings follow the rules of. */
  readonly subjects: readonly (readonly [feed: string, subjects: readonly Subject[]])[];
}

interface Rules {
  readonly text: string;
  /** Rates of charges that follow prices. */
  readonly charges: readonly number[];
}

export class Columns {
  readonly envelope: Envelope;
  readonly priceWindows: PriceWindows;
  private readonly rulesOfAll: string;
  private readonly kinds: Kind[] = [];
  private readonly places = new Map<string, number>();
  private readonly references: References;
  /** As they were, by factor and by what they are about. */
  private readonly rules = new Map<string, Map<Subject, Rules>>();
  private readonly opened: Snapshot;

  /** @param opened the market that every reference is taken from */
  constructor(opened: Snapshot, envelope: Envelope) {
    this.opened = opened;
    this.envelope = envelope;
    this.priceWindows = new PriceWindows(envelope);
    this.references = new References(opened, envelope);
    this.rulesOfAll = rulesOfAll(opened);
    // The screen asks column 0.
    this.place(['own'], { kind: 'own', feed: '' });
  }

  /** @throws RangeError if these are not columns as `stored` gives them */
  static restored(
    opened: Snapshot,
    envelope: Envelope,
    { kinds, subjects }: StoredColumns,
  ): Columns {
    const columns = new Columns(opened, envelope);
    for (const [place, column] of columns.adopt({ kinds, subjects }).entries()) {
      if (column !== place) throw new RangeError(`column ${place} comes twice`);
    }
    return columns;
  }

  /**
   * Opens columns that were opened at the same market.
   * @returns by their places, the columns here
   */
  adopt({ kinds, subjects }: StoredColumns): number[] {
    const places = kinds.map((kind) => this.placed(kind));
    for (const [feed, of] of subjects) {
      for (const subject of of) this.ruledBy(feed, subject);
    }
    return places;
  }

  get stored(): StoredColumns {
    const subjects = [...this.rules].map(([feed, known]) => [feed, [...known.keys()]] as const);
    return { kinds: this.kinds, subjects };
  }

  /** @returns the column of that kind */
  private placed(kind: Kind): number {
    switch (kind.kind) {
      case 'own':
        return 0;
      case 'factor':
        return this.factor(kind.feed);
      case 'nonLinear':
        return this.nonLinear(kind.feed);
      case 'option':
        return this.option(kind.instrument, kind.feed);
      case 'basis':
        return this.basis(kind.mark, kind.feed);
      case 'cross':
        return this.cross(kind.mark, kind.feed, kind.other);
      case 'scale':
        return this.scale(kind.riskClass, kind.feed, kind.instrument);
      case 'location':
        return this.location(kind.location);
    }
  }

  /** Certificates of one market have one reference. */
  isOpenedAt(snapshot: Snapshot): boolean {
    return snapshot === this.opened;
  }

  factor(feed: string): number {
    this.references.add(feed, feed);
    return this.place(['factor', feed], { kind: 'factor', feed });
  }

  /** @param feed of a factor in which options are held */
  nonLinear(feed: string): number {
    this.references.add(feed, feed);
    return this.place(['nonLinear', feed], { kind: 'nonLinear', feed });
  }

  option(instrument: string, feed: string): number {
    this.references.add(feed, feed);
    return this.place(['option', instrument, feed], { kind: 'option', feed, instrument });
  }

  basis(mark: string, feed: string): number {
    this.references.add(mark, feed);
    return this.place(['basis', mark, feed], { kind: 'basis', mark, feed });
  }

  cross(mark: string, feed: string, other: string): number {
    this.references.add(mark, feed);
    this.references.add(other, other);
    return this.place(['cross', mark, feed, other], { kind: 'cross', mark, feed, other });
  }

  /** @param instrument of that class and factor */
  scale(riskClass: string, feed: string, instrument: string): number {
    this.references.add(feed, feed);
    return this.place(['scale', riskClass, feed], { kind: 'scale', riskClass, feed, instrument });
  }

  location(location: string): number {
    return this.place(['location', location], { kind: 'location', feed: '', location });
  }

  /** Holdings of a factor follow the rules of an instrument or asset. */
  ruledBy(feed: string, subject: Subject): void {
    const known = this.rules.get(feed) ?? new Map<Subject, Rules>();
    this.rules.set(feed, known);
    if (known.has(subject)) return;
    const text = rulesOf(subject, this.opened) ?? '';
    known.set(subject, { text, charges: chargesOf(subject, this.opened) ?? [] });
  }

  /** When the references were taken, in milliseconds since 1970. */
  get epoch(): number {
    return this.opened.asOf;
  }

  /** False if no certificate holds, whatever it rests on. */
  isRuledAt(snapshot: Snapshot): boolean {
    return rulesOfAll(snapshot) === this.rulesOfAll;
  }

  /**
   * Holds only where the rules of all are the same.
   * @param moved a fraction of each price, times its radius scale; then options say nothing
   */
  at(now: Snapshot, moved = 0): ColumnsNow {
    const asked = this.askedAt(now, moved);
    const multiples = [...asked.prices.values()].map((price) => price?.multiple ?? 1);
    const largest = multiples.reduce((left, right) => Math.max(left, right), 1);
    return {
      multipliers: this.multipliersAt(asked),
      accruedAt: largest * (1 + 2 * this.envelope.shock),
    };
  }

  private askedAt(now: Snapshot, moved = 0): AskedAt {
    const { opened, envelope, references } = this;
    return { opened, now, moved, envelope, references, prices: references.at(now, moved) };
  }

  private multipliersAt(asked: AskedAt): Float64Array {
    const weights = new Float64Array(4 * this.kinds.length);
    const doHold = new Map(
      [...this.rules].map(([feed, known]) => [feed, rulesHold(known, asked.now)]),
    );
    for (const [place, kind] of this.kinds.entries()) {
      const isRuled = doHold.get(kind.feed) ?? true;
      weights.set(isRuled ? multipliersOf(kind, asked) : NOTHING_SAID, 4 * place);
    }
    return weights;
  }

  /** By column; undefined for one that is no factor, and where its price cannot be relied on. */
  factorsAt(snapshot: Snapshot): (FactorNow | undefined)[] {
    const prices = this.references.at(snapshot);
    return this.kinds.map(({ kind, feed }) => {
      const price = kind === 'factor' || kind === 'nonLinear' ? prices.get(feed) : undefined;
      return price && { ...price, isNonLinear: kind === 'nonLinear' };
    });
  }

  /** The multipliers of options alone, at their quotes: the others, and uncertainty, are zero. */
  ofOptions({ multipliers }: ColumnsNow): Float64Array {
    return multipliers.map((multiplier, index) => {
      const { kind } = this.kinds[Math.floor(index / 4)] as Kind;
      return kind === 'option' && index % 4 !== 2 ? multiplier : 0;
    });
  }

  /** By column: `afterForecast`; NaN where a price cannot be relied on. */
  forecastAt(snapshot: Snapshot, move: Move): Float64Array {
    const asked = this.askedAt(snapshot);
    return Float64Array.from(this.kinds, (kind) => afterForecast(kind, asked, move));
  }

  private place(parts: readonly string[], kind: Kind): number {
    const name = parts.join('\n');
    const found = this.places.get(name);
    if (found !== undefined) return found;
    this.places.set(name, this.kinds.length);
    return this.kinds.push(kind) - 1;
  }
}

function rulesHold(known: ReadonlyMap<Subject, Rules>, snapshot: Snapshot): boolean {
  return [...known].every(([subject, { text, charges }]) => {
    if (rulesOf(subject, snapshot) !== text) return false;
    const now = chargesOf(subject, snapshot);
    return now?.every((charge, place) => charge <= (charges[place] ?? 0)) ?? false;
  });
}
