export const ROOT_TAU = Math.sqrt(2 * Math.PI);

/** φ(z) = e^{−z²/2}/√(2π) */
export const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / ROOT_TAU;
