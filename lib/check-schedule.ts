import { Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke, type ScheduleTargetBaseProps } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { CheckFunction } from './check-function.ts';

interface CheckScheduleProps {
  readonly check: CheckFunction;
  readonly checkIntervalSeconds: number;
}

/**
 * Starts a check within a minute of its time or not at all: the next finds the same, with newer
 * prices.
 */
export class CheckSchedule extends Construct {
  constructor(scope: Construct, id: string, { check, checkIntervalSeconds }: CheckScheduleProps) {
    super(scope, id);
    new Schedule(this, 'EveryInterval', {
      description: `Checks margin every ${checkIntervalSeconds} seconds`,
      schedule: ScheduleExpression.rate(Duration.seconds(checkIntervalSeconds)),
      timeWindow: TimeWindow.off(),
      target: new InvokeThisOne(check, {
        input: scheduledEvent(),
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
        deadLetterQueue: check.missedChecks,
      }),
    });
  }
}

/** Grants only this function; the CDK's target grants all its versions. */
class InvokeThisOne extends LambdaInvoke {
  readonly #check: CheckFunction;

  constructor(check: CheckFunction, props: ScheduleTargetBaseProps) {
    super(check.handler, props);
    this.#check = check;
  }

  protected override addTargetActionToRole(role: IRole): void {
    const { handler, missedChecks } = this.#check;
    const resources = [handler.functionArn];
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources }),
    );
    // The CDK grants sending, but not the use of the queue's key.
    missedChecks.encryptionMasterKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
  }
}

/**
 * EventBridge's own event, spelled out: Scheduler promises only "a default notification", which can
 * carry `detail` as a string. `time` is when the check was due.
 */
function scheduledEvent(): ScheduleTargetInput {
  return ScheduleTargetInput.fromObject({
    version: '0',
    id: ContextAttribute.executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    time: ContextAttribute.scheduledTime,
    resources: [ContextAttribute.scheduleArn],
    detail: {},
  });
}
