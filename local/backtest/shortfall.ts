/**
 * How far moves went beyond the buffer. A count does not say it: a history that lost a third of its
 * open interest in one minute may pass a count with ease.
 */
import type { Coverage } from './coverage.ts';
import { meanOf } from './coverage.ts';

export interface Shortfall {
  /** Sum beyond the buffer over the report, of one notional held throughout. */
  readonly basisPoints: number;
  /** The most that the confidence implies. */
  readonly mostBasisPoints: number;
  readonly verdict: 'inside' | 'too large';
}

export interface Sizes {
  readonly shortfall: Shortfall;
  /** Mean pinball loss at the confidence: what a too wide and a too narrow buffer cost together. */
  readonly quantileLossBasisPoints: number;
}

export interface Moves {
  readonly buffers: readonly number[];
  /** Slippage included. */
  readonly losses: readonly number[];
  readonly coverage: Pick<Coverage, 'allowed' | 'accepted'>;
}

const BASIS_POINTS = 1e4;

/**
 * Beyond a quantile q a Pareto tail goes on by ξ/(1 − ξ)·q on average. ξ = ½ is the heaviest tail
 * that the forecast allows for, where that is q itself. So as many exceedances as are accepted, each
 * as far beyond the buffer as the mean buffer is wide, are the most that the confidence implies.
 */
export function shortfallOf({ buffers, losses, coverage }: Moves): Sizes {
  const { allowed, accepted } = coverage;
  const beyond = losses.map((loss, index) => loss - (buffers[index] as number));
  const sum = beyond.reduce((total, each) => total + Math.max(0, each), 0);
  const most = accepted.most * meanOf(buffers);
  const pinball = beyond.map((each) => (each > 0 ? each * (1 - allowed) : -each * allowed));
  return {
    shortfall: {
      basisPoints: sum * BASIS_POINTS,
      mostBasisPoints: most * BASIS_POINTS,
      verdict: sum > most ? 'too large' : 'inside',
    },
    quantileLossBasisPoints: meanOf(pinball) * BASIS_POINTS,
  };
}
