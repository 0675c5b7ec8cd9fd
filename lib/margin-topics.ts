import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FifoThroughputScope, type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { TOPICS } from './names.ts';

interface MarginTopicsProps {
  /** Missing topics are created. */
  readonly given: Partial<Record<'alerts' | 'orders' | 'alarms', ITopic>>;
  readonly encryptionKey: IKey | undefined;
}

export class MarginTopics extends Construct {
  readonly alerts: ITopic;
  readonly orders: ITopic;
  /** About the checker itself, for people only: no margin messages. */
  readonly alarms: ITopic;

  constructor(scope: Construct, id: string, { given, encryptionKey }: MarginTopicsProps) {
    super(scope, id);
    const secured = { enforceSSL: true, ...(encryptionKey && { masterKey: encryptionKey }) };
    this.alerts = given.alerts ?? new Topic(this, 'Alerts', secured);
    this.orders = given.orders ?? new Topic(this, 'Orders', { ...secured, ...ORDERS });
    this.alarms = given.alarms ?? new Topic(this, 'Alarms', secured);
    if (given.alarms === undefined) this.#letAlarmsRing(encryptionKey);
  }

  /** A topic policy removes CloudWatch's default right to publish; a key never grants it. */
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
 * The deduplication id is the plan id, not a content hash: a republished plan must be dropped even
 * if a byte differs. Throughput is limited per message group (the account), so that mass
 * liquidations are not limited to 3,000 plans a second.
 */
const ORDERS = {
  fifo: TOPICS.orders.fifo,
  contentBasedDeduplication: false,
  fifoThroughputScope: FifoThroughputScope.MESSAGE_GROUP,
};
