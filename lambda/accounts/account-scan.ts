/**
 * Scans all accounts in one check. Those that the screening does not clear are read again, assessed
 * and decided about. Those whose plan is due wait for the end of the scan, so that scarce market
 * capacity goes to the worst first.
 */
import type { AccountsTable } from '../aws/accounts-table.ts';
import { liquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import { OvertakenError } from '../outbox/outbox.ts';
import { inParallel } from '../outbox/parallel.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import {
  type AccountSubject,
  accountOfKey,
  accountSubject,
  type CheckContext,
  caseKey,
} from './account-case.ts';
import { type AssessedSubAccount, assessAccount, screenAccount } from './assess-account.ts';
import type { CascadeGauge } from './cascade-gauge.ts';
import type { FeedTally } from './feed-tally.ts';
import { LiquidationQueue } from './liquidation-queue.ts';
import { readAgain } from './second-reading.ts';

interface OpenAccount {
  readonly accountId: string;
  /** Isolated positions with a case. */
  readonly positions: string[];
}

export class AccountScan {
  private readonly runner: CaseRunner;
  private readonly context: CheckContext;
  private readonly accounts: AccountsTable;
  private readonly gauge: CascadeGauge;
  private readonly tally: FeedTally;
  private readonly queue: LiquidationQueue;
  /** Accounts with open cases that are not seen yet, by the partition of their cases. */
  private readonly unseen = new Map<string, OpenAccount>();

  constructor(input: {
    readonly runner: CaseRunner;
    readonly context: CheckContext;
    readonly accounts: AccountsTable;
    readonly gauge: CascadeGauge;
    readonly tally: FeedTally;
  }) {
    this.runner = input.runner;
    this.context = input.context;
    this.accounts = input.accounts;
    this.gauge = input.gauge;
    this.tally = input.tally;
    this.queue = new LiquidationQueue(input.context);
    for (const key of input.runner.openKeys) {
      const account = accountOfKey(key);
      if (account === undefined) continue;
      const { accountId, position } = account;
      const { positions } = this.unseen.get(key.pk) ?? { positions: [] as string[] };
      if (position !== undefined) positions.push(position);
      this.unseen.set(key.pk, { accountId, positions });
    }
  }

  /** @returns whether no segment's scan broke off */
  async processAccounts(): Promise<boolean> {
    const { segments, segmentNumbers } = this.accounts;
    const scans = segmentNumbers.map((segment) =>
      this.runner.attempt(`the scan of segment ${segment + 1} of ${segments}`, () =>
        this.processSegment(segment),
      ),
    );
    const isEveryAccountSeen = (await Promise.all(scans)).every((isWhole) => isWhole);
    if (isEveryAccountSeen) await this.processVanished();
    return isEveryAccountSeen;
  }

  /** Runs even if a scan broke off: the accounts found must not wait. */
  async processLiquidations(): Promise<void> {
    const { deleveraging, stopwatch } = this.context;
    const { accounts } = this;
    await this.runner.attempt('auto-deleveraging', () => deleveraging.decide());
    for (const lot of this.queue.lots()) {
      try {
        await this.runner.processRead(await readAgain(lot, { accounts, stopwatch }));
      } catch (error) {
        this.runner.counters.fail('the liquidations', error);
        if (error instanceof OvertakenError) return;
      }
    }
  }

  private processSegment(segment: number): Promise<void> {
    return this.accounts.forEachPage(segment, {
      screen: (accounts) => {
        this.runner.counters.countRead(accounts.length);
        return this.screen(accounts);
      },
      process: (accountIds) => this.decideAbout(accountIds),
    });
  }

  /** @returns ids that need a decision or a full assessment */
  private screen(accounts: readonly AccountRows[]): string[] {
    const doubtful: string[] = [];
    for (const account of accounts) {
      const { accountId } = account;
      try {
        const isOpen = this.unseen.has(caseKey(accountId).pk);
        const safe = isOpen ? undefined : screenAccount(account, this.context.snapshot);
        if (safe === undefined) doubtful.push(accountId);
        else {
          this.gauge.add(safe.liquidated);
          this.runner.counters.countSafeAccount(safe.subAccounts);
        }
      } catch (error) {
        this.countFailed(accountId, error);
      }
    }
    return doubtful;
  }

  private async decideAbout(accountIds: readonly string[]): Promise<void> {
    const subjects = await inParallel(accountIds, (accountId) => this.subjectsOf(accountId));
    await this.processOrQueue(subjects.flat());
  }

  private async processOrQueue(subjects: readonly AccountSubject[]): Promise<void> {
    const read = await this.runner.read(subjects);
    const atOnce = read.filter((subject) => {
      const isQueued = this.queue.offer(subject);
      this.context.deleveraging.note(subject, isQueued);
      return !isQueued;
    });
    await this.runner.processRead(atOnce);
  }

  /** Strongly consistent: a scan may miss the latest rows. */
  private async subjectsOf(accountId: string): Promise<AccountSubject[]> {
    try {
      const account = await this.accounts.read(accountId);
      const assessed = this.assess(account);
      this.count(accountId, assessed);
      return this.subjectsFrom(account, assessed);
    } catch (error) {
      this.countFailed(accountId, error);
      return [];
    }
  }

  private assess(account: AccountRows): AssessedSubAccount[] {
    const open = this.unseen.get(caseKey(account.accountId).pk);
    return assessAccount(account, this.context.snapshot, open?.positions);
  }

  private count(accountId: string, assessed: readonly AssessedSubAccount[]): void {
    this.unseen.delete(caseKey(accountId).pk);
    this.runner.counters.countAccount(accountId, assessed);
    for (const each of assessed) {
      this.tally.note(each);
      if (each.book === undefined) continue;
      const liquidated = liquidatedByMove(each.book, this.context.snapshot.policy);
      if (each.outcome.certainty === 'indeterminate') this.gauge.addDoubtful(liquidated);
      else this.gauge.add(liquidated);
    }
  }

  /** Still counts as seen, so its open case is not closed. */
  private countFailed(accountId: string, error: unknown): void {
    this.unseen.delete(caseKey(accountId).pk);
    this.runner.counters.countFailedAccount(accountId, error);
  }

  private subjectsFrom(
    account: AccountRows,
    assessed: readonly AssessedSubAccount[],
  ): AccountSubject[] {
    return assessed
      .filter((each) => this.mayNeedDecision(each))
      .map((each) => accountSubject(account, each, this.context));
  }

  private mayNeedDecision({ accountId, position, outcome }: AssessedSubAccount): boolean {
    if (outcome.certainty === 'indeterminate' || outcome.level !== 'healthy') return true;
    return this.runner.isOpen(caseKey(accountId, position));
  }

  /** An account with an open case that no scan has seen has no rows left. */
  private async processVanished(): Promise<void> {
    await this.runner.attempt('accounts without rows', async () => {
      const accountIds = [...this.unseen.values()].map(({ accountId }) => accountId);
      const subjects = await inParallel(accountIds, (id) => this.vanishedSubjects(id));
      await this.processOrQueue(subjects.flat());
    });
  }

  /** The scan did not count the account, so its failure is not counted. */
  private async vanishedSubjects(accountId: string): Promise<AccountSubject[]> {
    try {
      const account = await this.accounts.read(accountId);
      const subjects = this.subjectsFrom(account, this.assess(account));
      return subjects.map((subject) => ({ ...subject, accountId: undefined }));
    } catch (error) {
      this.runner.counters.fail(`account ${accountId}`, error);
      return [];
    }
  }
}
