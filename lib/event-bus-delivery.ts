import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { AlertQueue, type AlertQueueSettings } from './alert-queue.ts';

/** Any bus of the same account and region. */
export type AlertBus = Pick<IEventBus, 'eventBusArn'>;

interface EventBusDeliveryProps extends AlertQueueSettings {
  readonly bus: AlertBus;
}

/** Rules match on this source, and on the message's type as the detail type. */
export const EVENT_SOURCE = 'margin-checker';

/** Alerts as events of a bus, by a queue and a pipe: no code, and the checker does not know it. */
export class EventBusDelivery extends Construct {
  readonly delivery: AlertQueue;

  constructor(scope: Construct, id: string, { bus, ...settings }: EventBusDeliveryProps) {
    super(scope, id);
    this.delivery = new AlertQueue(this, 'Queue', {
      ...settings,
      receiver: 'The event bus',
      action:
        'Look whether the bus exists and takes events from the role of the pipe. Then move the ' +
        'messages from the dead-letter queue back into its source queue.',
    });
    const { queue } = this.delivery;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('pipes.amazonaws.com'),
    });
    for (const statement of [
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [queue.queueArn],
      }),
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
    ]) {
      role.addToPolicy(statement);
    }
    settings.encryptionKey?.grant(role, 'kms:Decrypt');
    const pipe = new CfnPipe(this, 'Pipe', {
      description: 'Alerts of the margin checker as events of a bus',
      roleArn: role.roleArn,
      source: queue.queueArn,
      // One by one: ten large messages are more than one request to the bus may hold.
      sourceParameters: { sqsQueueParameters: { batchSize: 1 } },
      target: bus.eventBusArn,
      targetParameters: {
        eventBridgeEventBusParameters: { source: EVENT_SOURCE, detailType: '$.body.type' },
        inputTemplate: '<$.body>',
      },
    });
    // A pipe that starts before it may read its queue fails to be created.
    pipe.node.addDependency(role);
  }
}
