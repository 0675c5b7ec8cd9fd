/**
 * Reads the accounts table's stream until it is shown that nothing is left. A stream does not say
 * where it ends: an empty page may come before the next record. So each check writes canary rows, and
 * reads each shard until it meets one of them there. A shard has the writes of its partition in their
 * order, so all that was written before a canary has been heard.
 */
import type { AccountsStream } from '../aws/accounts-stream.ts';
import { type AccountsTable, canaryNumber } from '../aws/accounts-table.ts';
import type { ChangedRow, StoredPositions } from '../aws/changed-row.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';

/** Over two seconds of waiting in all. A record is usually there within one. */
const EMPTY_ROUNDS_MAX = 25;
const BETWEEN_ROUNDS_MS = 100;
/** A backlog is read as long as it gives records, but not for a whole check. */
const ROUNDS_MAX = 2_000;
const READING_MS_MAX = 15_000;

/** Written together where no canary is known to reach a shard. */
const TRIED_AT_ONCE = 16;
/** Canaries that do not come back may lie in a shard that is read no more. */
const ROUNDS_BEFORE_MORE = 5;

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

/** Where the stream is read on, as JSON. */
export interface StoredFollower extends StoredPositions {
  readonly reaching: readonly (readonly [shardId: string, canary: number])[];
  readonly tried: number;
}

export class StreamFollower {
  private readonly input: FollowerInput;
  /** The number of a canary that reaches each shard. */
  private reaching = new Map<string, number>();
  private tried = 0;

  constructor(input: FollowerInput) {
    this.input = input;
  }

  open(): Promise<void> {
    return this.input.stream.open();
  }

  /** Undefined if some position is not known yet. */
  get stored(): StoredFollower | undefined {
    const { stored, shardIds } = this.input.stream;
    const open = new Set(shardIds);
    const reaching = [...this.reaching].filter(([shardId]) => open.has(shardId));
    return stored && { ...stored, reaching, tried: this.tried };
  }

  resume({ reaching, tried, ...positions }: StoredFollower): void {
    this.input.stream.resume(positions);
    this.reaching = new Map(reaching);
    this.tried = tried;
  }

  /**
   * @param checkId names the canaries: no other check has written them
   * @param hear called for every account of which a row has changed, before anything else happens
   * @throws what the tables or the stream do; what was heard until then has been heard
   */
  async follow(checkId: string, hear: (accountId: string) => void): Promise<Followed> {
    const { accounts, stopwatch } = this.input;
    const start = stopwatch.now();
    const round = new Round(checkId);
    try {
      const isProved = await this.readOn(round, hear);
      return { isProved, lagSeconds: (stopwatch.now() - start) / 1000 };
    } finally {
      // One that stays is no account, proves nothing to another check, and is removed within an hour.
      const removals = [...round.written].map((each) => accounts.removeCanary(each, checkId));
      await Promise.allSettled(removals);
    }
  }

  private async readOn(round: Round, hear: (accountId: string) => void): Promise<boolean> {
    const { stream, stopwatch } = this.input;
    const start = stopwatch.now();
    const heard = (row: ChangedRow, shardId: string) => {
      round.records++;
      const canary = canaryNumber(row);
      if (canary === undefined) hear(row.accountId);
      else if (round.hasSeen(row, canary, shardId)) this.reaching.set(shardId, canary);
    };
    await stream.refresh();
    for (let rounds = 0, empty = 0; rounds < ROUNDS_MAX && empty < EMPTY_ROUNDS_MAX; rounds++) {
      const left = stream.shardIds.filter((shardId) => !round.proved.has(shardId));
      if (left.length === 0 && stream.isWhole) return true;
      if (stopwatch.now() - start > READING_MS_MAX) return false;
      if (rounds === 0 || round.seen.size === round.written.size || round.isLongAgo(rounds)) {
        await this.write(left, round, rounds);
      }
      const before = round.records;
      await stream.read(left, heard);
      if (round.records > before) continue;
      empty++;
      await stopwatch.wait(BETWEEN_ROUNDS_MS);
    }
    return false;
  }

  /** Canaries that are known to reach the shards; for shards that none does, some more. */
  private async write(shardIds: readonly string[], round: Round, rounds: number): Promise<void> {
    const known = shardIds.flatMap((shardId) => this.reaching.get(shardId) ?? []);
    const missing = shardIds.length - known.length;
    const tried = missing === 0 ? 0 : Math.max(TRIED_AT_ONCE, 2 * missing);
    const first = this.tried;
    this.tried += tried;
    const canaries = [...known, ...Array.from({ length: tried }, (_, each) => first + each)];
    const { accounts } = this.input;
    const fresh = canaries.filter((canary) => !round.written.has(canary));
    for (const canary of fresh) round.written.add(canary);
    round.wroteAt = rounds;
    const puts = await Promise.allSettled(
      fresh.map((canary) => accounts.putCanary(canary, round.checkId)),
    );
    for (const put of puts) if (put.status === 'rejected') throw put.reason;
  }
}

/** The canaries that one check has written and seen. */
class Round {
  readonly checkId: string;
  readonly written = new Set<number>();
  readonly seen = new Set<number>();
  /** Shards that have shown a canary of this check. */
  readonly proved = new Set<string>();
  records = 0;
  wroteAt = 0;

  constructor(checkId: string) {
    this.checkId = checkId;
  }

  isLongAgo(rounds: number): boolean {
    return rounds - this.wroteAt >= ROUNDS_BEFORE_MORE;
  }

  /** @returns whether the canary is of this check */
  hasSeen({ item }: ChangedRow, canary: number, shardId: string): boolean {
    if (item !== this.checkId) return false;
    this.seen.add(canary);
    this.proved.add(shardId);
    return true;
  }
}
