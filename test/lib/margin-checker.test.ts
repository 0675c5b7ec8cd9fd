import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { marketAttributes } from '../../lambda/rows/market-rows.ts';
import { MarginChecker, type MarginCheckerProps } from '../../lib/margin-checker.ts';

function stackOf(): Stack {
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
  return new Stack(app, 'Desk');
}

function checkerWith(props: MarginCheckerProps = {}) {
  const stack = stackOf();
  const checker = new MarginChecker(stack, 'Checker', props);
  return { stack, checker, template: () => Template.fromStack(stack) };
}

const table = (stack: Stack, id: string) =>
  new Table(stack, id, {
    partitionKey: { name: 'a', type: AttributeType.STRING },
    sortKey: { name: 'b', type: AttributeType.STRING },
  });

describe('a resource passed to the construct', () => {
  it('is used, and only the others are created', () => {
    const stack = stackOf();
    const accounts = table(stack, 'Mine');
    const alerts = new Topic(stack, 'MyAlerts');
    const checker = new MarginChecker(stack, 'Checker', {
      tables: { accounts },
      topics: { alerts },
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 3);
    template.resourceCountIs('AWS::SNS::Topic', 3);
    expect([checker.accounts, checker.alerts]).toEqual([accounts, alerts]);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          ACCOUNTS_TABLE: stack.resolve(accounts.tableName),
          ALERTS_TOPIC_ARN: stack.resolve(alerts.topicArn),
        },
      },
    });
  });

  it('encrypts tables, topics, logs and dead letters if it is a key', () => {
    const stack = stackOf();
    const encryptionKey = new Key(stack, 'Key');
    new MarginChecker(stack, 'Checker', { encryptionKey });
    const template = Template.fromStack(stack);
    const arn = stack.resolve(encryptionKey.keyArn);
    const sse = { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn };
    const everyOne = (type: string, properties: object) =>
      template.resourcePropertiesCountIs(type, properties, count(template, type));
    everyOne('AWS::DynamoDB::Table', { SSESpecification: sse });
    everyOne('AWS::SNS::Topic', { KmsMasterKeyId: arn });
    everyOne('AWS::SQS::Queue', { KmsMasterKeyId: arn });
    everyOne('AWS::Logs::LogGroup', { KmsKeyId: arn });
    const uses = JSON.stringify(template.findResources('AWS::KMS::Key'));
    for (const service of ['cloudwatch.amazonaws.com', 'logs.']) expect(uses).toContain(service);
  });

  it('lets the schedule store a dead letter if it is a key', () => {
    const stack = stackOf();
    const encryptionKey = new Key(stack, 'Key');
    new MarginChecker(stack, 'Checker', { encryptionKey });
    const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
    const [, scheduler] = Object.entries(policies).find(([id]) => id.includes('Scheduler')) ?? [];
    expect(scheduler?.Properties.PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: stack.resolve(encryptionKey.keyArn),
    });
  });

  it('keeps its own policy if it is an alarms topic', () => {
    const stack = stackOf();
    new MarginChecker(stack, 'Checker', { topics: { alarms: new Topic(stack, 'MyAlarms') } });
    const policies = JSON.stringify(
      Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'),
    );
    expect(policies).not.toContain('MyAlarms');
  });

  it('is never required, as the construct creates what is missing', () => {
    const { template } = checkerWith();
    template().resourceCountIs('AWS::KMS::Key', 0);
  });
});

const count = (template: Template, type: string): number =>
  Object.keys(template.findResources(type)).length;

describe('tables with keepTables false', () => {
  it('are deleted with the stack', () => {
    const template = checkerWith({ keepTables: false }).template();
    template.allResources('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: Match.objectLike({ DeletionProtectionEnabled: false }),
    });
  });
});

describe('the interval of the construct', () => {
  it.each([0, 59, 90, 86_460, Number.NaN])('is refused if it is %d s', (checkIntervalSeconds) => {
    expect(() => checkerWith({ checkIntervalSeconds })).toThrow(
      /^checkIntervalSeconds .*: give seconds in whole minutes, from 60 to 86400/,
    );
  });
});

