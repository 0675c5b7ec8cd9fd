import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import {
  MarginCheckerStack,
  type MarginCheckerStackProps,
} from '../../lib/margin-checker-stack.ts';
import { ENVIRONMENT_NAMES, OUTPUTS, TABLES, TOPICS } from '../../lib/names.ts';

/** The stack as `cdk deploy` makes it, without the bundle of the function. */
function synthesize(options: Partial<MarginCheckerStackProps> = {}) {
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
  const props = { checkIntervalSeconds: 60, ...options };
  return Template.fromStack(new MarginCheckerStack(app, 'Test', props));
}

const template = synthesize();

/** The only resource of a type, or the one whose logical id contains a word. */
function only(type: string, word = '') {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.includes(word));
  const [first, ...others] = found;
  if (!first || others.length > 0) throw new Error(`expected one ${type}, found ${found.length}`);
  const [logicalId, { Properties: properties, DeletionPolicy, UpdateReplacePolicy }] = first;
  return { logicalId, properties, DeletionPolicy, UpdateReplacePolicy };
}

const arnOf = (type: string, word = '') => ({
  'Fn::GetAtt': [only(type, word).logicalId, 'Arn'],
});
const TABLE = 'AWS::DynamoDB::Table';
const DENY_PLAIN_HTTP = Match.objectLike({
  Effect: 'Deny',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});
const DEAD_LETTERS = arnOf('AWS::SQS::Queue');

describe('the tables of the stack', () => {
  it('are the three that are defined, and no more', () => {
    template.resourceCountIs(TABLE, 3);
  });

  describe.each([
    { word: 'Accounts', definition: TABLES.accounts, keys: ['accountId', 'item'] },
    { word: 'Market', definition: TABLES.market, keys: ['kind', 'id'] },
    { word: 'Margin', definition: TABLES.margin, keys: ['pk', 'sk'] },
  ])('the table $word', ({ word, definition, keys }) => {
    const table = only(TABLE, `Tables${word}`);

    it('has the keys of its definition, both strings', () => {
      expect(keys).toEqual([definition.partitionKey, definition.sortKey]);
      expect(table.properties.KeySchema).toEqual([
        { AttributeName: keys[0], KeyType: 'HASH' },
        { AttributeName: keys[1], KeyType: 'RANGE' },
      ]);
      for (const { AttributeType } of table.properties.AttributeDefinitions) {
        expect(AttributeType).toBe('S');
      }
    });

    it('is billed per request', () => {
      expect(table.properties.BillingMode).toBe('PAY_PER_REQUEST');
    });

    it('can be restored to a point in time', () => {
      const { PointInTimeRecoverySpecification } = table.properties;
      expect(PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    });

    it('survives a deletion of the stack, a replacement and an accident', () => {
      expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(table.properties.DeletionProtectionEnabled).toBe(true);
    });

    it('has a name from CloudFormation, so that two stacks can share an account', () => {
      expect(table.properties).not.toHaveProperty('TableName');
    });
  });

  it('index the keys of open cases, and only those, in a sparse index of the margin table', () => {
    expect(only(TABLE, 'TablesMargin').properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'open-cases',
        KeySchema: [{ AttributeName: 'openSubject', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
  });

  it('let only the history of the margin table expire', () => {
    expect(only(TABLE, 'TablesMargin').properties.TimeToLiveSpecification).toEqual({
      AttributeName: 'expiresAtSeconds',
      Enabled: true,
    });
    for (const word of ['TablesAccounts', 'TablesMarket']) {
      expect(only(TABLE, word).properties).not.toHaveProperty('TimeToLiveSpecification');
    }
  });
});

describe('the topics of the stack', () => {
  it('publish alerts through a standard topic, which accepts e-mail subscriptions', () => {
    expect(TOPICS.alerts).toEqual({ localName: 'margin-alerts', fifo: false });
    expect(only('AWS::SNS::Topic', 'Alerts').properties ?? {}).not.toHaveProperty('FifoTopic');
  });

  it('publish order plans in order within an account, deduplicated by plan id only', () => {
    expect(TOPICS.orders).toEqual({ localName: 'liquidation-orders.fifo', fifo: true });
    expect(only('AWS::SNS::Topic', 'Orders').properties).toMatchObject({
      FifoTopic: true,
      ContentBasedDeduplication: false,
      FifoThroughputScope: 'MessageGroup',
      TopicName: expect.stringMatching(/\.fifo$/),
    });
  });

  it('have no subscriber by default', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it('subscribe the given address to alerts and alarms, and never to orders', () => {
    const withEmail = synthesize({ alertEmail: 'risk@example.com' });
    withEmail.resourceCountIs('AWS::SNS::Subscription', 2);
    for (const topic of ['Alerts', 'Alarms']) {
      withEmail.hasResourceProperties('AWS::SNS::Subscription', {
        Protocol: 'email',
        Endpoint: 'risk@example.com',
        TopicArn: { Ref: only('AWS::SNS::Topic', topic).logicalId },
      });
    }
  });

  it('accept the alarms of this account, which their own policy would otherwise forbid', () => {
    const { logicalId } = only('AWS::SNS::Topic', 'Alarms');
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      Topics: [{ Ref: logicalId }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Sid: Match.anyValue(),
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: { Ref: logicalId },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ]),
      },
    });
  });

  it.each(['Alerts', 'Orders', 'Alarms'])('accept nothing over plain HTTP: %s', (word) => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      Topics: [{ Ref: only('AWS::SNS::Topic', word).logicalId }],
      PolicyDocument: { Statement: Match.arrayWith([DENY_PLAIN_HTTP]) },
    });
  });
});

