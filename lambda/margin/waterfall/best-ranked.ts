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
  private readonly owners: ReadonlySet<string>;
  private kept: Ranked[] = [];
  private pruneAt = COUNTERPARTIES_GATHERED;

  /** @param input `owners`: accounts that are bankrupt; kept on top, as they may not serve all. */
  constructor(input: {
    readonly wanted: Quantity;
    readonly lotSize: Quantity;
    readonly owners: ReadonlySet<string>;
  }) {
    this.wanted = input.wanted;
    this.lotSize = input.lotSize;
    this.owners = input.owners;
  }

  add(position: Counterposition): void {
    if (isBelow(position.quantity, this.lotSize)) return;
    this.kept.push(...rankedForDeleveraging([position]));
    if (this.kept.length >= this.pruneAt) this.prune();
  }

  /** Call after the last `add`. */
  prune(): void {
    const counts = ({ accountId }: Ranked) => !this.owners.has(accountId);
    this.kept = this.covering(this.kept.sort(highestFirst), this.wanted, counts);
    this.pruneAt = Math.max(COUNTERPARTIES_GATHERED, 2 * this.kept.length);
  }

  /** Those that hold the quantity together, none of them the owner's own, and may be named. */
  first(quantity: Quantity, of: { readonly most: number; readonly owner: string }): Ranked[] {
    const others = this.kept.filter(({ accountId }) => accountId !== of.owner);
    return nameable(this.covering(others, quantity).slice(0, of.most));
  }

  /** Ranks do not change. */
  take(allotments: readonly Allotment[]): void {
    const given = new Map(allotments.map(({ of, quantity }) => [of.key, quantity]));
    this.kept = this.kept.flatMap((each) => {
      const quantity = subtract(each.quantity, given.get(each.key) ?? NO_QUANTITY);
      return isBelow(quantity, this.lotSize) ? [] : [{ ...each, quantity }];
    });
  }

  private covering(
    ranked: readonly Ranked[],
    wanted: Quantity,
    counts: (each: Ranked) => boolean = () => true,
  ): Ranked[] {
    let covered = NO_QUANTITY;
    const end = ranked.findIndex((each) => {
      if (counts(each)) covered = add(covered, wholeLots(each.quantity, this.lotSize));
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
