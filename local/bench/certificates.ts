/**
 * `npm run bench:certificates -- [accounts]`: what it costs to certify an account, beside the screen
 * of a check, and to ask all certificates at once. The accounts of the pass have five columns each.
 */
import Table from 'cli-table3';
import { screenAccount } from '../../lambda/accounts/assess-account.ts';
import { subAccounts } from '../../lambda/margin/book/account.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import { type Certificate, certify } from '../../lambda/margin/certificate/certify.ts';
import { Columns } from '../../lambda/margin/certificate/columns.ts';
import { ENVELOPE } from '../../lambda/margin/certificate/envelope.ts';
import { Screen } from '../../lambda/margin/certificate/screen.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { randomStream } from '../analysis/random.ts';
import type { MarketRow } from '../aws/rows.ts';
import { BENCH_START, benchAccount, benchMarket } from './book.ts';
import { median } from './median.ts';

const CERTIFIED = 5_000;
const RUNS = 7;
const FACTORS = 200;
const COLUMNS_EACH = 5;

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(100_000, 1_000_000);

function snapshotOf(rows: readonly MarketRow[]): Snapshot {
  const { market } = readMarket(rows);
  return takeSnapshot({ market, asOf: BENCH_START, gapSeconds: 60, previousPrices: new Map() });
}

const millisecondsOf = (work: () => void): number => {
  const start = performance.now();
  work();
  return performance.now() - start;
};

/** Microseconds an account: a certificate of a book that is there, and reading and screening. */
function certifying(): readonly [number, number] {
  const snapshot = snapshotOf(benchMarket());
  const rows = Array.from({ length: CERTIFIED }, (_, index) => ({
    accountId: `account-${index}`,
    rows: benchAccount(index),
  }));
  const accounts = rows.map(({ accountId, rows: own }) => {
    const reading = readAccount(accountId, own);
    if (!reading.ok) throw new Error(reading.reasons.map(({ detail }) => detail).join('; '));
    return subAccounts(reading.account).map((subAccount) => {
      const built = buildBook(subAccount, snapshot);
      if (!built.ok) throw new Error(built.reasons.map(({ detail }) => detail).join('; '));
      return { subAccount, book: built.book };
    });
  });
  const columns = new Columns(snapshot, ENVELOPE);
  const times = Array.from({ length: RUNS }, () => [
    millisecondsOf(() => {
      for (const { subAccount, book } of accounts.flat()) {
        const { ok } = certify(subAccount, book, { snapshot, columns });
        if (!ok) throw new Error('it cannot be certified');
      }
    }),
    millisecondsOf(() => {
      for (const each of rows) screenAccount(each, snapshot);
    }),
  ]);
  const each = (index: number) =>
    (median(times.map((pair) => pair[index] ?? Number.NaN)) * 1000) / CERTIFIED;
  return [each(0), each(1)];
}

const feedOf = (index: number): string => `F${index}-USD`;

function wideMarket(): MarketRow[] {
  const factors = Array.from({ length: FACTORS }, (_, index) => index);
  return [
    { kind: 'policy', id: 'default' },
    ...factors.flatMap((index): MarketRow[] => [
      { kind: 'risk', id: `F${index}`, volatility: '0.8' },
      { kind: 'asset', id: `F${index}`, feed: feedOf(index) },
      {
        kind: 'quote',
        id: `${feedOf(index)}#venue`,
        price: '100',
        publishedAt: String(BENCH_START),
      },
    ]),
  ];
}

/** Popular factors first, as books have them. */
function drawn(columns: Columns, count: number): Certificate[] {
  const { uniform: random } = randomStream(1, 'certificates');
  return Array.from({ length: count }, () => ({
    x0: 5_000 * random(),
    toLiquidation: 1_000 * random(),
    equity: 10_000,
    decay: 0.01,
    owed: 0.001,
    until: BENCH_START + 86_400_000,
    entries: Array.from({ length: COLUMNS_EACH }, () => {
      const slope = 2_000 * (random() - 0.5);
      const column = columns.factor(feedOf(Math.floor(FACTORS * random() ** 3)));
      const steep = Math.abs(slope);
      return { column, down: slope, up: -slope, slopeDown: steep, slopeUp: steep, equity: slope };
    }),
    exposures: [],
  }));
}

function passOver(accounts: number): { readonly milliseconds: number; readonly suspects: number } {
  const snapshot = snapshotOf(wideMarket());
  const columns = new Columns(snapshot, ENVELOPE);
  const screen = new Screen(columns);
  const some = drawn(columns, 10_000);
  for (let account = 0; account < accounts; account++) {
    screen.add(account, some[account % some.length] as Certificate);
  }
  let suspects = 0;
  const times = Array.from({ length: RUNS }, () =>
    millisecondsOf(() => {
      suspects = screen.suspects(snapshot).length;
    }),
  );
  return { milliseconds: median(times), suspects };
}

const [certificate, screening] = certifying();
console.log(
  `an account of four rows: certify ${certificate.toFixed(1)} µs, read and screen ` +
    `${screening.toFixed(1)} µs, ratio ${(certificate / screening).toFixed(2)}`,
);
const table = new Table({
  head: ['accounts', 'pass', 'for a million', 'suspects', 'memory'],
  style: { head: [], border: [] },
});
for (const accounts of sizes) {
  const before = process.memoryUsage().arrayBuffers;
  const { milliseconds, suspects } = passOver(accounts);
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6;
  table.push([
    accounts.toLocaleString('en-US'),
    `${milliseconds.toFixed(1)} ms`,
    `${((milliseconds / accounts) * 1e6).toFixed(0)} ms`,
    suspects.toLocaleString('en-US'),
    `${megabytes.toFixed(0)} MB`,
  ]);
}
console.log(table.toString());
