import { createRequire } from 'node:module';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { wholeMinuteSeconds } from './check-interval.ts';
import { CheckWorkers } from './check-workers.ts';
import { CheckpointBucket } from './checkpoint-bucket.ts';
import { onlyLeadingKeys } from './leading-keys.ts';
import type { AnyTable, MarginTables } from './margin-tables.ts';
import type { MarginTopics } from './margin-topics.ts';
import {
  CANARY_PREFIX,
  type CheckEnvironment,
  EVENTS_ENVIRONMENT,
  NODE_OPTIONS,
  TABLES,
} from './names.ts';
import { codeOf, KEY_RIGHTS, roleAndLogs } from './node-function.ts';

/** Lambda's maximum. */
const TIMEOUT_SECONDS_MAX = 900;

/** Memory that gives one whole processor: a check is compute-bound. */
const MEMORY_MB_FOR_ONE_PROCESSOR = 1769;

interface CheckFunctionProps {
  readonly tables: MarginTables;
  readonly topics: MarginTopics;
  readonly checkIntervalSeconds: number;
  /** Invocations at once; 0: the check reads all accounts by itself. */
  readonly workers: number;
  /** Labels metrics and logs. */
  readonly serviceName: string;
  /** Of the runbook, for e-mails. */
  readonly runbook: string;
  readonly encryptionKey: IKey | undefined;
  readonly logRetention: RetentionDays;
  readonly isTraced: boolean;
  /** True: the log outlives the stack, like the tables. */
  readonly isKept: boolean;
}

/** Has only the permissions it needs. */
export class CheckFunction extends Construct {
  readonly handler: NodejsFunction;

  readonly timeoutSeconds: number;

  readonly hasCertificates: boolean;

  readonly #checkpoints: CheckpointBucket | undefined;

  /** Absent if the check reads all accounts by itself. */
  readonly workers: CheckWorkers | undefined;

  /**
   * Dead letters: checks that did not start or failed. None runs again: the next check does the
   * work. Below a minute also starts of the slots function that failed.
   */
  readonly missedChecks: Queue;

  constructor(scope: Construct, id: string, props: CheckFunctionProps) {
    super(scope, id);
    if (Stack.of(this).bundlingRequired) requireEsbuild();
    const { encryptionKey, isTraced, tables } = props;
    this.hasCertificates = tables.accountsStreamArn !== undefined;
    if (this.hasCertificates) {
      this.#checkpoints = new CheckpointBucket(this, 'Checkpoints', { encryptionKey });
    }
    if (props.workers > 0) {
      this.workers = new CheckWorkers(this, 'Workers', { ...props, accounts: tables.accounts });
    }
    this.missedChecks = new Queue(this, 'MissedChecks', {
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
      ...(encryptionKey && { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    });
    // A check that outlived its interval would overlap the next: safe, but useless. Below a minute
    // a new environment may need longer to start than the interval, and the slots meanwhile wait.
    const { checkIntervalSeconds } = props;
    this.timeoutSeconds = Math.min(wholeMinuteSeconds(checkIntervalSeconds), TIMEOUT_SECONDS_MAX);
    this.handler = new NodejsFunction(this, 'Handler', {
      description:
        'Assesses every margin account and publishes margin calls and liquidation orders',
      ...codeOf(this.hasCertificates || this.workers ? 'check-certified' : 'check'),
      memorySize: MEMORY_MB_FOR_ONE_PROCESSOR,
      timeout: Duration.seconds(this.timeoutSeconds),
      environment: { ...this.#environment(props), NODE_OPTIONS: NODE_OPTIONS.join(' ') },
      ...this.#roleAndLogs(props),
      ...(isTraced && { tracing: Tracing.ACTIVE }),
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
      onFailure: new SqsDestination(this.missedChecks),
    });
  }

  #environment(props: CheckFunctionProps): CheckEnvironment {
    const bucketName = this.#checkpoints?.bucketName;
    return {
      ...environment(props),
      ...(bucketName !== undefined && { CHECKPOINT_BUCKET: bucketName }),
      ...(this.workers && {
        WORKER_FUNCTION: this.workers.handler.functionName,
        WORKERS_AT_ONCE: String(props.workers),
      }),
    };
  }

  /** Findings of cdk-nag's AwsSolutions rules that stay. */
  #acknowledge(role: Role, { encryptionKey, isTraced }: CheckFunctionProps): void {
    Validations.of(this.missedChecks).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SQS3',
      reason: 'This queue is itself the dead-letter queue, of the function and of what starts it.',
    });
    const wildcards = {
      ...(encryptionKey && {
        'Action::kms:GenerateDataKey*':
          'Also with GenerateDataKeyWithoutPlaintext, and only on the given key.',
        'Action::kms:ReEncrypt*': 'ReEncryptFrom and ReEncryptTo, and only on the given key.',
      }),
      ...(isTraced && {
        'Resource::*': 'X-Ray has no resources to which a permission can be limited.',
      }),
    };
    for (const [finding, reason] of Object.entries(wildcards)) {
      const id = `AwsSolutions::AwsSolutions-IAM5[${finding}]`;
      Validations.of(role).acknowledge({ id, reason });
    }
  }

  #roleAndLogs(props: CheckFunctionProps) {
    const { tables, topics, encryptionKey } = props;
    const { role, logGroup } = roleAndLogs(this, props);
    encryptionKey?.grant(
      new ServicePrincipal(`logs.${Stack.of(this).region}.amazonaws.com`),
      ...KEY_RIGHTS,
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    );
    topics.alerts.grantPublish(role);
    topics.orders.grantPublish(role);
    for (const statement of tableRights(tables)) role.addToPolicy(statement);
    this.#checkpoints?.grantUse(role);
    this.workers?.grantInvoke(role);
    if (this.#checkpoints) encryptionKey?.grant(role, ...KEY_RIGHTS);
    for (const table of [tables.accounts, tables.market, tables.margin]) {
      table.encryptionKey?.grant(role, ...KEY_RIGHTS);
    }
    this.#acknowledge(role, props);
    return { role, logGroup };
  }
}

