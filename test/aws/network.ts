/**
 * The way between a process and AWS: each request takes a while, may be lost before or after it took
 * effect, and is tried again as the SDK does. A process may be killed or frozen at any time: what it
 * has sent takes effect, and no answer comes, or a late one.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { ATTEMPTS_MAX, TIMEOUTS } from '../../lambda/aws/clients.ts';
import { type Call, describeCall } from './call.ts';
import { clientOf } from './client.ts';
import type { VirtualTime } from './virtual-time.ts';

/** As the SDK waits, at least, before each new attempt; it doubles. */
const BACKOFF_MS = 100;

export interface Service {
  /** At once. @throws as the SDK does */
  answer(command: object): object;
}

/** A call of one process. */
export interface ProcessCall extends Call {
  readonly task: string;
  /** Its place among the calls of its command, from 1. */
  readonly ofCommand: number;
}

/** What happens to one attempt of a call. */
export interface Fate {
  /** Until it takes effect. */
  readonly requestMs: number;
  /** unsent: it has no effect. unanswered: it has. Neither gets an answer. */
  readonly fault?:
    | 'unsent'
    | 'unanswered'
    | 'throttled'
    | 'killed before'
    | 'killed after'
    | undefined;
  /** The process stands still for so long from then on. */
  readonly pauseMs?: number | undefined;
}

export type FateOf = (call: ProcessCall, attempt: number) => Fate;

export interface ProcessInput {
  readonly task: string;
  readonly time: VirtualTime;
  readonly dynamo: Service;
  readonly sns: Service;
  /** Absent where nobody reads one. */
  readonly streams?: Service;
  readonly s3?: Service;
  readonly fateOf: FateOf;
}

/** A function's environment, a writer, a venue. */
export class Process {
  /** What it does now; its calls are counted from there. */
  task: string;
  startedAt: number;
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
  readonly streams: DynamoDBStreamsClient | undefined;
  readonly s3: S3Client | undefined;
  isDead = false;
  /** Called once. */
  onDeath: () => void = () => undefined;
  private frozenUntil = 0;
  private calls = 0;
  private readonly callsOf = new Map<string, number>();
  private readonly input: ProcessInput;

  constructor(input: ProcessInput) {
    this.task = input.task;
    this.startedAt = input.time.now;
    this.input = input;
    this.dynamo = clientOf(DynamoDBClient, (command) => this.send(input.dynamo, command));
    this.sns = clientOf(SNSClient, (command) => this.send(input.sns, command));
    const { streams, s3 } = input;
    this.streams =
      streams && clientOf(DynamoDBStreamsClient, (command) => this.send(streams, command));
    this.s3 = s3 && clientOf(S3Client, (command) => this.send(s3, command));
  }

  begin(task: string): void {
    this.task = task;
    this.startedAt = this.input.time.now;
    this.calls = 0;
    this.callsOf.clear();
  }

  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.onDeath();
  }

  /** Nothing of it goes on before that time. */
  freezeUntil(time: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, time);
  }

  /** As long as the process lives and is not frozen; otherwise later, or never. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  private after(milliseconds: number, work: () => void): void {
    this.input.time.after(milliseconds, () => this.whenAwake(work));
  }

  private whenAwake(work: () => void): void {
    const { time } = this.input;
    if (this.isDead) return;
    if (time.now < this.frozenUntil) time.at(this.frozenUntil, () => this.whenAwake(work));
    else work();
  }

  private async send(service: Service, command: object): Promise<object> {
    const described = describeCall(command);
    const ofCommand = (this.callsOf.get(described.command) ?? 0) + 1;
    this.callsOf.set(described.command, ofCommand);
    const call = { task: this.task, index: ++this.calls, ofCommand, ...described };
    let refusal: unknown;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      if (attempt > 1) await this.wait(BACKOFF_MS * 2 ** (attempt - 2));
      const outcome = await this.attempt(service, command, this.input.fateOf(call, attempt));
      if ('answer' in outcome) return outcome.answer;
      refusal = outcome.refusal;
      if (refusal !== undefined && !isRetried(refusal)) throw refusal;
    }
    throw refusal ?? new NoAnswer(call);
  }

  private attempt(service: Service, command: object, fate: Fate): Promise<Outcome> {
    return new Promise((resolve) => {
      this.input.time.after(fate.requestMs, () => {
        const outcome = this.reach(service, command, fate);
        if (outcome !== undefined) this.whenAwake(() => resolve(outcome));
        else this.after(TIMEOUTS.requestTimeout, () => resolve({ refusal: undefined }));
      });
    });
  }

  /** The request arrives, or is lost. @returns undefined if no answer comes */
  private reach(
    service: Service,
    command: object,
    { fault, pauseMs = 0 }: Fate,
  ): Outcome | undefined {
    if (pauseMs > 0) this.freezeUntil(this.input.time.now + pauseMs);
    switch (fault) {
      case 'unsent':
        return undefined;
      case 'throttled':
        return { refusal: new Throttled() };
      case 'killed before':
        this.kill();
        return undefined;
      default: {
        const outcome = answered(service, command);
        if (fault === 'killed after') this.kill();
        return fault === 'unanswered' ? undefined : outcome;
      }
    }
  }
}

type Outcome = { readonly answer: object } | { readonly refusal: unknown };

function answered(service: Service, command: object): Outcome {
  try {
    return { answer: service.answer(command) };
  } catch (refusal) {
    return { refusal };
  }
}

/** The SDK's own words. */
class NoAnswer extends Error {
  override readonly name = 'TimeoutError';

  constructor({ command, target }: Call) {
    super(
      `${command} on ${target}: the request did not complete within ${TIMEOUTS.requestTimeout} ms`,
    );
  }
}

class Throttled extends Error {
  override readonly name = 'ThrottlingException';
  readonly $fault = 'client';
  readonly $metadata = { httpStatusCode: 400 };

  constructor() {
    super('Rate exceeded');
  }
}

const isRetried = (refusal: unknown): boolean =>
  refusal instanceof Error && /Throttl|ThroughputExceeded|InternalError/.test(refusal.name);
