import {
  DescribeStreamCommand,
  type DescribeStreamCommandOutput,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountsStream } from '../../../lambda/aws/accounts-stream.ts';
import { StreamLostError } from '../../../lambda/aws/changed-row.ts';
import { TABLES } from '../../../lib/names.ts';
import { clientOf } from '../../aws/client.ts';
import { MemoryStreams } from '../../aws/memory-streams.ts';
import { VirtualTime } from '../../aws/virtual-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** So many that each of a few shards has some. */
const ACCOUNTS = [...'abcdefghijklmnopqrstuvwxyz'];

interface Row {
  readonly accountId: string;
  readonly item: string;
}

interface Heard extends Row {
  readonly shardId: string;
}

type Fate = 'not sent' | 'not answered' | undefined;

/** A stream that is written to, and its reader. */
class Bench {
  readonly time = new VirtualTime(Date.UTC(2026, 0, 1));
  readonly streams: MemoryStreams;
  readonly stream: AccountsStream;
  readonly written: Row[] = [];
  readonly heard: Heard[] = [];
  readonly calls: object[] = [];
  /** Decides the fate of the call with that number, counted from 0. */
  fateOf: (call: number, command: object) => Fate = () => undefined;
  /** Shards that the list of shards lacks. */
  readonly unlisted = new Set<string>();

  constructor(shardCount = 1) {
    const { partitionKey, sortKey } = TABLES.accounts;
    this.streams = new MemoryStreams({
      time: this.time,
      tables: { accounts: { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount } },
    });
    const client = clientOf(DynamoDBStreamsClient, (command) => this.send(command));
    this.stream = new AccountsStream(client, this.streams.arnOf('accounts'));
  }

  private async send(command: object): Promise<object> {
    const fate = this.fateOf(this.calls.length, command);
    this.calls.push(command);
    if (fate === 'not sent') throw new Error('not sent');
    const answer = this.streams.answer(command) as DescribeStreamCommandOutput;
    if (fate === 'not answered') throw new Error('not answered');
    return command instanceof DescribeStreamCommand ? this.listed(answer) : answer;
  }

  private listed({ StreamDescription }: DescribeStreamCommandOutput): object {
    const { Shards = [] } = StreamDescription ?? {};
    const listed = Shards.filter(({ ShardId = '' }) => !this.unlisted.has(ShardId));
    return { StreamDescription: { ...StreamDescription, Shards: listed } };
  }

  write(...accountIds: readonly string[]): void {
    for (const accountId of accountIds) {
      const row = { accountId, item: `${this.written.length}` };
      this.written.push(row);
      const keys = { accountId: { S: accountId }, item: { S: row.item } };
      this.streams.record('accounts', { keys, newImage: keys });
    }
  }

  read(shardIds: readonly string[] = this.stream.shardIds): Promise<void> {
    return this.stream.read(shardIds, (row, shardId) => this.heard.push({ ...row, shardId }));
  }

  async readTimes(times: number): Promise<void> {
    for (let time = 0; time < times; time++) await this.read();
  }

  pass(milliseconds: number): Promise<void> {
    return this.time.runUntil(this.time.now + milliseconds);
  }

  /** Those that take what is written now. */
  openShards(): string[] {
    const shards: string[] = [];
    let last: string | undefined;
    do {
      const StreamArn = this.streams.arnOf('accounts');
      const command = new DescribeStreamCommand({ StreamArn, ExclusiveStartShardId: last });
      const { StreamDescription } = this.streams.answer(command) as DescribeStreamCommandOutput;
      for (const { ShardId = '', SequenceNumberRange } of StreamDescription?.Shards ?? []) {
        if (SequenceNumberRange?.EndingSequenceNumber === undefined) shards.push(ShardId);
      }
      last = StreamDescription?.LastEvaluatedShardId;
    } while (last !== undefined);
    return shards;
  }

  countOf(kind: new (input: never) => object): number {
    return this.calls.filter((each) => each instanceof kind).length;
  }
}

const itemsOf = (rows: readonly Row[]) => rows.map(({ item }) => item);

/** The order of two accounts is that of their shards, and means nothing. */
const byAccount = (rows: readonly Row[]) =>
  Object.fromEntries(
    ACCOUNTS.map((id) => [id, itemsOf(rows.filter(({ accountId }) => accountId === id))]),
  );

