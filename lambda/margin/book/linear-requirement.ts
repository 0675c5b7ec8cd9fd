/** The requirement of a linear or inverse position, on the worse of all open orders of one side filled. */
import { downBy, type MarginedNotional, upBy } from '../curve/curve.ts';
import type { Hinge } from '../curve/hinge-part.ts';
import type { SizedPosition } from '../curve/sized-part.ts';
import { leveragedSchedule, scheduleAtSize } from '../market/leveraged-schedule.ts';
import type { Policy } from '../market/policy.ts';
import {
  growsWith,
  jumpsOf,
  type MarginRule,
  type Measure,
  type Requirement,
  requirementOf,
  type Schedule,
} from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  add,
  compare,
  countOf,
  divideUp,
  isNegative,
  isZero,
  larger,
  NO_QUANTITY,
  negate,
  type Quantity,
  ratioBetween,
  roundUp,
  subtract,
  subtractUp,
  times,
  timesUp,
  UNIT_PRICE,
  worth,
  worthOfUp,
} from '../number/decimal.ts';
import type { LinearTerms } from '../snapshot/instrument-terms.ts';
import { sizeOf } from '../snapshot/linear-terms.ts';
import { binaryHinges, binaryNotional } from './binary-hinge.ts';
import type { Entered, NetPosition } from './book.ts';

export interface LinearRequirement {
  readonly margined: readonly MarginedNotional[];
  readonly fixed: readonly Requirement[];
  readonly sized?: SizedPosition | undefined;
  readonly hinges?: readonly Hinge[] | undefined;
}

const NOTHING: LinearRequirement = { margined: [], fixed: [] };

/**
 * An inverse contract's notional is fixed in the numeraire, so its requirement is, too. At entry it
 * is fixed in coin, and that of other contracts in the numeraire.
 */
export function linearRequirement(
  position: NetPosition,
  terms: LinearTerms,
  { callMultiplier }: Pick<Policy, 'callMultiplier'>,
): LinearRequirement {
  const { requirementPlaces: places } = terms.ofClass.riskClass;
  const contracts = worstContracts(position);
  if (terms.payout !== undefined) return binaryRequirement(position, terms, terms.payout);
  const schedule = scheduleAt(position, terms, contracts);
  if (schedule === undefined) return NOTHING;
  const notional = linearNotional(position, terms, contracts);
  const sized = sizedPosition(position, terms, { contracts, notional, callMultiplier });
  const isFixed = isNotionalFixed(position, terms);
  if (!isFixed && places === undefined && sized === undefined) {
    return { margined: [{ notional, schedule }], fixed: [] };
  }
  const due = requirementOf(schedule, notional);
  const rounding = places === undefined ? [] : [roundingOf(due, places)];
  if (sized !== undefined) return { margined: [], fixed: rounding, sized };
  if (!isFixed) return { margined: [{ notional, schedule }], fixed: rounding };
  return { margined: [], fixed: [due, ...rounding] };
}

const isNotionalFixed = ({ entered }: NetPosition, { isInverse }: LinearTerms): boolean =>
  isEntered(entered) !== isInverse;

/** Undefined if the price does not change the rate. */
function sizedPosition(
  position: NetPosition,
  terms: LinearTerms,
  of: Pick<Policy, 'callMultiplier'> & {
    readonly contracts: Quantity;
    readonly notional: Amount;
  },
): SizedPosition | undefined {
  const { sizedRule: rule, isInverse, quoted, ofClass } = terms;
  const { contracts, notional, callMultiplier } = of;
  if (rule === undefined) return undefined;
  const isFixed = isNotionalFixed(position, terms);
  // The size in coin of a fixed notional falls as the price rises, unless it is that at entry.
  const moves = isFixed ? 'size' : 'notional';
  if (isFixed ? !isInverse || !growsWith(rule, 'size') : !growsWith(rule, 'notional')) {
    return undefined;
  }
  const isApart = quoted.price.feed !== quoted.factor.feed;
  return {
    ...{ notional, rule, moves, scale: ofClass.scale, leverage: position.leverage },
    size: countOf(sizeIn(position, terms, contracts)),
    contracts: countOf(contracts),
    uncertainty: isApart ? quoted.price.uncertainty : undefined,
    countedUpTo: callMultiplier,
  };
}

