/**
 * Checks below a minute: the schedule starts the function that puts slots into a queue, and the queue
 * hands each over at its time, late, twice or never. Here is also what must hold of slots.
 */
import { type SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { SlotQueue } from '../../lambda/aws/slot-queue.ts';
import { putSlots } from '../../lambda/check/put-slots.ts';
import { clientOf } from '../aws/client.ts';
import type { Process } from '../aws/network.ts';
import type { VirtualTime } from '../aws/virtual-time.ts';
import type { SlotsPlan } from './history.ts';

export const SLOT_SECONDS = 10;
const SLOT_MS = SLOT_SECONDS * 1000;
const MINUTE_MS = 60_000;

/** Lambda polls the queue. */
const POLLED_MS = 250;
const SENT_MS = 20;
/** Two starts of three may be lost, as far as one is concerned that was not. */
const AHEAD_MS = 3 * MINUTE_MS;

interface SlotsInput {
  readonly time: VirtualTime;
  readonly marginTable: string;
  readonly plan: SlotsPlan;
  /** The first slot. */
  readonly startMs: number;
  /** The last slot that is handed over. */
  readonly lastMs: number;
  /** The function that puts slots, as it starts. */
  readonly start: (task: string) => Process;
  readonly hand: (slotMs: number) => void;
  readonly count: (what: string) => void;
  readonly violate: (what: string) => void;
}

interface Start {
  readonly task: string;
  readonly begunAt: number;
  /** Undefined: it has failed, or died. */
  endedAt?: number;
}

export class Slots {
  private readonly input: SlotsInput;
  private readonly starts: Start[] = [];
  /** How often each was put. */
  private readonly put = new Map<number, number>();

  constructor(input: SlotsInput) {
    this.input = input;
  }

  /** @param task `slots <minute>.<copy>` */
  begin(task: string): void {
    const { time, marginTable: table, start, plan, count, violate } = this.input;
    const process = start(task);
    const begun: Start = { task, begunAt: time.now };
    this.starts.push(begun);
    const sends = plan.starts.find(({ minute, copy }) => task === `slots ${minute}.${copy}`)?.sends;
    let sent = 0;
    const send = async (command: object): Promise<object> => {
      await process.wait(SENT_MS);
      if (sends !== 0) this.take(command as SendMessageBatchCommand);
      if (sends === 0 || ++sent === sends) {
        count('starts killed');
        process.kill();
      }
      await process.wait(0);
      return { Successful: [], Failed: [] };
    };
    const stopwatch = { wait: (ms: number) => process.wait(ms) };
    const margin = new MarginTable({ dynamo: process.dynamo, table, stopwatch });
    const queue = new SlotQueue({ sqs: clientOf(SQSClient, send), url: 'slots' });
    const now = () => time.now;
    putSlots({ margin, queue, intervalSeconds: SLOT_SECONDS, now }).then(
      () => {
        begun.endedAt = time.now;
        count('starts');
      },
      (error: unknown) => violate(`${task}: ${error}`),
    );
  }

  private take({ input }: SendMessageBatchCommand): void {
    for (const { MessageBody = '', DelaySeconds = 0 } of input.Entries ?? []) {
      const slot = Date.parse((JSON.parse(MessageBody) as { readonly slot: string }).slot);
      this.taken(slot, this.input.time.now + DelaySeconds * 1000);
    }
  }

  private taken(slotMs: number, dueMs: number): void {
    const { time, startMs, lastMs, violate, count, hand, plan } = this.input;
    const name = new Date(slotMs).toISOString();
    if (slotMs % SLOT_MS !== 0) violate(`${name} is no slot`);
    if (dueMs < slotMs) violate(`${name} is due ${slotMs - dueMs} ms before its time`);
    this.put.set(slotMs, (this.put.get(slotMs) ?? 0) + 1);
    if (slotMs < startMs || slotMs > lastMs) return;
    const number = (slotMs - startMs) / SLOT_MS;
    const fault = plan.messages.find(({ slot }) => slot === number);
    count(fault?.kind ?? 'handed over');
    if (fault?.kind === 'lost') return;
    const delayMs = fault?.kind === 'late' ? fault.delayMs : 0;
    time.at(dueMs + POLLED_MS + delayMs, () => hand(slotMs));
    if (fault?.kind === 'doubled') {
      time.at(dueMs + POLLED_MS + fault.delayMs, () => hand(slotMs));
    }
  }

  /** No slot is missing that a start had to put, and none is put twice without a reason. */
  audit(): void {
    const { startMs, lastMs, violate } = this.input;
    const isTidy = this.starts.every(({ endedAt }, index) => {
      const next = this.starts[index + 1]?.begunAt ?? Number.POSITIVE_INFINITY;
      return endedAt !== undefined && endedAt < next;
    });
    for (let slot = startMs; slot <= lastMs; slot += SLOT_MS) {
      const name = new Date(slot).toISOString();
      const times = this.put.get(slot) ?? 0;
      const by = this.starts.find(
        ({ begunAt, endedAt = slot }) => endedAt < slot && slot <= begunAt + AHEAD_MS,
      );
      if (times === 0 && by !== undefined) violate(`${by.task} has not put the slot ${name}`);
      if (times > 1 && isTidy) violate(`the slot ${name} was put ${times} times`);
    }
  }
}
