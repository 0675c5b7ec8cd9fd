import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Document, documentUnder } from '../../../docs/documents.ts';
import { runMargin } from '../margin.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assess-'));
});

async function written(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

const portfolio = () => written('portfolio.json', documentUnder('Portfolio model'));

/** The cells of the rows that begin with a name. */
const rowsOf = (out: string, name: string): string[][] =>
  out
    .split('\n')
    .map((line) => line.split('│').map((cell) => cell.trim()))
    .filter(([, first]) => first === name)
    .map((cells) => cells.slice(2, -1));

describe('margin assess --explain', () => {
  it('shows the grid of a portfolio, its worst cell, and how the requirement adds up', async () => {
    const { out, err, code } = await runMargin(
      undefined,
      ...['assess', await portfolio(), '--explain'],
    );
    expect([code, err]).toEqual([0, '']);
    expect(rowsOf(out, 'price')[0]).toEqual(['vol up', 'vol unchanged', 'vol down']);
    expect(rowsOf(out, '+9 %')).toEqual([['-2,066.54', '-310.18', '542.33']]);
    expect(rowsOf(out, '-18 %')).toEqual([['▶ -4,410.67', '', '']]);
    expect(rowsOf(out, '-66 % × 0.21')).toEqual([['-4,335.21', '', '']]);
    expect(rowsOf(out, 'worst loss')).toEqual([
      ['0.8 × 4,410.67 = 3,528.54', '1 × 4,410.67 = 4,410.67'],
    ]);
    expect(rowsOf(out, 'required')).toEqual([['4,428.54', '6,515.21']]);
    expect(out).not.toMatch(/undefined|NaN|\[object/);
  });

  it('shows the charge of each short option on the standard model', async () => {
    const path = await written('netting.json', documentUnder('Netting by expiry'));
    const { out } = await runMargin(undefined, 'assess', path, '--explain');
    expect(rowsOf(out, 'BTC-30JAN26-60000-C').at(-1)).toEqual(['1', '12,000.00', '8,400.00']);
    expect(rowsOf(out, 'netted by expiry, 2026-01-30 08:00')).toEqual([
      ['', '5,000.00', '5,000.00'],
    ]);
    expect(out).toContain('BTC-USD, other requirements: initial 315.00, maintenance 0.00');
  });

  it('says what is unknown about an indeterminate account', async () => {
    const document: Document = documentUnder('Portfolio model');
    document.quotes.splice(0, 1);
    const path = await written('unknown.json', document);
    const { out, code } = await runMargin(undefined, 'assess', path, '--explain');
    expect(code).toBe(0);
    expect(out).toContain(
      'hedged-writer: level open, indeterminate\n- BTC-USD: no usable quote\n┌',
    );
    expect(rowsOf(out, 'liquidation')[0]).toContain('unbounded');
  });
});

describe('margin assess --with', () => {
  it('shows the figures before, after and the change', async () => {
    const order = { instrument: 'BTC-PERP', side: 'buy', quantity: '0.4' };
    const { out, code } = await runMargin(
      undefined,
      ...['assess', await portfolio(), '--with', await written('order.json', order)],
    );
    expect(code).toBe(0);
    expect(out).toContain('hedged-writer: buy 0.4 BTC-PERP at 60,000\n');
    expect(rowsOf(out, 'equity')).toEqual([['29,117.88', '29,117.88', '']]);
    expect(rowsOf(out, 'BTC-USD delta')).toEqual([['0.268843', '0.668843', '+0.4']]);
  });

  it('gives both assessments in full as JSON', async () => {
    const orders = [{ asset: 'BTC', side: 'buy', quantity: '1' }];
    const { out } = await runMargin(
      undefined,
      ...['assess', await portfolio(), '--json', '--with', await written('spot.json', orders)],
    );
    const compared = JSON.parse(out);
    expect(Object.keys(compared)).toEqual(['before', 'after', 'orders', 'acceptance']);
    expect(compared.after[0].equity).toBe(compared.before[0].equity);
    expect(compared.orders).toMatchObject([{ asset: 'BTC', price: '60000' }]);
    expect(compared.acceptance).toMatchObject([{ isAccepted: true, most: { quantities: ['1'] } }]);
  });

  it('says that an order is rejected, and the most that would be accepted: a finding', async () => {
    const order = ['--orders', 'docs/examples/order.json'];
    const { out, code } = await runMargin(undefined, 'assess', 'docs/examples/book.json', ...order);
    expect(code).toBe(1);
    // 27,416.7/(6,092.17·(0.05 + 0.975·0.010028311751)) − 10.
    expect(out).toMatch(/^healthy-long: REJECTED: .*accepted is 32\.64 %: 65\.28434267 BTC-PERP$/m);
  });

  it.each([
    [{ instrument: 'X', side: 'buy', quantity: '1' }, 'the order: there is no instrument X'],
    [{ instrument: 'BTC-PERP', side: 'buy', quantity: '0' }, 'quantity must be above 0, not 0'],
  ])('refuses invalid orders in one line, with exit code 2: %j', async (order, fault) => {
    const path = await written('refused.json', order);
    const { out, err, code } = await runMargin(
      undefined,
      ...['assess', await portfolio(), '--with', path],
    );
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^margin: .*refused\.json: .*\n$/);
    expect(err).toContain(fault);
  });
});

describe('margin assess --withdraw', () => {
  const withdraw = (...words: readonly string[]) =>
    runMargin(undefined, 'assess', 'docs/examples/book.json', ...words);

  it('answers the most, and whether an amount is accepted', async () => {
    const most = await withdraw('--account', 'healthy-long', '--withdraw', 'USD=max');
    expect(most.code).toBe(0);
    expect(most.out).toContain('The most that may be withdrawn is 23774.94 USD.');
    const some = await withdraw(
      '--account',
      'healthy-long',
      '--withdraw',
      'USD=23774.95',
      '--json',
    );
    expect(some.code).toBe(1);
    expect(JSON.parse(some.out).withdrawal).toMatchObject({ isAccepted: false, most: '23774.94' });
  });

  it.each([
    [
      ['--withdraw', 'USD=max'],
      '--withdraw: accountId is missing, and the document has 8 accounts',
    ],
    [['--withdraw', 'USD'], 'Write it as USD=1000, USD=max or USDC@arbitrum=1000.'],
    [['--withdraw', 'USD=-1'], 'The amount must be a decimal above 0, or max.'],
    [['--account', 'hedged', '--withdraw', 'USD=1'], 'hedged has no USD to withdraw; it has BTC'],
    [['--account', 'hedged'], '--account names the account of --withdraw, which is missing'],
  ])('refuses %j in one line, with exit code 2', async (words, fault) => {
    const { out, err, code } = await withdraw(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(fault);
    expect(err.trim()).not.toContain('\n');
  });
});
