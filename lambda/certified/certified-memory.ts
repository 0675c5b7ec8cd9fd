/** A warm function keeps this from check to check. */
import type { AccountsStream } from '../aws/accounts-stream.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';
import { CertifiedBook } from './certified-book.ts';
import { CertifiedCheck, type CertifiedCheckInput } from './certified-check.ts';
import { Checkpoints, type CheckpointsInput } from './checkpoints.ts';
import { StreamFollower } from './stream-follower.ts';

interface Resources {
  readonly book: CertifiedBook;
  readonly follower: StreamFollower;
  readonly checkpoints: Checkpoints | undefined;
}

export interface MemoryInput {
  readonly accounts: AccountsTable;
  readonly stream: AccountsStream;
  readonly stopwatch: Stopwatch;
  /** Absent: a function that has just started reads every account. */
  readonly kept?: CheckpointsInput | undefined;
}

export class CertifiedMemory {
  /** Whether a check is at work with it. */
  isInUse = false;
  readonly resources: Resources;

  constructor({ accounts, stream, stopwatch, kept }: MemoryInput) {
    this.resources = {
      book: new CertifiedBook(),
      follower: new StreamFollower({ stream, accounts, stopwatch }),
      checkpoints: kept && new Checkpoints(kept),
    };
  }

  begin(input: Omit<CertifiedCheckInput, keyof Resources>): CertifiedCheck {
    return new CertifiedCheck({ ...input, ...this.resources });
  }
}
