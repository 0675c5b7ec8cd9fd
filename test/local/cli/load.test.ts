import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { AccountsTable } from '../../../lambda/aws/accounts-table.ts';
import { readMarketRows } from '../../../lambda/aws/market-table.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { Numeral, writeExactJson } from '../../../lambda/rows/numeral.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { runMargin } from './margin.ts';

const NOW = Date.UTC(2020, 2, 12, 11);
const SAMPLE = 'docs/examples/book';

async function directoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'book-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

const read = async (files: Readonly<Record<string, string>>) =>
  readBook(await directoryOf(files), NOW);

const rowsOf = async (files: Readonly<Record<string, string>>) => {
  const { rows, faults } = await read(files);
  expect(faults).toEqual([]);
  return rows.map(({ row }) => row);
};

const faultsOf = async (files: Readonly<Record<string, string>>) => (await read(files)).faults;

describe('a CSV file to load', () => {
  it('has a key and attributes in every row', async () => {
    const files = {
      'positions.csv':
        'accountId,instrument,label,quantity,entryPrice\na,BTC-PERP,,1,2\na,BTC-PERP,h,-1,3\n',
    };
    expect(await rowsOf(files)).toEqual([
      { accountId: 'a', item: 'position#BTC-PERP', ...held('1', '2') },
      { accountId: 'a', item: 'position#BTC-PERP#h', ...held('-1', '3') },
    ]);
  });

  it('may have a byte order mark, spaces, quotes, blank lines and Windows line ends', async () => {
    const text = '\ufeffaccountId, asset, amount\r\n\r\n"a", "USD", "1.50"\r\n';
    expect(await rowsOf({ 'balances.csv': text })).toEqual([
      { accountId: 'a', item: 'balance#USD', asset: 'USD', amount: '1.50' },
    ]);
  });

  it('nests dotted columns, and reads lists as JSON with every digit', async () => {
    const tiers = '"[{""floor"":0,""initial"":0.10000000000000000001,""maintenance"":0.05}]"';
    const text = `riskClass,volatility,liquidity.fee,margin.type,margin.tiers,oracle.maxJump\nBTC,0.8,0.0005,tiered,${tiers},0.1\n`;
    const [row] = await rowsOf({ 'risk.csv': text });
    expect(row).toMatchObject({
      liquidity: { fee: '0.0005' },
      margin: { type: 'tiered' },
      oracle: { maxJump: '0.1' },
    });
    expect(writeExactJson(row)).toContain(
      '"tiers":[{"floor":0,"initial":0.10000000000000000001,"maintenance":0.05}]',
    );
  });

  it('leaves out empty cells, and keeps labels and own attributes as texts', async () => {
    const text = 'accountId,callGraceSeconds,labels.desk,_note\na,,[x],{y\n';
    expect(await rowsOf({ 'accounts.csv': text })).toEqual([
      { accountId: 'a', item: 'profile', labels: { desk: '[x]' }, _note: '{y' },
    ]);
  });

  it('reads true and false in any case', async () => {
    const [row] = await rowsOf({ 'policy.csv': 'mode,halt\nenforce,TRUE\n' });
    expect(row).toEqual({ kind: 'policy', id: 'default', mode: 'enforce', halt: true });
    const inverse =
      'instrument,type,underlying,settlementAsset,riskClass,inverse\nP,perpetual,B,BTC,B,true\n';
    const [instrument] = await rowsOf({ 'instruments.csv': inverse });
    expect(instrument).toMatchObject({ kind: 'instrument', id: 'P', inverse: true });
  });

  it('reads true and false inside a map, too', async () => {
    const names = ['initial.rate', 'initial.lessOutOfTheMoney', 'maintenance.rate'];
    const columns = names.map((name) => `optionRule.shortCall.${name}`).join();
    const text = `riskClass,volatility,${columns}\nBTC,0.8,0.15,true,0.09\n`;
    const [row] = await rowsOf({ 'risk.csv': text });
    expect(row?.optionRule).toEqual({
      shortCall: {
        initial: { rate: '0.15', lessOutOfTheMoney: true },
        maintenance: { rate: '0.09' },
      },
    });
  });

  it('may have locations, and balances held there', async () => {
    const files = {
      'locations.csv': 'location,finalitySeconds,pendingWeight,observedAt\nbase,900,0.5,now\n',
      'balances.csv': 'accountId,asset,location,observedAt,amount\na,USD,base,now,5\na,USD,,,7\n',
    };
    const now = new Numeral(String(NOW));
    const base = { finalitySeconds: '900', pendingWeight: '0.5', observedAt: now };
    const there = { asset: 'USD', location: 'base', observedAt: now, amount: '5' };
    expect(await rowsOf(files)).toEqual([
      { kind: 'location', id: 'base', ...base },
      { accountId: 'a', item: 'balance#USD@base', ...there },
      { accountId: 'a', item: 'balance#USD', asset: 'USD', amount: '7' },
    ]);
  });
});