describe('the function of the stack', () => {
  const { properties: handler, logicalId: handlerId } = only('AWS::Lambda::Function');

  it('runs on the current Node, on ARM, with one whole processor', () => {
    expect(handler).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 1769,
      Handler: 'index.handler',
    });
  });

  it('reserves no concurrency, as that fails in accounts with a low limit', () => {
    expect(handler).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('has every defined variable, and the service name of its metrics', () => {
    const { NODE_OPTIONS, SERVICE_NAME, STACK_NAME, RUNBOOK_URL, ...variables } =
      handler.Environment.Variables;
    expect(NODE_OPTIONS).toBe('--max-semi-space-size=32');
    expect([SERVICE_NAME, STACK_NAME]).toEqual(['Test', 'Test']);
    expect(RUNBOOK_URL).toBe('docs/runbook.md');
    expect(Object.keys(variables).sort()).toEqual([...ENVIRONMENT_NAMES].sort());
    expect(variables).toEqual({
      ACCOUNTS_TABLE: { Ref: only(TABLE, 'TablesAccounts').logicalId },
      MARKET_TABLE: { Ref: only(TABLE, 'TablesMarket').logicalId },
      MARGIN_TABLE: { Ref: only(TABLE, 'TablesMargin').logicalId },
      ALERTS_TOPIC_ARN: { Ref: only('AWS::SNS::Topic', 'Alerts').logicalId },
      ORDERS_TOPIC_ARN: { Ref: only('AWS::SNS::Topic', 'Orders').logicalId },
      CHECK_INTERVAL_SECONDS: '60',
    });
  });

  it('keeps its logs for a month, in a log group of the stack', () => {
    const logs = only('AWS::Logs::LogGroup');
    expect(logs.properties.RetentionInDays).toBe(30);
    expect(handler.LoggingConfig.LogGroup).toEqual({ Ref: logs.logicalId });
  });

  it('never retries a failed or late check, but keeps its event as a dead letter', () => {
    expect(only('AWS::Lambda::EventInvokeConfig').properties).toMatchObject({
      FunctionName: { Ref: handlerId },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: DEAD_LETTERS } },
    });
  });

  it.each([
    { checkIntervalSeconds: 60, timeoutSeconds: 60 },
    { checkIntervalSeconds: 840, timeoutSeconds: 840 },
    { checkIntervalSeconds: 900, timeoutSeconds: 900 },
    { checkIntervalSeconds: 960, timeoutSeconds: 900 },
  ])('times out after $timeoutSeconds s at an interval of $checkIntervalSeconds s', (row) => {
    const { checkIntervalSeconds, timeoutSeconds: Timeout } = row;
    synthesize({ checkIntervalSeconds }).hasResourceProperties('AWS::Lambda::Function', {
      Timeout,
    });
  });
});

