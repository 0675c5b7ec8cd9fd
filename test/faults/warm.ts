/**
 * One environment of a function with certificates. It stays warm from check to check, and its calls
 * to the tables, the topics and the stream can be changed at any time.
 */
import { DynamoDBClient, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { AccountWorkers } from '../../lambda/accounts/account-workers.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { type CheckHandler, createHandler } from '../../lambda/check.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { type Call, describeCall } from '../aws/call.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { clientOf } from '../aws/client.ts';
import type { MemoryServices } from '../aws/services.ts';
import { long, PRICES } from './book.ts';
import { type Interceptor, unharmed } from './injector.ts';
import { saidOf } from './invariants.ts';
import { CLOCK_LAG_MS, eventAt, openWorld, type Row, timeOf, type World } from './world.ts';

type Client = { send(command: object): Promise<object> };
type Config = MemoryServices['config'];
type Changed<T> = { readonly [N in keyof T]?: T[N] | undefined };
type Prices = Readonly<Record<string, string>>;

/** The target of calls to the stream. */
const STREAM = 'stream';

const MINUTE_MS = 60_000;

export class Warm {
  readonly world: World;
  intercept: Interceptor = unharmed;
  /** Milliseconds until the function is stopped; absent: it is not. */
  timeLeft: (() => number) | undefined;
  private readonly handler: CheckHandler;
  private minute = 0;
  private calls = 0;

  /**
   * @param config other than the world has; without `certificates` it reads every account
   * @param code that makes its checkpoints, of parts of so many bytes
   */
  constructor(
    world: World,
    config: Changed<Config> = {},
    made: {
      readonly code?: string;
      readonly partBytes?: number;
      readonly workers?: AccountWorkers;
    } = {},
  ) {
    this.world = world;
    const { services } = world;
    const { time } = memoryOf(world);
    const through = (client: object | undefined) => (command: object) =>
      this.send(command, client as Client);
    const resources = {
      ...services,
      dynamo: clientOf(DynamoDBClient, through(services.dynamo)),
      streams: clientOf(DynamoDBStreamsClient, through(services.streams)),
      sns: clientOf(SNSClient, through(services.sns)),
      s3: clientOf(S3Client, through(services.s3)),
      stopwatch: { now: () => time.now, wait: (ms: number) => time.runUntil(time.now + ms) },
      config: { ...services.config, ...config } as Config,
    };
    const now = () => timeOf(this.minute) + CLOCK_LAG_MS;
    this.handler = createHandler({
      ...resources,
      certified: certifiedMemory({ ...resources, ...made }),
      workers: made.workers,
      now,
    });
  }

  private send(command: object, client: Client): Promise<object> {
    const { target, ...call } = describeCall(command);
    const isOfStream = 'ShardIterator' in call.input || 'StreamArn' in call.input;
    return this.intercept(
      { ...call, index: ++this.calls, target: isOfStream ? STREAM : target },
      () => client.send(command),
    ) as Promise<object>;
  }

  /** At fresh quotes. @returns the summary of a check that failed, too */
  async check(minute: number, prices: Prices = PRICES): Promise<CheckSummary> {
    await this.world.quoteAt(minute, prices);
    return this.run(minute);
  }

  async run(minute: number): Promise<CheckSummary> {
    this.minute = minute;
    const { timeLeft } = this;
    const context = timeLeft && { getRemainingTimeInMillis: timeLeft };
    return this.handler(eventAt(minute), context).catch((error: unknown) => {
      if (error instanceof CheckFailedError) return error.summary;
      throw error;
    });
  }

  /** Checks until one says what is looked for. @returns its minute, or undefined */
  async checkUntil(
    isFound: (summary: CheckSummary) => boolean | Promise<boolean>,
    {
      from,
      to,
      every = 1,
    }: { readonly from: number; readonly to: number; readonly every?: number },
  ): Promise<number | undefined> {
    for (let minute = from; minute <= to; minute += every) {
      if (await isFound(await this.check(minute))) return minute;
    }
    return undefined;
  }
}

/** The stream of a world and its clock. */
export function memoryOf({ services: { stream, time } }: World) {
  if (stream === undefined || time === undefined) throw new Error('the world has no stream');
  return { stream, time };
}

/** Healthy accounts, `account-0` the nearest to its call line. */
export const many = (count = 300): readonly Row[] =>
  Array.from({ length: count }, (_, each) =>
    long(`account-${each}`, `${20_000 + 10 * each}`),
  ).flat();

/** Configures an environment that neither stores nor reads checkpoints. */
export const withoutCheckpoints = ({ services: { config } }: World): Changed<Config> => ({
  certificates: config.certificates && { ...config.certificates, bucket: undefined },
});

export const openCertified = (accounts: readonly Row[] = many()): Promise<World> =>
  openWorld({ accounts, hasCertificates: true });

/** A world and its environment, which have had checks at minutes 0 and 1. */
export async function openWarm(accounts?: readonly Row[]): Promise<{ world: World; warm: Warm }> {
  const world = await openCertified(accounts);
  const warm = new Warm(world);
  for (const minute of [0, 1]) await warm.check(minute);
  return { world, warm };
}

/** The certificates' part of a check's summary. */
export function certificatesOf({ certificates, levels, accounts }: CheckSummary) {
  if (certificates === undefined) throw new Error('the check ran without certificates');
  const { certified, remembered, changed, allRead, missed, unsound } = certificates;
  const found = { missed: missed.accounts, unsound: unsound.accounts };
  const unread = { certified, remembered };
  return { accounts, healthy: levels.healthy, ...unread, changed, allRead, ...found };
}

/** `<account> <type>` of every message about an account. */
export const accountsSaid = async (world: World): Promise<string[]> =>
  (await saidOf(world)).filter((said) => !said.startsWith('DOGE-USD'));

export const isSaidOf = async (world: World, accountId: string): Promise<boolean> =>
  (await accountsSaid(world)).some((said) => said.startsWith(`${accountId} `));

/** As the checker has it. */
export const marginOf = ({ dynamo, services }: World) =>
  new MarginTable({ dynamo, table: services.config.marginTable });

/** Changes rows of accounts, and no record of the stream tells of it. */
export async function unrecorded(world: World, change: () => Promise<void>): Promise<void> {
  const { stream } = memoryOf(world);
  const record = stream.record;
  stream.record = () => undefined;
  await change();
  stream.record = record;
}

export async function pass(world: World, minutes: number): Promise<void> {
  const { time } = memoryOf(world);
  await time.runUntil(time.now + minutes * MINUTE_MS);
}

export const throttled = (): Error =>
  new ThrottlingException({ message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });

/** Fails the first of these calls, as many as are given. */
export function failingFirst(times: number, isHit: (call: Call) => boolean): Interceptor {
  let left = times;
  return (call, proceed) => (isHit(call) && left-- > 0 ? Promise.reject(throttled()) : proceed());
}

export const isReadOf =
  (accountId: string) =>
  ({ command, target, input }: Call): boolean =>
    command === 'Query' &&
    target === 'accounts' &&
    JSON.stringify(input).includes(`"${accountId}"`);
