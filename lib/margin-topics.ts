import { FifoThroughputScope, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { TOPICS } from './names.ts';

/** Where decisions go out: alerts to people and systems, order plans to the execution system. */
export class MarginTopics extends Construct {
  readonly alerts = new Topic(this, 'Alerts');

  /**
   * A plan's deduplication id is its plan id, never a hash of its content: a plan that is published
   * again must be dropped even if a byte of it differs. Throughput counts by message group, which
   * is the account, so that a day of mass liquidations is not held to 3,000 plans a second.
   */
  readonly orders = new Topic(this, 'Orders', {
    fifo: TOPICS.orders.fifo,
    contentBasedDeduplication: false,
    fifoThroughputScope: FifoThroughputScope.MESSAGE_GROUP,
  });
}
