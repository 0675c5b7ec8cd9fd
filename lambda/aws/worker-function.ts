/** The function that reads accounts for a check. A check loads this file once it has thousands to read. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type ClientSettings, settingsOf } from './clients.ts';

/**
 * A part takes a second or two, and a new environment another. Both attempts end well before the time
 * that a check of a minute keeps for decisions.
 */
export const ANSWER_TIMEOUT_MS = 5_000;
const ATTEMPTS_MAX = 2;

/** The worker's own error, or Lambda's about it. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

export class WorkerFunction {
  private readonly lambda: LambdaClient;
  private readonly name: string;

  constructor(lambda: LambdaClient, name: string) {
    this.lambda = lambda;
    this.name = name;
  }

  /**
   * @param question and the answer are values of JSON
   * @throws WorkerError if the function failed; the SDK's errors if it could not be invoked
   */
  async invoke(question: object): Promise<unknown> {
    const { Payload, FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName: this.name, Payload: JSON.stringify(question) }),
    );
    const text = Payload === undefined ? '' : Buffer.from(Payload).toString();
    if (FunctionError !== undefined) {
      throw new WorkerError(`the worker failed (${FunctionError}): ${text.slice(0, 200)}`);
    }
    return JSON.parse(text);
  }
}

export function workerFunction(name: string, given?: ClientSettings): WorkerFunction {
  const settings = settingsOf(given);
  const requestHandler = {
    ...settings.requestHandler,
    requestTimeout: ANSWER_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
  };
  return new WorkerFunction(
    new LambdaClient({ ...settings, maxAttempts: ATTEMPTS_MAX, requestHandler }),
    name,
  );
}
