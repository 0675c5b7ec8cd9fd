import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { readForwardConfig } from '../../lambda/config.ts';
import { RUNBOOK_DEFAULT as RUNBOOK_OF_FUNCTION } from '../../lambda/messages/origin.ts';
import { MarginChecker, type MarginCheckerProps } from '../../lib/margin-checker.ts';
import { RUNBOOK_DEFAULT } from '../../lib/names.ts';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

function synthesize(propsOf: (stack: Stack) => MarginCheckerProps) {
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Desk');
  const checker = new MarginChecker(stack, 'Checker', propsOf(stack));
  return { stack, checker, template: Template.fromStack(stack) };
}

function statementsOf(template: Template, word: string): Statement[] {
  const found = Object.entries(template.findResources('AWS::IAM::Policy'));
  return found
    .filter(([id]) => id.includes(word))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
}

const actionsOf = (template: Template, word: string): string[] =>
  statementsOf(template, word)
    .flatMap(({ Action }) => Action)
    .sort();

const NOTIFY = [
  { format: 'slack', secretName: 'desk/slack', severities: ['critical', 'warning'] },
  { format: 'pagerduty', secretName: 'desk/pagerduty' },
  { format: 'slack', secretName: 'desk/slack-all' },
] as const;

describe('without options', () => {
  const { checker, template } = synthesize(() => ({}));

  it('there is no bus, no pipe, no second function and no fourth topic', () => {
    template.resourceCountIs('AWS::Pipes::Pipe', 0);
    template.resourceCountIs('AWS::Events::EventBus', 0);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.resourceCountIs('AWS::SNS::Topic', 3);
    template.resourceCountIs('AWS::SNS::Subscription', 0);
    expect(checker.receivers).toMatchObject({ chatTopic: undefined, forwarders: [] });
  });
});

describe('an event bus', () => {
  const { stack, checker, template } = synthesize((scope) => ({
    eventBus: new EventBus(scope, 'Bus', { eventBusName: 'desk' }),
  }));

  it('gets each message as the detail of an event of its type, through a queue', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      TopicArn: stack.resolve(checker.alerts.topicArn),
      Protocol: 'sqs',
      RawMessageDelivery: true,
      FilterPolicy: Match.absent(),
    });
    template.hasResourceProperties('AWS::Pipes::Pipe', {
      SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
      TargetParameters: {
        EventBridgeEventBusParameters: { Source: 'margin-checker', DetailType: '$.body.type' },
        InputTemplate: '<$.body>',
      },
    });
  });

  it('is written by a role that may read that queue and put events on that bus, no more', () => {
    expect(actionsOf(template, 'ReceiversEventBus')).toEqual([
      'events:PutEvents',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ]);
    const resources = statementsOf(template, 'ReceiversEventBus').map(({ Resource }) => Resource);
    expect(JSON.stringify(resources)).not.toContain('*');
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Principal: { Service: 'pipes.amazonaws.com' } })],
      }),
    });
  });

  it('leaves the rights of the check as they were', () => {
    const before = synthesize(() => ({}));
    expect(statementsOf(template, 'CheckRole')).toEqual(statementsOf(before.template, 'CheckRole'));
  });
});

