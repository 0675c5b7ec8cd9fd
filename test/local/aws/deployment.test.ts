import type { CloudFormationClient, Output } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { inputFaultOf } from '../../../local/aws/aws-faults.ts';
import { deploymentOf, findDeployment } from '../../../local/aws/deployment.ts';
import { InputError } from '../../../local/cli/input.ts';

const VALUES = {
  AccountsTableName: 'a',
  MarketTableName: 'm',
  MarginTableName: 'g',
  AlertsTopicArn: 'arn:alerts',
  OrdersTopicArn: 'arn:orders',
  CheckIntervalSeconds: '300',
};

const DEPLOYMENT = {
  accountsTable: 'a',
  marketTable: 'm',
  marginTable: 'g',
  alertsTopicArn: 'arn:alerts',
  ordersTopicArn: 'arn:orders',
  checkIntervalSeconds: 300,
};

const outputs = (nameOf = (name: string) => name, values: object = VALUES): Output[] =>
  Object.entries(values).map(([name, value]) => ({ OutputKey: nameOf(name), OutputValue: value }));

describe('the outputs of a deployed stack', () => {
  it('are matched by name', () => {
    expect(deploymentOf('S', outputs())).toEqual(DEPLOYMENT);
  });

  it('are matched after a path, with or without the digits that the CDK adds', () => {
    expect(
      deploymentOf(
        'S',
        outputs((name) => `RiskMargin${name}`),
      ),
    ).toEqual(DEPLOYMENT);
    expect(
      deploymentOf(
        'S',
        outputs((name) => `Margin${name}0A1B2C3D`),
      ),
    ).toEqual(DEPLOYMENT);
  });

  it('may have the topic of the alarms, which an older version did not name', () => {
    const values = { ...VALUES, AlarmsTopicArn: 'arn:alarms' };
    const nested = outputs((name) => `Risk${name}0A1B2C3D`, values);
    expect(deploymentOf('S', nested)).toEqual({ ...DEPLOYMENT, alarmsTopicArn: 'arn:alarms' });
    expect(deploymentOf('S', outputs()).alarmsTopicArn).toBeUndefined();
  });

  it('are matched by their exact name first', () => {
    const others = outputs((name) => `Other${name}`, { AccountsTableName: 'other' });
    expect(deploymentOf('S', [...others, ...outputs()])).toEqual(DEPLOYMENT);
  });

  it('are refused if two match one name', () => {
    const twice = [...outputs((name) => `One${name}`), ...outputs((name) => `Two${name}`)];
    expect(() => deploymentOf('S', twice)).toThrow(
      'stack S: the outputs OneAccountsTableName, TwoAccountsTableName all end with ' +
        'AccountsTableName; set the function’s environment variables of the one you mean, ' +
        'and use --environment',
    );
  });

  it('are refused if one is missing', () => {
    const { OrdersTopicArn: _gone, ...rest } = VALUES;
    expect(() => deploymentOf('S', outputs(undefined, rest))).toThrow(
      'stack S: no output OrdersTopicArn; name a stack of the margin checker with --stack, ' +
        'or deploy it again with this version',
    );
  });

  it.each(['0', '', '1.5', 'sixty'])('are refused with an interval of "%s"', (seconds) => {
    const values = { ...VALUES, CheckIntervalSeconds: seconds };
    expect(() => deploymentOf('S', outputs(undefined, values))).toThrow(InputError);
  });
});

const client = (send: () => unknown) => ({ send }) as unknown as CloudFormationClient;

describe('finding a stack', () => {
  it('uses the default stack name', async () => {
    const asked: unknown[] = [];
    const send = (command: { input: unknown }) => {
      asked.push(command.input);
      return { Stacks: [{ Outputs: outputs() }] };
    };
    expect(await findDeployment({}, client(send as () => unknown))).toEqual(DEPLOYMENT);
    expect(asked).toEqual([{ StackName: 'MarginChecker' }]);
  });

  it('says what to do if there is no such stack', async () => {
    const none = client(() => {
      throw new Error('Stack with id Nope does not exist');
    });
    await expect(findDeployment({ stack: 'Nope' }, none)).rejects.toThrow(
      new InputError(
        'stack Nope: not found in this account and region; ' +
          'deploy it (npx cdk deploy), or name yours with --stack',
      ),
    );
  });

  it('passes other failures on unchanged', async () => {
    const outage = new Error('internal');
    const failing = client(() => {
      throw outage;
    });
    await expect(findDeployment({}, failing)).rejects.toBe(outage);
  });
});

describe('a failure of an AWS call', () => {
  it.each([
    [{ name: 'CredentialsProviderError', message: 'Could not load' }, /^no AWS credentials: set/],
    [{ name: 'Error', message: 'Region is missing' }, /^no AWS region: set AWS_REGION/],
    [
      { name: 'ExpiredTokenException', message: 'expired' },
      /^AWS rejects these credentials: sign in/,
    ],
    [{ name: 'AccessDeniedException', message: 'no' }, /^AWS denies access: get the permission/],
    [
      { name: 'ResourceNotFoundException', message: 'gone' },
      /^a table or topic does not exist: check/,
    ],
    [{ name: 'AggregateError', message: '', code: 'ECONNREFUSED' }, /^AWS cannot be reached/],
  ])('is reported in one line that says what to do: %o', (fields, line) => {
    const fault = inputFaultOf(Object.assign(new Error(fields.message), fields));
    expect(fault).toBeInstanceOf(InputError);
    expect(fault?.message).toMatch(line);
    expect(fault?.message).not.toContain('\n');
  });

  it('is no input error if it is an outage', () => {
    expect(inputFaultOf(new Error('InternalServerError'))).toBeUndefined();
    expect(inputFaultOf('thrown text')).toBeUndefined();
  });
});
