/** Intervals below a minute: a queue and a second function. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { LAST_PUT_KEY } from '../../lambda/check/put-slots.ts';
import { HORIZON_SECONDS } from '../../lambda/check/slots-ahead.ts';
import { OF_EACH_CHECK, SUMMED } from '../../lambda/check/thinned.ts';
import { readSlotsConfig } from '../../lambda/config.ts';
import { MarginChecker, type MarginCheckerProps } from '../../lib/margin-checker.ts';
import {
  CERTIFICATES_METRICS,
  METRIC_NAMESPACE,
  METRICS,
  WORKERS_METRICS,
} from '../../lib/names.ts';

function synthesized(props: MarginCheckerProps, stack = stackOf()) {
  new MarginChecker(stack, 'Checker', props);
  const template = Template.fromStack(stack);
  const resources = template.toJSON().Resources as Record<string, Resource>;
  const named = (type: string, word: string) => {
    const found = Object.entries(resources).filter(
      ([id, { Type }]) => Type === type && id.includes(word),
    );
    expect(found, `${type} ${word}`).toHaveLength(1);
    const [id, { Properties }] = found[0] as [string, Resource];
    return { ...Properties, id } as Properties;
  };
  return { resources, named };
}

// biome-ignore lint/suspicious/noExplicitAny: each type of resource has other properties
type Properties = Record<string, any>;

interface Resource {
  readonly Type: string;
  /** As CloudFormation has them. */
  readonly Properties: Properties;
}

const stackOf = () =>
  new Stack(new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } }), 'Desk');

const at = (checkIntervalSeconds: number) => synthesized({ checkIntervalSeconds });
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

describe('an interval from a minute on', () => {
  it('adds nothing to the template, and takes nothing away', () => {
    const { resources } = at(60);
    expect(Object.keys(at(300).resources)).toEqual(Object.keys(resources));
    const counts = Map.groupBy(Object.values(resources), ({ Type }) => Type);
    const countOf = (type: string) => counts.get(type)?.length ?? 0;
    expect(countOf('AWS::Lambda::Function')).toBe(1);
    expect(countOf('AWS::SQS::Queue')).toBe(1);
    expect(countOf('AWS::Lambda::EventSourceMapping')).toBe(0);
    expect(JSON.stringify(resources)).not.toMatch(/slot/i);
  });

  it('is followed by all alarms, and by the schedule, which starts the check itself', () => {
    const { resources, named } = at(60);
    const alarms = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    expect(new Set(alarms.map(({ Properties }) => Properties.Period))).toEqual(new Set([60]));
    const schedule = named('AWS::Scheduler::Schedule', '');
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Target: { Arn: arn(named('AWS::Lambda::Function', 'Check').id) },
    });
  });
});

