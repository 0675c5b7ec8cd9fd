/** A warm function keeps this from check to check. */
import { AccountsStream } from '../aws/accounts-stream.ts';
import { AccountsTable } from '../aws/accounts-table.ts';
import type { Clients } from '../aws/clients.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';
import { CertifiedBook } from './certified-book.ts';
import { StreamFollower } from './stream-follower.ts';

export interface CertifiedMemory {
  readonly book: CertifiedBook;
  readonly follower: StreamFollower;
  /** Whether a check is at work with it. */
  isInUse: boolean;
}

interface MemoryInput extends Clients {
  readonly stopwatch: Stopwatch;
  readonly config: {
    readonly accountsTable: string;
    readonly accountsStreamArn?: string | undefined;
    readonly scanSegments: number;
  };
}

/** Undefined without certificates. */
export function certifiedMemory(input: MemoryInput): CertifiedMemory | undefined {
  const { dynamo, streams, stopwatch, config } = input;
  const { accountsTable: table, accountsStreamArn: arn, scanSegments: segments } = config;
  if (streams === undefined || arn === undefined) return undefined;
  const accounts = new AccountsTable({ dynamo, table, segments });
  const stream = new AccountsStream(streams, arn);
  const follower = new StreamFollower({ stream, accounts, stopwatch });
  return { book: new CertifiedBook(), follower, isInUse: false };
}
