/** A price history with each population, and what its checks have read. */
import { distributionOf } from '../../simulate/distribution.ts';
import { median } from '../median.ts';
import { CheckedBook, type CheckedShare } from './checked-book.ts';
import { type MarketsAlong, marketsAlong } from './market.ts';
import { POPULATIONS } from './populations.ts';

const HOUR_MS = 3_600_000;

export interface ReadShareInput extends MarketsAlong {
  readonly accounts: number;
}

/** Shares of the book. */
export interface Shares {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

export interface SharesOfChecks {
  readonly checks: number;
  /** Accounts that have changed, or are not proved healthy. */
  readonly read: Shares;
  /** The same without what changed. */
  readonly unproved: Shares;
  readonly doubtful: Shares;
  readonly changed: Shares;
  /** Neither doubtful nor changed; of them, those that were doubtful at the check before. */
  readonly beyond: Shares;
  readonly recovered: Shares;
  readonly renewed: Shares;
  /** Checks in which the goal is missed; and those where recovered accounts are not the cause. */
  readonly missed: number;
  readonly missedByRenewal: number;
  /** Checks that would read every account. */
  readonly scans: number;
}

export interface ReadShare {
  readonly population: string;
  readonly accounts: number;
  readonly all: SharesOfChecks;
  readonly calm: SharesOfChecks;
  /** An account and day, without the hourly move to a newer market. */
  readonly renewals: number;
  /** Certificates that were held against the exact figure, and those that were worth more. */
  readonly compared: number;
  readonly unsound: number;
  /** Reads of healthy accounts that got no certificate. */
  readonly uncertified: number;
}

/** Goal: read ≤ doubtful + changed + slice + this share of the book. */
export const BEYOND_MOST = 0.001;

interface Timed extends CheckedShare {
  readonly hour: number;
}

export function readShares(
  input: ReadShareInput,
  advance: (done: number) => void = () => {},
): ReadShare[] {
  const { intervalSeconds } = input;
  const books = POPULATIONS.map((population) => {
    const accounts = Math.ceil(population.count * input.accounts);
    return new CheckedBook({ ...input, accounts, population });
  });
  const found = books.map((): Timed[] => []);
  const ranges = new Map<number, Range>();
  let done = 0;
  for (const now of marketsAlong(input)) {
    const hour = Math.floor(now.snapshot.asOf / HOUR_MS);
    widen(ranges, hour, now.prices[0]?.price ?? Number.NaN);
    for (const [index, book] of books.entries()) {
      const share = book.check(now);
      if (share !== undefined) found[index]?.push({ ...share, hour });
    }
    advance(++done);
  }
  const isCalm = calmHours(ranges);
  return books.map(({ population, accounts, uncertified }, index) => {
    const all = found[index] ?? [];
    const sum = (of: (share: CheckedShare) => number) =>
      all.reduce((total, each) => total + of(each), 0);
    const days = (all.length * intervalSeconds) / 86_400;
    return {
      population: population.name,
      accounts,
      all: sharesOf(all, accounts),
      calm: sharesOf(
        all.filter(({ hour }) => isCalm.has(hour)),
        accounts,
      ),
      renewals: sum(({ renewed }) => renewed) / accounts / days,
      compared: sum(({ compared }) => compared),
      unsound: sum(({ unsound }) => unsound),
      uncertified,
    };
  });
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function widen(ranges: Map<number, Range>, hour: number, price: number): void {
  const { low, high } = ranges.get(hour) ?? { low: price, high: price };
  ranges.set(hour, { low: Math.min(low, price), high: Math.max(high, price) });
}

/** The half of the hours in which the history's price has moved least. */
function calmHours(ranges: ReadonlyMap<number, Range>): ReadonlySet<number> {
  const widths = [...ranges].map(([hour, { low, high }]) => ({ hour, width: high / low }));
  const sorted = widths.toSorted((left, right) => left.width - right.width);
  return new Set(sorted.slice(0, Math.ceil(sorted.length / 2)).map(({ hour }) => hour));
}

function sharesOf(checks: readonly CheckedShare[], accounts: number): SharesOfChecks {
  const shares = (of: (share: CheckedShare) => number): Shares => {
    const values = checks.map((check) => of(check) / accounts);
    if (values.length === 0) return { median: Number.NaN, p99: Number.NaN, most: Number.NaN };
    const { p99, worst } = distributionOf(values);
    return { median: median(values), p99, most: worst };
  };
  const beyond = ({ recovered, renewed }: CheckedShare) => recovered + renewed;
  // The slice is read, too, and is on both sides.
  const excess = ({ read, doubtful, changed }: CheckedShare) => read - doubtful - changed;
  const most = BEYOND_MOST * accounts;
  return {
    checks: checks.length,
    read: shares(({ read }) => read),
    unproved: shares(({ read, changed }) => read - changed),
    doubtful: shares(({ doubtful }) => doubtful),
    changed: shares(({ changed }) => changed),
    beyond: shares(beyond),
    recovered: shares(({ recovered }) => recovered),
    renewed: shares(({ renewed }) => renewed),
    missed: checks.filter((check) => excess(check) > most).length,
    missedByRenewal: checks.filter((check) => excess(check) - check.recovered > most).length,
    scans: checks.filter(({ isScan }) => isScan).length,
  };
}
