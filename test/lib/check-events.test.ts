/** Events: a function on two streams, and a queue that starts the check function. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { eventMetricsOf } from '../../lambda/check/event-summary.ts';
import { readConfig, readEventsConfig } from '../../lambda/config.ts';
import { EVENTS } from '../../lambda/events/waiting-item.ts';
import { MarginChecker, type MarginCheckerProps } from '../../lib/margin-checker.ts';
import { EVENTS_METRICS, METRICS } from '../../lib/names.ts';

// biome-ignore lint/suspicious/noExplicitAny: each type of resource has other properties
type Properties = Record<string, any>;

const stackOf = () =>
  new Stack(new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } }), 'Desk');

function synthesized(props: MarginCheckerProps, stack = stackOf()) {
  const checker = new MarginChecker(stack, 'Checker', props);
  const template = Template.fromStack(stack);
  const all = (type: string, word = '') =>
    Object.entries(template.findResources(type))
      .filter(([id]) => id.includes(word))
      .map(([id, { Properties }]) => ({ ...(Properties as Properties), id }) as Properties);
  const named = (type: string, word: string): Properties => {
    const found = all(type, word);
    expect(found, `${type} ${word}`).toHaveLength(1);
    return found[0] as Properties;
  };
  return { checker, template, all, named };
}

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const streamArn = (id: string) => ({ 'Fn::GetAtt': [id, 'StreamArn'] });

const ownTable = (
  stack: Stack,
  id: string,
  keys: readonly [string, string],
  stream?: StreamViewType,
) =>
  new Table(stack, id, {
    partitionKey: { name: keys[0], type: AttributeType.STRING },
    sortKey: { name: keys[1], type: AttributeType.STRING },
    ...(stream && { stream }),
  });

describe('without events', () => {
  it.each([60, 10])('the template is as if there were none, at %i s', (checkIntervalSeconds) => {
    const without = synthesized({ checkIntervalSeconds }).template.toJSON();
    const off = synthesized({ checkIntervalSeconds, events: false }).template.toJSON();
    expect(off).toEqual(without);
    expect(JSON.stringify(without)).not.toMatch(/StreamSpecification|EVENTS|EventErrors/);
  });
});

describe('with events', () => {
  const { all, named, checker } = synthesized({ events: true });
  const check = named('AWS::Lambda::Function', 'CheckHandler');
  const events = named('AWS::Lambda::Function', 'EventsHandler');
  const queue = named('AWS::SQS::Queue', 'EventsWaiting');
  const deadLetters = named('AWS::SQS::Queue', 'CheckMissedChecks');
  const margin = named('AWS::DynamoDB::Table', 'TablesMargin');
  const accounts = named('AWS::DynamoDB::Table', 'TablesAccounts');
  const market = named('AWS::DynamoDB::Table', 'TablesMarket');

  it('both tables have streams: of keys, and of new rows', () => {
    expect(accounts.StreamSpecification).toEqual({ StreamViewType: 'KEYS_ONLY' });
    expect(market.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' });
    expect(margin).not.toHaveProperty('StreamSpecification');
  });

  it('the check function knows, and reads every account as before', () => {
    const { Variables } = check.Environment;
    expect(Variables.EVENTS).toBe('on');
    expect(Variables).not.toHaveProperty('ACCOUNTS_STREAM_ARN');
    const plain = Object.fromEntries(Object.keys(Variables).map((name) => [name, '60']));
    expect(readConfig(plain).hasEvents).toBeUndefined();
    expect(readConfig({ ...plain, EVENTS: Variables.EVENTS }).hasEvents).toBe(true);
  });

  it('the events function knows its table and its queue, and nothing else', () => {
    const { Variables } = events.Environment;
    expect(Variables).toEqual({
      MARGIN_TABLE: { Ref: margin.id },
      EVENT_QUEUE_URL: { Ref: queue.id },
    });
    expect(() => readEventsConfig({ MARGIN_TABLE: 'm', EVENT_QUEUE_URL: 'q' })).not.toThrow();
  });

  it.each([
    ['accounts', accounts, 0],
    ['market', market, 1],
  ])(
    'follows the stream of the %s table, and a record that fails holds up none',
    (_, table, window) => {
      const [mapping, ...others] = all('AWS::Lambda::EventSourceMapping').filter(
        ({ EventSourceArn }) =>
          JSON.stringify(EventSourceArn) === JSON.stringify(streamArn(table.id)),
      );
      expect(others).toEqual([]);
      expect(mapping).toMatchObject({
        FunctionName: { Ref: events.id },
        StartingPosition: 'LATEST',
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: window,
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 3,
        MaximumRecordAgeInSeconds: 60,
        DestinationConfig: { OnFailure: { Destination: arn(deadLetters.id) } },
      });
    },
  );

  it('passes over canary rows, and over all market rows but written quotes', () => {
    const filters = all('AWS::Lambda::EventSourceMapping').flatMap(({ FilterCriteria }) =>
      (FilterCriteria?.Filters ?? []).map(({ Pattern }: { Pattern: string }) =>
        JSON.parse(Pattern),
      ),
    );
    expect(filters).toEqual(
      expect.arrayContaining([
        { dynamodb: { Keys: { accountId: { S: [{ 'anything-but': { prefix: '~canary-' } }] } } } },
        // An account of somebody who calls it ~canary-wharf is one.
        { dynamodb: { Keys: { item: { S: [{ 'anything-but': { prefix: '2' } }] } } } },
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { kind: { S: ['quote'] } } } },
      ]),
    );
    expect(filters).toHaveLength(3);
  });

  it('a message starts a check, and none twice', () => {
    const mappings = all('AWS::Lambda::EventSourceMapping', 'CheckHandler');
    expect(mappings).toHaveLength(1);
    expect(mappings[0]).toMatchObject({
      EventSourceArn: arn(queue.id),
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(queue).toMatchObject({
      VisibilityTimeout: check.Timeout,
      MessageRetentionPeriod: check.Timeout + 120,
      RedrivePolicy: { deadLetterTargetArn: arn(deadLetters.id), maxReceiveCount: 1 },
    });
  });

  it('the events function may do exactly what it does', () => {
    const { PolicyDocument } = named('AWS::IAM::Policy', 'EventsRole');
    const rights = PolicyDocument.Statement.filter(
      ({ Action }: { Action: string | string[] }) => ![Action].flat()[0]?.startsWith('logs:'),
    );
    expect(rights).toEqual([
      { Action: 'sqs:SendMessage', Effect: 'Allow', Resource: arn(queue.id) },
      {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        Effect: 'Allow',
        Resource: arn(margin.id),
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [EVENTS] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      },
      {
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        Effect: 'Allow',
        Resource: [streamArn(accounts.id), streamArn(market.id)],
      },
      {
        Action: 'dynamodb:ListStreams',
        Effect: 'Allow',
        Resource: [accounts, market].map(({ id }) => ({
          'Fn::Join': ['', [arn(id), '/stream/*']],
        })),
      },
      {
        Action: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
        Effect: 'Allow',
        Resource: arn(deadLetters.id),
      },
    ]);
  });

  it('an alarm rings if the events function fails', () => {
    const alarm = named('AWS::CloudWatch::Alarm', 'EventErrors');
    expect(alarm).toMatchObject({ MetricName: 'Errors', Threshold: 0 });
    expect(alarm.Dimensions).toEqual([{ Name: 'FunctionName', Value: { Ref: events.id } }]);
    expect(checker.alarms.map(({ node }) => node.id)).toContain('EventErrors');
  });

  it('their metrics are none of the scheduled checks', () => {
    expect(Object.keys(EVENTS_METRICS).filter((name) => name in METRICS)).toEqual([]);
  });

  it('the dashboard shows each of them', () => {
    const [board] = all('AWS::CloudWatch::Dashboard');
    const shown = JSON.stringify(board?.DashboardBody);
    for (const name of Object.keys(EVENTS_METRICS)) expect(shown).toContain(name);
    const [without] = synthesized({}).all('AWS::CloudWatch::Dashboard');
    for (const name of Object.keys(EVENTS_METRICS)) {
      expect(JSON.stringify(without?.DashboardBody)).not.toContain(name);
    }
  });

  it('their figures are what an event check took', () => {
    const taken = { changed: { count: 7, accounts: [] }, feeds: ['BTC-USD'], latencySeconds: 0.4 };
    const metrics = eventMetricsOf(taken as never);
    const named = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    expect(named).toMatchObject({
      EventChecks: 1,
      EventAccounts: 7,
      EventMoves: 1,
      EventLatency: 0.4,
    });
    const workers = { accounts: 0, parts: 3, takenOver: 3 };
    expect(eventMetricsOf({ ...taken, workers } as never)).toContainEqual({
      ...{ name: 'WorkerTakeovers', unit: 'Count', value: 3 },
    });
    const [, , moves] = eventMetricsOf({ ...taken, feeds: [] } as never);
    expect(moves).toMatchObject({ name: 'EventMoves', value: 0 });
    expect(Object.keys(named)).toEqual(expect.arrayContaining(Object.keys(EVENTS_METRICS)));
  });

  it('go together with certificates and slots, each with a queue of its own', () => {
    const both = synthesized({ events: true, certificates: true, checkIntervalSeconds: 10 });
    const { Variables } = both.named('AWS::Lambda::Function', 'CheckHandler').Environment;
    expect(Variables).toMatchObject({ EVENTS: 'on', ACCOUNTS_STREAM_ARN: expect.anything() });
    expect(both.all('AWS::Lambda::EventSourceMapping')).toHaveLength(4);
  });
});

describe('given tables', () => {
  it.each(['accounts', 'market'] as const)('need streams: %s', (missing) => {
    const stack = stackOf();
    const view = (name: string) => (name === missing ? undefined : StreamViewType.NEW_IMAGE);
    const tables = {
      accounts: ownTable(stack, 'A', ['accountId', 'item'], view('accounts')),
      market: ownTable(stack, 'M', ['kind', 'id'], view('market')),
    };
    expect(() => synthesized({ events: true, tables }, stack)).toThrow(
      `events need a stream of the given ${missing} table`,
    );
  });

  it('are followed if they have them', () => {
    const stack = stackOf();
    const tables = {
      accounts: ownTable(stack, 'A', ['accountId', 'item'], StreamViewType.KEYS_ONLY),
      market: ownTable(stack, 'M', ['kind', 'id'], StreamViewType.NEW_IMAGE),
    };
    const { all } = synthesized({ events: true, tables }, stack);
    expect(all('AWS::Lambda::EventSourceMapping')).toHaveLength(3);
  });
});
