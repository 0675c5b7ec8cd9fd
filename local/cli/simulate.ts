import type { Command } from 'commander';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import { readHistory } from '../history/read-history.ts';
import { BookError, compileDocument } from '../simulate/compile-document.ts';
import { fitModel, type ModelFit } from '../simulate/fit-model.ts';
import { HistoryError } from '../simulate/fit-returns.ts';
import { generatedDocument } from '../simulate/generated-book.ts';
import { defaultGrid, defaultHours } from '../simulate/grid.ts';
import { type SimulateOptions, withSimulateOptions } from '../simulate/options.ts';
import { BITCOIN, checkedModel, gaussianModel, type PriceModel } from '../simulate/price-model.ts';
import { type PriceRows, priceRows } from '../simulate/price-rows.ts';
import { fitText } from '../simulate/sentences.ts';
import { type SimulationResult, StoppedError, simulate } from '../simulate/simulate.ts';
import { simulationTables } from '../simulate/tables.ts';
import { InputError, placeOf, readJson } from './input.ts';
import { askedReport, note, print, printJson } from './output.ts';
import { startProgress } from './progress.ts';

/** After Ctrl-C. */
const INTERRUPTED = 130;

export function declareSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .summary('show what each check interval costs, over simulated prices')
    .description(
      'Show what each check interval costs over simulated price paths, and over the replayed rows ' +
        'of --prices: bad debt, capital in the buffer, and AWS. Ctrl-C reports the paths done so far, with exit code 130.',
    );
  withSimulateOptions(command).action(runSimulate);
}

async function runSimulate(options: SimulateOptions): Promise<void> {
  await askedReport(options);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    const result = await simulateBy(options, stop.signal);
    if (options.json) printJson(result);
    else print(result, simulationTables);
    if (options.report !== undefined) await report(options.report, result);
    if (result.isStopped) process.exitCode = INTERRUPTED;
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    note(error.message);
    process.exitCode = INTERRUPTED;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** Loaded on demand: chart modules are slow to load. */
async function report(file: string, result: SimulationResult): Promise<void> {
  const { simulationReport } = await import('../simulate/report.ts');
  const { writeReport } = await import('../report/write-report.ts');
  await writeReport(file, simulationReport(result));
}

/** @throws InputError for an unusable book, history or parameter */
export async function simulateBy(
  options: SimulateOptions,
  signal?: AbortSignal,
): Promise<SimulationResult> {
  const history = options.prices === undefined ? undefined : await historyOf(options.prices);
  const model = modelOf(options, history?.fit.model ?? BITCOIN);
  const document = await documentOf(options);
  for (const reason of document.indeterminate) note(`left out: ${reason}`);
  const { paths, confidences, seed } = options;
  const spacing = history?.rows.spacingSeconds ?? 1;
  const hours = options.hours ?? defaultHours(spacing);
  const usual = defaultGrid(spacing, hours);
  const { intervals = usual.intervals, executions = usual.executions } = options;
  refuseIntervals(intervals, hours);
  const total = paths * (history === undefined ? 1 : 2);
  const progress = startProgress({ total, unit: 'paths' });
  try {
    return await simulate({
      ...{ document, model, hours, paths, seed, signal },
      history: history?.rows,
      fit: history?.fit,
      grid: { intervals, confidences, executions },
      stress: { stress: options.stressVolatility, stressWeight: options.stressWeight },
      shockMax: options.shockMax,
      stepSeconds: options.step,
      hasEvents: options.events === true,
      workers: options.workers,
      collateral: options.collateral,
      capitalRate: options.capitalRate,
      fundFee: options.fundFee,
      onProgress: (done) => progress.advance(done, 'simulate'),
    });
  } catch (error) {
    if (error instanceof RangeError || error instanceof BookError) {
      throw new InputError(error.message);
    }
    throw error;
  } finally {
    progress.stop();
  }
}

function refuseIntervals(intervals: readonly number[], hours: number): void {
  if (intervals.length === 0) {
    throw new InputError(`no check interval fits into ${hours} h: raise --hours`);
  }
  if (intervals.some((seconds) => seconds === 0 || seconds > hours * 3600)) {
    throw new InputError(`--intervals: each must be above 0 and at most ${hours} h`);
  }
}

function modelOf(options: SimulateOptions, fitted: PriceModel): PriceModel {
  if (options.model === 'gaussian') return gaussianModel(options.volatility ?? fitted.volatility);
  const given = {
    volatility: options.volatility,
    degrees: options.degrees,
    asymmetry: options.asymmetry,
    fastWeight: options.fastWeight,
    fastHalfLifeSeconds: options.fastHalfLife,
    slowWeight: options.slowWeight,
    slowHalfLifeSeconds: options.slowHalfLife,
    jumpsPerYear: options.jumpsPerYear,
    jumpMean: options.jumpMean,
    jumpDeviation: options.jumpDeviation,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  try {
    return checkedModel({ ...fitted, ...Object.fromEntries(known) });
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(error.message);
    throw error;
  }
}

async function historyOf(file: string): Promise<{ rows: PriceRows; fit: ModelFit }> {
  const rows = priceRows(await readHistory(file));
  try {
    const fit = fitModel(rows);
    note(fitText(fit, rows.spacingSeconds));
    return { rows, fit };
  } catch (error) {
    if (error instanceof HistoryError) throw new InputError(`${placeOf(file)}: ${error.message}`);
    throw error;
  }
}

async function documentOf({ book, factor, ...generated }: SimulateOptions) {
  const document =
    book === undefined
      ? parseExactJson(JSON.stringify(generatedDocument(generated)))
      : await readJson(book);
  try {
    return compileDocument(readDocument(document), factor);
  } catch (error) {
    const isKnown =
      error instanceof DocumentError || error instanceof PolicyError || error instanceof BookError;
    if (!isKnown) throw error;
    throw new InputError(
      `${book === undefined ? 'the generated book' : placeOf(book)}: ${error.message}`,
    );
  }
}
