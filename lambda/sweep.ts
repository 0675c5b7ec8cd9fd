/**
 * The sweep of one check over everything that may need a decision: the feeds, the accounts as the
 * scan yields them, and the open cases that neither of them met.
 */
import pMap from 'p-map';
import type { AccountsTable } from './aws/accounts-table.ts';
import type { Key } from './aws/margin-table.ts';
import type { AccountRows } from './contract/document.ts';
import {
  accountMatter,
  type CheckContext,
  caseKey,
  feedKey,
  feedMatter,
  feedOfKey,
  goneFeedMatter,
  leftoverMatter,
  subjectOfKey,
} from './matters.ts';
import type { Matter, Outbox } from './outbox.ts';
import { assessAccount, type Subject, safeSubAccounts } from './subjects.ts';
import type { Tally } from './tally.ts';

const READS_AT_ONCE = 16;

const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;

export class Sweep {
  private readonly outbox: Outbox;
  private readonly tally: Tally;
  private readonly context: CheckContext;
  private readonly accounts: AccountsTable;
  /** Open cases that have not been settled yet, by name. */
  private readonly open: Map<string, Key>;
  /** Isolated positions with an open case, by account that has not been met yet. */
  private readonly unmet = new Map<string, string[]>();

  constructor(input: {
    readonly outbox: Outbox;
    readonly tally: Tally;
    readonly context: CheckContext;
    readonly accounts: AccountsTable;
    readonly open: readonly Key[];
  }) {
    this.outbox = input.outbox;
    this.tally = input.tally;
    this.context = input.context;
    this.accounts = input.accounts;
    this.open = new Map(input.open.map((key) => [nameOf(key), key]));
    for (const key of input.open) {
      const subject = subjectOfKey(key);
      if (subject === undefined) continue;
      const positions = this.unmet.get(subject.accountId) ?? [];
      if (subject.position !== undefined) positions.push(subject.position);
      this.unmet.set(subject.accountId, positions);
    }
  }

  private async settle(matters: readonly Matter[]): Promise<void> {
    if (matters.length === 0) return;
    this.tally.countSettled(await this.outbox.settle(matters));
    for (const { key } of matters) this.open.delete(nameOf(key));
  }

  /** @returns whether it was done; what stopped it is counted, and the sweep goes on. */
  private async attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.tally.fail(what, error);
      return false;
    }
  }

  async settleFeeds(): Promise<void> {
    const { feeds } = this.context.snapshot;
    const gone = [...this.open.values()].flatMap((key) => {
      const feed = feedOfKey(key);
      return feed === undefined || feeds.has(feed) ? [] : [goneFeedMatter(feed)];
    });
    const known = [...feeds.values()]
      .filter((feed) => !feed.price.ok || this.open.has(nameOf(feedKey(feed.feed))))
      .map((feed) => feedMatter(feed, this.context));
    await this.attempt('the feeds', () => this.settle([...known, ...gone]));
  }

  /** @returns whether every account was met: no segment's scan broke off. */
  async settleAccounts(): Promise<boolean> {
    const { segments } = this.accounts;
    const scans = Array.from({ length: segments }, (_, segment) =>
      this.attempt(`the scan of segment ${segment + 1} of ${segments}`, () =>
        this.settleSegment(segment),
      ),
    );
    return (await Promise.all(scans)).every((isWhole) => isWhole);
  }

  /** Accounts are decided about while the next are read; never more than two lots in memory. */
  private async settleSegment(segment: number): Promise<void> {
    let deciding: Promise<void> = Promise.resolve();
    try {
      for await (const accounts of this.accounts.scan(segment)) {
        this.tally.countRead(accounts.length);
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
        const safe = this.safeSubAccounts(account);
        if (safe === undefined) doubtful.push(account.accountId);
        else this.tally.countSafeAccount(safe);
      } catch (error) {
        this.countFailed(account.accountId, error);
      }
    }
    return doubtful;
  }

  private async decideAbout(accountIds: readonly string[]): Promise<void> {
    const matters = await pMap(accountIds, (accountId) => this.mattersOf(accountId), {
      concurrency: READS_AT_ONCE,
    });
    await this.settle(matters.flat());
  }

  /** Undefined when one of them is not safe, or has an open case. */
  private safeSubAccounts(account: AccountRows): number | undefined {
    if (this.unmet.has(account.accountId)) return undefined;
    return safeSubAccounts(account, this.context.snapshot);
  }

  /** The rows are read again, strongly: a decision does not rest on what a scan may have missed. */
  private async mattersOf(accountId: string): Promise<Matter[]> {
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
    this.tally.countAccount(accountId, subjects);
  }

  /** Met all the same: what it holds is not known, so its case is not ended. */
  private countFailed(accountId: string, error: unknown): void {
    this.unmet.delete(accountId);
    this.tally.countFailedAccount(accountId, error);
  }

  private mattersAbout(account: AccountRows, subjects: readonly Subject[]): Matter[] {
    return subjects
      .filter((subject) => this.mayNeedDecision(subject))
      .map((subject) => accountMatter(subject, account, this.context));
  }

  private mayNeedDecision({ accountId, position, outcome }: Subject): boolean {
    if (outcome.certainty === 'indeterminate' || outcome.level !== 'healthy') return true;
    return this.open.has(nameOf(caseKey(accountId, position)));
  }

  /**
   * An open account that was not met has no rows any more: it is empty, and its case ends. Of the
   * rest, and of all when a scan broke off, only what a dead run left is published.
   */
  async settleLeftovers(isEveryAccountMet: boolean): Promise<void> {
    await this.attempt('what was left open', async () => {
      const unmet = isEveryAccountMet ? [...this.unmet.keys()] : [];
      const ending = await pMap(unmet, (accountId) => this.endingOf(accountId), {
        concurrency: READS_AT_ONCE,
      });
      await this.settle(ending.flat());
      await this.settle([...this.open.values()].map(leftoverMatter));
    });
  }

  /** Not among the accounts that were read, so not counted as one. */
  private async endingOf(accountId: string): Promise<Matter[]> {
    try {
      const account = await this.accounts.read(accountId);
      const matters = this.mattersAbout(account, this.assessed(account));
      return matters.map((matter) => ({ ...matter, accountId: undefined }));
    } catch (error) {
      this.tally.fail(`account ${accountId}`, error);
      return [];
    }
  }
}
