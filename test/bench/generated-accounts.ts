/**
 * An accounts table of any size that holds no rows: an account is made when it is read. Only what was
 * written is kept. Units are those of DynamoDB: 4 KB for a strong read, twice as much otherwise.
 */
import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { AccountRow } from '../../local/aws/rows.ts';
import { sizeOfMap } from '../../local/aws/table-limits.ts';
import { benchAccount } from '../../local/bench/book.ts';
import type { MemoryStreams } from '../aws/memory-streams.ts';

type Item = Record<string, AttributeValue>;

/** The rows of the benchmark repeat after so many accounts. */
const KINDS = 1400;
const PAGE_BYTES = 1024 ** 2;
const UNIT_BYTES = 4096;

export class GeneratedAccounts {
  readUnits = 0;
  writeUnits = 0;
  private readonly count: number;
  private readonly stream: MemoryStreams;
  private readonly kinds: readonly (readonly Item[])[];
  private readonly bytes: readonly number[];
  /** By account. */
  private readonly written = new Map<number, readonly Item[]>();

  /** @param made the rows of the account of this number, which are those of others as well */
  constructor(count: number, stream: MemoryStreams, made = benchAccount) {
    this.count = count;
    this.stream = stream;
    this.kinds = Array.from({ length: KINDS }, (_, kind) => made(kind).map((row) => marshall(row)));
    this.bytes = this.kinds.map((rows) => rows.reduce((sum, row) => sum + sizeOfMap(row), 0));
  }

  /** One of an account's rows changes, and stays as good. */
  change(account: number): void {
    const rows = this.rowsOf(account).map((row) =>
      row.item?.S === 'profile' ? { ...row, labels: { M: { desk: { S: 'new' } } } } : row,
    );
    this.write(account, rows);
  }

  /** @param rows all that the account has from now on, the profile first */
  replace(account: number, rows: readonly AccountRow[]): void {
    this.write(
      account,
      rows.map((row) => marshall(row)),
    );
  }

  private write(account: number, rows: readonly Item[]): void {
    const accountId = { S: `account-${account}` };
    const keys = { accountId, item: { S: 'profile' } };
    const [oldImage] = this.rowsOf(account);
    this.written.set(account, rows);
    this.stream.record('accounts', { keys, oldImage, newImage: rows[0] });
  }

  private rowsOf(account: number): readonly Item[] {
    const accountId = { S: `account-${account}` };
    const made = () => (this.kinds[account % KINDS] ?? []).map((row) => ({ ...row, accountId }));
    return this.written.get(account) ?? made();
  }

  answer(command: object): object {
    if (command instanceof ScanCommand) return this.scan(command.input);
    if (command instanceof QueryCommand) return this.query(command.input);
    if (command instanceof PutItemCommand) return this.put(command.input.Item ?? {}, true);
    if (command instanceof DeleteItemCommand) return this.put(command.input.Key ?? {}, false);
    throw new Error(`GeneratedAccounts does not know ${command.constructor.name}`);
  }

  private scan({
    Segment = 0,
    TotalSegments = 1,
    Limit = Number.POSITIVE_INFINITY,
    ExclusiveStartKey,
    ConsistentRead = false,
  }: ScanCommand['input']): object {
    const after = ExclusiveStartKey?.accountId?.S?.split('-')[1];
    const Items: Item[] = [];
    // Neighbours are of all kinds, so that a part of the table has its share of each.
    const begin = (segment: number) => Math.floor((this.count * segment) / TotalSegments);
    let account = after === undefined ? begin(Segment) : Number(after) + 1;
    const end = begin(Segment + 1);
    let bytes = 0;
    for (; account < end; account++) {
      const size = this.bytes[account % KINDS] ?? 0;
      if (Items.length + 4 > Limit || bytes + size > PAGE_BYTES) break;
      bytes += size;
      Items.push(...this.rowsOf(account));
    }
    this.readUnits += Math.ceil(bytes / UNIT_BYTES) / (ConsistentRead ? 1 : 2);
    const isEnd = account >= end;
    const accountId = Items.at(-1)?.accountId as AttributeValue;
    return { Items, ...(!isEnd && { LastEvaluatedKey: { accountId } }) };
  }

  private query({ ExpressionAttributeValues, ConsistentRead = false }: QueryCommand['input']) {
    const account = Number(ExpressionAttributeValues?.[':accountId']?.S?.split('-')[1]);
    const bytes = this.bytes[account % KINDS] ?? 0;
    this.readUnits += Math.ceil(bytes / UNIT_BYTES) / (ConsistentRead ? 1 : 2);
    return { Items: this.rowsOf(account) };
  }

  /** A canary row: it only has to be heard of. */
  private put({ accountId, item }: Item, isWritten: boolean): object {
    this.writeUnits++;
    const keys = { accountId, item } as Item;
    this.stream.record('accounts', isWritten ? { keys, newImage: keys } : { keys, oldImage: keys });
    return {};
  }
}