describe('the grants of the construct', () => {
  it.each([
    ['grantWriteAccounts', 'accounts', 'dynamodb:PutItem'],
    ['grantWriteMarket', 'market', 'dynamodb:PutItem'],
    ['grantReadMargin', 'margin', 'dynamodb:GetItem'],
  ] as const)('give access to one table only: %s', (grant, name, action) => {
    const { stack, checker, template } = checkerWith();
    checker[grant](new User(stack, 'Feeder'));
    const policies = Object.values(template().findResources('AWS::IAM::Policy'));
    const [policy] = policies.filter(({ Properties }) => Properties.Users !== undefined);
    const statements = policy?.Properties.PolicyDocument.Statement;
    expect(JSON.stringify(statements)).toContain(action);
    const arn = JSON.stringify(stack.resolve(checker[name].tableArn));
    for (const { Resource } of statements) {
      for (const each of [Resource].flat())
        expect(JSON.stringify(each)).toContain(arn.slice(1, -1));
    }
  });
});

describe('a right to write the market', () => {
  const KINDS = {
    grantWriteQuotes: ['quote'],
    grantWriteRules: ['asset', 'location', 'instrument', 'risk'],
    grantWritePolicy: ['policy'],
    grantWriteFund: ['fund'],
  } as const;
  type Right = keyof typeof KINDS;
  const rights = Object.keys(KINDS) as Right[];

  function statementsOf(right: Right, props: MarginCheckerProps = {}) {
    const { stack, checker, template } = checkerWith(props);
    checker[right](new User(stack, 'Writer'));
    const policies = Object.values(template().findResources('AWS::IAM::Policy'));
    const [policy] = policies.filter(({ Properties }) => Properties.Users !== undefined);
    const market = stack.resolve(checker.market.tableArn);
    return { statements: policy?.Properties.PolicyDocument.Statement, market };
  }

  it.each(rights)('is limited to its own rows by their leading key: %s', (right) => {
    const { statements, market } = statementsOf(right);
    expect(statements).toEqual([
      {
        Action: [
          'dynamodb:BatchWriteItem',
          'dynamodb:DeleteItem',
          // margin halt reads the policy before it writes it.
          ...(right === 'grantWritePolicy' ? ['dynamodb:GetItem'] : []),
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
        ],
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': KINDS[right] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
        Effect: 'Allow',
        Resource: market,
      },
    ]);
  });

  it('is apart from every other, and together they cover all kinds of rows', () => {
    const kinds: string[] = rights.flatMap((right) => KINDS[right]);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds.toSorted()).toEqual(Object.keys(marketAttributes).toSorted());
  });

  it('has the use of the key that encrypts the table', () => {
    const stack = stackOf();
    const encryptionKey = new Key(stack, 'Key');
    const checker = new MarginChecker(stack, 'Checker', { encryptionKey });
    checker.grantWriteQuotes(new User(stack, 'Writer'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Users: Match.anyValue(),
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: Match.arrayWith(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*']),
            Resource: stack.resolve(encryptionKey.keyArn),
          }),
        ]),
      }),
    });
  });

  it('of all kinds is not limited', () => {
    const { stack, checker, template } = checkerWith();
    checker.grantWriteMarket(new User(stack, 'Loader'));
    expect(JSON.stringify(template().findResources('AWS::IAM::Policy'))).not.toContain(
      'LeadingKeys',
    );
  });
});

/** A dashboard belongs to the whole account, whatever its region. */
const boardOf = (name: string | undefined) => ({
  'Fn::Join': ['', [`${name}-`, { Ref: 'AWS::Region' }]],
});

describe('two checkers in one stack', () => {
  it('share no physical name', () => {
    const stack = stackOf();
    const names = ['Spot', 'Futures'].map((id) => {
      const checker = new MarginChecker(stack, id, { checkIntervalSeconds: 300 });
      return checker.metricCheckGap().dimensions?.service;
    });
    expect(names).toEqual(['Desk-Spot', 'Desk-Futures']);
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Dashboard',
      { DashboardName: boardOf(names[0]) },
      1,
    );
    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Dashboard',
      { DashboardName: boardOf(names[1]) },
      1,
    );
  });
});

