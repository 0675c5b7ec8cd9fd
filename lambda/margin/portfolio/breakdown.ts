/** The parts of a book's requirement now, for people to check it. */

import type { Requirement } from '../market/schedule.ts';
import { type Amount, isZero, larger, NO_AMOUNT, type Ratio, times } from '../number/decimal.ts';
import type { Expiry } from './positions.ts';
import type { PortfolioInput } from './reading.ts';
import {
  type Charge,
  type ChargeName,
  chargesOf,
  expiryLossesIn,
  type Kind,
  type Reading,
} from './requirement.ts';

/** due = of·rate. */
export interface ChargeDue {
  readonly name: ChargeName;
  readonly of: Amount;
  readonly rate: Ratio;
  readonly due: Amount;
  /** Only for a charge by expiry: its index in the class's list, and the expiry. */
  readonly index?: number | undefined;
  readonly expiresAt?: number | undefined;
}

/**
 * max(factor·max(worstLoss, expiryLoss, deltaFloor) + charges, minimum), and initial ≥ maintenance
 * unless the class has the lesser factor for it.
 */
export interface RequirementParts {
  readonly factor: Ratio;
  readonly worstLoss: Amount;
  /** The largest over the rules that are charged as a loss. */
  readonly expiryLoss: Amount;
  readonly deltaFloor: Amount;
  readonly charges: readonly ChargeDue[];
  readonly minimum: Amount;
  /** Value of the included coin, in the numeraire. */
  readonly collateral: Amount;
  readonly requirement: Amount;
}

interface Computed {
  readonly kind: Kind;
  readonly reading: Reading<Amount>;
  /** One for each row that may be the worst. */
  readonly losses: readonly Amount[];
  readonly requirement: Requirement;
}

export function breakdownOf(
  { rates, positions }: PortfolioInput,
  { kind, reading, losses, requirement }: Computed,
): RequirementParts {
  const charges = chargesOf(reading, { rates: rates[kind], kind });
  const isFloor = reading.portfolio.rules.deltaFloor?.as !== 'charge';
  return {
    factor: rates[kind].factor.exact,
    worstLoss: losses.reduce(larger, NO_AMOUNT),
    expiryLoss: expiryLossesIn(reading, kind).reduce(larger, NO_AMOUNT),
    deltaFloor: isFloor ? larger(NO_AMOUNT, reading.deltaFloor) : NO_AMOUNT,
    charges: charges.filter(isDue).map((charge) => chargeDue(charge, positions.expiries)),
    minimum: reading.minimum[kind],
    collateral: positions.collateral,
    requirement: requirement[kind],
  };
}

const isDue = ({ of, rate }: Charge<Amount>): boolean => !(isZero(of) || isZero(rate.exact));

function chargeDue(
  { name, of, rate, place }: Charge<Amount>,
  expiries: readonly Expiry[],
): ChargeDue {
  const due = { name, of, rate: rate.exact, due: times(of, rate.exact) };
  if (place === undefined) return due;
  return { ...due, index: place.charge, expiresAt: expiries[place.expiry]?.expiresAt };
}