/** Without esbuild the CDK would bundle in Docker, which has none of the packages of the function. */
function requireEsbuild(): void {
  try {
    createRequire(import.meta.url).resolve('esbuild');
  } catch {
    throw new Error('MarginChecker bundles its function with esbuild: npm install esbuild');
  }
}

function environment(props: CheckFunctionProps): CheckEnvironment {
  const { accountsStreamArn } = props.tables;
  return {
    ACCOUNTS_TABLE: props.tables.accounts.tableName,
    MARKET_TABLE: props.tables.market.tableName,
    MARGIN_TABLE: props.tables.margin.tableName,
    ALERTS_TOPIC_ARN: props.topics.alerts.topicArn,
    ORDERS_TOPIC_ARN: props.topics.orders.topicArn,
    CHECK_INTERVAL_SECONDS: String(props.checkIntervalSeconds),
    SERVICE_NAME: props.serviceName,
    STACK_NAME: Stack.of(props.tables).stackName,
    RUNBOOK_URL: props.runbook,
    ...(accountsStreamArn !== undefined && { ACCOUNTS_STREAM_ARN: accountsStreamArn }),
    ...(props.tables.eventStreams !== undefined && { [EVENTS_ENVIRONMENT]: 'on' }),
  };
}

/** Explicit, because the CDK's grants include every index. */
function tableRights(tables: MarginTables): PolicyStatement[] {
  const { accounts, market, margin, accountsStreamArn } = tables;
  const openCases = `${margin.tableArn}/index/${TABLES.margin.sparseIndex.indexName}`;
  return [
    allow(accounts.tableArn, ['Query', 'Scan']),
    allow(market.tableArn, ['Scan']),
    allow(margin.tableArn, ['BatchGetItem', 'GetItem', 'PutItem', 'Query']),
    allow(openCases, ['Scan']),
    ...(accountsStreamArn === undefined ? [] : streamRights(accounts, accountsStreamArn)),
  ];
}

/** The table's key, if it has one, encrypts its stream, too: `KEY_RIGHTS` are enough for both. */
function streamRights(accounts: AnyTable, streamArn: string): PolicyStatement[] {
  const canaries = allow(accounts.tableArn, ['PutItem', 'DeleteItem']);
  canaries.addConditions(onlyLeadingKeys('StringLike', [`${CANARY_PREFIX}*`]));
  return [allow(streamArn, ['DescribeStream', 'GetShardIterator', 'GetRecords']), canaries];
}

export function allow(resource: string, verbs: readonly string[]): PolicyStatement {
  const actions = verbs.map((verb) => `dynamodb:${verb}`);
  return new PolicyStatement({ actions, resources: [resource] });
}
