/**
 * The sweep of one check over everything that may need a decision: the feeds, the accounts as the
 * scan yields them, and the open cases that neither of them met.
 */
import { scanAccounts } from './aws/accounts-table.ts';
import type { Clients } from './aws/clients.ts';
import type { Key } from './aws/margin-table.ts';
import type { Config } from './config.ts';
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
import { assessAccount, type Subject } from './subjects.ts';
import type { Tally } from './tally.ts';

const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;

export class Sweep {
  private readonly outbox: Outbox;
  private readonly tally: Tally;
  private readonly context: CheckContext;
  /** Open cases that have not been settled yet, by name. */
  private readonly open: Map<string, Key>;
  /** Isolated positions with an open case, by account that has not been met yet. */
  private readonly unmet = new Map<string, string[]>();

  constructor(input: {
    readonly outbox: Outbox;
    readonly tally: Tally;
    readonly context: CheckContext;
    readonly open: readonly Key[];
  }) {
    this.outbox = input.outbox;
    this.tally = input.tally;
    this.context = input.context;
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
    for (const { key } of matters) this.open.delete(nameOf(key));
    if (matters.length > 0) this.tally.countSettled(await this.outbox.settle(matters));
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
    await this.settle([...known, ...gone]);
  }

  /** @returns whether every account was met: no segment's scan broke off. */
  async settleAccounts(
    from: Pick<Clients, 'dynamo'> & { readonly config: Config },
  ): Promise<boolean> {
    const { accountsTable: table, scanSegments: segments } = from.config;
    const scans = Array.from({ length: segments }, async (_, segment) => {
      try {
        const pages = scanAccounts({ dynamo: from.dynamo, table, segment, segments });
        for await (const accounts of pages) await this.settlePage(accounts);
        return true;
      } catch (error) {
        this.tally.fail(`scan of ${table}, segment ${segment} of ${segments}`, error);
        return false;
      }
    });
    return (await Promise.all(scans)).every((isWhole) => isWhole);
  }

  private settlePage(accounts: readonly AccountRows[]): Promise<void> {
    return this.settle(accounts.flatMap((account) => this.mattersOf(account)));
  }

  /** A healthy account without a case is assessed and counted, and costs nothing more. */
  private mattersOf(account: AccountRows): Matter[] {
    const { accountId } = account;
    const positions = this.unmet.get(accountId);
    this.unmet.delete(accountId);
    try {
      const subjects = assessAccount(account, this.context.snapshot, positions);
      this.tally.countAccount(accountId, subjects);
      return subjects
        .filter((subject) => this.mayNeedDecision(subject))
        .map((subject) => accountMatter(subject, account, this.context));
    } catch (error) {
      this.tally.countFailedAccount(accountId, error);
      return [];
    }
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
    const gone = isEveryAccountMet ? [...this.unmet] : [];
    await this.settle(
      gone.flatMap(([accountId, positions]) => this.endingOf(accountId, positions)),
    );
    await this.settle([...this.open.values()].map(leftoverMatter));
  }

  private endingOf(accountId: string, positions: readonly string[]): Matter[] {
    const account = { accountId, rows: [] };
    return assessAccount(account, this.context.snapshot, positions)
      .filter((subject) => this.mayNeedDecision(subject))
      .map((subject) => ({
        ...accountMatter(subject, account, this.context),
        accountId: undefined,
      }));
  }
}
