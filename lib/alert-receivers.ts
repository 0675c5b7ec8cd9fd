import { Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AlertForwarder, type ForwarderSettings, type Notify } from './alert-forwarder.ts';
import { type AlertBus, EventBusDelivery } from './event-bus-delivery.ts';
import type { MarginTopics } from './margin-topics.ts';

interface AlertReceiversProps
  extends Omit<ForwarderSettings, 'alerts' | 'alarmTopic' | 'stackName'> {
  readonly topics: MarginTopics;
  readonly to: {
    readonly eventBus?: AlertBus | undefined;
    readonly notify?: readonly Notify[] | undefined;
    readonly chatbot?: boolean | undefined;
  };
}

/** All that stands behind the alerts topic. The topic stays the only way out of the checker. */
export class AlertReceivers extends Construct {
  readonly alarms: readonly Alarm[];
  /** One for each of `notify`, then the one of `chatbot`. */
  readonly forwarders: readonly AlertForwarder[];
  /** Custom notifications for a chat; only with `chatbot`. */
  readonly chatTopic: ITopic | undefined;

  constructor(scope: Construct, id: string, props: AlertReceiversProps) {
    super(scope, id);
    const { topics, to, ...common } = props;
    const { eventBus: bus, notify = [], chatbot = false } = to;
    const { alerts, alarms: alarmTopic } = topics;
    const { stackName } = Stack.of(this);
    const settings: ForwarderSettings = { ...common, alerts, alarmTopic, stackName };
    const events =
      bus === undefined ? [] : [new EventBusDelivery(this, 'EventBus', { bus, ...settings })];
    const forwarders = notify.map(
      (receiver, index) =>
        new AlertForwarder(this, idOf(notify, index), { to: receiver, ...settings }),
    );
    const chat = chatbot
      ? [new AlertForwarder(this, 'Chatbot', { to: { format: 'chatbot' }, ...settings })]
      : [];
    this.forwarders = [...forwarders, ...chat];
    this.alarms = [...events, ...this.forwarders].map(({ delivery }) => delivery.alarm);
    this.chatTopic = chat[0]?.chatTopic;
  }
}

/** `Slack`, then `Slack2`: the first keeps its name when others join it. */
function idOf(notify: readonly Notify[], index: number): string {
  const format = notify[index]?.format ?? '';
  const before = notify.slice(0, index).filter((each) => each.format === format).length;
  const name = format.charAt(0).toUpperCase() + format.slice(1);
  return before === 0 ? name : `${name}${before + 1}`;
}
