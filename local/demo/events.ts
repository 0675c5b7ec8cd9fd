/**
 * Event checks of the demo: what the streams of both tables would hand over, the function that asks
 * for a check, and its queue. What happens is set for a time, and `Day` goes from one to the next.
 */
import { marshall } from '@aws-sdk/util-dynamodb';
import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import { type EventsDependencies, putEvent } from '../../lambda/events/put-event.ts';
import type { MarketRow } from '../aws/rows.ts';

/** Feeds write more often than checks run. */
export const QUOTES_EVERY_SECONDS = 2;

/** Milliseconds, as `bench:latency` has them. */
const HANDED_OVER = { accounts: 500, quotes: 1_500 } as const;
/** From the time at which a message is due until its function begins. */
const POLLED_MS = 100;

type Stream = keyof typeof HANDED_OVER;

interface Batch {
  readonly dueMs: number;
  readonly records: object[];
}

export class Events {
  private readonly batches = new Map<Stream, Batch>();
  /** When the next message starts a check. */
  private wakeMs = Number.POSITIVE_INFINITY;
  private now = 0;
  private readonly following: EventsDependencies;

  constructor(margin: MarginTable) {
    const wake = async (at: number, now: number) => {
      const delaySeconds = Math.max(0, Math.ceil((at - now) / 1000));
      this.wakeMs = Math.min(this.wakeMs, now + delaySeconds * 1000 + POLLED_MS);
    };
    this.following = { margin, queue: { wake }, now: () => this.now };
  }

  get nextMs(): number {
    return Math.min(this.wakeMs, ...[...this.batches.values()].map(({ dueMs }) => dueMs));
  }

  quoted(rows: readonly MarketRow[], timeMs: number): void {
    const images = rows.map((row) => marshall(row));
    this.add('quotes', { timeMs, parts: images.map((NewImage) => ({ NewImage })) });
  }

  changed(accountIds: Iterable<string>, timeMs: number): void {
    const keys = [...accountIds].map((accountId) => marshall({ accountId, item: 'profile' }));
    this.add('accounts', { timeMs, parts: keys.map((Keys) => ({ Keys })) });
  }

  private add(
    stream: Stream,
    { timeMs, parts }: { readonly timeMs: number; readonly parts: readonly object[] },
  ): void {
    if (parts.length === 0) return;
    const ApproximateCreationDateTime = Math.floor(timeMs / 1000);
    const records = parts.map((part) => ({ dynamodb: { ApproximateCreationDateTime, ...part } }));
    const waiting = this.batches.get(stream);
    if (waiting !== undefined) waiting.records.push(...records);
    else this.batches.set(stream, { dueMs: timeMs + HANDED_OVER[stream], records });
  }

  /** Hands over what is due. @returns whether a check is due */
  async goOn(timeMs: number): Promise<boolean> {
    this.now = timeMs;
    for (const [stream, { dueMs, records: Records }] of this.batches) {
      if (dueMs > timeMs) continue;
      this.batches.delete(stream);
      await putEvent({ Records }, this.following);
    }
    if (this.wakeMs > timeMs) return false;
    this.wakeMs = Number.POSITIVE_INFINITY;
    return true;
  }
}
