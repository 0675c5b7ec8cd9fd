/**
 * DynamoDB Streams in memory, on a virtual clock. The rules are those of
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html and of
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  type DescribeStreamInput,
  DynamoDBStreamsServiceException,
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsInput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  LimitExceededException,
  ListStreamsCommand,
  type ListStreamsInput,
  ResourceNotFoundException,
  type Shard as ShardDescription,
  type StreamViewType,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { sizeOfMap } from '../../local/aws/table-limits.ts';
import { isEqual } from './attribute-value.ts';
import type { VirtualTime } from './virtual-time.ts';

const ITERATOR_MS = 15 * 60_000;
const RETENTION_MS = 24 * 3_600_000;
/** AWS closes a shard after about four hours. */
const SHARD_MS = 4 * 3_600_000;
const RECORDS_MAX = 1000;
const RECORDS_BYTES_MAX = 1024 ** 2;
const PAGE_MAX = 100;
const HASHES = 2 ** 32;

type Item = Readonly<Record<string, AttributeValue>>;

export interface StreamedTable {
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** Default NEW_AND_OLD_IMAGES. */
  readonly viewType?: StreamViewType;
  /** At the beginning. Default 1. */
  readonly shardCount?: number;
}

export interface StreamsInput {
  readonly time: VirtualTime;
  readonly tables: Readonly<Record<string, StreamedTable>>;
  readonly region?: string;
  readonly account?: string;
}

export interface ItemChange {
  readonly keys: Item;
  /** Undefined if the item is deleted. */
  readonly newImage?: Item | undefined;
  /** Undefined if there was none. */
  readonly oldImage?: Item | undefined;
  /** Deleted by its time to live. */
  readonly isExpiry?: boolean;
}

interface Stored {
  readonly number: number;
  readonly at: number;
  readonly bytes: number;
  readonly shown: _Record;
}

interface Shard {
  readonly id: string;
  readonly parentId: string | undefined;
  /** The first hash of a partition key, and the one after the last. */
  readonly hashes: readonly [number, number];
  readonly openedAt: number;
  readonly first: number;
  closedAt?: number;
  last?: number;
  records: Stored[];
  /** The highest number that was trimmed. */
  trimmed: number;
}

interface Stream {
  readonly arn: string;
  readonly label: string;
  readonly createdAt: number;
  readonly table: string;
  readonly definition: StreamedTable;
  shards: Shard[];
}

interface Position {
  readonly arn: string;
  readonly shardId: string;
  /** The first record that it may give has this number. */
  readonly number: number;
  readonly issuedAt: number;
  readonly emptyPages: number;
}

export class MemoryStreams {
  /** So many empty pages come before the first record of every new iterator. */
  emptyPages = 0;
  private readonly time: VirtualTime;
  private readonly region: string;
  private readonly streams: ReadonlyMap<string, Stream>;
  private readonly byArn: ReadonlyMap<string, Stream>;
  private lagMs = 0;
  /** Records up to this number can be read. It never goes back, even if the delay grows. */
  private horizon = 0;
  /** The records after it. */
  private late: Stored[] = [];
  private sequence = 0;
  private shardCount = 0;

  constructor({ time, tables, region = 'us-east-1', account = '000000000000' }: StreamsInput) {
    this.time = time;
    this.region = region;
    const place = `arn:aws:dynamodb:${region}:${account}`;
    const streams = Object.entries(tables).map(([table, each]) => this.open(table, each, place));
    this.streams = new Map(streams.map((stream) => [stream.table, stream]));
    this.byArn = new Map(streams.map((stream) => [stream.arn, stream]));
  }

  arnOf(table: string): string {
    const stream = this.streams.get(table);
    if (stream === undefined) throw new Error(`The table ${table} has no stream`);
    return stream.arn;
  }

  /** Until a record can be read. */
  get delayMs(): number {
    return this.lagMs;
  }

  set delayMs(milliseconds: number) {
    this.readableUntil();
    this.lagMs = milliseconds;
  }

  private readableUntil(): number {
    const latest = this.time.now - this.lagMs;
    const waiting = this.late.findIndex(({ at }) => at > latest);
    const count = waiting < 0 ? this.late.length : waiting;
    this.horizon = this.late[count - 1]?.number ?? this.horizon;
    if (count > 0) this.late = this.late.slice(count);
    return this.horizon;
  }

