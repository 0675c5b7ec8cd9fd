import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  type DescribeStreamCommandOutput,
  DynamoDBStreamsClient,
  GetRecordsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountsStream } from '../../../lambda/aws/accounts-stream.ts';
import { AccountsTable, CANARY_PREFIX } from '../../../lambda/aws/accounts-table.ts';
import type { Hear } from '../../../lambda/aws/changed-row.ts';
import {
  type Followed,
  type FollowerInput,
  StreamFollower,
} from '../../../lambda/certified/stream-follower.ts';
import { TABLES } from '../../../lib/names.ts';
import { clientOf } from '../../aws/client.ts';
import { MemoryStreams } from '../../aws/memory-streams.ts';
import { MemoryTables } from '../../aws/memory-tables.ts';
import { VirtualTime } from '../../aws/virtual-time.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const SHARD_COUNTS = [1, 2, 8];
/** Each tries other canaries, until they reach every shard. */
const CHECKS_MAX = 50;
/** Checks see time in steps of this length. */
const TICK_MS = 10;

const ACCOUNTS = Array.from({ length: 40 }, (_, number) => `account-${number}`);

type Fate = 'not sent' | 'not answered' | undefined;

interface Change {
  readonly accountId: string;
  readonly item: string;
  readonly isRemoval: boolean;
}

const isCanary = ({ accountId }: Pick<Change, 'accountId'>) => accountId.startsWith(CANARY_PREFIX);

/** The accounts table with its stream, and a function that follows it. */
class World {
  readonly start = Date.UTC(2026, 0, 1);
  readonly time = new VirtualTime(this.start);
  readonly streams: MemoryStreams;
  readonly tables: MemoryTables;
  readonly accounts: AccountsTable;
  /** In the order in which they were committed, canaries among them. */
  readonly changes: Change[] = [];
  readonly calls: object[] = [];
  readonly heard: string[] = [];
  /** Decides the fate of the call with that number, counted from 0. */
  fateOf: (call: number, command: object) => Fate = () => undefined;
  /** How long it takes, before and after its effect. */
  latencyOf: (call: number, command: object) => readonly [number, number] = () => [0, 0];
  /** The id of the latest check. */
  checkId = '';
  private checks = 0;
  private serial = 0;

  constructor(shardCount: number) {
    const { partitionKey, sortKey } = TABLES.accounts;
    const { time } = this;
    this.streams = new MemoryStreams({
      time,
      tables: { accounts: { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount } },
    });
    this.tables = new MemoryTables({
      time,
      definitions: { accounts: TABLES.accounts },
      onChange: (change) => {
        this.streams.record('accounts', change);
        const { accountId, item } = change.keys;
        this.changes.push({
          accountId: accountId?.S ?? '',
          item: item?.S ?? '',
          isRemoval: change.newImage === undefined,
        });
      },
    });
    const dynamo = clientOf(DynamoDBClient, (command) => this.send(this.tables, command));
    this.accounts = new AccountsTable({ dynamo, table: 'accounts', segments: 1 });
  }

  private async send(service: MemoryTables | MemoryStreams, command: object): Promise<object> {
    const call = this.calls.push(command) - 1;
    const fate = this.fateOf(call, command);
    const [before, after] = this.latencyOf(call, command);
    if (before > 0) await this.time.wait(before);
    if (fate === 'not sent') throw new Error('not sent');
    const answer = service.answer(command);
    if (after > 0) await this.time.wait(after);
    if (fate === 'not answered') throw new Error('not answered');
    return answer;
  }

  follower(rest: Partial<FollowerInput> = {}): StreamFollower {
    const { time, accounts } = this;
    const stopwatch = { now: () => time.now, wait: (ms: number) => time.wait(ms) };
    return new StreamFollower({ stream: this.stream(), accounts, stopwatch, ...rest });
  }

  /** @param isShown false for a record that the reader never gets */
  stream(isShown: (row: Pick<Change, 'accountId'>, shardId: string) => boolean = () => true) {
    const client = clientOf(DynamoDBStreamsClient, (command) => this.send(this.streams, command));
    return new (class extends AccountsStream {
      override read(shardIds: readonly string[], hear: Hear): Promise<void> {
        return super.read(shardIds, (row, shardId) => {
          if (isShown(row, shardId)) hear(row, shardId);
        });
      }
    })(client, this.streams.arnOf('accounts'));
  }

  write(...accountIds: readonly string[]): void {
    for (const accountId of accountIds) {
      const row = { accountId: { S: accountId }, item: { S: 'profile' } };
      const Item = { ...row, serial: { N: `${this.serial++}` } };
      this.tables.answer(new PutItemCommand({ TableName: 'accounts', Item }));
    }
  }

