import { type Command, InvalidArgumentError, Option } from 'commander';
import { backtest, withBooks } from '../backtest/backtest.ts';
import { readBook, runBook } from '../backtest/book.ts';
import { DEFAULTS, INTERVALS_DEFAULT, METHODS, type Parameters } from '../backtest/parameters.ts';
import type { BacktestResult } from '../backtest/result.ts';
import { backtestTables } from '../backtest/tables.ts';
import type { PriceHistory } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';
import { InputError } from './input.ts';
import { askedReport, FINDING, note, print, printJson } from './output.ts';
import { type Progress, startProgress } from './progress.ts';

interface BacktestOptions extends Parameters {
  readonly prices: string;
  readonly intervals?: readonly number[];
  readonly confidences: readonly number[];
  readonly side: 'long' | 'short' | 'both';
  readonly maxGap?: number;
  readonly book?: string;
  readonly feed?: string;
  readonly series?: boolean;
  readonly json?: boolean;
  readonly report?: string;
}

export function declareBacktest(program: Command): void {
  const command = program
    .command('backtest')
    .summary('test the latency buffer on a price history')
    .description(
      'Test whether the latency buffer holds on a price history (docs/backtest.md). Exit code 1 ' +
        'if its coverage lies outside Kupiec’s 95 % region.',
    )
    .requiredOption(
      '--prices <file>',
      'CSV with time and price, or time, open, high, low, close; - reads standard input',
    )
    .option(
      '--intervals <list>',
      `seconds between checks (default: ${INTERVALS_DEFAULT.join()})`,
      listOf('numbers above 0'),
    )
    .option(
      '--confidence <list>',
      'confidence levels of the buffer',
      listOf('numbers between 0 and 1', isShare),
      [DEFAULTS.confidence],
    )
    .addOption(
      new Option('--side <side>', 'side of the position')
        .choices(['long', 'short', 'both'])
        .default('both'),
    )
    .addOption(
      new Option('--method <method>', 'how the quantile is found: tracked is the check’s own way')
        .choices(METHODS)
        .default(DEFAULTS.method),
    )
    .option(
      '--quantile <z>',
      'fixed quantile, or start of a tracked one (default: Student-t’s)',
      positive,
    )
    .option('--train-days <n>', 'days to fit on (default: a quarter of the file)', positive)
    .option(
      '--half-life <seconds>',
      'half-life of the volatility (default: 12 intervals, at least 1800)',
      positive,
    )
    .option(
      '--stress <volatility>',
      'annual stress volatility (default: found on the training days)',
      positive,
    );
  const { degrees, trackingStep, floor, cap, stressWeight } = DEFAULTS;
  const { executionSeconds, jumpFloor, slippage, maintenance } = DEFAULTS;
  command
    .option('--stress-weight <share>', 'weight of the stress volatility', weight, stressWeight)
    .option('--floor <volatility>', 'lowest annual volatility', notNegative, floor)
    .option('--cap <volatility>', 'highest annual volatility', positive, cap)
    .option('--degrees <n>', 'degrees of freedom of Student-t, above 2', positive, degrees)
    .option(
      '--tracking-step <share>',
      'how much an exceedance raises the quantile',
      positive,
      trackingStep,
    )
    .option(
      '--execution <seconds>',
      'time from an order to its fill',
      notNegative,
      executionSeconds,
    )
    .option('--jump-floor <fraction>', 'jump floor, added to the buffer', notNegative, jumpFloor)
    .option(
      '--slippage <fraction>',
      'slippage, part of the buffer and of each loss',
      notNegative,
      slippage,
    )
    .option(
      '--maintenance <fraction>',
      'maintenance margin that is left when the buffer is used up',
      notNegative,
      maintenance,
    )
    .option('--max-gap <seconds>', 'rows further apart than this have a gap between them', positive)
    .option(
      '--book <file>',
      'also assess this document at each check, with the prices of the history',
    )
    .option('--feed <name>', 'feed of the book that takes the prices of the history')
    .option('--series', 'with --json: include every window and crossing')
    .option('--json', 'print JSON')
    .option('--report <file>', 'also write a report as one HTML file')
    .action(printBacktest);
}

