/**
 * Many items in few calls: what a call costs the processor, in the SDK's client, is several times what
 * an item costs.
 */
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { lotsOf } from '../margin/number/lots-of.ts';
import { inParallel } from '../outbox/parallel.ts';
import { type Key, keyText } from '../outbox/stored-case.ts';
import type { Item } from './attribute-values.ts';
import type { Stopwatch } from './stopwatch.ts';
import { inItsTurn } from './throttled.ts';

/** DynamoDB takes no more. */
const BATCH_KEYS_MAX = 100;

/** Fewer are read side by side in the time of one batch. */
const BATCH_KEYS_MIN = 10;

/** DynamoDB gives at most 16 MB, and leaves what it has no units for. */
const ASKED_AGAIN_MAX = 5;

/** Then each key waits for its own turn. */
const TURNS_MAX = 2;

/** Undefined if there is none; a function if its batch could not be read as a whole. */
export type ReadItem = () => Promise<Item | undefined>;

interface Table {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly wait: Stopwatch['wait'];
  /** Reads a key by itself. */
  readonly one: (key: Key) => Promise<Item | undefined>;
}

/**
 * Strongly consistent. Never throws: what no batch gives is read by itself, by the function that
 * stands for the item, so that a fault of one key stays with it.
 * @returns in the order of the keys
 */
export async function readItems(keys: readonly Key[], table: Table): Promise<ReadItem[]> {
  const { one } = table;
  if (keys.length < BATCH_KEYS_MIN) return keys.map((key) => () => one(key));
  const batches = lotsOf(keys, BATCH_KEYS_MAX);
  const read = await inParallel(batches, (batch) => readBatch(batch, table));
  return read.flatMap((found, index) =>
    (batches[index] ?? []).map((key) => {
      const name = keyText(key);
      return found.has(name) ? async () => found.get(name) : () => one(key);
    }),
  );
}

/** @returns the keys that were answered, with their items */
async function readBatch(
  keys: readonly Key[],
  table: Table,
): Promise<Map<string, Item | undefined>> {
  const found = new Map<string, Item>();
  let left = distinct(keys);
  try {
    for (let asked = 0; left.length > 0 && asked < ASKED_AGAIN_MAX; asked++) {
      const { items, unread } = await asking(left, table);
      for (const item of items) found.set(keyText(keyOf(item)), item);
      left = unread;
    }
  } catch {
    // Each that is not found yet is read by itself, and its own fault is told.
    return found;
  }
  const unanswered = new Set(left.map(keyText));
  const answered = keys.map(keyText).filter((name) => !unanswered.has(name));
  return new Map(answered.map((name) => [name, found.get(name)]));
}

async function asking(keys: readonly Key[], { dynamo, table, wait }: Table) {
  const Keys = keys.map(({ pk, sk }) => marshall({ pk, sk }));
  const command = new BatchGetItemCommand({
    RequestItems: { [table]: { Keys, ConsistentRead: true } },
  });
  const mayWait = (turns: number) => turns < TURNS_MAX;
  const { Responses, UnprocessedKeys } = await inItsTurn(() => dynamo.send(command), {
    wait,
    mayWait,
  });
  const unread = UnprocessedKeys?.[table]?.Keys ?? [];
  return { items: Responses?.[table] ?? [], unread: unread.map(keyOf) };
}

const keyOf = ({ pk, sk }: Item): Key => ({ pk: pk?.S ?? '', sk: sk?.S ?? '' });

/** DynamoDB refuses a batch that names a key twice. */
const distinct = (keys: readonly Key[]): Key[] => [
  ...new Map(keys.map((key) => [keyText(key), key])).values(),
];
