import type { Ratio } from '../number/decimal.ts';

/**
 * Requirement of one short option per unit of underlying, before its mark, which is always added:
 *
 *     max(rate·S − otm, floor·S or K, ofMark·mark)
 *
 * with otm = max(K − S, 0) for a call and max(S − K, 0) for a put.
 */
export interface OptionCharge {
  readonly rate: Ratio;
  /** Subtract otm, the amount by which the option is out of the money. */
  readonly lessOutOfTheMoney: boolean;
  readonly floor: Ratio;
  readonly floorOf: 'underlying' | 'strike';
  readonly ofMark: Ratio;
}

export interface OptionCharges {
  readonly initial: OptionCharge;
  readonly maintenance: OptionCharge;
}

export interface OptionRule {
  readonly shortCall: OptionCharges;
  readonly shortPut: OptionCharges;
  /** o: the initial requirement of a short put is at least o times its maintenance requirement. */
  readonly putInitialOverMaintenance: Ratio;
  /** Multiplies everything except the mark. */
  readonly factor: Ratio;
  /** S is the price of the underlying, or the forward of the expiry. */
  readonly underlyingPrice: 'spot' | 'forward';
  /** Option values that count in the margin balance. All of them count in the equity. */
  readonly balanceValue: 'all' | 'long' | 'none';
  /**
   * u, by expiry: the requirement is the smaller of the sum of the requirements, and the largest
   * loss when settled at 0 or at a strike plus u·F for each net short call. Absent: the sum.
   */
  readonly expiryNetting?: { readonly initial: Ratio; readonly maintenance: Ratio } | undefined;
}
