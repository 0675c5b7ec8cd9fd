/**
 * `npm run bench:crash`: a crash of a large book with certificates and workers, through the real
 * handler on an AWS in memory, and the same crash in another way: the orders must be the same. A venue
 * closes what was ordered before the next check. Without `--prices` all prices fall by 20 % in ten
 * checks.
 *
 * Seconds are those of the processor, without connections and without the AWS in memory. Workers share
 * it with the check here; in AWS each has its own, so the check would take `check` + `workers` ÷ their
 * number, plus the time that answers take.
 */
import { Command, Option } from 'commander';
import { whole } from '../../local/cli/arguments.ts';
import { tableOf } from '../../local/cli/table.ts';
import { CrashBook, evenFall, pathIn } from './crash-book.ts';
import { crash, type Measured, type Way } from './crash-world.ts';

const CHECKS = 10;
const FALL = 0.2;

interface Options {
  readonly accounts: number;
  readonly workers: number;
  readonly least: number;
  readonly against: 'reading' | 'scan' | 'nothing';
  readonly timeout?: number;
  readonly prices?: string;
  readonly asset: string;
  readonly from: string;
  readonly minutes: number;
  readonly holders: number;
}

const options = new Command('bench:crash')
  .option('--accounts <count>', 'accounts of the book', whole(1, 10_000_000), 100_000)
  .option('--workers <count>', 'at once', whole(1, 50), 8)
  .option('--least <count>', 'accounts that are worth workers', whole(1, 1_000_000), 2_000)
  .addOption(
    new Option('--against <way>', 'what the orders are compared with: no workers, no certificates')
      .choices(['reading', 'scan', 'nothing'])
      .default('reading'),
  )
  .option(
    '--timeout <seconds>',
    'of the function: what is left then counts as not reached',
    whole(1, 900),
  )
  .option('--prices <csv>', 'the path of the price of one asset, a check a minute')
  .option('--asset <name>', 'with --prices', 'AVAX')
  .option('--from <time>', 'with --prices: ISO 8601', '2025-10-10T21:12:00Z')
  .option('--minutes <count>', 'with --prices', whole(1, 1_440), 15)
  .option(
    '--holders <count>',
    'with --prices: one account in so many holds the asset',
    whole(1, 1_000),
    10,
  )
  .parse()
  .opts<Options>();

const { accounts, workers, least: accountsMin, against, prices, timeout: timeoutSeconds } = options;
const path = prices === undefined ? evenFall(FALL, CHECKS) : await pathIn(prices, options);
const book = new CrashBook(path, options.holders);
const shared = { accounts, book, accountsMin, multiples: path.multiples };

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '' : (milliseconds / 1_000).toFixed(1);

const MEGABYTE = 2 ** 20;

function rowOf({ multiple, summary, ...each }: Measured): string[] {
  const { checkMs, workersMs, orders } = each;
  return [
    `${((multiple - 1) * 100).toFixed(1)} %`,
    String(summary.accounts - (summary.certificates?.certified ?? 0)),
    String(summary.workers?.accounts ?? 0),
    String(orders.length),
    seconds(checkMs),
    seconds(workersMs),
    seconds(checkMs + workersMs / workers),
    seconds(each.firstOrderMs),
    seconds(each.lastOrderMs),
    String(summary.unreached),
    String(Math.round(each.rssBytes / MEGABYTE)),
  ];
}

const HEAD = [
  ...['price', 'read', 'by workers', 'orders', 'check s', 'workers s', 'would take s'],
  ...['first order after s', 'last order after s', 'not reached', 'MB'],
];

async function run(what: string, way: Partial<Way>): Promise<Measured[]> {
  const given = { hasCertificates: true, workers: 0, ...shared, ...way };
  const measured = await crash(given, ({ multiple }) =>
    process.stderr.write(`${what} ${multiple.toFixed(3)}\n`),
  );
  process.stdout.write(`${what}, ${accounts} accounts\n${tableOf(HEAD, measured.map(rowOf))}\n`);
  return measured;
}

const measured = await run(`${workers} workers`, { workers, timeoutSeconds });
if (against !== 'nothing') {
  const other =
    against === 'reading'
      ? await run('without workers', {})
      : await run('without certificates', { hasCertificates: false });
  compareOrders(measured, other);
}

function compareOrders(one: readonly Measured[], other: readonly Measured[]): void {
  for (const [index, { summary, orders }] of one.entries()) {
    const isSame = JSON.stringify(orders) === JSON.stringify(other[index]?.orders);
    const missed = summary.unreached + (other[index]?.summary.unreached ?? 0);
    if (isSame && missed === 0 && summary.isComplete) continue;
    throw new Error(
      `check ${index + 1}: the orders differ, or ${missed} accounts were not reached`,
    );
  }
  process.stdout.write('the same orders in both, and every account was reached\n');
}