describe('a metric of the construct', () => {
  it('covers one interval, with the statistic of its name by default', () => {
    const { checker } = checkerWith({ checkIntervalSeconds: 300 });
    expect(checker.metricFailedAccounts()).toMatchObject({
      namespace: 'MarginChecker',
      metricName: 'FailedAccounts',
      statistic: 'Sum',
      dimensions: { service: 'Desk-Checker' },
    });
    expect(checker.metricFailedAccounts().period.toSeconds()).toBe(300);
    expect(checker.metricCheckDuration({ statistic: 'p99' }).statistic).toBe('p99');
  });
});

describe('the alarms of the construct', () => {
  const { stack, checker, template: synthesized } = checkerWith({ checkIntervalSeconds: 120 });
  const template = synthesized();
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
  const named = (name: string) =>
    alarms.find(({ Properties }) => Properties.AlarmName === `Desk-Checker-${name}`)?.Properties;

  it('are exactly these, each with the name of the checker', () => {
    expect(alarms.map(({ Properties }) => Properties.AlarmName).sort()).toEqual(
      [
        'BadDebtAtShock',
        'CascadePossible',
        'FailedAccounts',
        'FunctionErrors',
        'IndeterminateAccounts',
        'MissedChecks',
        'NearTimeout',
        'NoCompleteCheck',
        'UnaccountedAccounts',
        'UncoveredLoss',
        'UndeliveredAlerts',
        'UndeliveredOrders',
        'UnpublishedMessages',
        'UnreachedAccounts',
      ].map((name) => `Desk-Checker-${name}`),
    );
    expect(checker.alarms).toHaveLength(alarms.length);
  });

  it.each(alarms.map(({ Properties }) => Properties))(
    'describe impact, action and further reading, also when they are over: $AlarmName',
    ({ AlarmName, AlarmDescription, AlarmActions, OKActions }) => {
      expect(AlarmDescription).toMatch(
        /^IMPACT: .{30,} DO: .{30,} MORE: docs\/runbook\.md#[a-z]+$/,
      );
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
      const heading = AlarmName.split('-').at(-1);
      expect(AlarmDescription).toContain(`#${heading.toLowerCase()}`);
      expect(runbook).toContain(`### ${heading}\n`);
      const topic = [stack.resolve(checker.alarmTopic.topicArn)];
      expect([AlarmActions, OKActions]).toEqual([topic, topic]);
    },
  );

  it('ring after three intervals without a complete check, and missing data counts as none', () => {
    expect(named('NoCompleteCheck')).toMatchObject({
      MetricName: 'CompleteChecks',
      Statistic: 'Sum',
      Period: 120,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  it.each([
    ['FailedAccounts', 0],
    ['UnaccountedAccounts', 0],
    ['UnreachedAccounts', 0],
    ['IndeterminateAccounts', 5],
    ['UnpublishedMessages', 240],
    ['UndeliveredAlerts', 0],
    ['UndeliveredOrders', 0],
    ['MissedChecks', 0],
    ['FunctionErrors', 0],
    ['NearTimeout', 96_000],
  ])('ring for %s above %d', (name, threshold) => {
    expect(named(name)).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  it.each(['FunctionErrors', 'NearTimeout'])(
    'look back three intervals for %s, which Lambda reports late',
    (name) => {
      expect(named(name)).toMatchObject({ EvaluationPeriods: 3, DatapointsToAlarm: 1 });
    },
  );

  it('use the given share of indeterminate accounts', () => {
    const other = checkerWith({ indeterminatePercentMax: 1 }).template();
    other.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'IndeterminateShare',
      Threshold: 1,
    });
  });
});

describe('the dashboard of the construct', () => {
  it('shows every alarm, and each figure that somebody on call needs', () => {
    const { stack, checker } = checkerWith();
    const [board] = Object.values(
      Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'),
    );
    const body = JSON.stringify(board?.Properties.DashboardBody);
    for (const alarm of checker.alarms) {
      expect(body).toContain(stack.resolve(alarm.alarmArn)['Fn::GetAtt'][0]);
    }
    for (const figure of [
      'CheckGap',
      'CalledBooks',
      'OldestPriceAge',
      'UnpublishedAge',
      'Errors',
    ]) {
      expect(body).toContain(figure);
    }
  });
});

it('only Lambda can assume the role of the function', () => {
  checkerWith()
    .template()
    .hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: new ServicePrincipal('lambda.amazonaws.com').service },
          }),
        ],
      },
    });
});
