/** The outbox's view of AWS; implemented in lambda/aws. */
import type { Publication } from './pending-messages.ts';
import type { Key, StoredCase } from './stored-case.ts';

export interface PublishOutcome {
  readonly published: readonly Publication[];
  /** One line for each refusal; what was refused stays pending. */
  readonly failures: readonly string[];
}

export interface Publisher {
  /** Never throws. */
  publish(publications: readonly Publication[]): Promise<PublishOutcome>;
}

/** The case to write, or undefined to leave it as it is. */
export type DecideCase = (
  stored: StoredCase | undefined,
) => StoredCase | undefined | Promise<StoredCase | undefined>;

/** Checks whose last write may be written over. */
export type Over = 'earlier checks' | 'this check too' | 'any check';

export interface UpdateOptions {
  /** The case as already read; absent: it is read first. */
  readonly stored?: StoredCase | undefined;
  readonly over: Over;
}

export interface UpdateResult {
  readonly isWritten: boolean;
  /** As written; if nothing was written, as last read. */
  readonly stored: StoredCase | undefined;
}

/** The table of cases. */
export interface CaseStore {
  /** Strongly consistent. */
  read(key: Key): Promise<StoredCase | undefined>;
  /** One conditional write; decides again when another run has written in between. */
  update(key: Key, decide: DecideCase, options: UpdateOptions): Promise<UpdateResult>;
  putRow(key: Key, attributes: Readonly<Record<string, unknown>>): Promise<void>;
  putHistory(
    key: Key,
    attributes: Readonly<Record<string, unknown>>,
    expiresAtSeconds: number,
  ): Promise<void>;
}
