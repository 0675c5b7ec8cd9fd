/**
 * Whether a venue would accept a trade or a withdrawal, by the account after it:
 *
 *     B ≥ max(IM, c·MM) + LB at every price in doubt, and the account is healthy;
 *     or, for a trade alone: IM, MM and LB do not grow, and B − ℓ·MM − LB does not fall.
 *
 * The first line is the one that a call restores an account to, so what is accepted is not called at
 * the same prices. The second lets an account below that line reduce its risk.
 */
import type { BookFigures, Outcome } from '../../lambda/margin/assess/assess.ts';
import { type Bound, isSurelyNotNegative } from '../../lambda/margin/curve/figure.ts';
import { isAbove, isBelow, negate, roundUp, textOf } from '../../lambda/margin/number/decimal.ts';

export interface Acceptance {
  readonly isAccepted: boolean;
  readonly why: string;
}

const figuresOf = (outcome: Outcome): BookFigures | undefined =>
  outcome.certainty === 'indeterminate' ? outcome.figures : outcome;

const SHOWN_PLACES = 2;
const MEETS = 'the account meets the initial requirement and the buffer after it';
const REDUCES = 'it reduces the risk of an account below the initial requirement and the buffer';

export function acceptanceOfTrade(before: Outcome, after: Outcome): Acceptance {
  const met = acceptanceOf(after);
  if (met.isAccepted || !reducesRisk(before, after)) return met;
  return { isAccepted: true, why: REDUCES };
}

export function acceptanceOf(after: Outcome): Acceptance {
  const figures = figuresOf(after);
  if (figures === undefined) {
    return { isAccepted: false, why: 'the account could not be assessed after it' };
  }
  const { least, point } = figures.surplus.restore;
  const isHealthy = after.certainty !== 'indeterminate' && after.level === 'healthy';
  if (isSurelyNotNegative(least) && isHealthy) return { isAccepted: true, why: MEETS };
  return { isAccepted: false, why: whyNot(point, isSurelyNotNegative(least)) };
}

function whyNot(point: BookFigures['surplus']['restore']['point'], isMet: boolean): string {
  if (isMet) return 'the uncertainty of the prices leaves the account near its liquidation line';
  const missing = textOf(roundUp(negate(point), SHOWN_PLACES));
  return isSurelyNotNegative(point)
    ? 'the initial requirement and the buffer are not met at every price in doubt'
    : `the margin balance is ${missing} below the initial requirement and the buffer after it`;
}

function reducesRisk(before: Outcome, after: Outcome): boolean {
  const [one, other] = [figuresOf(before), figuresOf(after)];
  if (one === undefined || other === undefined) return false;
  const grows = REQUIREMENTS.some((name) => isAbove(other[name], one[name]));
  const { surplus: was } = one;
  const { surplus: is } = other;
  return (
    !grows &&
    !isBelow(is.liquidation.point, was.liquidation.point) &&
    !falls(was.liquidation.least, is.liquidation.least)
  );
}

const REQUIREMENTS = [
  'initialRequirement',
  'maintenanceRequirement',
  'latencyBuffer',
] as const satisfies readonly (keyof BookFigures)[];

function falls(before: Bound, after: Bound): boolean {
  if (before === 'unbounded') return false;
  return after === 'unbounded' || isBelow(after, before);
}

/**
 * The largest number of steps that is accepted, of at most `all`: exact where what is accepted is
 * one range that a trial point meets. The trials are 32 even steps and the halves of the whole.
 */
export function mostAccepted(all: number, isAccepted: (steps: number) => boolean): number {
  const trials = trialPoints(all);
  for (const [index, trial] of trials.entries()) {
    if (!isAccepted(trial)) continue;
    return bisected(trial, trials[index - 1] ?? trial + 1, isAccepted);
  }
  return 0;
}

const EVEN_STEPS = 32;

/** From the largest to 1. */
function trialPoints(all: number): number[] {
  const even = Array.from({ length: EVEN_STEPS }, (_, step) =>
    Math.floor((all * (step + 1)) / EVEN_STEPS),
  );
  const halves: number[] = [];
  for (let half = all; half >= 1; half = Math.floor(half / 2)) halves.push(half);
  const points = [...new Set([...even, ...halves])].filter((steps) => steps >= 1);
  return points.sort((left, right) => right - left);
}

function bisected(from: number, to: number, isAccepted: (steps: number) => boolean): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isAccepted(middle)) low = middle;
    else high = middle;
  }
  return low;
}
