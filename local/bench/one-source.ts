/**
 * `npm run bench:one-source -- --prices <csv>`: a book of accounts on one feed over a price history,
 * with a check at each price, once with one source and once with two that agree. It counts the
 * verdicts at each check, and by how many checks one source is behind: exit code 1 if by more than
 * one.
 */
import { Command } from 'commander';
import { InputError } from '../cli/input.ts';
import { BAD_INPUT, FINDING } from '../cli/output.ts';
import { tableOf } from '../cli/table.ts';
import { timeCell } from '../history/cells.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';
import { timeText } from '../report/figures.ts';
import { oneSourceAccount } from './one-source-book.ts';
import { type Lag, lagsOf } from './one-source-lag.ts';
import { type Check, type Print, runBook, VERDICTS, type Verdict } from './one-source-run.ts';

const program = new Command('bench:one-source')
  .requiredOption('--prices <csv>', 'price history; each price is that of one check')
  .option('--from <time>', 'time of the first check, ISO 8601 in UTC; default: the first price')
  .option('--checks <count>', 'number of checks', '60')
  .option('--accounts <count>', 'accounts of the book', '1000')
  .option('--seed <number>', 'of the book', '1')
  .option('--json', 'print JSON')
  .parse();
const options = program.opts<{
  prices: string;
  from?: string;
  checks: string;
  accounts: string;
  seed: string;
  json?: boolean;
}>();

/** The close of each span, at its end. */
function printsOf({ file, spans }: PriceHistory): Print[] {
  const from = options.from === undefined ? 0 : timeCell(options.from);
  const { end, close } = spans;
  const first = end.findIndex((time) => time >= from);
  const prints = Array.from(end).slice(first, first + Number(options.checks));
  if (first < 0 || prints.length === 0) {
    throw new InputError(`${file}: --from and --checks leave no price; the file has ${end.length}`);
  }
  return prints.map((time, index) => ({ asOf: time * 1000, price: at(close, first + index) }));
}

const countOf = ({ verdicts }: Check, verdict: Verdict): number =>
  verdicts.filter((each) => each === verdict).length;

interface Result {
  readonly prints: readonly Print[];
  readonly one: readonly Check[];
  readonly two: readonly Check[];
  readonly lags: readonly Lag[];
}

const rowsOf = ({ prints, one, two }: Result) =>
  prints.map(({ asOf, price }, index) => {
    const counts = (run: readonly Check[]) =>
      VERDICTS.map((verdict) => countOf(run[index] as Check, verdict));
    return { time: timeText(asOf), price, one: counts(one), two: counts(two) };
  });

function checkTable(result: Result): string {
  const heads = ['one', 'two'].flatMap((which) => VERDICTS.map((name) => `${which}: ${name}`));
  const rows = rowsOf(result).map(({ time, price, one, two }) => [time, price, ...one, ...two]);
  return tableOf(['time', 'price', ...heads], rows, 0);
}

function lagTable({ lags }: Result): string {
  const head = ['first', 'same check', 'one later', 'price was back', 'later'];
  const rows = lags.map(({ what, sameCheck, oneCheckLater, priceWasBack, later }) => {
    return [what, sameCheck, oneCheckLater, priceWasBack, later];
  });
  return tableOf(head, rows);
}

async function run(): Promise<Result> {
  const history = await readHistory(options.prices);
  const prints = printsOf(history);
  const opening = { price: prints[0]?.price ?? Number.NaN, seed: Number(options.seed) };
  const accounts = Array.from({ length: Number(options.accounts) }, (_, index) => ({
    accountId: `account-${index}`,
    rows: oneSourceAccount(index, opening),
  }));
  const given = { prints, gapSeconds: history.samplingSeconds, accounts };
  const one = runBook({ ...given, sources: 1 });
  const two = runBook({ ...given, sources: 2 });
  return { prints, one, two, lags: lagsOf({ one, two }) };
}

try {
  const result = await run();
  const { lags } = result;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ checks: rowsOf(result), lags }, null, 2)}\n`
      : `${checkTable(result)}\n${lagTable(result)}\n`,
  );
  if (lags.some(({ later }) => later > 0)) process.exitCode = FINDING;
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  program.error(error.message, { exitCode: BAD_INPUT });
}