const held = (quantity: string, entryPrice: string) => ({
  instrument: 'BTC-PERP',
  quantity,
  entryPrice,
});

describe('a JSON file to load', () => {
  it('is a list of rows whose numbers keep every digit', async () => {
    const text = '[{"accountId":"a","asset":"USD","amount":0.10000000000000000001}]';
    const [row] = await rowsOf({ 'balances.json': text });
    expect(row?.amount).toEqual(new Numeral('0.10000000000000000001'));
  });

  it('may be a map by id, for assets, locations, instruments and risk classes', async () => {
    const [base] = await rowsOf({ 'locations.json': '{"base":{"finalitySeconds":"900"}}' });
    expect(base).toEqual({ kind: 'location', id: 'base', finalitySeconds: '900' });
    const [row] = await rowsOf({ 'assets.json': '{"BTC":{"feed":"BTC-USD"}}' });
    expect(row).toEqual({ kind: 'asset', id: 'BTC', feed: 'BTC-USD' });
  });

  it('is one object for the policy', async () => {
    const [row] = await rowsOf({ 'policy.json': '{"halt":true}' });
    expect(row).toEqual({ kind: 'policy', id: 'default', halt: true });
  });

  it('is refused if it is no JSON, or has another shape', async () => {
    await expect(read({ 'assets.json': '{' })).rejects.toThrow(/^assets\.json: not JSON: /);
    await expect(read({ 'quotes.json': '{}' })).rejects.toThrow(
      'quotes.json: must be a list of objects',
    );
    await expect(read({ 'risk.json': '3' })).rejects.toThrow(
      'risk.json: must be a list of objects, or a map of them by riskClass',
    );
    await expect(read({ 'policy.json': '3' })).rejects.toThrow('policy.json: must be one object');
  });

  it('names a bad entry by its number or its key', async () => {
    expect(
      await faultsOf({ 'balances.json': '[{"accountId":"a","asset":"USD","amount":1},3]' }),
    ).toEqual(['balances.json entry 2: must be an object']);
    expect(await faultsOf({ 'assets.json': '{"BTC":{"asset":"ETH"}}' })).toEqual([
      'assets.json entry BTC: asset: must be BTC, its key in the map, or be left out',
    ]);
  });
});

