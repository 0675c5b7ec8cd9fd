/** Runs subjects through the outbox and counts them. */
import { type CaseSubject, resendOnly } from './case-subject.ts';
import type { CheckCounters } from './check-counters.ts';
import type { Outbox, WrittenCases } from './outbox.ts';
import { type Key, keyText, type ListedKey } from './stored-case.ts';
import { TimeLimit, TimeOverError } from './time-limit.ts';

/** Published while another is decided. Each holds its messages in memory, and has calls of its own. */
const LOTS_AT_ONCE = 4;

export class CaseRunner {
  readonly counters: CheckCounters;
  readonly limit: TimeLimit;
  private readonly outbox: Outbox;
  private readonly open: Map<string, ListedKey>;

  constructor(input: {
    readonly outbox: Outbox;
    readonly counters: CheckCounters;
    readonly open: readonly ListedKey[];
    readonly limit?: TimeLimit;
  }) {
    this.limit = input.limit ?? new TimeLimit();
    this.outbox = input.outbox;
    this.counters = input.counters;
    this.open = new Map(input.open.map((key) => [keyText(key), key]));
  }

  isOpen(key: Key): boolean {
    return this.open.has(keyText(key));
  }

  /** Open cases not processed yet. */
  get openKeys(): readonly ListedKey[] {
    return [...this.open.values()];
  }

  /** An open case that needs no processing, because it is known what reading it would find. */
  passOver(key: Key): void {
    this.open.delete(keyText(key));
  }

  /** As `attempt`, but not begun if no time is left. */
  async attemptInTime(what: string, work: () => Promise<void>): Promise<boolean> {
    return this.attempt(what, async () => {
      if (this.limit.isOver) throw new TimeOverError();
      await work();
    });
  }

  /** Counts a failure and goes on. @returns whether the work was done */
  async attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.counters.fail(what, error);
      return false;
    }
  }

  async process(subjects: readonly CaseSubject[]): Promise<void> {
    await this.processRead(await this.read(subjects));
  }

  /** With their cases, to be processed now or later. */
  async read<S extends CaseSubject>(subjects: readonly S[]): Promise<readonly S[]> {
    if (subjects.length === 0) return [];
    const read = await this.outbox.read(subjects);
    this.counters.countCasesRead(read);
    for (const { key } of subjects) this.open.delete(keyText(key));
    return read.subjects;
  }

  /** @param subjects as `read` returns them */
  async processRead(subjects: readonly CaseSubject[]): Promise<void> {
    if (subjects.length > 0) await this.publish(await this.outbox.decideAndWrite(subjects));
  }

  /**
   * Publishes lots while later ones are decided and written, and waits while too many are on their
   * way: SNS may be slow, or throttle.
   * @param lots as `read` returns them
   * @throws the first error, once all lots that were decided have been published
   */
  async processLots(lots: AsyncIterable<readonly CaseSubject[]>): Promise<void> {
    const publishing = new Set<Promise<void>>();
    const failures: unknown[] = [];
    try {
      for await (const lot of lots) {
        const written = await this.outbox.decideAndWrite(lot);
        const published: Promise<void> = this.publish(written)
          .catch((error: unknown) => void failures.push(error))
          .finally(() => publishing.delete(published));
        publishing.add(published);
        if (publishing.size >= LOTS_AT_ONCE) await Promise.race(publishing);
        if (failures.length > 0) break;
      }
    } finally {
      await Promise.all(publishing);
    }
    if (failures.length > 0) throw failures[0];
  }

  private async publish(written: WrittenCases): Promise<void> {
    this.counters.countProcessed(await this.outbox.publishWritten(written));
  }

  /** Publishes what earlier runs left pending. */
  async resendRemaining(): Promise<void> {
    await this.attemptInTime('messages still pending in open cases', () =>
      this.process(this.openKeys.map(resendOnly)),
    );
  }
}
