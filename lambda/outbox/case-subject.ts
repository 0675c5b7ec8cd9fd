/** Something that a case may be opened about, and what is decided about it. */
import type { Delivery, Key, PendingRow, StoredCase } from './stored-case.ts';

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
  /** False takes back an order plan that has not left: nothing is to be liquidated now. */
  readonly keepsPlans: boolean;
  readonly deliveries: readonly Delivery[];
  /** Kept as the decision's record. */
  readonly record?: unknown;
  /** Never to be forgotten, however long nothing happens to it. */
  readonly isKept?: boolean;
  /** Rows that come with it, in the case's own partition. */
  readonly rows?: readonly PendingRow[];
}

/** A matter, and its case as it was read; undefined when there is none. */
export interface Found<M extends Matter = Matter> {
  readonly matter: M;
  readonly stored: StoredCase | undefined;
}

/** A case that has been decided on, or was found with something pending. */
export interface Recorded extends Found {
  readonly stored: StoredCase;
}

/** Sort key of every case. */
export const CASE = 'case';

/** Nothing to decide: only what a dead run left is published. */
export const leftoverMatter = (key: Key): Matter => ({
  key,
  decide: () => undefined,
});
