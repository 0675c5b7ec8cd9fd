import { Alarm, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface ImpactAlarmProps extends AlarmProps {
  /** What it means for accounts and money while it lasts. */
  readonly impact: string;
  /** What whoever is woken by it does first. */
  readonly action: string;
  /** Hears of it when it begins, and when it ends. */
  readonly topic: ITopic;
}

/** An alarm that says what is at stake and what to do, in the message that wakes somebody. */
export class ImpactAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: ImpactAlarmProps) {
    const { impact, action, topic, ...alarm } = props;
    const heading = id.toLowerCase();
    const description = `IMPACT: ${impact} DO: ${action} MORE: docs/runbook.md#${heading}`;
    super(scope, id, { ...alarm, alarmDescription: description });
    this.addAlarmAction(new SnsAction(topic));
    this.addOkAction(new SnsAction(topic));
  }
}
