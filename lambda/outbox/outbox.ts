/**
 * Read, then record, publish, settle: the only way in which anything leaves the checker.
 *
 * For each matter its stored case is read, the decision made on it written in one conditional write
 * together with what is to be published, the messages sent, the decision records put, and what was
 * sent taken off the case. Killed between any two of these steps, the next run takes up what is
 * pending: the same messages under the same ids. Between reading and the rest a matter may wait.
 */

import { gzipSync } from 'node:zlib';
import pMap from 'p-map';
import type { Found, Matter, Proposal, Recorded } from './case-subject.ts';
import { CALLS_AT_ONCE } from './concurrency.ts';
import {
  deliveriesLeft,
  isWithdrawn,
  parcelsOf,
  planIn,
  type Settled,
  withoutPlans,
} from './pending-messages.ts';
import type { CaseStore, Publisher } from './ports.ts';
import type { Key, Pending, StoredCase } from './stored-case.ts';

/** Thrown when a later check has begun: it has newer prices, and nothing more is decided here. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

export interface OutboxInput {
  readonly margin: CaseStore;
  readonly topics: Publisher;
  readonly checkId: string;
  /** The item that says which check began last. */
  readonly fenceKey: Key;
  readonly asOf: number;
  readonly historyDays: number;
  /** No order plan leaves, not even one that is pending. */
  readonly isHalted: boolean;
  /** No order plan leaves, and one that is pending never will. */
  readonly isObserving: boolean;
}

/** What went wrong for one matter; the others go on. */
export interface MatterFailure {
  readonly matter: Matter;
  readonly error: unknown;
}

export interface OutboxResult {
  readonly failures: readonly MatterFailure[];
  readonly publishFailures: readonly string[];
  readonly published: number;
  /** The oldest check whose decision SNS has not taken; absent when it has taken all. */
  readonly unpublishedSince?: string | undefined;
  /** Order plans taken back before they left: expired, or not wanted any more. */
  readonly withdrawn: number;
  /** Matters that a later run has decided meanwhile. */
  readonly superseded: number;
}

/** What was read, and what went wrong; nothing has been decided. */
export interface Reading<M extends Matter = Matter> {
  readonly found: readonly Found<M>[];
  readonly failures: readonly MatterFailure[];
  readonly superseded: number;
}

interface Claim {
  readonly key: Key;
  readonly stored: StoredCase | undefined;
  readonly proposal: Proposal;
}

const NOTHING_SENT = { published: 0, withdrawn: 0 };

/** Two runs that write one case in turn: each retry needs another write by the other. */
const WRITE_ATTEMPTS_MAX = 5;
const DAY_SECONDS = 86_400;

export class Outbox {
  private readonly input: OutboxInput;
  readonly expiresAtSeconds: number;

  constructor(input: OutboxInput) {
    this.input = input;
    this.expiresAtSeconds = Math.ceil(input.asOf / 1000) + input.historyDays * DAY_SECONDS;
  }

  /** Undefined when another run has written the case since it was read. */
  claim({ key, stored, proposal }: Claim): Promise<StoredCase | undefined> {
    return this.input.margin.write(this.nextOf(key, stored, proposal));
  }

  /** Likewise, also over what this very check has written. */
  carryOn({ key, stored, proposal }: Claim): Promise<StoredCase | undefined> {
    return this.input.margin.write(this.nextOf(key, stored, proposal), 'this check too');
  }

  /** One failing does not stop the others. @throws OvertakenError before anything is read */
  async read<M extends Matter>(matters: readonly M[]): Promise<Reading<M>> {
    const begun = await this.overtakenBy();
    if (begun !== undefined) throw begun;
    const { margin, checkId } = this.input;
    const failures: MatterFailure[] = [];
    let superseded = 0;
    const found = await pMap(
      matters,
      async (matter): Promise<Found<M>[]> => {
        try {
          const stored = await margin.read(matter.key);
          if (stored === undefined || stored.checkId <= checkId) return [{ matter, stored }];
          superseded++;
        } catch (error) {
          failures.push({ matter, error });
        }
        return [];
      },
      { concurrency: CALLS_AT_ONCE },
    );
    return { found: found.flat(), failures, superseded };
  }

