/** What a venue publishes about its margin, as attributes of rows. */
import type { RawRow } from '../raw-row.ts';

/** Plain data: nothing of it is read until a row names it. Decimals are texts. */
export interface VenuePreset {
  readonly name: string;
  readonly title: string;
  /** What the profile of an account on it says. */
  readonly model: 'standard' | 'portfolio';
  /** The public page or repository that the figures are from. */
  readonly source: string;
  /** ISO: of the figures, or when they were read. */
  readonly date: string;
  /** Attributes of a risk row; its volatility is the user's. */
  readonly risk: RawRow;
  /** By asset: attributes of its row. */
  readonly assets?: Readonly<Record<string, RawRow>>;
  readonly policy?: RawRow;
  /** What the user has to add, or to look up again. */
  readonly left: readonly string[];
  /** What the venue does and no attribute says. */
  readonly unsaid: readonly string[];
}

type Vol = 'up' | 'none' | 'down';

/** Rows of a scenario table: every price with every volatility. */
export const cellsOf = (priceMultipliers: readonly string[], vols: readonly Vol[]) =>
  priceMultipliers.flatMap((priceMultiplier) => vols.map((vol) => ({ priceMultiplier, vol })));

/** Tails: by price, the share of the loss that counts; volatility up. */
export const tailsOf = (weights: Readonly<Record<string, string>>) =>
  Object.entries(weights).map(([priceMultiplier, weight]) => ({
    priceMultiplier,
    vol: 'up',
    weight,
  }));
