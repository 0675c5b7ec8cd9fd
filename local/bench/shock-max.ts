/**
 * `npm run bench:shock-max -- --prices <csv>`: what it costs to charge for more or less of the
 * forecast shock. One book of accounts on one feed over a price history, through the core, at
 * several shares of initial less maintenance; the forecast is the same in each. Nobody pays a call,
 * and orders are filled at the price L later.
 */
import { Command } from 'commander';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { datesOf } from '../backtest/backtest.ts';
import { type Book, runBook } from '../backtest/book.ts';
import type { BookShock } from '../backtest/book-market.ts';
import { DEFAULTS } from '../backtest/parameters.ts';
import type { RunResult } from '../backtest/result.ts';
import { runInterval } from '../backtest/run.ts';
import { startProgress } from '../cli/progress.ts';
import { tableOf } from '../cli/table.ts';
import type { PriceHistory } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';
import { whole } from '../report/figures.ts';
import { FEED, oneSourceAccount, oneSourceMarket } from './one-source-book.ts';

const CHARGES: readonly NonNullable<BookShock['charge']>[] = [0, 0.25, 0.5, 1, 'none'];
const OPENED_AT = 100;
const START = Date.UTC(2026, 0, 1);

const program = new Command('bench:shock-max')
  .requiredOption('--prices <csv>', 'price history')
  .option('--interval <seconds>', 'between two checks', '60')
  .option('--accounts <count>', 'accounts of the book', '400')
  .option('--seed <number>', 'of the book', '1')
  .option('--train-days <days>', 'days from which the forecast learns before the book opens')
  .option('--json', 'print JSON')
  .parse();
const options = program.opts<{
  prices: string;
  interval: string;
  accounts: string;
  seed: string;
  trainDays?: string;
  json?: boolean;
}>();

function bookOf(): Book {
  const market = oneSourceMarket({ price: OPENED_AT, asOf: START, sources: 1 });
  const opening = { price: OPENED_AT, seed: Number(options.seed) };
  const accounts = Array.from({ length: Number(options.accounts) }, (_, index) => ({
    accountId: `account-${index}`,
    rows: oneSourceAccount(index, opening),
  }));
  const none = new Map();
  const evidence = {
    ...{ asOf: START, gapSeconds: Number(options.interval), marketRows: market, accounts },
    ...{ previousPrices: none, volatilities: none, feedClasses: none },
  };
  return { evidence, market: readMarket(market).market, feed: FEED };
}

function forecastOver(history: PriceHistory) {
  const trainDays = options.trainDays === undefined ? undefined : Number(options.trainDays);
  const parameters = { ...DEFAULTS, trainDays };
  const { reportFrom } = datesOf(history, trainDays);
  const intervalSeconds = Number(options.interval);
  const run = runInterval({ history, parameters, intervalSeconds, side: 'both', reportFrom });
  return { parameters, reportFrom, run };
}

const history = await readHistory(options.prices);
const { parameters, reportFrom, run } = forecastOver(history);
const progress = startProgress({ total: CHARGES.length * checksIn(run), unit: 'checks' });
const results = CHARGES.map((charge, index) => {
  const input = { book: bookOf(), history, run, reportFrom, parameters, charge };
  const result = runBook(input, (done) =>
    progress.advance(index * checksIn(run) + done, `charge ${charge}`),
  );
  return { charge, ...result };
});
progress.stop();

function checksIn({ series }: RunResult): number {
  return series.checks.times.filter((time) => time >= reportFrom).length;
}

const HEAD = [
  ...['charged', 'bad debt', 'liquidations', 'by the buffer', 'calls', 'false calls'],
  ...['shortfalls', 'most at shock', 'most that came', 'more than was at shock'],
];

const table = tableOf(
  HEAD,
  results.map((result) => [
    result.charge === 'none' ? 'all' : String(result.charge),
    whole(result.badDebt),
    result.liquidations,
    result.liquidatedByBuffer,
    result.calls,
    result.falseCalls,
    result.shortfalls,
    whole(result.badDebtAtShock),
    whole(result.worstBadDebt),
    result.beyondShockDebt,
  ]),
);
process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `${table}\n`);
