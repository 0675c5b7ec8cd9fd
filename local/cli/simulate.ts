import type { Command } from 'commander';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import { BookError, compileDocument } from '../simulate/compile-document.ts';
import { fitModel, HistoryError } from '../simulate/fit-model.ts';
import { generatedDocument } from '../simulate/generated-book.ts';
import { type SimulateOptions, withSimulateOptions } from '../simulate/options.ts';
import {
  BITCOIN,
  checkedModel,
  gaussianModel,
  type PriceModel,
  totalVolatility,
} from '../simulate/price-model.ts';
import { type ReadPrices, readPrices } from '../simulate/read-prices.ts';
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
      'Show what each check interval costs over simulated price paths: bad debt, capital in the ' +
        'buffer, and AWS. Ctrl-C reports the paths done so far, with exit code 130.',
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
    if (result.paths < result.pathsAsked) process.exitCode = INTERRUPTED;
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
  const model = await modelOf(options, readPrices);
  const document = await documentOf(options);
  for (const reason of document.indeterminate) note(`left out: ${reason}`);
  const { intervals, confidences, executions, paths, hours } = options;
  if (intervals.some((seconds) => seconds === 0 || seconds > hours * 3600)) {
    throw new InputError(`--intervals: each must be above 0 and at most ${hours} h`);
  }
  const progress = startProgress({ total: paths, unit: 'paths' });
  try {
    return await simulate({
      document,
      grid: { intervals, confidences, executions },
      model,
      live: {
        initial: totalVolatility(model),
        stress: options.stressVolatility,
        stressWeight: options.stressWeight,
        floor: options.volatilityFloor,
        cap: options.volatilityCap,
        halfLifeSeconds: options.halfLife,
      },
      ...{ paths, hours, signal },
      seed: options.seed,
      stepSeconds: options.step,
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

async function modelOf(options: SimulateOptions, read: ReadPrices): Promise<PriceModel> {
  const fitted = options.prices === undefined ? BITCOIN : await fittedTo(options.prices, read);
  if (options.model === 'gaussian') return gaussianModel(options.volatility ?? fitted.volatility);
  const given = {
    volatility: options.volatility,
    degrees: options.degrees,
    asymmetry: options.asymmetry,
    shockHalfLifeSeconds: options.shockHalfLife,
    reversionHalfLifeSeconds: options.reversionHalfLife,
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

async function fittedTo(file: string, read: ReadPrices): Promise<PriceModel> {
  const history = await read(file);
  try {
    return fitModel(history);
  } catch (error) {
    if (error instanceof HistoryError) {
      throw new InputError(`${placeOf(file)}: ${error.message}`);
    }
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
