/**
 * The overshoot R of a line that is watched at intervals, in standard deviations of one interval,
 * by another road than the rule under test: from its exact Laplace transform [Chang and Peres 1997]
 *
 *     E e^{−sR} = (√2/s)·exp{ (1/π) ∫₀^∞ s/(s²+u²) · ln(1 − e^{−u²/2}) du },
 *
 * inverted numerically [Abate and Whitt 1995], then convolved with the normal move of the execution.
 * Floating point throughout; good to about 1e-7.
 */
interface Complex {
  readonly re: number;
  readonly im: number;
}

/** The integral over u = e^t by the trapezoid rule, which converges exponentially here. */
const STEP_T = 0.05;
const NODES = Array.from({ length: 760 }, (_, index) => {
  const u = Math.exp(index * STEP_T - 35);
  return { square: u * u, weight: (STEP_T / Math.PI) * u * Math.log(-Math.expm1((-u * u) / 2)) };
}).filter(({ weight }) => Number.isFinite(weight));

/** E e^{−sR}, for Re s > 0. */
export function transform({ re, im }: Complex): Complex {
  const square = { re: re * re - im * im, im: 2 * re * im };
  let exponent = { re: 0, im: 0 };
  for (const node of NODES) {
    const below = square.re + node.square;
    const size = below * below + square.im * square.im;
    exponent = {
      re: exponent.re + (node.weight * (re * below + im * square.im)) / size,
      im: exponent.im + (node.weight * (im * below - re * square.im)) / size,
    };
  }
  const length = Math.SQRT2 * Math.exp(exponent.re);
  const top = { re: length * Math.cos(exponent.im), im: length * Math.sin(exponent.im) };
  const norm = re * re + im * im;
  return {
    re: (top.re * re + top.im * im) / norm,
    im: (top.im * re - top.re * im) / norm,
  };
}

const EULER_TERMS = 26;
const EULER_WEIGHTS = [1, 11, 55, 165, 330, 462, 462, 330, 165, 55, 11, 1].map((n) => n / 2048);
const ACCURACY = 18.4;

/** P(R > x), x > 0, by the Euler sum of the transform of the tail, (1 − E e^{−sR})/s. */
function tailAt(x: number): number {
  const term = (k: number): number => {
    const s = { re: ACCURACY / (2 * x), im: (k * Math.PI) / x };
    const value = transform(s);
    const norm = s.re * s.re + s.im * s.im;
    return ((1 - value.re) * s.re - value.im * s.im) / norm;
  };
  const scale = Math.exp(ACCURACY / 2) / x;
  let sum = (scale / 2) * term(0);
  let tail = 0;
  for (let k = 1; k <= EULER_TERMS + EULER_WEIGHTS.length - 1; k++) {
    sum += (k % 2 === 0 ? 1 : -1) * scale * term(k);
    const weight = EULER_WEIGHTS[k - EULER_TERMS];
    if (weight !== undefined) tail += weight * sum;
  }
  return tail;
}

export const CELL = 0.01;
/** P(R > i·CELL). */
export const TAIL = Array.from({ length: 701 }, (_, index) =>
  index === 0 ? 1 : tailAt(index * CELL),
);

/** Φ: by its power series below 3, by its continued fraction above. */
export function normalBelow(z: number): number {
  if (z < 0) return 1 - normalBelow(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 60; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = z;
  for (let n = 60; n > 0; n--) fraction = z + n / fraction;
  return 1 - density / fraction;
}

/** P(R + deviation·Z ≤ x) */
export function belowWith(deviation: number, x: number): number {
  let sum = 0;
  for (let index = 1; index < TAIL.length; index++) {
    const mass = (TAIL[index - 1] as number) - (TAIL[index] as number);
    const distance = x - (index - 0.5) * CELL;
    sum += mass * normalBelow(distance / deviation);
  }
  return sum;
}

/** The x with P(R + deviation·Z ≤ x) = share. */
export function quantileWith(deviation: number, share: number): number {
  let [low, high] = [0, 3 + 3 * deviation];
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    if (belowWith(deviation, middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
