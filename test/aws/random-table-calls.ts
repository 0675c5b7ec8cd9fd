/**
 * The same random calls get the same answers from the tables in memory and from another DynamoDB.
 * Answers are compared without what AWS leaves open: the order of a scan, counts, an item's units.
 */
import { deepStrictEqual } from 'node:assert/strict';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { TABLES } from '../../lib/names.ts';
import type { Item } from './attribute-value.ts';
import { MemoryTables } from './memory-tables.ts';
import { VirtualTime } from './virtual-time.ts';

const TableName = 'margin';
const pk = fc.constantFrom('a', 'b', 'ä', '𝒳');
const sk = fc.constantFrom('case', 'case#1', 'decision#1', 'decision#2', '\u{ff5e}', '\u{1f600}');
const text = fc.constantFrom('2026-01-01', '2026-01-02', '', 'x');
const number = fc.constantFrom('0', '1', '1.50', '-2', '1e3', '12345678901234567890.12345', '9');

const value = fc.oneof(
  fc.record({ S: text }),
  fc.record({ N: number }),
  fc.record({ BOOL: fc.boolean() }),
  fc.record({ B: fc.uint8Array({ minLength: 1, maxLength: 3 }) }),
  fc.record({ L: fc.array(fc.record({ S: text }), { maxLength: 2 }) }),
  fc.record({ M: fc.dictionary(fc.constantFrom('p', 'q'), fc.record({ N: number })) }),
);

const item = fc
  .record({ pk, sk, attributes: fc.dictionary(fc.constantFrom('version', 'checkId', 'v'), value) })
  .map(({ pk: p, sk: s, attributes }) => ({ pk: { S: p }, sk: { S: s }, ...attributes }));

const listed = fc.tuple(item, fc.boolean()).map(([each, isListed]) => ({
  ...each,
  ...(isListed ? { openSubject: { S: 'x' } } : {}),
}));

const key = fc.record({ pk, sk }).map(({ pk: p, sk: s }) => ({ pk: { S: p }, sk: { S: s } }));

/** With `#n` for version, and `:v` and `:w` for values. */
const condition = fc.constantFrom(
  'attribute_not_exists(pk)',
  'attribute_exists(pk) AND NOT attribute_exists(checkId)',
  '#n = :v',
  '#n <> :v',
  '#n < :v OR #n >= :w',
  '#n = :v AND checkId <= :w',
  'NOT (#n = :v OR checkId = :w)',
  'attribute_type(#n, :t)',
  'begins_with(checkId, :w)',
  'contains(checkId, :w)',
  '#n BETWEEN :v AND :w',
  '#n IN (:v, :w)',
  'size(checkId) > :v',
  'attribute_not_exists(v.p) AND attribute_not_exists(v[0])',
);

const texts = fc.record({ S: text });
/** AWS refuses to compare texts with `:v` in one place and numbers with `:w` in another. */
const placeholders = (expression: string) => {
  if (/begins_with|contains/.test(expression)) return fc.record({ v: texts, w: texts });
  const numbers = fc.record({ N: number });
  return fc.oneof(fc.record({ v: texts, w: texts }), fc.record({ v: numbers, w: numbers }));
};

const conditional = condition
  .chain((expression) => fc.tuple(fc.constant(expression), placeholders(expression)))
  .map(([expression, { v, w }]) => {
    const named = { '#n': 'version' };
    const values = { ':v': v, ':w': w, ':t': { S: 'S' } };
    return {
      ConditionExpression: expression,
      ...(expression.includes('#n') && { ExpressionAttributeNames: named }),
      ...valuesIn(expression, values),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
  });

function valuesIn(expression: string, values: Record<string, unknown>) {
  const used = Object.entries(values).filter(([name]) => expression.includes(name));
  return used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) };
}

const optionally = <T extends object>(of: fc.Arbitrary<T>): fc.Arbitrary<T | object> =>
  fc.oneof(fc.constant({}), of);

const update = fc.constantFrom(
  'SET #n = :v',
  'SET #n = :v, checkId = #n',
  'SET #n = if_not_exists(#n, :v)',
  'SET #n = #n + :v',
  'REMOVE #n',
  'SET checkId = :v REMOVE #n',
  'ADD #n :v',
);

