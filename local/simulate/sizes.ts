/**
 * Whether simulated moves are as large as real ones: quantiles of absolute returns side by side, and
 * the level v̄ at which they agree.
 */
import { type PriceModel, VOLATILITY_FITTED_MAX } from './price-model.ts';
import { pricePath } from './price-path.ts';

export const SIZE_SHARES = [0.5, 0.9, 0.99] as const;

/** Moves over so many ticks: of minutes, one, five and sixty. */
const TICKS = [1, 5, 60] as const;
/** Fewer moves say little about their quantiles. */
const MOVES_MIN = 20;

export interface Sizes {
  readonly seconds: number;
  readonly moves: number;
  /** Quantiles of the absolute log return, at SIZE_SHARES. */
  readonly real: readonly number[];
  readonly simulated: readonly number[];
}

/** @param segments moves of a tick each */
export function comparedSizes(model: PriceModel, segments: readonly Float64Array[]): Sizes[] {
  const real = segments.map(closesOf);
  const simulated = simulatedCloses(model);
  return TICKS.flatMap((ticks) => {
    const joined = real.map((closes) => joinedSizes(closes, ticks));
    const moves = joined.reduce((sum, { length }) => sum + length, 0);
    if (moves < MOVES_MIN) return [];
    return [
      {
        seconds: ticks * model.tickSeconds,
        moves,
        real: sizesOf(joined),
        simulated: sizesOf(simulated.map((closes) => joinedSizes(closes, ticks))),
      },
    ];
  });
}

/**
 * Every move of the model grows with v̄ alone. The likelihood hardly knows v̄ where v forgets little
 * (weights near 1), so v̄ is set by sizes: the quantiles of a tick agree on average of their logs.
 */
export function withLevel(model: PriceModel, segments: readonly Float64Array[]): PriceModel {
  const real = sizesOf(segments.map((moves) => moves.map(Math.abs)));
  const simulated = sizesOf(simulatedCloses(model).map((closes) => joinedSizes(closes, 1)));
  const logs = real.map((size, index) => Math.log(size / (simulated[index] as number)));
  const known = logs.filter(Number.isFinite);
  if (known.length === 0) return model;
  const mean = known.reduce((sum, log) => sum + log, 0) / known.length;
  const volatility = Math.min(VOLATILITY_FITTED_MAX, model.volatility * Math.exp(mean));
  return { ...model, volatility };
}

const SIMULATED_PATHS = 60;
const SIMULATED_TICKS = 4000;
/** Enough to forget that each path begins with v̄. */
const RUN_IN_TICKS = 4000;

const simulatedCloses = (model: PriceModel): Float64Array[] =>
  Array.from({ length: SIMULATED_PATHS }, (_, path) => {
    const { logs, start } = pricePath(model, {
      ...{ seed: 0, factor: 'level', path, stepSeconds: model.tickSeconds },
      ...{ runIn: RUN_IN_TICKS, steps: SIMULATED_TICKS },
    });
    return logs.closes.subarray(start);
  });

function closesOf(moves: Float64Array): Float64Array {
  let log = 0;
  return Float64Array.from([0, ...moves], (move) => {
    log += move;
    return log;
  });
}

/** Absolute moves over so many steps, end to end. */
export function joinedSizes(closes: Float64Array, every: number): Float64Array {
  const count = Math.floor((closes.length - 1) / every);
  return Float64Array.from({ length: count }, (_, index) =>
    Math.abs((closes[(index + 1) * every] as number) - (closes[index * every] as number)),
  );
}

/** Quantiles at SIZE_SHARES. @param moves absolute */
export function sizesOf(moves: readonly Float64Array[]): number[] {
  const all = new Float64Array(moves.reduce((sum, { length }) => sum + length, 0));
  let next = 0;
  for (const part of moves) {
    all.set(part, next);
    next += part.length;
  }
  all.sort();
  return SIZE_SHARES.map((share) => all[Math.floor(share * (all.length - 1))] as number);
}
