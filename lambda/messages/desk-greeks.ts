/** Greeks in a desk's units. */
export interface DeskGreeks {
  /** Units of the underlying. */
  readonly delta: number;
  /** Change of delta for a price move of 1 %; absent without a price. */
  readonly gamma: number | undefined;
  /** Per percentage point of volatility, in the numeraire. */
  readonly vega: number;
  /** Per day, in the numeraire. */
  readonly theta: number;
}

const PER_CENT = 0.01;
const YEAR_DAYS = 365;

/** @param greeks texts: per unit of price, per 1.00 of volatility, per year */
export function deskGreeks(
  greeks: Readonly<Record<keyof DeskGreeks, string>>,
  price: string | undefined,
): DeskGreeks {
  return {
    delta: Number(greeks.delta),
    gamma: price === undefined ? undefined : Number(greeks.gamma) * Number(price) * PER_CENT,
    vega: Number(greeks.vega) * PER_CENT,
    theta: Number(greeks.theta) / YEAR_DAYS,
  };
}