const anyCall = fc.oneof(
  fc
    .tuple(listed, optionally(conditional))
    .map(([Item, rest]) => new PutItemCommand({ TableName, Item, ...rest } as never)),
  fc
    .tuple(key, optionally(conditional))
    .map(
      ([Key, rest]) =>
        new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD', ...rest } as never),
    ),
  fc.tuple(key, update, fc.record({ N: number })).map(
    ([Key, UpdateExpression, v]) =>
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression,
        ReturnValues: 'ALL_NEW',
        ExpressionAttributeNames: { '#n': 'version' },
        ...valuesIn(UpdateExpression, { ':v': v }),
      } as never),
  ),
  key.map((Key) => new GetItemCommand({ TableName, Key, ConsistentRead: true })),
  fc
    .tuple(
      pk,
      fc.constantFrom('', ' AND begins_with(sk, :s)', ' AND sk < :s', ' AND sk BETWEEN :s AND :t'),
      fc.boolean(),
      fc.nat(3),
    )
    .map(
      ([p, rest, isForward, limit]) =>
        new QueryCommand({
          TableName,
          KeyConditionExpression: `pk = :p${rest}`,
          ...valuesIn(`:p${rest}`, { ':p': { S: p }, ':s': { S: 'decision#' }, ':t': { S: 'x' } }),
          ScanIndexForward: isForward,
          ...(limit > 0 && { Limit: limit }),
          ConsistentRead: true,
        } as never),
    ),
  fc
    .uniqueArray(item, {
      minLength: 1,
      maxLength: 4,
      selector: ({ pk: p, sk: s }) => `${p.S}/${s.S}`,
    })
    .map(
      (items) =>
        new BatchWriteItemCommand({
          RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
        } as never),
    ),
  fc
    .uniqueArray(key, {
      minLength: 1,
      maxLength: 3,
      selector: ({ pk: p, sk: s }) => `${p.S}/${s.S}`,
    })
    .map(
      (Keys) =>
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    ),
);

/** A counterexample prints what is sent, and not the SDK's insides. */
const call = anyCall.map((command) =>
  Object.assign(command, { [fc.toStringMethod]: () => describe(command) }),
);

type Answer = Record<string, unknown>;

const sendTo = async (dynamo: DynamoDBClient, command: object): Promise<Answer> => {
  try {
    const { $metadata: _, ...answer } = await dynamo.send(command as GetItemCommand);
    return plainAnswer(answer);
  } catch (error) {
    return { refused: (error as Error).name };
  }
};

const answerOf = (tables: MemoryTables, command: object): Answer => {
  try {
    return plainAnswer(tables.answer(command) as Answer);
  } catch (error) {
    return { refused: (error as Error).name };
  }
};

/** Without what only one of them says: counts, and empty lists of what is left. */
function plainAnswer(answer: Answer): Answer {
  const { Count, ScannedCount, UnprocessedItems, UnprocessedKeys, ConsumedCapacity, ...rest } =
    answer;
  const responses = rest.Responses as Record<string, Item[]> | undefined;
  const sorted = responses && { Responses: { margin: sortedItems(responses[TableName] ?? []) } };
  return JSON.parse(JSON.stringify({ ...rest, ...sorted }, bytesAsText));
}

const bytesAsText = (_name: string, each: unknown) =>
  each instanceof Uint8Array ? [...each].join(' ') : each;

const nameOf = (each: Item) => `${each.pk?.S}/${each.sk?.S}`;
const sortedItems = (items: readonly Item[]) =>
  items.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));

async function clear(dynamo: DynamoDBClient): Promise<void> {
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName }));
  for (const { pk: p, sk: s } of Items) {
    await dynamo.send(new DeleteItemCommand({ TableName, Key: { pk: p, sk: s } as never }));
  }
}

async function scanned(send: (command: object) => Promise<Answer>, rest: object): Promise<Item[]> {
  const items: Item[] = [];
  let start: unknown;
  do {
    const answer = await send(
      new ScanCommand({ TableName, ...rest, ExclusiveStartKey: start } as never),
    );
    items.push(...((answer.Items as Item[]) ?? []));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
  return sortedItems(items);
}

interface RandomCalls {
  readonly runs: number;
  readonly seed: number;
  /** Functions of conditions that the other one does not answer as AWS documents. */
  readonly without?: readonly string[];
}

/**
 * @param dynamo has the table `margin`
 * @throws AssertionError with the shortest calls that are answered in two ways
 */
export async function answersLikeMemory(
  dynamo: DynamoDBClient,
  { runs, seed, without = [] }: RandomCalls,
): Promise<void> {
  const asked = call.filter(({ input }) => {
    const { ConditionExpression = '' } = input as { readonly ConditionExpression?: string };
    return !without.some((name) => ConditionExpression.includes(name));
  });
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 12 }), async (calls) => {
      await clear(dynamo);
      const tables = new MemoryTables({ time: new VirtualTime(0), definitions: TABLES });
      for (const command of calls) {
        const expected = await sendTo(dynamo, command);
        deepStrictEqual(answerOf(tables, command), expected, describe(command));
      }
      for (const rest of [{}, { Limit: 2 }, { IndexName: 'open-cases', Limit: 1 }]) {
        const one = await scanned(async (command) => answerOf(tables, command), rest);
        deepStrictEqual(one, await scanned((command) => sendTo(dynamo, command), rest));
      }
      const segments = await Promise.all(
        [0, 1, 2].map((Segment) =>
          scanned(async (command) => answerOf(tables, command), {
            Segment,
            TotalSegments: 3,
            Limit: 1,
          }),
        ),
      );
      const whole = await scanned(async (command) => answerOf(tables, command), {});
      deepStrictEqual(sortedItems(segments.flat()), whole);
    }),
    { numRuns: runs, seed },
  );
}

const describe = (command: object): string =>
  `${command.constructor.name} ${JSON.stringify((command as GetItemCommand).input, bytesAsText)}`;
