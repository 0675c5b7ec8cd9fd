/**
 * The returns that a model is fitted to.
 *
 * A price that often stands still says little at its own spacing: its law is that of the venue's
 * tick size, and a local variance of 0 turns every move into a jump. So rows are joined until at
 * most a fifth of the returns are 0.
 */
import type { PriceRows } from './price-rows.ts';

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
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
export interface Returns {
  readonly rowsAReturn: number;
  readonly segments: readonly Float64Array[];
  readonly left: readonly LeftOut[];
}

/**
 * The shortest returns of which enough move; if none do, the longest that leave enough.
 * @throws HistoryError with too few returns
 */
export function returnsOf(rows: PriceRows): Returns {
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

export const lengthOf = (segments: readonly Float64Array[]): number =>
  segments.reduce((sum, { length }) => sum + length, 0);

export const sumOf = (segments: readonly Float64Array[], of: (move: number) => number): number =>
  segments.reduce((sum, moves) => sum + moves.reduce((part, move) => part + of(move), 0), 0);
