import { CfnOutput, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Notify } from './alert-forwarder.ts';
import type { AlertBus } from './event-bus-delivery.ts';
import { MarginChecker } from './margin-checker.ts';

export interface MarginCheckerStackProps {
  /** In whole minutes, or a divisor of a minute. */
  readonly checkIntervalSeconds: number;
  /** Receives every alert and alarm, once both subscriptions are confirmed. */
  readonly alertEmail?: string | undefined;
  /** Creates your own KMS key, which encrypts everything. */
  readonly customerKey?: boolean;
  readonly keepTables?: boolean;
  readonly tracing?: boolean;
  /** Checks read only accounts that no certificate proves healthy, or that have changed. */
  readonly certificates?: boolean;
  /** Changed accounts and moved prices start checks at once. */
  readonly events?: boolean;
  /** With certificates: invocations of a second function that read accounts at once. */
  readonly workers?: number;
  /** Gets every alert: `default` is the account's own bus; any other name is a new one. */
  readonly eventBus?: string | undefined;
  readonly notify?: readonly Notify[] | undefined;
  readonly chatbot?: boolean;
  readonly runbookUrl?: string | undefined;
}

/** The bus that every account has. */
const DEFAULT_BUS = 'default';

export class MarginCheckerStack extends Stack {
  constructor(scope: Construct, id: string, props: MarginCheckerStackProps) {
    super(scope, id, {
      description: 'Publishes margin calls and liquidation orders for DynamoDB rows through SNS',
    });
    const { checkIntervalSeconds, alertEmail, customerKey, keepTables, tracing } = props;
    const { certificates, events, workers, eventBus, notify, chatbot, runbookUrl } = props;
    const encryptionKey = customerKey
      ? new Key(this, 'Key', { enableKeyRotation: true, description: 'Margin checker' })
      : undefined;
    // CDK names omit the id "Default", so the checker is named like its stack.
    const checker = new MarginChecker(this, 'Default', {
      checkIntervalSeconds,
      encryptionKey,
      keepTables,
      tracing,
      certificates,
      events,
      workers,
      eventBus: eventBus === undefined ? undefined : this.#bus(eventBus),
      notify,
      chatbot,
      runbookUrl,
    });
    const { chatTopic } = checker.receivers;
    if (chatTopic) new CfnOutput(this, 'ChatTopicArn', { value: chatTopic.topicArn });
    if (alertEmail) {
      checker.alerts.addSubscription(new EmailSubscription(alertEmail));
      checker.alarmTopic.addSubscription(new EmailSubscription(alertEmail));
    }
  }
  #bus(name: string): AlertBus {
    return name === DEFAULT_BUS
      ? EventBus.fromEventBusName(this, 'AlertBus', name)
      : new EventBus(this, 'AlertBus', { eventBusName: name });
  }
}
