import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, type CheckFunction } from './check-function.ts';
import { onlyLeadingKeys } from './leading-keys.ts';
import type { MarginTables } from './margin-tables.ts';
import { SLOTS_PARTITION, type SlotsEnvironment } from './names.ts';
import {
  acknowledgeDeadLetterKey,
  codeOf,
  KEY_RIGHTS,
  type LogSettings,
  roleAndLogs,
} from './node-function.ts';

export interface CheckSlotsProps extends LogSettings {
  readonly check: CheckFunction;
  readonly tables: MarginTables;
  readonly checkIntervalSeconds: number;
}

/** At an interval of a second it sends some twenty requests at its first start, later six. */
const TIMEOUT = Duration.seconds(30);
const MEMORY_MB = 256;

/** The fewest that Lambda takes. The fence and the record of the check before keep checks apart. */
const CONCURRENCY = 2;

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
    this.queue = new Queue(this, 'Waiting', {
      retentionPeriod: RETENTION,
      // As long as a check may take: a message that came again earlier would start it twice.
      visibilityTimeout: Duration.seconds(check.timeoutSeconds),
      deadLetterQueue: { queue: check.missedChecks, maxReceiveCount: 1 },
      enforceSSL: true,
      ...(encryptionKey && { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    });
    check.handler.addEventSource(
      new SqsEventSource(this.queue, { batchSize: 1, maxConcurrency: CONCURRENCY }),
    );
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
      ...this.#roleAndLogs(props),
      // Slots that are put twice are skipped, and the next start is a minute away.
      retryAttempts: 1,
      maxEventAge: Duration.seconds(60),
      onFailure: new SqsDestination(check.missedChecks),
    });
  }

  #roleAndLogs(props: CheckSlotsProps) {
    const { encryptionKey } = props;
    const { margin } = props.tables;
    const { role, logGroup } = roleAndLogs(this, props);
    const actions = ['sqs:SendMessage'];
    role.addToPolicy(new PolicyStatement({ actions, resources: [this.queue.queueArn] }));
    const remembered = allow(margin.tableArn, ['GetItem', 'PutItem']);
    remembered.addConditions(onlyLeadingKeys('StringEquals', [SLOTS_PARTITION]));
    role.addToPolicy(remembered);
    encryptionKey?.grant(role, ...KEY_RIGHTS);
    margin.encryptionKey?.grant(role, ...KEY_RIGHTS);
    if (encryptionKey) acknowledgeDeadLetterKey(role);
    return { role, logGroup };
  }
}
