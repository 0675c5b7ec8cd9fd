/**
 * One table of DynamoDB in memory, with its sparse index. An item keeps its latest versions with
 * their times: an eventually consistent read, and every read of the index, sees an earlier one.
 */
import { createHash } from 'node:crypto';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb';
import type { TableDefinition } from '../../lib/names.ts';
import { sizeOfMap } from '../../local/aws/table-limits.ts';
import { comparedTexts, type Item, keptItem, numberFault, numbersIn } from './attribute-value.ts';
import {
  conditionOf,
  nameOf,
  type Placeholders,
  partitionSought,
  projected,
  projectionOf,
  refused,
  updateOf,
  valueNamed,
} from './expressions.ts';
import type { VirtualTime } from './virtual-time.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
const READ_UNITS_MAX = 3000;
const WRITE_UNITS_MAX = 1000;
const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

/** One answer of a scan or a query has no more. */
const PAGE_BYTES_MAX = 2 ** 20;
/** Older versions than this are forgotten; the lag may not be longer. */
export const LAG_MAX_MS = 10_000;

export interface Change {
  readonly table: string;
  readonly keys: Item;
  readonly newImage?: Item | undefined;
  readonly oldImage?: Item | undefined;
}

interface Version {
  readonly at: number;
  /** Undefined: deleted, or not written yet. */
  readonly item: Item | undefined;
}

interface Cell {
  readonly partition: string;
  readonly sort: string;
  /** Oldest first. */
  versions: Version[];
}

interface Partition {
  readonly key: string;
  /** Where it lies in a scan, 0 to 1. */
  readonly place: number;
  /** By sort key. */
  readonly cells: Cell[];
  second: number;
  readUnits: number;
  writeUnits: number;
}

const placeOf = (key: string): number =>
  createHash('md5').update(key).digest().readUInt32BE(0) / 2 ** 32;

