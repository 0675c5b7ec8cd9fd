/** Workers: a second function that reads accounts for the check. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { ANSWER_TIMEOUT_MS } from '../../lambda/aws/worker-function.ts';
import { readConfig, readWorkerConfig } from '../../lambda/config.ts';
import { MarginChecker, type MarginCheckerProps } from '../../lib/margin-checker.ts';
import {
  ENVIRONMENT_NAMES,
  METRIC_NAMESPACE,
  METRICS,
  WORKERS_ENVIRONMENT,
  WORKERS_METRICS,
} from '../../lib/names.ts';

const stackOf = () =>
  new Stack(new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } }), 'Desk');

function synthesized(props: MarginCheckerProps, stack = stackOf()) {
  const checker = new MarginChecker(stack, 'Checker', { certificates: true, ...props });
  const template = Template.fromStack(stack);
  /** The only resource of this type whose logical id contains the word. */
  const named = (type: string, word: string) => {
    const all = template.findResources(type);
    const found = Object.keys(all).filter((id) => id.includes(word));
    expect(found, `${type} ${word}`).toHaveLength(1);
    const [id = ''] = found;
    return { id, ...all[id]?.Properties };
  };
  return { checker, stack, template, named };
}

/** The text of the dashboard, with logical ids in place of references. */
function shownOn(named: ReturnType<typeof synthesized>['named']): string {
  const [, parts] = named('AWS::CloudWatch::Dashboard', 'Board').DashboardBody['Fn::Join'];
  return (parts as readonly (string | { readonly Ref: string })[])
    .map((part) => (typeof part === 'string' ? part : part.Ref))
    .join('');
}

/** Three dashboards of so many metrics are free. */
const FREE_METRICS_MAX = 50;

const FUNCTION = 'AWS::Lambda::Function';
const POLICY = 'AWS::IAM::Policy';
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

describe('without workers', () => {
  it('the template is the same whether they are none or not mentioned', () => {
    const none = synthesized({ workers: 0 }).template.toJSON();
    expect(none).toEqual(synthesized({}).template.toJSON());
    expect(JSON.stringify(none)).not.toMatch(/worker/i);
  });
});

