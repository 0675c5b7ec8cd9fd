import { costOf, coverageOf } from './coverage.ts';
import type { RunFrame } from './frame.ts';
import { allowedBy } from './parameters.ts';
import { procyclicalityOf } from './procyclicality.ts';
import type { SideResult } from './result.ts';
import { shortfallOf } from './shortfall.ts';
import type { HeldWindow } from './walk.ts';
import type { Side } from './windows.ts';

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
export function unionResult({ windows, terms }: RunFrame): SideResult {
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
