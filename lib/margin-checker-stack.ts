import { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { MarginChecker } from './margin-checker.ts';

export interface MarginCheckerStackProps {
  /** In whole minutes. */
  readonly checkIntervalSeconds: number;
  /** Receives every alert and alarm, once both subscriptions are confirmed. */
  readonly alertEmail?: string | undefined;
  /** Creates your own KMS key, which encrypts everything. */
  readonly customerKey?: boolean;
  readonly keepTables?: boolean;
  readonly tracing?: boolean;
}

export class MarginCheckerStack extends Stack {
  constructor(scope: Construct, id: string, props: MarginCheckerStackProps) {
    super(scope, id, {
      description: 'Publishes margin calls and liquidation orders for DynamoDB rows through SNS',
    });
    const { checkIntervalSeconds, alertEmail, customerKey, keepTables, tracing } = props;
    const encryptionKey = customerKey
      ? new Key(this, 'Key', { enableKeyRotation: true, description: 'Margin checker' })
      : undefined;
    // CDK names omit the id "Default", so the checker is named like its stack.
    const checker = new MarginChecker(this, 'Default', {
      checkIntervalSeconds,
      encryptionKey,
      keepTables,
      tracing,
    });
    if (alertEmail) {
      checker.alerts.addSubscription(new EmailSubscription(alertEmail));
      checker.alarmTopic.addSubscription(new EmailSubscription(alertEmail));
    }
  }
}
