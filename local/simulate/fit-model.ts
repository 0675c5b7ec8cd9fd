/**
 * A jump is a return beyond 8 local deviations; the local variance is a running mean of |r|·|r
 * before|·π/2, which a single jump hardly moves [Barndorff-Nielsen and Shephard 2004]. The mean
 * variance excludes jumps. Half-lives, asymmetry and ν are the most likely rungs of their ladders,
 * chosen in turn until nothing changes.
 */
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import { logLikelihood, type Return } from './likelihood.ts';
import type { PriceModel } from './price-model.ts';
import type { PriceHistory } from './read-prices.ts';

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

const RETURNS_MIN = 200;
/** Only the latest are fitted: more take long and say little about now. */
const RETURNS_MAX = 50_000;
const JUMP_DEVIATIONS = 8;
/** Half-life of the local variance. */
const LOCAL_RETURNS = 30;
const ROUNDS_MAX = 4;

const MINUTE = 60;
const LADDERS = {
  degrees: [2.5, 3, 3.5, 4, 5, 6, 8, 12, 20, 50],
  asymmetry: [0, 0.15, 0.3, 0.6, 1, 2],
  shockHalfLifeSeconds: [1, 5, 15, 30, 60, 120, 240, 480, 1440].map((each) => each * MINUTE),
  reversionHalfLifeSeconds: [60, 180, 360, 720, 1440, 4320, 10_080].map((each) => each * MINUTE),
} satisfies { readonly [Name in keyof PriceModel]?: readonly PriceModel[Name][] };

/** @throws HistoryError with fewer than 200 returns, or if the price never moves. */
export function fitModel({ times, prices }: PriceHistory): PriceModel {
  const returns = prices.slice(1).map((price, index): Return => {
    const seconds = ((times[index + 1] as number) - (times[index] as number)) / 1000;
    return { seconds, move: Math.log(price / (prices[index] as number)), isJump: false };
  });
  if (returns.length < RETURNS_MIN) {
    throw new HistoryError(`a fit needs at least ${RETURNS_MIN + 1} prices, not ${prices.length}`);
  }
  const marked = withJumps(returns.slice(-RETURNS_MAX));
  const smooth = marked.filter(({ isJump }) => !isJump);
  const variance = sumOf(smooth, ({ move }) => move ** 2) / sumOf(smooth, ({ seconds }) => seconds);
  if (!(variance > 0)) throw new HistoryError('the price never moves');
  let model: PriceModel = {
    volatility: Math.sqrt(variance * YEAR_SECONDS),
    degrees: 4,
    asymmetry: 0,
    shockHalfLifeSeconds: 15 * MINUTE,
    reversionHalfLifeSeconds: 360 * MINUTE,
    ...jumpsOf(marked),
  };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = model;
    for (const name of Object.keys(LADDERS) as (keyof typeof LADDERS)[]) {
      model = bestOf(
        LADDERS[name].map((rung) => ({ ...model, [name]: rung })),
        marked,
      );
    }
    if (JSON.stringify(before) === JSON.stringify(model)) break;
  }
  return model;
}

function bestOf(models: readonly PriceModel[], returns: readonly Return[]): PriceModel {
  const scored = models.map((model) => ({ model, score: logLikelihood(model, returns) }));
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).model;
}

/** 1/(E|Z|)² of a standard normal. */
const FOLDED = Math.PI / 2;

function withJumps(returns: readonly Return[]): Return[] {
  const perSecond = ({ move, seconds }: Return) => Math.abs(move) / Math.sqrt(seconds);
  const first = returns.slice(0, LOCAL_RETURNS).map(perSecond);
  let before = first.toSorted((left, right) => left - right)[LOCAL_RETURNS / 2] as number;
  let local = sumOf(first, (each) => each ** 2) / first.length;
  const weight = -Math.expm1(-Math.LN2 / LOCAL_RETURNS);
  return returns.map((each) => {
    const size = perSecond(each);
    const isJump = local > 0 && size > JUMP_DEVIATIONS * Math.sqrt(local);
    if (!isJump) {
      local += weight * (FOLDED * size * before - local);
      before = size;
    }
    return { ...each, isJump };
  });
}

function jumpsOf(returns: readonly Return[]) {
  const moves = returns.filter(({ isJump }) => isJump).map(({ move }) => move);
  const years = sumOf(returns, ({ seconds }) => seconds) / YEAR_SECONDS;
  const jumpMean = moves.length === 0 ? 0 : sumOf(moves, (move) => move) / moves.length;
  const squares = sumOf(moves, (move) => (move - jumpMean) ** 2);
  const jumpDeviation = moves.length < 2 ? 0 : Math.sqrt(squares / (moves.length - 1));
  return { jumpsPerYear: moves.length / years, jumpMean, jumpDeviation };
}

const sumOf = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((sum, each) => sum + of(each), 0);
