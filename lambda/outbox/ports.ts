/** The outbox's view of AWS; implemented in lambda/aws. */
import type { Publication } from './pending-messages.ts';
import type { Key, StoredCase } from './stored-case.ts';

export interface PublishOutcome {
  readonly published: readonly Publication[];
  /** One line each; refused messages stay pending. */
  readonly failures: readonly string[];
}

export interface Publisher {
  /** Never throws. */
  publish(publications: readonly Publication[]): Promise<PublishOutcome>;
}

/** Undefined leaves the case as it is. */
export type DecideCase = (
  stored: StoredCase | undefined,
) => StoredCase | undefined | Promise<StoredCase | undefined>;

/** An update may overwrite an item that these checks wrote last. */
export type Over = 'earlier checks' | 'this check too' | 'any check';

export interface UpdateOptions {
  /** If absent, it is read first. */
  readonly stored?: StoredCase | undefined;
  readonly over: Over;
}

export interface UpdateResult {
  readonly isWritten: boolean;
  /** As written, otherwise as last read. */
  readonly stored: StoredCase | undefined;
}

/** Gives a case as it was read, or throws why it could not be. */
export type ReadCase = () => Promise<StoredCase | undefined>;

export interface CaseStore {
  /** Strongly consistent. */
  read(key: Key): Promise<StoredCase | undefined>;
  /** Many at once, strongly consistent, in the order of the keys. Never throws. */
  readEach(keys: readonly Key[]): Promise<readonly ReadCase[]>;
  /** One conditional write; decides again after a conflict. */
  update(key: Key, decide: DecideCase, options: UpdateOptions): Promise<UpdateResult>;
  putRow(key: Key, attributes: Readonly<Record<string, unknown>>): Promise<void>;
  putHistory(
    key: Key,
    attributes: Readonly<Record<string, unknown>>,
    expiresAtSeconds: number,
  ): Promise<void>;
}

/** Decisions take something from others, such as the capacity of a market. */
export interface Reservations {
  /**
   * Keeps what was taken by the decisions since, before they are written. What cannot be kept is
   * given back. Not called twice at once.
   * @returns false if it was taken by another run meanwhile, so that they have to be made again
   */
  keep(): Promise<boolean>;
}
