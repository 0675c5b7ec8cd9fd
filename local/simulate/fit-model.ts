/**
 * The most likely model of a history: each parameter in turn takes the best rung of its ladder,
 * until nothing changes. It has no jumps: the tails of its returns are those of the history. (Jumps
 * with a mean and a deviation of their own came out too large in all but the crash that they were
 * taken from, and at times when nothing else moved.)
 *
 * A price that often stands still says little at its own spacing: its law is that of the venue's
 * tick size, and a local variance of 0 turns every move into a jump. So rows are joined until at
 * most a fifth of the returns are 0.
 */
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import { logLikelihood } from './likelihood.ts';
import { BITCOIN, type PriceModel, WEIGHTS_MAX } from './price-model.ts';
import type { PriceRows } from './price-rows.ts';
import { comparedSizes, type Sizes, withLevel } from './sizes.ts';

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

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

export interface LeftOut {
  readonly rows: number;
  readonly why: string;
}

const RETURNS_MIN = 200;
/** Only the latest are fitted: more take long and say little about now. */
const RETURNS_MAX = 60_000;
const UNMOVED_MAX = 0.2;
const ROWS_A_RETURN = [1, 2, 3, 5, 10, 15, 20, 30, 60];
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

interface Returns {
  readonly rowsAReturn: number;
  readonly segments: readonly Float64Array[];
  readonly left: readonly LeftOut[];
}

/** The shortest returns of which enough move; if none do, the longest that leave enough. */
function returnsOf(rows: PriceRows): Returns {
  let found: Returns | undefined;
  for (const rowsAReturn of ROWS_A_RETURN) {
    const joined = joinedBy(rows, rowsAReturn);
    const count = lengthOf(joined.segments);
    if (count < RETURNS_MIN) break;
    found = joined;
    const unmoved = sumOf(joined.segments, (move) => (move === 0 ? 1 : 0)) / count;
    if (unmoved <= UNMOVED_MAX) return found;
  }
  if (found !== undefined) return found;
  throw new HistoryError(
    `a fit needs at least ${RETURNS_MIN + 1} prices, not ${rows.moves.length + 1}`,
  );
}

function joinedBy(rows: PriceRows, rowsAReturn: number): Returns {
  const segments: Float64Array[] = [];
  const least = Math.max(2, rowsAReturn);
  let [rest, short, early] = [0, 0, 0];
  let room = RETURNS_MAX;
  for (const { from, until } of rows.segments.toReversed()) {
    const whole = Math.floor((until - from) / rowsAReturn);
    if (until - from < least) {
      short += until - from;
      continue;
    }
    const used = Math.min(whole, room);
    room -= used;
    early += (whole - used) * rowsAReturn;
    rest += until - from - whole * rowsAReturn;
    if (used === 0) continue;
    const first = from + (whole - used) * rowsAReturn;
    segments.unshift(
      Float64Array.from({ length: used }, (_, index) => {
        const begin = first + index * rowsAReturn;
        return sumOf([rows.moves.subarray(begin, begin + rowsAReturn)], (move) => move);
      }),
    );
  }
  const left = [
    { rows: early, why: `only the latest ${RETURNS_MAX} returns are fitted` },
    { rows: short, why: 'they stand alone between two gaps' },
    { rows: rest, why: `they are fewer than the ${rowsAReturn} rows of a return` },
  ];
  return { rowsAReturn, segments, left };
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

const lengthOf = (segments: readonly Float64Array[]): number =>
  segments.reduce((sum, { length }) => sum + length, 0);

const sumOf = (segments: readonly Float64Array[], of: (move: number) => number): number =>
  segments.reduce((sum, moves) => sum + moves.reduce((part, move) => part + of(move), 0), 0);
