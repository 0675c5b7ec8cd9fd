/**
 * The sweep of one check over all accounts. As the scan yields them they are assessed, decided about,
 * and done with, but for those that an order plan may be due for: they wait in a queue until the scan
 * has ended, and are then decided about worst first, so that what little room there is in a market
 * goes to who needs it most.
 */
import pMap from 'p-map';
import type { AccountsTable } from '../aws/accounts-table.ts';
import { liquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { Settling } from '../outbox/case-runner.ts';
import { CALLS_AT_ONCE } from '../outbox/concurrency.ts';
import { OvertakenError } from '../outbox/outbox.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import {
  type AccountMatter,
  accountMatter,
  type CheckContext,
  caseKey,
  subjectOfKey,
} from './account-case.ts';
import { assessAccount, type SafeAccount, type Subject, screenAccount } from './assess-account.ts';
import type { CascadeGauge } from './cascade-gauge.ts';
import { LiquidationQueue } from './liquidation-queue.ts';

export class Sweep {
  private readonly settling: Settling;
  private readonly context: CheckContext;
  private readonly accounts: AccountsTable;
  private readonly gauge: CascadeGauge;
  private readonly queue: LiquidationQueue;
  /** Isolated positions with an open case, by account that has not been met yet. */
  private readonly unmet = new Map<string, string[]>();

  constructor(input: {
    readonly settling: Settling;
    readonly context: CheckContext;
    readonly accounts: AccountsTable;
    readonly gauge: CascadeGauge;
  }) {
    this.settling = input.settling;
    this.context = input.context;
    this.accounts = input.accounts;
    this.gauge = input.gauge;
    this.queue = new LiquidationQueue(input.context);
    for (const key of input.settling.openKeys) {
      const subject = subjectOfKey(key);
      if (subject === undefined) continue;
      const positions = this.unmet.get(subject.accountId) ?? [];
      if (subject.position !== undefined) positions.push(subject.position);
      this.unmet.set(subject.accountId, positions);
    }
  }

  /** @returns whether every account was met: no segment's scan broke off. */
  async settleAccounts(): Promise<boolean> {
    const { segments } = this.accounts;
    const scans = Array.from({ length: segments }, (_, segment) =>
      this.settling.attempt(`the scan of segment ${segment + 1} of ${segments}`, () =>
        this.settleSegment(segment),
      ),
    );
    const isEveryAccountMet = (await Promise.all(scans)).every((isWhole) => isWhole);
    if (isEveryAccountMet) await this.settleVanished();
    return isEveryAccountMet;
  }

  /** Those of the queue, also when a scan broke off after it had found them. */
  async settleLiquidations(): Promise<void> {
    const { deleveragings } = this.context;
    await this.settling.attempt('auto-deleveraging', () => deleveragings.decide());
    for (const lot of this.queue.lots()) {
      try {
        await this.settling.settleFound(lot);
      } catch (error) {
        this.settling.tally.fail('the liquidations', error);
        if (error instanceof OvertakenError) return;
      }
    }
  }

  /** Accounts are decided about while the next are read; never more than two lots in memory. */
  private async settleSegment(segment: number): Promise<void> {
    let deciding: Promise<void> = Promise.resolve();
    try {
      for await (const accounts of this.accounts.scan(segment)) {
        this.settling.tally.countRead(accounts.length);
        const doubtful = this.screen(accounts);
        await deciding;
        deciding = this.decideAbout(doubtful);
        // It is awaited below whatever happens; until then its failure is not unheard of.
        deciding.catch(() => undefined);
      }
    } finally {
      await deciding;
    }
  }

  /**
   * An account that is healthy for certain and has no case is counted, and costs nothing more.
   * @returns the others
   */
  private screen(accounts: readonly AccountRows[]): string[] {
    const doubtful: string[] = [];
    for (const account of accounts) {
      try {
        const safe = this.screenAccount(account);
        if (safe === undefined) doubtful.push(account.accountId);
        else {
          this.gauge.add(safe.liquidated);
          this.settling.tally.countSafeAccount(safe.subAccounts);
        }
      } catch (error) {
        this.countFailed(account.accountId, error);
      }
    }
    return doubtful;
  }

  /** Undefined when one of its sub-accounts is not safe, or has an open case. */
  private screenAccount(account: AccountRows): SafeAccount | undefined {
    if (this.unmet.has(account.accountId)) return undefined;
    return screenAccount(account, this.context.snapshot);
  }

  private async decideAbout(accountIds: readonly string[]): Promise<void> {
    const matters = await pMap(accountIds, (accountId) => this.mattersOf(accountId), {
      concurrency: CALLS_AT_ONCE,
    });
    await this.settleOrQueue(matters.flat());
  }

  private async settleOrQueue(matters: readonly AccountMatter[]): Promise<void> {
    const found = await this.settling.read(matters);
    const atOnce = found.filter((each) => {
      const isQueued = this.queue.offer(each);
      this.context.deleveragings.note(each, isQueued);
      return !isQueued;
    });
    await this.settling.settleFound(atOnce);
  }

  /** The rows are read again, strongly: a decision does not rest on what a scan may have missed. */
  private async mattersOf(accountId: string): Promise<AccountMatter[]> {
    try {
      const account = await this.accounts.read(accountId);
      const subjects = this.assessed(account);
      this.count(accountId, subjects);
      return this.mattersAbout(account, subjects);
    } catch (error) {
      this.countFailed(accountId, error);
      return [];
    }
  }

  private assessed(account: AccountRows): Subject[] {
    return assessAccount(account, this.context.snapshot, this.unmet.get(account.accountId));
  }

  private count(accountId: string, subjects: readonly Subject[]): void {
    this.unmet.delete(accountId);
    this.settling.tally.countAccount(accountId, subjects);
    for (const { book } of subjects) {
      if (book !== undefined) this.gauge.add(liquidatedByMove(book, this.context.snapshot.policy));
    }
  }

  /** Met all the same: what it holds is not known, so its case is not ended. */
  private countFailed(accountId: string, error: unknown): void {
    this.unmet.delete(accountId);
    this.settling.tally.countFailedAccount(accountId, error);
  }

  private mattersAbout(account: AccountRows, subjects: readonly Subject[]): AccountMatter[] {
    return subjects
      .filter((subject) => this.mayNeedDecision(subject))
      .map((subject) => accountMatter(account, subject, this.context));
  }

  private mayNeedDecision({ accountId, position, outcome }: Subject): boolean {
    if (outcome.certainty === 'indeterminate' || outcome.level !== 'healthy') return true;
    return this.settling.isOpen(caseKey(accountId, position));
  }

  /** An open account that no scan has met has no rows any more: it is empty, and its case ends. */
  private async settleVanished(): Promise<void> {
    await this.settling.attempt('accounts without rows', async () => {
      const ending = await pMap([...this.unmet.keys()], (accountId) => this.endingOf(accountId), {
        concurrency: CALLS_AT_ONCE,
      });
      await this.settleOrQueue(ending.flat());
    });
  }

  /** Not among the accounts that were read, so not counted as one. */
  private async endingOf(accountId: string): Promise<AccountMatter[]> {
    try {
      const account = await this.accounts.read(accountId);
      const matters = this.mattersAbout(account, this.assessed(account));
      return matters.map((matter) => ({ ...matter, accountId: undefined }));
    } catch (error) {
      this.settling.tally.fail(`account ${accountId}`, error);
      return [];
    }
  }
}