  /** A change that leaves the item as it was makes no record. */
  record(table: string, change: ItemChange): void {
    const { newImage, oldImage } = change;
    const stream = this.streams.get(table);
    if (stream === undefined) throw new Error(`The table ${table} has no stream`);
    if (newImage === undefined && oldImage === undefined) return;
    if (newImage && oldImage && isEqual({ M: newImage }, { M: oldImage })) return;
    this.closeOld(stream);
    const hash = hashOf(change.keys[stream.definition.partitionKey]);
    const shard = stream.shards.find((each) => isOpen(each) && hasHash(each, hash)) as Shard;
    const stored = this.stored(stream, change);
    shard.records.push(stored);
    this.late.push(stored);
  }

  /** Closes the shard and opens two, each with half of its hashes. @returns their ids */
  split(shardId: string): readonly [string, string] {
    for (const stream of this.byArn.values()) {
      this.closeOld(stream);
      const shard = stream.shards.find(({ id }) => id === shardId);
      if (shard === undefined) continue;
      if (!isOpen(shard)) throw new Error(`${shardId} is closed`);
      const [first, end] = shard.hashes;
      const middle = Math.ceil((first + end) / 2);
      this.close(shard, this.time.now);
      const halves = [[first, middle] as const, [middle, end] as const];
      const [left = '', right = ''] = halves.map((hashes) =>
        this.openShard(stream, { hashes, parentId: shardId, openedAt: this.time.now }),
      );
      return [left, right];
    }
    throw new Error(`There is no shard ${shardId}`);
  }

  /** Splits one of the open shards. */
  splitAny(table: string, drawn: number): void {
    const stream = this.byArn.get(this.arnOf(table)) as Stream;
    this.closeOld(stream);
    const open = stream.shards.filter(isOpen);
    this.split((open[drawn % open.length] as Shard).id);
  }

  /** @throws as the SDK would, or an Error for an operation that is not known */
  answer(command: object): object {
    if (command instanceof ListStreamsCommand) return this.list(command.input);
    if (command instanceof DescribeStreamCommand) return this.describe(command.input);
    if (command instanceof GetShardIteratorCommand) return this.iterator(command.input);
    if (command instanceof GetRecordsCommand) return this.records(command.input);
    throw new Error(`MemoryStreams does not know ${command.constructor.name}`);
  }

  private open(table: string, definition: StreamedTable, place: string): Stream {
    const { now } = this.time;
    const label = new Date(now).toISOString().replace('Z', '');
    const arn = `${place}:table/${table}/stream/${label}`;
    const stream: Stream = { arn, label, createdAt: now, table, definition, shards: [] };
    const { shardCount = 1 } = definition;
    for (let i = 0; i < shardCount; i++) {
      const border = (index: number) => Math.floor((HASHES * index) / shardCount);
      const hashes = [border(i), border(i + 1)] as const;
      this.openShard(stream, { hashes, parentId: undefined, openedAt: now });
    }
    return stream;
  }

  private openShard(
    stream: Stream,
    opening: Pick<Shard, 'hashes' | 'parentId' | 'openedAt'>,
  ): string {
    const milliseconds = String(opening.openedAt).padStart(20, '0');
    const id = `shardId-${milliseconds}-${(++this.shardCount).toString(16).padStart(8, '0')}`;
    stream.shards.push({ ...opening, id, first: ++this.sequence, records: [], trimmed: 0 });
    return id;
  }

  private close(shard: Shard, at: number): void {
    shard.closedAt = at;
    shard.last = ++this.sequence;
  }

  /** Shards are closed late, by the next call, but at the time at which AWS closes them. */
  private closeOld(stream: Stream): void {
    // A child can itself be old, and is then met later in this loop.
    for (const shard of stream.shards) {
      const closedAt = shard.openedAt + SHARD_MS;
      if (!isOpen(shard) || closedAt > this.time.now) continue;
      this.close(shard, closedAt);
      const { id: parentId, hashes } = shard;
      this.openShard(stream, { hashes, parentId, openedAt: closedAt });
    }
  }

  private trim(stream: Stream): void {
    this.closeOld(stream);
    const oldest = this.time.now - RETENTION_MS;
    stream.shards = stream.shards.filter(({ closedAt = oldest }) => closedAt >= oldest);
    for (const shard of stream.shards) {
      const kept = shard.records.findIndex(({ at }) => at >= oldest);
      const count = kept < 0 ? shard.records.length : kept;
      shard.trimmed = shard.records[count - 1]?.number ?? shard.trimmed;
      if (count > 0) shard.records = shard.records.slice(count);
    }
  }

