/**
 * The requirement of a net position, on the worse of all open buys filled and all open sells
 * filled; for options, on short contracts after all open sells.
 */
import type { Line } from '../curve/curve.ts';
import type { Hinge } from '../curve/hinge-part.ts';
import type { ResolvedPrice } from '../curve/risk-factor.ts';
import type { ConfidenceCharge } from '../market/charges.ts';
import type { ProfitRule } from '../market/profit-rule.ts';
import { requirementOf } from '../market/schedule.ts';
import { coefficient } from '../number/arithmetic.ts';
import {
  type Amount,
  absolute,
  add,
  countOf,
  divide,
  divideUp,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  ONE,
  type Ratio,
  ratioBetween,
  ratioOfCount,
  smaller,
  subtract,
  times,
  timesUp,
  UNIT_PRICE,
  unitsOf,
  worth,
  ZERO,
} from '../number/decimal.ts';
import type { StandardOption } from '../option/option-book.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import { legOf, unitsIn } from '../portfolio/holdings.ts';
import type {
  InstrumentTerms,
  LinearTerms,
  OptionTerms,
  SettledTerms,
} from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { chargedOn, confidenceAddOns, depegAddOns } from './add-ons.ts';
import { type ArrangedBalance, isOnPortfolio } from './arrange.ts';
import type { NetPosition } from './book.ts';
import type { RequirementContribution, ScannedPosition } from './contribution.ts';
import type { HeldScores } from './held-scores.ts';
import { linearRequirement } from './linear-requirement.ts';
import { profitHinges } from './profit-hinge.ts';
import type { Reasons } from './reasons.ts';

export interface RequirementContext {
  readonly snapshot: Snapshot;
  readonly isPortfolio: boolean;
  /** By instrument, summed over its rows. */
  readonly inverseSlopes: ReadonlyMap<string, Amount>;
  readonly scores: HeldScores;
  /** By instrument whose class has a profit rule, summed over its rows. */
  readonly profits: ReadonlyMap<string, Line>;
  readonly reasons: Reasons;
}

/** A coin that is revalued follows the stablecoin of its class's factor, even without a position. */
export function scannedBalance(
  { terms }: Pick<ArrangedBalance, 'terms'>,
  context: RequirementContext,
): RequirementContribution[] {
  const { scannedBy, hedging, quoted } = terms;
  const ofClass = hedging?.ofClass ?? scannedBy;
  const factor = hedging?.factor ?? quoted?.factor;
  if (!context.isPortfolio || ofClass === undefined || factor === undefined) return [];
  const chargedBy = pricesOfFactor(ofClass, context);
  if (chargedBy.length === 0 && hedging === undefined) return [];
  return [{ factor, moved: [], chargedBy, margined: [], fixed: [], scanned: { ofClass } }];
}

/** Undefined for an expired instrument, unless it stays in the scan. */
export function requirementContribution(
  position: NetPosition,
  context: RequirementContext,
): RequirementContribution | undefined {
  const { terms } = position;
  if (terms.kind === 'settled') return expiredContribution(position, terms, context);
  const { factor } = terms.quoted;
  const charges = chargesOn(position, terms, context);
  const own = { factor, moved: terms.prices };
  if (isOnPortfolio(terms, context.isPortfolio)) {
    const scanned = scannedPosition(position, terms, context);
    const prices = pricesOfFactor(terms.ofClass, context);
    if (prices.length === 0) return { ...own, ...charges, scanned };
    return { ...own, ...charges, chargedBy: [...(charges.chargedBy ?? []), ...prices], scanned };
  }
  if (terms.kind === 'option') {
    return { ...own, ...charges, option: standardOption(position, terms, context.snapshot) };
  }
  const { profitRule } = terms;
  const required = linearRequirement(position, terms, context.snapshot.policy);
  const { margined, fixed, sized, hinges = NO_HINGES } = required;
  const charged = profitRule && profitCharge(profitRule, terms, context);
  const bent = charged === undefined ? hinges : [...hinges, ...charged];
  // Both are bounded over the prices of the underlying.
  if ((bent.length > 0 || sized !== undefined) && factor.grid === undefined) {
    neededPrice(factor.feed, context.snapshot, context.reasons);
  }
  return {
    ...own,
    chargedBy: charges.chargedBy,
    margined: [...charges.margined, ...margined],
    fixed: [...charges.fixed, ...fixed],
    sized,
    hinges: bent.length === 0 ? undefined : bent,
  };
}

