import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { FUND_KEY } from '../../../lambda/fund/fund-item.ts';
import { amount } from '../../../lambda/margin/number/decimal.ts';
import { writeLedger } from '../../../lambda/record/fund-state.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { runMargin } from './margin.ts';

const BOOK = 'docs/examples/book.json';
const PORTFOLIO = 'docs/examples/portfolio.json';

const run = (...words: readonly string[]) => runMargin(undefined, 'stress', ...words);

/** The example’s rows in floating point, to the cent. */
const LONGS = [40_000, 15_050, 13_900, 12_000];
const PRICE = 6092.17;

function badDebtAt(move: number, longs = LONGS, isolatedMargin = 900): number {
  const multiple = 1 + move;
  const price = PRICE * multiple;
  const equities = [
    ...longs.map((cash) => cash + 10 * (price - 7350.5)),
    25 * price - 25 * (price - 7900),
    40 * price - 180_000 * 1.0001 * (1 + move * 0.1),
    5000,
    isolatedMargin - 4 * (price - 6000),
  ];
  return equities.reduce((sum, equity) => sum + Math.max(0, -equity), 0);
}

describe('margin stress <file>', () => {
  it('adds up what the accounts of the example would owe, except a malformed one', async () => {
    const { code, out } = await run(BOOK, '--move', '-50%,-20%', '--move', '+0.5', '--json');
    const result = JSON.parse(out);
    expect(code).toBe(1);
    expect(result).toMatchObject({ numeraire: 'USD', accounts: 8, assessed: 8, bent: 0 });
    expect(result.indeterminate).toEqual([
      { accountId: 'mistyped', reasons: [expect.stringContaining('not "25,000"')] },
    ]);
    expect(result.moves.map(({ move }: { move: string }) => move)).toEqual(['-0.5', '-0.2', '0.5']);
    for (const { move, badDebt } of result.moves) {
      expect(Number(badDebt)).toBeCloseTo(badDebtAt(Number(move)), 6);
    }
    expect(result.moves[2].largest).toEqual([
      { accountId: 'isolated-short', position: 'BTC-PERP', shortfall: '11653.02' },
    ]);
    expect(result).not.toHaveProperty('curve');
    expect(result).not.toHaveProperty('kinks');
  });

  it('tells a person how far a fund suffices, and what is in no sum', async () => {
    const { code, out } = await run(BOOK, '--fund', '100000');
    expect(code).toBe(1);
    expect(out).toMatch(/│−50 % +│stablecoin-borrower +│ *140,400\.30│ *40,400\.30│ +5│/);
    expect(out).toContain(
      'A fund of 100,000 USD covers a fall of up to 40.8541 % and a rise of up to 412.5431 %.',
    );
    expect(out).toContain(
      'Indeterminate, and left out of all totals: mistyped: accounts mistyped/balance#USD',
    );
    expect(badDebtAt(-0.408541)).toBeLessThan(100_000);
    expect(badDebtAt(-0.408542)).toBeGreaterThan(100_000);
  });

  it('lists with --kinks every move at which the bad debt has a kink', async () => {
    const { out } = await run(BOOK, '--move', '-20%', '--json', '--kinks');
    const { kinks } = JSON.parse(out);
    expect(kinks.map(({ badDebt }: { badDebt: string }) => Number(badDebt))).toEqual([4200, 1900]);
  });

  it('exits with 0 if all accounts are known and the fund suffices, and else with 1', async () => {
    const enough = await run(PORTFOLIO, '--move', '-30%', '--fund', '0');
    expect(enough.code).toBe(0);
    expect(enough.out).toContain('at least this range, found to 0.01 %');
    const ladder = await run(PORTFOLIO, '--fund', '0');
    expect(ladder.code).toBe(0);
    const asked = await run(PORTFOLIO, '--move', '-95%', '--fund', '0', '--json');
    expect(asked.code).toBe(1);
    expect(JSON.parse(asked.out).moves[0].beyondFund).toMatch(/^[1-9]/);
  });

  it.each([
    [
      [BOOK, '--move', '-100%'],
      "argument '-100%' is invalid. -100%: a price can only fall by less",
    ],
    [[BOOK, '--move', 'far'], '"far" is not a move; write it as -30% or -0.3.'],
    [[BOOK, '--fund', '-1'], 'It must be an amount, 0 or more.'],
    [[BOOK, '--fund', '1e6 USD'], 'It must be an amount, 0 or more.'],
    [['nowhere.json'], 'margin: nowhere.json: no such file or directory'],
    [['package.json'], 'margin: package.json: the document'],
    [[BOOK, '--stack', 'Mine'], 'margin: give either a file or a deployment'],
  ])('refuses %j in one line, with exit code 2', async (words, line) => {
    const { code, out, err } = await run(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
    expect(err.trim()).not.toContain('\n');
  });
});

describe('margin stress --factor', () => {
  it('names who is called, liquidated and in deficit, worst first, and counts the rest', async () => {
    const asked = ['--factor', 'BTC-USD=-10%', '--factor', 'USDC-USD=-2%'];
    const { code, out } = await run(BOOK, ...asked, '--limit', '2');
    expect(code).toBe(0);
    expect(out).toMatch(/^After the moves: 3 in deficit, 0 to be liquidated, 0 called, 1 indet/);
    const names = [...out.matchAll(/^│ (\S+-long) +│ (\w+)/gm)].map(([, ...cells]) => cells);
    expect(names).toEqual([
      ['bankrupt-long', 'deficit'],
      ['liquidated-long', 'liquidation'],
    ]);
    expect(out).toContain('1 more sub-account in deficit; --limit shows more.');
    expect(out).toContain('Indeterminate, in no total: mistyped (indeterminate before): ');
  });

  it('gives every digit as JSON and as CSV, and compares with a fund', async () => {
    const asked = [BOOK, '--factor', 'BTC-USD=-10%'];
    const { code, out } = await run(...asked, '--fund', '15000', '--json');
    expect(code).toBe(1);
    const result = JSON.parse(out);
    expect(result).toMatchObject({
      moves: [{ factor: 'BTC-USD', move: '-0.1', price: '6092.17', movedPrice: '5482.953' }],
      notMoved: ['USDC-USD'],
      totals: { shortfall: '15076.41' },
      fund: { balance: '15000', beyondFund: '76.41' },
    });
    const csv = await run(...asked, '--fund', '15076.41', '--csv');
    expect(csv.code).toBe(0);
    // −6,675.47 − 54,829.53·(0.025 + 0.975·Λ), Λ = 0.010028311751.
    expect(csv.out.split('\n').slice(0, 2)).toEqual([
      'account,position,before,after,equity,liquidationSurplus,amountDue,shortfall,remark',
      expect.stringMatching(/^bankrupt-long,,deficit,deficit,-6675.47,-8582.3096795\d*,/),
    ]);
    expect(csv.out).toContain('"accounts mistyped/balance#USD: amount must be a decimal number,');
  });

  it('moves each price by its largest fall of a day, and says which stand still', async () => {
    const { code, out } = await run(BOOK, '--day', '2020-03-12');
    expect(code).toBe(0);
    expect(out).toContain('7966.08 to 4600, BTC/USD, hours');
    expect(out).toContain('Not moved: USDC-USD.');
    const named = await run(BOOK, '--day', '2025-10-10', '--factor', 'BTC-USD=-14%', '--json');
    expect(JSON.parse(named.out).moves).toMatchObject([{ factor: 'BTC-USD', move: '-0.14' }]);
  });

  it('writes a report', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'stress-')), 'stress.html');
    const { code } = await run(BOOK, '--factor', 'BTC-USD=-10%', '--report', file);
    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('bankrupt-long');
  });

  it.each([
    [['--factor', 'BTCUSD=-10%'], 'there is no such risk factor; near names are BTC-USD'],
    [['--factor', 'BTC-USD=1%', '--move', '1%'], '--move is about a move of all prices'],
    [['--csv'], '--csv lists accounts: it needs --factor or --day'],
  ])('refuses %j in one line, with exit code 2', async (words, line) => {
    const { code, out, err } = await run(BOOK, ...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
    expect(err.trim()).not.toContain('\n');
  });
});

