import { type Command, InvalidArgumentError, Option } from 'commander';
import { backtest, withBooks } from '../backtest/backtest.ts';
import { readBook, runBook } from '../backtest/book.ts';
import { type Comparison, compare } from '../backtest/compare.ts';
import { comparisonTables } from '../backtest/comparison-table.ts';
import {
  DEFAULTS,
  INTERVALS_DEFAULT,
  METHODS,
  type Parameters,
  QUOTES,
} from '../backtest/parameters.ts';
import type { BacktestResult } from '../backtest/result.ts';
import { backtestTables } from '../backtest/tables.ts';
import type { PriceHistory } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';
import { InputError } from './input.ts';
import { askedReport, FINDING, note, print, printJson } from './output.ts';
import { type Progress, startProgress } from './progress.ts';

interface BacktestOptions extends Parameters {
  readonly prices: readonly string[];
  readonly intervals?: readonly number[];
  readonly confidences: readonly number[];
  readonly side: 'long' | 'short' | 'both';
  readonly maxGap?: number;
  readonly gaps?: boolean;
  readonly requirements?: boolean;
  readonly peers?: boolean;
  readonly book?: string;
  readonly feed?: string;
  readonly series?: boolean;
  readonly json?: boolean;
  readonly report?: string;
}

const OLD = 'november, fixed';
const OLD_OPTIONS = [
  'quantile',
  'halfLife',
  'stressWeight',
  'floor',
  'cap',
  'degrees',
  'trackingStep',
] as const;

export function declareBacktest(program: Command): void {
  const command = program
    .command('backtest')
    .summary('test the latency buffer on a price history')
    .description(
      'Test whether the latency buffer holds on a price history (docs/backtest.md). Exit code 1 ' +
        'if it is unsafe or dear: exceeded too often, too far or too rarely.',
    )
    .requiredOption(
      '--prices <file>',
      'CSV with time and price, or time, open, high, low, close; - reads standard input; ' +
        'several with --peers',
      (file: string, before: readonly string[] = []) => [...before, file],
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
      new Option('--method <method>', 'rule for the buffer: tracked is the check’s own')
        .choices(METHODS)
        .default(DEFAULTS.method),
    )
    .addOption(
      new Option(
        '--quotes <kind>',
        'what a check sees of a gap: its range or its ends (default: range for bars, ends for prices)',
      ).choices(QUOTES),
    )
    .option('--peers', 'compare the rule with the one before it and with what the field uses')
    .option('--gaps', 'also count moves across gaps in the file')
    .option('--requirements', 'also say what each measure against procyclicality costs and spares')
    .option('--train-days <n>', 'days before the report (default: a quarter of the file)', positive)
    .option(
      '--stress <volatility>',
      'annual stress volatility (default: 1, with november and fixed found on the training days)',
      positive,
    )
    .option('--quantile <z>', `${OLD}: fixed quantile, or start of a tracked one`, positive)
    .option(
      '--half-life <seconds>',
      `${OLD}: half-life of the volatility (default: 12 intervals, at least 1800)`,
      positive,
    );
  const { degrees, trackingStep, floor, cap, stressWeight } = DEFAULTS;
  const { executionSeconds, jumpFloor, slippage, maintenance } = DEFAULTS;
  command
    .option(
      '--stress-weight <share>',
      `${OLD}: weight of the stress volatility`,
      weight,
      stressWeight,
    )
    .option('--floor <volatility>', `${OLD}: lowest annual volatility`, notNegative, floor)
    .option('--cap <volatility>', `${OLD}: highest annual volatility`, positive, cap)
    .option('--degrees <n>', `${OLD}: degrees of freedom of Student-t, above 2`, positive, degrees)
    .option(
      '--tracking-step <share>',
      `${OLD}: how much an exceedance raises the quantile`,
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

async function printBacktest(
  flags: Readonly<Record<string, unknown>>,
  command: Command,
): Promise<void> {
  const options = optionsOf(flags);
  refuseUnused(options, command);
  await askedReport(options);
  const gapSeconds = options.maxGap;
  const histories = [];
  for (const file of options.prices) histories.push(await readHistory(file, { gapSeconds }));
  if (options.peers) printComparison(histories, options);
  else await printResult(histories[0] as PriceHistory, options);
}

async function printResult(history: PriceHistory, options: BacktestOptions): Promise<void> {
  const intervals = options.intervals ?? intervalsFor(history);
  const result = await runAll({ history, options, intervals });
  if (options.json) printJson(options.series ? result : withoutSeries(result));
  else print(result, backtestTables);
  if (options.report !== undefined) await report(options.report, result);
  if (result.findings.length > 0) process.exitCode = FINDING;
}

function printComparison(histories: readonly PriceHistory[], options: BacktestOptions): void {
  const parameters = parametersOf(options);
  const series = histories.map((history) => ({
    history,
    intervals: options.intervals ?? intervalsFor(history),
  }));
  const comparisons = options.confidences.map((confidence): Comparison => {
    return compare(series, { ...parameters, confidence });
  });
  if (options.json) printJson({ files: options.prices, comparisons });
  else print(comparisons, comparisonTables);
}

/** An option that changes nothing would be taken for one that does. */
function refuseUnused(
  { method, peers, prices, book, report, gaps, series, requirements }: BacktestOptions,
  command: Command,
) {
  if (prices.length > 1 && !peers) {
    throw new InputError('--prices: several histories are only compared with --peers');
  }
  const alone = Object.entries({ book, report, gaps, series, requirements }).find(
    ([, value]) => value,
  );
  if (peers && alone !== undefined) {
    throw new InputError(`--${alone[0]}: not with --peers, which compares rules`);
  }
  if (peers || method === 'november' || method === 'fixed') return;
  const given = OLD_OPTIONS.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new InputError(`--${flag}: only the methods november and fixed use it`);
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
  const { confidences, side, book: bookFile, feed, gaps: countsGaps } = options;
  const book = bookFile === undefined ? undefined : await readBook(bookFile, feed);
  const parameters = parametersOf(options);
  const input = {
    ...{ history, parameters, intervals, confidences, side, countsGaps },
    withRequirements: options.requirements,
  };
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
  const optional = ['quantile', 'quotes', 'halfLifeSeconds', 'stress', 'trainDays'] as const;
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
