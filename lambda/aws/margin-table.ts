/**
 * The margin table, written by the checker alone.
 *
 * A case is an item that carries its own outbox: one conditional write holds what was decided and
 * what is still to be published. It succeeds on two conditions, the version that was read and a
 * check later than the last, so that an old or repeated run changes nothing:
 *
 *     (absent) ──create──► v1 ──write, settle──► v2 ──► v3 …   each step names the version before it
 *
 * A crash leaves either nothing, or pending decisions that the next run publishes under the same ids.
 */

import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type Delivery,
  isListed,
  type Key,
  type Pending,
  type PendingRow,
  type StoredCase,
} from '../outbox/stored-case.ts';
import type { RawRow } from '../rows/raw-row.ts';
import { type Item, rowOf } from './attribute-values.ts';

export const OPEN_CASES_INDEX = 'open-cases';

export class MarginTable {
  private readonly dynamo: DynamoDBClient;
  private readonly table: string;

  constructor(input: { readonly dynamo: DynamoDBClient; readonly table: string }) {
    this.dynamo = input.dynamo;
    this.table = input.table;
  }

  /** Keys of what is open or pending. Eventually consistent: read a case again before deciding. */
  async openKeys(): Promise<Key[]> {
    const keys: Key[] = [];
    const pages = paginateScan(
      { client: this.dynamo },
      { TableName: this.table, IndexName: OPEN_CASES_INDEX, ProjectionExpression: 'pk, sk' },
    );
    for await (const page of pages) {
      keys.push(...(page.Items ?? []).map((item) => unmarshall(item) as Key));
    }
    return keys;
  }

  /** Read strongly; undefined when there is none. */
  async read(key: Key): Promise<StoredCase | undefined> {
    const { Item } = await this.dynamo.send(
      new GetItemCommand({
        TableName: this.table,
        Key: marshall({ pk: key.pk, sk: key.sk }),
        ConsistentRead: true,
      }),
    );
    return Item === undefined ? undefined : caseOf(key, Item);
  }

  /**
   * Writes a case over the version it was read at, by a later check.
   * @param over also what this very check has written, for an item that one check writes more than once
   * @returns the case as written, or undefined when another run has written it since.
   */
  async write(
    next: StoredCase,
    over: 'earlier checks' | 'this check too' = 'earlier checks',
  ): Promise<StoredCase | undefined> {
    const isLater = over === 'earlier checks' ? '<' : '<=';
    if (next.version === 0) return this.putIf(next, { expression: 'attribute_not_exists(pk)' });
    return this.putIf(next, {
      expression: `#version = :version AND #checkId ${isLater} :checkId`,
      names: { '#version': 'version', '#checkId': 'checkId' },
      values: { ':version': next.version, ':checkId': next.checkId },
    });
  }

  /**
   * Takes what has been published out of a case that this run wrote or read.
   * @returns the case as written, or undefined when another run has written it since.
   */
  async settle(published: StoredCase): Promise<StoredCase | undefined> {
    return this.putIf(published, {
      expression: '#version = :version',
      names: { '#version': 'version' },
      values: { ':version': published.version },
    });
  }