async function printBacktest(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const options = optionsOf(flags);
  await askedReport(options);
  const history = await readHistory(options.prices, { gapSeconds: options.maxGap });
  const intervals = options.intervals ?? intervalsFor(history);
  const result = await runAll({ history, options, intervals });
  if (options.json) printJson(options.series ? result : withoutSeries(result));
  else print(result, backtestTables);
  if (options.report !== undefined) await report(options.report, result);
  if (result.findings.length > 0) process.exitCode = FINDING;
}

/** Loaded on demand: chart modules are slow to load. */
async function report(file: string, result: BacktestResult): Promise<void> {
  const { backtestReport } = await import('../backtest/report.ts');
  const { writeReport } = await import('../report/write-report.ts');
  await writeReport(file, backtestReport(result));
}

function optionsOf(flags: Readonly<Record<string, unknown>>): BacktestOptions {
  const { confidence, halfLife, execution, ...same } = flags;
  const [first] = confidence as readonly number[];
  const own = {
    confidences: confidence,
    confidence: first,
    halfLifeSeconds: halfLife,
    executionSeconds: execution,
  };
  const options = { ...same, ...own } as unknown as BacktestOptions;
  if (options.degrees <= 2) throw new InputError('--degrees: must be above 2');
  if (options.cap < options.floor) throw new InputError('--cap: must not be below --floor');
  return options;
}

function intervalsFor({ samplingSeconds }: PriceHistory): readonly number[] {
  const seen = INTERVALS_DEFAULT.filter((interval) => interval >= samplingSeconds);
  const intervals = seen.length === 0 ? [samplingSeconds] : seen;
  if (seen.length === INTERVALS_DEFAULT.length) return intervals;
  note(
    `rows are ${samplingSeconds} s apart, so only intervals of ${intervals.join()} s are tested`,
  );
  return intervals;
}

interface Work {
  readonly history: PriceHistory;
  readonly options: BacktestOptions;
  readonly intervals: readonly number[];
}

async function runAll({ history, options, intervals }: Work): Promise<BacktestResult> {
  const { confidences, side, book: bookFile, feed } = options;
  const book = bookFile === undefined ? undefined : await readBook(bookFile, feed);
  const parameters = parametersOf(options);
  const input = { history, parameters, intervals, confidences, side };
  const result = await withProgress(
    { total: intervals.length * confidences.length, unit: 'runs' },
    (advance) => backtest(input, advance),
  );
  if (book === undefined) return result;
  const { reportFrom } = result;
  const books = [];
  for (const run of result.runs.filter(({ confidence }) => confidence === confidences[0])) {
    const total = Math.ceil((result.until - reportFrom) / run.intervalSeconds);
    const terms = { history, book, run, parameters, reportFrom };
    books.push(await withProgress({ total, unit: 'checks' }, (advance) => runBook(terms, advance)));
  }
  return withBooks(result, books);
}

function withProgress<T>(
  work: { readonly total: number; readonly unit: string },
  run: (advance: Progress['advance']) => T,
): T {
  const progress = startProgress(work);
  try {
    return run((done, where) => progress.advance(done, where));
  } finally {
    progress.stop();
  }
}

function parametersOf(options: BacktestOptions): Parameters {
  const names = Object.keys(DEFAULTS) as (keyof Parameters)[];
  const optional = ['quantile', 'halfLifeSeconds', 'stress', 'trainDays'] as const;
  return Object.fromEntries(
    [...names, ...optional].map((name) => [name, options[name]]),
  ) as unknown as Parameters;
}

const withoutSeries = (result: BacktestResult) => ({
  ...result,
  runs: result.runs.map(({ series: _series, ...run }) => run),
});

const number = (text: string, holds: (value: number) => boolean, wanted: string): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && holds(value)) return value;
  throw new InvalidArgumentError(`It must be ${wanted}.`);
};
const positive = (text: string) => number(text, (value) => value > 0, 'a number above 0');
const notNegative = (text: string) => number(text, (value) => value >= 0, 'a number, 0 or more');
const weight = (text: string) =>
  number(text, (value) => value >= 0 && value <= 1, 'a number from 0 to 1');
const isShare = (value: number) => value > 0 && value < 1;

function listOf(numbers: string, holds: (value: number) => boolean = (value) => value > 0) {
  const wanted = `${numbers}, separated by commas`;
  return (text: string) => text.split(',').map((part) => number(part, holds, wanted));
}
