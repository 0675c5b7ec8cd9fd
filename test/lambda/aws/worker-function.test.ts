import { createServer } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ANSWER_TIMEOUT_MS,
  WorkerFunction,
  workerFunction,
} from '../../../lambda/aws/worker-function.ts';
import { clientOf } from '../../aws/client.ts';

const withAnswer = (answer: object) =>
  new WorkerFunction(
    clientOf(LambdaClient, async () => answer),
    'worker',
  );
const bytes = (text: string) => Buffer.from(text);

describe('a worker function', () => {
  it('gives what it answers', async () => {
    expect(await withAnswer({ Payload: bytes('{"part":"1"}') }).invoke({})).toEqual({ part: '1' });
  });

  it('fails if the function failed, and says why', async () => {
    const failed = { FunctionError: 'Unhandled', Payload: bytes('Task timed out after 10.00 s') };
    await expect(withAnswer(failed).invoke({})).rejects.toThrow(
      'the worker failed (Unhandled): Task timed out after 10.00 s',
    );
  });

  it('fails if there is no answer, or none in JSON', async () => {
    await expect(withAnswer({}).invoke({})).rejects.toThrow(SyntaxError);
    await expect(withAnswer({ Payload: bytes('{') }).invoke({})).rejects.toThrow(SyntaxError);
  });

  it('is given up after two attempts of five seconds', async () => {
    let asked = 0;
    const server = createServer(() => asked++).listen(0);
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as { readonly port: number };
    const worker = workerFunction('worker', {
      ...{ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1' },
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const start = performance.now();
    await expect(worker.invoke({})).rejects.toThrow();
    expect(asked).toBe(2);
    expect(performance.now() - start).toBeLessThan(2 * ANSWER_TIMEOUT_MS + 2_000);
  }, 20_000);
});
