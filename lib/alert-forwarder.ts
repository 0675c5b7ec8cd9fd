import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AlertQueue, type AlertQueueSettings, type AlertSeverity } from './alert-queue.ts';
import type { ForwardEnvironment } from './names.ts';
import { codeOf, KEY_RIGHTS, roleAndLogs } from './node-function.ts';

/** A receiver of alerts. Its address or key is in a secret, and never in the template. */
export interface Notify {
  readonly format: 'slack' | 'pagerduty' | 'teams';
  /**
   * Name of a secret in Secrets Manager: as plain text the address of the webhook, for PagerDuty the
   * integration key. You create it before you deploy.
   */
  readonly secretName: string;
  /** Leave it out for PagerDuty: what resolves an incident is info. @default - all */
  readonly severities?: readonly AlertSeverity[];
}

export interface ForwarderSettings extends AlertQueueSettings {
  readonly logRetention: RetentionDays;
  readonly stackName: string;
}

interface AlertForwarderProps extends ForwarderSettings {
  /** Chatbot: to a topic that is made here. */
  readonly to: Notify | { readonly format: 'chatbot'; readonly severities?: undefined };
}

const RECEIVERS = {
  slack: 'Slack',
  pagerduty: 'PagerDuty',
  teams: 'Microsoft Teams',
  chatbot: 'The chat topic',
} as const;

/** The requests of one message, and the wait between them, take at most 20. */
const TIMEOUT = Duration.seconds(30);
const MEMORY_MB = 256;
/** The fewest that Lambda takes. A webhook of Slack takes about one message a second. */
const CONCURRENCY = 2;

/** A queue of alerts, and a function that hands each to one receiver. */
export class AlertForwarder extends Construct {
  readonly delivery: AlertQueue;
  readonly function: IFunction;
  /** For custom notifications; only with the format `chatbot`. */
  readonly chatTopic: ITopic | undefined;

  constructor(scope: Construct, id: string, props: AlertForwarderProps) {
    super(scope, id);
    const { to, encryptionKey } = props;
    const receiver = RECEIVERS[to.format];
    this.delivery = new AlertQueue(this, 'Queue', {
      ...props,
      receiver,
      severities: to.severities,
      action:
        'Read the newest error in the log of the forwarder: it says what the receiver answered. ' +
        'Correct the secret or the receiver. Then move the messages from the dead-letter queue back ' +
        'into its source queue.',
    });
    this.chatTopic =
      to.format === 'chatbot'
        ? new Topic(this, 'Chat', {
            enforceSSL: true,
            ...(encryptionKey && { masterKey: encryptionKey }),
          })
        : undefined;
    const handler = new NodejsFunction(this, 'Handler', {
      description: `Forwards alerts of the margin checker: ${receiver}`,
      ...codeOf('forward'),
      memorySize: MEMORY_MB,
      timeout: TIMEOUT,
      environment: this.#environment(props),
      ...this.#roleAndLogs(props),
    });
    handler.addEventSource(
      new SqsEventSource(this.delivery.queue, { batchSize: 1, maxConcurrency: CONCURRENCY }),
    );
    this.function = handler;
  }

  #environment({ to, stackName, runbook }: AlertForwarderProps): ForwardEnvironment {
    return {
      FORMAT: to.format,
      STACK_NAME: stackName,
      RUNBOOK_URL: runbook,
      ...('secretName' in to && { SECRET_ID: to.secretName }),
      ...(this.chatTopic && { CHAT_TOPIC_ARN: this.chatTopic.topicArn }),
    };
  }

  #roleAndLogs(props: AlertForwarderProps) {
    const { to, encryptionKey } = props;
    const { role, logGroup } = roleAndLogs(this, props);
    this.chatTopic?.grantPublish(role);
    encryptionKey?.grant(role, ...KEY_RIGHTS);
    if ('secretName' in to) this.#letRead(role, to.secretName);
    if (this.chatTopic && encryptionKey) {
      Validations.of(role).acknowledge({
        id: 'AwsSolutions::AwsSolutions-IAM5[Action::kms:GenerateDataKey*]',
        reason: 'Also with GenerateDataKeyWithoutPlaintext, and only on the given key.',
      });
    }
    return { role, logGroup };
  }

  /** Secrets Manager puts six characters of its own behind the name. */
  #letRead(role: Role, secretName: string): void {
    const resourceName = `${secretName}-??????`;
    const arn = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName,
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [arn] }),
    );
  }
}
