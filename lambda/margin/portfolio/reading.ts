/** Reads the positions of a book: in exact decimals, in float64, or in segments of prices. */

import type { PriceGrid } from '../curve/price-grid.ts';
import { type Requirement, requirementOf } from '../market/schedule.ts';
import {
  type Arithmetic,
  type Coefficient,
  coefficient,
  EXACT,
  NEAR,
} from '../number/arithmetic.ts';
import {
  type Amount,
  addUp,
  approximately,
  asAmount,
  asRatio,
  NO_AMOUNT,
  subtract,
  weightedSum,
} from '../number/decimal.ts';
import type { OptionLeg } from '../option/option-leg.ts';
import { type CompiledPortfolio, discountFactor } from './cells.ts';
import type { Expiry, PortfolioPositions } from './positions.ts';
import type { ByKind, ClassRates, ExpiryReading, Reading } from './requirement.ts';

export interface PortfolioInput {
  readonly portfolio: CompiledPortfolio;
  readonly rates: ClassRates;
  readonly grid: PriceGrid;
  readonly positions: PortfolioPositions;
}

interface ReadAs<T> {
  readonly arithmetic: Arithmetic<T>;
  /** An amount that moves with the price. */
  amount(of: Amount): T;
  /** One that does not. */
  constant(of: Amount): T;
  /** Value of the options of one expiry, by cell. */
  options(legs: readonly OptionLeg[], expiry: number): (cell: number) => T;
  readonly deltaFloor: T;
  readonly minimum: ByKind<T>;
}

export function readingIn<T>(
  { portfolio, positions }: PortfolioInput,
  { arithmetic, amount, constant, options, deltaFloor, minimum }: ReadAs<T>,
): Reading<T> {
  const isInCoin = portfolio.rules.lossesIn === 'coin';
  const moving = subtract(positions.slope, positions.fixed);
  // In coin, the coin itself loses nothing.
  const slope = amount(isInCoin ? subtract(moving, positions.ownCoin) : moving);
  const { ownPriced } = positions;
  return {
    portfolio,
    arithmetic,
    expiries: positions.expiries.map((expiry, index) => ({
      value: options(expiry.options, index),
      slope: amount(expiry.slope),
      ...factorsOf(expiry, portfolio),
    })),
    slope: isInCoin || ownPriced === NO_AMOUNT ? slope : arithmetic.add(slope, constant(ownPriced)),
    notional: {
      perpetual: amount(positions.perpetualNotional),
      future: amount(positions.futureNotional),
    },
    naked: amount(positions.naked),
    deltaFloor,
    minimum,
  };
}

/** @param deltaFloor at the current price */
export const exactReading = (input: PortfolioInput, deltaFloor: number): Reading<Amount> =>
  readingIn(input, {
    arithmetic: EXACT,
    amount: (of) => of,
    constant: (of) => of,
    options: exactValues,
    deltaFloor: asAmount(deltaFloor),
    minimum: minimumAt(input.positions.minimumNotional, input),
  });

/** @param at `values` by expiry and cell, and the delta floor, at the current price */
export function nearReading(
  input: PortfolioInput,
  at: { readonly values: readonly Float64Array[]; readonly deltaFloor: number },
): Reading<number> {
  const { initial, maintenance } = minimumAt(input.positions.minimumNotional, input);
  return readingIn(input, {
    arithmetic: NEAR,
    amount: approximately,
    constant: approximately,
    options: (_, expiry) => {
      const values = at.values[expiry] as Float64Array;
      return (cell) => values[cell] as number;
    },
    deltaFloor: at.deltaFloor,
    minimum: { initial: approximately(initial), maintenance: approximately(maintenance) },
  });
}

function exactValues(options: readonly OptionLeg[]): (cell: number) => Amount {
  const known = new Map<number, Amount>();
  const units = options.map((option) => option.units.exact);
  return (cell) => {
    const found = known.get(cell);
    if (found !== undefined) return found;
    const values = options.map(({ scenarios }) => scenarios.exactly(cell));
    const sum = weightedSum(units, values);
    known.set(cell, sum);
    return sum;
  };
}

export function minimumAt(notional: Amount, { portfolio, positions }: PortfolioInput): Requirement {
  const { minimum } = portfolio.rules;
  if (minimum === undefined) return { initial: NO_AMOUNT, maintenance: NO_AMOUNT };
  const { perContract } = positions;
  const { initial, maintenance } = requirementOf(minimum.tiers, notional);
  return {
    initial: addUp(initial, perContract.initial),
    maintenance: addUp(maintenance, perContract.maintenance),
  };
}

type ExpiryFactors = Pick<ExpiryReading<never>, 'gain' | 'loss' | 'chargeFactors'>;

const UNIT: Coefficient = coefficient(asRatio(1));

const NO_FACTORS: ExpiryFactors = { gain: UNIT, loss: UNIT, chargeFactors: [] };

/** Of a book they are asked for once a segment. */
const FACTORS = new WeakMap<Expiry, ExpiryFactors>();

function factorsOf(expiry: Expiry, portfolio: CompiledPortfolio): ExpiryFactors {
  if (!portfolio.isByExpiry) return NO_FACTORS;
  const known = FACTORS.get(expiry) ?? newFactors(expiry, portfolio);
  FACTORS.set(expiry, known);
  return known;
}

function newFactors(expiry: Expiry, portfolio: CompiledPortfolio): ExpiryFactors {
  const { gainDiscount, lossDiscount } = portfolio.rules;
  const factor = (value: number): Coefficient => (value === 1 ? UNIT : coefficient(asRatio(value)));
  return {
    gain: factor(discountFactor(gainDiscount, 'gain', expiry)),
    loss: factor(discountFactor(lossDiscount, 'loss', expiry)),
    chargeFactors: portfolio.expiryCharges.map(({ charge }) =>
      factor(approximately(charge.base) + approximately(charge.perYear) * expiry.years),
    ),
  };
}