describe('receivers', () => {
  const { checker, template } = synthesize(() => ({ notify: NOTIFY, chatbot: true }));
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const forwarders = functions
    .map(({ Properties }) => Properties.Environment.Variables)
    .filter(({ FORMAT }) => FORMAT !== undefined);

  it('have a function each, with the settings that it reads', () => {
    expect(forwarders.map(({ FORMAT }) => FORMAT).sort()).toEqual([
      'chatbot',
      'pagerduty',
      'slack',
      'slack',
    ]);
    for (const variables of forwarders) {
      const texts = { ...variables, ...(variables.CHAT_TOPIC_ARN && { CHAT_TOPIC_ARN: 'arn' }) };
      expect(readForwardConfig(texts)).toMatchObject({
        format: variables.FORMAT,
        origin: { stack: 'Desk', runbook: 'docs/runbook.md' },
      });
    }
    expect(checker.receivers.forwarders).toHaveLength(4);
  });

  it('may read their own secret, and nothing else in AWS but their queue and log', () => {
    expect(actionsOf(template, 'ReceiversPagerduty')).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
    ]);
    const secrets = JSON.stringify(statementsOf(template, 'ReceiversPagerduty'));
    expect(secrets).toContain(':secret:desk/pagerduty-??????');
    expect(secrets).not.toContain('desk/slack');
    expect(actionsOf(template, 'ReceiversChatbot')).toContain('sns:Publish');
    expect(actionsOf(template, 'ReceiversChatbot')).not.toContain('secretsmanager:GetSecretValue');
  });

  it('get the severities that were asked for', () => {
    const subscriptions = Object.values(template.findResources('AWS::SNS::Subscription'));
    const filters = subscriptions.map(({ Properties }) => Properties.FilterPolicy);
    expect(filters.filter((each) => each !== undefined)).toEqual([
      { severity: ['critical', 'warning'] },
    ]);
  });

  it('are tried four times, and then the message is kept and an alarm rings', () => {
    const queues = Object.values(template.findResources('AWS::SQS::Queue'));
    const waiting = queues.filter(({ Properties }) => Properties.RedrivePolicy);
    expect(waiting).toHaveLength(4);
    for (const { Properties } of waiting) {
      expect(Properties.RedrivePolicy.maxReceiveCount).toBe(4);
      expect(Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * 30);
    }
    const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    expect(runbook).toContain('### UndeliveredNotices\n');
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(
      ({ Properties }) => Properties.AlarmName.endsWith('-UndeliveredNotices'),
    );
    expect(alarms.map(({ Properties }) => Properties.AlarmName).sort()).toEqual([
      'Desk-Checker-Chatbot-UndeliveredNotices',
      'Desk-Checker-Pagerduty-UndeliveredNotices',
      'Desk-Checker-Slack-UndeliveredNotices',
      'Desk-Checker-Slack2-UndeliveredNotices',
    ]);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmDescription).toMatch(
        /^IMPACT: .{30,} DO: .{30,} MORE: docs\/runbook\.md#undeliverednotices$/,
      );
      expect(Properties.AlarmActions).toHaveLength(1);
    }
    expect(checker.alarms).toHaveLength(14 + alarms.length);
  });

  it('have a topic of their own for a chat', () => {
    template.resourceCountIs('AWS::SNS::Topic', 4);
    expect(checker.receivers.chatTopic).toBeDefined();
  });
});

describe('receivers with a key', () => {
  const { stack, template } = synthesize((scope) => ({
    encryptionKey: new Key(scope, 'Key'),
    eventBus: new EventBus(scope, 'Bus'),
    notify: NOTIFY,
    chatbot: true,
  }));

  it('encrypt their queues, topic and logs, and let SNS write to the queues', () => {
    for (const [type, property] of [
      ['AWS::SQS::Queue', 'KmsMasterKeyId'],
      ['AWS::SNS::Topic', 'KmsMasterKeyId'],
      ['AWS::Logs::LogGroup', 'KmsKeyId'],
    ] as const) {
      for (const { Properties } of Object.values(template.findResources(type))) {
        expect(Properties[property]).toBeDefined();
      }
    }
    const keys = JSON.stringify(template.findResources('AWS::KMS::Key'));
    expect(keys).toContain('sns.amazonaws.com');
    expect(actionsOf(template, 'ReceiversEventBus')).toContain('kms:Decrypt');
    expect(stack.resolve(stack.stackName)).toBe('Desk');
  });
});

describe('the runbook', () => {
  it('has one default in the stack and in the function', () => {
    expect(RUNBOOK_DEFAULT).toBe(RUNBOOK_OF_FUNCTION);
  });

  it('of a setting is in alarms and in the environment', () => {
    // As long as the setting may be: CloudWatch takes descriptions of 1,024 characters.
    const runbookUrl = `https://wiki.example.com/${'x'.repeat(185)}`;
    const { template } = synthesize(() => ({ runbookUrl, notify: NOTIFY }));
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(Properties.AlarmDescription).toContain(`MORE: ${runbookUrl}#`);
      expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    }
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function'))) {
      expect(Properties.Environment.Variables.RUNBOOK_URL).toBe(runbookUrl);
    }
  });
});