function expiredContribution(
  position: NetPosition,
  settled: SettledTerms,
  context: RequirementContext,
): RequirementContribution | undefined {
  const { scanned, quoted } = settled;
  if (!context.isPortfolio || scanned === undefined) return undefined;
  const { quantity } = position;
  const { ofClass, option: terms, price } = scanned;
  const held = { quantity, openBuyQuantity: NO_QUANTITY, openSellQuantity: NO_QUANTITY };
  const chargedBy = pricesOfFactor(ofClass, context);
  const option = { ...held, terms };
  const margined = confidenceAddOns(ofClass.riskClass.confidenceCharges, {
    ...chargedOn(position),
    scoreFor: scoresFor(settled, context),
  });
  const { factor } = quoted;
  return {
    factor,
    moved: [price],
    chargedBy,
    margined,
    fixed: [],
    scanned: { ofClass, option },
  };
}

const NO_HINGES: readonly Hinge[] = [];

function profitCharge(
  rule: ProfitRule,
  { instrument }: LinearTerms,
  { profits }: RequirementContext,
): readonly Hinge[] {
  const profit = profits.get(instrument);
  return profit === undefined ? [] : profitHinges(rule, profit);
}

/** Per unit of the underlying, in the numeraire now. */
function entryOf(
  { entered }: NetPosition,
  { ofClass, contractSize, isInverse, spot }: OptionTerms,
): StandardOption['entry'] {
  if (ofClass.optionRule?.initialMark !== 'entry') return undefined;
  if (entered === undefined || isZero(entered.contracts)) return undefined;
  const units = countOf(unitsOf(entered.contracts, contractSize));
  const price = divideUp(entered.units, units);
  const amount = isInverse ? timesUp(spot, countOf(price)) : worth(price, UNIT_PRICE);
  return { amount, isMoving: isInverse };
}

function standardOption(
  position: NetPosition,
  terms: OptionTerms,
  { policy }: Snapshot,
): StandardOption | undefined {
  const rule = terms.ofClass.optionRule;
  if (rule === undefined) return undefined;
  const units = unitsIn(terms, subtract(position.quantity, position.openSellQuantity));
  const held = unitsIn(terms, position.quantity);
  const isShort = isNegative(units);
  // A short option's mark is also in its requirement, which counts up to c times.
  const counted = isShort ? add(ONE, policy.callMultiplier) : ONE;
  return {
    instrument: terms.instrument,
    scenarios: terms.plain,
    units: legOf(terms, held).units,
    type: terms.type,
    expiresAt: terms.expiresAt,
    strike: terms.strike,
    underlying: rule.underlyingPrice === 'forward' ? terms.forward : terms.spot,
    forward: terms.forward,
    rule,
    entry: entryOf(position, terms),
    short: coefficient(isShort ? negate(units) : ZERO),
    worst: units,
    quoteUncertainty: times(
      terms.quoteUncertainty,
      times(larger(absolute(held), absolute(units)), counted),
    ),
  };
}

function scannedPosition(
  position: NetPosition,
  terms: LinearTerms | OptionTerms,
  { inverseSlopes }: RequirementContext,
): ScannedPosition {
  const { ofClass } = terms;
  if (terms.kind === 'option') return { ofClass, option: { ...position, terms } };
  const gained = inverseSlopes.get(terms.instrument);
  const slope =
    gained === undefined || isZero(position.quantity)
      ? slopeAtMark(terms)
      : divide(gained, countOf(position.quantity));
  return { ofClass, linear: { ...position, terms, slope } };
}

