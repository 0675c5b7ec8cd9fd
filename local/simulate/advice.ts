/**
 * What the simulation says to do, and whether it can say it: no bad debt seen is a bound and no
 * figure, and a best setting at the edge of what was tried is none.
 */
import { randomStream } from '../analysis/random.ts';
import type { CellResult } from './cell-result.ts';
import { type Mean, meanOf } from './distribution.ts';
import { addressOf } from './frontier.ts';
import { type Cell, INTERVAL_MAX_SECONDS, INTERVAL_MIN_SECONDS } from './grid.ts';

export type Outcome = 'recommended' | 'edge' | 'unseen';

export interface Advice {
  readonly outcome: Outcome;
  /** The least total cost. */
  readonly best: Cell;
  /** Where `best` lies if it is at an edge. */
  readonly edges: readonly Edge[];
  readonly liquidations: number;
  /** Rule of three: with 95 % confidence the chance of a debt is below 3/n; null where debts were seen. */
  readonly shortfallBound: number | null;
  /** Λ, as a fraction of the price. */
  readonly shockHeld: Mean;
  /** One standard error of the best interval, as a factor: 1.5 is from two thirds to one and a half. */
  readonly intervalFactor: number;
  /** Share of resamples whose best interval is this one. */
  readonly sameIntervalShare: number;
  /** The next best setting with another interval, and the one with another confidence. */
  readonly otherInterval: Rival | undefined;
  readonly otherBuffer: Rival | undefined;
}

export type Edge =
  | 'shortest interval'
  | 'longest interval'
  | 'only interval'
  | 'highest confidence'
  | 'lowest confidence';

export interface Rival {
  readonly cell: Cell;
  /** USD for 30 days more than the best, on the same paths. */
  readonly more: Mean;
}

export interface Costed {
  readonly result: CellResult;
  /** Total cost and Λ held, by path. */
  readonly costs: readonly number[];
  readonly held: readonly number[];
}

const RESAMPLES = 400;

/** @param costed the cells of one execution time, at equal confidence */
export function adviceOf(costed: readonly Costed[], seed: number): Advice {
  const best = leastOf(costed);
  const { result } = best;
  const edges = edgesOf(
    result,
    costed.map((each) => each.result),
  );
  const others = (isOther: (cell: Cell) => boolean) =>
    costed.filter((each) => isOther(each.result));
  const spread = spreadOf(costed, seed);
  return {
    outcome: result.shortfalls === 0 ? 'unseen' : edges.length > 0 ? 'edge' : 'recommended',
    best: addressOf(result),
    edges,
    liquidations: result.liquidations,
    shortfallBound: result.shortfalls === 0 ? ruleOfThree(result.liquidations) : null,
    shockHeld: { mean: result.shockHeld.mean, standardError: spread.shockHeld },
    intervalFactor: spread.intervalFactor,
    sameIntervalShare: spread.shareOf(result.intervalSeconds),
    otherInterval: rivalOf(
      best,
      others(({ intervalSeconds }) => intervalSeconds !== result.intervalSeconds),
    ),
    otherBuffer: rivalOf(
      best,
      others(({ confidence }) => confidence !== result.confidence),
    ),
  };
}

/** After n trials without an event its chance is below this, with 95 % confidence. */
export const ruleOfThree = (trials: number): number => (trials === 0 ? 1 : Math.min(1, 3 / trials));

const totalOf = ({ result }: Costed): number => result.costPerMonth.total;

const leastOf = (costed: readonly Costed[]): Costed =>
  costed.reduce((left, right) => (totalOf(right) < totalOf(left) ? right : left));

function rivalOf(best: Costed, others: readonly Costed[]): Rival | undefined {
  if (others.length === 0) return undefined;
  const rival = leastOf(others);
  const aws = rival.result.costPerMonth.aws - best.result.costPerMonth.aws;
  const more = rival.costs.map((cost, path) => cost - (best.costs[path] as number) + aws);
  return { cell: addressOf(rival.result), more: meanOf(more) };
}

/** Where the buffer is at its bound nearly always, a higher confidence holds no more. */
const BOUNDED_SHARE = 0.9;

/** The shortest that a deployment can have. */
const INTERVAL_LEAST_SECONDS = 1;

const isShortest = (seconds: number): boolean =>
  seconds === INTERVAL_MIN_SECONDS || seconds === INTERVAL_LEAST_SECONDS;

/** A minute, below which most prices cannot tell, and the longest interval of a check are no edges. */
export function edgesOf(best: CellResult, cells: readonly CellResult[]): Edge[] {
  const intervals = cells.map(({ intervalSeconds }) => intervalSeconds);
  const confidences = cells.map(({ confidence }) => confidence);
  const { intervalSeconds, confidence, boundedShare } = best;
  const [least, most] = [Math.min(...intervals), Math.max(...intervals)];
  const highest = Math.max(...confidences.map((each) => each ?? 0));
  const lowest = Math.min(...confidences.map((each) => each ?? 0));
  const isEdge: Readonly<Record<Edge, boolean>> = {
    'only interval': least === most,
    'shortest interval': intervalSeconds === least && least < most && !isShortest(least),
    'longest interval': intervalSeconds === most && least < most && most < INTERVAL_MAX_SECONDS,
    'highest confidence':
      confidence !== null && confidence === highest && boundedShare < BOUNDED_SHARE,
    'lowest confidence': confidence !== null && confidence === lowest && lowest < highest,
  };
  return (Object.keys(isEdge) as Edge[]).filter((edge) => isEdge[edge]);
}

/** How far the choice itself varies: paths are drawn again, with replacement, and it is made anew. */
function spreadOf(costed: readonly Costed[], seed: number) {
  const random = randomStream(seed, 'advice');
  const paths = costed[0]?.costs.length ?? 0;
  const picks = Array.from({ length: RESAMPLES }, () => {
    const drawn = Array.from({ length: paths }, () => random.wholeBetween(0, paths - 1));
    const mean = (values: readonly number[]) =>
      drawn.reduce((sum, path) => sum + (values[path] as number), 0) / paths;
    const totals = costed.map(({ costs, result }) => mean(costs) + result.costPerMonth.aws);
    const { result, held } = costed[totals.indexOf(Math.min(...totals))] as Costed;
    return { intervalSeconds: result.intervalSeconds, held: mean(held) };
  });
  const shareOf = (seconds: number) =>
    picks.filter(({ intervalSeconds }) => intervalSeconds === seconds).length / RESAMPLES;
  return {
    shareOf,
    shockHeld: deviationOf(picks.map(({ held }) => held)),
    intervalFactor: Math.exp(
      deviationOf(picks.map(({ intervalSeconds }) => Math.log(intervalSeconds))),
    ),
  };
}

const deviationOf = (values: readonly number[]): number =>
  meanOf(values).standardError * Math.sqrt(values.length);
