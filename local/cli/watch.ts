/** `margin watch`: listens through temporary queues. */
import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import type { Severity } from '../../lambda/messages/messages.ts';
import { type Deployment, endpointOf, locate, type Place } from '../aws/deployment.ts';
import { type QueueClients, type Subscription, subscribeQueue } from '../aws/subscription.ts';
import { readBeat } from '../status/heartbeat.ts';
import { type Beating, heartbeat } from './heartbeat.ts';
import { reasonOf } from './input.ts';
import { note, print } from './output.ts';
import { withPlace } from './place.ts';
import { statusLine } from './status-line.ts';
import { jsonLineOf, lineOf, readReceived, type TopicName } from './watch-line.ts';

const SEVERITIES = ['info', 'warning', 'critical'] as const satisfies readonly Severity[];

interface WatchOptions extends Place {
  readonly severity: Severity;
  readonly seconds?: number;
  readonly json?: boolean;
}

export function declareWatch(program: Command): void {
  const severity = new Option('--severity <least>', 'lowest severity to print').choices(SEVERITIES);
  const command = program
    .command('watch')
    .summary('print alerts and order plans as they are sent')
    .description(
      'Print alerts and order plans as they are sent, until Ctrl-C. Once a check interval, and once a minute, it looks ' +
        'whether checks run, and says so when nothing has been checked for 3 intervals, whatever ' +
        '--severity is.',
    )
    .addOption(severity.default('info'))
    .option('--seconds <n>', 'stop after this many seconds', readSeconds);
  withPlace(command)
    .option('--json', 'print one line of JSON per message, and a heartbeat per look')
    .action(watchAws);
}

function readSeconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
}

async function watchAws(options: WatchOptions): Promise<void> {
  const end = endOf(options.seconds);
  const topics = await locate(options);
  // Otherwise queue URLs point at AWS, whatever AWS_ENDPOINT_URL says.
  const sqs = new SQSClient({ ...endpointOf(options), useQueueUrlAsEndpoint: false });
  const { sns, dynamo } = createClients(endpointOf(options));
  const { severity, json: isJson = false } = options;
  const status = isJson ? undefined : statusLine(process.stdout, process.stderr);
  const printLine = (line: string) => {
    status?.clear();
    print(line, String);
    status?.draw();
  };
  const beating = {
    intervalSeconds: topics.checkIntervalSeconds,
    read: () => readBeat({ dynamo, deployment: topics, now: Date.now() }),
    showStatus: status?.show,
  };
  const onReady = () => note('watching; press Ctrl-C to stop');
  const clients = { sns, sqs };
  try {
    await watch({ clients, topics, severity, isJson, print: printLine, onReady, end, beating });
  } finally {
    status?.clear();
  }
}

/** Also stopped by a reader that closes the pipe. */
function endOf(seconds: number | undefined): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stdout.on('error', stop);
  if (seconds !== undefined) setTimeout(stop, seconds * 1000).unref();
  return controller.signal;
}

export interface Watching {
  readonly clients: QueueClients;
  readonly topics: Pick<Deployment, 'alertsTopicArn' | 'ordersTopicArn'>;
  /** The lowest severity printed. */
  readonly severity: Severity;
  readonly isJson: boolean;
  readonly print: (line: string) => void;
  readonly onReady?: () => void;
  readonly end: AbortSignal;
  /** Absent: only messages are printed. */
  readonly beating?: Pick<Beating, 'intervalSeconds' | 'read' | 'showStatus'> | undefined;
}

/** Ends at `end` or the first failure, and removes its queues either way. */
export async function watch(watching: Watching): Promise<void> {
  const subscribed: Subscription[] = [];
  try {
    await subscribeAndListen(watching, subscribed);
  } catch (error) {
    await removeAll(subscribed).catch((left) => {
      throw new Error(`${reasonOf(error)}; ${reasonOf(left)}`, { cause: error });
    });
    throw error;
  }
  await removeAll(subscribed);
}

async function subscribeAndListen(watching: Watching, subscribed: Subscription[]): Promise<void> {
  const { end, onReady } = watching;
  const queues = await subscribeBoth(watching, subscribed);
  if (end.aborted) return;
  onReady?.();
  const failed = new AbortController();
  const signal = AbortSignal.any([end, failed.signal]);
  const { beating, print: printLine, isJson } = watching;
  const loops = [
    ...queues.map(([topic, queue]) => listen(queue, { topic, watching, signal })),
    ...(beating === undefined ? [] : [heartbeat({ ...beating, print: printLine, isJson, signal })]),
  ];
  for (const loop of loops) loop.catch(() => failed.abort());
  for (const each of await Promise.allSettled(loops)) {
    if (each.status === 'rejected') throw each.reason;
  }
}

/** Waits for both, so that all queues can be removed if one fails. */
async function subscribeBoth(watching: Watching, subscribed: Subscription[]) {
  const { clients, topics, severity } = watching;
  const name = `margin-watch-${randomBytes(6).toString('hex')}`;
  const least = SEVERITIES.slice(SEVERITIES.indexOf(severity));
  const filterPolicy = least.length === SEVERITIES.length ? undefined : { severity: least };
  const requests: readonly (readonly [TopicName, string, string])[] = [
    ['alerts', topics.alertsTopicArn, name],
    ['orders', topics.ordersTopicArn, `${name}.fifo`],
  ];
  const made = await Promise.allSettled(
    requests.map(async ([topic, topicArn, queueName]) => {
      const queue = await subscribeQueue(clients, { topicArn, queueName, filterPolicy });
      subscribed.push(queue);
      return [topic, queue] as const;
    }),
  );
  return made.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

/** SQS's maximum. */
const WAIT_SECONDS = 20;
/** Repeats come soon, if at all. */
const REMEMBERED_MAX = 10_000;

interface Listening {
  readonly topic: TopicName;
  readonly watching: Watching;
  readonly signal: AbortSignal;
}

async function listen(queue: Subscription, { topic, watching, signal }: Listening): Promise<void> {
  const seen = new Set<string>();
  const handle = (text: string) => {
    const received = readReceived(topic, text);
    if (signal.aborted || seen.has(received.id)) return;
    seen.add(received.id);
    const [oldest = ''] = seen;
    if (seen.size > REMEMBERED_MAX) seen.delete(oldest);
    watching.print(watching.isJson ? jsonLineOf(received) : lineOf(received));
  };
  while (!signal.aborted) {
    try {
      await queue.take({ seconds: WAIT_SECONDS, signal }, handle);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** @throws Error naming everything left behind */
async function removeAll(subscribed: readonly Subscription[]): Promise<void> {
  const ended = await Promise.allSettled(subscribed.map((each) => each.remove()));
  const faults = ended.flatMap((each) =>
    each.status === 'rejected' ? [reasonOf(each.reason)] : [],
  );
  if (faults.length > 0) throw new Error(faults.join('; '));
}
