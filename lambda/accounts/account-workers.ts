/**
 * Accounts that other functions read for the check: lists of accounts, of which a worker gives the rows,
 * and segments of the table, which it screens. The check decides by itself, and reads whatever a worker
 * does not.
 */
import pMap from 'p-map';
import { lotsOf } from '../margin/number/lots-of.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { ScanPosition } from '../rows/scan-options.ts';
import type { ScannedPart, ScanPart } from './scan-answer.ts';

export interface AccountWorkers {
  /** Parts that are being read at once. */
  readonly atOnce: number;
  /** Fewer are read faster without workers. */
  readonly accountsMin: number;
  /**
   * Strongly consistent reads that begin now, in any order. Accounts that are missing were not read.
   * @throws if the worker failed or was late, or if its answer cannot be used
   */
  read(accountIds: readonly string[], part: string): Promise<readonly AccountRows[]>;
  /** Some accounts of a segment, and how far the worker came. @throws as `read` */
  scan(part: ScanPart): Promise<ScannedPart>;
}

export interface WorkersSummary {
  /** Accounts whose rows came from workers. */
  readonly accounts: number;
  readonly parts: number;
  /** Parts that the check had to read by itself, as a whole or to the rest. */
  readonly takenOver: number;
  /** Why the first was. */
  readonly failure?: string;
}

/** A worker reads so many in a second or two. */
const PART_ACCOUNTS_MAX = 1_000;

/** Parts that are used at once: while one waits for its cases, another is assessed. */
const USED_AT_ONCE = 3;

/** In a row: others would fail, too. */
const FAILURES_MAX = 3;

interface FanOutInput {
  readonly workers: AccountWorkers;
  readonly checkId: string;
  /** `packed` text of the market of the check. */
  readonly market: () => string;
}

/** A segment of the table that workers scan. */
export interface SharedSegment extends Pick<ScanPart, 'segment' | 'of' | 'after' | 'isCertified'> {}

interface ScanUse {
  /** Asked before each part is asked for, and before it is used: without time it is left. */
  readonly hasTime: () => boolean;
  /**
   * Looks whether a part can be used. If it throws, the worker has failed.
   * @returns what uses it; its error ends the scan
   */
  readonly prepare: (part: ScannedPart, of: SharedSegment) => () => Promise<void>;
}

/** One check's. */
export class FanOut {
  private readonly input: FanOutInput;
  private accounts = 0;
  private parts = 0;
  private takenOver = 0;
  private failure: string | undefined;
  private failures = 0;
  private turns = 0;
  private readonly lanes: Promise<unknown>[] = [];
  private market: string | undefined;
  /** With which parts of a scan begin, and after which: no other part has them. */
  private readonly met = new Set<string>();

  constructor(input: FanOutInput) {
    this.input = input;
  }

  /** Fewer accounts are not worth a worker. */
  get accountsMin(): number {
    return this.input.workers.accountsMin;
  }

  /**
   * A segment is left where its worker fails, or no time is left.
   * @throws the first error of what uses the parts, once all segments have ended
   */
  async scan(segments: readonly SharedSegment[], use: ScanUse): Promise<void> {
    const errors: unknown[] = [];
    const scan = (segment: SharedSegment) =>
      this.scanSegment(segment, use).catch((error: unknown) => errors.push(error));
    await pMap(segments, scan, { concurrency: this.input.workers.atOnce });
    if (errors.length > 0) throw errors[0];
  }

  private async scanSegment(segment: SharedSegment, { hasTime, prepare }: ScanUse): Promise<void> {
    let position: ScanPosition | 'whole' | undefined = segment.after;
    while (position !== 'whole' && hasTime() && this.failures < FAILURES_MAX) {
      const asked: SharedSegment = { ...segment, after: position };
      const scanned = await this.scanPart(asked, prepare);
      if (scanned === undefined) return;
      if (!(await this.inTurn(hasTime, scanned.use))) return;
      this.accounts += scanned.accounts;
      position = scanned.position;
    }
  }

