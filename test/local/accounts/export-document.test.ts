import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Evidence } from '../../../lambda/record/evidence.ts';
import { Numeral, parseExactJson } from '../../../lambda/rows/numeral.ts';
import { documentText } from '../../../local/accounts/export-document.ts';
import { assessEvidence } from '../../../local/analysis/assess-document.ts';
import { readDocument } from '../../../local/analysis/document.ts';
import { inLots } from '../../../local/stress/book.ts';

async function exported({ marketRows: rows, accounts, ...market }: Evidence): Promise<string> {
  let text = '';
  const of = { market: { ...market, rows }, accounts: inLots(accounts).accounts };
  for await (const piece of documentText(of)) text += piece;
  return text;
}

const evidenceIn = (path: string) => readDocument(parseExactJson(readFileSync(path, 'utf8')));

it.each(['docs/examples/book.json', 'docs/examples/portfolio.json'])(
  '%s assesses identically after an export, unreadable accounts too',
  async (path) => {
    const evidence = evidenceIn(path);
    const again = readDocument(parseExactJson(await exported(evidence)));
    expect(again.marketRows).toEqual(evidence.marketRows);
    expect(assessEvidence(again)).toEqual(assessEvidence(evidence));
  },
);

it('keeps every digit, rows that nobody can read, and rows of other kinds', async () => {
  const long = new Numeral('0.12345678901234567890123456789012345678');
  const evidence = evidenceIn('docs/examples/book.json');
  const marketRows = [
    ...evidence.marketRows,
    { kind: 'fund', id: 'desk', paidIn: long },
    { kind: 'quote', id: 'no-source', price: '1' },
    { kind: 'policy', id: 'other' },
    { kind: 'unheard-of', id: 'x', list: [null, long] },
  ];
  const rows = [{ accountId: 'long', item: 'balance#USD', asset: 'USD', amount: long }];
  const odd = [{ accountId: 'odd', item: 'balance#EUR', asset: 'USD', amount: 'much' }];
  const accounts = [
    { accountId: 'long', rows },
    { accountId: 'odd', rows: odd },
  ];
  const text = await exported({ ...evidence, marketRows, accounts });
  expect(text).toContain(`"amount":${long.text}`);
  const again = readDocument(parseExactJson(text));
  expect(again.marketRows).toHaveLength(marketRows.length);
  expect(again.marketRows).toEqual(expect.arrayContaining(marketRows));
  expect(again.accounts.map((each) => each.rows)).toEqual([rows, odd]);
});

it('writes a document without accounts', async () => {
  const text = await exported({ ...evidenceIn('docs/examples/book.json'), accounts: [] });
  expect(readDocument(parseExactJson(text)).accounts).toEqual([]);
});