  private stored(stream: Stream, change: ItemChange): Stored {
    const { now } = this.time;
    const { viewType = 'NEW_AND_OLD_IMAGES' } = stream.definition;
    const number = ++this.sequence;
    const images = structuredClone(imagesOf(change, viewType));
    const sizes = Object.values(images).map((image) => sizeOfMap(image as Item));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const shown = {
      eventID: createHash('md5').update(`${stream.arn} ${number}`).digest('hex'),
      eventName: eventOf(change),
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.region,
      dynamodb: {
        ApproximateCreationDateTime: new Date(Math.floor(now / 1000) * 1000),
        ...images,
        SequenceNumber: textOf(number),
        SizeBytes: bytes,
        StreamViewType: viewType,
      },
      ...(change.isExpiry && { userIdentity: TIME_TO_LIVE }),
    };
    return { number, at: now, bytes, shown: shown as _Record };
  }

  private list(input: ListStreamsInput): object {
    const { TableName, Limit = PAGE_MAX, ExclusiveStartStreamArn } = input;
    const all = [...this.byArn.values()].filter(({ table }) => table === (TableName ?? table));
    const { page, last } = paged(all, {
      limit: Limit,
      isStart: ({ arn }) => arn === ExclusiveStartStreamArn,
    });
    return {
      Streams: page.map(({ arn, table, label }) => ({
        StreamArn: arn,
        TableName: table,
        StreamLabel: label,
      })),
      ...(last && { LastEvaluatedStreamArn: last.arn }),
    };
  }

  private describe(input: DescribeStreamInput): object {
    const { Limit = PAGE_MAX, ExclusiveStartShardId, ShardFilter } = input;
    const stream = this.stream(input.StreamArn);
    const { viewType = 'NEW_AND_OLD_IMAGES' } = stream.definition;
    const all = stream.shards.filter(
      ({ parentId }) => ShardFilter === undefined || parentId === ShardFilter.ShardId,
    );
    const { page, last } = paged(all, {
      limit: Limit,
      isStart: ({ id }) => id === ExclusiveStartShardId,
    });
    return {
      StreamDescription: {
        StreamArn: stream.arn,
        StreamLabel: stream.label,
        StreamStatus: 'ENABLED',
        StreamViewType: viewType,
        CreationRequestDateTime: new Date(stream.createdAt),
        TableName: stream.table,
        KeySchema: keySchemaOf(stream.definition),
        Shards: page.map(described),
        ...(last && { LastEvaluatedShardId: last.id }),
      },
    };
  }

  private stream(arn = ''): Stream {
    const found = this.byArn.get(arn);
    if (found === undefined) throw notFound(`Stream ${arn}`);
    this.trim(found);
    return found;
  }

  private shard({ shards }: Stream, shardId = ''): Shard {
    const found = shards.find(({ id }) => id === shardId);
    if (found === undefined) throw notFound(`Shard ${shardId}`);
    return found;
  }

  private iterator(input: GetShardIteratorInput): object {
    const stream = this.stream(input.StreamArn);
    const shard = this.shard(stream, input.ShardId);
    return {
      ShardIterator: iteratorOf({
        arn: stream.arn,
        shardId: shard.id,
        number: this.startOf(shard, input),
        issuedAt: this.time.now,
        emptyPages: this.emptyPages,
      }),
    };
  }

  /** Records that cannot be read yet are not in the shard for a reader who begins at the latest. */
  private startOf(shard: Shard, { ShardIteratorType, SequenceNumber }: GetShardIteratorInput) {
    if (ShardIteratorType === 'TRIM_HORIZON') return shard.trimmed + 1;
    if (ShardIteratorType === 'LATEST') {
      const horizon = this.readableUntil();
      return shard.records.find(({ number }) => number > horizon)?.number ?? this.sequence + 1;
    }
    const number = numberIn(SequenceNumber);
    const isInShard = number >= shard.first && number <= (shard.last ?? this.sequence);
    if (!isInShard) throw invalid('The sequence number is not of this shard');
    if (number <= shard.trimmed) throw trimmed();
    return ShardIteratorType === 'AT_SEQUENCE_NUMBER' ? number : number + 1;
  }

  private records({ ShardIterator = '', Limit = RECORDS_MAX }: GetRecordsInput): object {
    if (Limit > RECORDS_MAX) throw new LimitExceededException(optionsOf('At most 1000 records'));
    if (Limit < 1) throw invalid('The limit is below 1');
    const position = positionIn(ShardIterator);
    const { now } = this.time;
    if (now - position.issuedAt >= ITERATOR_MS) {
      throw new ExpiredIteratorException(optionsOf('Iterator expired'));
    }
    const shard = this.shard(this.stream(position.arn), position.shardId);
    if (position.number <= shard.trimmed) throw trimmed();
    if (position.emptyPages > 0) {
      const emptyPages = position.emptyPages - 1;
      return {
        Records: [],
        NextShardIterator: iteratorOf({ ...position, issuedAt: now, emptyPages }),
      };
    }
    const left = shard.records.filter(({ number }) => number >= position.number);
    const page = readPage(left, { limit: Limit, horizon: this.readableUntil() });
    const number = (page.at(-1)?.number ?? position.number - 1) + 1;
    const isEnd = !isOpen(shard) && page.length === left.length;
    return {
      Records: page.map(({ shown }) => shown),
      ...(!isEnd && { NextShardIterator: iteratorOf({ ...position, number, issuedAt: now }) }),
    };
  }
}

