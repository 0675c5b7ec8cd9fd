import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { allow, type CheckFunction } from './check-function.ts';
import { onlyLeadingKeys } from './leading-keys.ts';
import type { MarginTables } from './margin-tables.ts';
import {
  acknowledgeDeadLetterKey,
  KEY_RIGHTS,
  type LogSettings,
  roleAndLogs,
} from './node-function.ts';

/** The fewest that Lambda takes. The fence and the record of the check before keep checks apart. */
const CONCURRENCY = 2;

export interface CheckQueueProps extends Pick<LogSettings, 'encryptionKey'> {
  readonly check: CheckFunction;
  /** SQS counts it from sending, and a check that failed has to become a dead letter within it. */
  readonly retentionPeriod: Duration;
}

/** A queue whose messages start checks. */
export function checkQueue(scope: Construct, props: CheckQueueProps): Queue {
  const { check, encryptionKey, retentionPeriod } = props;
  const queue = new Queue(scope, 'Waiting', {
    retentionPeriod,
    // As long as a check may take: a message that came again earlier would start it twice.
    visibilityTimeout: Duration.seconds(check.timeoutSeconds),
    deadLetterQueue: { queue: check.missedChecks, maxReceiveCount: 1 },
    enforceSSL: true,
    ...(encryptionKey && { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
  });
  check.handler.addEventSource(
    new SqsEventSource(queue, { batchSize: 1, maxConcurrency: CONCURRENCY }),
  );
  return queue;
}

export interface SenderProps extends LogSettings {
  readonly tables: MarginTables;
  readonly queue: Queue;
  /** Partition of the margin table that the function alone may reach. */
  readonly partition: string;
  readonly actions: readonly string[];
}

/** Role and log of a function that puts messages into the queue, and remembers something. */
export function senderRoleAndLogs(scope: Construct, props: SenderProps) {
  const { encryptionKey, tables, queue, partition, actions } = props;
  const { margin } = tables;
  const { role, logGroup } = roleAndLogs(scope, props);
  role.addToPolicy(
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
  );
  const remembered = allow(margin.tableArn, actions);
  remembered.addConditions(onlyLeadingKeys('StringEquals', [partition]));
  role.addToPolicy(remembered);
  encryptionKey?.grant(role, ...KEY_RIGHTS);
  margin.encryptionKey?.grant(role, ...KEY_RIGHTS);
  if (encryptionKey) acknowledgeDeadLetterKey(role);
  return { role, logGroup };
}
