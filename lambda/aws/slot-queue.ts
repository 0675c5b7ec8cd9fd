/** The queue of slots. Each message is delayed until its slot, and then starts a check. */
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type ClientSettings, settingsOf } from './clients.ts';

/** As many as SQS takes in one request. */
const BATCH_MAX = 10;

export interface SlotQueueInput {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly url: string;
}

/** Apart from the check's clients, so that its bundle does not grow. */
export const createSlotClient = (given?: ClientSettings): SQSClient =>
  new SQSClient(settingsOf(given));

export class SlotQueue {
  readonly url: string;
  private readonly sqs: SlotQueueInput['sqs'];

  constructor({ sqs, url }: SlotQueueInput) {
    this.sqs = sqs;
    this.url = url;
  }

  /**
   * Nearest first, and none comes before its time.
   * @param slots ascending, in milliseconds since 1970
   * @param now read before each request
   * @throws Error if SQS refuses one
   */
  async put(slots: readonly number[], now: () => number): Promise<void> {
    for (let from = 0; from < slots.length; from += BATCH_MAX) {
      await this.sendBatch(slots.slice(from, from + BATCH_MAX), now());
    }
  }

  private async sendBatch(slots: readonly number[], now: number): Promise<void> {
    const Entries = slots.map((slot, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify({ slot: new Date(slot).toISOString() }),
      DelaySeconds: Math.max(0, Math.ceil((slot - now) / 1000)),
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: this.url, Entries });
    const { Failed = [] } = await this.sqs.send(command);
    const [first] = Failed;
    if (first === undefined) return;
    throw new Error(`${Failed.length} slots were not put: ${first.Code} ${first.Message ?? ''}`);
  }
}
