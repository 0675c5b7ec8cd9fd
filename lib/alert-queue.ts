import { Duration, Validations } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ImpactAlarm } from './impact-alarm.ts';

export type AlertSeverity = 'info' | 'warning' | 'critical';

/** What every queue of alerts needs. */
export interface AlertQueueSettings {
  readonly alerts: ITopic;
  /** Rings when a message could not be handed over. */
  readonly alarmTopic: ITopic;
  readonly encryptionKey: IKey | undefined;
  readonly serviceName: string;
  readonly runbook: string;
}

interface AlertQueueProps extends AlertQueueSettings {
  /** As people call the receiver: "Slack". */
  readonly receiver: string;
  readonly severities?: readonly AlertSeverity[] | undefined;
  /** First steps when the alarm rings. */
  readonly action: string;
}

/** Six times as long as a forwarder may take, as AWS advises. */
const HIDDEN = Duration.seconds(180);
const ATTEMPTS_MAX = 4;

/** Alerts on their way to one receiver, and those that it has not taken after several attempts. */
export class AlertQueue extends Construct {
  readonly queue: Queue;
  readonly undelivered: Queue;
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: AlertQueueProps) {
    super(scope, id);
    const { alerts, encryptionKey, severities } = props;
    const secured = {
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
      ...(encryptionKey && { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    };
    this.undelivered = new Queue(this, 'Undelivered', secured);
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SQS3',
      reason: 'This queue is itself a dead-letter queue.',
    });
    this.queue = new Queue(this, 'Waiting', {
      ...secured,
      visibilityTimeout: HIDDEN,
      deadLetterQueue: { queue: this.undelivered, maxReceiveCount: ATTEMPTS_MAX },
    });
    const filter = severities && {
      filterPolicy: {
        severity: SubscriptionFilter.stringFilter({ allowlist: [...severities] }),
      },
    };
    alerts.addSubscription(
      new SqsSubscription(this.queue, { rawMessageDelivery: true, ...filter }),
    );
    this.alarm = this.#alarm(props);
  }

  #alarm({ receiver, action, alarmTopic, serviceName, runbook }: AlertQueueProps): Alarm {
    return new ImpactAlarm(this, 'UndeliveredNotices', {
      alarmName: `${serviceName}-${this.node.scope?.node.id}-UndeliveredNotices`,
      impact:
        `${receiver} has not taken an alert after ${ATTEMPTS_MAX} attempts. People who read alerts ` +
        'only there have missed it. Other receivers have it.',
      action,
      runbook,
      topic: alarmTopic,
      metric: this.undelivered.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
