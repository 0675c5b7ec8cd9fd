/** The documents in docs/assessing.md, to be modified and assessed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SubAccount, subAccounts } from '../../lambda/margin/book/account.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { readDocument, snapshotOf } from '../../local/analysis/document.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/assessing.md'), 'utf8');

export interface Document {
  policy: Record<string, unknown>;
  assets: Record<string, Record<string, unknown>>;
  instruments: Record<string, Record<string, unknown>>;
  risk: Record<string, Record<string, unknown>>;
  quotes: Record<string, unknown>[];
  accounts: {
    accountId: string;
    balances: Record<string, unknown>[];
    positions: Record<string, unknown>[];
  }[];
}

export function documentUnder(title: string): Document {
  const section = PAGE.split(/^#+ /m).find((each) => each.startsWith(`${title}\n`)) ?? '';
  const [, text] = /^```json\n(.*?)^```$/ms.exec(section) ?? [];
  if (text === undefined) throw new Error(`there is no document under ${title}`);
  return JSON.parse(text);
}

export const evidenceOf = (document: Document): Evidence =>
  readDocument(parseExactJson(JSON.stringify(document)));

/** The market of a document and the cross book of its first account. */
export function marketAndBook(document: Document): {
  readonly snapshot: Snapshot;
  readonly cross: SubAccount;
} {
  const evidence = evidenceOf(document);
  const [account] = evidence.accounts;
  const read = readAccount(account?.accountId ?? '', account?.rows ?? []);
  if (!read.ok) throw new Error(read.reasons.map(({ detail }) => detail).join('; '));
  const [cross] = subAccounts(read.account);
  if (cross === undefined) throw new Error('an account always has a cross book');
  return { snapshot: snapshotOf(evidence).snapshot, cross };
}
