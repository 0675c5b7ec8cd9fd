import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Role } from 'aws-cdk-lib/aws-iam';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, type CheckFunction } from './check-function.ts';
import type { CheckMetrics } from './check-metrics.ts';
import { checkQueue, senderRoleAndLogs } from './check-queue.ts';
import { ImpactAlarm } from './impact-alarm.ts';
import type { AnyTable, EventStreams, MarginTables } from './margin-tables.ts';
import type { MarginTopics } from './margin-topics.ts';
import {
  CANARY_ITEM_PREFIX,
  CANARY_PREFIX,
  EVENTS_PARTITION,
  type EventsEnvironment,
} from './names.ts';
import { codeOf, KEY_RIGHTS, type LogSettings } from './node-function.ts';

export interface CheckEventsProps extends LogSettings {
  readonly check: CheckFunction;
  readonly tables: MarginTables;
  readonly streams: EventStreams;
  readonly metrics: CheckMetrics;
  readonly topics: MarginTopics;
  readonly serviceName: string;
  readonly runbook: string;
}

const TIMEOUT = Duration.seconds(30);
const MEMORY_MB = 256;

/** A message that fails has to become a dead letter after its check. */
const RETENTION_MARGIN_SECONDS = 120;

/** Prices come all the time; a changed account does not wait. */
const WINDOW = { accounts: Duration.seconds(0), market: Duration.seconds(1) };

/** A scheduled check has seen older changes, or soon will. */
const RECORD_AGE_MAX = Duration.seconds(60);

const allBut = (prefix: string) => ({ S: [{ 'anything-but': { prefix } }] });

/** Canary rows, whose items are the times of checks, start nothing; a record passes by any filter. */
const FILTERS = {
  accounts: [
    { dynamodb: { Keys: { accountId: allBut(CANARY_PREFIX) } } },
    { dynamodb: { Keys: { item: allBut(CANARY_ITEM_PREFIX) } } },
  ],
  market: [
    {
      eventName: FilterRule.or('INSERT', 'MODIFY'),
      dynamodb: { Keys: { kind: { S: FilterRule.isEqual('quote') } } },
    },
  ],
};

/**
 * Starts checks when accounts change or prices move: a function reads the streams of both tables, and
 * puts a message into a queue, at most once a second. The queue starts the check function.
 */
export class CheckEvents extends Construct {
  readonly handler: NodejsFunction;
  readonly queue: Queue;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: CheckEventsProps) {
    super(scope, id);
    const { check, encryptionKey, streams } = props;
    this.queue = checkQueue(this, {
      ...{ check, encryptionKey },
      retentionPeriod: Duration.seconds(check.timeoutSeconds + RETENTION_MARGIN_SECONDS),
    });
    const environment: EventsEnvironment = {
      MARGIN_TABLE: props.tables.margin.tableName,
      EVENT_QUEUE_URL: this.queue.queueUrl,
    };
    this.handler = new NodejsFunction(this, 'Handler', {
      description: 'Asks for margin checks when accounts change or prices move',
      ...codeOf('events'),
      memorySize: MEMORY_MB,
      timeout: TIMEOUT,
      environment: { ...environment },
      ...this.#roleAndLogs(props),
    });
    for (const name of ['accounts', 'market'] as const) this.#follow(name, streams[name], check);
    this.alarms = [this.#alarm(props)];
  }

  /** A record that fails is tried alone, is then a dead letter, and holds up no other for long. */
  #follow(name: 'accounts' | 'market', eventSourceArn: string, check: CheckFunction): void {
    new EventSourceMapping(this, name === 'accounts' ? 'Accounts' : 'Market', {
      target: this.handler,
      eventSourceArn,
      startingPosition: StartingPosition.LATEST,
      batchSize: 1000,
      maxBatchingWindow: WINDOW[name],
      filters: FILTERS[name].map((each) => FilterCriteria.filter(each)),
      bisectBatchOnError: true,
      retryAttempts: 3,
      maxRecordAge: RECORD_AGE_MAX,
      onFailure: new SqsDlq(check.missedChecks),
    });
  }

  #roleAndLogs(props: CheckEventsProps) {
    const { streams, tables } = props;
    const sender = { ...props, queue: this.queue, partition: EVENTS_PARTITION };
    const actions = ['GetItem', 'PutItem', 'Query'];
    const found = senderRoleAndLogs(this, { ...sender, actions });
    for (const name of ['accounts', 'market'] as const) {
      readStream(found.role, tables[name], streams[name]);
      tables[name].encryptionKey?.grant(found.role, ...KEY_RIGHTS);
    }
    return found;
  }

  #alarm({ serviceName, topics, runbook, metrics }: CheckEventsProps): Alarm {
    return new ImpactAlarm(this, 'EventErrors', {
      runbook,
      alarmName: `${serviceName}-EventErrors`,
      impact:
        'Changed accounts and moved prices may not have started checks at once. The scheduled checks ' +
        'have seen them at their time.',
      action:
        'Read the log of the events function: most often DynamoDB or SQS throttled it, or a right is ' +
        'missing. Nothing has to be repeated.',
      topic: topics.alarms,
      metric: this.handler.metricErrors({ period: metrics.period, statistic: 'Sum' }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

/** Nothing unless the tables have streams for it. */
export const startByEvents = (
  scope: Construct,
  id: string,
  props: Omit<CheckEventsProps, 'streams'>,
): CheckEvents | undefined => {
  const { eventStreams: streams } = props.tables;
  return streams && new CheckEvents(scope, id, { ...props, streams });
};

/** Streams can only be listed by table. */
function readStream(role: Role, { tableArn }: AnyTable, streamArn: string): void {
  role.addToPolicy(allow(streamArn, ['DescribeStream', 'GetShardIterator', 'GetRecords']));
  role.addToPolicy(allow(`${tableArn}/stream/*`, ['ListStreams']));
  const resolved: unknown = Stack.of(role).resolve(tableArn);
  const { 'Fn::GetAtt': named } = Object(resolved) as { readonly 'Fn::GetAtt'?: string[] };
  const arn = named === undefined ? resolved : `<${named.join('.')}>`;
  const findingId = `AwsSolutions::AwsSolutions-IAM5[Resource::${arn}/stream/*]`;
  const reason = 'The streams of this table alone: Lambda lists them before it reads one.';
  Validations.of(role).acknowledge({ id: findingId, reason });
}
