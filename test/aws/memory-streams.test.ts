/**
 * The rules of https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html (images,
 * shards and their parents, 24 hours, no record without a change), of
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html, and
 * of API_streams_DescribeStream, API_streams_GetShardIterator and API_streams_GetRecords below
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/.
 */

import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  type DescribeStreamCommandInput,
  type DescribeStreamCommandOutput,
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  LimitExceededException,
  ListStreamsCommand,
  type ListStreamsCommandOutput,
  ResourceNotFoundException,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ItemChange, MemoryStreams, type StreamedTable } from './memory-streams.ts';
import { VirtualTime } from './virtual-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Item sizes count no record's own bytes, so that four of these fit into 1 MB. */
const LARGE = 'x'.repeat(250_000);

const insertion = (id: string, value = '', keys = { id: { S: id } }): ItemChange => ({
  keys,
  newImage: { ...keys, value: { S: value } },
});

class Bench {
  readonly time = new VirtualTime(Date.UTC(2026, 0, 1));
  readonly streams: MemoryStreams;
  readonly arn: string;

  constructor(definition: Omit<StreamedTable, 'partitionKey'> = {}) {
    const tables = { rows: { partitionKey: 'id', ...definition } };
    this.streams = new MemoryStreams({ time: this.time, tables });
    const { Streams } = this.streams.answer(new ListStreamsCommand()) as ListStreamsCommandOutput;
    this.arn = Streams?.[0]?.StreamArn ?? '';
  }

  record(id: string, value = ''): void {
    this.streams.record('rows', insertion(id, value));
  }

  describe(rest: Partial<DescribeStreamCommandInput> = {}) {
    const command = new DescribeStreamCommand({ StreamArn: this.arn, ...rest });
    const { StreamDescription } = this.streams.answer(command) as DescribeStreamCommandOutput;
    return StreamDescription ?? {};
  }

  /** From all pages. */
  shards(): Shard[] {
    const all: Shard[] = [];
    let page = this.describe({ Limit: 3 });
    all.push(...(page.Shards ?? []));
    while (page.LastEvaluatedShardId !== undefined) {
      page = this.describe({ Limit: 3, ExclusiveStartShardId: page.LastEvaluatedShardId });
      all.push(...(page.Shards ?? []));
    }
    return all;
  }

  shardId(index = 0): string {
    return this.shards()[index]?.ShardId ?? '';
  }

  iterator(rest: Partial<GetShardIteratorCommandInput> = {}): string {
    const command = new GetShardIteratorCommand({
      StreamArn: this.arn,
      ShardId: rest.ShardId ?? this.shardId(),
      ShardIteratorType: 'TRIM_HORIZON',
      ...rest,
    });
    return (this.streams.answer(command) as { ShardIterator: string }).ShardIterator;
  }

  get(ShardIterator: string | undefined, Limit?: number): GetRecordsCommandOutput {
    const command = new GetRecordsCommand({ ShardIterator, ...(Limit !== undefined && { Limit }) });
    return this.streams.answer(command) as GetRecordsCommandOutput;
  }

  ids(rest: Partial<GetShardIteratorCommandInput> = {}): (string | undefined)[] {
    return idsOf(this.get(this.iterator(rest)));
  }

  pass(milliseconds: number): Promise<void> {
    return this.time.runUntil(this.time.now + milliseconds);
  }
}

const idsOf = ({ Records = [] }: GetRecordsCommandOutput) =>
  Records.map(({ dynamodb }) => dynamodb?.Keys?.id?.S);

