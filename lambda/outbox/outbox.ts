/**
 * The only way out of the checker. For each subject:
 *
 *     read      its stored case, and publish what is pending in it
 *     decide    in the order given
 *     write     the decision and its messages, in one conditional write of the case
 *     publish   the messages
 *     clear     put the decision record, and take the published messages off the case
 *
 * If a run is killed between two steps, the next run publishes the pending messages under the same
 * ids. An order plan alone waits for the decision, which keeps, replaces or withdraws it.
 */
import { gzipSync } from 'node:zlib';
import { CaseRecords } from './case-records.ts';
import type { CaseSubject, CaseUpdate } from './case-subject.ts';
import { inParallel } from './parallel.ts';
import {
  isWithdrawn,
  orderPlanIn,
  type Publication,
  publicationsOf,
  type Reached,
  withoutOrderPlans,
  withSuccessor,
} from './pending-messages.ts';
import type { CaseStore, Publisher, Reservations } from './ports.ts';
import { Reserving } from './reserved.ts';
import { type Key, keyText, type PendingDecision, type StoredCase } from './stored-case.ts';

/** A later check with newer prices has begun, so this one decides nothing more. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

export interface OutboxInput {
  readonly margin: CaseStore;
  readonly topics: Publisher;
  readonly checkId: string;
  /** The item that names the check that began last. */
  readonly fenceKey: Key;
  readonly asOf: number;
  readonly historyDays: number;
  /** No order plan leaves; a pending one waits. */
  readonly isHalted: boolean;
  /** No order plan leaves; a pending one is withdrawn. */
  readonly isObserving: boolean;
  /** Kept before decisions are written; absent: they take nothing from other runs. */
  readonly reservations?: Reservations | undefined;
}

export interface CaseFailure {
  readonly key: Key;
  readonly accountId?: string | undefined;
  readonly error: unknown;
}

export interface CasesRead<S extends CaseSubject> {
  readonly subjects: readonly S[];
  readonly failures: readonly CaseFailure[];
  /** Cases that a later check has decided. */
  readonly superseded: number;
  /** Messages that an earlier check has left. */
  readonly published: number;
}

export interface OutboxResult {
  readonly failures: readonly CaseFailure[];
  readonly publishFailures: readonly string[];
  readonly published: number;
  /** The oldest check with an unpublished message. */
  readonly unpublishedSince?: string | undefined;
  readonly withdrawn: number;
  readonly superseded: number;
}

/** Decided, and not published yet. */
export interface WrittenCases {
  readonly subjects: readonly CaseSubject[];
  readonly cases: readonly StoredCase[];
  readonly failures: readonly CaseFailure[];
  readonly superseded: number;
}

const NOTHING_SENT = { published: 0, withdrawn: 0 };
const DAY_SECONDS = 86_400;
export class Outbox {
  private readonly input: OutboxInput;
  private readonly records: CaseRecords;
  private readonly reserving: Reserving;
  readonly expiresAtSeconds: number;

  constructor(input: OutboxInput) {
    this.input = input;
    this.reserving = new Reserving(input.reservations);
    this.expiresAtSeconds = Math.ceil(input.asOf / 1000) + input.historyDays * DAY_SECONDS;
    const { expiresAtSeconds } = this;
    this.records = new CaseRecords({ margin: input.margin, expiresAtSeconds });
  }

  /** An unreadable case is a failure; the others go on. @throws OvertakenError */
  async read<S extends CaseSubject>(subjects: readonly S[]): Promise<CasesRead<S>> {
    await this.refuseIfOvertaken();
    const { margin, checkId } = this.input;
    const failures: CaseFailure[] = [];
    let superseded = 0;
    const cases = await margin.readEach(subjects.map(({ key }) => key));
    const read = await inParallel(subjects.entries(), async ([index, subject]): Promise<S[]> => {
      try {
        const stored = await cases[index]?.();
        if (stored === undefined || stored.checkId <= checkId) return [{ ...subject, stored }];
        superseded++;
      } catch (error) {
        failures.push(failureOf(subject, error));
      }
      return [];
    });
    const { published, ...stored } = await this.publishStored(read.flat());
    failures.push(...stored.failures);
    return { subjects: stored.subjects, failures, superseded, published };
  }

