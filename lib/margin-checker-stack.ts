import { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { MarginChecker } from './margin-checker.ts';

export interface MarginCheckerStackProps {
  /** Seconds between two checks, in whole minutes. */
  readonly checkIntervalSeconds: number;
  /** Receives every alert and alarm once its owner has confirmed the two subscriptions. */
  readonly alertEmail?: string | undefined;
  /** Makes a key of your own that encrypts everything. */
  readonly customerKey?: boolean;
  readonly keepTables?: boolean;
  readonly tracing?: boolean;
}

/** The margin checker, for whichever account and region the CDK command is pointed at. */
export class MarginCheckerStack extends Stack {
  constructor(scope: Construct, id: string, props: MarginCheckerStackProps) {
    super(scope, id, {
      description: 'Margin calls and liquidation orders from DynamoDB rows, through SNS',
    });
    const { checkIntervalSeconds, alertEmail, customerKey, keepTables, tracing } = props;
    const encryptionKey = customerKey
      ? new Key(this, 'Key', { enableKeyRotation: true, description: 'Margin checker' })
      : undefined;
    // "Default" leaves no trace in names: the checker is the stack.
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