describe('times in a file to load', () => {
  const quote = (time: string) => ({
    'quotes.csv': `feed,source,price,publishedAt\nBTC-USD,pyth,1,${time}\n`,
  });

  it.each([
    ['now', NOW],
    ['2020-03-12T10:59:58.250Z', NOW - 1750],
    ['2020-03-12T12:00:00+01:00', NOW],
  ])('are written as milliseconds: %s', async (text, time) => {
    const [row] = await rowsOf(quote(text));
    expect(row?.publishedAt).toEqual(new Numeral(String(time)));
  });

  it('stay unchanged if they are milliseconds', async () => {
    const [row] = await rowsOf(quote('1584010797000'));
    expect(row?.publishedAt).toBe('1584010797000');
  });

  it('are refused in any other format', async () => {
    expect(await faultsOf(quote('yesterday'))).toEqual([
      'quotes.csv line 2: publishedAt must be a whole number from 0 to 8640000000000000, not yesterday',
    ]);
  });

  it.each(['1584010797', '43902', '43902.5', '20200312'])(
    'are refused if they are no milliseconds since 1970: %s',
    async (text) => {
      expect(await faultsOf(quote(text))).toEqual([
        'quotes.csv line 2: publishedAt must be milliseconds since 1970, or ISO 8601 such as ' +
          `2020-03-12T10:12:00Z, not ${text}: seconds and serial dates of a spreadsheet are no ` +
          'milliseconds',
      ]);
    },
  );
});

describe('a CSV file that another program has written', () => {
  const balance = { accountId: 'a', item: 'balance#USD', asset: 'USD', amount: '7' };
  const names = 'accountId,asset,amount';
  const reading = (text: string) => read({ 'balances.csv': text });

  it.each([
    ['begins with its address', `https://venue.test/export\n${names}\na,USD,7\n`],
    ['repeats its names', `${names}\na,USD,7\n${names}\n`],
  ])('is read if it %s', async (_, text) => {
    expect(await rowsOf({ 'balances.csv': text })).toEqual([balance]);
  });

  it.each([
    [';', 'a semicolon'],
    ['\t', 'a tab'],
    ['|', 'a vertical bar'],
  ])('is refused with its separator: %j', async (separator, name) => {
    const text = `${names}\na,USD,7\n`.replaceAll(',', separator);
    await expect(reading(text)).rejects.toThrow(
      `balances.csv line 1: the separator is ${name}; separate the cells by commas`,
    );
    const decimals = 'accountId;asset;amount, USD\na;USD;7,5\n';
    await expect(reading(decimals)).rejects.toThrow('line 1: the separator is a semicolon');
  });

  it('is refused in one line if its first line names nothing', async () => {
    await expect(reading('a,USD,7\nb,USD,8\n')).rejects.toThrow(
      'balances.csv line 1: no column is named accountId; the first line must name the columns',
    );
  });

  it('counts its lines from the title', async () => {
    expect(await faultsOf({ 'balances.csv': `title\n${names}\na,USD\n` })).toEqual([
      'balances.csv line 3: has 2 cells, but line 2 names 3 columns',
    ]);
  });

  it('may have one column', async () => {
    expect(await rowsOf({ 'accounts.csv': 'accountId\na\n' })).toEqual([
      { accountId: 'a', item: 'profile' },
    ]);
  });
});

