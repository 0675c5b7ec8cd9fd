/** Where a function that falls through zero does so. */

interface Point {
  readonly x: number;
  readonly y: number;
}

const TURNS_MAX = 60;

/**
 * Ridders' method [1979]: it converges quadratically and never leaves the bracket, in which f must
 * fall, from f(low) ≥ 0 to f(high) ≤ 0. Good to 1e-14 of the bracket or to `f`, whichever is worse.
 * @throws RangeError when the signs say that no root is bracketed.
 */
export function fallingRoot(
  f: (x: number) => number,
  bracket: { readonly low: number; readonly high: number },
): number {
  const at = (x: number): Point => ({ x, y: f(x) });
  let [low, high] = [at(bracket.low), at(bracket.high)];
  if (!(low.y >= 0 && high.y <= 0)) {
    throw new RangeError(`no root between ${bracket.low} and ${bracket.high}`);
  }
  const near = 1e-14 * (high.x - low.x);
  let root = low.y === 0 ? low.x : high.x;
  for (let turn = 0; turn < TURNS_MAX && low.y > 0 && high.y < 0; turn++) {
    const middle = at((low.x + high.x) / 2);
    const bend = Math.sqrt(middle.y * middle.y - low.y * high.y);
    const next = at(middle.x + ((middle.x - low.x) * middle.y) / bend);
    const done = Math.abs(next.x - root) <= near || next.y === 0;
    root = next.x;
    if (done) break;
    const known = [low, middle, next, high].toSorted((left, right) => left.x - right.x);
    low = known.findLast(({ y }) => y > 0) ?? low;
    high = known.find(({ y }) => y < 0) ?? high;
  }
  return root;
}
