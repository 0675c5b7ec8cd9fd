/**
 * Prices of several risk factors at each check: the first is the history, the others follow it with a
 * beta and noise of their own. What is not seen between two checks is their range.
 */
import type { Gap } from '../../../lambda/margin/statistics/gap-variance.ts';
import { type RandomStream, randomStream } from '../../analysis/random.ts';
import { type Checks, checksOf, gapBetween } from '../../backtest/checks.ts';
import { InputError } from '../../cli/input.ts';
import { at, type PriceHistory } from '../../history/price-history.ts';

export const FACTORS = 20;
export const BETA = { least: 1, most: 1.6 };
/** A share of the history's own volatility in its last moves. */
export const NOISE = 0.6;
/** In gaps. */
const NOISE_HALF_LIFE = 30;

export interface FactorPrice {
  readonly price: number;
  /** Since the check before. */
  readonly low: number;
  readonly high: number;
}

export interface FactorPrices {
  /** Seconds since 1970. */
  readonly time: number;
  /** In the order of the factors; the first is the history's. */
  readonly prices: readonly FactorPrice[];
}

export interface Along {
  readonly history: PriceHistory;
  readonly intervalSeconds: number;
  readonly seed: number;
  /** Seconds since 1970; default: the whole history. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

/** @throws InputError if it has no price in that time */
export function checksAlong({ history, intervalSeconds, from = 0, until }: Along): Checks {
  const checks = checksOf(history, intervalSeconds);
  const first = checks.time.findIndex((time) => time >= from);
  const end = until === undefined ? -1 : checks.time.findIndex((time) => time >= until);
  const cut = (column: Float64Array) => column.slice(first, end < 0 ? undefined : end);
  if (first < 0 || end === 0 || first === end) {
    throw new InputError(`${history.file}: no price between --from and --until`);
  }
  return { ...checks, time: cut(checks.time), span: cut(checks.span) };
}

/** Each price begins as the history's does. */
export function* factorPrices(along: Along): Generator<FactorPrices> {
  const { history, seed } = along;
  const checks = checksAlong(along);
  const random = randomStream(seed, 'factors');
  const betas = betasOf(random);
  const noise = new Noise(firstVariance(history, checks));
  let prices = betas.map(() => at(history.spans.open, at(checks.span, 0)));
  for (let check = 0; check < checks.time.length; check++) {
    const gap = check === 0 ? undefined : gapTo(history, checks, check);
    const deviation = noise.after(gap?.moved ?? 0);
    const now = prices.map((before, index) => {
      // The history itself has no noise.
      const own = index === 0 || gap === undefined ? 0 : deviation * random.normal();
      return movedBy(before, gap, { beta: betas[index] as number, own });
    });
    prices = now.map(({ price }) => price);
    yield { time: at(checks.time, check), prices: now };
  }
}

const betasOf = (random: RandomStream): number[] =>
  Array.from({ length: FACTORS }, (_, index) =>
    index === 0 ? 1 : random.between(BETA.least, BETA.most),
  );

const gapTo = (history: PriceHistory, { span }: Checks, check: number): Gap | undefined =>
  gapBetween(history, { from: at(span, check - 1), to: at(span, check), isRanged: true });

interface Follows {
  readonly beta: number;
  /** Log move of its own. */
  readonly own: number;
}

/** Beyond both ends a price goes beta times as far as the history does. */
function movedBy(before: number, gap: Gap | undefined, { beta, own }: Follows): FactorPrice {
  if (gap === undefined) return { price: before, low: before, high: before };
  const moved = beta * gap.moved + own;
  const below = beta * (gap.fall - Math.max(0, -gap.moved));
  const above = beta * (gap.rise - Math.max(0, gap.moved));
  return {
    price: before * Math.exp(moved),
    low: before * Math.exp(Math.min(0, moved) - below),
    high: before * Math.exp(Math.max(0, moved) + above),
  };
}

class Noise {
  private variance: number;

  constructor(variance: number) {
    this.variance = variance;
  }

  /** Deviation of each factor's own log move. */
  after(moved: number): number {
    const kept = 2 ** (-1 / NOISE_HALF_LIFE);
    this.variance = kept * this.variance + (1 - kept) * moved ** 2;
    return NOISE * Math.sqrt(this.variance);
  }
}

function firstVariance(history: PriceHistory, checks: Checks): number {
  const count = Math.min(NOISE_HALF_LIFE, checks.time.length - 1);
  let sum = 0;
  for (let check = 1; check <= count; check++) {
    sum += (gapTo(history, checks, check)?.moved ?? 0) ** 2;
  }
  return sum / Math.max(1, count);
}