const TIME_TO_LIVE = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };

const isOpen = ({ closedAt }: Shard): boolean => closedAt === undefined;

const hasHash = ({ hashes: [first, end] }: Shard, hash: number): boolean =>
  hash >= first && hash < end;

function hashOf(key: AttributeValue | undefined): number {
  if (key === undefined) throw new Error('The keys of a change have no partition key');
  return createHash('md5').update(JSON.stringify(key)).digest().readUInt32BE();
}

function eventOf({ newImage, oldImage }: ItemChange): string {
  if (newImage === undefined) return 'REMOVE';
  return oldImage === undefined ? 'INSERT' : 'MODIFY';
}

function imagesOf({ keys, newImage, oldImage }: ItemChange, viewType: StreamViewType) {
  const isBoth = viewType === 'NEW_AND_OLD_IMAGES';
  const hasNew = newImage !== undefined && (isBoth || viewType === 'NEW_IMAGE');
  const hasOld = oldImage !== undefined && (isBoth || viewType === 'OLD_IMAGE');
  return {
    Keys: keys,
    ...(hasNew && { NewImage: newImage }),
    ...(hasOld && { OldImage: oldImage }),
  };
}

function keySchemaOf({ partitionKey, sortKey }: StreamedTable) {
  const hash = { AttributeName: partitionKey, KeyType: 'HASH' };
  return sortKey === undefined ? [hash] : [hash, { AttributeName: sortKey, KeyType: 'RANGE' }];
}

function described({ id, parentId, first, last }: Shard): ShardDescription {
  return {
    ShardId: id,
    SequenceNumberRange: {
      StartingSequenceNumber: textOf(first),
      ...(last !== undefined && { EndingSequenceNumber: textOf(last) }),
    },
    ...(parentId !== undefined && { ParentShardId: parentId }),
  };
}

interface PageInput<T> {
  readonly limit: number;
  /** The last one of the page before. */
  readonly isStart: (each: T) => boolean;
}

function paged<T>(all: readonly T[], { limit, isStart }: PageInput<T>) {
  if (limit < 1 || limit > PAGE_MAX) throw invalid(`The limit is not between 1 and ${PAGE_MAX}`);
  const begin = all.findIndex(isStart) + 1;
  const page = all.slice(begin, begin + limit);
  return { page, last: begin + limit < all.length ? page.at(-1) : undefined };
}

/** Up to the limits of count and size, but at least one if it can be read. */
function readPage(left: readonly Stored[], limits: { limit: number; horizon: number }): Stored[] {
  const page: Stored[] = [];
  let bytes = 0;
  for (const record of left) {
    bytes += record.bytes;
    const isFull = page.length === limits.limit || (page.length > 0 && bytes > RECORDS_BYTES_MAX);
    if (isFull || record.number > limits.horizon) break;
    page.push(record);
  }
  return page;
}

/** Sequence numbers have at least 21 digits. */
const textOf = (number: number): string => `1${String(number).padStart(20, '0')}`;

function numberIn(text = ''): number {
  if (!/^1\d{20}$/.test(text)) throw invalid('It is no sequence number');
  return Number(text.slice(1));
}

function iteratorOf({ arn, shardId, number, issuedAt, emptyPages }: Position): string {
  return [arn, shardId, number, issuedAt, emptyPages].join('|');
}

function positionIn(iterator: string): Position {
  const [arn = '', shardId = '', ...numbers] = iterator.split('|');
  const [number = Number.NaN, issuedAt = Number.NaN, emptyPages = Number.NaN] = numbers.map(Number);
  if (Number.isNaN(emptyPages)) throw invalid('Invalid ShardIterator');
  return { arn, shardId, number, issuedAt, emptyPages };
}

const optionsOf = (message: string) => ({ message, $metadata: { httpStatusCode: 400 } });

const notFound = (what: string) =>
  new ResourceNotFoundException(optionsOf(`Requested resource not found: ${what} not found`));

const trimmed = () =>
  new TrimmedDataAccessException(optionsOf('The requested data was trimmed after 24 hours'));

const invalid = (message: string) =>
  new DynamoDBStreamsServiceException({
    name: 'ValidationException',
    $fault: 'client',
    ...optionsOf(message),
  });
