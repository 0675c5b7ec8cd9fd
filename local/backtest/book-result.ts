/** Result of a book over a price history. Amounts in the numeraire, as floats for display. */
export interface BookResult {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly feed: string;
  readonly checks: number;
  /** Accounts and isolated positions that take part. */
  readonly subjects: number;
  /** At the first check; takes no part. */
  readonly indeterminate: number;
  /**
   * Already below the liquidation line at the first check. Takes no part, as no interval is to
   * blame.
   */
  readonly breachedAtStart: number;
  readonly calls: number;
  /** Calls that the market alone cured: nobody pays in a backtest. */
  readonly falseCalls: number;
  readonly liquidations: number;
  /** Fills with a margin balance below ℓ·MM: the buffer did not suffice. */
  readonly shortfalls: number;
  readonly shortfallPerLiquidation: number;
  readonly badDebt: number;
  /** Relative to the mean notional of all positions. */
  readonly badDebtBasisPoints: number;
  /** From the first price below the liquidation line to the check that found it. */
  readonly meanLagSeconds: number;
}
