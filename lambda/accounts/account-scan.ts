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
import { TimeOverError } from '../outbox/time-limit.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import {
  AccountDecisions,
  type DecisionsInput,
  LARGE_ROWS,
  type Otherwise,
} from './account-decisions.ts';
import { screenAccount } from './assess-account.ts';
import type { ProvedAccounts } from './proved-accounts.ts';
import type { Urgency } from './urgency.ts';

/** Read and decided together; the time that is left is looked at before each. */
const ACCOUNTS_AT_ONCE = 250;

interface Found {
  /** Below a call line with an open case: a call may have expired, so that a plan is due. */
  readonly openCalls: string[];
  readonly first: string[];
  readonly calls: string[];
  readonly others: string[];
  readonly large: string[];
}

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
    if (toRead === undefined || toRead.isPart) await this.scan();
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

  private async scan(): Promise<void> {
    const { segments, segmentNumbers } = this.input.accounts;
    const scans = segmentNumbers.map((segment) =>
      this.step(`the scan of segment ${segment + 1} of ${segments}`, () =>
        this.processSegment(segment),
      ),
    );
    await Promise.all(scans);
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
    await this.step(what, () =>
      inBatches(accountIds, atOnce, async (batch) => {
        if (limit.isOver) counters.countUnreached(batch);
        else await this.decisions.decideAbout(batch, otherwise);
      }),
    );
    if (otherwise === 'decide') await this.decisions.processQueue();
  }

  private async processSegment(segment: number): Promise<void> {
    const { proved, accounts: table } = this.input;
    const how = proved === undefined ? {} : proved.scanOf(segment);
    if (how === undefined) return;
    await table.forEachPage(segment, {
      ...how,
      screen: (accounts) => {
        if (this.runner.limit.isScanOver) throw new TimeOverError();
        const found = proved?.uncovered(accounts) ?? accounts;
        this.runner.counters.countRead(found.length);
        const breached = this.screen(found);
        proved?.noteScanned(segment, accounts.at(-1));
        return breached;
      },
      process: (accountIds) => this.decisions.decideAbout(accountIds, 'hold'),
    });
    proved?.noteScanned(segment);
  }

  /** @returns ids of those below a liquidation line */
  private screen(accounts: readonly AccountRows[]): string[] {
    const breached: string[] = [];
    for (const account of accounts) {
      const { accountId, rows } = account;
      try {
        const isLarge = rows.length > LARGE_ROWS;
        if (isLarge) this.runner.counters.countLarge(accountId);
        const urgency = isLarge ? 'large' : this.urgencyOf(account);
        if (urgency !== undefined) this.input.proved?.meet(accountId);
        if (urgency === 'breach') breached.push(accountId);
        else if (urgency !== undefined) this.listFor(accountId, urgency).push(accountId);
      } catch (error) {
        this.input.proved?.meet(accountId);
        this.decisions.countFailed(accountId, error);
      }
    }
    return breached;
  }

  private listFor(accountId: string, urgency: Exclude<Urgency, 'breach'> | 'large'): string[] {
    const { first, openCalls, calls, others, large } = this.found;
    if (this.input.first.has(accountId)) return first;
    if (urgency === 'large') return large;
    if (urgency === 'other') return others;
    return this.decisions.hasOpenCase(accountId) ? openCalls : calls;
  }

  /** Undefined if it is safe and has no open case. */
  private urgencyOf(account: AccountRows): Urgency | undefined {
    const { accountId } = account;
    const screened = screenAccount(account, this.input.context.snapshot);
    if (typeof screened === 'string') return screened;
    if (this.decisions.hasOpenCase(accountId)) return 'other';
    this.input.gauge.add(screened.liquidated);
    this.input.shocks.add(screened.debt);
    this.runner.counters.countSafeAccount(screened.parts.length);
    this.decisions.noteHealthy(account, screened.parts);
    return undefined;
  }
}
