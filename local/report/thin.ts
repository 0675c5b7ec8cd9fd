import { groupBy } from '../../lambda/margin/number/group-by.ts';

interface Timed {
  readonly timeMs: number;
}

/**
 * Reduces lines to what their pixels show: per segment of time, the first and last point, each
 * line's lowest and highest, and the edges of gaps (NaN).
 * @param values of a point, by line
 */
export function thinned<P extends Timed>(
  points: readonly P[],
  { spans, values }: { readonly spans: number; readonly values: (point: P) => number[] },
): P[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length <= spans * 2) return [...points];
  const widthMs = (last.timeMs - first.timeMs) / spans || 1;
  const spanOf = ({ timeMs }: P) => Math.floor((timeMs - first.timeMs) / widthMs);
  const kept = [...groupBy(points, spanOf).values()].flatMap((span) => extremesOf(span, values));
  return kept;
}

function extremesOf<P>(span: readonly P[], values: (point: P) => number[]): P[] {
  const kept = new Set<number>([0, span.length - 1]);
  const drawn = span.map(values);
  for (const line of (drawn[0] ?? []).keys()) {
    const heights = drawn.map((point) => point[line] ?? Number.NaN);
    const known = heights.flatMap((height, index) => (Number.isNaN(height) ? [] : [index]));
    const at = (index: number) => heights[index] as number;
    for (const index of heights.keys()) {
      const isEdge = Number.isNaN(at(index)) !== Number.isNaN(at(Math.max(0, index - 1)));
      if (isEdge) kept.add(index - 1).add(index);
    }
    if (known.length === 0) continue;
    kept.add(known.reduce((lowest, index) => (at(index) < at(lowest) ? index : lowest)));
    kept.add(known.reduce((highest, index) => (at(index) > at(highest) ? index : highest)));
  }
  return [...kept].toSorted((left, right) => left - right).map((index) => span[index] as P);
}
