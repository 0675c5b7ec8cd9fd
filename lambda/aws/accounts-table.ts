import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { type AccountRows, keyText, type RawRow } from '../rows/raw-row.ts';
import type { Canary, ScanOptions, ScanPosition } from '../rows/scan-options.ts';
import { type Item, rowOf } from './attribute-values.ts';

/**
 * One answer could hold about 10,000 small rows. Smaller pages are freed before the collector has
 * copied them twice, and the next is read while this one is assessed.
 */
const PAGE_ROWS_MAX = 2500;

/** Segments: enough to read one page while another is assessed; each holds a page in memory. */
export const SCANS_AT_ONCE = 4;

/** Few, so that rows do not outlive the work on them. */
const ACCOUNTS_AT_ONCE = 1000;

/** Begins the `accountId` of canary rows, which belong to no account. */
export const CANARY_PREFIX = '~canary-';

const CANARY = new RegExp(`^${CANARY_PREFIX}(0|[1-9]\\d{0,8})$`);
const CHECK_ID = /^\d{4}-\d\d-\d\dT[\d:.]+Z(~\d{4}-\d\d-\d\dT[\d:.]+Z)?$/;

/** Undefined unless it is a canary's key: nothing that a writer wrote may be taken for one. */
export function canaryNumber(key: {
  readonly accountId: string;
  readonly item: string;
}): number | undefined {
  const digits = CANARY.exec(key.accountId)?.[1];
  return digits !== undefined && CHECK_ID.test(key.item) ? Number(digits) : undefined;
}

export interface Slice {
  readonly segment: number;
  /** The number of segments. */
  readonly of: number;
}

export class AccountsTable {
  private readonly dynamo: DynamoDBClient;
  private readonly table: string;
  readonly segments: number;

  constructor(input: {
    readonly dynamo: DynamoDBClient;
    readonly table: string;
    readonly segments: number;
  }) {
    this.dynamo = input.dynamo;
    this.table = input.table;
    this.segments = input.segments;
  }

  /**
   * Whole accounts of one segment, eventually consistent unless asked otherwise. Memory holds at most
   * a page and one account. A scan returns a partition's rows together and in one segment, so an
   * account is complete when the next begins.
   */
  scan(segment: number, options: ScanOptions = {}): AsyncGenerator<AccountRows[]> {
    return this.scanSlice({ segment, of: this.segments }, options);
  }

  async *scanSlice(
    slice: Slice,
    { isConsistent = false, after, onCanary = () => undefined }: ScanOptions = {},
  ): AsyncGenerator<AccountRows[]> {
    const pages = paginateScan(
      { client: this.dynamo },
      {
        TableName: this.table,
        Segment: slice.segment,
        TotalSegments: slice.of,
        Limit: PAGE_ROWS_MAX,
        ...(isConsistent && { ConsistentRead: true }),
        ...(after && {
          ExclusiveStartKey: { accountId: { S: after.accountId }, item: { S: after.item } },
        }),
      },
    );
    const isRead = (row: Item) => isOfAccount(row, onCanary) && !isMet(row, after);
    let accounts: Gathered[] = [];
    for await (const { Items = [], LastEvaluatedKey } of pages) {
      for (const item of Items.filter(isRead)) {
        const row = rowOf(item);
        const accountId = keyText(row.accountId);
        const last = accounts.at(-1);
        if (last?.accountId === accountId) {
          last.rows.push(row);
          continue;
        }
        if (accounts.length === ACCOUNTS_AT_ONCE) {
          yield accounts;
          accounts = [];
        }
        accounts.push({ accountId, rows: [row] });
      }
      // The last account may continue on the next page.
      const goesOn = LastEvaluatedKey !== undefined;
      if (goesOn && accounts.length > 1) yield accounts.splice(0, accounts.length - 1);
    }
    if (accounts.length > 0) yield accounts;
  }

  /**
   * Reads and screens ahead while earlier accounts are processed; at most two lots in memory.
   * @throws the scan's or the processing's error, once both have ended
   */
  async forEachPage<T>(
    segment: number,
    work: {
      readonly screen: (accounts: readonly AccountRows[]) => T;
      readonly process: (screened: T) => Promise<void>;
    } & ScanOptions,
  ): Promise<void> {
    let processing: Promise<void> = Promise.resolve();
    try {
      for await (const accounts of this.scan(segment, work)) {
        const screened = work.screen(accounts);
        await processing;
        processing = work.process(screened);
        // Awaited below; otherwise an earlier rejection counts as unhandled.
        processing.catch(() => undefined);
      }
    } finally {
      await processing;
    }
  }

  /** In no particular order. @throws if a segment cannot be read whole */
  async forEachAccount(visit: (account: AccountRows) => void): Promise<void> {
    const process = () => Promise.resolve();
    const screen = (accounts: readonly AccountRows[]) => accounts.forEach(visit);
    await pMap(this.segmentNumbers, (each) => this.forEachPage(each, { screen, process }), {
      concurrency: SCANS_AT_ONCE,
    });
  }

  get segmentNumbers(): number[] {
    return Array.from({ length: this.segments }, (_, segment) => segment);
  }

  /** Strongly consistent, because decisions rest on it. Unknown accounts have no rows. */
  async read(accountId: string): Promise<AccountRows> {
    const rows: RawRow[] = [];
    const pages = paginateQuery(
      { client: this.dynamo },
      {
        TableName: this.table,
        ConsistentRead: true,
        KeyConditionExpression: 'accountId = :accountId',
        ExpressionAttributeValues: { ':accountId': { S: accountId } },
      },
    );
    for await (const { Items = [] } of pages) rows.push(...Items.map(rowOf));
    return { accountId, rows };
  }

  /** @param name its item; a check writes under its own id */
  async putCanary(number: number, name: string): Promise<void> {
    const { table: TableName } = this;
    await this.dynamo.send(new PutItemCommand({ TableName, Item: canaryKey(number, name) }));
  }

  async removeCanary(number: number, name: string): Promise<void> {
    const { table: TableName } = this;
    await this.dynamo.send(new DeleteItemCommand({ TableName, Key: canaryKey(number, name) }));
  }
}

function isOfAccount(row: Item, onCanary: (canary: Canary) => void): boolean {
  const { accountId: { S: accountId = '' } = {}, item: { S: item = '' } = {} } = row;
  const number = canaryNumber({ accountId, item });
  if (number === undefined || Object.keys(row).length > 2) return true;
  onCanary({ number, name: item });
  return false;
}

/** The account was met as a whole: a row that it has got since would be taken for all of it. */
const isMet = ({ accountId }: Item, after: ScanPosition | undefined): boolean =>
  after !== undefined && accountId?.S === after.accountId;

const canaryKey = (number: number, name: string) => ({
  accountId: { S: `${CANARY_PREFIX}${number}` },
  item: { S: name },
});

interface Gathered {
  readonly accountId: string;
  readonly rows: RawRow[];
}
