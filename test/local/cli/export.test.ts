import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { type Assessment, assessEvidence } from '../../../local/analysis/assess-document.ts';
import { readDocument } from '../../../local/analysis/document.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { KINDS } from '../../../local/load/kinds.ts';
import { type BookRow, readBook } from '../../../local/load/read-book.ts';
import { runMargin } from './margin.ts';

let services: Services;
let rows: readonly BookRow[];
let folder: string;
beforeAll(async () => {
  services = await startServices();
  rows = (await readBook('docs/examples/book', Date.now())).rows;
  await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});
afterAll(() => services.close());

const margin = (...words: readonly string[]) => runMargin(services, ...words);
const byAccount = (all: readonly Assessment[]) =>
  all.toSorted((left, right) => (left.accountId < right.accountId ? -1 : 1));

describe('margin export', () => {
  it('writes a document that assesses as the files that were loaded', async () => {
    const file = join(folder, 'book.json');
    const { code, out } = await margin('export', file, '--environment');
    expect([code, out]).toEqual([0, '']);
    expect(await readdir(folder)).toEqual(['book.json']);
    const document = readDocument(parseExactJson(await readFile(file, 'utf8')));
    const of = (table: 'market' | 'accounts') =>
      rows.filter(({ kind }) => KINDS[kind].table === table).map(({ row }) => row);
    const accounts = [...groupBy(of('accounts'), ({ accountId }) => String(accountId))];
    const original = {
      ...document,
      marketRows: of('market'),
      accounts: accounts.map(([accountId, own]) => ({ accountId, rows: own })),
    };
    const found = byAccount(assessEvidence(document).assessments);
    expect(found).toHaveLength(7);
    expect(found).toEqual(byAccount(assessEvidence(original).assessments));
  });

  it('writes single accounts to standard output', async () => {
    const { code, out, err } = await margin('export', '--account', 'borrower', '--environment');
    expect(code).toBe(0);
    expect(JSON.parse(out).accounts).toMatchObject([{ accountId: 'borrower' }]);
    expect(err).toContain('1 of 1 accounts');
  });

  it.each([
    [['--account', 'nobody'], 'has no rows of this account'],
    [['/nowhere/book.json'], '/nowhere/book.json: no such file or directory'],
  ])('refuses %j in one line, with exit code 2', async (words, fault) => {
    const { code, out, err } = await margin('export', ...words, '--environment');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(fault);
  });
});
