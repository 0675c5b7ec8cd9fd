/** Checks of accounts in memory: tables, topics and a function's time without AWS. */
import { AccountScan } from '../../../lambda/accounts/account-scan.ts';
import { CascadeGauge } from '../../../lambda/accounts/cascade-gauge.ts';
import { FeedTally } from '../../../lambda/accounts/feed-tally.ts';
import { ShockGauge } from '../../../lambda/accounts/shock-gauge.ts';
import type { AccountsTable } from '../../../lambda/aws/accounts-table.ts';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { Topics } from '../../../lambda/aws/topics.ts';
import { keepUnreached, readUnreached } from '../../../lambda/check/unreached.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { CaseRunner } from '../../../lambda/outbox/case-runner.ts';
import { CheckCounters } from '../../../lambda/outbox/check-counters.ts';
import { Outbox } from '../../../lambda/outbox/outbox.ts';
import type { Publication } from '../../../lambda/outbox/pending-messages.ts';
import { CASE, type Key } from '../../../lambda/outbox/stored-case.ts';
import { type TimeLeft, TimeLimit } from '../../../lambda/outbox/time-limit.ts';
import { MarketRows } from '../../../lambda/record/evidence.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { BENCH_START } from '../../../local/bench/book.ts';
import { wideContext } from '../../../local/bench/decide-all.ts';
import { wideMarket } from '../../../local/bench/wide-book.ts';
import { MemoryTable, MemoryTopics, TOPIC_ARNS } from '../memory-aws.ts';

const MINUTE_MS = 60_000;
const PAGE = 100;

export class MemoryWorld {
  readonly table = new MemoryTable();
  readonly topics = new MemoryTopics();
  private readonly markets: number;
  accounts: readonly AccountRows[] = [];
  /** Of the check that ran last: `read <account>`, `put <key>`, `publish <types>`, `published`. */
  calls: string[] = [];

  constructor(markets: number) {
    this.markets = markets;
    this.table.onPut = ({ pk, sk }) => this.calls.push(`put ${pk?.S}/${sk?.S}`);
  }

  private context(minute: number) {
    const asOf = BENCH_START + minute * MINUTE_MS;
    const rows = wideMarket('markets', this.markets).map((row) =>
      row.kind === 'quote' ? { ...row, publishedAt: String(asOf) } : row,
    );
    const input = {
      market: readMarket(rows).market,
      asOf,
      gapSeconds: 60,
      previousPrices: new Map(),
    };
    const snapshot = takeSnapshot(input);
    return {
      ...wideContext('markets', 1),
      checkId: new Date(asOf).toISOString(),
      snapshot,
      marketRows: new MarketRows({ ...input, rows, snapshot, volatilities: new Map() }),
      stopwatch: { now: () => 0, wait: async () => undefined },
    };
  }

  /** Pages as a scan yields them, each with its strong reads. */
  private accountsTable(): AccountsTable {
    const { accounts, calls } = this;
    const table: Pick<AccountsTable, 'segments' | 'segmentNumbers' | 'forEachPage' | 'read'> = {
      segments: 1,
      segmentNumbers: [0],
      forEachPage: async (_, { screen, process }) => {
        for (let from = 0; from < accounts.length; from += PAGE) {
          await process(screen(accounts.slice(from, from + PAGE)));
        }
      },
      read: async (accountId) => {
        calls.push(`read ${accountId}`);
        return accounts.find((each) => each.accountId === accountId) ?? { accountId, rows: [] };
      },
    };
    return table as AccountsTable;
  }

  private get openKeys(): Key[] {
    return this.table
      .rows('account#')
      .filter(({ sk, openSubject }) => sk === CASE && openSubject !== undefined)
      .map(({ pk }) => ({ pk: String(pk), sk: CASE }));
  }

  private outbox(checkId: string, asOf: number, margin: MarginTable): Outbox {
    const topics = new Topics({ sns: this.topics.client, arns: TOPIC_ARNS });
    return new Outbox({
      margin,
      topics: { publish: (publications) => this.published(topics, publications) },
      checkId,
      fenceKey: { pk: 'check', sk: 'latest' },
      asOf,
      historyDays: 400,
      isHalted: false,
      isObserving: false,
    });
  }

  /** As many calls as batches. */
  private async published(topics: Topics, publications: readonly Publication[]) {
    for (const topic of ['orders', 'alerts'] as const) {
      const types = publications
        .filter((each) => each.topic === topic)
        .map(({ pending }) => pending.message.type);
      for (let from = 0; from < types.length; from += 10) {
        this.calls.push(`publish ${topic} ${[...new Set(types.slice(from, from + 10))].join()}`);
      }
    }
    await new Promise((done) => setTimeout(done, 2));
    const outcome = await topics.publish(publications);
    if (publications.length > 0) this.calls.push('published');
    return outcome;
  }

  /** @param timeLeft of the function */
  async check(minute: number, timeLeft?: TimeLeft) {
    this.calls = [];
    const context = this.context(minute);
    const { checkId, snapshot } = context;
    const margin = new MarginTable({ dynamo: this.table.client, table: 'margin' });
    const first = await readUnreached(margin);
    const counters = new CheckCounters();
    const runner = new CaseRunner({
      outbox: this.outbox(checkId, snapshot.asOf, margin),
      counters,
      open: this.openKeys,
      limit: new TimeLimit(timeLeft),
    });
    const gauge = new CascadeGauge(snapshot);
    const accounts = this.accountsTable();
    const scan = new AccountScan({
      ...{ runner, context, accounts, gauge, first },
      tally: new FeedTally(),
      shocks: new ShockGauge(snapshot, () => snapshot),
    });
    await scan.processAccounts();
    await scan.processLiquidations();
    await scan.processCalls();
    const isComplete = await scan.processOthers();
    await keepUnreached(margin, { before: first, accountIds: counters.unreached, checkId });
    return { ...counters.counts(checkId), isComplete, errors: counters.errors };
  }
}
