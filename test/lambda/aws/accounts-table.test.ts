import { DynamoDBClient, type ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountsTable } from '../../../lambda/aws/accounts-table.ts';

type Row = readonly [accountId: string, item: string];

const clientOf = (send: (command: ScanCommand) => Promise<object>): DynamoDBClient =>
  Object.assign(Object.create(DynamoDBClient.prototype), { send });

/** A table that answers scans with these pages, and remembers what it was asked. */
function tableOf(pages: readonly (readonly Row[])[]) {
  const asked: ScanCommand['input'][] = [];
  const dynamo = clientOf(async ({ input }) => {
    const page = pages[asked.length] ?? [];
    asked.push({ ...input });
    const isLast = asked.length >= pages.length;
    const key = { accountId: { S: `key-${asked.length}` } };
    return {
      Items: page.map(([accountId, item]) => marshall({ accountId, item })),
      ...(isLast ? {} : { LastEvaluatedKey: key }),
    };
  });
  return { dynamo, asked };
}

const accountsIn = (dynamo: DynamoDBClient) =>
  new AccountsTable({ dynamo, table: 'accounts', segments: 3 });

const scan = (dynamo: DynamoDBClient) => accountsIn(dynamo).scan(1);

/** Every account that was yielded, as `id: items`. */
async function accountsOf(pages: readonly (readonly Row[])[]): Promise<string[]> {
  const found: string[] = [];
  for await (const accounts of scan(tableOf(pages).dynamo)) {
    found.push(
      ...accounts.map(({ accountId, rows }) => `${accountId}: ${rows.map(({ item }) => item)}`),
    );
  }
  return found;
}

/** A page of accounts with one row each. */
const pageOf = (page: number, size: number): Row[] =>
  Array.from({ length: size }, (_, index) => [`a${page}-${index}`, 'profile']);

describe('the scan of accounts', () => {
  it('of an empty table yields nothing', async () => {
    expect(await accountsOf([[]])).toEqual([]);
  });

  it('asks for its segment, then for each page from where the one before ended', async () => {
    const { dynamo, asked } = tableOf([[['a', '1']], [['b', '1']], [['c', '1']]]);
    for await (const _ of scan(dynamo));
    const ends = asked.map(({ ExclusiveStartKey }) => ExclusiveStartKey?.accountId?.S);
    expect(ends).toEqual([undefined, 'key-1', 'key-2']);
    const part = { TableName: 'accounts', Segment: 1, TotalSegments: 3 };
    for (const input of asked) expect(input).toMatchObject(part);
  });

  it('keeps the last account of a page until its rows are over', async () => {
    const pages: Row[][] = [
      [
        ['a', '1'],
        ['b', '1'],
      ],
      [
        ['b', '2'],
        ['c', '1'],
      ],
    ];
    expect(await accountsOf(pages)).toEqual(['a: 1', 'b: 1,2', 'c: 1']);
  });

  it('joins an account that is longer than a page, over empty pages too', async () => {
    const pages: Row[][] = [[['a', '1']], [['a', '2']], [], [['a', '3']], [['b', '1']]];
    expect(await accountsOf(pages)).toEqual(['a: 1,2,3', 'b: 1']);
  });

  it('yields the last account when the last page is empty', async () => {
    expect(
      await accountsOf([
        [
          ['a', '1'],
          ['b', '1'],
        ],
        [],
      ]),
    ).toEqual(['a: 1', 'b: 1']);
  });

  it('does not ask for the next page before what it has read has been taken', async () => {
    const { dynamo, asked } = tableOf(Array.from({ length: 20 }, (_, page) => pageOf(page, 800)));
    const accounts = scan(dynamo);
    expect(asked).toHaveLength(0);
    let taken = 0;
    for (let times = 1; times <= 5; times++) {
      const { value = [] } = await accounts.next();
      taken += value.length;
      // Rows kept back are less than two pages.
      expect(asked.length * 800 - taken).toBeLessThan(1_600);
    }
    expect(taken).toBeGreaterThan(0);
    await accounts.return(undefined);
    expect(asked.length).toBeLessThan(20);
  });

  it('yields every account once and whole, wherever the pages end', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 7 }), async (rowsOf, size) => {
        const rows = rowsOf.flatMap((count, account) =>
          Array.from({ length: count }, (_, item): Row => [`a${account}`, String(item)]),
        );
        const pages = Array.from({ length: Math.ceil(rows.length / size) }, (_, page) =>
          rows.slice(page * size, (page + 1) * size),
        );
        const expected = rowsOf.map((count, account) => `a${account}: ${[...Array(count).keys()]}`);
        expect(await accountsOf(pages)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('that goes on after an account does not meet it again, though it has got another row', async () => {
    const pages: Row[][] = [
      [
        ['a', '3'],
        ['b', '1'],
      ],
    ];
    const found: string[] = [];
    const after = { accountId: 'a', item: '2' };
    for await (const accounts of accountsIn(tableOf(pages).dynamo).scan(1, { after })) {
      found.push(...accounts.map(({ accountId }) => accountId));
    }
    expect(found).toEqual(['b']);
  });

  it('goes on after a row that nobody can read', async () => {
    const strange = { ['__proto__']: undefined, toString: { B: new Uint8Array([1]) } };
    const row = (accountId: string) => ({ accountId: { S: accountId }, item: { S: '1' } });
    const dynamo = clientOf(async () => ({
      Items: [row('a'), Object.assign(Object.create(null), row('b'), strange), row('c')],
    }));
    const found: string[] = [];
    for await (const accounts of scan(dynamo)) found.push(...accounts.map((a) => a.accountId));
    expect(found).toEqual(['a', 'b', 'c']);
  });

  it('passes on what the table throws', async () => {
    const accounts = scan(clientOf(() => Promise.reject(new Error('throttled'))));
    await expect(accounts.next()).rejects.toThrow('throttled');
  });

  it('yields what is whole before it passes on what the table throws', async () => {
    const { dynamo } = tableOf([pageOf(0, 3), pageOf(1, 3)]);
    let pages = 0;
    const send = dynamo.send as unknown as (command: ScanCommand) => Promise<object>;
    const broken = clientOf((command) =>
      ++pages > 1 ? Promise.reject(new Error('throttled')) : send(command),
    );
    const found: string[] = [];
    const all = async () => {
      for await (const accounts of scan(broken)) found.push(...accounts.map((a) => a.accountId));
    };
    await expect(all()).rejects.toThrow('throttled');
    expect(found).toEqual(['a0-0', 'a0-1']);
  });
});

describe('the reading of one account', () => {
  it('is strong, and of all its pages', async () => {
    const { dynamo, asked } = tableOf([
      [
        ['a', '1'],
        ['a', '2'],
      ],
      [],
      [['a', '3']],
    ]);
    const { accountId, rows } = await accountsIn(dynamo).read('a');
    expect(accountId).toBe('a');
    expect(rows.map(({ item }) => item)).toEqual(['1', '2', '3']);
    expect(asked).toHaveLength(3);
    for (const input of asked) expect(input).toMatchObject({ ConsistentRead: true });
  });

  it('that is not there has no rows', async () => {
    expect(await accountsIn(tableOf([[]]).dynamo).read('a')).toEqual({ accountId: 'a', rows: [] });
  });
});
