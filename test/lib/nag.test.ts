import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { MarginCheckerStack } from '../../lib/margin-checker-stack.ts';

const EVERYTHING = {
  alertEmail: 'risk@example.com',
  customerKey: true,
  keepTables: false,
  tracing: true,
  certificates: true,
  events: true,
  workers: 8,
  eventBus: 'alerts',
  notify: [
    { format: 'slack', secretName: 'desk/slack' },
    { format: 'pagerduty', secretName: 'desk/pagerduty' },
    { format: 'teams', secretName: 'desk/teams' },
  ],
  chatbot: true,
  runbookUrl: 'https://wiki.example.com/runbook.md',
};

const RECEIVERS = { eventBus: 'default', notify: EVERYTHING.notify, chatbot: true };

function appOf(options: object): App {
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
  new MarginCheckerStack(app, 'Test', { checkIntervalSeconds: 60, ...options });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

it.each([
  ['by default', {}],
  ['with every option', EVERYTHING],
  ['with certificates', { certificates: true }],
  ['with events', { events: true }],
  ['with workers', { certificates: true, workers: 8 }],
  ['with receivers and no key', RECEIVERS],
  ['with slots', { checkIntervalSeconds: 10 }],
  ['with slots and every option', { ...EVERYTHING, checkIntervalSeconds: 10 }],
])('AwsSolutions has no finding that is not acknowledged, %s', (_, options) => {
  expect(() => appOf(options).synth()).not.toThrow();
});

it('AwsSolutions reports a finding that is not acknowledged', () => {
  const app = appOf({});
  const [, stack] = app.node.findAll();
  new Queue(stack as Stack, 'Bare');
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS/);
});
