/**
 * Record, publish, settle: the only way in which anything leaves the checker.
 *
 * For each matter its stored case is read, the decision made on it written in one conditional write
 * together with what is to be published, the messages sent, the decision records put, and what was
 * sent taken off the case. Killed between any two of these steps, the next run takes up what is
 * pending: the same messages under the same ids.
 */
import { gzipSync } from 'node:zlib';
import pMap from 'p-map';
import type { Delivery, Key, MarginTable, Pending, StoredCase } from './aws/margin-table.ts';
import { type Parcel, parcelsOf, type Topics } from './aws/topics.ts';

/** Something that may have to be decided about: an account, an isolated position, a feed. */
export interface Matter {
  readonly key: Key;
  /** The account it belongs to, for counting. */
  readonly accountId?: string | undefined;
  /** Pure. Undefined when nothing changes; stored is undefined when there is no case. */
  decide(stored: StoredCase | undefined): Proposal | undefined;
}

export interface Proposal {
  /** Plain JSON. */
  readonly state: unknown;
  readonly isActive: boolean;
  readonly deliveries: readonly Delivery[];
  /** Kept as the decision's record. */
  readonly record?: unknown;
}

export interface OutboxInput {
  readonly margin: MarginTable;
  readonly topics: Topics;
  readonly checkId: string;
  readonly asOf: number;
  readonly historyDays: number;
  /** No order plan leaves, not even one that is pending. */
  readonly isHalted: boolean;
}

/** A case that has been decided on, or was found with something pending. */
export interface Recorded {
  readonly matter: Matter;
  readonly stored: StoredCase;
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
  /** Matters that a later run has decided meanwhile. */
  readonly superseded: number;
}

interface Claim {
  readonly key: Key;
  readonly stored: StoredCase | undefined;
  readonly proposal: Proposal;
}

const WRITES_AT_ONCE = 16;
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

  /** One failing does not stop the others. */
  async settle(matters: readonly Matter[]): Promise<OutboxResult> {
    const failures: MatterFailure[] = [];
    let superseded = 0;
    const recorded = await pMap(
      matters,
      async (matter): Promise<Recorded[]> => {
        try {
          const stored = await this.record(matter);
          if (stored === 'superseded') superseded++;
          return typeof stored === 'string' ? [] : [{ matter, stored }];
        } catch (error) {
          failures.push({ matter, error });
          return [];
        }
      },
      { concurrency: WRITES_AT_ONCE },
    );
    const finished = await this.finish(recorded.flat());
    return { ...finished, failures: [...failures, ...finished.failures], superseded };
  }

  /** Publishes what is pending in these cases, and takes it off them. */
  async finish(recorded: readonly Recorded[]): Promise<OutboxResult> {
    const failures: MatterFailure[] = [];
    const { published, publishFailures } = await this.publish(recorded.map(({ stored }) => stored));
    await pMap(
      recorded,
      async ({ matter, stored }) => {
        try {
          await this.clear(stored, published);
        } catch (error) {
          failures.push({ matter, error });
        }
      },
      { concurrency: WRITES_AT_ONCE },
    );
    return { failures, publishFailures, published: published.size, superseded: 0 };
  }

  /** Reads, decides and writes, again when another run came between. */
  private async record(matter: Matter): Promise<StoredCase | 'unchanged' | 'superseded'> {
    const { margin, checkId } = this.input;
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const stored = await margin.read(matter.key);
      if (stored !== undefined && stored.checkId > checkId) return 'superseded';
      // This very check wrote it, and the answer to the write was lost.
      if (stored?.checkId === checkId && attempt > 0) return stored;
      const proposal = matter.decide(stored);
      if (proposal === undefined) return hasPending(stored) ? stored : 'unchanged';
      const written = await margin.write(this.nextOf(matter.key, stored, proposal));
      if (written !== undefined) return written;
    }
    throw new Error(`${matter.key.pk}/${matter.key.sk}: other runs kept writing this case`);
  }

  private nextOf(key: Key, stored: StoredCase | undefined, proposal: Proposal): StoredCase {
    const { checkId } = this.input;
    const { state, isActive, deliveries, record } = proposal;
    const decided: Pending = {
      checkId,
      deliveries,
      ...(record === undefined ? {} : { record: gzipSync(JSON.stringify(record)) }),
    };
    const hasNews = deliveries.length > 0 || record !== undefined;
    return {
      key,
      version: stored?.version ?? 0,
      checkId,
      state,
      isActive,
      pending: [...(stored?.pending ?? []), ...(hasNews ? [decided] : [])],
      expiresAtSeconds: this.expiresAtSeconds,
    };
  }

  private async publish(cases: readonly StoredCase[]) {
    const parcels = cases
      .flatMap(({ pending }) => pending)
      .flatMap(({ deliveries }) => parcelsOf(deliveries))
      .filter(({ topic }) => !(this.input.isHalted && topic === 'orders'));
    const outcome = await this.input.topics.publish(parcels);
    const published = new Set([...outcome.published].map(parcelKey));
    return { published, publishFailures: outcome.failures };
  }

  /** Puts the records of what is wholly published, and takes it off the case. */
  private async clear(stored: StoredCase, published: ReadonlySet<string>): Promise<void> {
    const left = stored.pending.map((pending) => without(pending, published));
    const done = left.filter(({ deliveries }) => deliveries.length === 0);
    for (const { checkId, record } of done) {
      if (record !== undefined) await this.putRecord(stored.key, checkId, record);
    }
    if (parcelCount(left) === parcelCount(stored.pending) && done.length === 0) return;
    const pending = left.filter(({ deliveries }) => deliveries.length > 0);
    // Undefined when a later run has taken the case over, and with it what was pending.
    await this.input.margin.settle({ ...stored, pending });
  }

  private putRecord({ pk, sk }: Key, checkId: string, record: Uint8Array): Promise<void> {
    const [, position] = sk.split('case#');
    const suffix = position === undefined ? '' : `#${position}`;
    const key = { pk, sk: `decision#${checkId}${suffix}` };
    return this.input.margin.putHistory(key, { checkId, record }, this.expiresAtSeconds);
  }
}

const hasPending = (stored: StoredCase | undefined): stored is StoredCase =>
  stored !== undefined && stored.pending.length > 0;

const parcelKey = ({ messageId, topic }: Parcel): string => `${topic} ${messageId}`;

const parcelCount = (pending: readonly Pending[]): number =>
  pending.flatMap(({ deliveries }) => parcelsOf(deliveries)).length;

function without(pending: Pending, published: ReadonlySet<string>): Pending {
  const deliveries = pending.deliveries
    .map((delivery) => ({
      ...delivery,
      to: delivery.to.filter((topic) => !published.has(`${topic} ${delivery.messageId}`)),
    }))
    .filter(({ to }) => to.length > 0);
  return { ...pending, deliveries };
}
