/**
 * `npm run bench:read-share -- --prices <csv> [--prices <csv> …]`: the share of a book that a check
 * with certificates reads over a price history, beside the share that is really doubtful. Exit code 1
 * if a certificate was worth more than its account.
 */
import { basename } from 'node:path';
import { Command } from 'commander';
import { whole } from '../cli/arguments.ts';
import { InputError } from '../cli/input.ts';
import { BAD_INPUT, FINDING } from '../cli/output.ts';
import { startProgress } from '../cli/progress.ts';
import { tableOf, wrapped } from '../cli/table.ts';
import { timeCell } from '../history/cells.ts';
import { readHistory } from '../history/read-history.ts';
import { count, counted, duration, percent } from '../report/figures.ts';
import { CALLED_SECONDS, SCANNED_FROM, TRADED_SECONDS } from './read-share/checked-book.ts';
import { BETA, checksAlong, FACTORS, NOISE } from './read-share/factors.ts';
import { COIN_WEIGHT, TIERS } from './read-share/market.ts';
import { IN_COIN, POPULATIONS, type Population } from './read-share/populations.ts';
import {
  BEYOND_MOST,
  type ReadShare,
  readShares,
  type Shares,
  type SharesOfChecks,
} from './read-share/read-share.ts';

const program = new Command('bench:read-share')
  .requiredOption(
    '--prices <csv>',
    'price history; repeat it for several',
    (path: string, before: readonly string[] = []) => [...before, path],
  )
  .option('--accounts <count>', 'accounts of each population', whole(100, 10_000_000), 20_000)
  .option('--interval <seconds>', 'between two checks', whole(1, 3600), 60)
  .option('--sources <count>', 'of each price: with one, a jump is in doubt', whole(1, 2), 2)
  .option('--from <time>', 'time of the first check, ISO 8601 in UTC; default: the first price')
  .option('--until <time>', 'no check from then on; default: the last price')
  .option('--seed <number>', 'of populations and factors', whole(0, 0xffff_ffff), 1)
  .option('--json', 'print JSON')
  .parse();
const options = program.opts<{
  prices: readonly string[];
  accounts: number;
  interval: number;
  sources: number;
  from?: string;
  until?: string;
  seed: number;
  json?: boolean;
}>();

interface Result {
  readonly file: string;
  readonly shares: readonly ReadShare[];
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : timeCell(text));

async function run(path: string): Promise<Result> {
  const history = await readHistory(path);
  const file = basename(path);
  const { accounts, interval: intervalSeconds, sources, seed } = options;
  const [from, until] = [timeOf(options.from), timeOf(options.until)];
  const input = { history, accounts, intervalSeconds, sources, seed, from, until };
  const progress = startProgress({ total: checksAlong(input).time.length, unit: 'checks' });
  const shares = readShares(input, (done) => progress.advance(done, file));
  progress.stop();
  return { file, shares };
}

const populationText = ({ name, leverage, equity, factors, long }: Population): string =>
  `${name}: leverage ${leverage.median} (${leverage.spread}, at most ${leverage.most}), equity ` +
  `${count(equity.median)} USD (${equity.spread}), ${factors.fewest} to ${factors.most} factors, ` +
  `${percent(long)} long`;

function assumptions(): string {
  const rates = TIERS.map(({ maintenance }) => percent(Number(maintenance))).join(', ');
  const floors = TIERS.map(({ floor }) => count(Number(floor))).join(', ');
  return [
    ...POPULATIONS.map(populationText),
    'Leverage and equity are log-normal: median (deviation of the logarithm).',
    `${percent(IN_COIN)} of the accounts have coin of weight ${COIN_WEIGHT} as collateral. ` +
      `Maintenance ${rates} from ${floors} USD, initial twice that, call line at 1.25.`,
    'Nobody opens below the initial requirement and the latency buffer. ' +
      `Every account changes once in ${duration(TRADED_SECONDS)}; a called one after ` +
      `${duration(CALLED_SECONDS)} on average, a liquidated one at the next check.`,
    `${FACTORS} factors: the history, and others with a beta of ${BETA.least} to ${BETA.most} and ` +
      `noise of ${NOISE} of its volatility. ` +
      (options.sources > 1 ? 'Two sources agree on each price.' : 'One source reports each price.'),
  ]
    .map((text) => wrapped(text))
    .join('\n');
}

const HEAD = [
  ...['book', 'hours', 'read', 'not proved', 'doubtful'],
  ...['checks', 'missed', 'by renewal', 'scans'],
];

const cell = ({ median, p99, most }: Shares): string =>
  [median, p99, most].map((share) => (100 * share).toFixed(2)).join(' / ');

function rowOf(name: string, hours: string, of: SharesOfChecks): (string | number)[] {
  const { read, unproved, doubtful, checks, missed, missedByRenewal, scans } = of;
  const each = [read, unproved, doubtful].map(cell);
  return [name, hours, ...each, checks, missed, missedByRenewal, scans];
}

const sentenceFor = ({ population, all, ...share }: ReadShare): string =>
  `${population}, ${counted(share.accounts, 'account')}: ${percent(share.renewals)} renewed a day; ` +
  `most in a check: ${percent(all.renewed.most)} renewed, ${percent(all.recovered.most)} recovered. ` +
  `${counted(share.compared, 'certificate')} compared, ${count(share.unsound)} unsound; ` +
  `${counted(share.uncertified, 'healthy account')} refused one.`;

function tableFor({ file, shares }: Result): string {
  const rows = shares.flatMap(({ population, all, calm }) => [
    rowOf(population, 'all', all),
    rowOf('', 'calm', calm),
  ]);
  const lines = shares.map(sentenceFor);
  return [`\n${file}`, tableOf(HEAD, rows, 2), ...lines.map((line) => wrapped(line))].join('\n');
}

const LEGEND = [
  'Shares of the book in %: median / 99th percentile / most over all checks.',
  'read: accounts that have changed or are not proved healthy; not proved: without those that have ' +
    'changed; doubtful: not certainly healthy by the exact figure.',
  `missed: checks with read > doubtful + changed + slice + ${percent(BEYOND_MOST)} of the book ` +
    '(the slice of every check is on both sides).',
  'Recovered accounts, doubtful at the check before, have no certificate yet; renewed accounts ' +
    'have one that proves nothing any more, and are healthy. by renewal: missed, recovered accounts ' +
    'not counted.',
  `scans: checks with more than ${percent(SCANNED_FROM)} to read, which read every account instead.`,
  'calm: the half of the hours in which the price moves least.',
]
  .map((text) => wrapped(text))
  .join('\n');

try {
  const results: Result[] = [];
  for (const path of options.prices) results.push(await run(path));
  const text = [assumptions(), '', LEGEND, ...results.map(tableFor)].join('\n');
  process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `${text}\n`);
  const isUnsound = results.some(({ shares }) => shares.some(({ unsound }) => unsound > 0));
  if (isUnsound) process.exitCode = FINDING;
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  program.error(error.message, { exitCode: BAD_INPUT });
}
