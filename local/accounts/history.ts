/** The decisions about one account, from their records. */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { caseKey } from '../../lambda/accounts/account-case.ts';
import { headlineOf } from '../../lambda/messages/headline.ts';
import { DECISION, keyText } from '../../lambda/outbox/stored-case.ts';
import type { DecisionRecord } from '../../lambda/record/decision-record.ts';
import { plain, replay, rulesVersionOf } from '../analysis/replay.ts';
import { recordBytes } from '../aws/stored-record.ts';
import { reasonOf } from '../cli/input.ts';
import { unpack } from '../cli/replay.ts';

export interface HistoryAsked {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly accountId: string;
  /** Only of this isolated position. */
  readonly position?: string | undefined;
}

export interface DecisionRow {
  readonly checkId: string;
  readonly position?: string | undefined;
  /** Levels, before and after. */
  readonly from: string;
  readonly to: string;
  /** What was said, one line each. */
  readonly said: readonly string[];
  /** Why, where something was withheld or undecided. */
  readonly why: readonly string[];
  readonly prices: readonly { readonly feed: string; readonly price: string }[];
  readonly rulesVersion?: number;
  readonly codeVersion?: string;
  readonly replay?: 'same' | 'DIFFERENT' | 'other rules' | undefined;
  /** The record cannot be read. */
  readonly fault?: string | undefined;
}

/** Newest first. */
export async function* decisionsOf(
  asked: HistoryAsked,
  isReplayed = false,
): AsyncGenerator<DecisionRow> {
  for await (const { sk, item } of rowsOf(asked)) {
    const [checkId = '', ...rest] = sk.slice(DECISION.length).split('#');
    const position = rest.length === 0 ? undefined : rest.join('#');
    if (asked.position !== undefined && position !== asked.position) continue;
    const key = { pk: caseKey(asked.accountId).pk, sk };
    const place = `${asked.table} ${keyText(key)}`;
    try {
      const bytes = await recordBytes(item, { ...asked, key });
      if (bytes !== undefined) yield decisionRow(unpack(bytes, place), isReplayed);
    } catch (error) {
      const fault = reasonOf(error);
      yield { checkId, position, from: '', to: '', said: [], why: [], prices: [], fault };
    }
  }
}

async function* rowsOf({ dynamo, table, accountId }: HistoryAsked) {
  const pages = paginateQuery(
    { client: dynamo },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: {
        ':pk': { S: caseKey(accountId).pk },
        ':sk': { S: DECISION },
      },
      ScanIndexForward: false,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) yield { sk: item.sk?.S ?? '', item: item as Item };
  }
}

type Item = Record<string, AttributeValue>;

export function decisionRow(record: DecisionRecord, isReplayed: boolean): DecisionRow {
  const { checkId, position, codeVersion, result } = record;
  const { assessment, messages } = plain(result) as DecisionRecord['result'];
  const reasons = messages.flatMap((message) => ('reasons' in message ? message.reasons : []));
  const prices = 'prices' in assessment ? assessment.prices : [];
  return {
    checkId,
    ...(position === undefined ? {} : { position }),
    from: levelIn(record.before),
    to: assessment.level ?? 'undecided',
    said: messages.map(headlineOf),
    why: reasons.map(({ detail }) => detail),
    prices: prices.map(({ feed, price }) => ({ feed, price })),
    rulesVersion: rulesVersionOf(record),
    codeVersion,
    ...(isReplayed ? { replay: replayedText(record) } : {}),
  };
}

const levelIn = ({ isIndeterminate, open }: DecisionRecord['before']): string =>
  isIndeterminate ? 'undecided' : (open?.level ?? 'no case');

function replayedText(record: DecisionRecord): DecisionRow['replay'] {
  const { matches, isFinding } = replay(record);
  if (matches) return 'same';
  return isFinding ? 'DIFFERENT' : 'other rules';
}
