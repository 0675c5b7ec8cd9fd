import { InputError } from '../cli/input.ts';
import type { PriceHistory } from '../history/price-history.ts';
import { type Checks, checksOf, gapsUntil } from './checks.ts';
import { costOf, coverageOf } from './coverage.ts';
import { gapMovesOf } from './gap-moves.ts';
import { exceededBy, type Lines, linesOf, unitsOf } from './lines.ts';
import { allowedBy, type Parameters } from './parameters.ts';
import { procyclicalityOf } from './procyclicality.ts';
import type { RunResult, Series, SideResult } from './result.ts';
import type { RuleTerms } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { shortfallOf } from './shortfall.ts';
import { type HeldWindow, type Walked, walk } from './walk.ts';
import { bySide, type RunTimes, SIDES, type Side, windowsOf } from './windows.ts';

export interface RunInput {
  readonly history: PriceHistory;
  readonly parameters: Parameters;
  readonly intervalSeconds: number;
  readonly side: Side | 'both';
  readonly reportFrom: number;
  /** Count moves across gaps, too. */
  readonly countsGaps?: boolean | undefined;
}

/** A rule, walked through a history. */
export interface RunFrame extends Walked {
  readonly history: PriceHistory;
  readonly checks: Checks;
  readonly terms: RuleTerms;
  readonly times: RunTimes;
}

/** @throws InputError when the report has no window, or the training no gap. */
export function frameOf(input: Omit<RunInput, 'side'>): RunFrame {
  const { history, parameters, intervalSeconds, reportFrom } = input;
  const executionSeconds = testableExecution(history, parameters.executionSeconds);
  const times = { intervalSeconds, executionSeconds, reportFrom };
  const checks = checksOf(history, intervalSeconds);
  const isRanged = (parameters.quotes ?? usualQuotes(history)) === 'range';
  const training = gapsUntil(history, { checks, isRanged, until: reportFrom });
  if (training.length === 0) {
    throw new InputError(
      `${history.file}: the training days contain no interval of ${intervalSeconds} s: raise --train-days`,
    );
  }
  const windows = windowsOf(history, times);
  if (windows.length === 0) {
    throw new InputError(
      `${history.file}: no window of ${intervalSeconds + executionSeconds} s fits after the ` +
        'training days without crossing a gap',
    );
  }
  const terms = { parameters, intervalSeconds, executionSeconds, training };
  const rule = RULES[parameters.method](terms);
  const walked = walk(history, { checks, windows, rule, isRanged, parameters });
  return { history, checks, terms, times, ...walked };
}

export function runInterval(input: RunInput): RunResult {
  const frame = frameOf(input);
  const { side } = input;
  const { parameters, executionSeconds, intervalSeconds } = frame.terms;
  const sides = side === 'both' ? SIDES : [side];
  const lines = linesOf(frame, sides);
  const results = sides.map((each) => sideResult(frame, each));
  return {
    intervalSeconds,
    executionSeconds,
    confidence: parameters.confidence,
    method: parameters.method,
    sides: side === 'both' ? [...results, unionResult(frame)] : results,
    crossings: lines.result,
    ...(input.countsGaps ? { acrossGaps: sides.map((each) => gapMovesOf(frame, each)) } : {}),
    series: seriesOf(frame, lines),
  };
}

const usualQuotes = ({ kind }: PriceHistory) => (kind === 'bars' ? 'range' : 'ends');

/** Rounds L up to whole bars, in buffer and move alike: bars do not resolve parts of themselves. */
function testableExecution({ isRegular, samplingSeconds }: PriceHistory, seconds: number) {
  if (!isRegular) return seconds;
  return Math.ceil(seconds / samplingSeconds) * samplingSeconds;
}

export function sideResult(frame: RunFrame, side: Side): SideResult {
  const { windows, terms } = frame;
  const { slippage, confidence } = terms.parameters;
  const allowed = allowedBy(confidence);
  const buffers = windows.map(({ buffer }) => buffer[side]);
  const losses = windows.map(({ loss }) => loss[side] + slippage);
  const exceeded = windows.map((window) => window.exceeded[side]);
  const coverage = coverageOf(exceeded, allowed);
  const quantiles = windows.map(({ quantile }) => quantile[side]);
  return {
    side,
    coverage,
    cost: costOf(buffers, losses),
    ...shortfallOf({ buffers, losses, coverage }),
    procyclicality: procyclicalityOf(frame, side),
    quantile: { first: quantiles[0] as number, last: quantiles.at(-1) as number },
  };
}

/** Either side may exceed, so twice the share is allowed. */
function unionResult({ windows, terms }: RunFrame): SideResult {
  const { slippage, confidence } = terms.parameters;
  const means = windows.map(({ buffer }) => (buffer.long + buffer.short) / 2);
  const largest = windows.map(({ loss }) => Math.max(loss.long, loss.short) + slippage);
  const exceeded = windows.map((window) => window.exceeded.long || window.exceeded.short);
  const coverage = coverageOf(exceeded, 2 * allowedBy(confidence));
  // The side that is nearer to its buffer, or further beyond it.
  const tighter = windows.map(({ loss, buffer }) =>
    loss.long - buffer.long > loss.short - buffer.short ? 'long' : 'short',
  );
  const of = (value: (window: HeldWindow, side: Side) => number) =>
    windows.map((window, index) => value(window, tighter[index] as Side));
  const buffers = of(({ buffer }, side) => buffer[side]);
  const losses = of(({ loss }, side) => loss[side] + slippage);
  return {
    side: 'both',
    coverage,
    cost: costOf(means, largest),
    ...shortfallOf({ buffers, losses, coverage }),
  };
}

function seriesOf({ windows, held, checks, terms }: RunFrame, { crossings }: Lines): Series {
  return {
    times: windows.map(({ time }) => time),
    prices: windows.map(({ price }) => price),
    volatilities: windows.map(({ volatility }) => volatility),
    quantiles: bySide((side) => windows.map(({ quantile }) => quantile[side])),
    buffers: bySide((side) => windows.map(({ buffer }) => buffer[side])),
    losses: bySide((side) => windows.map(({ loss }) => loss[side])),
    exceeded: bySide((side) => windows.map(({ exceeded }) => exceeded[side])),
    checks: {
      times: [...checks.time],
      volatilities: held.map(({ volatility }) => volatility),
      quantiles: bySide((side) => held.map(({ quantile }) => quantile[side])),
    },
    overshoots: {
      times: crossings.map(({ time }) => time),
      units: crossings.map(unitsOf),
      exceeded: crossings.map(exceededBy(terms.parameters)),
    },
  };
}
