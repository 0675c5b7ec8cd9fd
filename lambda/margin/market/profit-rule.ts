import type { Amount, Ratio } from '../number/decimal.ts';

/**
 * An unrealised profit P above zero counts less; a loss counts in full.
 *
 *     margin balance       weight·P
 *     initially            min(P·min(w, 1.1/(1 + k·√P)), initialCap)
 *
 * with w = initialWeight·min(1, imbalanceStart ÷ net profit of all accounts).
 */
export interface ProfitRule {
  readonly weight: Ratio;
  /** At most weight. */
  readonly initialWeight: Ratio;
  /** k; 0 for none. */
  readonly initialScaling: Ratio;
  readonly initialCap?: Amount | undefined;
  /** Net profit of all accounts in an instrument from which its initial weight falls. Absent: none. */
  readonly imbalanceStart?: Amount | undefined;
  /** Decimal places to which the initial weight is cut down. Absent: it is not. */
  readonly weightPlaces?: number | undefined;
}
