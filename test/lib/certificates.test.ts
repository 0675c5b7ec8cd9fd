import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { MarginChecker, type MarginCheckerProps } from '../../lib/margin-checker.ts';
import { MarginCheckerStack } from '../../lib/margin-checker-stack.ts';
import {
  CERTIFICATES_ENVIRONMENT,
  CERTIFICATES_METRICS,
  ENVIRONMENT_NAMES,
  METRICS,
} from '../../lib/names.ts';

function stackOf(): Stack {
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
  return new Stack(app, 'Desk');
}

function checkerWith(props: MarginCheckerProps = {}, stack = stackOf()) {
  const checker = new MarginChecker(stack, 'Checker', props);
  return { stack, checker, template: Template.fromStack(stack) };
}

const ownTable = (stack: Stack, stream?: StreamViewType) =>
  new Table(stack, 'Mine', {
    partitionKey: { name: 'accountId', type: AttributeType.STRING },
    sortKey: { name: 'item', type: AttributeType.STRING },
    ...(stream && { stream }),
  });

/** The properties of the only resource of this type whose logical id contains the word. */
function propertiesOf(template: Template, type: string, word: string) {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.includes(word));
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties;
}

const TABLE = 'AWS::DynamoDB::Table';
const BUCKET = 'AWS::S3::Bucket';
const variablesOf = (template: Template) =>
  propertiesOf(template, 'AWS::Lambda::Function', 'Handler').Environment.Variables;

interface Statement {
  readonly Action: string | string[];
  readonly Condition?: unknown;
  readonly Resource: unknown;
}

const statementsOf = (template: Template): Statement[] =>
  propertiesOf(template, 'AWS::IAM::Policy', 'CheckRole').PolicyDocument.Statement;

const alarmsOf = (template: Template) =>
  Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  );

describe('without certificates', () => {
  const template = checkerWith().template;

  it('the template is the same whether they are off or not mentioned', () => {
    expect(checkerWith({ certificates: false }).template.toJSON()).toEqual(template.toJSON());
  });

  it('nothing of them is in the template', () => {
    const text = JSON.stringify(template.toJSON());
    const words = [
      'Stream',
      'Checkpoint',
      'AWS::S3',
      'LeadingKeys',
      'canary',
      ...Object.keys(CERTIFICATES_METRICS),
    ];
    const found = words.filter((word) => text.replaceAll('CreateLogStream', '').includes(word));
    expect(found).toEqual([]);
    expect(Object.keys(variablesOf(template))).not.toContain('ACCOUNTS_STREAM_ARN');
  });

  it('a given table needs no stream, and one that it has is not used', () => {
    for (const view of [undefined, StreamViewType.KEYS_ONLY]) {
      const stack = stackOf();
      const { template: ofOwn } = checkerWith(
        { tables: { accounts: ownTable(stack, view) } },
        stack,
      );
      expect(JSON.stringify(statementsOf(ofOwn))).not.toContain('StreamArn');
      expect(Object.keys(variablesOf(ofOwn))).not.toContain('ACCOUNTS_STREAM_ARN');
    }
  });
});

