import { Alarm, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface ImpactAlarmProps extends AlarmProps {
  /** On accounts and money. */
  readonly impact: string;
  /** First steps for the person on call, as imperatives. */
  readonly action: string;
  /** Address of the runbook. */
  readonly runbook: string;
  /** Notified when the alarm begins and ends. */
  readonly topic: ITopic;
}

export class ImpactAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: ImpactAlarmProps) {
    const { impact, action, topic, runbook, ...alarm } = props;
    const heading = id.toLowerCase();
    const description = `IMPACT: ${impact} DO: ${action} MORE: ${runbook}#${heading}`;
    super(scope, id, { ...alarm, alarmDescription: description });
    this.addAlarmAction(new SnsAction(topic));
    this.addOkAction(new SnsAction(topic));
  }
}
