/**
 * Real clients of the SDK on an AWS in memory: requests are written, signed and answers parsed as in
 * AWS, which is much of what a call costs the processor. The time that the AWS in memory itself takes
 * is metered, so that it can be left out. Connections and encryption are not there.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type PublishBatchCommandOutput, SNSClient } from '@aws-sdk/client-sns';
import { createDynamo, settingsOf } from '../../lambda/aws/clients.ts';

export type Answer = (command: object) => object;

const LOCAL = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

export class MeteredAws {
  private readonly asked = new AsyncLocalStorage<object>();
  private spent = 0;

  /** Time of the processor that answers took, in milliseconds. */
  get spentMs(): number {
    return this.spent / 1e3;
  }

  dynamo(answer: Answer): DynamoDBClient {
    const type = 'application/x-amz-json-1.0';
    const client = createDynamo({ ...LOCAL, requestHandler: this.handler(answer, type, jsonOf) });
    return this.asking(client);
  }

  sns(answer: Answer): SNSClient {
    const settings = { ...LOCAL, requestHandler: this.handler(answer, 'text/xml', xmlOf) };
    return this.asking(new SNSClient(settingsOf(settings)));
  }

  /** The command itself is answered, so that nothing has to be read from the request. */
  private asking<C extends { send: unknown }>(client: C): C {
    const send = (client.send as (command: object, ...rest: unknown[]) => unknown).bind(client);
    const asked = (command: object, ...rest: unknown[]) =>
      this.asked.run(command, () => send(command, ...rest));
    return Object.assign(client, { send: asked });
  }

  private handler(answer: Answer, type: string, textOf: (answer: object) => string): never {
    const handle = async () => {
      const before = process.threadCpuUsage();
      try {
        const body = Buffer.from(textOf(answer(this.asked.getStore() ?? {})));
        const headers = { 'content-type': type };
        return { response: { statusCode: 200, headers, body: Readable.from([body]) } };
      } finally {
        const { user, system } = process.threadCpuUsage(before);
        this.spent += user + system;
      }
    };
    return { handle } as never;
  }
}

const jsonOf = (answer: object): string =>
  JSON.stringify(answer, function (this: Record<string, unknown>, name, value) {
    const given = this[name];
    return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : value;
  });

function xmlOf(answer: object): string {
  const { Successful = [], Failed = [] } = answer as PublishBatchCommandOutput;
  if (Failed.length > 0) throw new Error('nothing is refused here');
  const members = Successful.map(
    ({ Id, MessageId }) => `<member><Id>${Id}</Id><MessageId>${MessageId}</MessageId></member>`,
  );
  const result = `<Failed/><Successful>${members.join('')}</Successful>`;
  return `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>${result}</PublishBatchResult></PublishBatchResponse>`;
}
