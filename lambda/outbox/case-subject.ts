/** Whatever a case can be opened about, and the update that a check makes to that case. */
import type { Key, PendingMessage, PendingRow, StoredCase } from './stored-case.ts';

/** An account, an isolated position, a feed, a market: each with its case, once that was read. */
export interface CaseSubject {
  readonly key: Key;
  /** The account that its failures count for; absent if none. */
  readonly accountId?: string | undefined;
  /** Undefined before the case was read, and when there is none. */
  readonly stored?: StoredCase | undefined;
  /** Undefined when nothing changes. Called again when another run has written the case since. */
  decide(stored: StoredCase | undefined): CaseUpdate | undefined;
}

export interface CaseUpdate {
  /** Plain JSON. */
  readonly state: unknown;
  readonly isActive: boolean;
  /** False takes back an order plan that has not left yet. */
  readonly keepsPlans: boolean;
  readonly messages: readonly PendingMessage[];
  /** The decision record, as JSON text. */
  readonly record?: string;
  /** Without expiry. */
  readonly isKept?: boolean;
  readonly rows?: readonly PendingRow[];
}

/** Decides nothing; publishes what an earlier run left pending. */
export const resendOnly = (key: Key): CaseSubject => ({ key, decide: () => undefined });