  /** One step of time after another, until it is done. */
  async done<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    while (!isDone) await this.time.runUntil(this.time.now + TICK_MS);
    return work;
  }

  /** A check of its own. */
  follow(follower: StreamFollower): Promise<Followed> {
    this.checkId = this.nextCheckId();
    return this.done(follower.follow(this.checkId, (accountId) => this.heard.push(accountId)));
  }

  nextCheckId(): string {
    return new Date(this.start + this.checks++).toISOString();
  }

  pass(milliseconds: number): Promise<void> {
    return this.time.runUntil(this.time.now + milliseconds);
  }

  openShards(): string[] {
    const StreamArn = this.streams.arnOf('accounts');
    const command = new DescribeStreamCommand({ StreamArn });
    const { StreamDescription } = this.streams.answer(command) as DescribeStreamCommandOutput;
    return (StreamDescription?.Shards ?? []).flatMap(
      ({ ShardId = '', SequenceNumberRange: { EndingSequenceNumber } = {} }) =>
        EndingSequenceNumber === undefined ? [ShardId] : [],
    );
  }

  split(drawn: number): void {
    const open = this.openShards();
    this.streams.split(open[drawn % open.length] ?? '');
  }

  canariesLeft(): string[] {
    const ids = this.tables.items('accounts').map(({ accountId }) => accountId?.S ?? '');
    return ids.filter((accountId) => isCanary({ accountId }));
  }

  countOf(kind: new (input: never) => object): number {
    return this.calls.filter((each) => each instanceof kind).length;
  }
}

const countsOf = (accountIds: Iterable<string>) =>
  Object.fromEntries(
    ACCOUNTS.map((account) => [account, [...accountIds].filter((each) => each === account).length]),
  );

const accountsIn = (changes: readonly Change[]): string[] =>
  changes.filter((each) => !isCanary(each)).map(({ accountId }) => accountId);

/** Each account at least as often as it is here. */
function expectHeard(world: World, accountIds: readonly string[]): void {
  const heard = countsOf(world.heard);
  for (const [account, count] of Object.entries(countsOf(accountIds))) {
    expect(heard[account]).toBeGreaterThanOrEqual(count);
  }
}

/** By one of the next checks. */
async function untilProved(world: World, follower: StreamFollower): Promise<void> {
  for (let check = 0; check < CHECKS_MAX; check++) {
    if ((await world.follow(follower)).isProved) return;
  }
  throw new Error('not proved');
}

/** That has been proved once. */
async function followed(shardCount: number) {
  const world = new World(shardCount);
  const follower = world.follower();
  await follower.open();
  await untilProved(world, follower);
  return { world, follower };
}

