/** Whether anything is being checked: one look at the fence and the policy. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { FENCE_KEY, readLatestCheck } from '../../lambda/check/fence.ts';
import type { StoredCase } from '../../lambda/outbox/stored-case.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../lambda/rows/read-market.ts';
import type { Deployment } from '../aws/deployment.ts';
import { readMarketRow } from '../aws/rows.ts';
import { reasonOf } from '../cli/input.ts';

export interface Beat {
  /** Milliseconds since 1970, as all times here. */
  readonly now: number;
  /** When the last check that saw every account began. Absent before the first one. */
  readonly completedAt?: number | undefined;
  /** When the last check began, whether it saw every account or not. */
  readonly begunAt?: number | undefined;
  /** Why nothing can be checked. */
  readonly fault?: string | undefined;
  /** Why it cannot be seen from here whether anything is checked. */
  readonly unseen?: string | undefined;
}

export interface BeatInput {
  readonly dynamo: DynamoDBClient;
  readonly deployment: Pick<Deployment, 'marketTable' | 'marginTable'>;
  readonly now: number;
}

/** Never throws: what cannot be read is said. */
export async function readBeat({ dynamo, deployment, now }: BeatInput): Promise<Beat> {
  const { marketTable: table, marginTable } = deployment;
  const margin = new MarginTable({ dynamo, table: marginTable });
  try {
    const [fence, policy] = await Promise.all([
      margin.read(FENCE_KEY),
      readMarketRow(dynamo, { table, kind: 'policy', id: 'default' }),
    ]);
    const policyFault = policyFaultOf(policy);
    return {
      now,
      ...timesOf(fence),
      ...(policyFault === undefined ? {} : { fault: policyFault }),
    };
  } catch (error) {
    return { now, unseen: reasonOf(error) };
  }
}

type Times = Omit<Beat, 'now'>;

function timesOf(fence: StoredCase | undefined): Times {
  const begun = Date.parse(fence?.checkId ?? '');
  const begunAt = Number.isNaN(begun) ? {} : { begunAt: begun };
  try {
    const { completedAsOf } = readLatestCheck(fence) ?? {};
    return { ...begunAt, ...(completedAsOf === undefined ? {} : { completedAt: completedAsOf }) };
  } catch (error) {
    const { pk, sk } = FENCE_KEY;
    return { ...begunAt, fault: `the item margin ${pk}/${sk} cannot be read: ${reasonOf(error)}` };
  }
}

function policyFaultOf(row: RawRow | undefined): string | undefined {
  try {
    readMarket(row === undefined ? [] : [row]);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
}