describe('a record', () => {
  const keys = { id: { S: 'a' } };
  const [before, after] = [
    { ...keys, n: { N: '1' } },
    { ...keys, n: { N: '2' } },
  ];
  const recorded = (viewType: StreamedTable['viewType'], change: Omit<ItemChange, 'keys'>) => {
    const bench = new Bench(viewType && { viewType });
    bench.streams.record('rows', { keys, ...change });
    return bench.get(bench.iterator()).Records?.[0];
  };

  it.each([
    ['KEYS_ONLY', { Keys: keys }],
    ['NEW_IMAGE', { Keys: keys, NewImage: after }],
    ['OLD_IMAGE', { Keys: keys, OldImage: before }],
    ['NEW_AND_OLD_IMAGES', { Keys: keys, NewImage: after, OldImage: before }],
  ] as const)('has %s', (viewType, images) => {
    const record = recorded(viewType, { newImage: after, oldImage: before });
    const { Keys, NewImage, OldImage } = record?.dynamodb ?? {};
    expect({ Keys, NewImage, OldImage }).toEqual({
      NewImage: undefined,
      OldImage: undefined,
      ...images,
    });
    expect(record?.dynamodb?.StreamViewType).toBe(viewType);
  });

  it.each([
    ['INSERT', { newImage: after }],
    ['MODIFY', { newImage: after, oldImage: before }],
    ['REMOVE', { oldImage: before }],
  ])('is an event: %s', (eventName, change) => {
    expect(recorded(undefined, change)).toMatchObject({ eventName, eventSource: 'aws:dynamodb' });
  });

  it('is not made when nothing changes', () => {
    expect(recorded(undefined, { newImage: before, oldImage: { ...before } })).toBeUndefined();
    expect(recorded(undefined, {})).toBeUndefined();
  });

  it('of an expiry names the service', () => {
    const record = recorded(undefined, { oldImage: before, isExpiry: true });
    expect(record?.userIdentity).toEqual({
      Type: 'Service',
      PrincipalId: 'dynamodb.amazonaws.com',
    });
  });

  it('keeps the images that it had', () => {
    const bench = new Bench();
    const newImage = { ...keys, list: { L: [{ S: 'x' }] } };
    bench.streams.record('rows', { keys, newImage });
    newImage.list.L.push({ S: 'y' });
    const [record] = bench.get(bench.iterator()).Records ?? [];
    expect(record?.dynamodb?.NewImage?.list).toEqual({ L: [{ S: 'x' }] });
  });
});

describe('a shard iterator', () => {
  const sequenceOf = ({ Records = [] }: GetRecordsCommandOutput, index: number) =>
    Records[index]?.dynamodb?.SequenceNumber;

  it('begins at the oldest, at the latest, at or after a number', () => {
    const bench = new Bench();
    for (const id of ['a', 'b', 'c']) bench.record(id);
    const SequenceNumber = sequenceOf(bench.get(bench.iterator()), 1);
    const latest = bench.iterator({ ShardIteratorType: 'LATEST' });
    expect(bench.ids()).toEqual(['a', 'b', 'c']);
    expect(bench.ids({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })).toEqual([
      'b',
      'c',
    ]);
    expect(bench.ids({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber })).toEqual([
      'c',
    ]);
    expect(idsOf(bench.get(latest))).toEqual([]);
    bench.record('d');
    expect(idsOf(bench.get(latest))).toEqual(['d']);
  });

  it('expires after 15 minutes, the next one 15 minutes later', async () => {
    const bench = new Bench();
    const iterator = bench.iterator();
    await bench.pass(15 * MINUTE - 1);
    const { NextShardIterator } = bench.get(iterator);
    await bench.pass(1);
    expect(() => bench.get(iterator)).toThrow(ExpiredIteratorException);
    bench.get(NextShardIterator);
  });

  it('is refused for a number of another shard, and without one', () => {
    const bench = new Bench();
    const at = (SequenceNumber?: string) => () =>
      bench.iterator({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber });
    const isInvalid = expect.objectContaining({ name: 'ValidationException', $fault: 'client' });
    expect(at('1'.repeat(21))).toThrow(isInvalid);
    expect(at()).toThrow(isInvalid);
    expect(() => bench.get('x')).toThrow(isInvalid);
  });
});

