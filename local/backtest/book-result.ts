/** What became of a book of accounts over a price history. Amounts in the numeraire, for the eye. */
export interface BookResult {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly feed: string;
  readonly checks: number;
  /** Accounts and isolated positions that take part. */
  readonly subjects: number;
  /** At the first check; these two take no part. */
  readonly indeterminate: number;
  /** Below the liquidation line already: no interval is to blame for what they owe. */
  readonly breachedAtStart: number;
  readonly calls: number;
  /** Calls that the market alone has cured: nobody pays in a backtest. */
  readonly falseCalls: number;
  readonly liquidations: number;
  /** Fills at which the margin balance was below ℓ·MM: the buffer had not sufficed. */
  readonly shortfalls: number;
  readonly shortfallPerLiquidation: number;
  readonly badDebt: number;
  /** Of the mean notional of all positions. */
  readonly badDebtBasisPoints: number;
  /** From the first price below the liquidation line to the check that found it. */
  readonly meanLagSeconds: number;
}
