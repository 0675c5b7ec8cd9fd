/**
 * Reads the accounts table's stream until it is shown that nothing is left. A stream does not say
 * where it ends: an empty page may come before the next record. So each check writes canary rows, and
 * reads each shard until it meets one of them there. A shard has the writes of its partition in their
 * order, so all that was written before a canary has been heard.
 */
import type { AccountsStream, ChangedRow } from '../aws/accounts-stream.ts';
import { type AccountsTable, CANARY_PREFIX } from '../aws/accounts-table.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';

/** Over two seconds in all. A record is usually there within one. */
const PAGES_MAX = 25;
const BETWEEN_PAGES_MS = 100;

/** Written together where no canary is known to reach a shard. */
const TRIED_AT_ONCE = 16;
/** With as many, a shard of fifty is missed once in a hundred times. */
const CANARIES = 256;

export interface Followed {
  /** Whether all that was written before this check has been heard. */
  readonly isProved: boolean;
  /** From the canaries' writing to the sight of the last. */
  readonly lagSeconds: number;
}

export interface FollowerInput {
  readonly stream: AccountsStream;
  readonly accounts: Pick<AccountsTable, 'putCanary' | 'removeCanary'>;
  readonly stopwatch: Stopwatch;
}

export class StreamFollower {
  private readonly input: FollowerInput;
  /** By canary: the shard in which it was seen last. */
  private readonly placed = new Map<number, string>();
  private tried = 0;

  constructor(input: FollowerInput) {
    this.input = input;
  }

  open(): Promise<void> {
    return this.input.stream.open();
  }

  /**
   * @param checkId names the canaries: no other check has written them
   * @param hear called for every account of which a row has changed, before anything else happens
   * @throws what the tables or the stream do; what was heard until then has been heard
   */
  async follow(checkId: string, hear: (accountId: string) => void): Promise<Followed> {
    const { stopwatch } = this.input;
    const start = stopwatch.now();
    const written = new Set<number>();
    try {
      const isProved = await this.readOn({ checkId, hear, written });
      return { isProved, lagSeconds: (stopwatch.now() - start) / 1000 };
    } finally {
      // One that stays is no account and proves nothing to another check.
      const removals = [...written].map((each) => this.input.accounts.removeCanary(each, checkId));
      await Promise.allSettled(removals);
    }
  }

  private async readOn(of: {
    readonly checkId: string;
    readonly hear: (accountId: string) => void;
    readonly written: Set<number>;
  }): Promise<boolean> {
    const { stream, accounts, stopwatch } = this.input;
    const { checkId, hear, written } = of;
    const proved = new Set<string>();
    const seen = new Set<number>();
    const heard = ({ accountId, item }: ChangedRow, shardId: string) => {
      if (!accountId.startsWith(CANARY_PREFIX)) return hear(accountId);
      const canary = Number(accountId.slice(CANARY_PREFIX.length));
      this.placed.set(canary, shardId);
      if (item !== checkId) return;
      seen.add(canary);
      proved.add(shardId);
    };
    for (let page = 0; page < PAGES_MAX; page++) {
      const left = stream.shardIds.filter((shardId) => !proved.has(shardId));
      if (left.length === 0 && stream.isWhole) return true;
      if (page > 0) await stopwatch.wait(BETWEEN_PAGES_MS);
      // More are of no use before those that were written have told which shards they reach.
      if (seen.size === written.size) {
        const canaries = this.canariesFor(left).filter((canary) => !written.has(canary));
        for (const canary of canaries) written.add(canary);
        await Promise.all(canaries.map((each) => accounts.putCanary(each, checkId)));
      }
      await stream.read(left, heard);
    }
    return false;
  }

  /** Those that are known to reach the shards; for a shard that none does, some more. */
  private canariesFor(shardIds: readonly string[]): number[] {
    const reaching = new Map([...this.placed].map(([canary, shardId]) => [shardId, canary]));
    const known = shardIds.flatMap((shardId) => reaching.get(shardId) ?? []);
    if (known.length === shardIds.length) return known;
    const first = this.tried;
    this.tried = (first + TRIED_AT_ONCE) % CANARIES;
    return [...known, ...Array.from({ length: TRIED_AT_ONCE }, (_, each) => first + each)];
  }
}
