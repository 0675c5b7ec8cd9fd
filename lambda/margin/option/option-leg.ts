import type { Coefficient } from '../number/arithmetic.ts';
import type { Amount } from '../number/decimal.ts';
import type { ScenarioValues } from './scenario-option.ts';

/** A holding of options in every cell of a table. */
export interface OptionLeg {
  readonly scenarios: ScenarioValues;
  /** Units of underlying; negative if short. */
  readonly units: Coefficient;
}

/** Per unit of underlying. In coin it moves with the price. */
export interface EntryPrice {
  readonly amount: Amount;
  readonly isMoving: boolean;
}

export const entryIn = <T>(
  reading: { moving(amount: Amount): T; fixed(amount: Amount): T },
  entry: EntryPrice | undefined,
): T | undefined =>
  entry && (entry.isMoving ? reading.moving(entry.amount) : reading.fixed(entry.amount));
