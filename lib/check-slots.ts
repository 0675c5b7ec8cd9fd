import { Duration } from 'aws-cdk-lib';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CheckFunction } from './check-function.ts';
import { checkQueue, senderRoleAndLogs } from './check-queue.ts';
import type { MarginTables } from './margin-tables.ts';
import { SLOTS_PARTITION, type SlotsEnvironment } from './names.ts';
import { codeOf, type LogSettings } from './node-function.ts';

export interface CheckSlotsProps extends LogSettings {
  readonly check: CheckFunction;
  readonly tables: MarginTables;
  readonly checkIntervalSeconds: number;
}

/** At an interval of a second it sends some twenty requests at its first start, later six. */
const TIMEOUT = Duration.seconds(30);
const MEMORY_MB = 256;

/**
 * SQS counts from sending: a slot waits for up to 210 s, and a check that failed for another 60 s
 * before it is a dead letter.
 */
const RETENTION = Duration.seconds(360);

/**
 * Starts checks more often than Scheduler can: a function that Scheduler starts once a minute puts the
 * slots ahead into a queue as delayed messages, and each message starts a check.
 */
export class CheckSlots extends Construct {
  readonly handler: NodejsFunction;
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: CheckSlotsProps) {
    super(scope, id);
    const { check, encryptionKey, checkIntervalSeconds } = props;
    this.queue = checkQueue(this, { check, encryptionKey, retentionPeriod: RETENTION });
    const environment: SlotsEnvironment = {
      MARGIN_TABLE: props.tables.margin.tableName,
      SLOT_QUEUE_URL: this.queue.queueUrl,
      CHECK_INTERVAL_SECONDS: String(checkIntervalSeconds),
    };
    this.handler = new NodejsFunction(this, 'Handler', {
      description: 'Puts the times of margin checks into a queue that starts them',
      ...codeOf('slots'),
      memorySize: MEMORY_MB,
      timeout: TIMEOUT,
      environment: { ...environment },
      ...senderRoleAndLogs(this, {
        ...{ ...props, queue: this.queue, partition: SLOTS_PARTITION },
        actions: ['GetItem', 'PutItem'],
      }),
      // Slots that are put twice are skipped, and the next start is a minute away.
      retryAttempts: 1,
      maxEventAge: Duration.seconds(60),
      onFailure: new SqsDestination(check.missedChecks),
    });
  }
}
