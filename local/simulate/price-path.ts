import {
  type Draw,
  jumpDraws,
  mixingDraws,
  normalDraws,
  type StreamName,
  uniformStream,
} from './path-random.ts';
import type { PriceModel } from './price-model.ts';
import { varianceProcess } from './variance-process.ts';

/** One price, by step. */
export interface PricePath {
  /** The step at which the accounts are opened; those before it only teach the forecast. */
  readonly start: number;
  /** Logs, of all steps. */
  readonly logs: PathLogs;
  /** Multiples of the price at the start, from there on. */
  readonly prices: Float64Array;
}

export interface PathLogs {
  /** At the end of each step. */
  readonly closes: Float64Array;
  /** Furthest prices within the step that ends there. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

export interface PathRequest {
  readonly seed: number;
  readonly factor: string;
  readonly path: number;
  /** Divides the model's tick. */
  readonly stepSeconds: number;
  /** Before and after the start. */
  readonly runIn: number;
  readonly steps: number;
}

/** The same request gives the same path; a longer one begins alike. */
export function pricePath(model: PriceModel, request: PathRequest): PricePath {
  const { stepSeconds, runIn, steps } = request;
  const stepsATick = Math.round(model.tickSeconds / stepSeconds);
  const draws = drawsOf(model, request);
  const process = varianceProcess(model);
  const logs = emptyLogs(runIn + steps + 1);
  let [last, tickStart, deviation] = [0, 0, 0];
  for (let step = 1; step <= runIn + steps; step++) {
    if ((step - 1) % stepsATick === 0) {
      if (step > 1) process.feed(last - tickStart);
      tickStart = last;
      deviation = Math.sqrt(process.variance * draws.mixing() * stepSeconds);
    }
    const moved = deviation * draws.normal();
    setStep(logs, step, {
      from: last,
      to: last + moved,
      low: bridgeExtreme(-moved, deviation, draws.extreme),
      high: bridgeExtreme(moved, deviation, draws.extreme),
      jump: draws.jumpBefore(step * stepSeconds),
    });
    last = logs.closes[step] as number;
  }
  return pathOf(logs, runIn);
}

/**
 * How far a normal walk goes above its beginning on its way to `moved`: exactly distributed
 * [Borodin and Salminen 2002]. Lows and highs are drawn apart.
 */
function bridgeExtreme(moved: number, deviation: number, uniform: Draw): number {
  const spread = -2 * deviation * deviation * Math.log(1 - uniform());
  return (moved + Math.sqrt(moved * moved + spread)) / 2;
}

export const emptyLogs = (length: number): PathLogs => ({
  closes: new Float64Array(length),
  lows: new Float64Array(length),
  highs: new Float64Array(length),
});

interface Step {
  readonly from: number;
  readonly to: number;
  /** 0 or more: from → lowest and from → highest. */
  readonly low: number;
  readonly high: number;
  readonly jump: number;
}

/** A jump comes at the end of its step. */
function setStep(logs: PathLogs, step: number, { from, to, low, high, jump }: Step): void {
  const close = to + jump;
  logs.closes[step] = close;
  logs.lows[step] = Math.min(from - low, close);
  logs.highs[step] = Math.max(from + high, close);
}

export function pathOf(logs: PathLogs, start: number): PricePath {
  const from = logs.closes[start] as number;
  const prices = logs.closes.slice(start).map((log) => Math.exp(log - from));
  return { start, logs, prices };
}

interface PathDraws {
  readonly normal: Draw;
  /** W. */
  readonly mixing: Draw;
  readonly extreme: Draw;
  /** The sum of the jumps since the previous time; times ascend. */
  readonly jumpBefore: (seconds: number) => number;
}

function drawsOf(model: PriceModel, request: PathRequest): PathDraws {
  const stream = (of: StreamName['of']) => uniformStream({ ...request, of });
  const { degrees } = model;
  return {
    normal: normalDraws(stream('shocks')),
    mixing: degrees === null ? () => 1 : mixingDraws(stream('mixing'), degrees),
    extreme: stream('extremes'),
    jumpBefore: jumpDraws(stream('jumps'), model),
  };
}