describe('with certificates', () => {
  const { stack, checker, template } = checkerWith({ certificates: true });
  const streamArn = stack.resolve(checker.accounts.tableStreamArn);

  it('the accounts table has a stream of keys, and no other table has one', () => {
    expect(propertiesOf(template, TABLE, 'TablesAccounts').StreamSpecification).toEqual({
      StreamViewType: 'KEYS_ONLY',
    });
    for (const word of ['TablesMarket', 'TablesMargin']) {
      expect(propertiesOf(template, TABLE, word)).not.toHaveProperty('StreamSpecification');
    }
  });

  const bucket = () => {
    const [id = expect.fail('no bucket')] = Object.keys(template.findResources(BUCKET));
    return id;
  };

  it('the function knows the stream and the bucket, by variables that are not required', () => {
    const { ACCOUNTS_STREAM_ARN, CHECKPOINT_BUCKET, ...others } = variablesOf(template);
    expect(ACCOUNTS_STREAM_ARN).toEqual(streamArn);
    expect(CHECKPOINT_BUCKET).toEqual({ Ref: bucket() });
    expect(others).toEqual(variablesOf(checkerWith().template));
    expect(CERTIFICATES_ENVIRONMENT).toEqual(['ACCOUNTS_STREAM_ARN', 'CHECKPOINT_BUCKET']);
    const required: readonly string[] = ENVIRONMENT_NAMES;
    expect(CERTIFICATES_ENVIRONMENT.filter((name) => required.includes(name))).toEqual([]);
  });

  it('checkpoints lie in a bucket that nobody else may read, for a day', () => {
    const { Properties, DeletionPolicy } = template.findResources(BUCKET)[bucket()] ?? {};
    expect(DeletionPolicy).toBe('Retain');
    expect(Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 1, Status: 'Enabled' }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
  });

  it('the function may also read the stream, write canary rows and keep checkpoints', () => {
    const before = statementsOf(checkerWith().template).map((each) => JSON.stringify(each));
    const added = statementsOf(template).filter((each) => !before.includes(JSON.stringify(each)));
    expect(added).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        Resource: streamArn,
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:DeleteItem', 'dynamodb:PutItem'],
        Resource: stack.resolve(checker.accounts.tableArn),
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['~canary-*'] },
          // Otherwise a request without leading keys would meet the first condition.
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket(), 'Arn'] }, '/*']] },
      },
    ]);
    expect(statementsOf(template)).toHaveLength(before.length + added.length);
  });

  it('the function needs no further use of the key that encrypts tables, stream and bucket', () => {
    const [off, on] = [false, true].map((certificates) => {
      const keyStack = stackOf();
      const encryptionKey = new Key(keyStack, 'Key');
      const { template: encrypted } = checkerWith({ encryptionKey, certificates }, keyStack);
      for (const each of Object.values(encrypted.findResources(BUCKET))) {
        const [rule] = each.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
        expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe('aws:kms');
      }
      return statementsOf(encrypted).filter(({ Action }) =>
        [Action].flat().some((action) => action.startsWith('kms:')),
      );
    });
    expect(on).toEqual(off);
    expect(on?.flatMap(({ Action }) => Action)).toEqual(
      expect.arrayContaining(['kms:Decrypt', 'kms:DescribeKey']),
    );
  });

  it('the stack of the context has the stream, too', () => {
    const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
    const props = { checkIntervalSeconds: 60, certificates: true };
    const ofStack = Template.fromStack(new MarginCheckerStack(app, 'Test', props));
    expect(propertiesOf(ofStack, TABLE, 'Accounts')).toHaveProperty('StreamSpecification');
    expect(variablesOf(ofStack)).toHaveProperty('ACCOUNTS_STREAM_ARN');
  });

  it('the dashboard shows how many accounts were read and certified', () => {
    const [board] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(board?.Properties.DashboardBody);
    for (const figure of ['CertifiedAccounts', 'ReadAccounts', 'ChangedAccounts', 'StreamLag']) {
      expect(body).toContain(figure);
    }
  });
});