describe('an interval of ten seconds', () => {
  const { resources, named } = at(10);
  const check = named('AWS::Lambda::Function', 'CheckHandler');
  const slots = named('AWS::Lambda::Function', 'SlotsHandler');
  const queue = named('AWS::SQS::Queue', 'SlotsWaiting');
  const deadLetters = named('AWS::SQS::Queue', 'CheckMissedChecks');
  const margin = named('AWS::DynamoDB::Table', 'TablesMargin');
  const alarms = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const alarm = (name: string) =>
    alarms.find(({ Properties }) => Properties.AlarmName === `Desk-Checker-${name}`)?.Properties;

  it('is put into slots by a small function that Scheduler starts once a minute', () => {
    expect(named('AWS::Scheduler::Schedule', '')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arn(slots.id),
        DeadLetterConfig: { Arn: arn(deadLetters.id) },
      },
    });
    expect(slots).toMatchObject({ MemorySize: 256, Timeout: 30 });
    expect(named('AWS::Lambda::EventInvokeConfig', 'Slots')).toMatchObject({
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: arn(deadLetters.id) } },
    });
  });

  it('tells both functions the interval, and the second one its queue and table', () => {
    expect(check.Environment.Variables.CHECK_INTERVAL_SECONDS).toBe('10');
    const { Variables } = slots.Environment;
    expect(Variables).toEqual({
      MARGIN_TABLE: { Ref: margin.id },
      SLOT_QUEUE_URL: { Ref: queue.id },
      CHECK_INTERVAL_SECONDS: '10',
    });
    expect(() =>
      readSlotsConfig({ ...Variables, MARGIN_TABLE: 'm', SLOT_QUEUE_URL: 'q' }),
    ).not.toThrow();
  });

  it('starts a check with each message, one at a time, and none twice', () => {
    expect(named('AWS::Lambda::EventSourceMapping', '')).toMatchObject({
      EventSourceArn: arn(queue.id),
      FunctionName: { Ref: check.id },
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(queue).toMatchObject({
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: arn(deadLetters.id), maxReceiveCount: 1 },
    });
  });

  it('keeps a message until its slot, its check and its end as a dead letter', () => {
    const { MessageRetentionPeriod, VisibilityTimeout } = queue;
    expect(MessageRetentionPeriod).toBeGreaterThan(HORIZON_SECONDS + 2 * VisibilityTimeout - 1);
    expect(MessageRetentionPeriod).toBeLessThanOrEqual(600);
  });

  it('gives a check a minute, because a cold start can take longer than a slot', () => {
    expect(check.Timeout).toBe(60);
  });

  it('lets the slots function do exactly what it does', () => {
    const { PolicyDocument } = named('AWS::IAM::Policy', 'SlotsRole');
    const rights = PolicyDocument.Statement.filter(
      ({ Action }: { Action: string | string[] }) => ![Action].flat()[0]?.startsWith('logs:'),
    );
    expect(rights).toEqual([
      { Action: 'sqs:SendMessage', Effect: 'Allow', Resource: arn(queue.id) },
      {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Effect: 'Allow',
        Resource: arn(margin.id),
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [LAST_PUT_KEY.pk] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      },
      {
        Action: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
        Effect: 'Allow',
        Resource: arn(deadLetters.id),
      },
    ]);
  });

  it('lets the check take messages of this queue alone', () => {
    const { PolicyDocument } = named('AWS::IAM::Policy', 'CheckRole');
    const taking = PolicyDocument.Statement.filter(({ Action }: { Action: string | string[] }) =>
      [Action].flat().includes('sqs:ReceiveMessage'),
    );
    expect(taking).toHaveLength(1);
    expect(taking[0].Resource).toEqual(arn(queue.id));
  });

  it('encrypts the queue and the log with the key, and lets both functions use it', () => {
    const stack = stackOf();
    const encryptionKey = new Key(stack, 'Key');
    const keyed = synthesized({ checkIntervalSeconds: 10, encryptionKey }, stack);
    const key = stack.resolve(encryptionKey.keyArn);
    expect(keyed.named('AWS::SQS::Queue', 'SlotsWaiting').KmsMasterKeyId).toEqual(key);
    expect(keyed.named('AWS::Logs::LogGroup', 'Slots').KmsKeyId).toEqual(key);
    const rights = JSON.stringify(keyed.named('AWS::IAM::Policy', 'SlotsRole'));
    for (const right of ['kms:Decrypt', 'kms:GenerateDataKey"']) expect(rights).toContain(right);
  });

  it('is refused over plain HTTP', () => {
    const policies = Object.values(resources).filter(
      ({ Type }) => Type === 'AWS::SQS::QueuePolicy',
    );
    expect(policies.flatMap(({ Properties }) => Properties.Queues)).toContainEqual({
      Ref: queue.id,
    });
  });

  it('has the same alarms as an interval of a minute', () => {
    const names = (all: Record<string, Resource>) =>
      Object.values(all).flatMap(({ Properties }) => Properties?.AlarmName ?? []);
    expect(names(resources)).toEqual(names(at(60).resources));
  });

  it('looks at all alarms once a minute, but at the heartbeat every ten seconds', () => {
    const short = alarms.filter(({ Properties }) => Properties.Period !== 60);
    expect(short.map(({ Properties }) => Properties.AlarmName)).toEqual([
      'Desk-Checker-NoCompleteCheck',
    ]);
    expect(alarm('NoCompleteCheck')).toMatchObject({
      MetricName: 'CompleteChecks',
      Period: 10,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
  });

  it('has texts that are true', () => {
    expect(alarm('NoCompleteCheck')?.AlarmDescription).toContain(
      'No check has been complete for 30 seconds.',
    );
    expect(alarm('UnpublishedMessages')).toMatchObject({ Threshold: 60 });
    expect(alarm('UnpublishedMessages')?.AlarmDescription).toContain('were decided a minute ago');
    expect(alarm('MissedChecks')?.AlarmDescription).toContain('could not be put into their queue');
    for (const { Properties } of alarms) {
      expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    }
  });

  it('warns if checks take nearly the interval, not the time limit', () => {
    expect(alarm('NearTimeout')).toMatchObject({
      MetricName: 'CheckDuration',
      Statistic: 'Average',
      Threshold: 8,
      EvaluationPeriods: 3,
    });
    expect(alarm('NearTimeout')?.AlarmDescription).toContain('more than 80 % of the interval');
  });
});

describe('the heartbeat below a minute', () => {
  it.each([
    [1, 3],
    [6, 3],
    [10, 3],
    [12, 4],
    [15, 5],
    [20, 6],
    [30, 9],
  ])('of an interval of %d s rings after %d periods of ten seconds', (interval, periods) => {
    const { named } = at(interval);
    expect(named('AWS::CloudWatch::Alarm', 'NoCompleteCheck')).toMatchObject({
      Period: 10,
      EvaluationPeriods: periods,
    });
    expect(periods * 10).toBeGreaterThanOrEqual(Math.max(30, 3 * interval));
  });
});

describe('metrics below a minute', () => {
  it('have what an alarm reads at each check', () => {
    const { resources } = synthesized({
      ...{ checkIntervalSeconds: 10, certificates: true, workers: 8 },
    });
    const alarms = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    const read = alarms
      .filter(({ Properties }) => Properties.Namespace === METRIC_NAMESPACE)
      .map(({ Properties }) => Properties.MetricName as string);
    expect(read.length).toBeGreaterThan(8);
    expect(read.filter((name) => !OF_EACH_CHECK.has(name) && !SUMMED.has(name))).toEqual([]);
  });

  it('leave out a zero only of what is added up', () => {
    const summed = Object.entries({ ...METRICS, ...CERTIFICATES_METRICS, ...WORKERS_METRICS })
      .filter(([name, statistic]) => statistic === 'Sum' && name !== 'CompleteChecks')
      .map(([name]) => name);
    expect([...SUMMED].toSorted()).toEqual(summed.toSorted());
  });
});
