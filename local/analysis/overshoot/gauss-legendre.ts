/** Gauss–Legendre quadrature: exact for polynomials of degree 2n − 1. */

export interface QuadratureNode {
  readonly at: number;
  readonly weight: number;
}

/** On [−1, 1]: the roots of Pₙ by Newton's method, from Tricomi's guess. */
export function gaussLegendre(nodes: number): readonly QuadratureNode[] {
  return Array.from({ length: nodes }, (_, index) => {
    let at = -Math.cos((Math.PI * (index + 0.75)) / (nodes + 0.5));
    let slope = 1;
    // Three steps reach the last digit.
    for (let turn = 0; turn < 6; turn++) {
      const legendre = legendreAt(at, nodes);
      slope = legendre.slope;
      at -= legendre.value / slope;
    }
    return { at, weight: 2 / ((1 - at * at) * slope * slope) };
  });
}

function legendreAt(x: number, degree: number): { value: number; slope: number } {
  let [before, value] = [1, x];
  for (let n = 2; n <= degree; n++) {
    [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) };
}

export function nodesOn(
  rule: readonly QuadratureNode[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly QuadratureNode[] {
  const half = (to - from) / 2;
  return rule.map(({ at, weight }) => ({ at: from + half * (1 + at), weight: weight * half }));
}
