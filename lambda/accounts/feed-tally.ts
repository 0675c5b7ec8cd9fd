/** The accounts that each price in doubt leaves indeterminate. */
import type { Indeterminate } from '../margin/assess/assess.ts';
import { type Amount, absolute, add, compare } from '../margin/number/decimal.ts';
import { LARGEST_MAX } from '../margin/number/limits.ts';
import { isPriceInDoubt, type Reason } from '../margin/number/reason.ts';
import type { AssessedSubAccount } from './assess-account.ts';

export interface FeedInDoubt {
  readonly feed: string;
  readonly reason: Reason;
  /** Sub-accounts that it leaves indeterminate. */
  readonly accounts: number;
  /** Names of the largest, the largest first. */
  readonly largest: readonly string[];
}

interface Counted {
  readonly reason: Reason;
  accounts: number;
  largest: readonly { readonly name: string; readonly size: Amount }[];
}

export class FeedTally {
  private readonly byFeed = new Map<string, Counted>();

  note({ name, outcome }: Pick<AssessedSubAccount, 'name' | 'outcome'>): void {
    if (outcome.certainty !== 'indeterminate' || outcome.figures === undefined) return;
    const size = sizeOf(outcome.figures);
    for (const reason of outcome.reasons.filter(isPriceInDoubt)) {
      const counted = this.byFeed.get(reason.subject) ?? { reason, accounts: 0, largest: [] };
      counted.accounts++;
      counted.largest = [...counted.largest, { name, size }]
        .toSorted((left, right) => compare(right.size, left.size))
        .slice(0, LARGEST_MAX);
      this.byFeed.set(reason.subject, counted);
    }
  }

  get feeds(): FeedInDoubt[] {
    return [...this.byFeed].map(([feed, { reason, accounts, largest }]) => ({
      feed,
      reason,
      accounts,
      largest: largest.map(({ name }) => name),
    }));
  }
}

/** The account's equity or debt, with the margin that it needs. */
const sizeOf = (figures: NonNullable<Indeterminate['figures']>): Amount =>
  add(absolute(figures.equity.point), figures.maintenanceRequirement);
