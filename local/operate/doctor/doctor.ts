/** Looks a deployment over, and changes nothing. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SNSClient } from '@aws-sdk/client-sns';
import { AccountsTable } from '../../../lambda/aws/accounts-table.ts';
import { readMarketRows } from '../../../lambda/aws/market-table.ts';
import { namesDefinedBy } from '../../analysis/references.ts';
import type { Deployment } from '../../aws/deployment.ts';
import { checkAccounts } from './account-rows.ts';
import { alarmFindings, alarmNamesOf, readAlarms } from './alarms.ts';
import { clockFindings, watchClock } from './clock.ts';
import { type Finding, ranked } from './finding.ts';
import { checkMarket } from './market-rows.ts';
import { probed } from './probe.ts';
import { subscriptionFindings, subscriptionsTo, type TopicName } from './subscriptions.ts';

export interface DoctorInput {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
  readonly deployment: Deployment;
  /** Absent if the deployment was found without its stack. */
  readonly stack?: StackInput | undefined;
  readonly now: number;
}

export interface StackInput {
  readonly name: string;
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: Pick<CloudWatchClient, 'send'>;
}

export interface Diagnosis {
  readonly isWell: boolean;
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** What was not looked at, and why. */
  readonly unchecked: readonly string[];
  /** Absent if a table was not read. */
  readonly marketRows?: number;
  readonly accounts?: number;
}

export async function diagnose(input: DoctorInput): Promise<Diagnosis> {
  const { dynamo, stack } = input;
  const findings: Finding[] = [];
  const clock = watchClock(dynamo);
  const rows = await lookAtRows(input, findings);
  await lookAtTopics(input, rows.mode, findings);
  if (stack !== undefined) await lookAtAlarms(stack, findings);
  const reading = clock.quickest();
  if (reading !== undefined) findings.push(...clockFindings(reading));
  const { mode: _, ...counts } = rows;
  return {
    isWell: findings.length === 0,
    findings: ranked(findings),
    unchecked: stack === undefined ? [NO_STACK] : [],
    ...counts,
  };
}

const NO_STACK =
  'the alarms and their topic, because --environment names no stack: use --stack for those';

interface RowsLookedAt {
  readonly mode?: 'observe' | 'enforce';
  readonly marketRows?: number;
  readonly accounts?: number;
}

async function lookAtRows(input: DoctorInput, findings: Finding[]): Promise<RowsLookedAt> {
  const { dynamo, deployment, now } = input;
  const { marketTable, accountsTable, checkIntervalSeconds: intervalSeconds } = deployment;
  const right = 'dynamodb:Scan';
  const rows = await probed({ what: 'the rows of the market table', right }, findings, () =>
    readMarketRows({ dynamo, table: marketTable }),
  );
  if (rows === undefined) return {};
  const defined = namesDefinedBy(rows);
  const { mode, ...ofMarket } = checkMarket({ rows, defined, intervalSeconds, now });
  findings.push(...ofMarket.findings);
  const table = new AccountsTable({ dynamo, table: accountsTable, segments: 1 });
  const ofAccounts = await probed({ what: 'the rows of the accounts table', right }, findings, () =>
    checkAccounts(table, defined),
  );
  findings.push(...(ofAccounts?.findings ?? []));
  return {
    ...(mode && { mode }),
    marketRows: rows.length,
    ...(ofAccounts && { accounts: ofAccounts.accounts }),
  };
}

async function lookAtTopics(
  { sns, deployment }: DoctorInput,
  mode: RowsLookedAt['mode'],
  findings: Finding[],
): Promise<void> {
  const { alertsTopicArn, ordersTopicArn, alarmsTopicArn } = deployment;
  const topics: readonly (readonly [TopicName, string | undefined])[] = [
    ['alerts', alertsTopicArn],
    ['orders', ordersTopicArn],
    ['alarms', alarmsTopicArn],
  ];
  const right = 'sns:ListSubscriptionsByTopic';
  for (const [topic, arn] of topics) {
    if (arn === undefined) continue;
    const what = `the subscriptions to the ${topic} topic`;
    const found = await probed({ what, right }, findings, () => subscriptionsTo(sns, arn));
    if (found !== undefined) findings.push(...subscriptionFindings(topic, found, mode));
  }
}

async function lookAtAlarms(
  { name, cloudFormation, cloudWatch }: StackInput,
  findings: Finding[],
): Promise<void> {
  const listed = { what: 'the alarms of the stack', right: 'cloudformation:ListStackResources' };
  const names = await probed(listed, findings, () => alarmNamesOf(cloudFormation, name));
  if (names === undefined) return;
  const read = { what: 'the states of the alarms', right: 'cloudwatch:DescribeAlarms' };
  const alarms = await probed(read, findings, () => readAlarms(cloudWatch, names));
  if (alarms !== undefined) findings.push(...alarmFindings(names, alarms));
}