describe('margin stress on the deployed tables', () => {
  let services: Services;
  beforeAll(async () => {
    services = await startServices();
    const { rows } = await readBook('docs/examples/book', Date.now());
    await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
  });
  afterAll(() => services.close());

  const stress = (...words: readonly string[]) =>
    runMargin(services, 'stress', '--environment', ...words);

  it('uses the accounts in them, at the present prices', async () => {
    const { code, out } = await stress('--move', '-50%,50%', '--json');
    expect(code).toBe(0);
    const { moves, ...result } = JSON.parse(out);
    expect(result).toMatchObject({ accounts: 6, assessed: 7, indeterminate: [] });
    for (const { move, badDebt } of moves) {
      expect(Number(badDebt)).toBeCloseTo(badDebtAt(Number(move), LONGS.slice(0, 3), 2400), 6);
    }
  });

  it('names those that a move of one factor breaches', async () => {
    const { code, out } = await stress('--factor', 'BTC-USD=-50%', '--json');
    expect(code).toBe(0);
    const { accounts, deficits, totals } = JSON.parse(out);
    expect(accounts).toBe(6);
    expect(deficits[0].accountId).toBe('borrower');
    expect(Number(totals.shortfall)).toBeGreaterThan(100_000);
  });

  it('compares with the fund of the deployment, unless another is given', async () => {
    const margin = new MarginTable({ dynamo: services.dynamo, table: services.config.marginTable });
    const ledger = { balance: amount('1000'), sequence: 1, losses: 0, readings: new Map() };
    const fund = { version: 0, checkId: '', isActive: false, pending: [] };
    const item = { ...fund, key: FUND_KEY, state: writeLedger(ledger) };
    await margin.update(FUND_KEY, () => item, { over: 'earlier checks' });
    const own = await stress('--move', '-50%', '--json');
    expect([own.code, JSON.parse(own.out).fund.balance]).toEqual([1, '1000']);
    const named = await stress('--move', '-50%', '--fund', '1e9', '--json');
    expect([named.code, JSON.parse(named.out).fund.balance]).toEqual([0, '1000000000']);
  });

  it('names an account whose asset has no price, and is a finding', async () => {
    const { accountsTable: TableName } = services.config;
    const row = { accountId: 'odd', item: 'balance#DOGE', asset: 'DOGE', amount: '5' };
    await services.dynamo.send(new PutItemCommand({ TableName, Item: marshall(row) }));
    const { code, out } = await stress('--move', '-50%');
    expect(code).toBe(1);
    expect(out).toContain(
      'Indeterminate, and left out of all totals: odd: balance#DOGE: there is no asset DOGE',
    );
    const { accountId, item } = row;
    await services.dynamo.send(
      new DeleteItemCommand({ TableName, Key: marshall({ accountId, item }) }),
    );
  });

  it('refuses a market without a policy as bad input', async () => {
    const { marketTable: TableName } = services.config;
    const Key = marshall({ kind: 'policy', id: 'default' });
    await services.dynamo.send(new DeleteItemCommand({ TableName, Key }));
    const { code, err } = await stress();
    expect(code).toBe(2);
    expect(err).toMatch(/^margin: .*policy\/default.*\n$/);
  });
});