/** The index of the first cell at or after a sort key. A search by halves: a partition can be large. */
function placeAmong(cells: readonly Cell[], sort: string): number {
  let [from, to] = [0, cells.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const cell = cells[middle] as Cell;
    if (comparedTexts(cell.sort, sort) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

interface Condition extends Placeholders {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

interface Reading extends Placeholders {
  readonly ConsistentRead?: boolean | undefined;
  readonly IndexName?: string | undefined;
  readonly ExclusiveStartKey?: Item | undefined;
  readonly Limit?: number | undefined;
  readonly FilterExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly Select?: string | undefined;
}

export interface TableInput {
  readonly definition: TableDefinition;
  readonly time: VirtualTime;
  readonly onChange: (change: Change) => void;
}

export class MemoryTable {
  private readonly name: string;
  private readonly definition: TableDefinition;
  private readonly time: VirtualTime;
  private readonly onChange: (change: Change) => void;
  private readonly partitions = new Map<string, Partition>();
  /** In the order of a scan. Undefined after a new partition. */
  private ordered: Partition[] | undefined;

  constructor(name: string, input: TableInput) {
    this.name = name;
    this.definition = input.definition;
    this.time = input.time;
    this.onChange = input.onChange;
  }

  keyText(item: Item): string {
    const { partition, sort } = this.keyOf(item);
    return JSON.stringify([this.name, partition, sort]);
  }

  private keyOf(item: Item): { readonly partition: string; readonly sort: string } {
    const { partitionKey, sortKey } = this.definition;
    const [partition, sort] = [item[partitionKey], item[sortKey]];
    if (partition === undefined || sort === undefined) {
      throw refused('One of the required keys was not given a value');
    }
    if (partition.S === undefined || sort.S === undefined) {
      throw refused('One or more parameter values were invalid: Type mismatch for key');
    }
    return { partition: partition.S, sort: sort.S };
  }

  private keysOf(item: Item): Item {
    const { partitionKey, sortKey } = this.definition;
    return { [partitionKey]: item[partitionKey], [sortKey]: item[sortKey] } as Item;
  }

  private partition(key: string): Partition {
    const found = this.partitions.get(key);
    if (found !== undefined) return found;
    const made = { key, place: placeOf(key), cells: [], second: 0, readUnits: 0, writeUnits: 0 };
    this.partitions.set(key, made);
    this.ordered = undefined;
    return made;
  }

  private cell(item: Item): Cell {
    const { partition, sort } = this.keyOf(item);
    const { cells } = this.partition(partition);
    const place = placeAmong(cells, sort);
    const found = cells[place];
    if (found?.sort === sort) return found;
    const made = { partition, sort, versions: [] };
    cells.splice(place, 0, made);
    return made;
  }

  private found(item: Item): Cell | undefined {
    const { partition, sort } = this.keyOf(item);
    const cells = this.partitions.get(partition)?.cells ?? [];
    const cell = cells[placeAmong(cells, sort)];
    return cell?.sort === sort ? cell : undefined;
  }

  get(
    input: Reading & { readonly Key?: Item | undefined },
    lagMs: number,
  ): { readonly Item?: Item } {
    const { Key = {}, ConsistentRead = false } = input;
    const { partition } = this.keyOf(Key);
    const cell = this.found(Key);
    const item = cell && seenAt(cell, ConsistentRead ? undefined : this.time.now - lagMs);
    this.charge(this.partitions.get(partition), 'readUnits', item);
    return item === undefined ? {} : { Item: this.shown(item, input) };
  }

  put(
    input: Condition & {
      readonly Item?: Item | undefined;
      readonly ReturnValues?: string | undefined;
    },
  ) {
    const { Item: item = {} } = input;
    const cell = this.cell(item);
    const before = latest(cell);
    this.require(before, input);
    this.write(cell, item);
    return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
  }

  delete(
    input: Condition & {
      readonly Key?: Item | undefined;
      readonly ReturnValues?: string | undefined;
    },
  ) {
    const { Key = {} } = input;
    const cell = this.cell(Key);
    const before = latest(cell);
    this.require(before, input);
    if (before !== undefined) this.write(cell, undefined);
    return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
  }

  update(
    input: Condition & {
      readonly Key?: Item | undefined;
      readonly UpdateExpression?: string | undefined;
      readonly ReturnValues?: string | undefined;
    },
  ) {
    const { Key = {}, UpdateExpression: expression } = input;
    const cell = this.cell(Key);
    const before = latest(cell);
    this.require(before, input);
    const item = before ?? Key;
    const next = this.write(
      cell,
      expression === undefined ? item : updateOf(expression)({ ...input, item }),
    );
    if (input.ReturnValues === 'ALL_NEW') return { Attributes: next };
    return input.ReturnValues === 'ALL_OLD' && before !== undefined ? { Attributes: before } : {};
  }

  private require(before: Item | undefined, input: Condition): void {
    const { ConditionExpression: expression } = input;
    if (expression === undefined) return;
    if (conditionOf(expression)({ ...input, item: before ?? {} })) return;
    const shows = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined;
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: { httpStatusCode: 400 },
      ...(shows && { Item: before as Record<string, AttributeValue> }),
    });
  }

  /** @returns the item as it is kept */
  private write(cell: Cell, written: Item | undefined): Item | undefined {
    const numbers = written === undefined ? [] : [...numbersIn(written)];
    const fault = numbers.map(numberFault).find((each) => each !== undefined);
    if (fault !== undefined) throw refused(fault);
    const item = written && keptItem(written);
    const before = latest(cell);
    this.charge(this.partitions.get(cell.partition), 'writeUnits', item ?? before);
    const now = this.time.now;
    const since = cell.versions.findLastIndex(({ at }) => at <= now - LAG_MAX_MS);
    cell.versions = [...cell.versions.slice(Math.max(0, since)), { at: now, item }];
    const keys = this.keysOf(item ?? before ?? {});
    this.onChange({ table: this.name, keys, newImage: item, oldImage: before });
    return item;
  }

  /** A partition gives and takes so many units a second. */
  private charge(
    partition: Partition | undefined,
    kind: 'readUnits' | 'writeUnits',
    item: Item | undefined,
  ): void {
    if (partition === undefined) return;
    const bytes = item === undefined ? 1 : sizeOfMap(item);
    const second = Math.floor(this.time.now / 1000);
    if (partition.second !== second)
      Object.assign(partition, { second, readUnits: 0, writeUnits: 0 });
    const isRead = kind === 'readUnits';
    const units = Math.ceil(bytes / (isRead ? READ_UNIT_BYTES : WRITE_UNIT_BYTES));
    if (partition[kind] + units > (isRead ? READ_UNITS_MAX : WRITE_UNITS_MAX)) {
      throw new ProvisionedThroughputExceededException({
        message: 'The level of configured provisioned throughput for the table was exceeded.',
        $metadata: { httpStatusCode: 400 },
      });
    }
    partition[kind] += units;
  }

  query(
    input: Reading & {
      readonly KeyConditionExpression?: string | undefined;
      readonly ScanIndexForward?: boolean | undefined;
    },
    lagMs: number,
  ) {
    const { KeyConditionExpression: expression = '', ScanIndexForward = true } = input;
    if (input.IndexName !== undefined) throw new Error('a query of an index is not simulated');
    const sought = [...partitionSought(expression)].find(
      ([name]) => nameOf(name, input) === this.definition.partitionKey,
    );
    if (sought === undefined) throw refused('Query condition missed key schema element');
    const key = valueNamed(sought[1], input.ExpressionAttributeValues).S ?? '';
    const partition = this.partitions.get(key);
    const cells = partition?.cells ?? [];
    const isSought = conditionOf(expression);
    const holds = (item: Item) => isSought({ ...input, item });
    const start = input.ExclusiveStartKey;
    const from = start && this.keyOf(start).sort;
    const isAfter = ({ sort }: Cell) =>
      from === undefined || Math.sign(comparedTexts(sort, from)) === (ScanIndexForward ? 1 : -1);
    const rest = (ScanIndexForward ? cells : cells.toReversed()).filter(isAfter);
    return this.page(rest, input, { lagMs, holds });
  }

  scan(
    input: Reading & {
      readonly Segment?: number | undefined;
      readonly TotalSegments?: number | undefined;
    },
    lagMs: number,
  ) {
    const { Segment = 0, TotalSegments = 1, ExclusiveStartKey: start } = input;
    if (Segment >= TotalSegments) {
      throw refused(
        'The Segment parameter is zero-based and must be less than parameter TotalSegments',
      );
    }
    const from = start && { ...this.keyOf(start), place: placeOf(this.keyOf(start).partition) };
    const isAfter = ({ place, key }: Partition, { sort }: Cell): boolean => {
      if (from === undefined) return true;
      const order = place - from.place || comparedTexts(key, from.partition);
      return order > 0 || (order === 0 && comparedTexts(sort, from.sort) > 0);
    };
    const cells = this.inOrder()
      .filter(({ place }) => Math.floor(place * TotalSegments) === Segment)
      .flatMap((each) =>
        from === undefined ? each.cells : each.cells.filter((cell) => isAfter(each, cell)),
      );
    return this.page(cells, input, { lagMs, holds: this.indexHolds(input) });
  }

  private indexHolds({ IndexName, ConsistentRead }: Reading): (item: Item) => boolean {
    if (IndexName === undefined) return () => true;
    const { sparseIndex } = this.definition;
    if (sparseIndex?.indexName !== IndexName)
      throw refused('The table does not have the specified index');
    if (ConsistentRead)
      throw refused('Consistent reads are not supported on global secondary indexes');
    return (item) => item[sparseIndex.partitionKey]?.S !== undefined;
  }

  private page(
    cells: readonly Cell[],
    input: Reading,
    { lagMs, holds }: { readonly lagMs: number; readonly holds: (item: Item) => boolean },
  ) {
    const { Limit = Number.POSITIVE_INFINITY, ConsistentRead = false, FilterExpression } = input;
    if (Limit < 1) throw refused('Limit must be 1 or more');
    const seen = ConsistentRead ? undefined : this.time.now - lagMs;
    const isWanted = FilterExpression === undefined ? () => true : conditionOf(FilterExpression);
    const Items: Item[] = [];
    let [scanned, bytes] = [0, 0];
    let last: Item | undefined;
    for (const cell of cells) {
      const item = seenAt(cell, seen);
      if (item === undefined || !holds(item)) continue;
      if (scanned === Limit || bytes > PAGE_BYTES_MAX) {
        return { Items, Count: Items.length, ScannedCount: scanned, LastEvaluatedKey: last };
      }
      scanned++;
      bytes += sizeOfMap(item);
      last = this.keysOf(item);
      if (isWanted({ ...input, item })) Items.push(this.shown(item, input));
    }
    // A page that is exactly full does not know that it is the last.
    const LastEvaluatedKey = scanned === Limit ? last : undefined;
    return { Items, Count: Items.length, ScannedCount: scanned, LastEvaluatedKey };
  }

  /** The index holds keys alone. */
  private shown(item: Item, input: Reading): Item {
    const { ProjectionExpression: expression, IndexName } = input;
    const { sparseIndex } = this.definition;
    const stored =
      IndexName === undefined || sparseIndex === undefined
        ? item
        : ({
            ...this.keysOf(item),
            [sparseIndex.partitionKey]: item[sparseIndex.partitionKey],
          } as Item);
    return projected(
      stored,
      expression === undefined ? undefined : projectionOf(expression),
      input,
    );
  }

  private inOrder(): readonly Partition[] {
    this.ordered ??= [...this.partitions.values()].sort(
      (left, right) => left.place - right.place || comparedTexts(left.key, right.key),
    );
    return this.ordered;
  }

  items(): Item[] {
    return this.inOrder()
      .flatMap(({ cells }) => cells.map(latest))
      .filter((item) => item !== undefined);
  }

  expire(now: number): void {
    const { timeToLiveAttribute: name } = this.definition;
    if (name === undefined) return;
    for (const { cells } of this.partitions.values()) {
      for (const cell of cells) {
        const expiry = latest(cell)?.[name]?.N;
        if (expiry !== undefined && Number(expiry) * 1000 < now) this.write(cell, undefined);
      }
    }
  }
}

const latest = ({ versions }: Cell): Item | undefined => versions.at(-1)?.item;

/** @param at undefined: now */
function seenAt(cell: Cell, at: number | undefined): Item | undefined {
  if (at === undefined) return latest(cell);
  return cell.versions.findLast((each) => each.at <= at)?.item;
}
