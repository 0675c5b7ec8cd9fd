/** The option rule of a class: what a short option requires. */
import type { Ratio } from '../number/decimal.ts';

/**
 * The requirement of one short option a unit of underlying, besides its mark, which is always added:
 * max(rate·S − otm, floor·S or K, ofMark·mark), with otm = max(K − S, 0) for a call, max(S − K, 0)
 * for a put.
 */
export interface OptionCharge {
  readonly rate: Ratio;
  /** Whether it is less by what the option is out of the money. */
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
  /** Multiplies all but the mark. */
  readonly factor: Ratio;
  /** What S is: the price of the underlying, or the forward of the expiry. */
  readonly underlyingPrice: 'spot' | 'forward';
  /** Which option value counts in the margin balance; all of it counts in the equity. */
  readonly balanceValue: 'all' | 'long' | 'none';
  /**
   * By expiry, the better of the sum of the requirements and the largest loss when settled at 0 or at
   * a strike, plus u·F for each net short call. Absent: the sum.
   */
  readonly expiryNetting?: { readonly initial: Ratio; readonly maintenance: Ratio } | undefined;
}