  /** Undefined if the worker has failed. */
  private async scanPart(asked: SharedSegment, prepare: ScanUse['prepare']) {
    const { workers, checkId } = this.input;
    const part = `${checkId}/${++this.parts}`;
    try {
      this.market ??= this.input.market();
      const found = await workers.scan({ ...asked, part, market: this.market });
      this.mustGoOn(found, asked);
      const use = prepare(found, asked);
      this.failures = 0;
      const { position, safe, suspects } = found;
      return { use, position, accounts: safe.length + suspects.length };
    } catch (error) {
      this.failures++;
      this.takeOver(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** @throws Error if the worker has scanned what an earlier one has: its accounts would count twice */
  private mustGoOn({ safe, suspects }: ScannedPart, { after }: SharedSegment): void {
    if (after !== undefined) this.met.add(after.accountId);
    if ([...safe, ...suspects].some(({ accountId }) => this.met.has(accountId))) {
      throw new Error('the worker did not go on where it was asked to');
    }
    for (const first of [safe[0], suspects[0]]) if (first) this.met.add(first.accountId);
  }

  /**
   * @param accountIds the worst first
   * @param use is called with each part as it comes, several at once; its error ends the reading
   * @returns accounts that the check has to read by itself
   */
  async read(
    accountIds: readonly string[],
    {
      hasTime,
      use,
    }: {
      /** Asked before each part is read, and before it is used: without time it is left. */
      readonly hasTime: () => boolean;
      readonly use: (accounts: readonly AccountRows[]) => Promise<void>;
    },
  ): Promise<readonly string[]> {
    const { atOnce, accountsMin } = this.input.workers;
    if (accountIds.length < accountsMin) return accountIds;
    const size = Math.min(PART_ACCOUNTS_MAX, Math.ceil(accountIds.length / atOnce));
    const left = await pMap(
      lotsOf(accountIds, size),
      async (part) => {
        if (!hasTime() || this.failures >= FAILURES_MAX) return part;
        const accounts = await this.readPart(part);
        if (!(await this.inTurn(hasTime, () => use(accounts)))) return part;
        this.accounts += accounts.length;
        const read = new Set(accounts.map(({ accountId }) => accountId));
        return part.filter((accountId) => !read.has(accountId));
      },
      { concurrency: atOnce },
    );
    return left.flat();
  }

  private async readPart(part: readonly string[]): Promise<readonly AccountRows[]> {
    const { workers, checkId } = this.input;
    this.parts++;
    try {
      const found = await workers.read(part, `${checkId}/${this.parts}`);
      // An account that is gone is forgotten: the check sees for itself.
      const accounts = found.filter(({ rows }) => rows.length > 0);
      this.failures = 0;
      if (found.length < part.length) this.takeOver('the worker did not read all accounts');
      return accounts;
    } catch (error) {
      this.failures++;
      this.takeOver(error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  /**
   * Many answers may have come at once, and each takes a while.
   * @returns false if no time is left at its turn
   */
  private inTurn(hasTime: () => boolean, use: () => Promise<void>): Promise<boolean> {
    const lane = this.turns++ % USED_AT_ONCE;
    const isUsed = (this.lanes[lane] ?? Promise.resolve()).then(async () => {
      if (!hasTime()) return false;
      await use();
      return true;
    });
    this.lanes[lane] = isUsed.catch(() => undefined);
    return isUsed;
  }

  private takeOver(why: string): void {
    this.takenOver++;
    this.failure ??= why;
  }

  /** Undefined if there was too little to read. */
  summary(): WorkersSummary | undefined {
    const { accounts, parts, takenOver, failure } = this;
    if (parts === 0) return undefined;
    return { accounts, parts, takenOver, ...(failure !== undefined && { failure }) };
  }
}
