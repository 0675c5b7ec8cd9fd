/**
 * One population from check to check, with certificates as a warm function has them: it reads what has
 * changed and what is not proved healthy, and each hour it moves every certificate to a newer market.
 */

import { CertifiedBook } from '../../../lambda/certified/certified-book.ts';
import { Reading } from '../../../lambda/certified/reading.ts';
import { assessBook, lowCallSurplus } from '../../../lambda/margin/assess/assess.ts';
import type { Book } from '../../../lambda/margin/book/book.ts';
import { curveAtMark } from '../../../lambda/margin/curve/curve-at-mark.ts';
import { approximately } from '../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { type RandomStream, randomStream } from '../../analysis/random.ts';
import type { MarketNow } from './market.ts';
import { bookOf, type Opened, opened, type Population } from './populations.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
/** A called account pays or closes within so long, on average. */
export const CALLED_SECONDS = HOUR_SECONDS;
/** Every account trades within so long. */
export const TRADED_SECONDS = DAY_SECONDS;
/** A check reads every account above this share of the book, because a scan is faster. */
export const SCANNED_FROM = 0.1;
/** Two sums of the same terms differ by less, as a share. */
const ROUNDING = 1e-9;

/** Accounts of one check. */
export interface CheckedShare {
  readonly read: number;
  /** Not certainly healthy, by the exact figure. */
  readonly doubtful: number;
  readonly changed: number;
  /** Neither doubtful nor changed: read because the certificate fails where the account does not. */
  readonly renewed: number;
  /** Neither doubtful nor changed, but doubtful at the check before. */
  readonly recovered: number;
  /** Certificates of the slice held against the exact figure, and those that were worth more. */
  readonly compared: number;
  readonly unsound: number;
  readonly isScan: boolean;
}

interface Input {
  readonly population: Population;
  readonly accounts: number;
  readonly intervalSeconds: number;
  readonly seed: number;
}

interface Live {
  account: Opened;
  isDoubtful: boolean;
}

export class CheckedBook {
  readonly population: Population;
  readonly accounts: number;
  private readonly input: Input;
  private readonly random: RandomStream;
  private readonly book = new CertifiedBook();
  /** By number in the certified book. */
  private live: Live[] = [];
  /** They change before the next check. */
  private due = new Set<number>();
  private checks = 0;
  /** Reads of healthy accounts that got no certificate. */
  uncertified = 0;

  constructor(input: Input) {
    this.input = input;
    this.population = input.population;
    this.accounts = input.accounts;
    this.random = randomStream(input.seed, input.population.name);
  }

  /** Undefined for the first check, which reads every account. */
  check(now: MarketNow): CheckedShare | undefined {
    if (this.live.length > 0) return this.checkAgain(now);
    this.open(now.snapshot);
    for (let number = 0; number < this.accounts; number++) {
      const account = this.openedAt(number, now);
      this.live.push({ account, isDoubtful: false });
      this.read(number, now.snapshot);
    }
    this.book.filledBy = 'the first check';
    return undefined;
  }

  /** As nothing is stored, what it was taken from does not matter. */
  private open(snapshot: Snapshot): void {
    this.book.open({ snapshot, rows: [], gapSeconds: 0, previousPrices: new Map() });
  }

  private checkAgain(now: MarketNow): CheckedShare {
    const { snapshot } = now;
    this.checks++;
    const changed = this.change(now);
    const reading = new Reading(this.book, { snapshot, inAnyCase: [] });
    const read = reading.accountIds.length;
    const counts = { doubtful: 0, renewed: 0, recovered: 0 };
    for (const accountId of reading.accountIds) {
      const number = this.book.index.numberOf(accountId) as number;
      const wasDoubtful = this.live[number]?.isDoubtful;
      if (this.read(number, snapshot)) counts.doubtful++;
      else if (wasDoubtful && !changed.has(number)) counts.recovered++;
      else if (!changed.has(number)) counts.renewed++;
    }
    const compared = this.compareSlice(reading, snapshot);
    return {
      ...{ read, changed: changed.size, isScan: read > SCANNED_FROM * this.accounts },
      ...counts,
      ...compared,
    };
  }

  private change(now: MarketNow): ReadonlySet<number> {
    const changed = this.due;
    this.due = new Set();
    const every = Math.max(1, Math.round(TRADED_SECONDS / this.input.intervalSeconds));
    for (let each = this.checks % every; each < this.live.length; each += every) changed.add(each);
    for (const number of changed) {
      this.live[number] = { account: this.openedAt(number, now), isDoubtful: false };
      this.book.hear(accountIdOf(number));
    }
    return changed;
  }

  private openedAt(number: number, now: MarketNow): Opened {
    return opened(accountIdOf(number), this.population, { ...now, random: this.random });
  }

  /** @returns whether it is doubtful */
  private read(number: number, snapshot: Snapshot): boolean {
    const live = this.live[number] as Live;
    const { account } = live;
    const book = bookOf(account.subAccount, snapshot);
    live.isDoubtful = exactOf(book, snapshot) < 0;
    const parts = live.isDoubtful ? undefined : [{ subAccount: account.subAccount, book }];
    const certified = this.book.note(account, parts, snapshot);
    if (certified?.ok === false) this.uncertified++;
    if (live.isDoubtful) this.follow(number, book, snapshot);
    return live.isDoubtful;
  }

  private follow(number: number, book: Book, { policy }: Snapshot): void {
    const outcome = assessBook(book, policy);
    if (outcome.certainty === 'indeterminate' || outcome.level === 'healthy') return;
    const pays = this.random.uniform() < this.input.intervalSeconds / CALLED_SECONDS;
    if (outcome.level !== 'call' || pays) this.due.add(number);
  }

  /** As a check does with its slice of the table: every account has its turn within the hour. */
  private compareSlice(
    reading: Reading,
    snapshot: Snapshot,
  ): Pick<CheckedShare, 'compared' | 'unsound'> {
    const { book } = this;
    const of = Math.max(1, Math.ceil(HOUR_SECONDS / this.input.intervalSeconds));
    const slice = (this.checks - 1) % of;
    if (slice === 0) this.open(snapshot);
    const counts = { compared: 0, unsound: 0 };
    for (let number = slice; number < this.live.length; number += of) {
      if (reading.isRead(number)) continue;
      const { subAccount } = (this.live[number] as Live).account;
      const part = { subAccount, book: bookOf(subAccount, snapshot) };
      counts.compared++;
      if (!this.isSound(number, exactOf(part.book, snapshot))) counts.unsound++;
      book.renew(number, [part], snapshot);
    }
    return counts;
  }

  private isSound(number: number, exact: number): boolean {
    const bounds = this.book.editionOf(number)?.bounds;
    const bound = bounds?.[this.book.index.of.firstLine[number] as number] ?? Number.NaN;
    return exact >= 0 && bound <= exact + ROUNDING * Math.abs(exact);
  }
}

const accountIdOf = (number: number): string => `account-${number}`;

/** Low surplus over the call line. */
function exactOf(book: Book, { policy }: Snapshot): number {
  const low = lowCallSurplus(book, book.curves.map(curveAtMark), policy);
  return low === 'unbounded' ? Number.NEGATIVE_INFINITY : approximately(low);
}
