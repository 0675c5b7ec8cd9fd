/** Whether the alarms of the stack are there, can ring, and are heard. */
import {
  type CloudFormationClient,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { Finding } from './finding.ts';

/** Of the stack as it was deployed, whether or not they still exist. */
export async function alarmNamesOf(client: CloudFormationClient, stack: string): Promise<string[]> {
  const names: string[] = [];
  const pages = paginateListStackResources({ client }, { StackName: stack });
  for await (const { StackResourceSummaries = [] } of pages) {
    for (const { ResourceType, PhysicalResourceId: name } of StackResourceSummaries) {
      if (ResourceType === 'AWS::CloudWatch::Alarm' && name !== undefined) names.push(name);
    }
  }
  return names;
}

/** CloudWatch's limit for one request. */
const NAMES_MAX = 100;

export async function readAlarms(
  client: Pick<CloudWatchClient, 'send'>,
  names: readonly string[],
): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  for (let from = 0; from < names.length; from += NAMES_MAX) {
    const AlarmNames = names.slice(from, from + NAMES_MAX);
    const command = new DescribeAlarmsCommand({ AlarmNames, MaxRecords: NAMES_MAX });
    found.push(...((await client.send(command)).MetricAlarms ?? []));
  }
  return found;
}

export function alarmFindings(names: readonly string[], alarms: readonly MetricAlarm[]): Finding[] {
  if (names.length === 0) {
    return [critical('the stack has no alarms', 'deploy it again with this version')];
  }
  const byName = new Map(alarms.map((alarm) => [alarm.AlarmName, alarm]));
  return names.flatMap((name) => {
    const alarm = byName.get(name);
    return alarm === undefined
      ? [critical(`the alarm ${name} is gone`, 'deploy the stack again')]
      : stateFindings(name, alarm);
  });
}

function stateFindings(name: string, alarm: MetricAlarm): Finding[] {
  const { ActionsEnabled = true, AlarmActions = [], StateValue, StateUpdatedTimestamp } = alarm;
  const since = StateUpdatedTimestamp?.toISOString() ?? 'some time';
  return [
    ...(AlarmActions.length === 0
      ? [critical(`the alarm ${name} tells nobody: it has no action`, 'deploy the stack again')]
      : []),
    ...(ActionsEnabled
      ? []
      : [
          critical(
            `the alarm ${name} tells nobody: its actions are disabled`,
            `aws cloudwatch enable-alarm-actions --alarm-names ${name}`,
          ),
        ]),
    ...(StateValue === 'INSUFFICIENT_DATA'
      ? [
          warning(
            `the alarm ${name} has had too little data since ${since}, so it cannot ring`,
            'wait for some checks after a deployment; then look whether its metric is written',
          ),
        ]
      : []),
    ...(StateValue === 'ALARM'
      ? [
          warning(
            `the alarm ${name} has been ringing since ${since}`,
            'see docs/runbook.md, Alarms',
          ),
        ]
      : []),
  ];
}

const critical = (what: string, todo: string): Finding => ({
  severity: 'critical',
  about: 'alarm',
  what,
  todo,
});

const warning = (what: string, todo: string): Finding => ({
  ...critical(what, todo),
  severity: 'warning',
});