  /**
   * Decides in the order given, each before the next, so that what one takes is gone for those behind
   * it; then writes and publishes. One failing does not stop the others.
   * @throws OvertakenError before anything is decided
   */
  async settle(found: readonly Found[]): Promise<OutboxResult> {
    const begun = await this.overtakenBy();
    if (begun !== undefined) throw begun;
    const failures: MatterFailure[] = [];
    let superseded = 0;
    const decided = found.flatMap((each): Decided[] => {
      try {
        return [{ ...each, next: this.decideOn(each) }];
      } catch (error) {
        failures.push({ matter: each.matter, error });
        return [];
      }
    });
    const recorded = await pMap(
      decided,
      async (each): Promise<Recorded[]> => {
        const { matter } = each;
        try {
          const stored = await this.record(each);
          if (stored === 'superseded') superseded++;
          return typeof stored === 'string' ? [] : [{ matter, stored }];
        } catch (error) {
          failures.push({ matter, error });
          return [];
        }
      },
      { concurrency: CALLS_AT_ONCE },
    );
    const cases = recorded.flat();
    const overtaken = cases.length === 0 ? undefined : await this.overtakenBy();
    // What is pending is the later check's to publish, or to take back.
    if (overtaken !== undefined) {
      return { ...NOTHING_SENT, failures, publishFailures: [String(overtaken)], superseded };
    }
    const finished = await this.finish(cases);
    return { ...finished, failures: [...failures, ...finished.failures], superseded };
  }

  /** Publishes what is pending in these cases, and takes it off them. */
  async finish(recorded: readonly Recorded[]): Promise<OutboxResult> {
    const failures: MatterFailure[] = [];
    const sent = await this.publish(recorded.map(({ stored }) => stored));
    await pMap(
      recorded,
      async ({ matter, stored }) => {
        try {
          await this.clear(stored, sent.settled);
        } catch (error) {
          failures.push({ matter, error });
        }
      },
      { concurrency: CALLS_AT_ONCE },
    );
    const { settled, ...counts } = sent;
    return { ...counts, failures, superseded: 0 };
  }

  private async overtakenBy(): Promise<OvertakenError | undefined> {
    const { margin, fenceKey, checkId } = this.input;
    const fence = await margin.read(fenceKey);
    if (fence === undefined || fence.checkId <= checkId) return undefined;
    return new OvertakenError(
      `check ${fence.checkId} began before this one ended: a check takes longer than the interval`,
    );
  }

  private decideOn({ matter, stored }: Found): StoredCase | undefined {
    const proposal = matter.decide(stored);
    return proposal && this.nextOf(matter.key, stored, proposal);
  }

