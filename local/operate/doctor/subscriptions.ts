/** Who hears what leaves through the topics. */
import {
  paginateListSubscriptionsByTopic,
  type SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import type { Finding } from './finding.ts';

export type TopicName = 'alerts' | 'orders' | 'alarms';

export async function subscriptionsTo(sns: SNSClient, TopicArn: string): Promise<Subscription[]> {
  const found: Subscription[] = [];
  for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn })) {
    found.push(...(page.Subscriptions ?? []));
  }
  return found;
}

const UNHEARD: Readonly<Record<TopicName, string>> = {
  alerts: 'nobody is subscribed to the alerts topic, so margin calls and liquidations reach nobody',
  orders:
    'nobody is subscribed to the orders topic in mode enforce, so order plans reach nobody, and ' +
    'liquidations are not executed',
  alarms: 'nobody is subscribed to the alarms topic, so nobody hears when checks stop',
};

const PENDING = 'PendingConfirmation';
/** The queues of `margin watch`, which removes them when it ends. */
const WATCHING = /:margin-watch-[0-9a-f]+(\.fifo)?$/;

/** @param mode undefined if the policy cannot be read: nothing is said of orders then */
export function subscriptionFindings(
  topic: TopicName,
  subscriptions: readonly Subscription[],
  mode: 'observe' | 'enforce' | undefined,
): Finding[] {
  const lasting = subscriptions.filter(({ Endpoint = '' }) => !WATCHING.test(Endpoint));
  const pending = lasting.filter(({ SubscriptionArn }) => SubscriptionArn === PENDING);
  const isNeeded = topic !== 'orders' || mode === 'enforce';
  const isUnheard = isNeeded && pending.length === lasting.length;
  const about = 'subscription';
  return [
    ...(isUnheard
      ? [
          {
            severity: 'critical',
            about,
            what: UNHEARD[topic],
            todo: 'subscribe as docs/runbook.md says under Subscribe, and confirm it',
          } as const,
        ]
      : []),
    ...pending.map(({ Protocol = '', Endpoint = '' }) => ({
      severity: 'warning' as const,
      about: 'subscription' as const,
      what: `the subscription of ${Protocol} ${Endpoint} to the ${topic} topic is not confirmed`,
      todo: 'follow the link in the message of AWS, or subscribe again after three days',
    })),
  ];
}
