import { paginateScan } from '@aws-sdk/client-dynamodb';
import { replay } from '../analysis/replay.ts';
import type { Services } from '../aws/services.ts';
import { unpack } from '../cli/replay.ts';

export interface Replays {
  readonly decisions: number;
  /** Same assessment, case and messages. */
  readonly identical: number;
}

export async function replayDecisions({ dynamo, config }: Services): Promise<Replays> {
  let [decisions, identical] = [0, 0];
  const pages = paginateScan({ client: dynamo }, { TableName: config.marginTable });
  for await (const { Items = [] } of pages) {
    for (const { sk, record } of Items) {
      if (record?.B === undefined) continue;
      decisions += 1;
      if (replay(unpack(record.B, sk?.S ?? '')).matches) identical += 1;
    }
  }
  return { decisions, identical };
}