  /** What cannot be published now is tried again, and counted, after the decision. */
  private async publishStored<S extends CaseSubject>(
    subjects: readonly S[],
  ): Promise<Omit<CasesRead<S>, 'superseded'>> {
    const failures: CaseFailure[] = [];
    const cases = subjects.flatMap(({ stored }) => (stored?.pending.length ? [stored] : []));
    const { reached, published } = await this.publish(cases, (each) => !orderPlanIn(each));
    const left = await inParallel(subjects, async (subject): Promise<S> => {
      const { stored } = subject;
      if (stored === undefined || stored.pending.length === 0) return subject;
      try {
        return { ...subject, stored: await this.records.clear(stored, reached) };
      } catch (error) {
        failures.push(failureOf(subject, error));
        return subject;
      }
    });
    return { subjects: left, failures, published };
  }

  async process(subjects: readonly CaseSubject[]): Promise<OutboxResult> {
    return this.publishWritten(await this.decideAndWrite(subjects));
  }

  /** Subjects with their cases as read. @throws OvertakenError before anything is decided */
  async decideAndWrite(subjects: readonly CaseSubject[]): Promise<WrittenCases> {
    await this.refuseIfOvertaken();
    let superseded = 0;
    const decide = () => decideOnAll(subjects, (each) => this.decideOn(each, each.stored));
    const { decided, failures } = await this.reserving
      .decide(decide)
      .catch((error: unknown) => noneDecided(subjects, error));
    const cases = await inParallel(decided, async ({ subject, next }): Promise<StoredCase[]> => {
      try {
        const stored = await this.write(subject, next);
        if (stored === undefined) return [];
        if (stored.checkId <= this.input.checkId) return [stored];
        superseded++;
      } catch (error) {
        failures.push(failureOf(subject, error));
      }
      return [];
    });
    return { subjects, cases: cases.flat(), failures, superseded };
  }

  /** What a killed run leaves of it, the next run does. */
  async publishWritten(written: WrittenCases): Promise<OutboxResult> {
    const { subjects, cases, superseded } = written;
    const failures = [...written.failures];
    const toPublish = cases.filter(({ pending }) => pending.length > 0);
    const overtaken = toPublish.length === 0 ? undefined : await this.overtaken();
    if (overtaken !== undefined) {
      // The later check publishes or withdraws what is pending.
      return { ...NOTHING_SENT, failures, publishFailures: [String(overtaken)], superseded };
    }
    const finished = await this.finish(toPublish);
    const accounts = new Map(subjects.map(({ key, accountId }) => [keyText(key), accountId]));
    for (const { key, error } of finished.failures) {
      failures.push({ key, accountId: accounts.get(keyText(key)), error });
    }
    return { ...finished, failures, superseded };
  }

  /** Publishes what is pending and takes it off the cases. */
  async finish(cases: readonly StoredCase[]): Promise<OutboxResult> {
    const failures: CaseFailure[] = [];
    const { reached, ...counts } = await this.publish(cases);
    await inParallel(cases, async (stored) => {
      try {
        await this.records.clear(stored, reached);
      } catch (error) {
        failures.push({ key: stored.key, error });
      }
    });
    return { ...counts, failures, superseded: 0 };
  }

  /** The update, plus what is still wanted of the messages that were pending before. */
  nextCase(key: Key, stored: StoredCase | undefined, update: CaseUpdate): StoredCase {
    const { checkId } = this.input;
    const { state, isActive, isKept = false, messages, record, rows } = update;
    const hasNews = messages.length > 0 || record !== undefined || rows !== undefined;
    const decided: PendingDecision = {
      checkId,
      messages,
      ...(record === undefined ? {} : { record: gzipSync(record) }),
      ...(rows === undefined ? {} : { rows }),
    };
    return {
      key,
      version: stored?.version ?? 0,
      checkId,
      state,
      isActive,
      pending: [...stillWanted(stored?.pending ?? [], update), ...(hasNews ? [decided] : [])],
      expiresAtSeconds: isKept ? undefined : this.expiresAtSeconds,
    };
  }

