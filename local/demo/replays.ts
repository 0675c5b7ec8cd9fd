import { paginateScan } from '@aws-sdk/client-dynamodb';
import { replay } from '../analysis/replay.ts';
import type { Services } from '../aws/services.ts';
import { recordBytes } from '../aws/stored-record.ts';
import { unpack } from '../cli/replay.ts';

export interface Replays {
  readonly decisions: number;
  /** Same assessment, case and messages. */
  readonly identical: number;
}

export async function replayDecisions({
  dynamo,
  config,
}: Pick<Services, 'dynamo' | 'config'>): Promise<Replays> {
  let [decisions, identical] = [0, 0];
  const pages = paginateScan({ client: dynamo }, { TableName: config.marginTable });
  for await (const { Items = [] } of pages) {
    for (const { pk, sk, ...row } of Items) {
      const key = { pk: pk?.S ?? '', sk: sk?.S ?? '' };
      const bytes = await recordBytes(row, { dynamo, table: config.marginTable, key });
      if (bytes === undefined) continue;
      decisions += 1;
      if (replay(unpack(bytes, key.sk)).matches) identical += 1;
    }
  }
  return { decisions, identical };
}
