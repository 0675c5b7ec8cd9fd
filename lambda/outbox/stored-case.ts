/** A case as it is stored: its state, and what is still to be published of it. */

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A message and the topics that it has still to reach. */
export interface Delivery {
  readonly messageId: string;
  /** JSON */
  readonly message: string;
  readonly to: readonly Topic[];
}

export type Topic = 'alerts' | 'orders';

/** A decision that has been made and not wholly published. */
export interface Pending {
  readonly checkId: string;
  readonly deliveries: readonly Delivery[];
  /** The decision record, compressed; put once everything is published. */
  readonly record?: Uint8Array | undefined;
  /** Rows to be put beside the case, whatever becomes of the messages. */
  readonly rows?: readonly PendingRow[] | undefined;
}

/** Of the case's own partition, and for good. Its attributes are plain JSON. */
export interface PendingRow {
  readonly sk: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface StoredCase {
  readonly key: Key;
  /** 0 before the first write. */
  readonly version: number;
  /** Of the check that wrote it last; empty before the first write. */
  readonly checkId: string;
  /** Plain JSON. */
  readonly state: unknown;
  /** There is still something to follow; with that or something pending, the index lists it. */
  readonly isActive: boolean;
  readonly pending: readonly Pending[];
  /** When it may be forgotten, once nothing is active or pending; absent: never. */
  readonly expiresAtSeconds?: number | undefined;
}

export const isListed = ({ isActive, pending }: StoredCase): boolean =>
  isActive || pending.length > 0;