describe('with workers', () => {
  const { checker, stack, template, named } = synthesized({ workers: 8 });
  const worker = named(FUNCTION, 'CheckWorkersHandler');
  const check = named(FUNCTION, 'CheckHandler');

  it('the check knows the function, and how many it may invoke at once', () => {
    const variables = check.Environment.Variables;
    expect(variables.WORKER_FUNCTION).toEqual({ Ref: worker.id });
    expect(variables.WORKERS_AT_ONCE).toBe('8');
    const required: readonly string[] = ENVIRONMENT_NAMES;
    expect(WORKERS_ENVIRONMENT.filter((name) => required.includes(name))).toEqual([]);
    const given = Object.fromEntries(required.map((name) => [name, '60']));
    expect(readConfig(given)).not.toHaveProperty('workers');
    const { workers, scanSegments } = readConfig({
      ...{ ...given, WORKER_FUNCTION: 'w', WORKERS_AT_ONCE: '8' },
    });
    expect(workers).toEqual({ functionName: 'w', atOnce: 8 });
    expect(scanSegments).toBe(8);
  });

  it('the worker may read accounts, write its log, and nothing else', () => {
    const { Statement } = named(POLICY, 'CheckWorkersRole').PolicyDocument;
    expect(Statement).toEqual([
      {
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Effect: 'Allow',
        Resource: arn(named('AWS::Logs::LogGroup', 'CheckWorkersLogs').id),
      },
      {
        Action: ['dynamodb:Query', 'dynamodb:Scan'],
        Effect: 'Allow',
        Resource: stack.resolve(checker.accounts.tableArn),
      },
    ]);
    const { ACCOUNTS_TABLE, NODE_OPTIONS, ...others } = worker.Environment.Variables;
    expect(ACCOUNTS_TABLE).toEqual(stack.resolve(checker.accounts.tableName));
    expect(Object.keys(others)).toEqual(
      ['AWS_NODEJS_CONNECTION_REUSE_ENABLED'].filter((name) => name in others),
    );
    expect(readWorkerConfig({ ACCOUNTS_TABLE: 'a' })).toEqual({ accountsTable: 'a' });
  });

  it('the check may invoke it, and nothing else has changed', () => {
    const statementsOf = (of: ReturnType<typeof synthesized>) =>
      of.named(POLICY, 'CheckRole').PolicyDocument.Statement as readonly object[];
    const before = statementsOf(synthesized({})).map((each) => JSON.stringify(each));
    const added = statementsOf({ checker, stack, template, named }).filter(
      (each) => !before.includes(JSON.stringify(each)),
    );
    expect(added).toEqual([
      { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: arn(worker.id) },
    ]);
  });

  it('it has a processor, and is stopped once the check has given it up', () => {
    expect(worker).toMatchObject({ MemorySize: 1769, Timeout: 10 });
    expect(worker).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('an alarm rings when workers fail, cannot be asked, or are refused', () => {
    const alarm = named('AWS::CloudWatch::Alarm', 'WorkerErrors');
    // A call that Lambda refuses is no error of the function.
    expect(alarm).toMatchObject({
      Namespace: METRIC_NAMESPACE,
      MetricName: 'WorkerTakeovers',
      Statistic: 'Sum',
      Threshold: 0,
    });
    expect(Object.keys(WORKERS_METRICS).filter((name) => name in METRICS)).toEqual([]);
  });

  it('the dashboard shows how many were invoked, how long they took, and what the check took over', () => {
    const shown = shownOn(named);
    for (const name of ['Invocations', 'Errors', 'Throttles', 'Duration']) {
      expect(shown).toContain(`"AWS/Lambda","${name}","FunctionName","${worker.id}"`);
    }
    for (const name of Object.keys(WORKERS_METRICS)) expect(shown).toContain(`"${name}"`);
    expect(shown).toContain(`"value":${ANSWER_TIMEOUT_MS}`);
    const before = shownOn(synthesized({}).named);
    expect(before).not.toMatch(/worker/i);
    // CloudWatch charges for each metric of one's own, and for no other.
    const own = (text: string) => text.split(`"${METRIC_NAMESPACE}"`).length;
    expect(own(shown) - own(before)).toBe(Object.keys(WORKERS_METRICS).length);
  });

  it('a dashboard with everything is one of those that cost nothing', () => {
    const { named: all } = synthesized({ workers: 8, events: true });
    const { widgets } = JSON.parse(shownOn(all)) as {
      readonly widgets: readonly {
        readonly properties: { readonly metrics?: readonly unknown[] };
      }[];
    };
    const lines = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    expect(lines.length).toBeLessThanOrEqual(FREE_METRICS_MAX);
  });

  it('they need no certificates', () => {
    const { named: plain } = synthesized({ workers: 8, certificates: false });
    expect(plain(FUNCTION, 'CheckHandler').Environment.Variables).toMatchObject({
      WORKERS_AT_ONCE: '8',
    });
  });

  it('the worker may use the key of the accounts table', () => {
    const keyStack = stackOf();
    const encryptionKey = new Key(keyStack, 'Key');
    const { named: encrypted } = synthesized({ workers: 8, encryptionKey }, keyStack);
    const { Statement } = encrypted(POLICY, 'CheckWorkersRole').PolicyDocument;
    expect(JSON.stringify(Statement)).toContain('kms:Decrypt');
  });
});

it.each([
  ['more than 50', { workers: 51 }, /^workers 51: give a whole number up to 50; 0 for none$/],
  ['a fraction', { workers: 1.5 }, /^workers 1.5/],
])('workers are refused: %s', (_, props, why) => {
  expect(() => synthesized(props)).toThrow(why);
});
