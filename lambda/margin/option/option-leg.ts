import type { Coefficient } from '../number/arithmetic.ts';
import type { ScenarioValues } from './scenario-option.ts';

/** A holding of options in every cell of a table. */
export interface OptionLeg {
  readonly scenarios: ScenarioValues;
  /** Units of underlying; negative if short. */
  readonly units: Coefficient;
}
