/**
 * The overshoot R by another road than the Wiener–Hopf equation: its closed Laplace transform on the
 * complex plane [Chang and Peres 1997],
 *
 *     E e^{−sR} = (√2/s)·exp{ (1/π) ∫₀^∞ s/(s²+u²) · ln(1 − e^{−u²/2}) du },  Re s > 0,
 *
 * inverted numerically by the Euler sum of [Abate and Whitt 1995]; absolute error about 1e-10.
 */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** The integral over u = e^t by the trapezoidal rule, which converges exponentially here. */
const STEP_T = 0.05;
const NODES = Array.from({ length: 1460 }, (_, index) => {
  const u = Math.exp(index * STEP_T - 70);
  return { square: u * u, weight: (STEP_T / Math.PI) * u * Math.log(-Math.expm1((-u * u) / 2)) };
}).filter(({ weight }) => weight !== 0);

export const divided = (top: Complex, { re, im }: Complex): Complex => ({
  re: (top.re * re + top.im * im) / (re * re + im * im),
  im: (top.im * re - top.re * im) / (re * re + im * im),
});

export const exponential = ({ re, im }: Complex): Complex => ({
  re: Math.exp(re) * Math.cos(im),
  im: Math.exp(re) * Math.sin(im),
});

/** 1 − E e^{−sH} for the ladder height H, Re s > 0. */
export function ladderFactor({ re, im }: Complex): Complex {
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
  return exponential(exponent);
}

/** E e^{−sR} = (√2/s)·(1 − E e^{−sH}), Re s > 0. */
export function transform(s: Complex): Complex {
  const { re, im } = ladderFactor(s);
  return divided({ re: Math.SQRT2 * re, im: Math.SQRT2 * im }, s);
}

const TERMS = 40;
const WEIGHTS = [1, 11, 55, 165, 330, 462, 462, 330, 165, 55, 11, 1].map((n) => n / 2048);
const ACCURACY = 23;

/** f(x), x > 0, from its Laplace transform. */
export function inverted(of: (s: Complex) => Complex, x: number): number {
  const scale = Math.exp(ACCURACY / 2) / x;
  const term = (k: number) => of({ re: ACCURACY / (2 * x), im: (k * Math.PI) / x }).re * scale;
  let sum = term(0) / 2;
  let mean = 0;
  for (let k = 1; k < TERMS + WEIGHTS.length; k++) {
    sum += (k % 2 === 0 ? 1 : -1) * term(k);
    mean += (WEIGHTS[k - TERMS] ?? 0) * sum;
  }
  return mean;
}

/** P(R > x), from the transform of the tail, (1 − E e^{−sR})/s. */
export function invertedTail(x: number): number {
  return inverted((s) => {
    const { re, im } = transform(s);
    return divided({ re: 1 - re, im: -im }, s);
  }, x);
}