describe('reading records', () => {
  it('gives pages of the limit', () => {
    const bench = new Bench();
    for (const id of ['a', 'b', 'c']) bench.record(id);
    const first = bench.get(bench.iterator(), 2);
    expect(idsOf(first)).toEqual(['a', 'b']);
    expect(idsOf(bench.get(first.NextShardIterator, 2))).toEqual(['c']);
  });

  it('gives at most 1,000 records', () => {
    const bench = new Bench();
    for (let i = 0; i < 1001; i++) bench.record(`${i}`);
    expect(bench.ids()).toHaveLength(1000);
    expect(() => bench.get(bench.iterator(), 1001)).toThrow(LimitExceededException);
  });

  it('gives at most 1 MB', () => {
    const bench = new Bench();
    for (const id of ['a', 'b', 'c', 'd', 'e']) bench.record(id, LARGE);
    expect(bench.ids()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives empty pages that lead on', () => {
    const bench = new Bench();
    bench.record('a');
    bench.streams.emptyPages = 2;
    let page = bench.get(bench.iterator());
    for (const _ of [1, 2]) {
      expect(page.Records).toEqual([]);
      page = bench.get(page.NextShardIterator);
    }
    expect(idsOf(page)).toEqual(['a']);
    page = bench.get(page.NextShardIterator);
    expect(page.Records).toEqual([]);
    bench.record('b');
    expect(idsOf(bench.get(page.NextShardIterator))).toEqual(['b']);
  });

  it('waits for the delay', async () => {
    const bench = new Bench();
    bench.record('a');
    bench.streams.delayMs = MINUTE;
    bench.record('b');
    expect(bench.ids()).toEqual(['a']);
    const latest = bench.iterator({ ShardIteratorType: 'LATEST' });
    await bench.pass(MINUTE - 1);
    expect(idsOf(bench.get(latest))).toEqual([]);
    await bench.pass(1);
    expect(idsOf(bench.get(latest))).toEqual(['b']);
    bench.streams.delayMs = HOUR;
    expect(bench.ids()).toEqual(['a', 'b']);
    bench.record('c');
    await bench.pass(MINUTE);
    expect(bench.ids()).toEqual(['a', 'b']);
    bench.streams.delayMs = 0;
    expect(bench.ids()).toEqual(['a', 'b', 'c']);
  });

  it('of a closed shard ends with its last record, even if that is late', async () => {
    const bench = new Bench();
    bench.record('a');
    bench.streams.delayMs = MINUTE;
    bench.record('b');
    bench.streams.split(bench.shardId());
    const first = bench.get(bench.iterator());
    expect(idsOf(first)).toEqual(['a']);
    await bench.pass(MINUTE);
    const second = bench.get(first.NextShardIterator);
    expect(idsOf(second)).toEqual(['b']);
    expect(second.NextShardIterator).toBeUndefined();
  });
});

describe('retention', () => {
  it('ends after 24 hours', async () => {
    const bench = new Bench();
    bench.record('a');
    await bench.pass(HOUR);
    bench.record('b');
    const SequenceNumber = bench.get(bench.iterator()).Records?.[0]?.dynamodb?.SequenceNumber;
    await bench.pass(23 * HOUR);
    expect(bench.ids()).toEqual(['a', 'b']);
    const old = bench.iterator();
    const exact = bench.iterator({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber });
    await bench.pass(1);
    expect(bench.ids()).toEqual(['b']);
    expect(() => bench.get(old)).toThrow(TrimmedDataAccessException);
    expect(() => bench.get(exact)).toThrow(TrimmedDataAccessException);
    const at = () => bench.iterator({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber });
    expect(at).toThrow(TrimmedDataAccessException);
  });

  it('removes a closed shard, whose children still name it', async () => {
    const bench = new Bench();
    const parent = bench.shardId();
    bench.streams.split(parent);
    await bench.pass(24 * HOUR);
    expect(bench.shardId()).toBe(parent);
    await bench.pass(1);
    expect(bench.shards().map(({ ShardId }) => ShardId)).not.toContain(parent);
    expect(bench.shards()[0]?.ParentShardId).toBe(parent);
    expect(() => bench.iterator({ ShardId: parent })).toThrow(ResourceNotFoundException);
  });
});

describe('shards', () => {
  const isBefore = (one: string | undefined, other: string | undefined) =>
    BigInt(one ?? 0) < BigInt(other ?? 0);

  it('close after four hours and have one child each', async () => {
    const bench = new Bench({ shardCount: 2 });
    bench.record('a');
    await bench.pass(4 * HOUR - 1);
    bench.record('b');
    expect(bench.shards()).toHaveLength(2);
    await bench.pass(1);
    bench.record('c');
    const shards = bench.shards();
    expect(shards).toHaveLength(4);
    for (const [index, parent] of shards.slice(0, 2).entries()) {
      const child = shards[index + 2];
      expect(child?.ParentShardId).toBe(parent.ShardId);
      const { EndingSequenceNumber: end } = parent.SequenceNumberRange ?? {};
      expect(isBefore(end, child?.SequenceNumberRange?.StartingSequenceNumber)).toBe(true);
      expect(child?.SequenceNumberRange?.EndingSequenceNumber).toBeUndefined();
    }
  });

  it('have a line of descendants after a long time without calls', async () => {
    const bench = new Bench();
    await bench.pass(13 * HOUR);
    const shards = bench.shards();
    expect(shards).toHaveLength(4);
    const parents = shards.map(({ ParentShardId }) => ParentShardId);
    expect(parents).toEqual([undefined, ...shards.slice(0, 3).map(({ ShardId }) => ShardId)]);
  });

  it('split into two halves', () => {
    const bench = new Bench();
    const parent = bench.shardId();
    const children = bench.streams.split(parent);
    const filter = { Type: 'CHILD_SHARDS', ShardId: parent } as const;
    const found = bench.describe({ ShardFilter: filter }).Shards?.map(({ ShardId }) => ShardId);
    expect(found).toEqual([...children]);
    for (let i = 0; i < 50; i++) bench.record(`${i}`);
    const counts = children.map((ShardId) => bench.ids({ ShardId }).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(50);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(() => bench.streams.split(parent)).toThrow(/closed/);
  });

  it('are described with the stream', () => {
    const bench = new Bench({ sortKey: 'at', viewType: 'KEYS_ONLY' });
    expect(bench.describe()).toMatchObject({
      StreamArn: bench.arn,
      StreamStatus: 'ENABLED',
      StreamViewType: 'KEYS_ONLY',
      TableName: 'rows',
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
    });
    expect(() => bench.describe({ StreamArn: 'x' })).toThrow(ResourceNotFoundException);
  });
});

it('streams are listed by table and in pages', () => {
  const time = new VirtualTime(0);
  const tables = { a: { partitionKey: 'id' }, b: { partitionKey: 'id' } };
  const streams = new MemoryStreams({ time, tables });
  const list = (input = {}) =>
    streams.answer(new ListStreamsCommand(input)) as ListStreamsCommandOutput;
  expect(list({ TableName: 'b' }).Streams).toMatchObject([{ TableName: 'b' }]);
  const first = list({ Limit: 1 });
  expect(first.Streams).toMatchObject([{ TableName: 'a' }]);
  const second = list({ Limit: 1, ExclusiveStartStreamArn: first.LastEvaluatedStreamArn });
  expect(second.Streams).toMatchObject([{ TableName: 'b' }]);
  expect(second.LastEvaluatedStreamArn).toBeUndefined();
});

it('an operation that is not known is named', () => {
  const { streams } = new Bench();
  expect(() => streams.answer(new ListTablesCommand())).toThrow(/ListTablesCommand/);
  expect(() => streams.record('other', insertion('a'))).toThrow(/other/);
});

/** Reads each shard after its parent, as the documentation asks for. */
class Reader {
  readonly read: _Record[] = [];
  private readonly bench: Bench;
  private readonly iterators = new Map<string, string>();
  private readonly done = new Set<string>();

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** One page of every shard that can be read. */
  turn(limit: number): void {
    for (const { ShardId = '', ParentShardId } of this.bench.shards()) {
      const isReady = ParentShardId === undefined || this.done.has(ParentShardId);
      if (!isReady || this.done.has(ShardId)) continue;
      const iterator = this.iterators.get(ShardId) ?? this.bench.iterator({ ShardId });
      const { Records = [], NextShardIterator } = this.bench.get(iterator, limit);
      this.read.push(...Records);
      if (NextShardIterator === undefined) this.done.add(ShardId);
      else this.iterators.set(ShardId, NextShardIterator);
    }
  }
}

const DELAY_MAX = 3 * MINUTE;
const TURN_MS = 14 * MINUTE;

type Step =
  | { readonly write: string }
  | { readonly limit: number }
  | { readonly split: number }
  | { readonly delayMs: number }
  | { readonly pass: number }
  | { readonly emptyPages: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ write: fc.constantFrom(...'abcdefgh') }) },
    { weight: 3, arbitrary: fc.record({ limit: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ split: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ delayMs: fc.nat(DELAY_MAX) }) },
    { weight: 2, arbitrary: fc.record({ pass: fc.nat(5 * HOUR) }) },
    { weight: 1, arbitrary: fc.record({ emptyPages: fc.nat(2) }) },
  ),
  { maxLength: 150 },
);