  private async overtaken(): Promise<OvertakenError | undefined> {
    const { margin, fenceKey, checkId } = this.input;
    const fence = await margin.read(fenceKey);
    if (fence === undefined || fence.checkId <= checkId) return undefined;
    return new OvertakenError(
      `check ${fence.checkId} began before this one ended: a check takes longer than the interval`,
    );
  }

  private async refuseIfOvertaken(): Promise<void> {
    const overtaken = await this.overtaken();
    if (overtaken !== undefined) throw overtaken;
  }

  private decideOn(subject: CaseSubject, stored: StoredCase | undefined): StoredCase | undefined {
    const update = subject.decide(stored);
    return update && this.nextCase(subject.key, stored, update);
  }

  /** @returns the case as written, or as another check wrote it */
  private async write(subject: CaseSubject, next: StoredCase | undefined) {
    const { margin, checkId } = this.input;
    if (next === undefined) return subject.stored;
    const decide = async (stored: StoredCase | undefined) => {
      if (stored === subject.stored) return this.records.putParts(next);
      const isDecided = stored !== undefined && stored.checkId >= checkId;
      if (isDecided) return undefined;
      const again = await this.reserving.decide(() => this.decideOn(subject, stored));
      return again && this.records.putParts(again);
    };
    const { stored } = subject;
    return (await margin.update(subject.key, decide, { stored, over: 'earlier checks' })).stored;
  }

  private async publish(
    cases: readonly StoredCase[],
    isNow: (publication: Publication) => boolean = () => true,
  ) {
    const { topics, isHalted, isObserving, asOf } = this.input;
    const all = publicationsOf(cases.flatMap(({ pending }) => pending)).filter(isNow);
    const withdrawn = new Set(all.filter((each) => isWithdrawn(each, { isObserving, asOf })));
    const bound = all.filter(
      (each) => !(withdrawn.has(each) || (isHalted && orderPlanIn(each) !== undefined)),
    );
    const { published, failures } = await topics.publish(bound);
    const taken = new Set(published);
    const [unpublishedSince] = bound
      .filter((each) => !taken.has(each))
      .map(({ checkId }) => checkId)
      .sort();
    const reached: Reached = new Map();
    for (const { pending, topic } of [...withdrawn, ...published]) {
      reached.set(pending, [...(reached.get(pending) ?? []), topic]);
    }
    return {
      reached,
      published: published.length,
      withdrawn: withdrawn.size,
      publishFailures: failures,
      unpublishedSince,
    };
  }
}

const failureOf = ({ key, accountId }: CaseSubject, error: unknown): CaseFailure => ({
  key,
  accountId,
  error,
});

interface Decided {
  readonly decided: readonly {
    readonly subject: CaseSubject;
    readonly next: StoredCase | undefined;
  }[];
  readonly failures: CaseFailure[];
}

function decideOnAll(
  subjects: readonly CaseSubject[],
  decide: (subject: CaseSubject) => StoredCase | undefined,
): Decided {
  const failures: CaseFailure[] = [];
  const decided = subjects.flatMap((subject) => {
    try {
      return [{ subject, next: decide(subject) }];
    } catch (error) {
      failures.push(failureOf(subject, error));
      return [];
    }
  });
  return { decided, failures };
}

/** Nothing could be reserved for them. Those of other lots go on. */
const noneDecided = (subjects: readonly CaseSubject[], error: unknown): Decided => ({
  decided: [],
  failures: subjects.map((subject) => failureOf(subject, error)),
});

function stillWanted(pending: readonly PendingDecision[], { keepsPlans, messages }: CaseUpdate) {
  const left = withSuccessor(pending, messages);
  return keepsPlans ? left : left.map(withoutOrderPlans);
}
