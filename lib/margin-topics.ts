import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FifoThroughputScope, type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { TOPICS } from './names.ts';

interface MarginTopicsProps {
  /** Topics that exist already; the others are made. */
  readonly given: Partial<Record<'alerts' | 'orders' | 'alarms', ITopic>>;
  readonly encryptionKey: IKey | undefined;
}

/** Where decisions go out: alerts to people and systems, order plans to the execution system. */
export class MarginTopics extends Construct {
  readonly alerts: ITopic;
  readonly orders: ITopic;
  /** What CloudWatch says about the checker itself. Not a margin message: people only. */
  readonly alarms: ITopic;

  constructor(scope: Construct, id: string, { given, encryptionKey }: MarginTopicsProps) {
    super(scope, id);
    const secured = { enforceSSL: true, ...(encryptionKey && { masterKey: encryptionKey }) };
    this.alerts = given.alerts ?? new Topic(this, 'Alerts', secured);
    this.orders = given.orders ?? new Topic(this, 'Orders', { ...secured, ...ORDERS });
    this.alarms = given.alarms ?? new Topic(this, 'Alarms', secured);
    if (given.alarms === undefined) this.#letAlarmsRing(encryptionKey);
  }

  /** A policy of its own takes from a topic what CloudWatch may do by default; a key never gave it. */
  #letAlarmsRing(encryptionKey: IKey | undefined): void {
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    this.alarms.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [this.alarms.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    encryptionKey?.grant(cloudWatch, 'kms:Decrypt', 'kms:GenerateDataKey');
  }
}

/**
 * A plan's deduplication id is its plan id, never a hash of its content: a plan that is published
 * again must be dropped even if a byte of it differs. Throughput counts by message group, which is
 * the account, so that a day of mass liquidations is not held to 3,000 plans a second.
 */
const ORDERS = {
  fifo: TOPICS.orders.fifo,
  contentBasedDeduplication: false,
  fifoThroughputScope: FifoThroughputScope.MESSAGE_GROUP,
};
