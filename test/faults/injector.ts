/**
 * Faults between the checker and AWS. Every call of a run goes through one interceptor, which lets
 * it proceed, fails it, or kills the run at that point.
 */
import { type Call, describeCall } from '../aws/call.ts';
import { type Clients, START } from './world.ts';

export type { Call };

export type Interceptor = (call: Call, proceed: () => Promise<unknown>) => Promise<unknown>;

export interface Injection extends Clients {
  /** All calls so far, in the order in which they were made. */
  readonly calls: readonly Call[];
}

export function inject(clients: Clients, intercept: Interceptor): Injection {
  const calls: Call[] = [];
  const through = <C extends object>(client: C): C => {
    const base = client as C & { send(command: object, ...rest: unknown[]): Promise<unknown> };
    const send = (command: object, ...rest: unknown[]) => {
      const call = { index: calls.length + 1, ...describeCall(command) };
      calls.push(call);
      return intercept(call, () => base.send(command, ...rest));
    };
    return Object.assign(Object.create(client), { send }) as C;
  };
  return { dynamo: through(clients.dynamo), sns: through(clients.sns), calls };
}

export const unharmed: Interceptor = (_call, proceed) => proceed();

export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Before: the call was never sent. After: it took effect, and only its answer was lost. */
export type Moment = 'before' | 'after';

/** Kills the run at one of its calls. Other calls in flight reach AWS; their answers are lost. */
export function killWhen(isLast: (call: Call) => boolean, moment: Moment = 'before'): Interceptor {
  let isDead = false;
  return async (call, proceed) => {
    const isHit = !isDead && isLast(call);
    if (isDead || (isHit && moment === 'before')) {
      isDead = true;
      throw new Killed(`killed before ${call.command}`);
    }
    const answer = await proceed();
    isDead ||= isHit;
    if (isDead) throw new Killed(`killed after ${call.command}`);
    return answer;
  };
}

export const killAt = (index: number, moment: Moment): Interceptor =>
  killWhen((call) => call.index === index, moment);

export const isPublication = ({ command }: Call): boolean => command === 'PublishBatch';

/** The first publication about accounts, if any of them is to be liquidated. */
export const isOfOrders = (call: Call): boolean =>
  isPublication(call) && call.target === 'liquidation-orders.fifo';

export function isOfAnAccount({ input }: Call): boolean {
  const { pk } = (input.Key ?? input.Item ?? {}) as { pk?: { S: string } };
  return pk?.S.startsWith('account#') ?? false;
}

/** Fails some calls without effect, as AWS would. */
export function failing(isHit: (call: Call) => boolean, error: () => Error): Interceptor {
  return (call, proceed) => (isHit(call) ? Promise.reject(error()) : proceed());
}

/**
 * Runs that share one turnstile make their calls one at a time. The seed chooses which run is next;
 * the calls of one run keep their order.
 *
 * @returns a function that makes one interceptor for each run.
 */
export function turnstile(seed: number): () => Interceptor {
  const draw = drawsFrom(seed);
  const runs: (() => Promise<void>)[][] = [];
  let isTurning = false;
  const turn = async () => {
    isTurning = true;
    while (true) {
      // Calls that the last call has released must reach the turnstile first.
      for (let wait = 0; wait < 3; wait++) await new Promise((resolve) => setImmediate(resolve));
      const waiting = runs.filter((calls) => calls.length > 0);
      if (waiting.length === 0) break;
      await waiting[draw(waiting.length)]?.shift()?.();
    }
    isTurning = false;
  };
  return () => {
    const calls: (() => Promise<void>)[] = [];
    runs.push(calls);
    return (_call, proceed) =>
      new Promise((resolve, reject) => {
        calls.push(() => proceed().then(resolve, reject));
        if (!isTurning) void turn();
      });
  };
}

/** Holds a run at one of its calls until it is released. Earlier calls pass. */
export function holdAt(isFirst: (call: Call) => boolean) {
  const arrival = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let isHeld = false;
  const intercept: Interceptor = async (call, proceed) => {
    isHeld ||= isFirst(call);
    if (isHeld) {
      arrival.resolve();
      await release.promise;
    }
    return proceed();
  };
  return { intercept, arrived: arrival.promise, letGo: release.resolve };
}

/** Whole numbers below a limit, from a linear congruential generator. */
function drawsFrom(seed: number): (limit: number) => number {
  let state = (seed * 2_654_435_761 + START) % 2 ** 32;
  return (limit) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