describe('the permissions of the stack', () => {
  it('let the function do exactly what a check does, on exactly these resources', () => {
    expect(rightsOf('CheckRole')).toEqual({
      'dynamodb:BatchGetItem': [tableArn('Margin')],
      'dynamodb:GetItem': [tableArn('Margin')],
      'dynamodb:PutItem': [tableArn('Margin')],
      'dynamodb:Query': [tableArn('Accounts'), tableArn('Margin')],
      'dynamodb:Scan': [
        tableArn('Accounts'),
        `${tableArn('Margin')}/index/open-cases`,
        tableArn('Market'),
      ],
      'logs:CreateLogStream': [text(arnOf('AWS::Logs::LogGroup'))],
      'logs:PutLogEvents': [text(arnOf('AWS::Logs::LogGroup'))],
      'sns:Publish': [topicArn('Alerts'), topicArn('Orders')],
      'sqs:GetQueueAttributes': [text(DEAD_LETTERS)],
      'sqs:GetQueueUrl': [text(DEAD_LETTERS)],
      'sqs:SendMessage': [text(DEAD_LETTERS)],
    });
  });

  it('let the schedule invoke the function and store a dead letter', () => {
    const handler = text(arnOf('AWS::Lambda::Function'));
    expect(rightsOf('SchedulerRole')).toEqual({
      'lambda:InvokeFunction': [handler],
      'sqs:SendMessage': [text(DEAD_LETTERS)],
    });
  });

  it('include no managed policy', () => {
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  it('forbid access to the dead letters over plain HTTP', () => {
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: [DENY_PLAIN_HTTP] },
    });
  });

  it.each([
    ['nothing by default', {}, []],
    [
      'only traces, as X-Ray has no resources',
      { tracing: true },
      ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    ],
  ])('the roles allow on all resources %s', (_, options, expected) => {
    const policies = Object.values(synthesize(options).findResources('AWS::IAM::Policy'));
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const broad = statements.filter(
      ({ Action, Resource }: { Action: unknown; Resource: unknown }) =>
        [Action, Resource].flat(2).some((each) => typeof each === 'string' && each.includes('*')),
    );
    expect(statements.length).toBeGreaterThan(5);
    expect(broad.flatMap(({ Action }: { Action: string[] }) => Action).sort()).toEqual(expected);
  });

  /** Every action that a role allows, with its resources. */
  function rightsOf(word: string): Record<string, string[]> {
    const rights: Record<string, string[]> = {};
    for (const statement of only('AWS::IAM::Policy', word).properties.PolicyDocument.Statement) {
      expect(statement.Effect).toBe('Allow');
      for (const action of [statement.Action].flat()) {
        rights[action] = [...(rights[action] ?? []), ...[statement.Resource].flat().map(text)];
        rights[action].sort();
      }
    }
    return rights;
  }

  /** A reference in the template as one string: `${logicalId.Arn}` or `${logicalId}`. */
  function text(reference: Reference): string {
    if (typeof reference === 'string') return reference;
    if ('Ref' in reference) return `\${${reference.Ref}}`;
    if ('Fn::GetAtt' in reference) return `\${${reference['Fn::GetAtt'].join('.')}}`;
    return reference['Fn::Join'][1].map(text).join('');
  }

  function tableArn(word: string): string {
    return text(arnOf(TABLE, `Tables${word}`));
  }

  function topicArn(word: string): string {
    return text({ Ref: only('AWS::SNS::Topic', word).logicalId });
  }

  type Reference =
    | string
    | { Ref: string }
    | { 'Fn::GetAtt': string[] }
    | { 'Fn::Join': [string, Reference[]] };
});

describe('the schedule of the stack', () => {
  const { properties: schedule } = only('AWS::Scheduler::Schedule');

  it.each([
    { checkIntervalSeconds: 60, rate: 'rate(1 minute)' },
    { checkIntervalSeconds: 300, rate: 'rate(5 minutes)' },
    { checkIntervalSeconds: 3600, rate: 'rate(1 hour)' },
  ])('has the same interval as the function: $checkIntervalSeconds s', (row) => {
    const { checkIntervalSeconds, rate } = row;
    const atInterval = synthesize({ checkIntervalSeconds });
    atInterval.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: rate });
    atInterval.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { CHECK_INTERVAL_SECONDS: String(checkIntervalSeconds) } },
    });
  });

  it('starts the function on time, without a flexible window', () => {
    expect(schedule.FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
    expect(schedule.Target.Arn).toEqual(arnOf('AWS::Lambda::Function'));
  });

  it('never delivers an event late, but keeps it as a dead letter', () => {
    expect(schedule.Target).toMatchObject({
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      DeadLetterConfig: { Arn: DEAD_LETTERS },
    });
  });

  it('tells the function when the check was due, in the shape of an EventBridge event', () => {
    expect(JSON.parse(schedule.Target.Input)).toEqual({
      version: '0',
      id: '<aws.scheduler.execution-id>',
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      time: '<aws.scheduler.scheduled-time>',
      resources: ['<aws.scheduler.schedule-arn>'],
      detail: {},
    });
  });
});

describe('the outputs of the stack', () => {
  it.each([
    { output: 'AccountsTableName', logicalId: only(TABLE, 'TablesAccounts').logicalId },
    { output: 'MarketTableName', logicalId: only(TABLE, 'TablesMarket').logicalId },
    { output: 'MarginTableName', logicalId: only(TABLE, 'TablesMargin').logicalId },
    { output: 'AlertsTopicArn', logicalId: only('AWS::SNS::Topic', 'Alerts').logicalId },
    { output: 'OrdersTopicArn', logicalId: only('AWS::SNS::Topic', 'Orders').logicalId },
    { output: 'AlarmsTopicArn', logicalId: only('AWS::SNS::Topic', 'Alarms').logicalId },
    { output: 'CheckFunctionName', logicalId: only('AWS::Lambda::Function').logicalId },
  ])('name what the user writes or subscribes to: $output', ({ output, logicalId }) => {
    template.hasOutput(output, { Value: { Ref: logicalId } });
  });

  it('are exactly those that the command reads', () => {
    expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([...OUTPUTS].sort());
    template.hasOutput('CheckIntervalSeconds', { Value: '60' });
  });
});