async function opened(shardCount = 1): Promise<Bench> {
  const bench = new Bench(shardCount);
  await bench.stream.open();
  return bench;
}

describe('the accounts table’s stream', () => {
  it('begins at the end', async () => {
    const bench = new Bench(3);
    bench.write(...ACCOUNTS);
    await bench.stream.open();
    expect(bench.stream.shardIds).toEqual(bench.openShards());
    await bench.read();
    expect(bench.heard).toEqual([]);
    bench.write(...ACCOUNTS);
    await bench.read();
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written.slice(ACCOUNTS.length)));
  });

  it('begins at the end again when it is opened again', async () => {
    const bench = await opened(2);
    bench.write(...ACCOUNTS);
    bench.streams.split(bench.openShards()[0] ?? '');
    bench.write(...ACCOUNTS);
    await bench.stream.open();
    expect(bench.stream.shardIds).toEqual(bench.openShards());
    expect(bench.stream.isWhole).toBe(true);
    await bench.read();
    expect(bench.heard).toEqual([]);
  });

  it('leaves out shards that had ended before', async () => {
    const bench = new Bench(2);
    const [first = ''] = bench.openShards();
    bench.streams.split(bench.streams.split(first)[0]);
    bench.write(...ACCOUNTS);
    await bench.stream.open();
    expect(bench.stream.shardIds).toEqual(bench.openShards());
    await bench.readTimes(3);
    expect(bench.heard).toEqual([]);
    bench.write(...ACCOUNTS);
    await bench.read();
    expect(bench.heard).toHaveLength(ACCOUNTS.length);
  });

  it('is not whole before it is opened', () => {
    expect(new Bench().stream.isWhole).toBe(false);
  });

  it('tells each change once, with its shard, and in the order of its key', async () => {
    const bench = await opened(4);
    for (const turn of [1, 2, 3]) {
      bench.write(...ACCOUNTS, ...ACCOUNTS.slice(turn));
      await bench.readTimes(turn);
    }
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
    const shardsOf = Map.groupBy(bench.heard, ({ accountId }) => accountId);
    for (const rows of shardsOf.values()) {
      expect(new Set(rows.map(({ shardId }) => shardId)).size).toBe(1);
    }
    expect(new Set(bench.heard.map(({ shardId }) => shardId))).toEqual(new Set(bench.openShards()));
  });

  it('is read in the shards that are asked for, one page each', async () => {
    const bench = await opened(2);
    bench.write(...ACCOUNTS);
    const [first = '', second = ''] = bench.openShards();
    await bench.read([second]);
    expect(new Set(bench.heard.map(({ shardId }) => shardId))).toEqual(new Set([second]));
    await bench.read([first]);
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
    await bench.read(['of another stream']);
    expect(bench.countOf(GetRecordsCommand)).toBe(2);
  });

  it('goes on over empty pages', async () => {
    const bench = new Bench();
    bench.streams.emptyPages = 3;
    await bench.stream.open();
    bench.write('a');
    await bench.readTimes(3);
    expect(bench.heard).toEqual([]);
    await bench.read();
    expect(itemsOf(bench.heard)).toEqual(['0']);
  });

  it('gives pages of 1,000', async () => {
    const bench = await opened();
    bench.write(...Array.from({ length: 2500 }, (_, number) => `${number % 7}`));
    for (const count of [1000, 2000, 2500, 2500]) {
      await bench.read();
      expect(bench.heard).toHaveLength(count);
    }
    expect(itemsOf(bench.heard)).toEqual(itemsOf(bench.written));
  });

  it('tells what is late when it comes', async () => {
    const bench = await opened();
    bench.streams.delayMs = MINUTE;
    bench.write('a');
    await bench.read();
    expect(bench.heard).toEqual([]);
    await bench.pass(MINUTE);
    await bench.read();
    expect(itemsOf(bench.heard)).toEqual(['0']);
  });

  it('tells the changes of all shards but the one that fails', async () => {
    const bench = await opened(3);
    bench.write(...ACCOUNTS);
    const before = bench.calls.length;
    bench.fateOf = (call) => (call === before + 1 ? 'not answered' : undefined);
    await expect(bench.read()).rejects.toThrow('not answered');
    const [first = '', failed = '', third = ''] = bench.openShards();
    expect(new Set(bench.heard.map(({ shardId }) => shardId))).toEqual(new Set([first, third]));
    await bench.read([failed]);
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('of many shards is described in pages of 100', async () => {
    const bench = await opened(250);
    expect(bench.countOf(DescribeStreamCommand)).toBe(3);
    expect(bench.stream.shardIds).toEqual(bench.openShards());
    bench.streams.split(bench.openShards()[249] ?? '');
    const accounts = Array.from({ length: 2000 }, (_, number) => `account-${number}`);
    bench.write(...accounts);
    await bench.readTimes(2);
    expect(bench.stream.shardIds).toHaveLength(251);
    expect(new Set(bench.stream.shardIds)).toEqual(new Set(bench.openShards()));
    expect(new Set(itemsOf(bench.heard))).toEqual(new Set(itemsOf(bench.written)));
    expect(bench.heard).toHaveLength(accounts.length);
  });
});

