/** What a check did, counted so that the counts add up. */
import type { Reason } from './margin/reason.ts';
import type { OutboxResult } from './outbox.ts';
import type { Subject } from './subjects.ts';

export interface CheckSummary {
  readonly checkId: string;
  readonly asOf: string;
  /** Why nothing was done: this check, or a later one, has been done before. */
  readonly skipped?: string;
  readonly lateSeconds: number;
  readonly gapSeconds?: number;
  /** = assessed + indeterminate + failed */
  readonly accounts: number;
  readonly assessed: number;
  readonly indeterminate: number;
  readonly failed: number;
  /** Sub-accounts by level: one more than accounts for each isolated position. */
  readonly levels: Readonly<Record<string, number>>;
  readonly published: number;
  readonly publishFailures: number;
  /** Cases that a later check had decided already. */
  readonly superseded: number;
  /** Order plans taken back before they left. */
  readonly withdrawn: number;
  /** Rows of the market table that could not be read. */
  readonly marketFaults: readonly string[];
  readonly errors: readonly string[];
}

/** A record is one item: it names the first of many, and counts them all. */
const NAMED_MAX = 50;

export class Tally {
  private accounts = 0;
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
  private errorCount = 0;
  private readonly errors: string[] = [];

  /** One account, and the subjects that it was assessed as. */
  countAccount(accountId: string, subjects: readonly Subject[]): void {
    this.accounts++;
    for (const { outcome } of subjects) {
      if (outcome.certainty === 'indeterminate') this.indeterminate.add(accountId);
      else this.levels[outcome.level] = (this.levels[outcome.level] ?? 0) + 1;
    }
  }

  /** One account that is healthy for certain, and how many sub-accounts it has. */
  countSafeAccount(subAccounts: number): void {
    this.accounts++;
    this.levels.healthy = (this.levels.healthy ?? 0) + subAccounts;
  }

  countFailedAccount(accountId: string, error: unknown): void {
    this.accounts++;
    this.failed.add(accountId);
    this.fail(`account ${accountId}`, error);
  }

  countSettled(result: OutboxResult): void {
    this.published += result.published;
    this.superseded += result.superseded;
    this.withdrawn += result.withdrawn;
    this.publishFailures += result.publishFailures.length;
    for (const fault of result.publishFailures) this.fail('publish', fault);
    for (const { matter, error } of result.failures) {
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

  summary(
    header: Pick<CheckSummary, 'checkId' | 'asOf' | 'lateSeconds'> & {
      readonly gapSeconds?: number;
    },
    marketFaults: readonly Reason[],
  ): CheckSummary {
    const indeterminate = [...this.indeterminate].filter((id) => !this.failed.has(id)).length;
    const failed = this.failed.size;
    return {
      ...header,
      accounts: this.accounts,
      assessed: this.accounts - indeterminate - failed,
      indeterminate,
      failed,
      levels: this.levels,
      published: this.published,
      publishFailures: this.publishFailures,
      superseded: this.superseded,
      withdrawn: this.withdrawn,
      marketFaults: marketFaults.slice(0, NAMED_MAX).map(({ detail }) => detail),
      errors: this.errors,
    };
  }
}
