import { InputError } from '../cli/input.ts';
import type { PriceHistory } from '../history/price-history.ts';
import { checksOf } from './checks.ts';
import { costOf, coverageOf } from './coverage.ts';
import { frameOf, type HeldWindow, hold } from './held.ts';
import { type LineTraining, lineQuantile } from './line-quantile.ts';
import { exceededBy, type Lines, linesOf, marginsOf, unitsOf } from './lines.ts';
import { liveQuantiles } from './live-quantiles.ts';
import { allowedBy, halfLifeFor, type Parameters } from './parameters.ts';
import {
  fixedQuantile,
  learntQuantile,
  type Quantile,
  type Quantiles,
  startQuantile,
  trainedQuantile,
} from './quantile.ts';
import type { RunResult, Series, SideResult } from './result.ts';
import { SIDES, type Side, windowsOf } from './windows.ts';

export interface RunInput {
  readonly history: PriceHistory;
  readonly parameters: Parameters;
  readonly intervalSeconds: number;
  readonly side: Side | 'both';
  readonly reportFrom: number;
}

/** @throws InputError when the report has no window, or the training too few. */
export function runInterval(input: RunInput): RunResult {
  const { history, parameters, intervalSeconds, side, reportFrom } = input;
  const executionSeconds = testableExecution(history, parameters.executionSeconds);
  const halfLifeSeconds = parameters.halfLifeSeconds ?? halfLifeFor(intervalSeconds);
  const times = { intervalSeconds, executionSeconds, halfLifeSeconds, reportFrom };
  const checks = checksOf(history, times);
  const seen = windowsOf(history, { checks, times });
  const frame = frameOf(seen, { parameters, times });
  if (frame.training.length === 0) {
    throw new InputError(
      `${history.file}: the training days contain no window: raise --train-days`,
    );
  }
  const margins = marginsOf(frame);
  const quantiles = quantilesOf({ history, checks, frame, margin: margins[0] as number });
  const windows = hold(seen, { frame, quantiles });
  const reported = windows.filter(({ time }) => time >= reportFrom);
  if (reported.length === 0) {
    throw new InputError(
      `${history.file}: no window of ${intervalSeconds + executionSeconds} s fits after the ` +
        'training days without crossing a gap',
    );
  }
  const sides = side === 'both' ? SIDES : [side];
  const lines = linesOf({ history, checks, windows, frame, margins, sides });
  const allowed = allowedBy(parameters.confidence);
  const results = sides.map((each) => sideResult(reported, { side: each, allowed }));
  return {
    intervalSeconds,
    executionSeconds,
    confidence: parameters.confidence,
    method: parameters.method,
    halfLifeSeconds,
    stress: frame.stress,
    sides: side === 'both' ? [...results, unionResult(reported, allowed)] : results,
    crossings: lines.result,
    series: seriesOf({ reported, lines, parameters }),
  };
}

function quantilesOf(training: LineTraining): Quantiles {
  const { frame } = training;
  const { parameters } = frame;
  if (parameters.method === 'tracked') return liveQuantiles(training.history, training);
  const of = (side: Side): Quantile => {
    if (parameters.method === 'windows') return learntQuantile(parameters);
    if (parameters.method === 'lines') return lineQuantile(training, side);
    if (parameters.method === 'fixed') return fixedQuantile(startQuantile(parameters));
    return fixedQuantile(trainedQuantile(frame, side));
  };
  return { long: of('long'), short: of('short') };
}

/** Rounds L up to whole bars, in buffer and move alike: bars do not resolve parts of themselves. */
function testableExecution({ isRegular, samplingSeconds }: PriceHistory, seconds: number) {
  if (!isRegular) return seconds;
  return Math.ceil(seconds / samplingSeconds) * samplingSeconds;
}

function sideResult(
  windows: readonly HeldWindow[],
  { side, allowed }: { readonly side: Side; readonly allowed: number },
): SideResult {
  const quantiles = windows.map(({ quantile }) => quantile[side]);
  return {
    side,
    coverage: coverageOf(
      windows.map(({ exceeded }) => exceeded[side]),
      allowed,
    ),
    cost: costOf(
      windows.map(({ buffer }) => buffer[side]),
      windows.map(({ loss }) => loss[side]),
    ),
    quantile: { first: quantiles[0] as number, last: quantiles.at(-1) as number },
  };
}

/** Either side may exceed, so twice the share is allowed. */
function unionResult(windows: readonly HeldWindow[], allowed: number): SideResult {
  return {
    side: 'both',
    coverage: coverageOf(
      windows.map(({ exceeded }) => exceeded.long || exceeded.short),
      2 * allowed,
    ),
    cost: costOf(
      windows.map(({ buffer }) => (buffer.long + buffer.short) / 2),
      windows.map(({ loss }) => Math.max(loss.long, loss.short)),
    ),
  };
}

interface Charted {
  readonly reported: readonly HeldWindow[];
  readonly lines: Lines;
  readonly parameters: Parameters;
}

function seriesOf({ reported, lines, parameters }: Charted): Series {
  const bySide = <T>(of: (window: HeldWindow) => Readonly<Record<Side, T>>) => ({
    long: reported.map((window) => of(window).long),
    short: reported.map((window) => of(window).short),
  });
  return {
    times: reported.map(({ time }) => time),
    prices: reported.map(({ price }) => price),
    volatilities: reported.map(({ used }) => used),
    quantiles: bySide(({ quantile }) => quantile),
    buffers: bySide(({ buffer }) => buffer),
    losses: bySide(({ loss }) => loss),
    exceeded: bySide(({ exceeded }) => exceeded),
    overshoots: {
      times: lines.crossings.map(({ time }) => time),
      units: lines.crossings.map(unitsOf),
      exceeded: lines.crossings.map(exceededBy(parameters)),
    },
  };
}
