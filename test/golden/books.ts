/** Decisions about fixed books: those of the benchmarks, random ones, and variations of documents. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../lambda/accounts/decision.ts';
import { NO_CASE } from '../../lambda/margin/case/case.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { writeCaseState } from '../../lambda/record/case-state.ts';
import { parseExactJson, writeExactJson } from '../../lambda/rows/numeral.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { renderSubAccount } from '../../local/analysis/assess-document.ts';
import { readDocument, snapshotOf } from '../../local/analysis/document.ts';
import { randomStream } from '../../local/analysis/random.ts';
import { BENCH_START, benchAccount, benchMarket } from '../../local/bench/book.ts';
import { breachedAccount, breachedMarket } from '../../local/bench/breached-book.ts';
import { NOW } from '../lambda/margin/build.ts';
import { anyBook } from '../lambda/margin/random-book.ts';
import { type Digests, digestsOf } from './demo.ts';
import { Collection } from './digest.ts';

const ROOT = join(import.meta.dirname, '../..');
const BENCH_ACCOUNTS = 400;
const BREACHED_ACCOUNTS = 1_000;
const RANDOM_BOOKS = 400;
const VARIATIONS = 25;

export function bookDigests(): Digests {
  return digestsOf({
    'decisions of the benchmark': benchmark(benchMarket(), BENCH_ACCOUNTS, benchAccount),
    'decisions of breached accounts': benchmark(
      breachedMarket(),
      BREACHED_ACCOUNTS,
      breachedAccount,
    ),
    'decisions of random books': randomBooks(),
    'decisions of documents': documents(),
  });
}

type Rows = AccountRows['rows'];

function benchmark(marketRows: Rows, count: number, accountOf: (index: number) => Rows) {
  const { market } = readMarket(marketRows);
  const snapshot = takeSnapshot({
    market,
    asOf: BENCH_START,
    gapSeconds: 60,
    previousPrices: new Map(),
  });
  const decisions = new Collection();
  for (let index = 0; index < count; index++) {
    addDecisions(decisions, { accountId: `account-${index}`, rows: accountOf(index) }, snapshot);
  }
  return decisions;
}

function randomBooks(): Collection {
  const decisions = new Collection();
  for (const { market, account } of fc.sample(anyBook(), { numRuns: RANDOM_BOOKS, seed: 7 })) {
    const { quotes = {}, ...maps } = market;
    const document = {
      asOf: NOW,
      ...maps,
      quotes: Object.entries(quotes).map(([id, quote]) => {
        const [feed, source] = id.split('#');
        return { feed, source, ...quote };
      }),
      accounts: [{ accountId: 'account', ...account }],
    };
    addDocument(decisions, document);
  }
  return decisions;
}

/** Each document as it stands, and with other holdings. */
function documents(): Collection {
  const decisions = new Collection();
  for (const text of documentTexts()) {
    addDocument(decisions, parseExactJson(text));
    for (let seed = 0; seed < VARIATIONS; seed++) {
      addDocument(decisions, varied(JSON.parse(text), seed));
    }
  }
  return decisions;
}

function documentTexts(): string[] {
  const page = readFileSync(join(ROOT, 'docs/assessing.md'), 'utf8');
  const examples = readdirSync(join(ROOT, 'docs/examples')).filter((name) =>
    name.endsWith('.json'),
  );
  return [
    ...[...page.matchAll(/^```json\n(.*?)^```$/gms)].flatMap(([, text]) => text ?? []),
    ...examples.map((name) => readFileSync(join(ROOT, 'docs/examples', name), 'utf8')),
  ].filter((text) => text.includes('"accounts"'));
}

type Row = Record<string, unknown>;

function varied(document: { accounts: { balances?: Row[]; positions?: Row[] }[] }, seed: number) {
  const random = randomStream(seed, 'golden');
  const scaled = (row: Row, name: string) => {
    if (row[name] === undefined) return row;
    const scale = random.wholeBetween(-30, 60) / 10;
    return { ...row, [name]: (Number(row[name]) * scale).toFixed(3) };
  };
  const accounts = document.accounts.map(({ balances = [], positions = [], ...account }) => ({
    ...account,
    balances: balances.map((row) => scaled(row, 'amount')),
    positions: positions.map((row) => scaled(row, 'quantity')),
  }));
  return parseExactJson(JSON.stringify({ ...document, accounts }));
}

function addDocument(decisions: Collection, document: unknown): void {
  const evidence = readDocument(parseExactJson(writeExactJson(document)));
  const { snapshot, faults } = snapshotOf(evidence);
  decisions.add({ faults });
  for (const account of evidence.accounts) addDecisions(decisions, account, snapshot);
}

function addDecisions(decisions: Collection, account: AccountRows, snapshot: Snapshot): void {
  for (const subject of assessAccount(account, snapshot)) {
    const context = { checkId: '2020-03-12T11:00:00.000Z', snapshot };
    const { next, messages } = decideSubAccount(subject, NO_CASE, context);
    decisions.add({
      assessment: renderSubAccount(subject, snapshot),
      after: writeCaseState(next),
      messages,
    });
  }
}
