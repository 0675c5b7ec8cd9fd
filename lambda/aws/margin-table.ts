/**
 * The margin table; only the checker writes it.
 *
 * A case is one item: its state and its unpublished messages. A write needs the version that was
 * read and a later check than the last one, so an old or repeated run changes nothing:
 *
 *     (absent) ──create──► v1 ──write, clear──► v2 ──► v3 …   each write names the version before it
 *
 * A crash leaves nothing, or messages that the next run publishes under the same ids.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
  paginateScan,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { inParallel } from '../outbox/parallel.ts';
import { joined, PART } from '../outbox/parts.ts';
import type {
  CaseStore,
  DecideCase,
  Over,
  ReadCase,
  UpdateOptions,
  UpdateResult,
} from '../outbox/ports.ts';
import { type Key, keyText, type ListedKey, type StoredCase } from '../outbox/stored-case.ts';
import type { RawRow } from '../rows/raw-row.ts';
import { type Item, rowOf } from './attribute-values.ts';
import { readItems } from './batch-reads.ts';
import { type CaseItem, caseOf, isSameItem, itemOf, listedKeys, MARSHALL } from './case-item.ts';
import { STOPWATCH, type Stopwatch } from './stopwatch.ts';
import { inItsTurn } from './throttled.ts';

export const OPEN_CASES_INDEX = 'open-cases';

export interface MarginTableInput {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  /** Without one, the time of this machine passes. */
  readonly stopwatch?: Pick<Stopwatch, 'wait'> | undefined;
}

export class MarginTable implements CaseStore {
  private readonly dynamo: DynamoDBClient;
  private readonly table: string;
  private readonly wait: Stopwatch['wait'];
  /** Parts that were read or put, and need not be put again. */
  private readonly parts = new Set<string>();

  constructor({ dynamo, table, stopwatch = STOPWATCH }: MarginTableInput) {
    this.dynamo = dynamo;
    this.table = table;
    this.wait = (milliseconds) => stopwatch.wait(milliseconds);
  }

  /** Active or pending. Eventually consistent: read a case again before deciding. */
  async openKeys(): Promise<ListedKey[]> {
    return listedKeys(await openItems(this.dynamo, this.table));
  }

  /** Strongly consistent. @throws Error if a part of it is missing */
  async read(key: Key): Promise<StoredCase | undefined> {
    const item = await this.readItem(key);
    return item && this.caseOf(key, item);
  }

  /** Strongly consistent. @returns in the order of the keys; each tells a fault of its own */
  async readEach(keys: readonly Key[]): Promise<ReadCase[]> {
    const { dynamo, table, wait } = this;
    const one = (key: Key) => this.readItem(key);
    const items = await readItems(keys, { dynamo, table, wait, one });
    return keys.map((key, index) => async () => {
      const item = await items[index]?.();
      return item && this.caseOf(key, item);
    });
  }

  private caseOf(key: Key, item: Item): Promise<StoredCase> {
    const { pk } = key;
    return caseOf(key, item, (sks) => {
      const keys = sks.map((sk) => ({ pk, sk }));
      return joined(keys, async (part) => {
        const bytes = (await this.readItem(part))?.[PART]?.B;
        if (bytes !== undefined) this.parts.add(keyText(part));
        return bytes;
      });
    });
  }

