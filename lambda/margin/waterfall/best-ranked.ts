/**
 * Keeps the highest-ranked of very many positions on one side of a market, enough for the wanted
 * quantity.
 */
import {
  add,
  isAtLeast,
  isBelow,
  NO_QUANTITY,
  type Quantity,
  subtract,
} from '../number/decimal.ts';
import { COUNTERPARTIES_GATHERED, COUNTERPARTY_NAMES_MAX } from '../number/limits.ts';
import { type Allotment, wholeLots } from './allocation.ts';
import {
  type Counterposition,
  highestFirst,
  type Ranked,
  rankedForDeleveraging,
} from './ranking.ts';

export class BestRanked {
  private readonly wanted: Quantity;
  private readonly lotSize: Quantity;
  private kept: Ranked[] = [];
  private pruneAt = COUNTERPARTIES_GATHERED;

  constructor(input: { readonly wanted: Quantity; readonly lotSize: Quantity }) {
    this.wanted = input.wanted;
    this.lotSize = input.lotSize;
  }

  add(position: Counterposition): void {
    if (isBelow(position.quantity, this.lotSize)) return;
    this.kept.push(...rankedForDeleveraging([position]));
    if (this.kept.length >= this.pruneAt) this.prune();
  }

  /** Call after the last `add`. */
  prune(): void {
    this.kept = this.covering(this.kept.sort(highestFirst), this.wanted);
    this.pruneAt = Math.max(COUNTERPARTIES_GATHERED, 2 * this.kept.length);
  }

  /** Those that hold the quantity together, at most `most`, and as many as a message can name. */
  first(quantity: Quantity, most: number): Ranked[] {
    return nameable(this.covering(this.kept, quantity).slice(0, most));
  }

  /** Ranks do not change. */
  take(allotments: readonly Allotment[]): void {
    const given = new Map(allotments.map(({ of, quantity }) => [of.key, quantity]));
    this.kept = this.kept.flatMap((each) => {
      const quantity = subtract(each.quantity, given.get(each.key) ?? NO_QUANTITY);
      return isBelow(quantity, this.lotSize) ? [] : [{ ...each, quantity }];
    });
  }

  private covering(ranked: readonly Ranked[], wanted: Quantity): Ranked[] {
    let covered = NO_QUANTITY;
    const end = ranked.findIndex(({ quantity }) => {
      covered = add(covered, wholeLots(quantity, this.lotSize));
      return isAtLeast(covered, wanted);
    });
    return end < 0 ? [...ranked] : ranked.slice(0, end + 1);
  }
}

function nameable(ranked: readonly Ranked[]): Ranked[] {
  let length = 0;
  const end = ranked.findIndex(({ accountId, position = '' }) => {
    length += accountId.length + position.length;
    return length > COUNTERPARTY_NAMES_MAX;
  });
  return end < 0 ? [...ranked] : ranked.slice(0, end);
}
