/** A margin checker inside a stack of your own: your table, your key, your feeder, your executor. */
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { MarginChecker } from 'margin-checker';

const app = new App();
const stack = new Stack(app, 'DerivativesDesk');

const accounts = new Table(stack, 'Accounts', {
  partitionKey: { name: 'accountId', type: AttributeType.STRING },
  sortKey: { name: 'item', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.RETAIN,
});

const checker = new MarginChecker(stack, 'Margin', {
  checkIntervalSeconds: 120,
  tables: { accounts },
  encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }),
  indeterminatePercentMax: 1,
  // Alerts as events, for rules of your own; and to a channel and a service, by secrets.
  eventBus: new EventBus(stack, 'Alerts', { eventBusName: 'derivatives-desk' }),
  notify: [
    { format: 'slack', secretName: 'desk/slack-webhook', severities: ['warning', 'critical'] },
    { format: 'pagerduty', secretName: 'desk/pagerduty-key' },
  ],
  runbookUrl: 'https://wiki.example.com/margin/runbook.md',
});

// The service that writes prices may write quotes and nothing else: no rules, no halt, no fund.
const feeder = new Role(stack, 'PriceFeeder', {
  assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
});
checker.grantWriteQuotes(feeder);

// The execution system gets the plans, in order; the desk gets critical messages only.
const plans = new Queue(stack, 'Plans', { fifo: true });
checker.orders.addSubscription(new SqsSubscription(plans, { rawMessageDelivery: true }));
checker.alerts.addSubscription(
  new EmailSubscription('desk@example.com', {
    filterPolicy: { severity: SubscriptionFilter.stringFilter({ allowlist: ['critical'] }) },
  }),
);

// An alarm for this desk only.
new Alarm(stack, 'ManyCalls', {
  metric: checker.metricCalledBooks({ period: Duration.minutes(10) }),
  threshold: 50,
  evaluationPeriods: 1,
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  alarmDescription: 'More than 50 margin calls are open: have somebody at the desk.',
});

app.synth();
