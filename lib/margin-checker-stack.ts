import { CfnOutput, Stack } from 'aws-cdk-lib';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { CheckFunction } from './check-function.ts';
import { CheckSchedule } from './check-schedule.ts';
import { MarginTables } from './margin-tables.ts';
import { MarginTopics } from './margin-topics.ts';

export interface MarginCheckerStackProps {
  /** Seconds between two checks, in whole minutes. */
  readonly checkIntervalSeconds: number;
  /** Receives every alert once its owner has confirmed the subscription. */
  readonly alertEmail?: string | undefined;
}

/** The margin checker, for whichever account and region the CDK command is pointed at. */
export class MarginCheckerStack extends Stack {
  constructor(scope: Construct, id: string, props: MarginCheckerStackProps) {
    super(scope, id, {
      description: 'Margin calls and liquidation orders from DynamoDB rows, through SNS',
    });
    const { checkIntervalSeconds, alertEmail } = props;
    const tables = new MarginTables(this, 'Tables');
    const topics = new MarginTopics(this, 'Topics');
    const check = new CheckFunction(this, 'Check', { tables, topics, checkIntervalSeconds });
    new CheckSchedule(this, 'Schedule', { check, checkIntervalSeconds });
    if (alertEmail) topics.alerts.addSubscription(new EmailSubscription(alertEmail));

    new CfnOutput(this, 'AccountsTableName', { value: tables.accounts.tableName });
    new CfnOutput(this, 'MarketTableName', { value: tables.market.tableName });
    new CfnOutput(this, 'MarginTableName', { value: tables.margin.tableName });
    new CfnOutput(this, 'AlertsTopicArn', { value: topics.alerts.topicArn });
    new CfnOutput(this, 'OrdersTopicArn', { value: topics.orders.topicArn });
  }
}
