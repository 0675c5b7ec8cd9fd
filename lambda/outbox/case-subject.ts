import type { Key, PendingMessage, PendingRow, StoredCase } from './stored-case.ts';

/** An account, isolated position, feed or market. */
export interface CaseSubject {
  readonly key: Key;
  /** Failures count for this account. */
  readonly accountId?: string | undefined;
  /** Undefined before it is read, and if there is none. */
  readonly stored?: StoredCase | undefined;
  /** Undefined if nothing changes. Called again if another run has written the case. */
  decide(stored: StoredCase | undefined): CaseUpdate | undefined;
}

export interface CaseUpdate {
  /** Plain JSON. */
  readonly state: unknown;
  readonly isActive: boolean;
  /** False withdraws an order plan that has not left. */
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
