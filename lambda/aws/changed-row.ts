/** Records of the accounts table's stream. This file needs no client of AWS. */

/** Positions that cannot be read on from: what came after them is not known. */
export class StreamLostError extends Error {
  override readonly name = 'StreamLostError';
}

export interface ChangedRow {
  readonly accountId: string;
  readonly item: string;
}

/** Called once a record, before the position moves on. */
export type Hear = (changed: ChangedRow, shardId: string) => void;

/** Where a stream is read on, as JSON. */
export interface StoredPositions {
  /** Its ARN: a new stream has other shards. */
  readonly stream: string;
  /** The last record that was read of each shard. */
  readonly positions: readonly (readonly [shardId: string, sequenceNumber: string])[];
  /** Shards that have been read to their ends. */
  readonly ended: readonly string[];
}