describe('a bad row in a file to load', () => {
  const positions = (...lines: string[]) => ({
    'positions.csv': ['accountId,instrument,quantity,entryPrice', ...lines, ''].join('\n'),
  });

  it.each([
    ['a,BTC-PERP,1.2.3,5', /^positions\.csv line 2: quantity .*1\.2\.3/],
    ['a,BTC-PERP,,5', /^positions\.csv line 2: quantity is missing$/],
    ['a,BTC-PERP,1,0', /^positions\.csv line 2: entryPrice must be above 0, not 0$/],
    [',BTC-PERP,1,5', /^positions\.csv line 2: accountId is missing$/],
    ['a b,BTC-PERP,1,5', /^positions\.csv line 2: accountId must be 1 to 128 letters, digits/],
    ['a,BTC#PERP,1,5', /^positions\.csv line 2: instrument must be 1 to 128 letters, digits/],
    ['a,BTC-PERP,1', /^positions\.csv line 2: has 3 cells, but line 1 names 4 columns$/],
    ['a,BTC-PERP,1,5,', /^positions\.csv line 2: has 5 cells, but line 1 names 4 columns$/],
    ['a,BTC-PERP,[1,5', /^positions\.csv line 2: quantity: not JSON: /],
  ])('is reported in one line with its place and its fault: %s', async (line, fault) => {
    const faults = await faultsOf(positions(line));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  it('is counted by the line of the file, including blank and quoted lines', async () => {
    const text = 'accountId,asset,amount,_note\n\na,USD,1,"two\nlines"\nb,USD,x,"three\n\nlines"\n';
    const [fault] = await faultsOf({ 'balances.csv': text });
    expect(fault).toMatch(/^balances\.csv line 5: amount must be /);
  });

  it.each([
    [
      'assets.csv',
      'asset,weight\nBTC,1\n',
      /line 2: unknown attribute weight \(begin the names of your own/,
    ],
    ['assets.csv', 'asset,id\nBTC,x\n', /line 2: unknown attribute id$/],
    ['risk.csv', 'riskClass,volatility,liquidity,liquidity.fee\nB,1,{},0\n', /liquidity\.fee: ano/],
    ['risk.csv', 'riskClass,volatility,liquidity.fee,liquidity\nB,1,0,{}\n', /liquidity: another/],
  ])('is refused in %s if nothing reads one of its columns: %j', async (name, text, fault) => {
    const faults = await faultsOf({ [name]: text });
    expect(faults[0]).toMatch(fault);
  });

  it('is one with the same key as another: both are named, and the second is not written', async () => {
    const { rows, faults } = await read({
      'assets.csv': 'asset,feed\nBTC,BTC-USD\nETH,ETH-USD\n',
      'assets.json': '{"BTC":{"feed":"XBT-USD"}}',
    });
    expect(faults).toEqual([
      'assets.json entry BTC: is the same row as assets.csv line 2: asset/BTC',
    ]);
    expect(rows.map(({ row }) => row.id)).toEqual(['ETH']);
  });

  it('holds back the other rows of its account, and of no other account', async () => {
    const { rows, heldBack } = await read({
      'balances.csv': 'accountId,asset,amount\na,USD,1\nb,USD,1\nc,USD,1\n',
      ...positions('a,BTC-PERP,x,1', 'b,BTC-PERP,1,1', 'c,BTC-PERP'),
    });
    expect(rows.map(({ row }) => row.accountId)).toEqual(['b', 'b']);
    expect(heldBack).toEqual([
      'account a: its other row is not loaded either, so that the account is not assessed in part',
      'account c: its other row is not loaded either, so that the account is not assessed in part',
    ]);
  });
});

describe('a directory to load', () => {
  const names =
    'policy, risk, assets, locations, instruments, quotes, funds, accounts, balances, positions, each .csv ' +
    'or .json';

  it('is refused if it is empty, where hidden files do not count', async () => {
    const directory = await directoryOf({ '.DS_Store': '' });
    await expect(readBook(directory, NOW)).rejects.toThrow(
      `${directory}: nothing to load; the files may be ${names}`,
    );
  });

  it('is refused if it does not exist', async () => {
    await expect(readBook('/nowhere/book', NOW)).rejects.toThrow(/^\/nowhere\/book: no such file/);
  });

  it.each(['notes.txt', 'position.csv', 'constructor.csv', 'quotes.CSV'])(
    'lists the known files if it has the unknown file %s',
    async (name) => {
      expect(await faultsOf({ [name]: '' })).toEqual([
        `${name}: unknown file; the files may be ${names}`,
      ]);
    },
  );

  it.each([
    ['', 'quotes.csv: empty; line 1 must name the columns'],
    ['feed,,price\n', 'quotes.csv line 1: column 2 has no name'],
    ['feed,feed\n', 'quotes.csv line 1: two columns are named feed'],
    ['feed\n"x', /^quotes\.csv: not CSV: Quote Not Closed: .* at line 2$/],
  ])('is refused with the CSV file %j', async (text, fault) => {
    await expect(read({ 'quotes.csv': text })).rejects.toThrow(fault);
  });
});

describe('the order of writing', () => {
  const write = async (files: Readonly<Record<string, string>>) => {
    const batches: string[][] = [];
    const dynamo = {
      send: async ({ input }: { input: { RequestItems: Record<string, Written[]> } }) => {
        for (const [table, requests] of Object.entries(input.RequestItems)) {
          batches.push(requests.map(({ PutRequest: { Item } }) => `${table} ${nameOf(Item)}`));
        }
        return {};
      },
    } as unknown as DynamoDBClient;
    const tables = { accountsTable: 'accounts', marketTable: 'market' };
    const { rows } = await read(files);
    await writeBook({ dynamo, tables, rows });
    return batches.flat();
  };
  type Written = { PutRequest: { Item: Record<string, { S: string }> } };
  const nameOf = ({ accountId, item, kind, id }: Record<string, { S: string }>) =>
    accountId === undefined ? `${kind?.S}/${id?.S}` : `${accountId.S}/${item?.S}`;

  it('is market before accounts, with all rows of one account together', async () => {
    const files = {
      'positions.csv': 'accountId,instrument,quantity,entryPrice\nb,P,1,1\na,P,1,1\n',
      'balances.csv': 'accountId,asset,amount\na,USD,1\nb,USD,1\n',
      'assets.csv': 'asset,feed\nBTC,BTC-USD\n',
    };
    expect(await write(files)).toEqual([
      'market asset/BTC',
      'accounts a/balance#USD',
      'accounts a/position#P',
      'accounts b/balance#USD',
      'accounts b/position#P',
    ]);
  });
});

describe('the sample book', () => {
  it('shows every level, an isolated position and a loan', async () => {
    const { rows, faults } = await readBook(SAMPLE, NOW);
    expect(faults).toEqual([]);
    const raw = rows.map(({ row }) => row);
    const market = readMarket(raw.filter(({ kind }) => kind !== undefined));
    expect(market.faults).toEqual([]);
    // Loading it on a live stack must not send orders.
    expect(market.market.policy.mode).toBe('observe');
    const previousPrices = new Map();
    const snapshot = takeSnapshot({ ...market, asOf: NOW, gapSeconds: 60, previousPrices });
    const ids = [...new Set(raw.flatMap(({ accountId }) => accountId ?? []))] as string[];
    const subjects = ids.flatMap((accountId) => {
      const own = raw.filter((row) => row.accountId === accountId);
      expect(readAccount(accountId, own).ok).toBe(true);
      return assessAccount({ accountId, rows: own }, snapshot);
    });
    const levels = subjects.map(({ name, outcome }) => [
      name,
      outcome.certainty === 'indeterminate' ? 'indeterminate' : outcome.level,
    ]);
    expect(Object.fromEntries(levels)).toEqual({
      'healthy-long': 'healthy',
      'called-long': 'call',
      'liquidated-long': 'liquidation',
      hedged: 'healthy',
      borrower: 'healthy',
      'isolated-short': 'healthy',
      'isolated-short#BTC-PERP': 'healthy',
    });
  });
});

describe('margin load', () => {
  let services: Services;
  beforeAll(async () => {
    services = await startServices();
  });
  afterAll(() => services.close());

  const accounts = async () => {
    const { dynamo, config } = services;
    const table = new AccountsTable({ dynamo, table: config.accountsTable, segments: 1 });
    const all = [];
    for await (const some of table.scan(0)) all.push(...some);
    return all;
  };
  const market = () =>
    readMarketRows({ dynamo: services.dynamo, table: services.config.marketTable });

  it('writes the same rows when it loads a book twice', async () => {
    const { rows } = await readBook(SAMPLE, NOW);
    const writing = { dynamo: services.dynamo, tables: services.config, rows };
    await writeBook(writing);
    const first = [await market(), await accounts()];
    await writeBook(writing);
    expect([await market(), await accounts()]).toEqual(first);
    expect(first.map((all) => all.length)).toEqual([9, 6]);
    expect(readMarket(await market()).faults).toEqual([]);
  });

  it('says how many rows went to which table', async () => {
    const words = ['load', SAMPLE, '--environment', '--json'];
    const { code, out, err } = await runMargin(services, ...words);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ dryRun: false, faults: [], heldBack: [] });
    expect(JSON.parse(out).kinds).toContainEqual({ kind: 'quotes', rows: 3, table: 'market' });
    expect(err).toContain('27 of 27 rows');
  });

  it('lifts a halt only with --lift-halt, and says when order plans can be sent', async () => {
    const halted = await directoryOf({ 'policy.json': '{ "halt": true }' });
    const going = await directoryOf({ 'policy.json': '{ "mode": "enforce" }' });
    const load = (...words: string[]) => runMargin(services, 'load', ...words, '--environment');
    const policy = async () => (await market()).find(({ kind }) => kind === 'policy');
    expect((await load(halted)).code).toBe(0);
    const refused = await load(going);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(
      'policy: nothing was loaded, because the file would lift the halt of order plans',
    );
    expect(await policy()).toMatchObject({ halt: true });
    const lifted = await load(going, '--lift-halt');
    expect(lifted.code).toBe(0);
    expect(lifted.err).toContain(
      'the policy is in mode enforce: checks send order plans to the execution system',
    );
    expect(await policy()).toEqual({ kind: 'policy', id: 'default', mode: 'enforce' });
  });

  const bad = {
    'assets.csv': 'asset,feed\nDOGE,DOGE-USD\n',
    'balances.csv': 'accountId,asset,amount\nzoe,USD,1\nyan,USD,x\n',
  };

  it('writes nothing if a row is bad', async () => {
    const before = [await market(), await accounts()];
    const { code, out, err } = await runMargin(
      services,
      'load',
      await directoryOf(bad),
      '--environment',
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/^margin: balances\.csv line 3: amount must be /),
      'margin: nothing was loaded because of 1 fault; correct the files, or load the rest with --skip-bad',
      '',
    ]);
    expect([await market(), await accounts()]).toEqual(before);
  });

  it('loads the rest with --skip-bad, reports the bad rows, and ends with a finding', async () => {
    const words = ['load', await directoryOf(bad), '--environment', '--skip-bad'];
    const { code, err } = await runMargin(services, ...words);
    expect(code).toBe(1);
    expect(err).toContain('margin: balances.csv line 3: amount must be ');
    const ids = (await accounts()).map(({ accountId }) => accountId);
    expect(ids).toContain('zoe');
    expect(ids).not.toContain('yan');
  });

  it('needs no AWS for a dry run', async () => {
    const { code, out } = await runMargin(undefined, 'load', SAMPLE, '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('rows (not written)');
  });

  it('names in a dry run what nothing defines, and says that it saw the files alone', async () => {
    const files = { 'positions.csv': 'accountId,instrument,quantity,entryPrice\na,P,1,1\n' };
    const words = ['load', await directoryOf(files), '--dry-run'];
    const alone = await runMargin(undefined, ...words);
    expect(alone.code).toBe(1);
    expect(alone.err).toMatch(
      /^margin: positions\.csv line 2: instrument names instrument P, which has no row\nmargin: only the files were checked, because the tables could not be read \(.+\): the names above may have rows there\n$/,
    );
    const beside = await runMargin(services, ...words, '--environment', '--json');
    expect(beside.code).toBe(1);
    expect(JSON.parse(beside.out).dangling).toEqual([
      expect.objectContaining({ place: 'positions.csv line 2', referent: 'instrument' }),
    ]);
    expect(beside.err).not.toContain('only the files were checked');
  }, 300_000);
});