describe('a table of the user, with certificates', () => {
  it.each([StreamViewType.KEYS_ONLY, StreamViewType.NEW_AND_OLD_IMAGES])(
    'is read by its stream, whatever that shows of a row: %s',
    (view) => {
      const stack = stackOf();
      const accounts = ownTable(stack, view);
      const { template } = checkerWith({ certificates: true, tables: { accounts } }, stack);
      expect(propertiesOf(template, TABLE, 'Mine').StreamSpecification.StreamViewType).toBe(view);
      const streamArn = stack.resolve(accounts.tableStreamArn);
      expect(variablesOf(template).ACCOUNTS_STREAM_ARN).toEqual(streamArn);
      expect(statementsOf(template).map(({ Resource }) => Resource)).toContainEqual(streamArn);
    },
  );

  it('can be imported with its stream', () => {
    const stack = stackOf();
    const tableArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/accounts';
    const tableStreamArn = `${tableArn}/stream/2026-12-01T00:00:00.000`;
    const accounts = Table.fromTableAttributes(stack, 'Mine', { tableArn, tableStreamArn });
    const { template } = checkerWith({ certificates: true, tables: { accounts } }, stack);
    expect(variablesOf(template).ACCOUNTS_STREAM_ARN).toBe(tableStreamArn);
  });

  it('leaves the key of the bucket to be used', () => {
    const stack = stackOf();
    const accounts = ownTable(stack, StreamViewType.KEYS_ONLY);
    const market = Table.fromTableName(stack, 'Market', 'market');
    const margin = Table.fromTableName(stack, 'Margin', 'margin');
    const encryptionKey = new Key(stack, 'Key');
    const tables = { accounts, market, margin };
    const { template } = checkerWith({ certificates: true, encryptionKey, tables }, stack);
    const actions = statementsOf(template).flatMap(({ Action }) => Action);
    expect(actions).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']));
  });

  it.each([
    ['created', (stack: Stack) => ownTable(stack)],
    ['imported', (stack: Stack) => Table.fromTableName(stack, 'Mine', 'accounts')],
  ])('is refused without a stream, in one line that says what to do: %s', (_, make) => {
    const stack = stackOf();
    const tables = { accounts: make(stack) };
    expect(() => checkerWith({ certificates: true, tables }, stack)).toThrow(
      /^certificates need a stream of the given accounts table: .*KEYS_ONLY.*tableStreamArn.*$/,
    );
  });
});

describe('the alarms of certificates', () => {
  const { checker, template } = checkerWith({ certificates: true, checkIntervalSeconds: 120 });
  const others = alarmsOf(checkerWith().template).map(({ AlarmName }) => AlarmName);
  const alarms = alarmsOf(template).filter(({ AlarmName }) => !others.includes(AlarmName));
  const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
  const named = (name: string) =>
    alarms.find(({ AlarmName }) => AlarmName === `Desk-Checker-${name}`);

  it('are exactly these, beside all others', () => {
    const names = ['MissedChanges', 'StreamLag', 'UnsoundCertificates'];
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(
      names.map((name) => `Desk-Checker-${name}`),
    );
    expect(checker.alarms).toHaveLength(others.length + names.length);
  });

  it.each(alarms)(
    'describe impact, action and further reading: $AlarmName',
    ({ AlarmName, AlarmDescription }) => {
      const heading = AlarmName.split('-').at(-1);
      expect(AlarmDescription).toMatch(/^IMPACT: .{30,} DO: .{30,} MORE: docs\/runbook\.md#/);
      expect(AlarmDescription).toMatch(new RegExp(`#${heading.toLowerCase()}$`));
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
      expect(runbook).toContain(`### ${heading}\n`);
    },
  );

  it.each([
    ['MissedChanges', 'Sum', 0, 1],
    ['UnsoundCertificates', 'Sum', 0, 1],
    ['StreamLag', 'Maximum', 2, 3],
  ])('ring for %s, as a %s, above %d in %d periods', (name, statistic, above, periods) => {
    expect(named(name)).toMatchObject({
      Namespace: 'MarginChecker',
      MetricName: name,
      Statistic: statistic,
      Period: 120,
      Threshold: above,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: periods,
      DatapointsToAlarm: periods,
      TreatMissingData: 'notBreaching',
    });
  });
});

describe('the metrics of certificates', () => {
  it('have names of their own, so that the other checks do not pay for them', () => {
    expect(Object.keys(CERTIFICATES_METRICS).filter((name) => name in METRICS)).toEqual([]);
  });

  it('are metrics of the construct', () => {
    const { checker } = checkerWith({ certificates: true });
    expect(checker.metric('FullReads')).toMatchObject({
      metricName: 'FullReads',
      statistic: 'Sum',
      dimensions: { service: 'Desk-Checker' },
    });
    expect(checker.metric('ReadAccounts').statistic).toBe('Maximum');
  });
});
