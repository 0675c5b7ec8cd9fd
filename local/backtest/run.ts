import { type FrameInput, frameOf, type RunFrame } from './frame.ts';
import { gapMovesOf } from './gap-moves.ts';
import { exceededBy, type Lines, linesOf, unitsOf } from './lines.ts';
import type { RunResult, Series } from './result.ts';
import { sideResult, unionResult } from './side-result.ts';
import { bySide, SIDES, type Side } from './windows.ts';

export interface RunInput extends FrameInput {
  readonly side: Side | 'both';
  /** Count moves across gaps, too. */
  readonly countsGaps?: boolean | undefined;
}

/** @throws InputError when the report has no window, or the training no gap. */
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
