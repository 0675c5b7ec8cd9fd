import type { Amount, Ratio } from '../number/decimal.ts';

/**
 * Requirement of a short option per unit of underlying; its mark is always added:
 *
 *     max(rate·S − otm, floor·S or K, ofMark·mark, minimum)
 *
 * with otm = max(K − S, 0) for a call and max(S − K, 0) for a put.
 */
export interface OptionCharge {
  readonly rate: Ratio;
  readonly lessOutOfTheMoney: boolean;
  readonly floor: Ratio;
  readonly floorOf: 'underlying' | 'strike';
  readonly ofMark: Ratio;
  /** Numeraire per unit of underlying. */
  readonly minimum: Amount;
}

export interface OptionCharges {
  readonly initial: OptionCharge;
  readonly maintenance: OptionCharge;
}

export interface OptionRule {
  readonly shortCall: OptionCharges;
  readonly shortPut: OptionCharges;
  /** o: a short put's initial requirement is at least o times its maintenance requirement. */
  readonly putInitialOverMaintenance: Ratio;
  /** Multiplies everything except the mark. */
  readonly factor: Ratio;
  /** S. */
  readonly underlyingPrice: 'spot' | 'forward';
  /** entry: initially the mark counts at least at the average entry price. */
  readonly initialMark: 'mark' | 'entry';
  /** Values that count in the margin balance; the equity has all. */
  readonly balanceValue: 'all' | 'long' | 'none';
  /**
   * pairs: of a short call and a short put of one expiry the one that requires more is charged, and
   * of the other its mark alone.
   */
  readonly strangles: 'none' | 'pairs';
  /**
   * u, by expiry. Caps the sum of the requirements at the largest loss when settled at 0 or at a
   * strike plus u·F for each net short call. Absent: no cap.
   */
  readonly expiryNetting?: { readonly initial: Ratio; readonly maintenance: Ratio } | undefined;
}