/** Per contract, in the numeraire per unit of the price's multiple. */
function slopeAtMark(terms: LinearTerms): Amount {
  const { settlement, contractSize, quoted } = terms;
  if (!terms.isInverse) return times(terms.contractValue, settlement.rate);
  const coin = ratioBetween(settlement.asset.price, quoted.price.price);
  return times(worth(contractSize, UNIT_PRICE), coin);
}

const scoresFor =
  (terms: InstrumentTerms, { snapshot, scores, reasons }: RequirementContext) =>
  ({ scores: scope, scoreFeed }: ConfidenceCharge): Ratio => {
    const held = scores.scoreOf(terms, scope);
    const other = scoreFeed && neededPrice(scoreFeed, snapshot, reasons);
    return other ? smaller(held, other.confidenceScore) : held;
  };

const NO_PRICES: readonly ResolvedPrice[] = [];

/** The stablecoin that the factor of a class follows. */
export function pricesOfFactor(
  { portfolio }: Pick<ClassTerms, 'portfolio'>,
  { snapshot, reasons }: Pick<RequirementContext, 'snapshot' | 'reasons'>,
): readonly ResolvedPrice[] {
  const feed = portfolio?.rules.depegFactor?.feed;
  const price = feed && neededPrice(feed, snapshot, reasons);
  return price ? [price] : NO_PRICES;
}

type Charges = Pick<RequirementContribution, 'margined' | 'fixed' | 'chargedBy'>;

const NO_CHARGES: Charges = { margined: [], fixed: [] };

function chargesOn(
  position: NetPosition,
  terms: LinearTerms | OptionTerms,
  context: RequirementContext,
): Charges {
  const { snapshot, reasons } = context;
  const { confidenceCharges, depegCharge, openOrderCharge } = terms.ofClass.riskClass;
  const { openOrderCount } = position;
  if (confidenceCharges.length === 0 && depegCharge === undefined && openOrderCount === 0) {
    return NO_CHARGES;
  }
  const { kinds, notionalOn, units } = chargedOn(position);
  const chargedBy: ResolvedPrice[] = [];
  // The underlying has a score of its own.
  if (confidenceCharges.some(({ of }) => kinds.includes(of))) {
    neededPrice(terms.quoted.factor.feed, snapshot, reasons);
  }
  const scoreFor = scoresFor(terms, context);
  const due = confidenceAddOns(confidenceCharges, { kinds, notionalOn, scoreFor });
  if (depegCharge !== undefined && (terms.kind === 'linear' || isNegative(position.quantity))) {
    const stablecoin = neededPrice(depegCharge.feed, snapshot, reasons);
    const underlying = neededPrice(terms.quoted.factor.feed, snapshot, reasons);
    const atUnderlying = underlying === undefined ? NO_AMOUNT : worth(units, underlying.price);
    due.push(
      ...depegAddOns(terms.ofClass.riskClass, { notional: atUnderlying, price: stablecoin?.price }),
    );
    chargedBy.push(...[stablecoin, underlying].filter((price) => price !== undefined));
  }
  const perOrder = timesUp(openOrderCharge, ratioOfCount(openOrderCount));
  const forOrders = isZero(perOrder) ? [] : [{ initial: perOrder, maintenance: perOrder }];
  if (terms.kind !== 'linear' || !terms.isInverse)
    return { margined: due, fixed: forOrders, chargedBy };
  const fixed = due.map((charge) => requirementOf(charge.schedule, charge.notional));
  return { margined: [], fixed: [...fixed, ...forOrders], chargedBy };
}

/** Notes a reason if the feed has no usable price. */
export function neededPrice(
  feed: string,
  { feeds }: Snapshot,
  reasons: Reasons,
): ResolvedPrice | undefined {
  const state = feeds.get(feed);
  if (state !== undefined) return reasons.need(state.price);
  reasons.add({ code: 'price-missing', subject: feed, detail: `${feed}: no usable quote` });
  return undefined;
}
