import { Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke, type ScheduleTargetBaseProps } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { isBelowMinute, wholeMinuteSeconds } from './check-interval.ts';
import { CheckSlots, type CheckSlotsProps } from './check-slots.ts';

/**
 * Starts a check within a minute of its time or not at all: the next finds the same, with newer
 * prices. Below a minute it starts the slots function instead, once a minute.
 */
export class CheckSchedule extends Construct {
  constructor(scope: Construct, id: string, props: CheckSlotsProps) {
    super(scope, id);
    const { check, checkIntervalSeconds } = props;
    const { missedChecks } = check;
    const started = isBelowMinute(checkIntervalSeconds)
      ? new CheckSlots(this, 'Slots', props).handler
      : check.handler;
    new Schedule(this, 'EveryInterval', {
      description: `Checks margin every ${checkIntervalSeconds} seconds`,
      schedule: ScheduleExpression.rate(Duration.seconds(wholeMinuteSeconds(checkIntervalSeconds))),
      timeWindow: TimeWindow.off(),
      target: new InvokeThisOne(started, missedChecks, {
        input: scheduledEvent(),
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
        deadLetterQueue: missedChecks,
      }),
    });
  }
}

/** Grants only this function; the CDK's target grants all its versions. */
class InvokeThisOne extends LambdaInvoke {
  readonly #handler: IFunction;
  readonly #deadLetters: Queue;

  constructor(handler: IFunction, deadLetters: Queue, props: ScheduleTargetBaseProps) {
    super(handler, props);
    this.#handler = handler;
    this.#deadLetters = deadLetters;
  }

  protected override addTargetActionToRole(role: IRole): void {
    const resources = [this.#handler.functionArn];
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources }),
    );
    // The CDK grants sending, but not the use of the queue's key.
    this.#deadLetters.encryptionMasterKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
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
