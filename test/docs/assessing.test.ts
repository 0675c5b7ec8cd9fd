import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeDocument } from '../../lambda/record/write-document.ts';
import { parseExactJson, writeExactJson } from '../../lambda/rows/numeral.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { readDocument, snapshotOf } from '../../local/analysis/document.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/assessing.md'), 'utf8');

/** Each document by the heading above it. */
const DOCUMENTS = PAGE.split(/^#+ /m).flatMap((section) => {
  const [title = ''] = section.split('\n');
  return [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => [title, text]);
}) as [title: string, text: string][];

test('the page has a document for every family of rules', () => {
  expect(DOCUMENTS).toHaveLength(12);
});

test.each(DOCUMENTS)('%s: every row is read and written back', (_, text) => {
  const evidence = readDocument(parseExactJson(text));
  expect(snapshotOf(evidence).faults).toEqual([]);
  for (const { accountId, rows } of evidence.accounts) {
    expect(readAccount(accountId, rows)).toMatchObject({ ok: true });
  }
  const written = writeExactJson(writeDocument(evidence));
  expect(readDocument(parseExactJson(written))).toEqual(evidence);
});

test.each(DOCUMENTS)('%s: every row that another row names exists', (_, text) => {
  const document = JSON.parse(text);
  const { assets = {}, locations = {}, instruments = {}, risk = {}, quotes } = document;
  const feeds = quotes.map(({ feed }: { feed: string }) => feed);
  for (const each of Object.values<Record<string, string>>(instruments)) {
    expect(risk).toHaveProperty([String(each.riskClass)]);
    expect(feeds).toContain(each.underlying);
    expect({ USD: {}, ...assets }).toHaveProperty([String(each.settlementAsset)]);
  }
  for (const each of Object.values<Record<string, string>>(assets)) {
    expect(feeds).toContain(each.feed);
  }
  for (const { balances = [], positions = [] } of document.accounts) {
    for (const { asset, location } of balances) {
      expect({ USD: {}, ...assets }).toHaveProperty([asset]);
      if (location !== undefined) expect(locations).toHaveProperty([location]);
    }
    for (const { instrument } of positions) expect(instruments).toHaveProperty([instrument]);
  }
});
