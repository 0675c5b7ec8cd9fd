/**
 * A Lambda function in memory: it starts an environment for each event that finds none free, keeps
 * it warm, stops it when its time is over, and drops one that was killed.
 */
import type { Process } from './network.ts';
import type { VirtualTime } from './virtual-time.ts';

/** As AWS Lambda calls it. */
export interface Context {
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

export interface Environment {
  readonly process: Process;
  readonly handler: Handler;
}

export type Ending =
  | { readonly how: 'returned'; readonly result: unknown }
  | { readonly how: 'threw'; readonly error: unknown }
  | { readonly how: 'killed' }
  | { readonly how: 'timed out' };

export interface FunctionInput {
  readonly time: VirtualTime;
  readonly timeoutMs: number;
  /** A cold start. */
  readonly start: () => Environment;
}

export class MemoryFunction {
  private readonly input: FunctionInput;
  private readonly free: Environment[] = [];
  /** How many invocations have not ended. */
  running = 0;

  constructor(input: FunctionInput) {
    this.input = input;
  }

  /** The next event finds none warm, as after a deployment. */
  forgetEnvironments(): void {
    this.free.length = 0;
  }

  invoke(event: unknown): Promise<Ending> {
    const { time, timeoutMs } = this.input;
    const environment = this.free.pop() ?? this.input.start();
    const { process, handler } = environment;
    const end = time.now + timeoutMs;
    this.running++;
    return new Promise((resolve) => {
      let hasEnded = false;
      const ended = (ending: Ending) => {
        if (hasEnded) return;
        hasEnded = true;
        this.running--;
        if (!process.isDead) this.free.push(environment);
        resolve(ending);
      };
      process.onDeath = () => ended({ how: 'killed' });
      time.at(end, () => {
        if (hasEnded) return;
        process.onDeath = () => ended({ how: 'timed out' });
        process.kill();
      });
      const context = { getRemainingTimeInMillis: () => Math.max(0, end - time.now) };
      handler(event, context).then(
        (result) => ended({ how: 'returned', result }),
        (error: unknown) => ended({ how: 'threw', error }),
      );
    });
  }
}
