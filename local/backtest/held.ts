import { usedVolatility } from '../../lambda/margin/statistics/variance.ts';
import { InputError } from '../cli/input.ts';
import type { Parameters } from './parameters.ts';
import type { Quantiles } from './quantile.ts';
import { type ShockOf, shockTable } from './shock-table.ts';
import { SIDES, type Side, type Window } from './windows.ts';

export interface HeldWindow extends Window {
  /** Floored, blended with stress, capped. */
  readonly used: number;
  readonly quantile: Readonly<Record<Side, number>>;
  /** Λ, as a fraction of the price. */
  readonly buffer: Readonly<Record<Side, number>>;
  readonly exceeded: Readonly<Record<Side, boolean>>;
}

export interface Frame {
  readonly parameters: Parameters;
  readonly times: HoldingTimes;
  readonly training: readonly Window[];
  readonly usedOf: (measured: number) => number;
  readonly shockOf: ShockOf;
  readonly stress: number;
}

export interface HoldingTimes {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  /** Seconds since 1970. */
  readonly reportFrom: number;
}

export function frameOf(
  windows: readonly Window[],
  { parameters, times }: Pick<Frame, 'parameters' | 'times'>,
): Frame {
  const windowSeconds = times.intervalSeconds + times.executionSeconds;
  const training = windows.filter(({ time }) => time + windowSeconds <= times.reportFrom);
  const stress = parameters.stress ?? stressOf(training, parameters.stressWeight);
  const usedOf = (measured: number) => usedVolatility(measured, { ...parameters, stress });
  const { slippage, jumpFloor } = parameters;
  const shockOf = shockTable({ ...times, slippage, jumpFloor });
  return { parameters, times, training, usedOf, shockOf, stress };
}

/** @param quantiles one per side, queried in order of time. */
export function hold(
  windows: readonly Window[],
  { frame, quantiles }: { readonly frame: Frame; readonly quantiles: Quantiles },
): HeldWindow[] {
  const { usedOf, shockOf, parameters } = frame;
  return windows.map((window): HeldWindow => {
    const used = usedOf(window.measured);
    const bySide = <T>(of: (side: Side) => T) => ({ long: of('long'), short: of('short') });
    const quantile = bySide((side) => quantiles[side].at(window.time));
    const buffer = bySide((side) => shockOf(used, quantile[side]));
    // The buffer must pay slippage on top of the move.
    const exceeded = bySide((side) => window.loss[side] + parameters.slippage > buffer[side]);
    for (const side of SIDES) quantiles[side].learn(exceeded[side]);
    return { ...window, used, quantile, buffer, exceeded };
  });
}

const STRESS_SHARE = 0.99;

function stressOf(training: readonly Window[], weight: number): number {
  if (weight === 0) return 0;
  const measured = training.map((window) => window.measured).sort((left, right) => left - right);
  const stress =
    measured[Math.min(measured.length - 1, Math.floor(STRESS_SHARE * measured.length))];
  if (stress !== undefined) return stress;
  throw new InputError(
    'the training days contain no window to measure the stressed volatility on: set --stress ' +
      'or raise --train-days',
  );
}