describe.each(SHARD_COUNTS)('a stream of %i shards', (shardCount) => {
  it('is proved, and all that was written before has been heard', async () => {
    const world = new World(shardCount);
    const follower = world.follower();
    world.write('before it was opened');
    await follower.open();
    world.write(...ACCOUNTS, ...ACCOUNTS.slice(7));
    await untilProved(world, follower);
    expect(countsOf(world.heard)).toEqual(countsOf([...ACCOUNTS, ...ACCOUNTS.slice(7)]));
    expect(world.heard).toHaveLength(2 * ACCOUNTS.length - 7);
  });

  it('is proved by a canary of each shard, and not while one shows none', async () => {
    for (let hidden = 0; hidden < shardCount; hidden++) {
      const world = new World(shardCount);
      const shard = world.openShards()[hidden];
      let isHidden = true;
      const stream = world.stream((row, shardId) => {
        return !(isHidden && shardId === shard && isCanary(row));
      });
      const follower = world.follower({ stream });
      await follower.open();
      world.write(...ACCOUNTS);
      expect((await world.follow(follower)).isProved).toBe(false);
      isHidden = false;
      await untilProved(world, follower);
      expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
    }
  });

  it('needs one canary a shard when it has been proved once', async () => {
    const { world, follower } = await followed(shardCount);
    for (const _ of [1, 2, 3]) {
      const before = world.countOf(PutItemCommand);
      expect((await world.follow(follower)).isProved).toBe(true);
      expect(world.countOf(PutItemCommand) - before).toBe(shardCount);
    }
  });

  it('keeps no canary', async () => {
    const { world, follower } = await followed(shardCount);
    expect(world.canariesLeft()).toEqual([]);
    await world.follow(follower);
    expect(world.canariesLeft()).toEqual([]);
    expect(world.countOf(DeleteItemCommand)).toBe(world.countOf(PutItemCommand));
  });

  it('is read from where the last check ended', async () => {
    const { world, follower } = await followed(shardCount);
    world.write(...ACCOUNTS);
    await world.follow(follower);
    world.write(...ACCOUNTS.slice(9));
    await world.follow(follower);
    expect(countsOf(world.heard)).toEqual(countsOf([...ACCOUNTS, ...ACCOUNTS.slice(9)]));
  });

  it('is late: the next check hears what this one did not', async () => {
    const { world, follower } = await followed(shardCount);
    world.streams.delayMs = 5 * SECOND;
    world.write(...ACCOUNTS);
    const late = await world.follow(follower);
    expect(late.isProved).toBe(false);
    expect(late.lagSeconds).toBeGreaterThan(2);
    expect(world.heard).toEqual([]);
    expect(world.canariesLeft()).toEqual([]);
    await world.pass(5 * SECOND);
    // The canaries of the late check have come, and prove nothing to this one.
    expect((await world.follow(follower)).isProved).toBe(false);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
    world.streams.delayMs = 0;
    const { isProved, lagSeconds } = await world.follow(follower);
    expect(isProved).toBe(true);
    expect(lagSeconds).toBeLessThan(0.1);
  });

  it('of a second late is proved after a second', async () => {
    const { world, follower } = await followed(shardCount);
    world.streams.delayMs = SECOND;
    world.write(...ACCOUNTS);
    const { isProved, lagSeconds } = await world.follow(follower);
    expect(isProved).toBe(true);
    expect(lagSeconds).toBeGreaterThanOrEqual(1);
    expect(lagSeconds).toBeLessThan(1.2);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
  });

  it('may have empty pages', async () => {
    const world = new World(shardCount);
    world.streams.emptyPages = 5;
    const follower = world.follower();
    await follower.open();
    world.write(...ACCOUNTS);
    await untilProved(world, follower);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
  });

  it('may have many records before the canary', async () => {
    const { world, follower } = await followed(shardCount);
    const accounts = Array.from({ length: 5000 }, (_, number) => `many-${number}`);
    world.write(...accounts);
    expect((await world.follow(follower)).isProved).toBe(true);
    expect(world.heard.toSorted()).toEqual(accounts.toSorted());
  });

  it('is not proved by the canaries of another check or function', async () => {
    const world = new World(shardCount);
    // Its own canaries are lost.
    const accounts = { putCanary: async () => undefined, removeCanary: async () => undefined };
    const follower = world.follower({ accounts });
    await follower.open();
    const others = [world.nextCheckId(), world.nextCheckId()];
    for (let canary = 0; canary < 256; canary++) {
      for (const checkId of others) await world.accounts.putCanary(canary, checkId);
    }
    world.write(...ACCOUNTS);
    expect((await world.follow(follower)).isProved).toBe(false);
    expect(world.heard.filter((accountId) => isCanary({ accountId }))).toEqual([]);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
  });

  it('is proved to two functions, each by its own canaries', async () => {
    const world = new World(shardCount);
    const followers = [world.follower(), world.follower()];
    for (const follower of followers) await follower.open();
    for (const follower of followers) await untilProved(world, follower);
    for (const _ of [1, 2, 3]) {
      world.write(...ACCOUNTS);
      for (const follower of followers) {
        world.heard.splice(0);
        const { isProved } = await world.follow(follower);
        expect(isProved).toBe(true);
        expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
      }
    }
    expect(world.canariesLeft()).toEqual([]);
  });

  it('may split while it is followed, at any time', async () => {
    for (let after = 0; after <= 600; after += 50) {
      const { world, follower } = await followed(shardCount);
      world.streams.delayMs = 300;
      world.write(...ACCOUNTS);
      world.time.after(after, () => {
        world.split(after);
        world.write(...ACCOUNTS);
      });
      const { isProved } = await world.follow(follower);
      if (isProved) expectHeard(world, ACCOUNTS);
      await world.pass(SECOND);
      await untilProved(world, follower);
      expect(countsOf(world.heard)).toEqual(countsOf([...ACCOUNTS, ...ACCOUNTS]));
    }
  });

  it('may end its shards by their age while it is followed', async () => {
    for (let before = 0; before <= 600; before += 100) {
      const world = new World(shardCount);
      const follower = world.follower();
      await world.pass(4 * HOUR - 10 * SECOND);
      await follower.open();
      await untilProved(world, follower);
      const left = world.start + 4 * HOUR - before - world.time.now;
      await world.pass(left);
      world.streams.delayMs = 300;
      world.write(...ACCOUNTS);
      const { isProved } = await world.follow(follower);
      if (isProved) expectHeard(world, ACCOUNTS);
      world.write(...ACCOUNTS);
      await untilProved(world, follower);
      expect(countsOf(world.heard)).toEqual(countsOf([...ACCOUNTS, ...ACCOUNTS]));
    }
  });
});

