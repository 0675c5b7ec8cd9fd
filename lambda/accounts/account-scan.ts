/**
 * All accounts of one check, the most urgent first:
 *
 *     scan      every account is screened; those below a liquidation line are read again at once.
 *               With certificates: only accounts that are not proved healthy are read, once
 *     orders    plans for all whose plan is due, worst first
 *     first     accounts that the check before had found and not reached
 *     calls     accounts below a call line
 *     others    recoveries and unreadable accounts; then accounts of many rows, and those without any
 *     compare   with certificates: a slice of the table with what is known of it
 *
 * Once the function is about to be stopped nothing more is begun; what is left is counted.
 */
import type { CaseRunner } from '../outbox/case-runner.ts';
import { inBatches } from '../outbox/parallel.ts';
import { AccountDecisions, type DecisionsInput, type Otherwise } from './account-decisions.ts';
import type { ProvedAccounts } from './proved-accounts.ts';
import { type Found, SegmentScan } from './segment-scan.ts';

/** Read and decided together; the time that is left is looked at before each. */
const ACCOUNTS_AT_ONCE = 250;

export class AccountScan {
  private readonly input: DecisionsInput;
  private readonly runner: CaseRunner;
  private readonly decisions: AccountDecisions;
  private readonly found: Found = { openCalls: [], first: [], calls: [], others: [], large: [] };
  private isWhole = true;

  constructor(input: DecisionsInput) {
    this.input = input;
    this.runner = input.runner;
    this.decisions = new AccountDecisions(input);
  }

  async processAccounts(): Promise<void> {
    const toRead = await this.input.proved?.toRead(this.inAnyCase());
    if (toRead !== undefined) await this.readOnly(toRead.accountIds);
    if (toRead === undefined || toRead.isPart) await this.segmentScan().run();
  }

  /** Accounts that are read even if they are proved healthy. */
  private inAnyCase(): string[] {
    return [...this.decisions.openAccountIds, ...this.input.first];
  }

  private async readOnly(accountIds: readonly string[]): Promise<void> {
    const { limit, counters } = this.runner;
    await this.step('the accounts that are not proved healthy', async () => {
      const left = await this.fanOut(accountIds);
      await inBatches(left, ACCOUNTS_AT_ONCE, async (batch) => {
        if (limit.isScanOver) counters.countUnreached(batch);
        else await this.decisions.decideAboutAll(batch);
      });
    });
  }

  /** @returns accounts that no worker has read */
  private async fanOut(accountIds: readonly string[]): Promise<readonly string[]> {
    const { fanOut } = this.input;
    if (fanOut === undefined) return accountIds;
    return fanOut.read(this.decisions.toRead(accountIds), {
      hasTime: () => !this.runner.limit.isScanOver,
      use: (accounts) => this.decisions.decideAboutAll(accounts),
    });
  }

  private segmentScan(): SegmentScan {
    const { input, decisions, found } = this;
    return new SegmentScan({
      ...{ ...input, decisions, found },
      step: (what, work) => this.step(what, work),
    });
  }

  /** Runs even if a scan broke off: the accounts found must not wait. */
  async processLiquidations(): Promise<void> {
    await this.decide('open calls', this.found.openCalls, 'hold');
    await this.decisions.processQueue();
  }

  async processCalls(): Promise<void> {
    await this.decide('accounts that were not reached before', this.found.first);
    await this.decisions.processHeld();
    await this.decide('calls', this.found.calls);
  }

  /** @returns whether every account has had its turn */
  async processOthers(): Promise<boolean> {
    await this.decide('other accounts', this.found.others);
    await this.decide('large accounts', this.found.large, 'decide', 1);
    if (this.isWhole && this.isEveryAccountReached) {
      await this.step('accounts without rows', () => this.decisions.processVanished());
    }
    await this.compare();
    return this.isWhole && this.isEveryAccountReached;
  }

  /** A difference has been missed until now, so its orders leave at once. */
  private async compare(): Promise<void> {
    const { proved } = this.input;
    const { limit } = this.runner;
    if (proved === undefined) return;
    let different: readonly string[] = [];
    if (!limit.isOver) {
      await this.runner.attempt('the comparison of the table with its certificates', async () => {
        different = await proved.compare();
      });
    }
    this.countNotRead(proved);
    await this.step('accounts that differ from their certificates', async () => {
      await inBatches(different, ACCOUNTS_AT_ONCE, (batch) => this.decisions.decideAboutAll(batch));
      await this.decisions.processQueue();
      await this.decisions.processHeld();
    });
  }

  private countNotRead(proved: ProvedAccounts): void {
    const { accounts, subAccounts, liquidated, debt } = proved.notRead();
    this.runner.counters.countSafe(accounts, subAccounts);
    this.input.gauge.add(liquidated);
    this.input.shocks.add(debt);
  }

  private get isEveryAccountReached(): boolean {
    return this.runner.counters.unreached.length === 0;
  }

  private async step(what: string, work: () => Promise<void>): Promise<void> {
    if (!(await this.runner.attempt(what, work))) this.isWhole = false;
  }

  /** Rows may have changed since the scan, so that a plan is due now: it leaves at once. */
  private async decide(
    what: string,
    accountIds: readonly string[],
    otherwise: Otherwise = 'decide',
    atOnce = ACCOUNTS_AT_ONCE,
  ): Promise<void> {
    const { limit, counters } = this.runner;
    await this.step(what, async () => {
      const left = atOnce === 1 ? accountIds : await this.readByWorkers(accountIds, otherwise);
      await inBatches(left, atOnce, async (batch) => {
        if (limit.isOver) counters.countUnreached(batch);
        else await this.decisions.decideAbout(batch, otherwise);
      });
    });
    if (otherwise === 'decide') await this.decisions.processQueue();
  }

  /** @returns accounts that no worker has read */
  private async readByWorkers(
    accountIds: readonly string[],
    otherwise: Otherwise,
  ): Promise<readonly string[]> {
    const { fanOut } = this.input;
    if (fanOut === undefined) return accountIds;
    return fanOut.read(accountIds, {
      hasTime: () => !this.runner.limit.isOver,
      use: (accounts) => this.decisions.decideAbout(accounts, otherwise),
    });
  }
}
