/** A venue's published margin rules, as attributes of rows. */
import type { RawRow } from '../raw-row.ts';

/** Plain data, read only when a row names it. Decimals are texts. */
export interface VenuePreset {
  readonly name: string;
  readonly title: string;
  /** For the profile of an account. */
  readonly model: 'standard' | 'portfolio';
  /** Public page or repository of the numbers. */
  readonly source: string;
  /** ISO date of the numbers, or of when they were read. */
  readonly date: string;
  /** Attributes of a risk row. The user supplies the volatility. */
  readonly risk: RawRow;
  /** By asset: attributes of its row. */
  readonly assets?: Readonly<Record<string, RawRow>>;
  readonly policy?: RawRow;
  /** For the user to add or to check again. */
  readonly left: readonly string[];
  /** Rules of the venue that no attribute expresses. */
  readonly unsaid: readonly string[];
}

type Vol = 'up' | 'none' | 'down';

/** Every price with every volatility. */
export const cellsOf = (priceMultipliers: readonly string[], vols: readonly Vol[]) =>
  priceMultipliers.flatMap((priceMultiplier) => vols.map((vol) => ({ priceMultiplier, vol })));

/** By price, the share of the loss that counts; volatility up. */
export const tailsOf = (weights: Readonly<Record<string, string>>) =>
  Object.entries(weights).map(([priceMultiplier, weight]) => ({
    priceMultiplier,
    vol: 'up',
    weight,
  }));
