/** Prices as they were at the market that certificates refer to, and how far they have moved since. */
import type { FeedState } from '../curve/risk-factor.ts';
import { type Amount, approximately, type Ratio } from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Envelope } from './envelope.ts';

interface Reference {
  readonly price: number;
  readonly fundingRate: number | undefined;
}

export interface PriceNow {
  /** price ÷ reference. */
  readonly multiple: number;
  readonly uncertainty: number;
  readonly shockDown: number;
  readonly shockUp: number;
  readonly forecastDown: number;
  readonly forecastUp: number;
}

/** Undefined: not known, in doubt, or funded at another rate. */
export type PricesNow = ReadonlyMap<string, PriceNow | undefined>;

export class References {
  private readonly opened: Snapshot;
  private readonly envelope: Envelope;
  private readonly references = new Map<string, Reference>();
  /** Feeds by the factor that moves them. */
  private readonly marks = new Map<string, Set<string>>();

  constructor(opened: Snapshot, envelope: Envelope) {
    this.opened = opened;
    this.envelope = envelope;
  }

  /** @param factor that moves the feed's price */
  add(feed: string, factor: string): void {
    const marks = this.marks.get(factor) ?? new Set<string>();
    this.marks.set(factor, marks.add(feed));
    if (this.references.has(feed)) return;
    const state = this.opened.feeds.get(feed);
    const price = state?.price.ok ? approximately(state.price.value.price) : Number.NaN;
    this.references.set(feed, { price, fundingRate: state && rateOf(state) });
  }

  marksOf(factor: string): Iterable<string> {
    return this.marks.get(factor) ?? [];
  }

  /** @param moved a fraction of each price, times its radius scale */
  at(snapshot: Snapshot, moved = 0): PricesNow {
    const feeds = [...this.references.keys()];
    return new Map(feeds.map((feed) => [feed, this.priceAt(feed, snapshot, moved)]));
  }

  private priceAt(feed: string, { feeds }: Snapshot, moved: number): PriceNow | undefined {
    const [reference, state] = [this.references.get(feed), feeds.get(feed)];
    if (reference === undefined || state === undefined) return undefined;
    const { price, factor } = state;
    if (!price.ok || !factor.ok || price.value.doubt !== undefined) return undefined;
    if (!this.isFundedAlike(reference.fundingRate, rateOf(state))) return undefined;
    const { shockDown, shockUp, forecastDown, forecastUp, radiusScale } = factor.value;
    const multiple = approximately(price.value.price) / reference.price;
    return {
      multiple: moved === 0 ? multiple : multiple * (1 + moved * approximately(radiusScale)),
      uncertainty: upOf(price.value.uncertainty),
      shockDown: upOf(shockDown),
      shockUp: upOf(shockUp),
      forecastDown: upOf(forecastDown),
      forecastUp: upOf(forecastUp),
    };
  }

  private isFundedAlike(before: number | undefined, now: number | undefined): boolean {
    if (before === undefined || now === undefined) return before === now;
    return Math.abs(now - before) <= this.envelope.fundingRate;
  }
}

function rateOf({ price }: FeedState): number | undefined {
  const rate = price.ok ? price.value.fundingRatePerHour : undefined;
  return rate && approximately(rate);
}

/** No less than the exact one. */
export const upOf = (exact: Ratio | Amount): number => approximately(exact) * (1 + Number.EPSILON);