describe('a shard that has ended', () => {
  it('by a split is followed to its children, from their beginning', async () => {
    const bench = await opened();
    bench.write(...ACCOUNTS);
    const [parent = ''] = bench.openShards();
    const children = bench.streams.split(parent);
    bench.write(...ACCOUNTS);
    await bench.read();
    expect(bench.stream.shardIds).toEqual([...children]);
    expect(bench.stream.isWhole).toBe(true);
    expect(itemsOf(bench.heard)).toEqual(itemsOf(bench.written.slice(0, ACCOUNTS.length)));
    await bench.read();
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
    expect(new Set(bench.heard.map(({ shardId }) => shardId))).toEqual(
      new Set([parent, ...children]),
    );
  });

  it('by its age is followed to its child', async () => {
    const bench = new Bench(2);
    await bench.pass(4 * HOUR - 1);
    await bench.stream.open();
    bench.write(...ACCOUNTS);
    await bench.pass(1);
    bench.write(...ACCOUNTS);
    const before = bench.stream.shardIds;
    await bench.read();
    expect(bench.stream.shardIds).toEqual(bench.openShards());
    expect(before.filter((shardId) => bench.stream.shardIds.includes(shardId))).toEqual([]);
    await bench.read();
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('is followed to its grandchildren, which had ended too', async () => {
    const bench = await opened();
    let [shard = ''] = bench.openShards();
    for (const _ of [1, 2, 3]) {
      bench.write(...ACCOUNTS);
      [shard] = bench.streams.split(shard);
    }
    bench.write(...ACCOUNTS);
    await bench.readTimes(4);
    expect(new Set(bench.stream.shardIds)).toEqual(new Set(bench.openShards()));
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('is read to its end before its children, even if that takes several pages', async () => {
    const bench = await opened();
    const children = bench.streams.split(bench.openShards()[0] ?? '');
    bench.write(...Array.from({ length: 1500 }, () => 'a'));
    for (const child of children) bench.streams.split(child);
    bench.write('a');
    await bench.readTimes(4);
    expect(new Set(bench.stream.shardIds)).toEqual(new Set(bench.openShards()));
    expect(itemsOf(bench.heard)).toEqual(itemsOf(bench.written));
  });

  it('is read to its end before its children, even if its last record is late', async () => {
    const bench = await opened();
    bench.streams.delayMs = MINUTE;
    bench.write('a');
    const [parent = ''] = bench.openShards();
    bench.streams.split(parent);
    bench.write('a');
    await bench.read();
    expect(bench.stream.shardIds).toEqual([parent]);
    await bench.pass(MINUTE);
    await bench.read();
    expect(itemsOf(bench.heard)).toEqual(['0']);
    await bench.read();
    expect(itemsOf(bench.heard)).toEqual(['0', '1']);
  });

  it('leaves the stream unwhole until its children are known', async () => {
    const bench = await opened(2);
    bench.streams.split(bench.openShards()[0] ?? '');
    bench.write(...ACCOUNTS);
    bench.fateOf = (_, command) =>
      command instanceof DescribeStreamCommand ? 'not answered' : undefined;
    for (const _ of [1, 2]) {
      await expect(bench.read()).rejects.toThrow('not answered');
      expect(bench.stream.isWhole).toBe(false);
    }
    bench.fateOf = () => undefined;
    // Even if no shard is asked for.
    await bench.read([]);
    expect(bench.stream.isWhole).toBe(true);
    await bench.read();
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('is asked for its children again while the list of shards lacks them', async () => {
    const bench = await opened(2);
    for (const child of bench.streams.split(bench.openShards()[0] ?? '')) bench.unlisted.add(child);
    bench.write(...ACCOUNTS);
    await bench.readTimes(3);
    expect(bench.stream.isWhole).toBe(false);
    bench.unlisted.clear();
    await bench.readTimes(2);
    expect(bench.stream.isWhole).toBe(true);
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('leaves the stream unwhole if its children are not listed when it is opened', async () => {
    const bench = new Bench(2);
    for (const child of bench.streams.split(bench.openShards()[0] ?? '')) bench.unlisted.add(child);
    await bench.stream.open();
    expect(bench.stream.isWhole).toBe(false);
    bench.write(...ACCOUNTS);
    bench.unlisted.clear();
    await bench.readTimes(2);
    expect(bench.stream.isWhole).toBe(true);
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('does not lose one child because the other could not be opened', async () => {
    const bench = await opened();
    bench.streams.split(bench.openShards()[0] ?? '');
    bench.write(...ACCOUNTS);
    let iterators = 0;
    bench.fateOf = (_, command) =>
      command instanceof GetShardIteratorCommand && ++iterators === 2 ? 'not sent' : undefined;
    await expect(bench.read()).rejects.toThrow('not sent');
    expect(bench.stream.isWhole).toBe(false);
    await bench.readTimes(2);
    expect(bench.stream.isWhole).toBe(true);
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });
});

describe('a position', () => {
  it('whose iterator has expired goes on after the last record', async () => {
    const bench = await opened(2);
    bench.write(...ACCOUNTS);
    await bench.read();
    bench.write(...ACCOUNTS);
    await bench.pass(15 * MINUTE);
    bench.write(...ACCOUNTS);
    await bench.read();
    expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
  });

  it('is kept by reading it, without any record', async () => {
    const bench = await opened();
    for (const _ of [1, 2, 3]) {
      await bench.pass(14 * MINUTE);
      await bench.read();
    }
    bench.write('a');
    await bench.read();
    expect(itemsOf(bench.heard)).toEqual(['0']);
  });

  it('whose iterator has expired before any record is lost, until the stream is opened again', async () => {
    const bench = await opened();
    await bench.pass(15 * MINUTE);
    bench.write('a');
    for (const _ of [1, 2]) await expect(bench.read()).rejects.toThrow(StreamLostError);
    await bench.stream.open();
    bench.write('b');
    await bench.read();
    expect(bench.heard.map(({ accountId }) => accountId)).toEqual(['b']);
  });

  it('is lost with the last record that was read', async () => {
    const bench = await opened();
    bench.write('a');
    await bench.read();
    await bench.pass(24 * HOUR + 1);
    await expect(bench.read()).rejects.toThrow(StreamLostError);
  });

  it('is lost with its shard', async () => {
    const bench = await opened();
    bench.write('a');
    await bench.read();
    await bench.pass(29 * HOUR);
    await expect(bench.read()).rejects.toThrow(StreamLostError);
  });

  it('is lost with the next record, though its iterator is new', async () => {
    const bench = new Bench();
    bench.streams.emptyPages = 1000;
    await bench.stream.open();
    bench.write('a');
    const end = bench.time.now + 24 * HOUR;
    while (bench.time.now < end) {
      await bench.read();
      await bench.pass(10 * MINUTE);
    }
    await bench.pass(1);
    await expect(bench.read()).rejects.toThrow(StreamLostError);
  });

  it('is not lost by an error that says nothing about it', async () => {
    const bench = await opened();
    bench.fateOf = () => 'not answered';
    await expect(bench.read()).rejects.not.toThrow(StreamLostError);
  });
});

/** Once more if it fails. */
async function twice(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StreamLostError) throw error;
    await work();
  }
}

describe('a call that fails', () => {
  /** Splits, shards that end by their age, iterators that expire, and empty pages. */
  async function course(fateOf: Bench['fateOf']): Promise<Bench> {
    const bench = new Bench(2);
    bench.fateOf = fateOf;
    const { stream, streams } = bench;
    bench.write(...ACCOUNTS);
    await twice(() => stream.open());
    bench.written.splice(0);
    const turn = async () => {
      bench.write(...ACCOUNTS);
      await twice(() => bench.read());
    };
    await turn();
    streams.split(bench.openShards()[0] ?? '');
    await turn();
    streams.emptyPages = 1;
    await turn();
    streams.emptyPages = 0;
    await turn();
    await bench.pass(20 * MINUTE);
    await turn();
    streams.split(streams.split(bench.openShards()[1] ?? '')[0]);
    for (const _ of [1, 2, 3]) await turn();
    await bench.pass(4 * HOUR);
    for (const _ of [1, 2, 3]) await turn();
    return bench;
  }

  it('loses nothing, whichever it is, if it was not sent or not answered', async () => {
    const { calls } = await course(() => undefined);
    for (const kind of [DescribeStreamCommand, GetShardIteratorCommand, GetRecordsCommand]) {
      expect(calls.filter((each) => each instanceof kind).length).toBeGreaterThan(4);
    }
    for (const fate of ['not sent', 'not answered'] as const) {
      for (const failing of calls.keys()) {
        const bench = await course((call) => (call === failing ? fate : undefined));
        expect(bench.calls.length).toBeGreaterThan(failing);
        expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
      }
    }
  });
});

const DELAY_MAX = 3 * MINUTE;
const EMPTY_PAGES_MAX = 2;
/** More than a course has generations of shards. */
const TURNS_MAX = 400;
/** Less than half of an iterator's time: a read may fail once. */
const TURN_MS = 7 * MINUTE;

type Step =
  | { readonly write: string }
  | { readonly read: readonly boolean[] }
  | { readonly split: number }
  | { readonly delayMs: number }
  | { readonly pass: number }
  | { readonly emptyPages: number }
  | { readonly failAfter: number; readonly fate: Fate };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ write: fc.constantFrom(...ACCOUNTS) }) },
    {
      weight: 4,
      arbitrary: fc.record({ read: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ split: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ delayMs: fc.nat(DELAY_MAX) }) },
    { weight: 1, arbitrary: fc.record({ pass: fc.nat(5 * HOUR) }) },
    { weight: 1, arbitrary: fc.record({ emptyPages: fc.nat(EMPTY_PAGES_MAX) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        failAfter: fc.nat(20),
        fate: fc.constantFrom('not sent' as const, 'not answered' as const),
      }),
    },
  ),
  { maxLength: 120, size: 'max' },
);

/** Does the steps of a course. */
class Run {
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  async do(step: Step): Promise<void> {
    const { bench } = this;
    if ('write' in step) bench.write(step.write);
    else if ('read' in step) await this.read(step.read);
    else if ('split' in step) this.split(step.split);
    else if ('delayMs' in step) bench.streams.delayMs = step.delayMs;
    else if ('emptyPages' in step) bench.streams.emptyPages = step.emptyPages;
    else if ('pass' in step) await this.pass(step.pass);
    else {
      const failing = bench.calls.length + step.failAfter;
      bench.fateOf = (call) => (call === failing ? step.fate : undefined);
    }
  }

  private read(isRead: readonly boolean[]): Promise<void> {
    const { stream } = this.bench;
    return twice(() =>
      this.bench.read(stream.shardIds.filter((_, place) => isRead[place % isRead.length])),
    );
  }

  private split(drawn: number): void {
    const open = this.bench.openShards();
    this.bench.streams.split(open[drawn % open.length] ?? '');
  }

  /** In turns, since an iterator expires. */
  private async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= TURN_MS) {
      await this.bench.pass(Math.min(left, TURN_MS));
      await this.read([true]);
    }
  }

  /** Until nothing more can come. */
  async finish(): Promise<void> {
    const { bench } = this;
    await bench.pass(DELAY_MAX);
    for (let turn = 0; turn < TURNS_MAX && !this.isAtEnd(); turn++) await this.read([true]);
    for (let turn = 0; turn < 2 * EMPTY_PAGES_MAX; turn++) await this.read([true]);
  }

  private isAtEnd(): boolean {
    const { stream } = this.bench;
    return this.bench.openShards().every((shardId) => stream.shardIds.includes(shardId));
  }
}

it('each change is heard once and in the order of its key, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (course, shardCount) => {
      const bench = await opened(shardCount);
      const run = new Run(bench);
      for (const step of course) await run.do(step);
      await run.finish();
      expect(byAccount(bench.heard)).toEqual(byAccount(bench.written));
      expect(new Set(bench.stream.shardIds)).toEqual(new Set(bench.openShards()));
    }),
    { numRuns: 60 },
  );
});

it('does not read on where another stream was read', async () => {
  const { stream } = await opened(1);
  expect(() => stream.resume({ stream: 'of another table', positions: [], ended: [] })).toThrow(
    StreamLostError,
  );
});
