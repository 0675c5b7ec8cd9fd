interface Point {
  readonly x: number;
  readonly y: number;
}

const TURNS_MAX = 200;

/**
 * Chandrupatla's method [1997], for an f that falls from f(low) ≥ 0 to f(high) ≤ 0. Good to 1e-15
 * of the bracket or to `f`, whichever is worse.
 * @throws RangeError if the signs bracket no root.
 */
export function fallingRoot(
  f: (x: number) => number,
  bracket: { readonly low: number; readonly high: number },
): number {
  const at = (x: number): Point => ({ x, y: f(x) });
  let [last, other] = [at(bracket.high), at(bracket.low)];
  if (!(other.y >= 0 && last.y <= 0)) {
    throw new RangeError(`no root between ${bracket.low} and ${bracket.high}`);
  }
  const near = 1e-15 * (bracket.high - bracket.low);
  let step = 0.5;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const width = other.x - last.x;
    const best = Math.abs(last.y) < Math.abs(other.y) ? last : other;
    if (best.y === 0 || Math.abs(width) <= 2 * near) return best.x;
    const least = near / Math.abs(width);
    const next = at(last.x + Math.min(1 - least, Math.max(least, step)) * width);
    const same = next.y > 0 === last.y > 0;
    const dropped = same ? last : other;
    other = same ? other : last;
    last = next;
    step = interpolated({ last, other, dropped });
  }
  return last.x;
}

/** Returns a share of the way from `last` to `other`. */
function interpolated(points: { last: Point; other: Point; dropped: Point }): number {
  const { last, other, dropped } = points;
  const place = (last.x - other.x) / (dropped.x - other.x);
  const height = (last.y - other.y) / (dropped.y - other.y);
  if (!(height * height < place && (1 - height) ** 2 < 1 - place)) return 0.5;
  const straight = (last.y / (other.y - last.y)) * (dropped.y / (other.y - dropped.y));
  const bent = (last.y / (dropped.y - last.y)) * (other.y / (dropped.y - other.y));
  return straight + ((dropped.x - last.x) / (other.x - last.x)) * bent;
}
