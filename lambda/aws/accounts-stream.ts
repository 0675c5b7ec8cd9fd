/**
 * The accounts table's stream, read by the check itself from positions in its memory: the memory that
 * skips accounts is the one that has heard of their changes.
 */
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { type Hear, type StoredPositions, StreamLostError } from './changed-row.ts';

interface Position {
  /** Gives the next page, for 15 minutes; absent until the shard is read on. */
  iterator?: string | undefined;
  /** The last record that was read has it. */
  sequenceNumber?: string;
}

export class AccountsStream {
  private readonly client: DynamoDBStreamsClient;
  private readonly arn: string;
  /** Where each shard is read on. */
  private readonly positions = new Map<string, Position>();
  /** Shards that have been read to their ends. */
  private readonly ended = new Set<string>();
  private lacksFollowers = false;

  constructor(client: DynamoDBStreamsClient, arn: string) {
    this.client = client;
    this.arn = arn;
  }

  /** Shards that are read on. */
  get shardIds(): string[] {
    return [...this.positions.keys()];
  }

  /** Whether every shard that follows an ended one is known. */
  get isWhole(): boolean {
    return !this.lacksFollowers && this.positions.size > 0;
  }

  /** Begins at the end of every open shard: whatever is written from now on will be heard. */
  async open(): Promise<void> {
    this.positions.clear();
    this.ended.clear();
    const shards = await this.shards();
    for (const shard of shards) if (isClosed(shard)) this.ended.add(shard.ShardId ?? '');
    for (const { ShardId: shardId = '' } of shards.filter((shard) => !isClosed(shard))) {
      this.positions.set(shardId, { iterator: await this.iterator(shardId, 'LATEST') });
    }
    this.lacksFollowers = this.lacksAny(shards);
  }

  /** Undefined if some shard's position is not known yet. */
  get stored(): StoredPositions | undefined {
    const positions: [string, string][] = [];
    for (const [shardId, { sequenceNumber }] of this.positions) {
      if (sequenceNumber === undefined) return undefined;
      positions.push([shardId, sequenceNumber]);
    }
    return { stream: this.arn, positions, ended: [...this.ended] };
  }

  /**
   * Reads on from there: what has been written since will be heard.
   * @throws StreamLostError if they are of another stream
   */
  resume({ stream, positions, ended }: StoredPositions): void {
    if (stream !== this.arn) throw new StreamLostError('the accounts table has another stream');
    this.positions.clear();
    this.ended.clear();
    for (const [shardId, sequenceNumber] of positions) {
      this.positions.set(shardId, { sequenceNumber });
    }
    for (const shardId of ended) this.ended.add(shardId);
  }

  /**
   * Finds shards that have opened. A new shard is read from its beginning once its parent has ended:
   * it holds what was written after that.
   */
  async refresh(): Promise<void> {
    const shards = await this.shards();
    const listed = new Set(shards.map(({ ShardId }) => ShardId));
    for (const shardId of this.ended) if (!listed.has(shardId)) this.ended.delete(shardId);
    for (const { ShardId: shardId = '', ParentShardId: parent = '' } of shards) {
      const isKnown = this.positions.has(shardId) || this.ended.has(shardId);
      if (isKnown || (listed.has(parent) && !this.ended.has(parent))) continue;
      this.positions.set(shardId, { iterator: await this.iterator(shardId, 'TRIM_HORIZON') });
    }
    this.lacksFollowers = this.lacksAny(shards);
  }

  /** A shard that has ended has followers, though a list may come without them. */
  private lacksAny(shards: readonly Shard[]): boolean {
    const parents = new Set(shards.map(({ ParentShardId }) => ParentShardId));
    return shards.some(({ ShardId = '' }) => this.ended.has(ShardId) && !parents.has(ShardId));
  }

  /**
   * One page of each of these shards; then the shards that follow those that have ended are known.
   * @throws StreamLostError if a position is lost, so that the stream has to be opened again
   */
  async read(shardIds: readonly string[], hear: Hear): Promise<void> {
    const pages = shardIds.map((shardId) => this.readShard(shardId, hear));
    // All of them, so that none goes on unheard after the error of another.
    const settled = await Promise.allSettled(pages);
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
    if (this.lacksFollowers) await this.refresh();
  }

  private async readShard(shardId: string, hear: Hear): Promise<void> {
    const position = this.positions.get(shardId);
    if (position === undefined) return;
    const { Records = [], NextShardIterator } = await this.page(shardId, position);
    for (const { dynamodb: { Keys = {}, SequenceNumber } = {} } of Records) {
      hear({ accountId: Keys.accountId?.S ?? '', item: Keys.item?.S ?? '' }, shardId);
      if (SequenceNumber !== undefined) position.sequenceNumber = SequenceNumber;
    }
    if (NextShardIterator === undefined) {
      this.positions.delete(shardId);
      this.ended.add(shardId);
      this.lacksFollowers = true;
    } else position.iterator = NextShardIterator;
  }

  private async page(shardId: string, position: Position) {
    const page = async () => {
      position.iterator ??= await this.renewed(shardId, position);
      return this.client.send(new GetRecordsCommand({ ShardIterator: position.iterator }));
    };
    try {
      return await page().catch((error: unknown) => {
        if (!(error instanceof ExpiredIteratorException)) throw error;
        position.iterator = undefined;
        return page();
      });
    } catch (error) {
      throw lostOr(error, shardId);
    }
  }

  private renewed(shardId: string, { sequenceNumber }: Position): Promise<string> {
    if (sequenceNumber === undefined) {
      throw new StreamLostError(`${shardId}: its position has expired before a record was read`);
    }
    return this.iterator(shardId, 'AFTER_SEQUENCE_NUMBER', sequenceNumber);
  }

  private async shards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    let ExclusiveStartShardId: string | undefined;
    do {
      const { StreamDescription } = await this.client.send(
        new DescribeStreamCommand({
          StreamArn: this.arn,
          ...(ExclusiveStartShardId !== undefined && { ExclusiveStartShardId }),
        }),
      );
      shards.push(...(StreamDescription?.Shards ?? []));
      ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
    } while (ExclusiveStartShardId !== undefined);
    return shards;
  }

  private async iterator(
    ShardId: string,
    ShardIteratorType: 'LATEST' | 'TRIM_HORIZON' | 'AFTER_SEQUENCE_NUMBER',
    SequenceNumber?: string,
  ): Promise<string> {
    try {
      const { ShardIterator = '' } = await this.client.send(
        new GetShardIteratorCommand({
          StreamArn: this.arn,
          ShardId,
          ShardIteratorType,
          ...(SequenceNumber !== undefined && { SequenceNumber }),
        }),
      );
      return ShardIterator;
    } catch (error) {
      throw lostOr(error, ShardId);
    }
  }
}

const isClosed = ({ SequenceNumberRange: range }: Shard): boolean =>
  range?.EndingSequenceNumber !== undefined;

const lostOr = (error: unknown, shardId: string): unknown =>
  error instanceof TrimmedDataAccessException || error instanceof ResourceNotFoundException
    ? new StreamLostError(`${shardId}: ${error.message}`)
    : error;
