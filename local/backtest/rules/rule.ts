/** A rule for the buffer: it is told of each gap between two checks, once and in order. */
import type { Gap } from '../../../lambda/margin/statistics/gap-variance.ts';
import { forecastMoves, type Sides } from '../../../lambda/margin/statistics/shock-forecast.ts';
import type { Parameters } from '../parameters.ts';
import type { BySide } from '../windows.ts';

export interface Rule {
  close(gap: Gap): void;
  /** What a check holds now. It closes no gap. */
  hold(now: Moment): Held;
}

export interface Moment {
  /** The part of the next gap that has passed by an extra check; absent at a regular one. */
  readonly running?: Gap | undefined;
  /** Age of the price that the check sees. */
  readonly secondsSince: number;
}

export interface Held {
  /** σ, annual. */
  readonly volatility: number;
  readonly quantile: BySide;
  /** Λ, as a fraction of the price. */
  readonly buffer: BySide;
}

export interface RuleTerms {
  readonly parameters: Parameters;
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  /** Gaps of the training days, at least one: all that a rule may know in advance. */
  readonly training: readonly Gap[];
}

/** A long position loses when the price falls. */
export const sidesOf = ({ down, up }: Sides<number>): BySide => ({ long: down, short: up });

/** Λ = jump + slippage + the move of z·σ over Δ + L. */
export function heldBy(
  { parameters, intervalSeconds, executionSeconds }: RuleTerms,
  { volatility, quantiles }: { readonly volatility: number; readonly quantiles: Sides<number> },
): Held {
  const seconds = intervalSeconds + executionSeconds;
  const { down, up } = forecastMoves({ volatility, quantiles, seconds });
  const added = parameters.jumpFloor + parameters.slippage;
  return {
    volatility,
    quantile: sidesOf(quantiles),
    buffer: { long: added + down, short: added + up },
  };
}
