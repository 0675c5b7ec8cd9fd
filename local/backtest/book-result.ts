/** Amounts are in the numeraire, as floats for display. */
export interface BookResult {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly feed: string;
  readonly checks: number;
  /** Accounts and isolated positions. */
  readonly subjects: number;
  /** At the first check; left out. */
  readonly indeterminate: number;
  /** Below the liquidation line at the first check; left out, as no interval is to blame. */
  readonly breachedAtStart: number;
  readonly calls: number;
  /** Calls that the market alone cured, as nobody pays. */
  readonly falseCalls: number;
  readonly liquidations: number;
  /** Above the line at these prices with the shocks of the check before. */
  readonly liquidatedByBuffer: number;
  /** Fills with a margin balance below ℓ·MM: the buffer was too small. */
  readonly shortfalls: number;
  readonly shortfallPerLiquidation: number;
  readonly badDebt: number;
  /** Of the orders of one check, the worst. */
  readonly worstBadDebt: number;
  /** If the price made its forecast move: the largest of all checks. */
  readonly badDebtAtShock: number;
  /** Checks whose bad debt was larger than the check before had said it could be. */
  readonly beyondShockDebt: number;
  /** Per mean notional of all positions. */
  readonly badDebtBasisPoints: number;
  /** From the first price below the line to the check that found it. */
  readonly meanLagSeconds: number;
}