  /** Writes what was decided; reads and decides again when another run came between. */
  private async record(decided: Decided): Promise<StoredCase | 'unchanged' | 'superseded'> {
    const { margin, checkId } = this.input;
    const { matter } = decided;
    let { stored, next } = decided;
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      if (next === undefined) return hasPending(stored) ? stored : 'unchanged';
      const written = await margin.write(next);
      if (written !== undefined) return written;
      stored = await margin.read(matter.key);
      if (stored !== undefined && stored.checkId > checkId) return 'superseded';
      // This very check wrote it, and the answer to the write was lost.
      if (stored?.checkId === checkId) return stored;
      next = this.decideOn({ matter, stored });
    }
    throw new Error(`${matter.key.pk}/${matter.key.sk}: other runs kept writing this case`);
  }

  private nextOf(key: Key, stored: StoredCase | undefined, proposal: Proposal): StoredCase {
    const { checkId } = this.input;
    const { state, isActive, isKept = false, deliveries, record, rows } = proposal;
    const hasNews = deliveries.length > 0 || record !== undefined || rows !== undefined;
    const decided: Pending = {
      checkId,
      deliveries,
      ...(record === undefined ? {} : { record: gzipSync(JSON.stringify(record)) }),
      ...(rows === undefined ? {} : { rows }),
    };
    return {
      key,
      version: stored?.version ?? 0,
      checkId,
      state,
      isActive,
      pending: [...stillWanted(stored?.pending ?? [], proposal), ...(hasNews ? [decided] : [])],
      expiresAtSeconds: isKept ? undefined : this.expiresAtSeconds,
    };
  }

  private async publish(cases: readonly StoredCase[]) {
    const { topics, isHalted, isObserving, asOf } = this.input;
    const parcels = parcelsOf(cases.flatMap(({ pending }) => pending));
    const isBack = (parcel: (typeof parcels)[number]) => isWithdrawn(parcel, { isObserving, asOf });
    const withdrawn = parcels.filter(isBack);
    const bound = parcels.filter(
      (parcel) => !(isBack(parcel) || (isHalted && planIn(parcel) !== undefined)),
    );
    const { published, failures } = await topics.publish(bound);
    const taken = new Set(published);
    const [unpublishedSince] = bound
      .filter((parcel) => !taken.has(parcel))
      .map(({ checkId }) => checkId)
      .sort();
    const settled: Settled = new Map();
    for (const { delivery, topic } of [...withdrawn, ...published]) {
      settled.set(delivery, [...(settled.get(delivery) ?? []), topic]);
    }
    return {
      settled,
      published: published.length,
      withdrawn: withdrawn.length,
      publishFailures: failures,
      unpublishedSince,
    };
  }

  /** Puts the rows, the records of what is wholly published, and takes both off the case. */
  private async clear(stored: StoredCase, settled: Settled): Promise<void> {
    const { margin } = this.input;
    const rows = stored.pending.flatMap((pending) => pending.rows ?? []);
    await pMap(rows, ({ sk, attributes }) => margin.putRow({ pk: stored.key.pk, sk }, attributes), {
      concurrency: CALLS_AT_ONCE,
    });
    const left = stored.pending.map(({ rows: _put, ...pending }) =>
      deliveriesLeft(pending, settled),
    );
    const done = left.filter(({ deliveries }) => deliveries.length === 0);
    for (const { checkId, record } of done) {
      if (record !== undefined) await this.putRecord(stored.key, checkId, record);
    }
    const isAsBefore = parcelsOf(left).length === parcelsOf(stored.pending).length;
    if (rows.length === 0 && done.length === 0 && isAsBefore) return;
    const pending = left.filter(({ deliveries }) => deliveries.length > 0);
    // Undefined when a later run has taken the case over, and with it what was pending.
    await margin.settle({ ...stored, pending });
  }

  private putRecord({ pk, sk }: Key, checkId: string, record: Uint8Array): Promise<void> {
    const key = { pk, sk: `decision#${checkId}${sk.slice('case'.length)}` };
    return this.input.margin.putHistory(key, { checkId, record }, this.expiresAtSeconds);
  }
}

/** With the case as it is to be written; undefined when nothing changes. */
interface Decided extends Found {
  readonly next: StoredCase | undefined;
}

const hasPending = (stored: StoredCase | undefined): stored is StoredCase =>
  stored !== undefined && stored.pending.length > 0;

/** An order plan that never left is taken back when it is not to be worked, or there is a newer. */
function stillWanted(pending: readonly Pending[], { keepsPlans, deliveries }: Proposal) {
  const isReplaced = parcelsOf([{ checkId: '', deliveries }]).some((parcel) => planIn(parcel));
  return keepsPlans && !isReplaced ? pending : pending.map(withoutPlans);
}