interface Row {
  readonly id: string;
  readonly value: string;
}

/** Does the steps of a course. */
class Run {
  readonly written: Row[] = [];
  readonly reader: Reader;
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
    this.reader = new Reader(bench);
  }

  async do(step: Step): Promise<void> {
    if ('write' in step) this.write(step.write);
    else if ('limit' in step) this.reader.turn(step.limit);
    else if ('delayMs' in step) this.bench.streams.delayMs = step.delayMs;
    else if ('emptyPages' in step) this.bench.streams.emptyPages = step.emptyPages;
    else if ('split' in step) this.split(step.split);
    else await this.pass(step.pass);
  }

  /** In turns, since an iterator expires and a record is trimmed. */
  private async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= TURN_MS) {
      await this.bench.pass(Math.min(left, TURN_MS));
      this.reader.turn(1000);
    }
  }

  private write(id: string): void {
    const row = { id, value: `${this.written.length}` };
    this.written.push(row);
    this.bench.record(row.id, row.value);
  }

  private split(which: number): void {
    const open = this.bench
      .shards()
      .filter(({ SequenceNumberRange }) => !SequenceNumberRange?.EndingSequenceNumber);
    this.bench.streams.split(open[which % open.length]?.ShardId ?? '');
  }

  /** Until nothing more can come. */
  async finish(): Promise<Row[]> {
    await this.bench.pass(DELAY_MAX);
    const turns = 4 * this.bench.shards().length;
    for (let turn = 0; turn < turns; turn++) this.reader.turn(1000);
    return this.reader.read.map(({ dynamodb }) => ({
      id: dynamodb?.Keys?.id?.S ?? '',
      value: dynamodb?.NewImage?.value?.S ?? '',
    }));
  }
}

it('every record is read once, and in the order of its key, over splits, closings and delays', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (course, shardCount) => {
      const run = new Run(new Bench({ shardCount }));
      for (const step of course) await run.do(step);
      const read = await run.finish();
      const byKey = (rows: readonly Row[]) => Map.groupBy(rows, ({ id }) => id);
      expect(byKey(read)).toEqual(byKey(run.written));
    }),
    { numRuns: 50 },
  );
});
