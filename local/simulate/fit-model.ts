/**
 * The most likely model of a history: each parameter in turn takes the best rung of its ladder,
 * until nothing changes. It has no jumps: the tails of its returns are those of the history. (Jumps
 * with a mean and a deviation of their own came out too large in all but the crash that they were
 * taken from, and at times when nothing else moved.)
 */
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import { HistoryError, type LeftOut, lengthOf, returnsOf, sumOf } from './fit-returns.ts';
import { logLikelihood } from './likelihood.ts';
import { BITCOIN, type PriceModel, WEIGHTS_MAX } from './price-model.ts';
import type { PriceRows } from './price-rows.ts';
import { comparedSizes, type Sizes, withLevel } from './sizes.ts';

export interface ModelFit {
  readonly model: PriceModel;
  /** Rows of the file, and returns that the fit used. */
  readonly rows: number;
  readonly returns: number;
  readonly rowsAReturn: number;
  /** Share of rows that did not move, and of the returns used. */
  readonly unmovedRows: number;
  readonly unmovedReturns: number;
  readonly leftOut: readonly LeftOut[];
  /** Of the fitted model and the returns used. */
  readonly sizes: readonly Sizes[];
}

const ROUNDS_MAX = 8;

/** Half-lives in ticks. The level is that of the history, until `withLevel` sets it by sizes. */
const LADDERS = {
  degrees: [2.5, 3, 3.5, 4, 5, 6, 8, 12, 20, 50],
  asymmetry: [0, 0.15, 0.3, 0.6, 1, 2],
  fastWeight: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  slowWeight: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  fastHalfLifeSeconds: [1, 2, 3, 5, 8, 12, 20, 32],
  slowHalfLifeSeconds: [60, 120, 240, 480, 960, 1440, 2880, 5760, 10_080],
} satisfies { readonly [Name in keyof PriceModel]?: readonly number[] };

type Name = keyof typeof LADDERS;

/** @throws HistoryError with too few returns, or if the price never moves. */
export function fitModel(rows: PriceRows): ModelFit {
  const { rowsAReturn, segments, left } = returnsOf(rows);
  const returns = lengthOf(segments);
  const variance = sumOf(segments, (move) => move ** 2) / returns;
  if (!(variance > 0)) throw new HistoryError('the price never moves');
  const tickSeconds = rows.spacingSeconds * rowsAReturn;
  const scale = { volatility: Math.sqrt((variance * YEAR_SECONDS) / tickSeconds), tickSeconds };
  const isZero = (move: number) => (move === 0 ? 1 : 0);
  const model = withLevel(mostLikely(segments, scale), segments);
  return {
    model,
    rows: rows.read,
    returns,
    rowsAReturn,
    unmovedRows: sumOf([rows.moves], isZero) / rows.moves.length,
    unmovedReturns: sumOf(segments, isZero) / returns,
    leftOut: left.filter((each) => each.rows > 0),
    sizes: comparedSizes(model, segments),
  };
}

type Scale = Pick<PriceModel, 'volatility' | 'tickSeconds'>;

function mostLikely(segments: readonly Float64Array[], scale: Scale): PriceModel {
  const { tickSeconds } = scale;
  let model: PriceModel = {
    ...BITCOIN,
    ...scale,
    fastHalfLifeSeconds: 8 * tickSeconds,
    slowHalfLifeSeconds: 480 * tickSeconds,
    ...{ degrees: 4, asymmetry: 0, fastWeight: 0.4, slowWeight: 0.4 },
    ...{ jumpsPerYear: 0, jumpMean: 0, jumpDeviation: 0 },
  };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = model;
    for (const name of Object.keys(LADDERS) as Name[]) {
      model = bestOf(rungsOf(model, name, scale), segments);
    }
    if (JSON.stringify(before) === JSON.stringify(model)) break;
  }
  return model;
}

/** A weight may take from the other, as both share what v does not forget. */
function rungsOf(model: PriceModel, name: Name, scale: Scale): PriceModel[] {
  const units: { readonly [Each in Name]?: number } = {
    fastHalfLifeSeconds: scale.tickSeconds,
    slowHalfLifeSeconds: scale.tickSeconds,
  };
  const rungs = LADDERS[name].map((rung) => rung * (units[name] ?? 1));
  const moved = rungs.map((rung) => ({ ...model, [name]: rung }));
  const other = { fastWeight: 'slowWeight', slowWeight: 'fastWeight' }[name as 'fastWeight'];
  const traded = rungs.map((rung) => ({
    ...model,
    [name]: rung,
    ...(other && { [other]: model.fastWeight + model.slowWeight - rung }),
  }));
  return [model, ...moved, ...(other === undefined ? [] : traded)].filter(
    ({ fastWeight, slowWeight }) =>
      slowWeight >= 0 && fastWeight >= 0 && fastWeight + slowWeight <= WEIGHTS_MAX,
  );
}

function bestOf(models: readonly PriceModel[], segments: readonly Float64Array[]): PriceModel {
  const scored = models.map((model) => ({ model, score: logLikelihood(model, segments) }));
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).model;
}
