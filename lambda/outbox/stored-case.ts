import { keyWithin, SORT_KEY_BYTES_MAX } from '../messages/hashed-id.ts';
import type { Message } from '../messages/messages.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A case as the index of open cases lists it. */
export interface ListedKey extends Key {
  /** The version of its last write that the index has seen; absent if that is not known. */
  readonly version?: number | undefined;
}

export const keyText = ({ pk, sk }: Key): string => `${pk}/${sk}`;

/** Sort key of a case; an isolated position adds `#` and its name. */
export const CASE = 'case';

/** Begins the sort key of a decision's record. */
export const DECISION = 'decision#';

/** @param suffix of an isolated position's case: `#` and its name */
export const recordKey = (pk: string, checkId: string, suffix: string): Key => ({
  pk,
  sk: keyWithin(`${DECISION}${checkId}${suffix}`, SORT_KEY_BYTES_MAX),
});

export type Topic = 'alerts' | 'orders';

/** With the topics that it has not reached yet. */
export interface PendingMessage {
  readonly message: Message;
  readonly to: readonly Topic[];
}

export const pendingMessage = (message: Message, to: readonly Topic[]): PendingMessage => ({
  message,
  to,
});

/** Put in the case's partition, without expiry. Attributes are plain JSON. */
export interface PendingRow {
  readonly sk: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Not fully published yet. */
export interface PendingDecision {
  readonly checkId: string;
  readonly messages: readonly PendingMessage[];
  /** Gzipped JSON. Put whether or not the messages are published, as is what follows. */
  readonly record?: Uint8Array | undefined;
  /** Instead of a record that is too large for the case: how many parts of it have been put. */
  readonly recordParts?: number | undefined;
  readonly rows?: readonly PendingRow[] | undefined;
}

export interface StoredCase {
  readonly key: Key;
  /** 0 before the first write. */
  readonly version: number;
  /** The check that wrote it last; empty before the first write. */
  readonly checkId: string;
  /** Plain JSON. */
  readonly state: unknown;
  /** The index lists active cases and pending ones. */
  readonly isActive: boolean;
  readonly pending: readonly PendingDecision[];
  /** TTL once the index no longer lists it; absent: kept for good. */
  readonly expiresAtSeconds?: number | undefined;
}

export const isListed = ({ isActive, pending }: StoredCase): boolean =>
  isActive || pending.length > 0;
