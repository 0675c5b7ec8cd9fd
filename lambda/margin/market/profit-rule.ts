import type { Amount, Ratio } from '../number/decimal.ts';

/**
 * An unrealised profit P above zero counts less; a loss counts in full.
 *
 *     margin balance       weight·P
 *     initially            min(P·min(initialWeight, 1.1/(1 + k·√P)), initialCap)
 */
export interface ProfitRule {
  readonly weight: Ratio;
  /** At most weight. */
  readonly initialWeight: Ratio;
  /** k; 0 for none. */
  readonly initialScaling: Ratio;
  readonly initialCap?: Amount | undefined;
  /** Decimal places to which the initial weight is cut down. Absent: it is not. */
  readonly weightPlaces?: number | undefined;
}
