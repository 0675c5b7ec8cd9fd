/** What the streams of the tables tell, and the function that asks for event checks. */
import { CANARY_PREFIX } from '../../lambda/aws/accounts-table.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { putEvent } from '../../lambda/events/put-event.ts';
import type { Change } from '../aws/memory-table.ts';
import type { Process } from '../aws/network.ts';
import type { VirtualTime } from '../aws/virtual-time.ts';

/** Until the records of a change are handed over. */
const TOLD_AFTER_MS = 300;
/** A start that fails or dies is repeated with the same records; after three they are a dead letter. */
const STARTS_MAX = 3;
const REPEATED_AFTER_MS = 1_000;
/** Until a message starts a check. */
const POLLED_AFTER_MS = 50;

interface ToldInput {
  readonly time: VirtualTime;
  readonly marginTable: string;
  /** The events function, as it starts. */
  readonly start: (task: string) => Process;
  /** It could not do its work. */
  readonly failed: (task: string, error: unknown) => void;
  readonly wake: () => void;
}

export class Told {
  private readonly input: ToldInput;
  private records: object[] = [];
  private starts = 0;

  constructor(input: ToldInput) {
    this.input = input;
  }

  /** As the filters of the stack let it through. */
  change({ keys, newImage }: Change): void {
    const isOfAccount = keys.accountId !== undefined;
    if (isOfAccount && keys.accountId?.S?.startsWith(CANARY_PREFIX)) return;
    if (!isOfAccount && (keys.kind?.S !== 'quote' || newImage === undefined)) return;
    const { time } = this.input;
    const NewImage = isOfAccount ? undefined : newImage;
    const ApproximateCreationDateTime = Math.floor(time.now / 1000);
    this.records.push({ dynamodb: { ApproximateCreationDateTime, Keys: keys, NewImage } });
    if (this.records.length === 1) {
      time.at(time.now + TOLD_AFTER_MS, () => {
        const { records } = this;
        this.records = [];
        this.tell(records, 1);
      });
    }
  }

  private tell(records: readonly object[], start: number): void {
    const { time, failed } = this.input;
    const task = `told ${++this.starts}`;
    const process = this.input.start(task);
    const again = () => {
      if (start === STARTS_MAX) return;
      time.at(time.now + REPEATED_AFTER_MS, () => this.tell(records, start + 1));
    };
    process.onDeath = again;
    this.put(records, process).catch((error: unknown) => {
      failed(task, error);
      again();
    });
  }

  private async put(records: readonly object[], process: Process): Promise<void> {
    const { time, marginTable: table, wake } = this.input;
    const stopwatch = { wait: (ms: number) => process.wait(ms) };
    const margin = new MarginTable({ dynamo: process.dynamo, table, stopwatch });
    const queue = {
      wake: async (at: number) => time.at(Math.max(at, time.now) + POLLED_AFTER_MS, wake),
    };
    await putEvent({ Records: records }, { margin, queue, now: () => time.now });
  }
}
