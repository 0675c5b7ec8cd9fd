/**
 * DynamoDB in memory: strongly and eventually consistent reads, a lagging index, pages, parallel
 * segments, conditions, expiry, and the limits that a client can meet.
 */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { TableDefinition } from '../../lib/names.ts';
import { tableFault } from '../../local/aws/table-limits.ts';
import type { Item } from './attribute-value.ts';
import { refused } from './expressions.ts';
import { type Change, MemoryTable } from './memory-table.ts';
import type { VirtualTime } from './virtual-time.ts';

const BATCH_WRITES_MAX = 25;
const BATCH_READS_MAX = 100;

export interface TablesInput {
  readonly time: VirtualTime;
  readonly definitions: Readonly<Record<string, TableDefinition>>;
  readonly onChange?: (change: Change) => void;
}

export class MemoryTables {
  /** Eventually consistent reads and the index are so far behind. */
  lagMs = 0;
  private readonly time: VirtualTime;
  private readonly tables = new Map<string, MemoryTable>();

  constructor({ time, definitions, onChange = () => undefined }: TablesInput) {
    this.time = time;
    for (const [name, definition] of Object.entries(definitions)) {
      this.tables.set(name, new MemoryTable(name, { definition, time, onChange }));
    }
  }

  answer(command: object): object {
    const { input } = command as { readonly input: Parameters<typeof tableFault>[0] };
    const fault = tableFault(input);
    if (fault !== undefined) throw refused(fault.message);
    if (command instanceof GetItemCommand)
      return this.table(command.input).get(command.input, this.lagMs);
    if (command instanceof PutItemCommand) return this.table(command.input).put(command.input);
    if (command instanceof DeleteItemCommand)
      return this.table(command.input).delete(command.input);
    if (command instanceof UpdateItemCommand)
      return this.table(command.input).update(command.input);
    if (command instanceof QueryCommand)
      return this.table(command.input).query(command.input, this.lagMs);
    if (command instanceof ScanCommand)
      return this.table(command.input).scan(command.input, this.lagMs);
    if (command instanceof BatchWriteItemCommand) return this.batchWrite(command.input);
    if (command instanceof BatchGetItemCommand) return this.batchGet(command.input);
    throw new Error(`not simulated: ${command.constructor.name}`);
  }

  private table({ TableName = '' }: { readonly TableName?: string | undefined }): MemoryTable {
    const found = this.tables.get(TableName);
    if (found !== undefined) return found;
    throw new ResourceNotFoundException({
      message: 'Requested resource not found',
      $metadata: { httpStatusCode: 400 },
    });
  }

  private batchWrite({ RequestItems = {} }: BatchWriteItemCommand['input']): object {
    const requests = Object.entries(RequestItems).flatMap(([TableName, each]) =>
      each.map((request) => ({ TableName, ...request })),
    );
    if (requests.length > BATCH_WRITES_MAX || requests.length === 0) {
      throw refused(`1 validation error detected: between 1 and ${BATCH_WRITES_MAX} requests`);
    }
    const names = requests.map(({ TableName, PutRequest, DeleteRequest }) =>
      this.table({ TableName }).keyText(PutRequest?.Item ?? DeleteRequest?.Key ?? {}),
    );
    if (new Set(names).size < names.length)
      throw refused('Provided list of item keys contains duplicates');
    for (const { TableName, PutRequest, DeleteRequest } of requests) {
      if (PutRequest !== undefined)
        this.table({ TableName }).put({ TableName, ...PutRequest } as never);
      else this.table({ TableName }).delete({ TableName, ...DeleteRequest } as never);
    }
    return { UnprocessedItems: {} };
  }

  private batchGet({ RequestItems = {} }: BatchGetItemCommand['input']): object {
    const count = Object.values(RequestItems).reduce((sum, { Keys = [] }) => sum + Keys.length, 0);
    if (count > BATCH_READS_MAX)
      throw refused('Too many items requested for the BatchGetItem call');
    const Responses = Object.fromEntries(
      Object.entries(RequestItems).map(([TableName, { Keys = [], ...rest }]) => {
        const table = this.table({ TableName });
        const found: Item[] = [];
        for (const Key of Keys) {
          const { Item } = table.get({ ...rest, Key }, this.lagMs);
          if (Item !== undefined) found.push(Item);
        }
        return [TableName, found];
      }),
    );
    return { Responses, UnprocessedKeys: {} };
  }

  /** One item as it is now. */
  item(table: string, Key: Item): Item | undefined {
    return this.table({ TableName: table }).get({ Key, ConsistentRead: true }, 0).Item;
  }

  /** Every item of a table, in the order of a scan. */
  items(table: string): Item[] {
    return this.table({ TableName: table }).items();
  }

  /** Deletes what has expired, as DynamoDB does some time after. */
  expire(): void {
    for (const table of this.tables.values()) table.expire(this.time.now);
  }
}