it.each([1, 2, 8, 16, 50])(
  'a stream of %i shards is proved by the first check',
  async (shardCount) => {
    const world = new World(shardCount);
    const follower = world.follower();
    await follower.open();
    world.write(...ACCOUNTS);
    const { isProved, lagSeconds } = await world.follow(follower);
    expect(isProved).toBe(true);
    expect(lagSeconds).toBeLessThan(2);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
  },
);

/** The list of shards leaves these out, as AWS does for a while after a split. */
function leaveOut(world: World, hidden: ReadonlySet<string>): void {
  const answerOf = world.streams.answer.bind(world.streams);
  world.streams.answer = (command) => {
    const answer = answerOf(command);
    if (!(command instanceof DescribeStreamCommand)) return answer;
    const { StreamDescription } = answer as DescribeStreamCommandOutput;
    const Shards = StreamDescription?.Shards?.filter(({ ShardId = '' }) => !hidden.has(ShardId));
    return { StreamDescription: { ...StreamDescription, Shards } };
  };
}

describe('a list of shards that lacks the children of an ended one', () => {
  it('proves nothing, and loses nothing', async () => {
    const { world, follower } = await followed(2);
    const hidden = new Set<string>();
    leaveOut(world, hidden);
    for (const child of world.streams.split(world.openShards()[0] ?? '')) hidden.add(child);
    world.write(...ACCOUNTS);
    expect((await world.follow(follower)).isProved).toBe(false);
    hidden.clear();
    await untilProved(world, follower);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
  });

  it('is asked for again, even if that was the only shard', async () => {
    const { world, follower } = await followed(1);
    const hidden = new Set<string>();
    leaveOut(world, hidden);
    for (const child of world.streams.split(world.openShards()[0] ?? '')) hidden.add(child);
    expect((await world.follow(follower)).isProved).toBe(false);
    hidden.clear();
    await untilProved(world, follower);
  });
});

describe('a call that fails', () => {
  /** The second check of a stream that has split since the first. */
  async function secondCheck(fateOf: World['fateOf']) {
    const { world, follower } = await followed(2);
    world.streams.delayMs = 200;
    world.write(...ACCOUNTS);
    world.split(1);
    world.write(...ACCOUNTS);
    const first = world.calls.length;
    world.fateOf = (call, command) => fateOf(call - first, command);
    const work = world.follow(follower);
    const outcome = await work.catch((error: unknown) => error);
    const calls = world.calls.slice(first);
    world.fateOf = () => undefined;
    return { world, follower, outcome, calls };
  }

  it.each(['not sent', 'not answered'] as const)(
    'leaves no canary and loses nothing, whichever it is, if it was %s',
    async (fate) => {
      const { calls } = await secondCheck(() => undefined);
      for (const kind of [PutItemCommand, DescribeStreamCommand, GetRecordsCommand]) {
        expect(calls.some((each) => each instanceof kind)).toBe(true);
      }
      for (const [failing, failed] of calls.entries()) {
        const { world, follower, outcome } = await secondCheck((call) =>
          call === failing ? fate : undefined,
        );
        const isRemoval = failed instanceof DeleteItemCommand;
        expect(outcome instanceof Error).toBe(!isRemoval);
        const isLeft = isRemoval && fate === 'not sent';
        expect(world.canariesLeft()).toHaveLength(isLeft ? 1 : 0);
        await untilProved(world, follower);
        expect(countsOf(world.heard)).toEqual(countsOf([...ACCOUNTS, ...ACCOUNTS]));
      }
    },
  );

  it('leaves no canary that was still on its way', async () => {
    const { world, follower } = await followed(2);
    let puts = 0;
    const isPut = (command: object) => command instanceof PutItemCommand;
    world.fateOf = (_, command) => (isPut(command) && ++puts === 1 ? 'not sent' : undefined);
    world.latencyOf = (_, command) => (isPut(command) && puts > 1 ? [SECOND, 0] : [0, 0]);
    await expect(world.follow(follower)).rejects.toThrow('not sent');
    await world.pass(2 * SECOND);
    expect(world.canariesLeft()).toEqual([]);
  });

  it('is thrown, and what other shards have told is heard', async () => {
    const { world, follower } = await followed(2);
    world.write(...ACCOUNTS);
    let reads = 0;
    world.fateOf = (_, command) =>
      command instanceof GetRecordsCommand && ++reads === 2 ? 'not answered' : undefined;
    await expect(world.follow(follower)).rejects.toThrow('not answered');
    expect(world.heard.length).toBeGreaterThan(0);
    expect(world.heard.length).toBeLessThan(ACCOUNTS.length);
    await untilProved(world, follower);
    expect(countsOf(world.heard)).toEqual(countsOf(ACCOUNTS));
  });
});

