/** Finds a deployment by its stack's outputs or the function's variables. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  type Output,
} from '@aws-sdk/client-cloudformation';
import { type Config, ConfigError, readConfig, SCAN_SEGMENTS } from '../../lambda/config.ts';
import { CHECKPOINT_OUTPUT } from '../../lib/names.ts';
import { InputError, reasonOf } from '../cli/input.ts';

export interface Deployment extends Omit<Config, 'scanSegments'> {
  /** Absent if it was found by the function’s variables, or an older version deployed it. */
  readonly alarmsTopicArn?: string | undefined;
  /** Only with certificates. */
  readonly checkpointBucket?: string | undefined;
}

export const STACK_DEFAULT = 'MarginChecker';

export interface Place {
  readonly stack?: string | undefined;
  /** Reads the function's variables and asks no stack. */
  readonly environment?: boolean | undefined;
  /** For every AWS service; default: AWS_ENDPOINT_URL, else AWS itself. */
  readonly endpoint?: string | undefined;
}

/** @throws InputError without a stack, or with unusable outputs or variables. */
export async function locate(place: Place): Promise<Deployment> {
  if (place.environment !== true) return findDeployment(place);
  try {
    const config = readConfig();
    return { ...config, checkpointBucket: config.certificates?.bucket };
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(`--environment: ${error.message}`);
    throw error;
  }
}

export const configOf = (deployment: Deployment): Config => ({
  ...deployment,
  scanSegments: SCAN_SEGMENTS,
});

export const endpointOf = ({ endpoint }: Place) => (endpoint === undefined ? {} : { endpoint });

type Asks = Pick<CloudFormationClient, 'send'>;

/** @throws InputError */
export async function findDeployment(
  { stack = STACK_DEFAULT, ...place }: Pick<Place, 'stack' | 'endpoint'>,
  client: Asks = new CloudFormationClient(endpointOf(place)),
): Promise<Deployment> {
  return deploymentOf(stack, await outputsOf(stack, client));
}

async function outputsOf(stack: string, client: Asks): Promise<readonly Output[]> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Stacks?.[0]?.Outputs ?? [];
  } catch (error) {
    if (!/does not exist/.test(reasonOf(error))) throw error;
    throw new InputError(
      `stack ${stack}: not found in this account and region; ` +
        'deploy it (npx cdk deploy), or name yours with --stack',
    );
  }
}

/** @throws InputError when an output is missing, ambiguous or malformed. */
export function deploymentOf(stack: string, outputs: readonly Output[]): Deployment {
  const outputOf = (name: string) => outputNamed(name, { stack, outputs });
  const has = (name: string) => outputs.some(({ OutputKey = '' }) => OutputKey.includes(name));
  return {
    accountsTable: outputOf('AccountsTableName'),
    marketTable: outputOf('MarketTableName'),
    marginTable: outputOf('MarginTableName'),
    alertsTopicArn: outputOf('AlertsTopicArn'),
    ordersTopicArn: outputOf('OrdersTopicArn'),
    checkIntervalSeconds: secondsOf(outputOf('CheckIntervalSeconds'), stack),
    ...(has(ALARMS_TOPIC) && { alarmsTopicArn: outputOf(ALARMS_TOPIC) }),
    ...(has(CHECKPOINT_OUTPUT) && { checkpointBucket: outputOf(CHECKPOINT_OUTPUT) }),
  };
}

const ALARMS_TOPIC = 'AlarmsTopicArn';

/**
 * The exact name, else one that ends with it: in a nested construct the CDK adds the path before it
 * and eight hexadecimal digits after it.
 */
function outputNamed(
  name: string,
  { stack, outputs }: { readonly stack: string; readonly outputs: readonly Output[] },
): string {
  const nested = new RegExp(`${name}([0-9A-F]{8})?$`);
  const exact = outputs.filter(({ OutputKey }) => OutputKey === name);
  const found =
    exact.length > 0 ? exact : outputs.filter(({ OutputKey = '' }) => nested.test(OutputKey));
  const [only, ...others] = found;
  if (only?.OutputValue !== undefined && others.length === 0) return only.OutputValue;
  if (only === undefined) {
    throw new InputError(
      `stack ${stack}: no output ${name}; name a stack of the margin checker with --stack, ` +
        'or deploy it again with this version',
    );
  }
  const names = found.map(({ OutputKey }) => OutputKey).join(', ');
  throw new InputError(
    `stack ${stack}: the outputs ${names} all end with ${name}; ` +
      'set the function’s environment variables of the one you mean, and use --environment',
  );
}

function secondsOf(text: string, stack: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InputError(
    `stack ${stack}: the output CheckIntervalSeconds must be a whole number above 0, not ${text}`,
  );
}
