/** How far from its reference a market may be before a certificate says nothing more. */

/** Fractions of the reference price, unless stated otherwise. */
export interface Envelope {
  /** Largest fall and rise. A price hardly ever leaves them, so a crash reads what is doubtful. */
  readonly fall: number;
  readonly rise: number;
  /** Largest difference between a mark's move and its factor's. */
  readonly basis: number;
  /** Largest move of an asset with a price of its own that profits are settled in. */
  readonly settlement: number;
  /** No less than any U or Λ. */
  readonly shock: number;
  /** Largest change of a funding rate, a fraction of the notional per hour. */
  readonly fundingRate: number;
  /** A certificate expires, because interest and funding go on. */
  readonly hours: number;
  /** For factors in which options are held: only their holders leave it. */
  readonly nonLinear: NonLinearEnvelope;
}

/** Options lose the more by a wide envelope, because their curves bend. */
export interface NonLinearEnvelope {
  /** Largest fall or rise. */
  readonly move: number;
  /** No less than any U or Λ; and what they hardly ever exceed, where slopes are known better. */
  readonly shock: number;
  readonly usualShock: number;
  /** Largest change of σ√τ, a fraction of it: volatility moves, and time passes. */
  readonly deviation: number;
}

export const ENVELOPE: Envelope = {
  fall: 0.95,
  rise: 9,
  basis: 0.01,
  settlement: 0.05,
  shock: 0.3,
  fundingRate: 1e-4,
  hours: 24,
  nonLinear: { move: 0.15, shock: 0.1, usualShock: 0.02, deviation: 0.4 },
};

/** Lowest and highest multiple of the reference at which a requirement may be taken. */
export const lowestOf = ({ fall, basis, shock }: Envelope): number =>
  (1 - fall) * (1 - basis) * (1 - shock);

export const highestOf = ({ rise, basis, shock }: Envelope): number =>
  (1 + rise) * (1 + basis) * (1 + shock);
