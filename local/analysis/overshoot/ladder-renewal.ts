/**
 * The renewal density r of the ladder heights of a random walk with standard normal steps: how
 * often it reaches a new height near y. It solves the Wiener–Hopf equation
 *
 *     r(x) = φ(x) + ∫₀^∞ φ(x − y)·r(y) dy   [Spitzer 1957; Feller II, XII].
 *
 * r tends to 1/E H = √2. q = r − √2 decays as e^{−√(2π)·y} and solves
 *
 *     q(x) = φ(x) − √2·(1 − Φ(x)) + ∫₀^∞ φ(x − y)·q(y) dy,
 *
 * cut off where q is below 1e-13 and solved at Gauss–Legendre nodes. The kernel is entire, so 30
 * nodes leave 1e-13 and 40 the last digits of a float64.
 */
import { gaussLegendre, nodesOn, type QuadratureNode } from './gauss-legendre.ts';
import { normalAbove, normalDensity } from './normal.ts';

const NODES = 40;
const REACH = 12;
const NOTICED = 7;
/** About 20 converge: nearly all eigenvalues of the kernel are 0. */
const STEPS = 40;

type Values = readonly number[];

/**
 * Heights, each with q(height)·quadrature weight: ∫₀^∞ g·q ≈ Σ g(at)·weight for smooth g. Leaves
 * out heights above 7: there q is below 3e-8 and g, a normal tail, below 2e-12.
 */
export function ladderRenewal(): readonly QuadratureNode[] {
  const nodes = nodesOn(gaussLegendre(NODES), { from: 0, to: REACH });
  const inner = (left: Values, right: Values): number =>
    nodes.reduce((sum, { weight }, i) => sum + weight * valueAt(left, i) * valueAt(right, i), 0);
  const kernels = nodes.map(({ at: x }) => nodes.map(({ at: y }) => normalDensity(x - y)));
  const lessKernel = (values: Values): Values =>
    kernels.map((kernel, i) => valueAt(values, i) - inner(kernel, values));
  const given = nodes.map(({ at }) => normalDensity(at) - Math.SQRT2 * normalAbove(at));
  const solved = conjugateGradients(lessKernel, { given, inner });
  const renewal = nodes.map(({ at, weight }, i) => ({ at, weight: weight * valueAt(solved, i) }));
  return renewal.filter(({ at }) => at < NOTICED);
}

/**
 * Solves operator(x) = given for an operator symmetric and positive in the inner product. 1 − φ*
 * is, as the Fourier transform of φ is below 1 [Hestenes and Stiefel 1952].
 */
function conjugateGradients(
  operator: (values: Values) => Values,
  terms: { given: Values; inner: (left: Values, right: Values) => number },
): Values {
  const { given, inner } = terms;
  let solved: Values = given.map(() => 0);
  let [left, direction, size] = [given, given, inner(given, given)];
  const enough = 1e-34 * size;
  for (let step = 0; step < STEPS && size > enough; step++) {
    const image = operator(direction);
    const length = size / inner(direction, image);
    solved = solved.map((value, i) => value + length * valueAt(direction, i));
    left = left.map((value, i) => value - length * valueAt(image, i));
    const before = size;
    size = inner(left, left);
    direction = left.map((value, i) => value + (size / before) * valueAt(direction, i));
  }
  return solved;
}

const valueAt = (values: Values, index: number): number => values[index] as number;
