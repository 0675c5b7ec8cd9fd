/** What a check did, counted so that the counts add up. */

import type { Subject } from '../accounts/assess-account.ts';
import type { CascadeSummary } from '../accounts/cascade-gauge.ts';
import type { CarriedOverSummary } from '../accounts/market-capacity.ts';
import type { Level } from '../margin/assess/level.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { FeedState } from '../margin/snapshot/snapshot.ts';
import type { MatterFailure, OutboxResult, Reading } from './outbox.ts';

export interface CheckSummary {
  readonly checkId: string;
  readonly asOf: string;
  /** Why nothing was done: this check, or a later one, has been done before. */
  readonly skipped?: string;
  readonly lateSeconds: number;
  readonly gapSeconds?: number;
  /** Every account was met; a scan that broke off leaves some out. */
  readonly isComplete: boolean;
  /** As the scans yielded them: assessed + indeterminate + failed + unaccounted. */
  readonly accounts: number;
  readonly assessed: number;
  readonly indeterminate: number;
  readonly failed: number;
  /** Read, and then neither assessed nor refused: 0 unless a segment was given up. */
  readonly unaccounted: number;
  /** Sub-accounts by level: one more than accounts for each isolated position. */
  readonly levels: Readonly<Record<string, number>>;
  readonly published: number;
  readonly publishFailures: number;
  /** Age of the oldest decision that SNS has not taken yet; 0 when it has taken all. */
  readonly unpublishedSeconds: number;
  /** Cases that a later check had decided already. */
  readonly superseded: number;
  /** Order plans taken back before they left. */
  readonly withdrawn: number;
  /** What plans need besides, and the markets did not bear at this check. */
  readonly carriedOver: CarriedOverSummary;
  /** By market: what a move of 1 % would put into liquidation; the largest. */
  readonly cascade: CascadeSummary;
  readonly prices: PriceSummary;
  /** Absent when the insurance fund could not be read. */
  readonly fund?: FundSummary | undefined;
  /** Rows of the market table that could not be read. */
  readonly marketFaults: readonly string[];
  readonly errors: readonly string[];
}

/** The insurance fund after the check, and what this check has booked; decimal texts. */
export interface FundSummary {
  readonly balance: string;
  /** By its meters; below zero: taken out. */
  readonly paidIn: string;
  readonly drawn: string;
  /** Borne by other accounts. */
  readonly shared: string;
  /** Borne by nobody else: the venue's. */
  readonly uncovered: string;
}

/** The feeds that the market names. */
export interface PriceSummary {
  readonly usable: number;
  readonly rejected: number;
  /** Of the usable ones; absent when there is none. */
  readonly oldest?: { readonly feed: string; readonly ageSeconds: number } | undefined;
}

export function priceSummary(feeds: Iterable<FeedState>): PriceSummary {
  const states = [...feeds];
  const ages = states.flatMap(({ feed, price }) =>
    price.ok ? [{ feed, ageSeconds: price.value.ageSeconds }] : [],
  );
  const [oldest] = ages.toSorted((left, right) => right.ageSeconds - left.ageSeconds);
  return { usable: ages.length, rejected: states.length - ages.length, oldest };
}

export class Tally {
  private read = 0;
  private met = 0;
  private readonly indeterminate = new Set<string>();
  private readonly failed = new Set<string>();
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
  readonly bankrupt: Pick<Subject, 'accountId' | 'position'>[] = [];
  private errorCount = 0;
  private readonly errors: string[] = [];

  /** Accounts that a scan has yielded; each is to be met below. */
  countRead(accounts: number): void {
    this.read += accounts;
  }

  /** One account, and the subjects that it was assessed as. */
  countAccount(accountId: string, subjects: readonly Subject[]): void {
    this.met++;
    for (const { outcome, position } of subjects) {
      if (outcome.certainty === 'indeterminate') this.indeterminate.add(accountId);
      else this.countLevel(outcome.level, { accountId, position });
    }
  }

  private countLevel(level: Level, subject: Pick<Subject, 'accountId' | 'position'>): void {
    this.levels[level] = (this.levels[level] ?? 0) + 1;
    if (level === 'deficit') this.bankrupt.push(subject);
  }

  /** One account that is healthy for certain, and how many sub-accounts it has. */
  countSafeAccount(subAccounts: number): void {
    this.met++;
    this.levels.healthy = (this.levels.healthy ?? 0) + subAccounts;
  }

  countFailedAccount(accountId: string, error: unknown): void {
    this.met++;
    this.failed.add(accountId);
    this.fail(`account ${accountId}`, error);
  }

  countReading({ failures, superseded }: Reading): void {
    this.superseded += superseded;
    this.countFailures(failures);
  }

  countSettled(result: OutboxResult): void {
    this.published += result.published;
    this.superseded += result.superseded;
    this.withdrawn += result.withdrawn;
    this.publishFailures += result.publishFailures.length;
    this.unpublishedSince = earlier(this.unpublishedSince, result.unpublishedSince);
    for (const fault of result.publishFailures) this.fail('publish', fault);
    this.countFailures(result.failures);
  }

  private countFailures(failures: readonly MatterFailure[]): void {
    for (const { matter, error } of failures) {
      if (matter.accountId !== undefined) this.failed.add(matter.accountId);
      this.fail(`${matter.key.pk}/${matter.key.sk}`, error);
    }
  }

  fail(where: string, error: unknown): void {
    this.errorCount++;
    if (this.errors.length >= NAMED_MAX) return;
    this.errors.push(
      `${where}: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`,
    );
  }

  get hasFailures(): boolean {
    return this.errorCount > 0;
  }

  summary(header: SummaryHeader, rest: SummaryRest): CheckSummary {
    const { isComplete, prices, fund, marketFaults, carriedOver, cascade } = rest;
    const indeterminate = [...this.indeterminate].filter((id) => !this.failed.has(id)).length;
    const failed = this.failed.size;
    const since = this.unpublishedSince;
    return {
      ...header,
      isComplete,
      accounts: this.read,
      assessed: this.met - indeterminate - failed,
      indeterminate,
      failed,
      unaccounted: this.read - this.met,
      levels: this.levels,
      published: this.published,
      publishFailures: this.publishFailures,
      unpublishedSeconds: since === undefined ? 0 : secondsBetween(since, header.asOf),
      superseded: this.superseded,
      withdrawn: this.withdrawn,
      carriedOver,
      cascade,
      prices,
      ...(fund === undefined ? {} : { fund }),
      marketFaults: marketFaults.slice(0, NAMED_MAX).map(({ detail }) => detail),
      errors: this.errors,
    };
  }
}

type SummaryHeader = Pick<CheckSummary, 'checkId' | 'asOf' | 'lateSeconds' | 'gapSeconds'>;

interface SummaryRest {
  readonly isComplete: boolean;
  readonly prices: PriceSummary;
  readonly fund?: FundSummary | undefined;
  readonly carriedOver: CarriedOverSummary;
  readonly cascade: CascadeSummary;
  readonly marketFaults: readonly Reason[];
}

/** Check ids sort as time does. */
const earlier = (left: string | undefined, right: string | undefined): string | undefined =>
  left === undefined || (right !== undefined && right < left) ? right : left;

const secondsBetween = (from: string, to: string): number =>
  Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