  private async readItem({ pk, sk }: Key): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: marshall({ pk, sk }),
      ConsistentRead: true,
    });
    const { Item } = await inItsTurn(() => this.dynamo.send(command), { wait: this.wait });
    return Item;
  }

  /**
   * Writes `decide`'s case if the version is still the one read and `over` allows its check. After
   * a conflict it decides again. A write whose answer was lost is recognised, because the stored
   * item equals the sent one.
   * @throws Error if other runs keep writing the case
   */
  async update(key: Key, decide: DecideCase, options: UpdateOptions): Promise<UpdateResult> {
    let stored = 'stored' in options ? options.stored : await this.read(key);
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const next = await decide(stored);
      if (next === undefined) return { isWritten: false, stored };
      const written = { ...next, version: next.version + 1 };
      const { item: sent, parts } = itemOf(written);
      await this.putParts(written, parts);
      const found = await this.putIf(sent, conditionOn(next, options.over));
      if (found === 'written') return { isWritten: true, stored: written };
      const item = found ?? (await this.readItem(key));
      if (item !== undefined && isSameItem(item, sent)) return { isWritten: true, stored: written };
      stored = item && (await this.caseOf(key, item));
    }
    throw new Error(`${keyText(key)}: not written, because other runs kept changing this item`);
  }

  /** Before the item that names them. They outlast any outage, and those of a kept item for good. */
  private async putParts(
    { key: { pk }, expiresAtSeconds }: StoredCase,
    parts: CaseItem['parts'],
  ): Promise<void> {
    const expiry =
      expiresAtSeconds === undefined
        ? {}
        : { expiresAtSeconds: expiresAtSeconds + PARTS_KEPT_SECONDS };
    await inParallel(parts, async ({ sk, bytes }) => {
      const name = keyText({ pk, sk });
      if (this.parts.has(name)) return;
      await this.putRow({ pk, sk }, { [PART]: bytes, ...expiry });
      this.parts.add(name);
    });
  }

  /** @returns on a conflict the stored item, if DynamoDB sends it */
  private async putIf(item: Item, condition: Condition): Promise<'written' | Item | undefined> {
    const { expression, names, values } = condition;
    try {
      await this.put({
        Item: item,
        ConditionExpression: expression,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
        ...(values === undefined ? {} : { ExpressionAttributeValues: marshall(values) }),
      });
      return 'written';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item;
      throw error;
    }
  }

  /** An item that is not a case. Strongly consistent. */
  async readRow(key: Key): Promise<RawRow | undefined> {
    const item = await this.readItem(key);
    return item && rowOf(item);
  }

  /**
   * Puts an item that checks carry on, unless this or a later check wrote it last.
   * @param replaced `checkId` of an unusable item to overwrite
   * @returns whether it was written
   */
  async putLater(
    key: Key,
    attributes: Readonly<Record<string, unknown>> & { readonly checkId: string },
    replaced: string | undefined,
  ): Promise<boolean> {
    const later = 'attribute_not_exists(checkId) OR NOT attribute_type(checkId, :text)';
    const orReplaced = replaced === undefined ? '' : ' OR checkId = :replaced';
    try {
      await this.put({
        Item: marshall({ ...key, ...attributes }, MARSHALL),
        ConditionExpression: `${later} OR checkId < :checkId${orReplaced}`,
        ExpressionAttributeValues: marshall(
          { ':text': 'S', ':checkId': attributes.checkId, ':replaced': replaced },
          MARSHALL,
        ),
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** The newest first; strongly consistent. */
  async lastCheckRecords(most: number): Promise<Readonly<Record<string, unknown>>[]> {
    const { Items = [] } = await this.dynamo.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: 'pk = :check AND sk < :latest',
        ExpressionAttributeValues: marshall({ ':check': 'check', ':latest': 'latest' }),
        ScanIndexForward: false,
        Limit: most,
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => unmarshall(item));
  }

  /** Rows whose sort keys begin with `sk`, in order. Strongly consistent by default. */
  async *rowsUnder(
    { pk, sk }: Key,
    ConsistentRead = true,
  ): AsyncGenerator<Readonly<Record<string, unknown>>> {
    const pages = paginateQuery(
      { client: this.dynamo },
      {
        TableName: this.table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':sk': sk }),
        ConsistentRead,
      },
    );
    for await (const { Items = [] } of pages) yield* Items.map((item) => unmarshall(item));
  }

  /** The row expires. Idempotent. */
  async putHistory(
    key: Key,
    attributes: Readonly<Record<string, unknown>>,
    expiresAtSeconds: number,
  ): Promise<void> {
    await this.putRow(key, { ...attributes, expiresAtSeconds });
  }

  /** The row never expires. Idempotent. */
  async putRow(key: Key, attributes: Readonly<Record<string, unknown>>): Promise<void> {
    await this.put({ Item: marshall({ ...key, ...attributes }, MARSHALL) });
  }

  private async put(input: Omit<PutItemCommandInput, 'TableName'>): Promise<void> {
    const command = new PutItemCommand({ TableName: this.table, ...input });
    await inItsTurn(() => this.dynamo.send(command), { wait: this.wait });
  }
}

async function openItems(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName,
      IndexName: OPEN_CASES_INDEX,
      ProjectionExpression: 'pk, sk, openSubject',
    },
  );
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Readonly<Record<string, unknown>>;
}

const PARTS_KEPT_SECONDS = 366 * 86_400;

/** Each retry needs another write by the other run. */
const WRITE_ATTEMPTS_MAX = 5;

function conditionOn({ version, checkId }: StoredCase, over: Over): Condition {
  if (version === 0) return { expression: 'attribute_not_exists(pk)' };
  if (over === 'any check') {
    return {
      expression: '#version = :version',
      names: { '#version': 'version' },
      values: { ':version': version },
    };
  }
  const isLater = over === 'earlier checks' ? '<' : '<=';
  return {
    expression: `#version = :version AND #checkId ${isLater} :checkId`,
    names: { '#version': 'version', '#checkId': 'checkId' },
    values: { ':version': version, ':checkId': checkId },
  };
}