  private async putIf(next: StoredCase, condition: Condition): Promise<StoredCase | undefined> {
    const written = { ...next, version: next.version + 1 };
    const { expression, names, values } = condition;
    try {
      await this.dynamo.send(
        new PutItemCommand({
          TableName: this.table,
          Item: itemOf(written),
          ConditionExpression: expression,
          ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
          ...(values === undefined ? {} : { ExpressionAttributeValues: marshall(values) }),
        }),
      );
      return written;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  /** An item that is no case, as it stands. Read strongly; undefined when there is none. */
  async readRow(key: Key): Promise<RawRow | undefined> {
    const { Item } = await this.dynamo.send(
      new GetItemCommand({ TableName: this.table, Key: marshall(key), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : rowOf(Item);
  }

  /**
   * Puts an item that each check carries on from the one before, unless the check that wrote it last
   * is this one or a later.
   * @param replaced the `checkId` of an item that is of no use: it is written over as it was read.
   * @returns whether it was written.
   */
  async putLater(
    key: Key,
    attributes: Readonly<Record<string, unknown>> & { readonly checkId: string },
    replaced: string | undefined,
  ): Promise<boolean> {
    const later = 'attribute_not_exists(checkId) OR NOT attribute_type(checkId, :text)';
    const orReplaced = replaced === undefined ? '' : ' OR checkId = :replaced';
    try {
      await this.dynamo.send(
        new PutItemCommand({
          TableName: this.table,
          Item: marshall({ ...key, ...attributes }, MARSHALL),
          ConditionExpression: `${later} OR checkId < :checkId${orReplaced}`,
          ExpressionAttributeValues: marshall(
            { ':text': 'S', ':checkId': attributes.checkId, ':replaced': replaced },
            MARSHALL,
          ),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Of the check that ended last, as it was put; undefined before the first. Read strongly. */
  async lastCheckRecord(): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { Items = [] } = await this.dynamo.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: 'pk = :check AND sk < :latest',
        ExpressionAttributeValues: marshall({ ':check': 'check', ':latest': 'latest' }),
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      }),
    );
    return Items[0] === undefined ? undefined : unmarshall(Items[0]);
  }

  /** Rows of a partition whose sort keys begin alike, in their order. Read strongly. */
  async *rowsUnder({ pk, sk }: Key): AsyncGenerator<Readonly<Record<string, unknown>>> {
    const pages = paginateQuery(
      { client: this.dynamo },
      {
        TableName: this.table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':sk': sk }),
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) yield* Items.map((item) => unmarshall(item));
  }

  /** Puts a history row: the record of a decision or of a check. The same twice is the same. */
  async putHistory(
    key: Key,
    attributes: Readonly<Record<string, unknown>>,
    expiresAtSeconds: number,
  ): Promise<void> {
    await this.putRow(key, { ...attributes, expiresAtSeconds });
  }

  /** Puts a row that stays. */
  async putRow(key: Key, attributes: Readonly<Record<string, unknown>>): Promise<void> {
    const item = { ...key, ...attributes };
    await this.dynamo.send(
      new PutItemCommand({ TableName: this.table, Item: marshall(item, MARSHALL) }),
    );
  }
}

interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Readonly<Record<string, unknown>>;
}

const MARSHALL = { removeUndefinedValues: true };

/** Messages are compressed: a case holds at most 400 KB, and a large plan is a large message. */
function itemOf(stored: StoredCase): Item {
  const { key, expiresAtSeconds, pending, ...attributes } = stored;
  const listing = isListed(stored) ? { openSubject: key.pk } : { expiresAtSeconds };
  const packed = pending.map(({ deliveries, rows, ...decided }) => ({
    ...decided,
    ...(rows && { rows: gzipSync(JSON.stringify(rows)) }),
    deliveries: deliveries.map(({ message, ...delivery }) => {
      return { ...delivery, message: gzipSync(message) };
    }),
  }));
  const item = { ...key, ...attributes, pending: packed, forgetAfterSeconds: expiresAtSeconds };
  return marshall({ ...item, ...listing }, MARSHALL);
}

interface PackedPending extends Omit<Pending, 'deliveries' | 'rows'> {
  readonly rows?: Uint8Array;
  readonly deliveries: readonly (Omit<Delivery, 'message'> & { readonly message: Uint8Array })[];
}

function caseOf(key: Key, item: Item): StoredCase {
  const { version, checkId, state, isActive, pending, forgetAfterSeconds } = unmarshall(item);
  const unpacked = (pending as PackedPending[]).map(({ deliveries, rows, ...decided }) => ({
    ...decided,
    ...(rows && { rows: JSON.parse(gunzipSync(rows).toString('utf8')) as PendingRow[] }),
    deliveries: deliveries.map(({ message, ...delivery }) => {
      return { ...delivery, message: gunzipSync(message).toString('utf8') };
    }),
  }));
  const expiresAtSeconds = forgetAfterSeconds;
  return { key, version, checkId, state, isActive, pending: unpacked, expiresAtSeconds };
}
