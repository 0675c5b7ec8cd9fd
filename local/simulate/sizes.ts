/**
 * Whether simulated moves are as large as real ones: quantiles of absolute returns side by side, and
 * the level v̄ at which they agree.
 */
import { type PriceModel, VOLATILITY_FITTED_MAX } from './price-model.ts';
import { pricePath } from './price-path.ts';

export const SIZE_SHARES = [0.5, 0.9, 0.99] as const;

const SIMULATED_PATHS = 60;
const SIMULATED_TICKS = 4000;
/** Enough to forget that each path begins with v̄. */
const RUN_IN_TICKS = 4000;

/**
 * Every move of the model grows with v̄ alone. The likelihood hardly knows v̄ where v is nearly
 * forgotten-proof (weights near 1), so v̄ is set by sizes: quantiles of one tick, on average of logs.
 */
export function withLevel(model: PriceModel, segments: readonly Float64Array[]): PriceModel {
  const real = sizesOf(segments.map((moves) => moves.map(Math.abs)));
  const simulated = sizesOf(tickMoves(model));
  const logs = real.map((size, index) => Math.log(size / (simulated[index] as number)));
  const known = logs.filter(Number.isFinite);
  const mean = known.reduce((sum, log) => sum + log, 0) / known.length;
  const volatility = Math.min(VOLATILITY_FITTED_MAX, model.volatility * Math.exp(mean));
  return known.length === 0 ? model : { ...model, volatility };
}

function tickMoves(model: PriceModel): Float64Array[] {
  return Array.from({ length: SIMULATED_PATHS }, (_, path) => {
    const { logs, start } = pricePath(model, {
      ...{ seed: 0, factor: 'level', path, stepSeconds: model.tickSeconds },
      ...{ runIn: RUN_IN_TICKS, steps: SIMULATED_TICKS },
    });
    const { closes } = logs;
    return Float64Array.from({ length: SIMULATED_TICKS }, (__, tick) =>
      Math.abs((closes[start + tick + 1] as number) - (closes[start + tick] as number)),
    );
  });
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

/** Absolute returns over this many rows or steps, end to end. */
export function joinedSizes(closes: Float64Array, every: number): Float64Array {
  const count = Math.floor((closes.length - 1) / every);
  return Float64Array.from({ length: count }, (_, index) =>
    Math.abs((closes[(index + 1) * every] as number) - (closes[index * every] as number)),
  );
}
