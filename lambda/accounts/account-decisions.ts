/**
 * Reads accounts again, assesses them and decides about them. Those whose plan is due wait in the
 * queue, so that scarce market capacity goes to the worst first; others may wait until the orders
 * have left.
 */
import type { AccountsTable } from '../aws/accounts-table.ts';
import { liquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
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
import type { FanOut } from './account-workers.ts';
import { type AssessedSubAccount, assessAccount } from './assess-account.ts';
import type { CascadeGauge } from './cascade-gauge.ts';
import type { FeedTally } from './feed-tally.ts';
import { LiquidationQueue, type QueuedSubject } from './liquidation-queue.ts';
import { type OpenAccount, openAccounts } from './open-accounts.ts';
import type { HealthyPart, ProvedAccounts } from './proved-accounts.ts';
import { isAsListed, needNoDecision, rememberUnchanged } from './remembering.ts';
import { readAgain } from './second-reading.ts';
import type { ShockGauge } from './shock-gauge.ts';

/** Decisions about it may take seconds, in which many others could have had theirs. */
export const LARGE_ROWS = 2_000;

/** An account whose plan is not due is decided at once, or held until the orders have left. */
export type Otherwise = 'decide' | 'hold';

export interface DecisionsInput {
  readonly runner: CaseRunner;
  readonly context: CheckContext;
  readonly accounts: AccountsTable;
  readonly gauge: CascadeGauge;
  readonly shocks: ShockGauge;
  readonly tally: FeedTally;
  /** Absent without certificates: every account is read. */
  readonly proved?: ProvedAccounts | undefined;
  /** Absent if the check reads all accounts by itself. */
  readonly fanOut?: FanOut | undefined;
  /** Accounts that the check before had found and not reached. */
  readonly first: ReadonlySet<string>;
  /** Subjects about which nothing is decided now; absent: none. */
  readonly leaves?: ((subject: AccountSubject) => boolean) | undefined;
}

export class AccountDecisions {
  private readonly input: DecisionsInput;
  private readonly queue: LiquidationQueue;
  /** Accounts with open cases that are not seen yet, by the partition of their cases. */
  private readonly unseen: Map<string, OpenAccount>;

  constructor(input: DecisionsInput) {
    this.input = input;
    this.queue = new LiquidationQueue(input.context, input.first);
    this.unseen = openAccounts(input.runner.openKeys);
  }

  hasOpenCase(accountId: string): boolean {
    return this.unseen.has(caseKey(accountId).pk);
  }

  get openAccountIds(): string[] {
    return [...this.unseen.values()].map(({ accountId }) => accountId);
  }

  /**
   * Accounts that a scan has counted.
   * @param accounts ids, or accounts as a worker has read them
   */
  async decideAbout(
    accounts: readonly (string | AccountRows)[],
    otherwise: Otherwise,
  ): Promise<void> {
    const subjects = await inParallel(accounts, (each) => this.subjectsOf(each));
    await this.queueOr(otherwise, subjects.flat());
  }

  /**
   * Accounts that nothing has counted; one without rows counts as none. What needs no decision as it is
   * remembered is not read.
   * @param accounts ids, or accounts as a worker has read them
   */
  async decideAboutAll(accounts: readonly (string | AccountRows)[]): Promise<void> {
    const given = accounts.filter((each) => typeof each !== 'string' || !this.isPassedOver(each));
    const subjects = await inParallel(given, (each) => this.subjectsOf(each, true));
    await this.queueOr('hold', subjects.flat());
  }

  /** Those that need a decision, or are not remembered. */
  toRead(accountIds: readonly string[]): readonly string[] {
    return accountIds.filter((each) => !this.isPassedOver(each));
  }

  /** As it is remembered, it needs no decision. Counts it as if it had been read. */
  private isPassedOver(accountId: string): boolean {
    const { proved, runner, context } = this.input;
    const remembered = proved?.recall(accountId);
    const open = this.unseen.get(caseKey(accountId).pk);
    if (remembered === undefined || !isAsListed(remembered, open?.versions)) return false;
    const assessed = this.assess(remembered.account);
    const undecided = assessed.filter((each) => this.mayNeedDecision(each));
    if (!needNoDecision(undecided, remembered, context)) return false;
    runner.counters.countRead(1);
    this.count(accountId, assessed);
    for (const { position } of undecided) runner.passOver(caseKey(accountId, position));
    proved?.passOver(accountId);
    return true;
  }

  private async queueOr(otherwise: Otherwise, subjects: readonly AccountSubject[]): Promise<void> {
    const { runner, context, proved, leaves } = this.input;
    const read = await runner.read(leaves ? subjects.filter((each) => !leaves(each)) : subjects);
    if (proved !== undefined) rememberUnchanged(read, { proved, context });
    const others = read.filter((subject) => {
      const isQueued = this.queue.offer(subject);
      context.deleveraging.note(subject, isQueued);
      return !isQueued;
    });
    if (otherwise === 'decide') await runner.processRead(others);
    else for (const subject of others) this.queue.hold(subject);
  }

  /** Plans for the accounts in the queue, and publishes each lot while the next is decided. */
  async processQueue(): Promise<void> {
    if (this.queue.size === 0) return;
    const { accounts, context, runner } = this.input;
    const { deleveraging, stopwatch } = context;
    await runner.attemptInTime('auto-deleveraging', () => deleveraging.decide());
    const again = (lot: Lot) => readAgain(lot, { accounts, stopwatch });
    await runner.attempt('the liquidations', () =>
      processAll(runner, [...this.queue.lots()], again),
    );
  }

  async processHeld(): Promise<void> {
    const { runner } = this.input;
    await runner.attempt('accounts that were read with the liquidations', () =>
      processAll(runner, [...this.queue.heldLots()]),
    );
  }

  /** Strongly consistent: a scan may miss the latest rows. */
  private async subjectsOf(
    given: string | AccountRows,
    isUncounted = false,
  ): Promise<AccountSubject[]> {
    const { accounts, proved, runner } = this.input;
    const { counters } = runner;
    const accountId = typeof given === 'string' ? given : given.accountId;
    if (isUncounted) counters.countRead(1);
    try {
      const account = typeof given === 'string' ? await accounts.read(given) : given;
      if (isUncounted && account.rows.length === 0) {
        counters.countRead(-1);
        proved?.note(account);
        return [];
      }
      if (isUncounted && account.rows.length > LARGE_ROWS) counters.countLarge(accountId);
      const assessed = this.assess(account);
      this.count(accountId, assessed);
      const subjects = this.subjectsFrom(account, assessed);
      this.note(account, assessed);
      return subjects;
    } catch (error) {
      this.countFailed(accountId, error);
      return [];
    }
  }

  private note(account: AccountRows, assessed: readonly AssessedSubAccount[]): void {
    if (this.input.proved === undefined) return;
    const parts = assessed.flatMap(healthyPartOf);
    const isHealthy =
      parts.length === assessed.length && !assessed.some((each) => this.mayNeedDecision(each));
    if (isHealthy) this.noteHealthy(account, parts);
    else this.input.proved.note(account);
  }

  noteHealthy(account: AccountRows, parts: readonly HealthyPart[]): void {
    this.input.proved?.note(account, isFoundByCase(account.accountId) ? parts : undefined);
  }

  private assess(account: AccountRows): AssessedSubAccount[] {
    const { snapshot } = this.input.context;
    const open = this.unseen.get(caseKey(account.accountId).pk);
    return assessAccount(account, snapshot, open?.positions);
  }

  private count(accountId: string, assessed: readonly AssessedSubAccount[]): void {
    const { runner, gauge, shocks, tally, context } = this.input;
    this.unseen.delete(caseKey(accountId).pk);
    runner.counters.countAccount(accountId, assessed);
    for (const each of assessed) {
      tally.note(each);
      shocks.note(each);
      if (each.book === undefined) continue;
      const liquidated = liquidatedByMove(each.book, context.snapshot.policy);
      if (each.outcome.certainty === 'indeterminate') gauge.addDoubtful(liquidated);
      else gauge.add(liquidated);
    }
  }

  /** Still counts as seen, so its open case is not closed. */
  countFailed(accountId: string, error: unknown): void {
    this.unseen.delete(caseKey(accountId).pk);
    this.input.runner.counters.countFailedAccount(accountId, error);
  }

  private subjectsFrom(
    account: AccountRows,
    assessed: readonly AssessedSubAccount[],
  ): AccountSubject[] {
    return assessed
      .filter((each) => this.mayNeedDecision(each))
      .map((each) => accountSubject(account, each, this.input.context));
  }

  private mayNeedDecision({ accountId, position, outcome }: AssessedSubAccount): boolean {
    if (outcome.certainty === 'indeterminate' || outcome.level !== 'healthy') return true;
    return this.input.runner.isOpen(caseKey(accountId, position));
  }

  /** An account with an open case that no scan has seen has no rows left. */
  async processVanished(): Promise<void> {
    const accountIds = [...this.unseen.values()].map(({ accountId }) => accountId);
    const subjects = await inParallel(accountIds, (id) => this.vanishedSubjects(id));
    await this.queueOr('decide', subjects.flat());
  }

  /** The scan did not count the account, so its failure is not counted. */
  private async vanishedSubjects(accountId: string): Promise<AccountSubject[]> {
    try {
      const account = await this.input.accounts.read(accountId);
      const subjects = this.subjectsFrom(account, this.assess(account));
      return subjects.map((subject) => ({ ...subject, accountId: undefined }));
    } catch (error) {
      this.input.runner.counters.fail(`account ${accountId}`, error);
      return [];
    }
  }
}

type Lot = readonly QueuedSubject[];

type Prepared = (lot: Lot) => Promise<readonly CaseSubject[]>;

/** After a fault the accounts of lots that may have no decision count as not reached. */
async function processAll(runner: CaseRunner, left: Lot[], prepared?: Prepared): Promise<void> {
  try {
    await runner.processLots(inTime(runner, left, prepared));
  } catch (error) {
    // The later check decides about all accounts.
    if (!(error instanceof OvertakenError)) {
      for (const lot of left) runner.counters.countUnreached(accountIdsOf(lot));
    }
    throw error;
  }
}

/**
 * Lots whose turn comes when no time is left count as not reached.
 * @param left keeps a lot until the next one is asked for
 */
async function* inTime(
  { limit, counters }: CaseRunner,
  left: Lot[],
  prepared: Prepared = async (lot) => lot,
): AsyncGenerator<readonly CaseSubject[]> {
  for (let lot = left[0]; lot !== undefined; lot = left[0]) {
    if (limit.isOver) counters.countUnreached(accountIdsOf(lot));
    else yield await prepared(lot);
    left.shift();
  }
}

const accountIdsOf = (lot: Lot): string[] => lot.map(({ account }) => account.accountId);

/** If not, because no key can take its id, the account is read at every check. */
export const isFoundByCase = (accountId: string): boolean =>
  accountOfKey(caseKey(accountId))?.accountId === accountId;

function healthyPartOf({ outcome, subAccount, book }: AssessedSubAccount): HealthyPart[] {
  const isHealthy = outcome.certainty === 'certain' && outcome.level === 'healthy';
  return isHealthy && subAccount && book ? [{ subAccount, book }] : [];
}