interface Later {
  readonly after: number;
}

type Step =
  | ({ readonly write: number } & Later)
  | ({ readonly split: number } & Later)
  | { readonly delayMs: number }
  | { readonly emptyPages: number }
  | { readonly failAfter: number; readonly fate: Fate }
  | { readonly pass: number }
  | { readonly isCheck: true };

const after = fc.oneof(fc.constant(0), fc.nat(3 * SECOND));

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ write: fc.nat(ACCOUNTS.length - 1), after }) },
    { weight: 1, arbitrary: fc.record({ split: fc.nat(20), after }) },
    { weight: 1, arbitrary: fc.record({ delayMs: fc.oneof(fc.nat(SECOND), fc.nat(6 * SECOND)) }) },
    { weight: 1, arbitrary: fc.record({ emptyPages: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        failAfter: fc.nat(60),
        fate: fc.constantFrom('not sent' as const, 'not answered' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ pass: fc.nat(10 * SECOND) }) },
    { weight: 5, arbitrary: fc.record({ isCheck: fc.constant(true as const) }) },
  ),
  { maxLength: 60, size: 'max' },
);

const worlds = fc.record({
  shardCount: fc.constantFrom(...SHARD_COUNTS, 3),
  /** So that shards may end by their age. */
  age: fc.constantFrom(0, 4 * HOUR - 20 * SECOND),
  latencies: fc.array(fc.tuple(fc.nat(80), fc.nat(80)), { minLength: 1, maxLength: 20 }),
});

/** Does the steps of a course, and looks at each check. */
class Run {
  readonly outcomes = { proved: 0, late: 0, failed: 0 };
  private readonly world: World;
  private readonly follower: StreamFollower;

  constructor(world: World, follower: StreamFollower) {
    this.world = world;
    this.follower = follower;
  }

  async do(step: Step): Promise<void> {
    const { world } = this;
    if ('write' in step) {
      world.time.after(step.after, () => world.write(ACCOUNTS[step.write] ?? ''));
    } else if ('split' in step) world.time.after(step.after, () => world.split(step.split));
    else if ('delayMs' in step) world.streams.delayMs = step.delayMs;
    else if ('emptyPages' in step) world.streams.emptyPages = step.emptyPages;
    else if ('pass' in step) await world.pass(step.pass);
    else if ('isCheck' in step) await this.check();
    else {
      const failing = world.calls.length + step.failAfter;
      world.fateOf = (call) => (call === failing ? step.fate : undefined);
    }
  }

  private async check(): Promise<void> {
    const { world, outcomes } = this;
    try {
      const { isProved } = await world.follow(this.follower);
      outcomes[isProved ? 'proved' : 'late']++;
      if (isProved) expectHeard(world, this.writtenBefore());
    } catch (error) {
      if (!/^not (sent|answered)$/.test(error instanceof Error ? error.message : '')) throw error;
      outcomes.failed++;
    }
  }

  /** Accounts, one for each change that was committed before the check's first canary. */
  private writtenBefore(): string[] {
    const { changes, checkId } = this.world;
    const canary = changes.findIndex((each) => isCanary(each) && each.item === checkId);
    expect(canary).toBeGreaterThanOrEqual(0);
    return accountsIn(changes.slice(0, canary));
  }
}

it('what is proved has been heard, and everything is heard once in the end', async () => {
  const all = { proved: 0, late: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(steps, worlds, async (course, { shardCount, age, latencies }) => {
      const world = new World(shardCount);
      const follower = world.follower();
      await world.pass(age);
      await follower.open();
      world.latencyOf = (call) => latencies[call % latencies.length] ?? [0, 0];
      const run = new Run(world, follower);
      for (const step of course) await run.do(step);
      world.fateOf = () => undefined;
      // Writes and records that are still on their way.
      await world.pass(8 * SECOND);
      world.streams.delayMs = 0;
      world.latencyOf = () => [0, 0];
      await untilProved(world, follower);
      expect(countsOf(world.heard)).toEqual(countsOf(accountsIn(world.changes)));
      for (const outcome of ['proved', 'late', 'failed'] as const) {
        all[outcome] += run.outcomes[outcome];
      }
    }),
    { numRuns: 100 },
  );
  expect(Math.min(...Object.values(all))).toBeGreaterThan(0);
});
