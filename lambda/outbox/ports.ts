/** What the outbox asks of AWS; implemented in lambda/aws. */

import type { Parcel } from './pending-messages.ts';
import type { Key, StoredCase } from './stored-case.ts';

export interface PublishOutcome {
  readonly published: readonly Parcel[];
  /** What was refused, in words; its parcels stay pending. */
  readonly failures: readonly string[];
}

/** The topics: what is refused or cannot be reached stays pending. */
export interface Publisher {
  publish(parcels: readonly Parcel[]): Promise<PublishOutcome>;
}

/** The table of cases; see MarginTable for the conditions of each write. */
export interface CaseStore {
  read(key: Key): Promise<StoredCase | undefined>;
  write(
    next: StoredCase,
    over?: 'earlier checks' | 'this check too',
  ): Promise<StoredCase | undefined>;
  settle(published: StoredCase): Promise<StoredCase | undefined>;
  putRow(key: Key, attributes: Readonly<Record<string, unknown>>): Promise<void>;
  putHistory(
    key: Key,
    attributes: Readonly<Record<string, unknown>>,
    expiresAtSeconds: number,
  ): Promise<void>;
}