function binaryRequirement(
  position: NetPosition,
  terms: LinearTerms,
  payout: Amount,
): LinearRequirement {
  const { quantity, openBuyQuantity, openSellQuantity } = position;
  const sideOf = (contracts: Quantity) => {
    const least = larger(NO_QUANTITY, contracts);
    const schedule = scheduleAt(position, terms, least);
    return schedule && { contracts: least, schedule };
  };
  const long = sideOf(add(quantity, openBuyQuantity));
  const short = sideOf(subtract(openSellQuantity, quantity));
  if (long === undefined || short === undefined) return NOTHING;
  const hinges = binaryHinges({ value: terms.contractValue, payout }, { long, short });
  const { requirementPlaces: places } = terms.ofClass.riskClass;
  const [initial, maintenance] = hinges.map(({ now }) => now);
  if (places === undefined || !initial || !maintenance) return { ...NOTHING, hinges };
  return { margined: [], fixed: [roundingOf({ initial, maintenance }, places)], hinges };
}

const isEntered = (entered: Entered | undefined): entered is Entered =>
  entered !== undefined && !isZero(entered.contracts);

/** Units of all contracts, at the average entry price. */
function enteredUnits({ contracts: held, units }: Entered, contracts: Quantity): Quantity {
  if (compare(contracts, held) === 0) return units;
  return divideUp(timesUp(units, countOf(contracts)), countOf(held));
}

/** At the price that the class's margin is taken at. */
export function linearNotional(
  { entered, quantity }: NetPosition,
  terms: LinearTerms,
  contracts: Quantity,
): Amount {
  const { payout, contractValue: value } = terms;
  if (payout !== undefined) {
    return binaryNotional({ value, payout }, isNegative(quantity) ? negate(contracts) : contracts);
  }
  if (!isEntered(entered)) return worthOfUp(contracts, terms.contractValue);
  const units = enteredUnits(entered, contracts);
  return worth(units, terms.isInverse ? terms.settlement.asset.price : UNIT_PRICE);
}

function roundingOf({ initial, maintenance }: Requirement, places: number): Requirement {
  return {
    initial: subtractUp(roundUp(initial, places), initial),
    maintenance: subtractUp(roundUp(maintenance, places), maintenance),
  };
}

/** Undefined without a rule for the class. */
export function scheduleAt(
  position: NetPosition,
  terms: LinearTerms,
  contracts: Quantity,
): Schedule | undefined {
  const { schedule, sizedRule: rule, ofClass } = terms;
  const { leverage } = position;
  if (schedule !== undefined) return leveragedSchedule(schedule, leverage);
  if (rule === undefined) return undefined;
  return scheduleAtSize(
    { rule, scale: ofClass.scale, leverage },
    {
      size: countOf(sizeIn(position, terms, contracts)),
      contracts: countOf(contracts),
      notional: linearNotional(position, terms, contracts),
    },
  );
}

/** Units of the underlying: of an inverse contract at the mark, or at entry. */
function sizeIn({ entered }: NetPosition, terms: LinearTerms, contracts: Quantity): Quantity {
  const isInCoin = terms.isInverse && isEntered(entered);
  return isInCoin ? enteredUnits(entered, contracts) : sizeOf(terms, contracts);
}

export function worstContracts({
  quantity,
  openBuyQuantity,
  openSellQuantity,
}: NetPosition): Quantity {
  const allBought = add(quantity, openBuyQuantity);
  const allSold = subtract(quantity, openSellQuantity);
  return allBought === allSold
    ? absolute(quantity)
    : larger(absolute(allBought), absolute(allSold));
}

/** The contracts below each floor at which the requirement jumps, even after the shock. */
export function contractsBelowFloors(
  position: NetPosition,
  terms: LinearTerms,
  rule: MarginRule,
): Quantity[] {
  const held = absolute(position.quantity);
  const { shockUp, shockDown } = terms.quoted.factor;
  const measured = (by: Measure): Amount => {
    if (by === 'contracts') return worth(held, UNIT_PRICE);
    if (by === 'notional') return times(linearNotional(position, terms, held), upBy(shockUp));
    const size = worth(sizeIn(position, terms, held), UNIT_PRICE);
    return terms.isInverse ? divideUp(size, downBy(shockDown)) : size;
  };
  return jumpsOf(rule).map(({ by, floor }) => times(held, ratioBetween(floor, measured(by))));
}
