/** One check's counts: accounts = assessed + indeterminate + failed + unaccounted. */
import type { Outcome } from '../margin/assess/assess.ts';
import type { Level } from '../margin/assess/verdict.ts';
import { LINE_LENGTH_MAX, NAMED_MAX } from '../margin/number/limits.ts';
import { shortened } from '../messages/headline.ts';
import type { CaseSubject } from './case-subject.ts';
import { timeOfCheck } from './check-id.ts';
import type { CaseFailure, CasesRead, OutboxResult } from './outbox.ts';
import { keyText } from './stored-case.ts';

export interface CheckCounts {
  /** As the scan yielded them. */
  readonly accounts: number;
  readonly assessed: number;
  readonly indeterminate: number;
  readonly failed: number;
  /** Read but not processed: 0 unless a segment's scan broke off. */
  readonly unaccounted: number;
  /** Found, and not decided about because the function was about to be stopped. */
  readonly unreached: number;
  /** Accounts of so many rows that they are handled last; the first NAMED_MAX. */
  readonly largeAccounts: readonly string[];
  /** Sub-accounts by level: one more than accounts for each isolated position. */
  readonly levels: Readonly<Record<string, number>>;
  readonly published: number;
  readonly publishFailures: number;
  /** Age of the oldest unpublished decision, or 0. */
  readonly unpublishedSeconds: number;
  /** Cases that a later check has decided. */
  readonly superseded: number;
  /** Order plans taken back before they left. */
  readonly withdrawn: number;
}

interface Counted {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly outcome: Outcome;
}

export class CheckCounters {
  private read = 0;
  private seen = 0;
  private readonly indeterminate = new Set<string>();
  private readonly failed = new Set<string>();
  private readonly notReached = new Set<string>();
  private readonly large: string[] = [];
  private readonly levels: Record<string, number> = {
    healthy: 0,
    call: 0,
    liquidation: 0,
    deficit: 0,
  };
  private published = 0;
  private publishFailures = 0;
  private superseded = 0;
  private withdrawn = 0;
  private unpublishedSince: string | undefined;
  /** Sub-accounts at level deficit. */
  readonly bankrupt: Omit<Counted, 'outcome'>[] = [];
  private errorCount = 0;
  /** One line each; the first NAMED_MAX. */
  readonly errors: string[] = [];

  /** Each is counted again below once it is processed. */
  countRead(accounts: number): void {
    this.read += accounts;
  }

  countAccount(accountId: string, assessed: readonly Counted[]): void {
    this.seen++;
    for (const { outcome, position } of assessed) {
      if (outcome.certainty === 'indeterminate') this.indeterminate.add(accountId);
      else this.countLevel(outcome.level, { accountId, position });
    }
  }

  private countLevel(level: Level, subAccount: Omit<Counted, 'outcome'>): void {
    this.levels[level] = (this.levels[level] ?? 0) + 1;
    if (level === 'deficit') this.bankrupt.push(subAccount);
  }

  /** @param subAccounts the account's, all healthy and certain */
  countSafeAccount(subAccounts: number): void {
    this.seen++;
    this.levels.healthy = (this.levels.healthy ?? 0) + subAccounts;
  }

  /** Accounts that are proved healthy and certain without being read. */
  countSafe(accounts: number, subAccounts: number): void {
    this.read += accounts;
    this.seen += accounts;
    this.levels.healthy = (this.levels.healthy ?? 0) + subAccounts;
  }

  countFailedAccount(accountId: string, error: unknown): void {
    this.seen++;
    this.failed.add(accountId);
    this.fail(`account ${accountId}`, error);
  }

  countUnreached(accountIds: Iterable<string>): void {
    for (const accountId of accountIds) this.notReached.add(accountId);
  }

  countLarge(accountId: string): void {
    if (this.large.length < NAMED_MAX) this.large.push(accountId);
  }

  /** In the order in which they were given up: the most urgent first. */
  get unreached(): readonly string[] {
    return [...this.notReached];
  }

  countCasesRead(read: Omit<CasesRead<CaseSubject>, 'subjects'>): void {
    const { failures, superseded, published } = read;
    this.superseded += superseded;
    this.published += published;
    this.countFailures(failures);
  }

  countProcessed(result: OutboxResult): void {
    this.published += result.published;
    this.superseded += result.superseded;
    this.withdrawn += result.withdrawn;
    this.publishFailures += result.publishFailures.length;
    this.unpublishedSince = earlier(this.unpublishedSince, result.unpublishedSince);
    for (const fault of result.publishFailures) this.fail('publish', fault);
    this.countFailures(result.failures);
  }

  private countFailures(failures: readonly CaseFailure[]): void {
    for (const { key, accountId, error } of failures) {
      if (accountId !== undefined) this.failed.add(accountId);
      this.fail(keyText(key), error);
    }
  }

  fail(where: string, error: unknown): void {
    this.errorCount++;
    if (this.errors.length >= NAMED_MAX) return;
    const line = `${where}: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`;
    this.errors.push(shortened(line, LINE_LENGTH_MAX));
  }

  get hasFailures(): boolean {
    return this.errorCount > 0 || this.notReached.size > 0;
  }

  /** @param asOf ISO 8601 */
  counts(asOf: string): CheckCounts {
    const indeterminate = [...this.indeterminate].filter((id) => !this.failed.has(id)).length;
    const failed = this.failed.size;
    const since = this.unpublishedSince;
    return {
      accounts: this.read,
      assessed: this.seen - indeterminate - failed,
      indeterminate,
      failed,
      unaccounted: this.read - this.seen,
      unreached: this.notReached.size,
      largeAccounts: this.large,
      levels: this.levels,
      published: this.published,
      publishFailures: this.publishFailures,
      unpublishedSeconds: since === undefined ? 0 : secondsBetween(since, asOf),
      superseded: this.superseded,
      withdrawn: this.withdrawn,
    };
  }
}

/** Check ids sort by time. */
const earlier = (left: string | undefined, right: string | undefined): string | undefined =>
  left === undefined || (right !== undefined && right < left) ? right : left;

/** @param from id of a check. @param to ISO 8601 */
const secondsBetween = (from: string, to: string): number =>
  Math.max(0, Date.parse(to) - timeOfCheck(from)) / 1000;
