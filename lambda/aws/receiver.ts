/** A forwarder reads the secret of its receiver, or publishes to the topic of a chat. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ATTEMPTS_MAX, TIMEOUTS } from './clients.ts';

export interface ReceiverInput {
  readonly secrets: Pick<SecretsManagerClient, 'send'>;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly config: {
    readonly secretId?: string | undefined;
    readonly chatTopicArn?: string | undefined;
  };
}

/** Apart from the check's clients, so that its bundle does not grow. */
export function createForwardClients(): Pick<ReceiverInput, 'secrets' | 'sns'> {
  const settings = () => ({ maxAttempts: ATTEMPTS_MAX, requestHandler: { ...TIMEOUTS } });
  return { secrets: new SecretsManagerClient(settings()), sns: new SNSClient(settings()) };
}

export class Receiver {
  private readonly input: ReceiverInput;
  private kept: string | undefined;

  constructor(input: ReceiverInput) {
    this.input = input;
  }

  /** Read once, and again after a failure. */
  async secret(): Promise<string> {
    this.kept ??= await this.read();
    return this.kept;
  }

  forgetSecret(): void {
    this.kept = undefined;
  }

  private async read(): Promise<string> {
    const { secrets, config } = this.input;
    const command = new GetSecretValueCommand({ SecretId: config.secretId });
    const { SecretString } = await secrets.send(command);
    if (SecretString !== undefined) return SecretString;
    throw new Error(`the secret ${config.secretId} holds no text`);
  }

  async publishToChat(notification: object): Promise<void> {
    const { sns, config } = this.input;
    const Message = JSON.stringify(notification);
    await sns.send(new PublishCommand({ TopicArn: config.chatTopicArn, Message }));
  }
}
